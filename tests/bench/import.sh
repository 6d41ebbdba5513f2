#!/bin/bash
# New entries from a file, against ldapadd, which does not look whose folder or limit it is. Writes its part of RESULTS.md.
# usage: tests/bench/import.sh     ENTRIES=5000 ROUNDS=5 are the defaults
ACCOUNTS=${ACCOUNTS:-10000}
. "$(dirname "$0")/reading.bash"
entries=${ENTRIES:-5000}
new_mailboxes "$entries" example.org new >"$scratch/new.ldif"
names_of "$entries" example.org new | as_dns >"$scratch/dns"
results_for import
compare "$entries mailboxes from LDIF into a directory of $accounts" --items "$entries" --target ldapadd=1 --after "ldapdelete $ldap -f $scratch/dns" \
	"mailctl=$MAILCTL import $scratch/new.ldif -q" "ldapadd=ldapadd $ldap -f $scratch/new.ldif"
