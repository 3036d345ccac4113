#!/usr/bin/env bash
# First paint and memory of the real window, as ratios to an empty one. Prints Markdown.
set -euo pipefail
cd "$(dirname "$0")/../../.."
scripts/setup.sh build test >&2
cargo build --release --quiet -p deskbell -p deskbell-cli --bins --examples >&2
exec node tests/perf/window/bench.mjs
