# Sourced by the stories about mailctl: a sandbox of their own, and how to say what is expected.
#
#     run STATUS mailctl ARGUMENT...    runs it; fails the test unless it exits with STATUS. $out and $err hold what it said
#     says TEXT, complains TEXT         $out, or $err, holds the text
#     silent                            $out is empty
set -uo pipefail
: "${MAILCTL:?the path of mailctl}"

scratch=$(mktemp -d)
export HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_STATE_HOME=$scratch/state TZ=UTC
export MAILCTL_CONFIG=/dev/null # not what this machine has in /etc
unset NO_COLOR MAILCTL_URI MAILCTL_BASE MAILCTL_BIND_DN
export MAILCTL_SANDBOX=$scratch/sandbox
trap '"$MAILCTL" sandbox stop -q >/dev/null 2>&1; rm -rf "$scratch"' EXIT

# The journals of that sandbox, and its socket for other programs.
folder=$MAILCTL_SANDBOX/journal
socket=ldapi://${MAILCTL_SANDBOX//\//%2F}%2Fldapi
journals() { find "$folder" -name '*.journal' | wc -l; }
latest_file() { find "$folder" -name '*.journal' -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2; }
latest() { basename "$(latest_file)" .journal | cut -d- -f1,2; } # its id

# without_answers AFTER <JOURNAL: as a run leaves it that was killed before it heard of any request behind that number.
without_answers() {
	python3 -c '
import sys
after = int(sys.argv[1])
for part in sys.stdin.read().split("\n\n"):
    kind, _, number = part.lstrip("\n").split("\n")[0].partition(": ")
    if kind != "ended" and not (kind == "outcome" and int(number) > after): print(part, end="\n\n")' "$1"
}

failures=0
fail() {
	echo "FAIL: $*" >&2
	[ -z "${out-}" ] || printf 'stdout: %s\n' "$out" >&2
	[ -z "${err-}" ] || printf 'stderr: %s\n' "$err" >&2
	failures=$((failures + 1))
}

mailctl() { "$MAILCTL" "$@"; }

run() {
	local expected=$1 status=0
	shift
	last="$*"
	out=$("$@" 2>"$scratch/stderr") || status=$?
	err=$(cat "$scratch/stderr")
	[ "$status" = "$expected" ] || fail "$last: status $status, not $expected"
}

says() { [[ $out == *"$1"* ]] || fail "$last: stdout does not say: $1"; }
complains() { [[ $err == *"$1"* ]] || fail "$last: stderr does not say: $1"; }
silent() { [ -z "$out" ] || fail "$last: stdout says something"; }
parses() { python3 -m json.tool <<<"$1" >/dev/null || fail "$last: this is no JSON: $1"; }

start_sandbox() { mailctl sandbox start -q >/dev/null || exit 1; }
finish() { [ "$failures" = 0 ] || { echo "$failures failures" >&2; exit 1; }; }
