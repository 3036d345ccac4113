#!/usr/bin/env bash
# Runs every benchmark (or those named) and writes what was measured into docs/benchmarks.md.
# Each prints Markdown; a section that is not measured this time keeps its last figures.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- window pull_rt land_notes visits
mkdir -p out/bench
for name in "$@"; do
  script=tests/perf/$name/bench.sh
  [ -x "$script" ] || script=tests/perf/$name.sh
  printf '== %s\n' "$name" >&2
  "$script" > "out/bench/$name.md"
  cat "out/bench/$name.md"
  node scripts/bench-table.mjs "$name" "out/bench/$name.md"
done
