#!/bin/bash
# The provider against Request Tracker, without the rest of Deskbell: a server with four workers, then servers that drop and
# that cut large files.
#
#   provider.sh WORK TICKETS
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
rt=$here/rt.sh
home=$1/provider
trap '"$rt" stop "$home"' EXIT

live() { # FILTER
    DESKBELL_RT_URL=$url timeout --kill-after=10 "${PART_S_MAX:-1200}" cargo test --quiet --manifest-path "$root/Cargo.toml" -p deskbell-remote --test rt_live -- \
        --ignored --nocapture --test-threads 1 "$@"
}

url=$(DESKBELL_RT_WORKERS=4 "$rt" start "$home")
"$rt" seed "$home" "$2"
live
for limit in drop cut; do
    "$rt" stop "$home"
    option=DropLongAttachments
    [ "$limit" = drop ] || option=TruncateLongAttachments
    url=$(DESKBELL_RT_CONFIG="Set(\$MaxAttachmentSize, 1_000_000); Set(\$$option, 1);" "$rt" start "$home")
    DESKBELL_RT_LIMIT=$limit live above_the_servers_limit
done
