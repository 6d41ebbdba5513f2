#!/bin/bash
# How long mailctl check takes beside an export of the same tree, and in how much memory. usage: check.sh [ACCOUNTS [FAULTS]]
#   ACCOUNTS mailboxes (100000), with an alias to every tenth; FAULTS of them (0) lack VirtualForward, have the folder of another and a target that is not there
MAILCTL=${MAILCTL:-$(cd "${BASH_SOURCE%/*}/../.." && pwd)/build/bin/mailctl}
SOURCE_DIR=$(cd "${BASH_SOURCE%/*}/../.." && pwd)
. "${BASH_SOURCE%/*}/../tools/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../support/checked_slapd.bash"
maxsize=17179869184
accounts=${1:-100000} faults=${2:-0}
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
measure() { /usr/bin/time -f "%e s, %U s of its own, %M KiB  $*" "$MAILCTL" "$@" >"$scratch/out" 2>"$scratch/time"; tail -n 1 "$scratch/time"; }
measure export >/dev/null # what is on the disk gets into memory
for _ in 1 2 3; do
	measure export
	measure check
	echo "   $(wc -l <"$scratch/out") lines"
done
measure check --server
tree=$("$MAILCTL" check --list -o csv --fields code,about | sed -n 's/,server$//p' | paste -sd,)
measure check --skip "$tree"
