#!/usr/bin/env bash
# Frame rate of a week of 200 visits, as a ratio to an empty page in the same window. Prints Markdown.
set -euo pipefail
cd "$(dirname "$0")/../../.."
scripts/setup.sh build test >&2
npm --prefix ui run build >&2
cargo build --release --quiet -p deskbell -p deskbell-cli --bins >&2
DESKBELL_BIN="$PWD/target/release/deskbell" exec node tests/perf/visits/bench.mjs
