#!/usr/bin/env bash
# WebKit's libraries import sqlite3_*: a program that exports its own would lend them SQLCipher.
set -euo pipefail
exported=$(nm -D --defined-only "$1" | grep -c ' sqlite3_' || true)
if [ "$exported" -ne 0 ]; then
  echo "$1 exports $exported sqlite3_* symbols; see .cargo/config.toml (--exclude-libs)" >&2
  exit 1
fi
echo "$1 exports no sqlite3_* symbol."
