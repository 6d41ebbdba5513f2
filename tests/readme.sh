#!/bin/bash
# Runs the README's console blocks, in order, in one shell, and compares what they print, line by line.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/support/console_blocks.bash
command -v slapd >/dev/null || PATH=$PATH:/usr/sbin
command -v slapd >/dev/null || exit 77

dir=$(mktemp -d)
bin=$(dirname "$(command -v "${MAILCTL:-mailctl}")")
cleanup() { "$bin/mailctl" sandbox stop --dir "$dir/try-mailctl" >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap cleanup EXIT

take_console_blocks README.md "$dir"
# The README's own places become places of this run.
sed -i "s#\\\$PWD/build/bin#$bin#; s#/tmp/fis#$dir/fis#g" "$dir/session"
compare_session "$dir" env -u MAILCTL_SANDBOX HOME="$dir" MAILCTL_CONFIG=/dev/null TZ=UTC bash
