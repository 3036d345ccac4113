#!/bin/bash
# Deskbell against real servers on loopback. Counts what it compared; anything else than equal is a failure.
#   DESKBELL_RT_TICKETS   how many tickets (default 2,000)
#   DESKBELL_RT_SEED      repeats the choices of an earlier run
#   CHAOS_OPERATIONS, CHAOS_KILLS, CHAOS_SEED   size of the proof under chaos (default 40 and 8 for each provider)
#   SERVERS_ONLY          rt, workorder, calendar or chaos
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
rt=$here/rt/rt.sh
tickets=${DESKBELL_RT_TICKETS:-2000}
export DESKBELL_SERVERS_CACHE=${DESKBELL_SERVERS_CACHE:-$root/target/servers}
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

export CHAOS_OPERATIONS=${CHAOS_OPERATIONS:-40} CHAOS_KILLS=${CHAOS_KILLS:-8}
only=${SERVERS_ONLY:-}

"$rt" install
cd "$root"
cargo build --quiet -p deskbell-cli -p deskbell-hub -p deskbell-tests --bins --example dump_store --example serve_hub
target=${CARGO_TARGET_DIR:-$root/target}/debug
failed=0
# A part that hangs is told with what still runs, and begun once more; not an hour without a word.
export PART_S_MAX=${PART_S_MAX:-900}
part() { # COMMAND...
    local attempt status
    for attempt in 1 2; do
        status=0
        timeout --kill-after=10 "$PART_S_MAX" "$@" || status=$?
        [ "$status" = 124 ] || [ "$status" = 137 ] || return "$status"
        echo "HUNG: $1 ${2:-} did not end within $PART_S_MAX s (attempt $attempt); what still runs:"
        ps -eo pid,ppid,stat,wchan:20,etimes,args | grep -v '\]$' | tail -40
    done
    echo "FAILED: $1 ${2:-} hung twice"
    return "$status"
}

if [ -z "$only" ] || [ "$only" = workorder ]; then part "$here/workorder/run.sh" "$target" || failed=1; fi
if [ -z "$only" ] || [ "$only" = calendar ]; then part "$here/calendar/run.sh" "$target" || failed=1; fi
if [ -z "$only" ] || [ "$only" = chaos ]; then part "$here/chaos/run.sh" "$target" || failed=1; fi
if [ -n "$only" ] && [ "$only" != rt ]; then exit "$failed"; fi

work=$(mktemp -d)
finish() {
    local status=$?
    "$rt" stop "$work/provider"
    "$rt" stop "$work/desk"
    if [ "$status" = 0 ]; then rm -rf "$work"; else echo "kept for a look: $work"; fi
}
trap finish EXIT

# The provider alone, then the whole of deskctl; each on a server of its own, for both count what is there.
"$here/rt/provider.sh" "$work" "$tickets"

desk=$("$rt" start "$work/desk")
"$rt" seed "$work/desk" "$tickets"
mkdir -p "$work/state"
timeout --kill-after=10 1500 python3 "$here/rt/prove.py" "$desk" "$target/deskctl" "$target/examples/dump_store" "$work/state" "$tickets" ${DESKBELL_RT_SEED:+"$DESKBELL_RT_SEED"} || failed=1
# Last: it opens tickets, and the proof before it counts those that were seeded.
timeout --kill-after=10 600 python3 "$here/rt/visits.py" "$desk" "$target/deskctl" "$work/state" || failed=1
exit "$failed"
