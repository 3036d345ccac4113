#!/bin/bash
# How fast changed notes land in the store, as a share of the rate at which they are fetched. Prints Markdown.
# DESKBELL_RT_TICKETS (4000): tickets of the Request Tracker; each brings two or three notes.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
rt=$root/tests/servers/rt/rt.sh
export DESKBELL_SERVERS_CACHE=${DESKBELL_SERVERS_CACHE:-$root/target/servers}
{
  "$rt" install
  cd "$root"
  cargo build --quiet --release -p deskbell-tests --example land_notes
  home=$(mktemp -d)
  trap '"$rt" stop "$home" >&2; rm -rf "$home"' EXIT
  url=$("$rt" start "$home")
  "$rt" seed "$home" "${DESKBELL_RT_TICKETS:-4000}"
} >&2
run=${CARGO_TARGET_DIR:-$root/target}/release/examples/land_notes
echo '## Changed notes land in the store'
echo
echo 'Request Tracker: a whole first pull into the store against a bare client that fetches the same pages with the same session and'
echo 'drops them, in turns.'
echo 'Hub: 10,000 changed notes of its feed into the store against a bare client that fetches the same pages and drops them; the hub'
echo 'in the same process (tests/perf/land_notes.rs).'
echo
echo '```'
DESKBELL_RT_URL=$url "$run"
"$run"
echo '```'
