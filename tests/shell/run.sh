#!/usr/bin/env bash
# The real window, on private desktops. Arguments name test files without their ending; none means all.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/setup.sh test
files=()
for name in "$@"; do files+=("tests/shell/$name.test.mjs"); done
[ ${#files[@]} -gt 0 ] || files=(tests/shell/*.test.mjs)
# One at a time: each opens its own screen, and two cores show two windows too slowly to judge.
exec node --test --test-concurrency=1 --test-timeout=900000 --test-reporter=spec "${files[@]}"
