#!/bin/bash
# The hub's Workorder endpoint under the official Python SDK, and our client's requests under the official signer.
#
#   run.sh TARGET_DIR     where deskctl and examples/serve_hub were built
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
python=$("$here/../venv.sh" "$here/requirements.txt")
work=$(mktemp -d)
finish() {
    local status=$?
    if [ "$status" = 0 ]; then rm -rf "$work"; else echo "kept for a look: $work"; fi
}
trap finish EXIT
"$python" "$here/prove.py" "$target/examples/serve_hub" "$work" "$target/deskctl"
