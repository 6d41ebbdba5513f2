#!/bin/bash
# The same verbs, bound as oneself: what an owner and the administrators of a domain do, and the one sentence they get for what is not theirs.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
printf 'old-secret\n' >"$scratch/old"
printf 'new-secret\n' >"$scratch/new"
printf 'wrong-secret\n' >"$scratch/wrong"
chmod 600 "$scratch/old" "$scratch/new" "$scratch/wrong"

run 0 mailctl domain add a.org b.org
run 0 mailctl mailbox add ann@a.org bob@a.org eve@b.org --password-file "$scratch/old"
run 0 mailctl alias add info@a.org --target bob@a.org
run 0 mailctl admin add matrix --mail m@example.net --domain a.org --password-file "$scratch/old"
run 0 mailctl admin add lean --mail l@example.net --domain a.org --no-edit-accounts --password-file "$scratch/old"
run 0 mailctl admin add postmaster@a.org --password-file "$scratch/old"

# as WHO ARGUMENT...: mailctl bound as WHO. (The sandbox's own folder would bring its own identity.)
declare -A name=([ann]=mail=ann@a.org,vd=a.org,o=hosting [matrix]=cn=matrix,ou=admin [lean]=cn=lean,ou=admin [postmaster]=cn=postmaster,vd=a.org,o=hosting)
password=$scratch/old
as() { env -u MAILCTL_SANDBOX "$MAILCTL" -H "$LDAPURI" -b "$LDAPBASE" -D "${name[$1]},$LDAPBASE" -y "$password" "${@:2}"; }

# refused WHO SENTENCE ARGUMENT...: 77, and that sentence of who may; no code of LDAP, no DN
refused() {
	run 77 as "$1" "${@:3}" </dev/null
	complains "$2"
	[[ $err != *"insufficient access"* && $err != *o=hosting* && $err != *olcAccess* ]] || fail "$last: the answer of the server shows through"
	[ "$(grep -c error: <<<"$err")" = 1 ] || fail "$last: more than one sentence"
}

# ---- an owner

run 0 as ann mailbox show ann@a.org --fields address,status
run 0 as ann forward set ann@a.org --target ann@home.test --keep-copy
run 0 as ann forward show ann@a.org
says ann@home.test
run 0 as ann forward clear ann@a.org
run 0 as ann vacation set ann@a.org --message-file "$SOURCE_DIR/LICENSE" --subject away
run 0 as ann vacation show ann@a.org
says away
run 0 as ann vacation clear ann@a.org

# He proves the old password, whatever the session was bound with.
run 64 as ann mailbox password ann@a.org --password-file "$scratch/new" </dev/null
complains "give --old-password-file FILE"
run 77 as ann mailbox password ann@a.org --password-file "$scratch/new" --old-password-file "$scratch/wrong"
complains "wrong old password for ann@a.org"
run 77 as ann mailbox password ann@a.org --password-file "$scratch/new" --old-password-file "$scratch/wrong" --server-side
run 0 as ann whoami
run 0 as ann mailbox password ann@a.org --password-file "$scratch/new" --old-password-file "$scratch/old"
run 77 as ann whoami
password=$scratch/new
run 0 as ann whoami
run 0 as ann mailbox password ann@a.org --password-file "$scratch/old" --old-password-file "$scratch/new" --server-side
password=$scratch/old
run 0 as ann whoami
run 0 mailctl mailbox password bob@a.org --password-file "$scratch/new" </dev/null # the tools are not asked
run 64 mailctl mailbox password bob@a.org --password-file "$scratch/new" --old-password-file "$scratch/old"

