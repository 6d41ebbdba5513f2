#!/bin/bash
# What the owner of a mailbox and the postmaster of a domain do by themselves goes through mailctl, bound as they are, under the
# access rules that are shipped.
. "${BASH_SOURCE%/*}/../tools/mailctl_sandbox.bash"
type ldapadd >/dev/null || exit 77
start_sandbox
eval "$(mailctl sandbox env)"
printf 'ann-secret\n' >"$scratch/password"
printf 'new-secret\n' >"$scratch/new"
chmod 600 "$scratch/password" "$scratch/new"

# as MAILBOX [ARGUMENT...]: mailctl as the owner of that mailbox of example.org
as() {
	mailctl -H "$LDAPURI" -b "$LDAPBASE" -D "mail=$1@example.org,vd=example.org,o=hosting,$LDAPBASE" -y "${password:-$scratch/password}" "${@:2}"
}

# unchanged MAILBOX sets the entry's lastChange back to 0; changed MAILBOX asks whether it is something else by now
changed() { ldapsearch -Q -Y EXTERNAL -H "$LDAPURI" -b "mail=$1@example.org,vd=example.org,o=hosting,$LDAPBASE" -LLL lastChange | grep '^lastChange: [1-9]' >/dev/null; }
unchanged() {
	printf 'dn: mail=%s@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: lastChange\nlastChange: 0\n' "$1" "$LDAPBASE" |
		ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null || fail "cannot set lastChange back"
}

# does MAILBOX ARGUMENT...: is done, and the entry says that it changed
does() {
	unchanged "$1"
	run 0 as "$@"
	changed "$1" || fail "$last: lastChange stays"
}

run 0 mailctl domain add example.org
run 0 mailctl mailbox add ann@example.org bob@example.org --password-file "$scratch/password"
# An account of elsewhere: nothing but what is mandatory, and a password.
cat <<LDIF | ldapadd -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null || fail "no bare account"
dn: mail=bare@example.org,vd=example.org,o=hosting,$LDAPBASE
objectClass: VirtualMailAccount
mail: bare@example.org
cn: bare
sn: bare
vdHome: /home/vmail/domains
mailbox: example.org/bare/
accountActive: TRUE
delete: FALSE
lastChange: 0
userPassword: ann-secret
LDIF

for owner in ann bare; do
	does $owner forward set $owner@example.org --target $owner@home.test --keep-copy
	does $owner forward set $owner@example.org --target else@home.test
	run 0 as $owner forward show $owner@example.org
	says else@home.test
	does $owner forward clear $owner@example.org
	does $owner vacation set $owner@example.org --message-file "$SOURCE_DIR/LICENSE" --from 2026-08-01 --until 2026-08-15 --subject away
	does $owner vacation clear $owner@example.org
done

# A text is no longer than people read, whichever way it comes.
head -c 16384 /dev/zero | tr '\0' a >"$scratch/long"
does ann vacation set ann@example.org --message-file "$scratch/long"
printf a >>"$scratch/long"
run 65 as ann vacation set ann@example.org --message-file "$scratch/long"
complains 'vacationInfo: it has 16385 bytes, and may have 16384'
for text in vacationInfo:16385 vacationSubject:1025; do
	printf 'dn: mail=ann@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: %s\n%s: %s\n' "$LDAPBASE" "${text%:*}" "${text%:*}" "$(head -c "${text#*:}" "$scratch/long")" >"$scratch/change"
	run 19 ldapmodify -x -H "$LDAPURI" -D "mail=ann@example.org,vd=example.org,o=hosting,$LDAPBASE" -y <(tr -d '\n' <"$scratch/password") -f "$scratch/change"
done
does ann vacation clear ann@example.org

# A password of one's own: the new one counts, and the old one no longer does.
does ann mailbox password ann@example.org --password-file "$scratch/new" --old-password-file "$scratch/password"
run 77 as ann whoami
password=$scratch/new
does ann vacation set ann@example.org --message-file "$SOURCE_DIR/LICENSE"
run 0 as ann mailbox password ann@example.org --password-file "$scratch/password" --old-password-file "$scratch/new" --server-side
run 77 as ann whoami
unset password
run 0 as ann whoami

# Nobody does that for somebody else, or to what is not his to set: he is told so, not that what he cannot see is not there, and nothing is half done.
run 0 mailctl alias add info@example.org --target bob@example.org
printf 'dn: mail=ann@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: cn\ncn: boss\n-\n' "$LDAPBASE" >"$scratch/boss.ldif"
mailctl export --with-passwords >"$scratch/before"
while read -r arguments; do
	# shellcheck disable=SC2086
	run 77 as ann $arguments </dev/null
	[[ $err == *error:* || $err == *warning:* ]] || fail "$last: no sentence"
	[[ $err != *"there is no domain"* && $err != *"domain add"* && $err != *"no such object"* ]] || fail "$last: what is hidden is said not to be there"
done <<TABLE
domain list
domain show example.org
domain add new.example --postmaster root@example.net
domain set example.org --max-mailboxes 1000
domain disable example.org --yes
domain enable example.org
domain remove example.org --yes
domain restore example.org
domain rename example.org new.example --yes
mailbox list
mailbox list --domain example.org
mailbox show bob@example.org
mailbox add new@example.org --no-password
mailbox set ann@example.org --name boss
mailbox set ann@example.org --quota 50G
mailbox set ann@example.org --no-smtp-auth
mailbox set ann@example.org --expires 2099-12-31
mailbox set bob@example.org --name boss
mailbox disable ann@example.org
mailbox remove ann@example.org --yes
mailbox remove ann@example.org --yes --now
mailbox rename ann@example.org boss@example.org
mailbox password bob@example.org --password-file $scratch/new --old-password-file $scratch/password
mailbox password bob@example.org --password-file $scratch/new --old-password-file $scratch/password --server-side
mailbox password ann@example.org --password-file $scratch/new --verify
alias list
alias add new@example.org --target ann@example.org
alias set info@example.org --target ann@example.org
alias remove info@example.org --yes
alias disable info@example.org
forward show bob@example.org
forward set bob@example.org --target ann@example.org
forward clear bob@example.org
vacation set bob@example.org --message-file $SOURCE_DIR/LICENSE
vacation clear bob@example.org
expiry list
expiry set ann@example.org --expires 2099-12-31
quota set ann@example.org --quota 50G
export
import $scratch/boss.ldif
TABLE
mailctl export --with-passwords >"$scratch/after"
cmp "$scratch/before" "$scratch/after" || fail "an owner changed what is not his"

# A postmaster, too, takes the old password away when he gives a new one.
postmaster=cn=postmaster,vd=example.org,o=hosting,$LDAPBASE
ldappasswd -Q -Y EXTERNAL -H "$LDAPURI" -s ann-secret "$postmaster" || fail "no password for the postmaster"
master() { mailctl -H "$LDAPURI" -b "$LDAPBASE" -D "$postmaster" -y "$scratch/password" "$@"; }
run 0 master mailbox password bob@example.org --password-file "$scratch/new"
run 77 as bob whoami
password=$scratch/new
run 0 as bob whoami
unset password
run 0 master mailbox add eve@example.org --password-file "$scratch/password"
run 0 as eve forward set eve@example.org --target eve@home.test
run 77 master domain set example.org --max-mailboxes 1000

finish
