#!/usr/bin/env bash
# The bounded tour: demo desk, a ringing bell, pictures. Needs no display and leaves nothing running.
set -euo pipefail
cd "$(dirname "$0")/.."
exec timeout --kill-after=20 300 node scripts/tour.mjs
