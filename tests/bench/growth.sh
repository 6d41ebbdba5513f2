#!/bin/bash
# What works cost in directories of 10,000, 100,000 and 1,000,000 mailboxes: those that touch a few entries, which shall cost the same in all of them, and those that touch all. Writes its part of
# RESULTS.md, and growth.svg beside it. The largest takes some 6 GB of disk, while it is measured.
# usage: tests/bench/growth.sh     SIZES='10000 100000 1000000' ROUNDS=3 are the defaults
ROUNDS=${ROUNDS:-3}
. "$(dirname "$0")/directory.bash"
tree() { # COUNT
	domain example.org
	many_mailboxes "$1" | "$here/dated.py" "$1" 0 0
	domain few.example "maxMail: 9000000" "maxQuota: 900000000"
	many_mailboxes 3 few.example
}
measure() { # SIZE ITEMS NAME=COMMAND...: adds to the figures
	python3 "$here/compare.py" --rounds "$rounds" --ours "${3%%=*}" --server "$dir/slapd.pid" --data "$scratch/data" --title "$1" --items "$2" --after "ldapdelete -c $ldap -f $scratch/dns || :" "${@:3}" >/dev/null
}
many() { echo "for i in {1..$times}; do $1 || exit 2; done"; }
times=10
names_of $((times + 1)) few.example new | as_dns >"$scratch/dns"
for ((i = 0; i <= times; i++)); do
	new_mailboxes 1 few.example "ldapadd$i-" >"$scratch/new.$i"
	sed -n 's/^dn: //p' "$scratch/new.$i" >>"$scratch/dns"
done

for n in ${SIZES:-10000 100000 1000000}; do
	serve tree "$n"
	rm -rf "$MAILCTL_STATE_DIR"
	"$EXPIRE" -q || exit 1 # what the later runs go on from
	measure "$n" $times \
		"show a mailbox=$(many "$MAILCTL mailbox show user\$i@example.org")" \
		"list a domain of 3=$(many "$MAILCTL mailbox list --domain few.example")" \
		"add to a domain with limits=$(many "$MAILCTL mailbox add new\$i@few.example --quota 50M --no-password -q")" \
		"expire, nothing due=$(many "$EXPIRE -q")" \
		"ldapsearch of an address=$(many "$search mail=user\$i@example.org")" \
		"ldapadd=$(many "ldapadd $ldap -f $scratch/new.\$i")"
	measure "$n" 1 "find an address=$MAILCTL find user5@example.org" "export=$MAILCTL export" "check=$MAILCTL check || [ \$? = 1 ]" "list all names=$MAILCTL mailbox list -o name" "ldapsearch of all=$search '(objectClass=*)'"
done

results_for growth
"$here/growth.py" "$scratch/data" "$here/growth.svg" | tee -a "$results"
