#!/bin/bash
# What an expiry run costs where most ended long ago: ACCOUNTS mailboxes (1000000), of which 52 % ended long ago and are disabled, and DUE (500) are due. A look at all against one that goes
# on from the last, in turn, by a clock and by the time of the processors of both programs. usage: expiry.sh [ACCOUNTS [DUE [ROUNDS]]]
MAILCTL=${MAILCTL:-$(cd "${BASH_SOURCE%/*}/../.." && pwd)/build/bin/mailctl}
EXPIRE=${EXPIRE:-${MAILCTL}-expire}
SOURCE_DIR=$(cd "${BASH_SOURCE%/*}/../.." && pwd)
. "${BASH_SOURCE%/*}/../tools/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../support/checked_slapd.bash"
export MAILCTL_STATE_DIR=$scratch/state MAILCTL_LOCK_DIR=$scratch/locks
maxsize=17179869184
accounts=${1:-1000000} due=${2:-500} rounds=${3:-3}
indices=$(grep '^index' "$SOURCE_DIR/schema/indices.conf")
{
	domain example.org
	python3 - "$accounts" "$due" "$hosting" <<'PY'
import datetime, sys
accounts, due, hosting = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
now = datetime.datetime.now(datetime.timezone.utc)
stamp = lambda days, i: (now + datetime.timedelta(days=days, seconds=i % 86400)).strftime("%Y%m%d%H%M%S")
old = (now - datetime.timedelta(days=40)).strftime("%Y%m%d%H%M%S")
for i in range(accounts):
    a = f"u{i}@example.org"
    ended = i < accounts * 52 // 100
    is_due = not ended and i < accounts * 52 // 100 + due
    end = stamp(-400 - i % 1500, i) if ended else stamp(-1, i) if is_due else stamp(30 + i % 900, i)
    print(f"dn: mail={a},vd=example.org,{hosting}\nobjectClass: top\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAccount\nobjectClass: VirtualForward\nobjectClass: Vacation\nstructuralObjectClass: VirtualMailAccount\n"
          f"mail: {a}\ncn: u{i}\nsn: u{i}\nuid: u{i}.example.org\nvdHome: /home/vmail/domains\nmailbox: example.org/u{i}/\nquota: 52428800S\naccountActive: {'FALSE' if ended else 'TRUE'}\ndelete: FALSE\n"
          f"smtpAuth: TRUE\nforwardActive: FALSE\nvacationActive: FALSE\nlastChange: 1700000000\nexpireDate: {end}\nentryCSN: {old}.{i % 1000000:06d}Z#000000#000#000000\n")
PY
} >"$scratch/tree.ldif"
serve_tree "$scratch/tree.ldif"
rm -f "$scratch/tree.ldif" "$dir/tree.ldif"
served() { awk -v ticks="$(getconf CLK_TCK)" '{ print ($14 + $15) / ticks }' "/proc/$slapd_pid/stat"; }
timed() { # NAME ARGUMENT...
	local before
	before=$(served)
	/usr/bin/time -f "%U %S %e %M" "$EXPIRE" "${@:2}" >/dev/null 2>"$scratch/time"
	tail -n 1 "$scratch/time" | awk -v name="$1" -v served="$(served)" -v before="$before" '{ printf "%s: %.2f s of processors, %.2f s by the clock, %d KiB\n", name, $1 + $2 + served - before, $3, $4 }'
	grep 'looked at' "$scratch/time" || :
}
# The first look, two days ago, when what is due today was ahead.
faketime -f -2d "$EXPIRE" -q --commit --accept-clock --max-changes none >/dev/null || exit 1
for ((i = 0; i < rounds; ++i)); do
	timed "$due due, looking at all" -n --full --max-changes none
	timed "$due due, going on" -n --max-changes none
done
timed "$due disabled, going on" --max-changes none
for ((i = 0; i < rounds; ++i)); do
	timed "nothing due, looking at all" -n --full
	timed "nothing due, going on" -n
done
