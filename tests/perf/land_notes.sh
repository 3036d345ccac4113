#!/bin/bash
# 10,000 changed notes from the hub's feed into the store, as a share of a bare client's rate. Prints Markdown.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --release -p deskbell-tests --example land_notes
echo '## 10,000 changed notes land in the store'
echo
echo 'The desk against a bare client that fetches the same pages of the same feed and drops them, taking turns; the hub on the'
echo 'same machine (tests/perf/land_notes.rs).'
echo
echo '```'
"${CARGO_TARGET_DIR:-target}/release/examples/land_notes"
echo '```'
