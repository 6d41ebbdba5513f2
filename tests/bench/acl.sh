#!/bin/bash
# What the access rules cost: 5,000 accounts in 50 domains, read with all attributes by the daemons'
# identity, with our rules and with none; then as the tools and as administrators, with editAccounts and
# without. Alternates between the servers and takes the best of the rounds, since other load only ever
# slows a round down.
# usage: tests/bench/acl.sh [ROUNDS]   exit 1 if the rules take more than half of the speed
. "$(dirname "$0")/../schema/server.sh"

rounds=${1:-7} domains=50 each=100
all=$((4 * domains * each))

tree() {
	fill "$schema/tree.ldif.in"
	awk -v base="$base" -v domains="$domains" -v each="$each" 'BEGIN {
		for (d = 1; d <= domains; d++) {
			domain = "d" d ".test"
			printf "\ndn: vd=%s,o=hosting,%s\nobjectClass: VirtualDomain\nvd: %s\naccountActive: TRUE\n" \
				"delete: FALSE\nlastChange: 0\nmaxMail: 500\n", domain, base, domain
			printf "\ndn: cn=postmaster,vd=%s,o=hosting,%s\nobjectClass: VirtualMailAlias\n" \
				"cn: postmaster\nsn: postmaster\nmail: postmaster@%s\nmaildrop: u1@%s\n" \
				"accountActive: TRUE\nlastChange: 0\nuserPassword: secret\neditAccounts: %s\n",
				domain, base, domain, domain, d == 2 ? "FALSE" : "TRUE"
			for (u = 1; u <= each; u++)
				printf "\ndn: mail=u%d@%s,vd=%s,o=hosting,%s\nobjectClass: VirtualMailAccount\n" \
					"objectClass: VirtualForward\nobjectClass: Vacation\nmail: u%d@%s\ncn: User %d\n" \
					"sn: %d\nuid: u%d.%s\nvdHome: /home/vmail/domains\nmailbox: %s/u%d/\n" \
					"accountActive: TRUE\ndelete: FALSE\nlastChange: 1700000000\nquota: 52428800S\n" \
					"smtpAuth: TRUE\nforwardActive: FALSE\nvacationActive: FALSE\n" \
					"creationDate: 20240101000000\nexpireDate: 20301231225959\n" \
					"otherTransport: phamm:\nmailAutoreply: u%d@%s.autoreply\n" \
					"userPassword: {SSHA}0123456789012345678901234567890123456789\n",
					u, domain, domain, base, u, domain, u, u, u, domain, domain, u, u, domain
		}
		for (a = 1; a <= 2; a++) {
			printf "\ndn: cn=admin%d,ou=admin,%s\nobjectClass: VirtualAdmin\ncn: admin%d\nsn: admin\nmail: admin@d1.test\n" \
				"maxDomain: 10\naccountActive: TRUE\nlastChange: 0\nuserPassword: secret\neditAccounts: %s\n",
				a, base, a, a == 2 ? "FALSE" : "TRUE"
			for (d = 1; d <= 10; d++) printf "vd: d%d.test\n", d
		}
	}'
}

# The time includes the start of ldapsearch; several searches in one bind make that small.
for ((i = 0; i < 4; i++)); do echo VirtualMailAccount; done >"$scratch/classes"

# rate DIR BASE COUNT WHO...: entries a second of four searches for the accounts below BASE.
rate() {
	local at below=$2 expected=$3 start end entries
	at=$(uri "$1")
	shift 3
	start=$(date +%s%N)
	entries=$(ldapsearch -LLL -H "$at" "$@" -b "$below" -z max \
		-f "$scratch/classes" '(objectClass=%s)' '*' + | grep -c '^dn:')
	end=$(date +%s%N)
	[ "$entries" -eq "$expected" ] || die "$entries entries, not $expected" >&2
	echo $((entries * 1000000000 / (end - start)))
}

ours=$scratch/ours none=$scratch/none
configure "$ours"
configure "$none"
# No rules at all: everybody reads everything, the hashes as well.
: >"$none/acl.conf"
sed -i '/^access /d' "$none/slapd.conf"
tree >"$scratch/tree.ldif"
for server in "$ours" "$none"; do
	load "$server" "$scratch/tree.ldif"
	serve "$server"
done

as() { who=(-x -D "$1,$base" -w secret); }
best() { [ -n "$2" ] || exit 1; [ "${!1:-0}" -ge "$2" ] || printf -v "$1" %s "$2"; }
own=$((4 * each))
for ((i = 0; i < rounds; i++)); do
	as cn=phamm,o=hosting
	best free "$(rate "$none" "o=hosting,$base" "$all" "${who[@]}")"
	best daemons "$(rate "$ours" "o=hosting,$base" "$all" "${who[@]}")"
	best tools "$(rate "$ours" "$base" "$all" -Q -Y EXTERNAL)"
	as cn=postmaster,vd=d1.test,o=hosting
	best ownfree "$(rate "$none" "vd=d1.test,o=hosting,$base" $own "${who[@]}")"
	best full "$(rate "$ours" "vd=d1.test,o=hosting,$base" $own "${who[@]}")"
	as cn=postmaster,vd=d2.test,o=hosting
	best aliases "$(rate "$ours" "vd=d2.test,o=hosting,$base" $own "${who[@]}")"
	as cn=admin1,ou=admin
	best virtual "$(rate "$ours" "vd=d1.test,o=hosting,$base" $own "${who[@]}")"
	as cn=admin2,ou=admin
	best virtualaliases "$(rate "$ours" "vd=d1.test,o=hosting,$base" $own "${who[@]}")"
done

row() { printf '%-34s %7d entries/s  %3d %%\n' "$1" "$2" $((100 * $2 / $3)); }
row 'no rules' "$free" "$free"
row 'our rules, cn=phamm' "$daemons" "$free"
row 'our rules, cn=mailctl' "$tools" "$free"
row 'no rules, one domain of 100' "$ownfree" "$ownfree"
row '  its postmaster' "$full" "$ownfree"
row '  without editAccounts' "$aliases" "$ownfree"
row '  its virtual admin' "$virtual" "$ownfree"
row '  without editAccounts' "$virtualaliases" "$ownfree"
[ $((2 * daemons)) -ge "$free" ] || die "the rules take more than half of the speed"
