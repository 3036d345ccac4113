#!/usr/bin/env bash
# Rust tests of everything; by cargo-nextest where it is installed. An argument selects tests by name.
# A test writes the generated types; they must be what is checked in.
set -euo pipefail
cd "$(dirname "$0")/.."
types=ui/src/api/generated.ts
before=$(sha256sum "$types")
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --all-targets --no-fail-fast --no-tests=pass "$@"
else
  cargo test --workspace --all-targets --no-fail-fast "$@"
fi
if [ "$before" != "$(sha256sum "$types")" ]; then
  echo "$types was out of date and is written anew; commit it." >&2
  exit 1
fi
