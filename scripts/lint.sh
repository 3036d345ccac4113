#!/usr/bin/env bash
# Format, lints, types, and what the program exports.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step 'format'
cargo fmt --all --check

step 'clippy'
cargo clippy --workspace --all-targets --locked -- -D warnings

step 'svelte-check and oxlint'
npm --prefix ui run --silent check

step 'exported symbols'
# With the tests' features, so that the libraries are built once for both.
cargo build --workspace --all-targets --locked
scripts/check-exports.sh target/debug/deskbell
