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

for time in first second; do
	HOME=$dir XDG_STATE_HOME=$dir/state TMPDIR=$dir TZ=UTC PATH=$bin:$PATH tools/quickstart --installed >"$dir/shown" 2>&1 </dev/null || {
		tail -n 5 "$dir/shown"
		echo "FAIL: quickstart, for the $time time"
		exit 1
	}
	grep -q '^To stop it:' "$dir/shown" || { echo "FAIL: quickstart ends early"; exit 1; }
	[ "$(grep -c '^\$ ' "$dir/shown")" -ge 15 ] || { echo "FAIL: few commands are shown"; exit 1; }
done
