#!/bin/bash
# What tools/quickstart shows after its build, with the programs of this build: every command ends as it says, and the end is reached.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v slapd >/dev/null || PATH=$PATH:/usr/sbin
command -v slapd >/dev/null || exit 77

dir=$(mktemp -d)
bin=$(dirname "$(command -v "${MAILCTL:-mailctl}")")
cleanup() { "$bin/mailctl" sandbox stop --dir "$dir/state/mailctl/quickstart" >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap cleanup EXIT

# Neither installs nor builds, and writes into a folder of this run.
sed -e '/^tools\/install-deps/d' -e '/^\[ -e build\/CMakeCache/d' -e '/^cmake --build/d' -e "s|^cd .*|cd $PWD|" \
	-e "s|\$PWD/build/bin|$bin|g" -e "s|build/|$dir/|g" tools/quickstart >"$dir/quickstart"
grep -q "$dir/fis.ldif" "$dir/quickstart" && ! grep -q 'install-deps' "$dir/quickstart"
for time in first second; do
	HOME=$dir XDG_STATE_HOME=$dir/state TZ=UTC bash "$dir/quickstart" >"$dir/shown" 2>&1 </dev/null || {
		tail -n 5 "$dir/shown"
		echo "FAIL: quickstart, for the $time time"
		exit 1
	}
	grep -q '^To stop it:' "$dir/shown" || { echo "FAIL: quickstart ends early"; exit 1; }
	[ "$(grep -c '^\$ ' "$dir/shown")" -ge 15 ] || { echo "FAIL: few commands are shown"; exit 1; }
done
