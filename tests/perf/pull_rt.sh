#!/bin/bash
# Full pull of 10,000 tickets from Request Tracker, as a share of a bare HTTP client's rate. Prints `pull_rt ratio R`.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
rt=$root/tests/servers/rt/rt.sh
export DESKBELL_SERVERS_CACHE=${DESKBELL_SERVERS_CACHE:-$root/target/servers}
"$rt" install
cd "$root"
cargo build --quiet --release -p deskbell-remote --example pull_rt
home=$(mktemp -d)
trap '"$rt" stop "$home"; rm -rf "$home"' EXIT
url=$("$rt" start "$home")
"$rt" seed "$home" "${DESKBELL_RT_TICKETS:-10000}"
DESKBELL_RT_URL=$url "${CARGO_TARGET_DIR:-$root/target}/release/examples/pull_rt"