mailctl export --with-passwords >"$scratch/before"
owner="the owner of a mailbox sets its password, forward and automatic answer, and all else is for the administrators of a.org"
refused ann "ann@a.org may not do this: $owner" quota set ann@a.org --quota 50G
refused ann "$owner" expiry set ann@a.org --expires 2099-12-31
refused ann "$owner" mailbox disable ann@a.org
refused ann "ann@a.org may not do this to bob@a.org: $owner" mailbox enable bob@a.org
refused ann "to bob@a.org: $owner" mailbox show bob@a.org
refused ann "to bob@a.org: $owner" forward set bob@a.org --target ann@a.org
refused ann "to bob@a.org: $owner" mailbox password bob@a.org --password-file "$scratch/new" --old-password-file "$scratch/old"
refused ann "to eve@b.org: $owner" mailbox show eve@b.org
refused ann "ann@a.org may not see b.org: the owner of a mailbox sees that alone" domain show b.org
refused ann "ann@a.org may not see b.org" domain rename b.org c.org --yes
refused ann "ann@a.org may not see matrix" admin show matrix
refused ann "to new@a.org: $owner" mailbox add new@a.org --no-password
refused ann "$owner" mailbox list
refused ann "$owner" domain list
refused ann "$owner" admin list
run 77 as ann -o json mailbox set ann@a.org --quota 5G
says '"kind":"denied"'
says "$owner"
complains '"ldap_code":50' # for programs
mailctl export --with-passwords >"$scratch/after"
cmp "$scratch/before" "$scratch/after" || fail "an owner changed what is not his"

# ---- who administers a domain

# A folder of somebody's is nobody else's, also by LDIF, and for who does not see what is above his domain.
cat >"$scratch/steal.ldif" <<'LDIF'
dn: mail=spy@a.org,vd=a.org,o=hosting,dc=example,dc=org
objectClass: top
objectClass: inetOrgPerson
objectClass: VirtualMailAccount
objectClass: VirtualForward
objectClass: Vacation
cn: spy
sn: spy
mail: spy@a.org
vdHome: /home/vmail/domains
mailbox: a.org/ann/
quota: 1S
accountActive: TRUE
delete: FALSE
smtpAuth: TRUE
forwardActive: FALSE
vacationActive: FALSE
otherTransport: phamm:
createMaildir: TRUE
creationDate: 20260101000000
lastChange: 1
uid: spy.a.org
mailAutoreply: spy@a.org.autoreply
LDIF
run 73 as postmaster import "$scratch/steal.ldif"
complains 'its folder is that of ann@a.org'
run 67 mailctl mailbox show spy@a.org
# One that a postmaster makes has a folder that nobody can have had.
run 0 as postmaster mailbox add fresh@a.org --no-password
run 0 mailctl mailbox show fresh@a.org --fields path -o name
[[ $out =~ ^a\.org/fresh-20[0-9]{12}/$ ]] || fail "its folder is $out"
run 0 mailctl mailbox remove fresh@a.org --now --yes

for who in matrix postmaster; do
	run 0 as $who domain list -o name
	[ "$out" = a.org ] || fail "$last: $out"
	run 0 as $who mailbox add new-$who@a.org --quota 1G --password-file "$scratch/new"
	run 0 as $who mailbox set new-$who@a.org --quota 2G --name "$who"
	run 0 as $who mailbox password new-$who@a.org --password-file "$scratch/old"
	run 0 as $who mailbox disable new-$who@a.org
	run 0 as $who mailbox enable new-$who@a.org
	run 0 as $who mailbox remove new-$who@a.org --yes --now
	run 67 mailctl mailbox show new-$who@a.org --removed
done
for who in matrix postmaster lean; do
	run 0 as $who alias add x@a.org --target bob@a.org
	run 0 as $who alias set x@a.org --add-target ann@a.org
	run 0 as $who alias disable x@a.org
	run 0 as $who alias remove x@a.org --yes
	run 67 mailctl alias show x@a.org
	run 0 as $who mailbox list -o name
done
# Mail may go to anywhere, also to a domain of the server that is not his: he is not told whether it is there.
for who in matrix postmaster; do
	for elsewhere in ann@home.test eve@b.org; do
		run 0 as $who alias add out@a.org --target $elsewhere
		run 0 as $who alias remove out@a.org --yes
		run 0 as $who forward set bob@a.org --target $elsewhere
		run 0 as $who forward clear bob@a.org
	done
	run 0 as $who mailinglist add staff@a.org --lists-domain lists.home.test
	run 0 as $who mailinglist remove staff@a.org --yes
