#!/bin/bash
# How long mailctl check takes beside an export of the same tree, and in how much memory: in turn, the best of the rounds, by the
# time of the processor that mailctl and slapd take: they wait for each other, so that on a machine with nothing else to do it is what a clock shows. usage: check.sh [ACCOUNTS [FAULTS [ROUNDS]]]   exit 1 if a check takes more than 1.5 times as long, or more than 200 MB
#   ACCOUNTS mailboxes (100000), with an alias to every tenth; FAULTS of them (100) lack VirtualForward, have the folder of another and are led to by an alias
#   whose target is not there. A tree of faults alone is read two times, and takes longer.
MAILCTL=${MAILCTL:-$(cd "${BASH_SOURCE%/*}/../.." && pwd)/build/bin/mailctl}
SOURCE_DIR=$(cd "${BASH_SOURCE%/*}/../.." && pwd)
. "${BASH_SOURCE%/*}/../tools/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../support/checked_slapd.bash"
maxsize=17179869184
accounts=${1:-100000} faults=${2:-100} rounds=${3:-5}
{
	domain example.org
	python3 - "$accounts" "$faults" "$hosting" <<'PY'
import sys
accounts, faults, hosting = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
for i in range(accounts):
    bad = i < faults
    a = f"user{i}@example.org"
    classes = ["top", "inetOrgPerson", "VirtualMailAccount"] + ([] if bad else ["VirtualForward"]) + ["Vacation"]
    lines = [f"dn: mail={a},vd=example.org,{hosting}"] + ["objectClass: " + c for c in classes] + ["structuralObjectClass: VirtualMailAccount"]
    lines += [f"mail: {a}", f"cn: User Number {i}", f"sn: Number {i}", f"uid: user{i}.example.org", "vdHome: /home/vmail/domains", f"mailbox: example.org/user{i // 2 * 2 if bad else i}/",
              "quota: 52428800S", "accountActive: TRUE", "delete: FALSE", "smtpAuth: TRUE", "vacationActive: FALSE", f"mailAutoreply: {a}.autoreply", "otherTransport: phamm:",
              "createMaildir: TRUE", "lastChange: 1700000000", "creationDate: 20231114221320", "userPassword: {SSHA}MP1S+lVd2mGbUwjpVGZxx9lBdWRtWkMu"]
    if not bad: lines.append("forwardActive: FALSE")
    print("\n".join(lines) + "\n")
    if i % 10 == 0:
        t = f"nobody{i}@example.org" if bad else a
        print(f"dn: mail=alias{i}@example.org,vd=example.org,{hosting}\nobjectClass: top\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAlias\nstructuralObjectClass: VirtualMailAlias\n"
              f"mail: alias{i}@example.org\ncn: alias\nsn: alias\nmaildrop: {t}\naccountActive: TRUE\nlastChange: 1700000000\n")
PY
} >"$scratch/tree.ldif"
serve_tree "$scratch/tree.ldif"
rm -f "$scratch/tree.ldif" "$dir/tree.ldif"
served() { awk -v ticks="$(getconf CLK_TCK)" '{ print ($14 + $15) / ticks }' "/proc/$slapd_pid/stat"; }
best() { # NAME ARGUMENT...: runs it; its time, that of a clock and its memory are one more line of the file NAME
	local before
	before=$(served)
	/usr/bin/time -f "%U %S %e %M" "$MAILCTL" "${@:2}" >"$scratch/out" 2>"$scratch/time"
	tail -n 1 "$scratch/time" | awk -v served="$(served)" -v before="$before" '{ printf "%.2f %s %s\n", $1 + $2 + served - before, $3, $4 }' >>"$scratch/$1"
	printf '%s: %s s, %s s by the clock, %s KiB\n' "$1" $(tail -n 1 "$scratch/$1")
}
best warm export
for ((i = 0; i < rounds; ++i)); do
	best export export
	best check check
done
echo "$(($(wc -l <"$scratch/out") - 1)) findings"
sort -n "$scratch/check" | head -1 | awk -v export="$(sort -n "$scratch/export" | head -1 | cut -d' ' -f1)" '{
	printf "check takes %.2f times as long as export\n", $1 / export
	exit $1 > 1.5 * export
}' && ! awk '$3 > 200 * 1024 { found = 1 } END { exit !found }' "$scratch/check"
