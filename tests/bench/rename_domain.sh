#!/bin/bash
# A domain that gets another name, with all that is in it, against ldapmodify of the changes that this makes, one after the other. Writes its part of RESULTS.md.
# usage: tests/bench/rename_domain.sh     ACCOUNTS=3000 ROUNDS=3 are the defaults
ACCOUNTS=${ACCOUNTS:-3000} ROUNDS=${ROUNDS:-3}
. "$(dirname "$0")/reading.bash"
rename() { echo "$MAILCTL domain rename $1 $2 --yes"; }
$(rename example.org example.com) -n -o ldif >"$scratch/changes.ldif" || exit 1
results_for rename_domain
compare "a domain of $accounts mailboxes, $(grep -c '^changetype: ' "$scratch/changes.ldif") changes" --target ldapmodify=1 --after "$(rename example.com example.org)" \
	"mailctl=$(rename example.org example.com)" "ldapmodify=ldapmodify $ldap -f $scratch/changes.ldif"