done
# His own password is his, as the owner's is.
for who in matrix lean postmaster; do
	called=${who/postmaster/postmaster@a.org}
	run 0 as $who admin password $called --password-file "$scratch/new"
	says 'password set'
	password=$scratch/new
	run 0 as $who whoami
	run 0 as $who admin password $called --password-file "$scratch/old" --server-side
	password=$scratch/old
	run 0 as $who whoami
done
refused matrix "may not see lean" admin password lean --password-file "$scratch/new"
mailctl export --with-passwords >"$scratch/before"
refused lean "lean may not do this to new@a.org: without editAccounts it runs the aliases of a.org and only reads mailboxes" mailbox add new@a.org --no-password
refused lean "lean may not do this to bob@a.org" mailbox set bob@a.org --quota 2G
refused lean "lean may not do this to bob@a.org" mailbox password bob@a.org --password-file "$scratch/new"
refused lean "lean may not do this to postmaster@a.org" admin password postmaster@a.org --password-file "$scratch/new"
for who in matrix postmaster; do
	called=${who/postmaster/postmaster@a.org}
	mine="it runs the mailboxes and aliases of a.org, and other names for them, limits, ends, reasons other than manual, administrators and what the site has disabled are for who runs the server"
	refused $who "$called may not do this to bob@a.org: $mine" mailbox disable bob@a.org --reason compromised
	refused $who "$called may not do this to bob@a.org: $mine" mailbox rename bob@a.org robert@a.org
	refused $who "$called may not do this to info@a.org: $mine" alias disable info@a.org --reason spam
	refused $who "$called may not do this to a.org: $mine" domain set a.org --max-mailboxes 10
	refused $who "$mine" mailbox set bob@a.org --expires 2099-12-31
	refused $who "$called may not see c.org" domain add c.org
	refused $who "$called may not see b.org: it runs a.org, and b.org is for others" mailbox add new@b.org --no-password
	refused $who "$called may not see eve@b.org" mailbox show eve@b.org
	for verb in 'mailbox list' export 'vacation run' report check 'find ann' 'purge --dry-run' adopt 'quota list'; do
		refused $who "b.org is for others" $verb --domain b.org
		refused $who "nowhere.org is for others" $verb --domain nowhere.org # whether it is there he is not told
	done
	refused $who "b.org is for others" domain rename b.org c.org --yes
	refused $who "b.org is for others" mailinglist show staff@b.org
	refused $who "may not see eve: it runs a.org, and virtual admins are for others" admin show eve
	run 67 as $who mailbox show nobody@a.org # of his own domain he knows
done
refused matrix "matrix may not see b.org" admin set matrix --add-domain b.org
refused matrix "matrix may not do this" admin set matrix --max-domains 9
mailctl export --with-passwords >"$scratch/after"
cmp "$scratch/before" "$scratch/after" || fail "an administrator changed what is not his"

# ---- who did it takes it back

