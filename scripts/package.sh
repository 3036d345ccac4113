#!/usr/bin/env bash
# A .deb and an .rpm with the window and deskctl, by the Tauri command line that npm ships.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^tauri-cli=//p' scripts/versions)
cargo build --release --locked -p deskbell-cli --bin deskctl
CI=true npx --yes "@tauri-apps/cli@$version" build --bundles deb,rpm
find target/release/bundle -name '*.deb' -o -name '*.rpm' | sort
