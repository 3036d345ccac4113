#!/bin/bash
# A Python environment with the pinned packages of REQUIREMENTS, made once and kept; prints its interpreter.
#
#   venv.sh REQUIREMENTS
#
# DESKBELL_SERVERS_CACHE keeps it between runs (default target/servers).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${DESKBELL_SERVERS_CACHE:-$here/../../target/servers}
key=$(cat "$1" <(python3 --version) | sha256sum | cut -c1-16)
mkdir -p "$cache"
home=$(cd "$cache" && pwd)/venv-$key
if [ ! -e "$home/complete" ]; then
    rm -rf "$home"
    if ! python3 -c 'import ensurepip' 2>/dev/null; then
        # Debian has it in a package of its own.
        root=(env)
        [ "$(id -u)" = 0 ] || root=(sudo env)
        "${root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=900 install -y --no-install-recommends \
            python3-venv >&2
    fi
    python3 -m venv "$home" >&2
    "$home/bin/pip" install --quiet --disable-pip-version-check -r "$1" >&2
    touch "$home/complete"
fi
echo "$home/bin/python"
