#!/bin/bash
# The machine that the tests of this folder run on leaves nothing: no process, no mount, no file, whether they end or are killed.
if [ "${1-}" = inside ]; then
	. "$(dirname "$0")/stack.bash"
	start_stack
	echo "$(readlink /proc/self/ns/pid) $(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)"
	[ "${2-}" = end ] || sleep 60
	exit
fi
set -u
: "${MAILCTL:?the path of mailctl}"
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export TMPDIR=$here/tmp
mkdir "$TMPDIR"
failures=0
fail() { echo "FAIL: $*" >&2; failures=$((failures + 1)); }

in_namespace() { find /proc -maxdepth 3 -path "/proc/[0-9]*/ns/pid" -lname "${1//[/\\[}" 2>/dev/null | wc -l; } # ID, which has brackets
changed() { find /etc /home /media /mnt /opt /srv /usr /var "$TMPDIR" -xdev -cnewer "$here/before" ! -path '/var/lib/apt/*' ! -path '/var/cache/*' ! -path "$TMPDIR" 2>/dev/null; }
mounts() { cut -d' ' -f5- /proc/self/mountinfo | sort; }
alike() { # HOW NAMESPACE
	[ "$(in_namespace "$2")" = 0 ] || fail "$1: processes are left: $(in_namespace "$2")"
	[ "$(mounts)" = "$mounts" ] || fail "$1: mounts are left: $(diff <(echo "$mounts") <(mounts))"
	[ -z "$(changed)" ] || fail "$1: files are left: $(changed)"
}

mounts=$(mounts)
: >"$here/before"
sleep 0.01 # the clock of file systems is a coarse one
said=$("$0" inside end) || { status=$?; echo "$said"; exit $status; }
read -r namespace processes <<<"$said"
[ "${processes:-0}" -ge 12 ] || fail "there were $processes processes of servers"
alike 'it has ended' "$namespace"

mkfifo "$here/said"
"$0" inside sleep >"$here/said" &
outer=$!
read -r namespace _ <"$here/said"
[ "$(in_namespace "$namespace")" -ge 12 ] || fail "the servers are in no namespace of processes: $(in_namespace "$namespace")"
{ kill -KILL "$outer" && wait "$outer"; } 2>/dev/null
for _ in {1..100}; do
	[ "$(in_namespace "$namespace")" != 0 ] || break
	sleep 0.05
done
alike 'it was killed' "$namespace"

[ "$failures" -eq 0 ] || exit 1
echo 'ok: a machine leaves nothing'
