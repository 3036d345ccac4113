#!/bin/bash
# The person's calendar against a real CalDAV server (Radicale); what is written is read back by two readers that are not ours
# (Python icalendar, ical.js), which must agree with each other and with the desk.
#
#   run.sh TARGET_DIR     where deskctl and examples/serve_hub were built
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
python=$("$here/../venv.sh" "$here/requirements.txt")
cache=${DESKBELL_SERVERS_CACHE:-$here/../../../target/servers}
key=$(cat "$here/package-lock.json" | sha256sum | cut -c1-16)
reader=$cache/ical-$key
if [ ! -e "$reader/complete" ]; then
    rm -rf "$reader"
    mkdir -p "$reader"
    cp "$here/package.json" "$here/package-lock.json" "$reader/"
    npm --prefix "$reader" ci --silent --no-audit --no-fund >&2
    touch "$reader/complete"
fi
cp "$here/read.mjs" "$reader/read.mjs"
work=$(mktemp -d)
finish() {
    local status=$?
    if [ "$status" = 0 ]; then rm -rf "$work"; else echo "kept for a look: $work"; fi
}
trap finish EXIT
"$python" "$here/prove.py" "$target/deskctl" "$target/examples/serve_hub" "$reader/read.mjs" "$work"
