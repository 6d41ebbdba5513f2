#!/bin/bash
# Runs the README's console blocks, in order, in one shell, and compares what they print, line by line. In the README "..." stands for
# any text.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v slapd >/dev/null || PATH=$PATH:/usr/sbin
command -v slapd >/dev/null || exit 77

dir=$(mktemp -d)
bin=$(dirname "$(command -v "${MAILCTL:-mailctl}")")
cleanup() { "$bin/mailctl" sandbox stop --dir "$dir/try-mailctl" >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap cleanup EXIT

# The README's own places become places of this run.
awk '/^```console$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md |
	sed "s#\\\$PWD/build/bin#$bin#; s#/tmp/fis#$dir/fis#g" >"$dir/session"
grep -q '^\$ ' "$dir/session" || { echo "the README has no console blocks" >&2; exit 1; }
sed '/^\$ /d' "$dir/session" >"$dir/expected"
{ echo 'exec 2>&1'; sed -n 's/^\$ //p' "$dir/session"; } >"$dir/commands"
env -u MAILCTL_SANDBOX HOME="$dir" MAILCTL_CONFIG=/dev/null TZ=UTC bash "$dir/commands" </dev/null >"$dir/printed"

failed=0 number=0
exec 3<"$dir/expected"
while IFS= read -r printed; do
	number=$((number + 1))
	IFS= read -r expected <&3 || expected='(nothing)'
	pattern=$(printf '%s' "$expected" | sed 's/[][\\*?]/\\&/g; s/\.\.\./*/g')
	# shellcheck disable=SC2053
	[[ $printed == $pattern ]] && continue
	printf 'line %d of the output\n  README:  %s\n  printed: %s\n' "$number" "$expected" "$printed"
	failed=$((failed + 1))
	[ "$failed" -lt 10 ] || exit 1
done <"$dir/printed"
while IFS= read -r expected <&3; do
	printf 'not printed: %s\n' "$expected"
	failed=1
done
[ "$failed" -eq 0 ]