# taken_back WHO ARGUMENT...: done, and the tree is as before when it is undone; but for when that was, which is kept, and names and
# versions that the server gives
state_of_tree() { mailctl export -q | awk '/^dn:/ { dn = $0 } NF && !/^(lastChange|entryCSN|entryUUID|modif|creat)/ { print dn, $0 }' | sort; }
taken_back() {
	local who=$1 before
	shift
	before=$(state_of_tree)
	rm -rf "$scratch/own"
	mkdir -m 700 "$scratch/own"
	MAILCTL_JOURNAL_DIR=$scratch/own run 0 as "$who" "$@"
	[ "$(state_of_tree)" != "$before" ] || fail "$last: changed nothing"
	for journal in "$scratch/own"/*.journal; do
		MAILCTL_JOURNAL_DIR=$scratch/own run 0 as "$who" undo "$journal" --yes
		says undone
	done
	diff <(echo "$before") <(state_of_tree) >"$scratch/diff" || fail "$last: not as before, $(cat "$scratch/diff")"
}
taken_back ann forward set ann@a.org --target ann@home.test
taken_back ann vacation set ann@a.org --message-file "$SOURCE_DIR/LICENSE" --subject away
mailctl mailbox add gone@a.org off@a.org --no-password -q
mailctl mailbox disable off@a.org -q
for alias in gone-too off-too; do mailctl alias add $alias@a.org --target bob@a.org -q; done
mailctl alias disable off-too@a.org -q
for who in matrix postmaster lean; do
	taken_back $who alias add fresh@a.org --target bob@a.org
	taken_back $who alias set info@a.org --target ann@a.org --description changed
	taken_back $who alias remove gone-too@a.org --yes
	taken_back $who alias remove off-too@a.org --yes
	taken_back $who alias disable gone-too@a.org --comment 'for a while'
	taken_back $who alias enable off-too@a.org
	taken_back $who mailinglist add crew@a.org --lists-domain lists.home.test
	[ $who != lean ] || continue
	taken_back $who forward set bob@a.org --target bob@home.test
	taken_back $who mailbox set bob@a.org --quota 2G --surname Other
	taken_back $who mailbox add fresh@a.org --no-password
	taken_back $who mailbox disable gone@a.org --comment 'for a while'
	taken_back $who mailbox enable off@a.org
	taken_back $who mailbox remove gone@a.org --yes
	taken_back $who mailbox remove off@a.org --yes
done

# What cannot be taken back is told to be so, and what was done elsewhere is not taken back here.
rm -rf "$scratch/own"
mkdir -m 700 "$scratch/own"
MAILCTL_JOURNAL_DIR=$scratch/own run 0 as ann mailbox password ann@a.org --password-file "$scratch/new" --old-password-file "$scratch/old"
password=$scratch/new
MAILCTL_JOURNAL_DIR=$scratch/own run 65 as ann undo "$scratch/own"/*.journal --yes
complains "the old password of ann@a.org is not on record"
MAILCTL_JOURNAL_DIR=$scratch/own run 0 as ann mailbox password ann@a.org --password-file "$scratch/old" --old-password-file "$scratch/new"
password=$scratch/old
rm -rf "$scratch/own"
mkdir -m 700 "$scratch/own"
MAILCTL_JOURNAL_DIR=$scratch/own run 0 as matrix alias add once@a.org --target bob@a.org
sed -i 's/^server: .*/server: ldap:\/\/elsewhere.test/' "$scratch/own"/*.journal
MAILCTL_JOURNAL_DIR=$scratch/own run 65 as matrix undo "$scratch/own"/*.journal --yes
complains "that was done to another directory, at ldap://elsewhere.test"
run 0 mailctl alias remove once@a.org --yes -q
for who in matrix postmaster; do # with what leads there alone, which has to be marked as well
	mailctl mailbox add led@a.org --no-password -q
	mailctl alias add to-led@a.org --target led@a.org -q
	run 0 as $who mailbox remove led@a.org --now --references --yes
	complains "to-led@a.org sends mail to led@a.org alone, and goes with it"
	run 67 mailctl alias show to-led@a.org
done
run 0 mailctl admin add passing --mail bob@a.org --domain a.org --no-password # whom a mailbox of here reaches
run 0 mailctl admin remove passing --yes
run 0 mailctl undo "$(latest)" --yes
run 0 mailctl admin show passing
run 0 mailctl admin remove passing --yes

# The entry that a domain is administered by is the site's: it is neither taken away nor made by anybody over the domain.
for who in matrix postmaster lean; do refused $who "may not do this" alias remove postmaster@a.org --yes; done
run 0 mailctl admin show postmaster@a.org
mailctl alias remove postmaster@a.org --yes -q
refused matrix "matrix may not do this" mailbox add postmaster@a.org --password-file "$scratch/new"

# A domain may have many labels.
run 0 mailctl domain add deep.a.very.long.example.org
run 0 mailctl admin set matrix --add-domain deep.a.very.long.example.org
run 0 as matrix mailbox add bob@deep.a.very.long.example.org --no-password

finish
