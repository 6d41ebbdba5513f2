#!/bin/bash
# Who administers domains: virtual admins over several, and the postmaster of one. Run as the tools' identity, and then as they themselves.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
type ldapdelete >/dev/null || exit 77
start_sandbox
eval "$(mailctl sandbox env)"
printf 'admin-secret\n' >"$scratch/password"
chmod 600 "$scratch/password"

# binds DN: its password is that of the file
binds() { ldapwhoami -x -H "$LDAPURI" -D "$1,$LDAPBASE" -y <(printf %s admin-secret) >/dev/null 2>&1; }
entry() { ldapsearch -Q -Y EXTERNAL -H "$LDAPURI" -b "$1,$LDAPBASE" -s base -LLL -o ldif-wrap=no "${@:2}" 2>/dev/null; }

run 0 mailctl domain add a.org b.org c.org d.org gone.org stopped.org
run 0 mailctl domain remove gone.org --yes
run 0 mailctl domain disable stopped.org --yes

# ---- a virtual admin over several domains

# A tree that has no place for them gets one, and an undo takes it away again.
ldapdelete -Q -Y EXTERNAL -H "$LDAPURI" "ou=admin,$LDAPBASE" || fail "cannot take ou=admin away"
run 0 mailctl admin list
silent
run 0 mailctl admin add matrix --mail m@example.net --no-password -n
says "dn: ou=admin,$LDAPBASE"
run 0 mailctl admin add matrix sister --mail m@example.net --domain a.org,b.org --max-domains 3 --password-file "$scratch/password"
says "matrix  created"
run 0 mailctl undo "$(latest)" --yes
entry ou=admin >/dev/null && fail "ou=admin stays"
run 0 mailctl admin add matrix --mail m@example.net --domain a.org --domain b.org --max-domains 3 --password-file "$scratch/password"
binds cn=matrix,ou=admin || fail "matrix cannot log in"
says_entry() { entry "$1" | grep -xF "$2" >/dev/null || fail "$last: the entry of $1 does not say: $2"; }
for line in 'objectClass: VirtualAdmin' 'mail: m@example.net' 'maxDomain: 3' 'vd: a.org' 'vd: b.org' 'editAccounts: TRUE' 'accountActive: TRUE' 'sn: matrix'; do
	says_entry cn=matrix,ou=admin "$line"
done
run 0 mailctl admin add free --mail f@example.net --max-domains none --no-edit-accounts --no-password
says_entry cn=free,ou=admin 'maxDomain: -1'
complains "free administers no domain yet"

run 0 mailctl admin set matrix --add-domain c.org --remove-domain a.org --no-edit-accounts
says "domains: b.org, c.org  edit_accounts: no"
run 0 mailctl admin set matrix --add-domain c.org --remove-domain a.org
says "matrix  unchanged"
run 0 mailctl admin set MATRIX --domain a.org,b.org --edit-accounts
run 0 mailctl admin set matrix --mail other@example.net
says_entry cn=matrix,ou=admin 'mail: other@example.net'

# What cannot be is refused as a whole.
before=$(entry cn=matrix,ou=admin)
run 69 mailctl admin set matrix --add-domain c.org,d.org
complains "matrix would administer 4 domains, and may have 3"
run 69 mailctl admin set matrix --max-domains 1
run 69 mailctl admin add many --mail m@example.net --domain a.org,b.org --max-domains 1 --no-password
run 67 mailctl admin set matrix --add-domain nowhere.org
complains "there is no domain nowhere.org"
run 67 mailctl admin set matrix --add-domain gone.org
complains "the domain gone.org is removed"
run 65 mailctl admin set matrix --add-domain 'not a domain'
run 65 mailctl admin set matrix --mail nobody
run 65 mailctl admin set matrix --max-domains many
run 64 mailctl admin set matrix
run 64 mailctl admin set matrix --domain a.org --add-domain b.org
run 73 mailctl admin add matrix --mail m@example.net --no-password
run 67 mailctl admin set nobody --add-domain a.org
run 65 mailctl admin add bob@a.org --mail m@example.net --no-password
run 65 mailctl admin add other --no-password
complains "give --mail ADDRESS"
run 65 mailctl admin add ' other' --mail m@example.net --no-password
run 65 mailctl admin add $'a\nb' --mail m@example.net --no-password
run 65 mailctl admin add "$(printf 'x%.0s' {1..65})" --mail m@example.net --no-password
[ "$before" = "$(entry cn=matrix,ou=admin)" ] || fail "a refused change left something"
run 0 mailctl admin set matrix --add-domain stopped.org
complains "the domain stopped.org is disabled"
run 0 mailctl admin set matrix --remove-domain stopped.org

run 0 mailctl admin disable matrix --reason compromised --comment "seen in a dump"
binds cn=matrix,ou=admin && fail "who is disabled logs in"
run 0 mailctl admin disable matrix --reason compromised --comment "seen in a dump"
says "matrix  unchanged"
run 0 mailctl admin list --disabled -o json --fields name,status,disabled_reason
says '{"name":"matrix","status":"disabled","disabled_reason":"compromised"}'
run 0 mailctl admin enable matrix
binds cn=matrix,ou=admin || fail "who is enabled cannot log in"

# ---- the postmaster of a domain: the alias and the administrator at once

