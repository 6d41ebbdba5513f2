#!/bin/bash
# A mailing list, made by mailctl in a directory with our schema and access rules: Postfix with the files of schema/postfix hands the mail for each of its
# addresses to Mailman, by LMTP, with the address that Mailman knows.
. "$(dirname "$0")/server.sh"
phamm_password=$odd_password
support=$(cd "$(dirname "$0")/../support" && pwd)
[ "$uid" -eq 0 ] || { echo 'Postfix needs root'; exit 77; }
packages=$("$support/unpack-packages" postfix postfix-ldap) || exit 77
chmod 711 "$scratch" # the programs of Postfix pass, to the socket of slapd

fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
configure "$scratch/server"
chmod 711 "$scratch/server"
load "$scratch/server" "$scratch/tree.ldif"
serve "$scratch/server"

export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal
tool() { "$MAILCTL" -H "$(uri "$scratch/server")" -b "$base" --sasl external -q "$@" || fail "mailctl $*"; }
unset MAILCTL_SANDBOX
tool domain add example.org
tool mailbox add bob@example.org --no-password
tool mailinglist add Staff@example.org --lists-domain lists.example.org
tool mailinglist add off@example.org --lists-domain lists.example.org
tool mailinglist disable off@example.org
tool alias add all@example.org --target staff@example.org

mkdir "$scratch/maps"
for file in "$schema"/postfix/*; do
	fill "$file" | sed -e "s|ldapi:///|$(uri "$scratch/server")|; s|/etc/postfix/mailctl|$scratch/maps|" >"$scratch/maps/${file##*/}"
done
wanted=$(cat <<'TABLE'
staff@example.org staff@lists.example.org
STAFF@Example.ORG staff@lists.example.org
staff-admin@example.org staff-admin@lists.example.org
staff-bounces@example.org staff-bounces@lists.example.org
staff-confirm@example.org staff-confirm@lists.example.org
staff-join@example.org staff-join@lists.example.org
staff-leave@example.org staff-leave@lists.example.org
staff-owner@example.org staff-owner@lists.example.org
staff-request@example.org staff-request@lists.example.org
staff-subscribe@example.org staff-subscribe@lists.example.org
staff-unsubscribe@example.org staff-unsubscribe@lists.example.org
staff-confirm+0a1b2c@example.org staff-confirm+0a1b2c@lists.example.org
staff-bounces+bob=example.com@example.org staff-bounces+bob=example.com@lists.example.org
staff-request@lists.example.org staff-request@lists.example.org
all@example.org staff@lists.example.org
TABLE
)
mapfile -t asked < <(cut -d' ' -f1 <<<"$wanted")
got=$(python3 "$support/mailman_by_lmtp.py" "$packages" "$scratch/postfix" "$scratch/maps" "${asked[@]}" bob@example.org off@example.org off-request@example.org 2>&1)
[ "$(head -n "${#asked[@]}" <<<"$got")" = "$wanted" ] || fail "$(diff <(echo "$wanted") <(echo "$got"))"
grep -q '^bob@example.org .*a mailbox' <<<"$got" || fail "bob's mail does not go to his mailbox: $got"
# No alias leads it on: smtpd refuses the address, and what comes from the machine itself is left to the store of the mailboxes.
for address in off@example.org off-request@example.org; do
	grep -q "^$address bounced: .*a mailbox" <<<"$got" || fail "mail for a list that is disabled: $(grep "^$address" <<<"$got")"
done
[ "$failures" = 0 ] || tail -n 20 "$scratch/postfix/log" >&2

verdict 'mail for each address of a list gets to Mailman'
