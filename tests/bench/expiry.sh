#!/bin/bash
# An expiry run that finds DUE of ACCOUNTS mailboxes due, under its own cap, against ldapmodify of the same changes; in a directory where nobody else has ended, and in one where 52 % ended
# long ago; and one that finds nothing. A run goes on from the last one, or looks at all. Writes its part of RESULTS.md.
# usage: tests/bench/expiry.sh     ACCOUNTS=100000 ENDED='0 52' DUE=500 ROUNDS=5 are the defaults; the cap is 1 %
. "$(dirname "$0")/directory.bash"
due=${DUE:-500}
tree() { # COUNT ENDED
	domain example.org
	many_mailboxes "$1" | "$here/dated.py" "$1" "$2" "$due"
}
# modifies WHAT <DNs: as a run makes them, and back.
disabling="add: objectClass\nobjectClass: vmailState\n-\nreplace: accountActive\naccountActive: FALSE\n-\nreplace: lastChange\nlastChange: 1800000000\n-\nreplace: vmailDisabledReason\nvmailDisabledReason: expired\n-\n\
replace: vmailDisabledBy\nvmailDisabledBy: $MAILCTL_BIND_DN\n-\nreplace: vmailDisabledAt\nvmailDisabledAt: 20260101000000Z"
enabling='delete: objectClass\nobjectClass: vmailState\n-\nreplace: accountActive\naccountActive: TRUE\n-\nreplace: vmailDisabledReason\n-\nreplace: vmailDisabledBy\n-\nreplace: vmailDisabledAt'
modifies() { sed "s/.*/dn: &\nchangetype: modify\n$1\n/"; }
back="ldapmodify $ldap -f $scratch/back.ldif; rm -rf $scratch/state; cp -r $scratch/first $scratch/state"

results_for expiry
for n in ${ACCOUNTS:-100000}; do
	for ended in ${ENDED:-0 52}; do
		serve tree "$n" "$ended"
		names_of "$n" | tail -n "+$((n * ended / 100 + 1))" | head -n "$due" | as_dns >"$scratch/due"
		modifies "$disabling" <"$scratch/due" >"$scratch/changes.ldif"
		modifies "$enabling" <"$scratch/due" >"$scratch/back.ldif"
		# The first look, two days ago, when what is due today was ahead.
		rm -rf "$scratch/state" "$scratch/first"
		faketime -f -2d "$EXPIRE" -q --commit --accept-clock >/dev/null || exit 1
		cp -r "$scratch/state" "$scratch/first"
		said="of $n, $ended % ended long ago"
		compare "$due due $said" --items "$due" --target ldapmodify=0.83 --after "$back" \
			"mailctl=$EXPIRE" "without a cap=$EXPIRE --max-changes none" "looking at all=$EXPIRE --full" "ldapmodify=ldapmodify $ldap -f $scratch/changes.ldif"
		ldapmodify $ldap -f "$scratch/changes.ldif" >/dev/null && "$EXPIRE" -q || exit 1
		compare "nothing due $said" --at-most 0.02 "mailctl=$EXPIRE" "looking at all=$EXPIRE --full"
	done
done
