#!/usr/bin/env bash
# Format, lints, types, and that what is generated is what is checked in.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step 'format'
cargo fmt --all --check

step 'clippy'
cargo clippy --workspace --all-targets --locked -- -D warnings

step 'svelte-check and oxlint'
npm --prefix ui run --silent check

step 'generated types'
before=$(sha256sum ui/src/api/generated.ts)
cargo test --quiet -p deskbell-api typescript
after=$(sha256sum ui/src/api/generated.ts)
if [ "$before" != "$after" ]; then
  echo 'ui/src/api/generated.ts was out of date; it is written anew. Commit it.' >&2
  exit 1
fi

step 'exported symbols'
cargo build --workspace --bins --locked
scripts/check-exports.sh target/debug/deskbell
