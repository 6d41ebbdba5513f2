#!/bin/bash
# What the access rules cost: 5,000 mailboxes in 50 domains, read with all attributes by the services, with our rules and with none; then a domain of 100 by those who run it, with editAccounts and
# without. Writes its part of RESULTS.md.
# usage: tests/bench/acl.sh     ROUNDS=5 is the default
. "$(dirname "$0")/servers.bash"
domains=50 each=100
tree() {
	fill "$schema/tree.ldif.in"
	local d a may
	for ((d = 1; d <= domains; d++)); do
		may=TRUE
		[ $d != 2 ] || may=FALSE
		printf '\ndn: vd=d%s.test,%s\nobjectClass: VirtualDomain\nvd: d%s.test\naccountActive: TRUE\ndelete: FALSE\nlastChange: 0\nmaxMail: 500\n' $d "$hosting" $d
		printf '\ndn: cn=postmaster,vd=d%s.test,%s\nobjectClass: VirtualMailAlias\ncn: postmaster\nsn: postmaster\nmail: postmaster@d%s.test\nmaildrop: u1@d%s.test\naccountActive: TRUE\nlastChange: 0\n' \
			$d "$hosting" $d $d
		printf 'userPassword: secret\neditAccounts: %s\n\n' $may
		many_mailboxes $each d$d.test
	done
	for a in 1 2; do
		may=TRUE
		[ $a != 2 ] || may=FALSE
		printf 'dn: cn=admin%s,ou=admin,%s\nobjectClass: VirtualAdmin\ncn: admin%s\nsn: admin\nmail: admin@d1.test\nmaxDomain: 10\naccountActive: TRUE\nlastChange: 0\nuserPassword: secret\neditAccounts: %s\n' \
			$a "$base" $a $may
		printf 'vd: d%s.test\n' {1..10}
		echo
	done
}
# The time includes the start of ldapsearch: several searches in one bind make that small.
reads() { # SERVER BELOW TIMES WHO...
	echo "for ((i = 0; i < $3; i++)); do echo VirtualMailAccount; done | ldapsearch -LLL -H $(uri "$scratch/$1") -b $2,$base -z max ${*:4} -f /dev/stdin '(objectClass=%s)' '*' +"
}
as() { echo "-x -D $1,$base -w secret"; }

tree >"$scratch/tree.ldif"
server ours "$scratch/tree.ldif"
# Everybody reads everything, the hashes as well.
server none "$scratch/tree.ldif" '/^access /d' slapd.conf '1,$d' acl.conf

results_for acl
all=o=hosting own=vd=d1.test,o=hosting other=vd=d2.test,o=hosting
daemons=$(as cn=phamm,$all) postmaster=$(as cn=postmaster,$own) without=$(as cn=postmaster,$other)
compare daemons "the $((domains * each)) mailboxes of all domains, four times" --items $((4 * domains * each)) --target 'no rules=0.9' \
	"daemons=$(reads ours $all 4 "$daemons")" "tools=$(reads ours $all 4 -Q -Y EXTERNAL)" "no rules=$(reads none $all 4 "$daemons")"
compare postmaster "the $each mailboxes of a domain, 50 times" --items $((50 * each)) --at-least 30000 \
	"postmaster=$(reads ours $own 50 "$postmaster")" "postmaster without editAccounts=$(reads ours $other 50 "$without")" \
	"virtual admin=$(reads ours $own 50 "$(as cn=admin1,ou=admin)")" "virtual admin without editAccounts=$(reads ours $own 50 "$(as cn=admin2,ou=admin)")" \
	"no rules=$(reads none $own 50 "$postmaster")"
