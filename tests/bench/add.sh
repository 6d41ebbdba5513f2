#!/bin/bash
# Mailboxes added to a domain with limits, against ldapadd of the same entries, which asks for nothing: one by a process of its own, to a domain that holds three in a
# directory of ACCOUNTS, and a thousand by one process, to a domain that holds HELD. Writes its part of RESULTS.md.
# usage: tests/bench/add.sh     ACCOUNTS='10000 100000' HELD='0 5000 20000' ROUNDS=5 are the defaults
. "$(dirname "$0")/directory.bash"
limited=("maxMail: 9000000" "maxQuota: 900000000")
beside() { # COUNT
	domain example.org
	many_mailboxes "$1"
	domain limited.example "${limited[@]}"
	many_mailboxes 3 limited.example
}
holding() { # COUNT
	domain limited.example "${limited[@]}"
	many_mailboxes "$1" limited.example
}
ready() { # COUNT NAME: as both programs want them
	names_of "$1" limited.example "$2" | tee "$scratch/names" | as_dns >"$scratch/dns"
	new_mailboxes "$1" limited.example "$2" >"$scratch/new.ldif"
}
away="ldapdelete $ldap -f $scratch/dns"

results_for add
ready 25 one
csplit -sz -n 2 -f "$scratch/new." "$scratch/new.ldif" '/^dn:/' '{*}'
for n in ${ACCOUNTS:-10000 100000}; do
	serve beside "$n"
	compare "one mailbox, 25 times, to a domain of 3 with limits, of $n" --items 25 --at-most 0.01 --after "$away" \
		"mailctl=for i in {0..24}; do $MAILCTL mailbox add one\$i@limited.example --quota 50M --no-password -q || exit 2; done" \
		"ldapadd=for i in {00..24}; do ldapadd $ldap -f $scratch/new.\$i || exit 2; done"
done
ready 1000 many
for n in ${HELD:-0 5000 20000}; do
	serve holding "$n"
	compare "1000 mailboxes to a domain with limits that holds $n" --items 1000 --target ldapadd=0.67 --after "$away" \
		"mailctl=$MAILCTL mailbox add - --quota 50M --no-password -q <$scratch/names" "ldapadd=ldapadd $ldap -f $scratch/new.ldif"
done
