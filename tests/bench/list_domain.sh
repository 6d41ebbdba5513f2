#!/bin/bash
# A list of the three mailboxes of a domain, by a process of its own, beside domains with ACCOUNTS mailboxes, against ldapsearch below that domain. Writes its part of RESULTS.md.
# usage: tests/bench/list_domain.sh     ACCOUNTS='10000 100000' ROUNDS=5 are the defaults
. "$(dirname "$0")/directory.bash"
tree() { # COUNT
	domain example.org
	many_mailboxes "$1"
	domain few.example
	many_mailboxes 3 few.example
}
results_for list_domain
for n in ${ACCOUNTS:-10000 100000}; do
	serve tree "$n"
	compare "the 3 mailboxes of a domain, 25 times, of $n" --items 25 --target ldapsearch=0.5 \
		"mailctl=for i in {1..25}; do $MAILCTL mailbox list --domain few.example; done" \
		"ldapsearch=for i in {1..25}; do ldapsearch -LLL $ldap -b vd=few.example,$hosting '$account' '*' entryUUID entryCSN; done"
done
