#!/bin/bash
# Two desks, one server, a wire that breaks, processes that are killed: see chaos.py.
#
#   run.sh TARGET_DIR [PROVIDER...]     hub, workorder, rt; all of them when none is named
#   CHAOS_OPERATIONS (500)  CHAOS_KILLS (100)  CHAOS_SEED (drawn)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1
shift
providers=("$@")
[ ${#providers[@]} -gt 0 ] || providers=(hub workorder rt)
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
python=$("$here/../venv.sh" "$here/../workorder/requirements.txt")
failed=0
for provider in "${providers[@]}"; do
    if [ "$provider" = rt ]; then "$here/../rt/rt.sh" install; fi
    work=$(mktemp -d)
    if "$python" "$here/chaos.py" "$provider" "$target/deskctl" "$target/examples/dump_store" "$target/examples/serve_hub" "$work"; then
        rm -rf "$work"
    else
        failed=1
        echo "kept for a look: $work"
    fi
done
exit "$failed"
