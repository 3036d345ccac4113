#!/usr/bin/env bash
# Rust tests of everything; by cargo-nextest where it is installed. An argument selects tests by name.
set -euo pipefail
cd "$(dirname "$0")/.."
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --no-fail-fast "$@"
  # nextest leaves examples in documentation to cargo.
  cargo test --workspace --doc --quiet
else
  cargo test --workspace --no-fail-fast "$@"
fi
