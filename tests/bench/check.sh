#!/bin/bash
# How long mailctl check takes beside an export of the same tree, and in how much memory. Writes its part of RESULTS.md.
# usage: tests/bench/check.sh     ACCOUNTS=100000 FAULTS=100 ROUNDS=5 are the defaults
#   ACCOUNTS mailboxes, with an alias to every tenth; FAULTS of them lack VirtualForward, have the folder of another and are led to by an alias
#   whose target is not there. A tree of faults alone is read two times, and takes longer.
. "$(dirname "$0")/directory.bash"
accounts=${ACCOUNTS:-100000} faults=${FAULTS:-100}
tree() {
	domain example.org
	many_mailboxes "$accounts" | awk -v faults="$faults" '
		/^dn: / { n++ }
		n > faults { print; next }
		/^objectClass: VirtualForward|^forwardActive: / { next }
		/^mailbox: / { sub(/user[0-9]+/, "user" int((n - 1) / 2) * 2) }
		{ print }'
	awk -v accounts="$accounts" -v faults="$faults" -v hosting="$hosting" 'BEGIN {
		for (i = 0; i < accounts; i += 10) {
			a = "alias" i "@example.org"
			print "dn: mail=" a ",vd=example.org," hosting "\nobjectClass: top\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAlias\nstructuralObjectClass: VirtualMailAlias\nmail: " a "\ncn: alias\nsn: alias\n" \
				"maildrop: " (i < faults ? "nobody" : "user") i "@example.org\naccountActive: TRUE\nlastChange: 1700000000\n"
		}
	}'
}
serve tree
results_for check
compare "a check of $accounts mailboxes, $faults of them with faults" --target export=0.67 --memory 200 "mailctl=$MAILCTL check || [ \$? = 1 ]" "export=$MAILCTL export"
{
	echo "It found $("$MAILCTL" check -o name 2>/dev/null | wc -l) things."
	echo
} | tee -a "$results"
