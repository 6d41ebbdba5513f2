#!/bin/bash
# The expiry run as an administrator meets it: 10,000 mailboxes of which 500 have ended.
set -euo pipefail

: "${MAILCTL:=mailctl}" "${EXPIRE:=mailctl-expire}"
command -v slapd >/dev/null || PATH=$PATH:/usr/sbin
command -v slapd >/dev/null || exit 77

dir=$(mktemp -d)
journal=$dir/journal
export HOME=$dir MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$journal MAILCTL_LOCK_DIR=$dir/locks MAILCTL_SANDBOX=$dir/sandbox TZ=UTC
cleanup() { "$MAILCTL" sandbox stop --dir "$MAILCTL_SANDBOX" >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap cleanup EXIT

step() { printf '\n== %s\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
# expect STATUS COMMAND...: runs it, keeps what it says in $dir/out and $dir/err.
expect() {
	local wanted=$1 status=0
	shift
	"$@" >"$dir/out" 2>"$dir/err" || status=$?
	[ "$status" = "$wanted" ] && return
	tail -n 5 "$dir/out" "$dir/err" >&2
	fail "$* ended with $status, not $wanted"
}
says() { grep -qF -- "$2" "$dir/$1" || { tail -n 5 "$dir/$1" >&2; fail "\"$2\" is not in what it said"; }; }
lines() { [ "$(wc -l <"$dir/out")" = "$1" ] || { tail -n 5 "$dir/out" >&2; fail "$(wc -l <"$dir/out") lines, not $1"; }; }
# Waits until $run has. What is in the file before it is started would be taken for its words, and a shell that is not yet it would be ended.
said_something() { until [ -s "$dir/out" ] || ! kill -0 "$run" 2>/dev/null; do sleep 0.02; done; }
seconds() { date +%s.%N; }
took() { awk -v a="$1" -v b="$(seconds)" -v n="$2" 'BEGIN { printf "   %.1f s, %.0f a second\n", b - a, n / (b - a) }'; }

# mailboxes FROM TO DATE: as LDIF, with Phamm's own attributes.
mailboxes() {
	awk -v from="$1" -v to="$2" -v date="$3" -v base="o=hosting,$base" 'BEGIN {
		for (i = from; i <= to; ++i) {
			a = "u" i "@example.org"
			print "dn: mail=" a ",vd=example.org," base
			print "objectClass: top\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAccount\nobjectClass: VirtualForward\nobjectClass: Vacation"
			print "mail: " a "\ncn: User " i "\nsn: " i "\nuid: u" i ".example.org\nvdHome: /home/vmail/domains\nmailbox: example.org/u" i "/"
			print "quota: 52428800S\nforwardActive: FALSE\nvacationActive: FALSE\nsmtpAuth: TRUE\naccountActive: TRUE\ndelete: FALSE\nlastChange: 1700000000"
			if (date != "") print "expireDate: " date
			print ""
		}
	}'
}

step "a sandbox with 10,000 mailboxes, 500 of which ended in October 2025"
expect 0 "$MAILCTL" sandbox start
base=dc=example,dc=org
expect 0 "$MAILCTL" domain add example.org
{ mailboxes 1 500 20251101000000; mailboxes 501 600 20991231000000; mailboxes 601 10000 ""; } >"$dir/all.ldif"
begin=$(seconds)
expect 0 "$MAILCTL" import -q "$dir/all.ldif"
took "$begin" 10000
begin=$(seconds)
expect 0 "$MAILCTL" import "$dir/all.ldif"
says err "10000 unchanged"
took "$begin" 10000

step "what a run leaves behind stays inside the sandbox"
unset MAILCTL_JOURNAL_DIR MAILCTL_LOCK_DIR
expect 0 "$EXPIRE" --domain example.org --as-of 2025-10-31
[ -e "$MAILCTL_SANDBOX"/locks/mailctl-expire-*.lock ] || fail "the lock is not in the sandbox"
export MAILCTL_JOURNAL_DIR=$journal MAILCTL_LOCK_DIR=$dir/locks

step "the first run on a directory that is no sandbox of ours tells, and changes nothing"
real() { MAILCTL_EXPIRY_FIRST_RUN=report "$@"; }
expect 69 real "$EXPIRE" --max-changes none
lines 500
says out "u1@example.org  due  expired 2025-10-31"
says err "this is the first run on this directory, and 500 mailboxes are due: nothing was changed"
says err "--commit"
expect 2 real "$EXPIRE" --max-changes none --nagios
says out "the first run on this directory"
[ ! -e "$dir/sandbox/state" ] || fail "a run that only told is remembered"

step "a clock that can hardly be right"
state() { echo "$MAILCTL_SANDBOX"/state/mailctl-expire-*.state; }
expect 69 faketime -f '-6m' "$EXPIRE"
says err "the directory was changed at"
says err "--accept-clock"

step "five hundred at once are more than the cap of 1 %: nothing is changed"
expect 69 "$EXPIRE"
lines 0
says err "500 mailboxes are due, and one run may disable 100"
says err "--max-changes 500"
expect 69 "$EXPIRE" --max-changes 499

step "a dry run shows them, and changes nothing"
expect 2 "$EXPIRE" -n --detailed-exitcode --max-changes 500
lines 500
says out "u1@example.org  due  expired 2025-10-31"
expect 0 "$EXPIRE" -n --as-of 2025-10-31
lines 0
expect 2 "$EXPIRE" --nagios -n
says out "EXPIRE CRITICAL"
says out "| due=500 "

step "another run holds the lock"
exec 9>"$dir/lock"
flock -n 9
echo 4711 >&9
expect 75 "$EXPIRE" --lock-file "$dir/lock"
says err "process 4711"
exec 9>&-

step "a lock that somebody else can hold, or that is another file, is none"
echo precious >"$dir/precious"
ln "$dir/precious" "$dir/linked"
expect 78 "$EXPIRE" --lock-file "$dir/linked"
says err "by a hard link"
[ "$(cat "$dir/precious")" = precious ] || fail "something was written through a hard link"
for contents in precious 'uri = ldap://x' '12 monkeys'; do
	echo "$contents" >"$dir/named-by-mistake"
	expect 78 "$EXPIRE" --lock-file "$dir/named-by-mistake"
	says err "something else than the number of a process"
	[ "$(cat "$dir/named-by-mistake")" = "$contents" ] || fail "a file that was named by mistake is lost"
done
expect 78 "$EXPIRE" --lock-file "$dir/no/such/folder/lock"
[ ! -e "$dir/no" ] || fail "a wrong name makes folders"
expect 3 bash -c '"$EXPIRE" --nagios -n >/dev/full'
ln -s "$dir/precious" "$dir/symbolic"
expect 78 "$EXPIRE" --lock-file "$dir/symbolic"
[ "$(cat "$dir/precious")" = precious ] || fail "something was written through a symbolic link"
mkfifo "$dir/fifo"
expect 78 "$EXPIRE" --lock-file "$dir/fifo"
says err "no regular file"
expect 78 "$EXPIRE" --lock-file "$dir"
if [ "$(id -u)" = 0 ]; then
	: >"$dir/theirs"
	chown 65534 "$dir/theirs"
	expect 78 "$EXPIRE" --lock-file "$dir/theirs"
	says err "belongs to somebody else"
	expect 0 env -u MAILCTL_SANDBOX -u MAILCTL_LOCK_DIR "$MAILCTL" config show -o csv
	says out "lock-dir,/run/mailctl"
fi
: >"$dir/readable"
chmod 644 "$dir/readable"
expect 69 "$EXPIRE" --lock-file "$dir/readable"
[ "$(stat -c %a "$dir/readable")" = 600 ] || fail "whoever reads the lock can hold it"
rm "$dir"/{precious,linked,symbolic,fifo,readable}

step "with --max-changes 500 they are disabled"
begin=$(seconds)
expect 0 "$EXPIRE" --max-changes 500 --full
took "$begin" 500
lines 500
says out "u500@example.org  disabled  expired 2025-10-31"
says err "500 disabled of 500 due, by range; the journal is $journal/"
[ "$(grep -c '^result: done' "$journal"/*-expire.journal)" = 500 ] || fail "the journal does not hold them all"
expect 0 "$MAILCTL" mailbox show u1@example.org -o json
says out expired

step "a second run has nothing to do, and with -q not a word to say"
expect 0 "$EXPIRE" -q
[ ! -s "$dir/out" ] && [ ! -s "$dir/err" ] || fail "it said something"
expect 0 "$EXPIRE" -o json
says out '"changed":false'
[ "$(ls "$journal"/*-expire.journal | wc -l)" = 1 ] || fail "a run with nothing to do left a journal"

step "a later date brings back what the run disabled, and not what a person did"
expect 0 "$MAILCTL" mailbox disable u2@example.org
expect 0 "$MAILCTL" expiry set u1@example.org --expires 2099-12-31
expect 0 "$MAILCTL" expiry set u2@example.org --expires 2099-12-31
expect 0 "$MAILCTL" mailbox list --filter '(accountActive=TRUE)' -o name
grep -qx u1@example.org "$dir/out" || fail "u1 is still disabled"
grep -qx u2@example.org "$dir/out" && fail "u2 works again, though a person had disabled it"

step "what is no date is told, and left as it is"
{ mailboxes 20001 20001 20250230000000; mailboxes 20002 20002 0; mailboxes 20003 20003 20251101000000; } >"$dir/odd.ldif"
expect 0 "$MAILCTL" import "$dir/odd.ldif"
expect 1 "$EXPIRE"
lines 1
says out "u20003@example.org  disabled"
says err "u20001@example.org"
says err "u20002@example.org"
expect 1 "$EXPIRE" --nagios
says out "EXPIRE WARNING"
expect 0 "$MAILCTL" mailbox remove --yes u20001@example.org u20002@example.org

step "slapd is killed in the middle; the next run ends in the same state"
{ mailboxes 30001 32000 20251101000000; } >"$dir/more.ldif"
expect 0 "$MAILCTL" import -q "$dir/more.ldif"
: >"$dir/out"
"$EXPIRE" --max-changes none >"$dir/out" 2>"$dir/err" &
run=$!
said_something
kill -9 "$(cat "$MAILCTL_SANDBOX/slapd.pid")"
status=0
wait "$run" || status=$?
echo "   exit status $status"
[ "$status" = 74 ] || [ "$status" = 75 ] || fail "a run whose server was killed ended with $status"
expect 0 "$MAILCTL" sandbox start
"$EXPIRE" --max-changes none >"$dir/out" 2>"$dir/err" || [ $? = 1 ] || fail "the second run failed"
expect 0 "$MAILCTL" mailbox list --filter '(&(accountActive=TRUE)(expireDate<=20251231000000))' -o name
grep -q '^u3' "$dir/out" && fail "some are still active"

step "an interrupt ends the run in order"
{ mailboxes 40001 43000 20251101000000; } >"$dir/more.ldif"
expect 0 "$MAILCTL" import -q "$dir/more.ldif"
: >"$dir/out"
"$EXPIRE" --max-changes none >"$dir/out" 2>"$dir/err" &
run=$!
said_something
kill -TERM "$run"
status=0
wait "$run" || status=$?
[ "$status" = 130 ] || fail "an interrupted run ended with $status"
done=$(grep -c '  disabled  ' "$dir/out")
[ "$((done + $(grep -c '  skipped  ' "$dir/out")))" = 3000 ] || fail "not every mailbox was told of"
expect 0 "$MAILCTL" mailbox list --filter '(&(accountActive=FALSE)(mail=u4*))' -o name
[ "$(grep -c '^u4[0-9]\{4\}@' "$dir/out")" = "$done" ] || fail "what was told to be done is not what was done"

step "the status that an interrupted run tells is the one that it ends with"
: >"$dir/out"
"$EXPIRE" --max-changes none -o jsonl >"$dir/out" 2>"$dir/err" &
run=$!
said_something
kill -TERM "$run"
status=0
wait "$run" || status=$?
[ "$status" = 130 ] || fail "an interrupted run ended with $status"
says err '"exit_status":130'
tail -n 1 "$dir/out" >"$dir/last" && says last '"exit_status":130'

step "what a run keeps: it goes on from there, and finds what somebody else has changed"
expect 0 "$MAILCTL" mailbox remove --now --yes u20001@example.org u20002@example.org
expect 0 "$EXPIRE" --max-changes none
expect 0 "$EXPIRE" -o json
says out '"search":"changes"'
says out '"due":0'
expect 0 "$MAILCTL" expiry set u10000@example.org --expires 2025-10-31 --yes
expect 0 "$EXPIRE" -o json
says out '"search":"changes"'
says out '"disabled":1'
expect 0 "$EXPIRE" --full -o json
says out '"search":"range"'
expect 0 "$EXPIRE" --as-of 2025-10-31 -o json
says out '"search":"range"'
[ "$(stat -c %a "$(state)")" = 600 ] || fail "what is kept can be read by others"

step "a state that cannot be kept ends the run before anything is changed"
expect 0 "$MAILCTL" expiry set u9999@example.org --expires 2025-10-31 --yes
expect 78 env MAILCTL_STATE_DIR="$dir/precious-file/state" bash -c ': >"${MAILCTL_STATE_DIR%/*}"; exec "$EXPIRE"'
says err "state-dir"
expect 0 "$MAILCTL" mailbox show u9999@example.org --fields status -o csv
says out overdue
expect 0 "$EXPIRE"
says out "u9999@example.org  disabled"

step "what was kept and makes no sense is set aside, told, and not taken for nothing"
cp "$(state)" "$dir/kept"
printf 'expiry memory 1\nnonsense\n' >"$(state)"
expect 0 "$EXPIRE"
says err "made no sense, and is mailctl-expire-"
[ "$(cat "$(ls "$MAILCTL_SANDBOX"/state/mailctl-expire-*.state.damaged-*)")" = $'expiry memory 1\nnonsense' ] || fail "what made no sense is not kept"
rm "$MAILCTL_SANDBOX"/state/mailctl-expire-*.state.damaged-*
cp "$dir/kept" "$(state)"

step "a clock that was set back, and runs that did not come"
past() { sed -i "3s/.*/$1/" "$(state)"; } # when the last look was
past 20990101000000Z
expect 69 "$EXPIRE"
says err "the last run was at 2099-01-01T00:00:00Z"
expect 0 "$EXPIRE" --accept-clock
past 20260101000000Z
expect 69 "$EXPIRE"
says err "longer ago than runs may be apart"
expect 2 "$EXPIRE" --nagios -n
says out "the last run was at 2026-01-01T00:00:00Z"
expect 0 env MAILCTL_EXPIRY_PERIOD=100w "$EXPIRE"
past 20260101000000Z
expect 0 "$EXPIRE" --accept-clock
expect 0 "$EXPIRE"

step "figures for Prometheus"
expect 78 "$EXPIRE" --textfile "$dir/nowhere/expire.prom"
expect 0 "$EXPIRE" --textfile "$dir/expire.prom"
for metric in 'mailctl_expire_due 0' 'mailctl_expire_failed 0' 'mailctl_expire_within_week 0'; do
	grep -qx "$metric" "$dir/expire.prom" || fail "$metric is not among the figures"
done
grep -q '^mailctl_expire_last_run_timestamp_seconds 1[0-9]*$' "$dir/expire.prom" || fail "when the last run was is not among the figures"

step "wrong command lines"
expect 65 "$EXPIRE" --max-changes many
expect 65 "$EXPIRE" --as-of tomorrow
expect 67 "$EXPIRE" --domain nowhere.example
expect 64 "$EXPIRE" -o csv
expect 3 "$EXPIRE" --nagios -H ldapi://%2Fnowhere -b "$base"
for wrong in --wrong-flag -H surplus '-o xml' '--config /nowhere' '--as-of soon' '-b nonsense' --detailed-exitcode '-y /nowhere'; do
	# shellcheck disable=SC2086 # words
	expect 3 "$EXPIRE" --nagios $wrong
	says out "EXPIRE UNKNOWN - "
	lines 1
done
expect 64 "$EXPIRE" --wrong-flag -- --nagios
expect 64 "$EXPIRE" --detailed-exitcode
says err "a dry run would change"

if [ -n "${FOREIGN_DIRECTORY:-}" ] && [ -x "$FOREIGN_DIRECTORY" ]; then
	step "a directory of others: no ordering rule, no schema of ours, 500 entries at most"
	cat >"$dir/foreign.sh" <<'END'
set -euo pipefail
unset MAILCTL_SANDBOX
flags=(-H "$FOREIGN_URI" -b "$FOREIGN_BASE" -D "$FOREIGN_DN" -y "$FOREIGN_PASSWORD_FILE")
"$MAILCTL" "${flags[@]}" domain add example.org >/dev/null
sed "s/o=hosting,dc=example,dc=org/o=hosting,$FOREIGN_BASE/" "$1/all.ldif" >"$1/foreign.ldif"
awk 'BEGIN { RS = ""; ORS = "\n\n" } NR <= 5 || (NR > 500 && NR <= 505)' "$1/foreign.ldif" | "$MAILCTL" "${flags[@]}" import - >/dev/null
"$EXPIRE" "${flags[@]}" --commit
awk 'BEGIN { RS = ""; ORS = "\n\n" } NR <= 600' "$1/foreign.ldif" | "$MAILCTL" "${flags[@]}" import - >/dev/null 2>&1 || true
status=0
"$EXPIRE" "${flags[@]}" --max-changes none >"$1/cut" || status=$?
echo "truncated: $status, $(wc -l <"$1/cut") lines"
END
	expect 0 "$FOREIGN_DIRECTORY" ldapi bash "$dir/foreign.sh" "$dir"
	says out "u5@example.org  disabled  expired 2025-10-31"
	says err "by pages"
	says err "has not loaded vmail.schema"
	says out "truncated: 69, 0 lines"
fi
echo
echo "all as it should be"