run 0 mailctl admin list --domain a.org -o name
[ "$out" = matrix ] || fail "$last: a postmaster without a password is no administrator: $out"
run 0 mailctl admin add postmaster@a.org --edit-accounts --password-file "$scratch/password"
binds cn=postmaster,vd=a.org,o=hosting || fail "the postmaster cannot log in"
run 73 mailctl admin add postmaster@a.org --password-file "$scratch/password"
run 0 mailctl admin list
says "postmaster@a.org  postmaster  a.org         yes            active"
run 0 mailctl admin list --domain b.org -o name
[ "$out" = matrix ] || fail "$last: $out"
run 0 mailctl admin list --domain c.org -o name
silent
run 67 mailctl admin list --domain nowhere.org
run 0 mailctl admin set Postmaster@A.org --no-edit-accounts
says_entry cn=postmaster,vd=a.org,o=hosting 'editAccounts: FALSE'
run 0 mailctl admin show postmaster@a.org --fields name,kind,domains,edit_accounts,password
says '$y$'
run 65 mailctl admin set postmaster@a.org --add-domain b.org
complains "runs his own domain and no other"
run 65 mailctl admin disable postmaster@a.org
complains "the entry is the alias as well"
run 0 mailctl admin enable postmaster@a.org
says unchanged
run 67 mailctl admin add postmaster@nowhere.org --no-password
run 67 mailctl admin add postmaster@gone.org --no-password
run 65 mailctl admin add postmaster@ --no-password
run 0 mailctl admin password postmaster@a.org --generate-password
binds cn=postmaster,vd=a.org,o=hosting && fail "the old password still counts"

targets=$(mailctl alias show postmaster@a.org -o json --fields targets)
run 0 mailctl admin remove postmaster@a.org --yes
entry cn=postmaster,vd=a.org,o=hosting | grep -E '^(userPassword|editAccounts)' && fail "$last: the rights stay"
[ "$targets" = "$(mailctl alias show postmaster@a.org -o json --fields targets)" ] || fail "$last: the alias is another one"
run 0 mailctl admin remove postmaster@a.org --yes
says unchanged
run 64 mailctl admin remove matrix </dev/null
run 0 mailctl admin remove free --yes
run 67 mailctl admin show free

# What was done is on record, and can be taken back.
run 0 mailctl log matrix
says "created"
run 0 mailctl undo "$(latest)" --yes
run 0 mailctl admin show free

# A domain that is renamed stays theirs, by the journal as well; one that goes leaves its name with them, which is told.
run 0 mailctl domain rename b.org new.org --yes
[[ " $(mailctl admin show matrix -o csv --fields domains) " == *new.org* ]] || fail "matrix does not run what was b.org: $(mailctl admin show matrix)"
[[ " $(mailctl admin show matrix -o csv --fields domains) " != *b.org* ]] || fail "matrix still runs b.org: $(mailctl admin show matrix)"
run 0 mailctl undo "$(latest)" --yes
[[ " $(mailctl admin show matrix -o csv --fields domains) " == *b.org* ]] || fail "matrix does not run b.org again: $(mailctl admin show matrix)"
run 0 mailctl domain rename b.org new.org --yes
run 0 mailctl domain remove new.org --yes --now
complains "matrix stays an administrator of new.org"
run 0 mailctl admin set matrix --remove-domain new.org

# Where they are written to goes along with the mailbox, the list and the domain that it is; of one that is removed it is told.
contact() { mailctl admin show matrix -o csv --fields mail | tail -1; }
mailctl domain add e.org -q
mailctl mailbox add me@e.org --no-password -q
mailctl mailinglist add staff@e.org --lists-domain lists.test -q
run 0 mailctl admin set matrix --mail me@e.org
run 0 mailctl mailbox rename me@e.org myself@e.org --keep-alias
[ "$(contact)" = myself@e.org ] || fail "the contact has not gone along: $(contact)"
run 0 mailctl undo "$(latest)" --yes
[ "$(contact)" = me@e.org ] || fail "the contact is not what it was: $(contact)"
run 0 mailctl admin set matrix --mail staff@e.org --add-domain e.org
run 0 mailctl mailinglist rename staff@e.org crew@e.org
[ "$(contact)" = crew@e.org ] || fail "the contact has not gone along with the list: $(contact)"
run 0 mailctl domain rename e.org f.org --yes
[ "$(contact)" = crew@f.org ] || fail "the contact has not gone along with its domain: $(contact)"
[[ " $(mailctl admin show matrix -o csv --fields domains) " == *f.org* ]] || fail 'the domain has not gone along'
run 0 mailctl admin set matrix --mail me@f.org
run 0 mailctl mailbox remove me@f.org --yes
complains 'the administrator matrix is still written to at me@f.org'
# Who administers a domain does not go with an address that his mail goes to.
run 0 mailctl domain add ours.org --postmaster boss@ours.org
run 0 mailctl mailbox add boss@ours.org --no-password
run 0 mailctl alias add chief@ours.org --target boss@ours.org
run 0 mailctl admin add postmaster@ours.org --password-file "$scratch/password"
run 0 mailctl mailbox remove boss@ours.org --now --references --yes
complains 'postmaster@ours.org sends mail to boss@ours.org alone, and stays as it is'
run 67 mailctl alias show chief@ours.org
run 67 mailctl alias show abuse@ours.org
run 0 mailctl admin show postmaster@ours.org --fields edit_accounts,domains -o csv
says 'yes,ours.org'
run 0 mailctl alias show postmaster@ours.org --fields targets -o csv
says boss@ours.org
run 0 mailctl alias add boss@ours.org --target x@example.net
run 0 mailctl alias remove boss@ours.org --references --yes
complains 'postmaster@ours.org sends mail to boss@ours.org alone, and stays as it is'
run 0 mailctl admin show postmaster@ours.org
finish
