#!/usr/bin/env bash
# Installs what a make target needs, and only when it is missing.
# Usage: scripts/setup.sh build|run|test|ui …   (several may be named)
set -euo pipefail
cd "$(dirname "$0")/.."

BUILD=(libwebkit2gtk-4.1-dev libgtk-3-dev libayatana-appindicator3-dev librsvg2-dev libsoup-3.0-dev build-essential pkg-config libssl-dev)
TEST=(xvfb xauth x11-utils xdotool wmctrl openbox dbus dbus-x11 dunst libnotify-bin webkit2gtk-driver gnome-keyring libsecret-1-0
  libsecret-tools fonts-noto-cjk poppler-utils imagemagick libglib2.0-bin python3 python3-gi gir1.2-gtk-3.0)

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Tries a command a few times: package mirrors drop connections.
retry() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return 0
    say "attempt $attempt of 3 failed: $1 ${2-}"
    sleep $((attempt * 3))
  done
  return 1
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
  done
}

packages() {
  command -v dpkg-query >/dev/null || {
    [ "${DESKBELL_SKIP_PACKAGES-}" = 1 ] && return 0
    fail "this machine has no apt. Install your distribution's equivalents of: $* — then set DESKBELL_SKIP_PACKAGES=1."
  }
  local missing=() root=()
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "${DESKBELL_SKIP_PACKAGES-}" = 1 ] && { say "left alone, as asked: ${missing[*]}"; return 0; }
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "run as root, or install sudo, to install: ${missing[*]}"
    root=(sudo)
  fi
  say "installing ${missing[*]}"
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=900)
  retry "${apt[@]}" update || fail "the package lists could not be read"
  retry "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null || fail "could not install ${missing[*]}"
}

rust() {
  command -v cargo >/dev/null || fail "Rust is missing: install it from https://rustup.rs (1.92 or newer)."
}

# npm ci only when the lock file changed since the last time.
ui() {
  command -v npm >/dev/null || fail "Node is missing: install Node 20.19 or newer with npm."
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node $(node --version) is too old: 20.19 or newer is needed."
  local stamp=target/stamps/npm lock
  lock=$(sha256sum ui/package-lock.json)
  if [ -d ui/node_modules ] && [ "$(cat "$stamp" 2>/dev/null)" = "$lock" ]; then return 0; fi
  say "installing the UI's packages"
  retry npm --prefix ui ci --no-audit --no-fund --loglevel=error || fail "npm ci failed in ui/"
  mkdir -p "${stamp%/*}"
  printf '%s\n' "$lock" > "$stamp"
}

for part in "$@"; do
  case $part in
    build) packages "${BUILD[@]}"; rust ;;
    run | test) packages "${TEST[@]}" ;;
    ui) ui ;;
    *) fail "unknown part: $part" ;;
  esac
done
