#!/bin/bash
# A directory that others set up: Phamm's schema alone, an identity that is not the rootdn, and a size limit of 500.
if [ -z "${FOREIGN_URI-}" ]; then exec "${FOREIGN_DIRECTORY:?the path of foreign-directory}" ldap "$0"; fi
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
unset MAILCTL_SANDBOX
export MAILCTL_JOURNAL_DIR=$scratch/journal # not in /var/lib, where root keeps them
export MAILCTL_URI=$FOREIGN_URI MAILCTL_BASE=$FOREIGN_BASE MAILCTL_BIND_DN=$FOREIGN_DN MAILCTL_BIND_PASSWORD_FILE=$FOREIGN_PASSWORD_FILE
run 78 mailctl domain list
complains --allow-clear-bind
export MAILCTL_ALLOW_CLEAR_BIND=yes

run 0 mailctl domain add example.org --postmaster hostmaster@example.net
run 0 mailctl mailbox add bob@example.org --quota 1G --no-password --expires 2100-12-31
run 0 mailctl alias add info@example.org --target bob@example.org

run 0 mailctl trace info@example.org
says "goes to bob@example.org"
run 0 mailctl trace --to bob@example.org
says "info@example.org  alias"
run 0 mailctl find bob --sort address
says "info@example.org"
[ -z "$err" ] || fail "find looks into what is not there: $err"

# Nothing records why; everything else works.
run 0 mailctl mailbox disable bob@example.org --reason compromised
complains "has not loaded vmail.schema"
says "bob@example.org  disabled"
run 0 mailctl mailbox enable bob@example.org
run 0 mailctl mailbox remove bob@example.org --yes
run 67 mailctl mailbox show bob@example.org
complains "restore"
run 0 mailctl mailbox restore bob@example.org
run 0 mailctl forward set bob@example.org --target bob@example.net --keep-copy
run 0 mailctl vacation set bob@example.org --from 2026-08-01 --until 2026-08-15 --message-file "$SOURCE_DIR/LICENSE"
run 0 mailctl domain set example.org --postmaster bob@example.org
run 0 mailctl alias show postmaster@example.org -o json
says '"targets":["bob@example.org"]'

# Lists are known by their shape alone, and nobody can be named to ask about them.
run 78 mailctl mailinglist add staff@example.org --lists-domain lists.example.org --owner bob@example.org
complains "cannot keep the owners of staff@example.org"
run 0 mailctl mailinglist add staff@example.org --lists-domain lists.example.org
run 0 mailctl mailinglist list -o json
says '"address":"staff@example.org","status":"active","owners":[],"lists_domain":"lists.example.org","missing":0'
run 78 mailctl mailinglist set staff@example.org --add-owner bob@example.org
run 0 mailctl mailinglist disable staff@example.org
run 0 mailctl mailinglist enable staff@example.org
run 0 mailctl mailinglist rename staff@example.org team@example.org
run 0 mailctl mailinglist remove team@example.org --yes
run 0 mailctl mailinglist list -o name
silent

# Out, and in again elsewhere: the same.
run 0 mailctl export --with-passwords --out "$scratch/all.ldif"
run 0 mailctl import "$scratch/all.ldif"
[[ $err =~ ([0-9]+)\ records:\ ([0-9]+)\ unchanged ]] && [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] || fail "a second import does something"

# The first of two servers is down: said, and done by the second. It is not there when both are.
MAILCTL_URI="ldap://127.0.0.1:1 $FOREIGN_URI" run 0 mailctl mailbox set bob@example.org --quota 2G
complains "note: cannot connect to ldap://127.0.0.1:1"
says "bob@example.org  changed"
run 75 mailctl -H ldap://127.0.0.1:1 -H ldap://127.0.0.1:2 mailbox list
complains "none of the 2 servers"

# What the server cuts short is no list.
for i in {1..700}; do
	printf 'dn: mail=u%s@example.org,vd=example.org,o=hosting,%s\n' "$i" "$FOREIGN_BASE"
	printf '%s\n' 'objectClass: top' 'objectClass: VirtualMailAccount' "mail: u$i@example.org" "cn: u$i" 'sn: u' 'vdHome: /home/vmail' \
		"mailbox: example.org/u$i/" 'accountActive: TRUE' 'delete: FALSE' 'lastChange: 1' 'expireDate: 20260101000000' ''
done >"$scratch/many.ldif"
run 0 mailctl import "$scratch/many.ldif" -q
for format in table json jsonl csv ldif name; do
	run 69 mailctl mailbox list -o "$format"
	complains "only 500 came"
	complains "size.prtotal"
	[ "$format" != json ] || ! python3 -m json.tool <<<"$out" >/dev/null 2>&1 || fail "half a list is whole JSON"
	[ "$format" != name ] || ! grep -qvE '^(u[0-9]+|bob)@example\.org$' <<<"$out" || fail "half an address"
done
run 69 mailctl export --out "$scratch/cut.ldif"
[ ! -e "$scratch/cut.ldif" ] || fail "half an export"
run 69 mailctl mailbox disable --filter '(mail=u*)' --max-changes none
run 69 mailctl mailbox remove --filter '(mail=u*)' --yes --max-changes none
run 69 mailctl domain remove example.org --now --yes
[ -z "${EXPIRE-}" ] || run 69 "$EXPIRE" --max-changes none
silent
run 0 mailctl mailbox list --filter '(&(mail=u1*)(accountActive=FALSE))' -o name
silent

finish
