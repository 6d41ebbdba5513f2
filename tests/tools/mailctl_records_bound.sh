#!/bin/bash
# Files of records, bound as the administrators of a domain and as the owner of a mailbox: what is theirs is done, and of what is not nothing.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
cd "$scratch" || exit 1
printf 'old-secret\n' >old
chmod 600 old
run 0 mailctl domain add a.org b.org
run 0 mailctl mailbox add ann@a.org eve@b.org --password-file old
run 0 mailctl admin add matrix --mail m@example.net --domain a.org --password-file old
run 0 mailctl admin add lean --mail l@example.net --domain a.org --no-edit-accounts --password-file old
declare -A name=([ann]=mail=ann@a.org,vd=a.org,o=hosting [matrix]=cn=matrix,ou=admin [lean]=cn=lean,ou=admin)
as() { env -u MAILCTL_SANDBOX MAILCTL_JOURNAL_DIR="$scratch/journal" "$MAILCTL" -H "$LDAPURI" -b "$LDAPBASE" -D "${name[$1]},$LDAPBASE" -y old "${@:2}"; }

printf 'address,name,quota\nbob@a.org,Bob,1G\ncid@a.org,Cid,2G\n' >people.csv
run 0 as matrix import people.csv --passwords-out passwords.csv
run 0 as matrix import people.csv -o json
says '"changed":false}'
printf 'version: 1\naliases: [{address: info@a.org, targets: [bob@a.org]}]\n' >alias.yaml
run 0 as lean apply alias.yaml
run 0 as lean apply alias.yaml -o json
says '"changed":false}'
run 0 as matrix export --domain a.org -o yaml --out a.yaml
run 0 as matrix apply a.yaml -o json
says '"changed":false}'
run 0 as matrix mailbox ensure bob@a.org --quota 3G

# Not theirs: 77, and nothing is done.
seen() { mailctl export -o ldif --with-passwords 2>/dev/null; }
before=$(seen)
printf 'address\nzoe@a.org\nzoe@b.org\n' >other.csv
run 77 as matrix import other.csv
printf 'version: 1\ndomains: [{domain: a.org, max_mailboxes: 99}]\n' >limit.yaml
run 77 as matrix apply limit.yaml
printf 'address,name\nbob@a.org,Robert\n' >lean.csv
run 77 as lean import lean.csv --update
printf 'version: 1\nmailboxes: [{address: eve@b.org, quota: 9G}]\n' >eve.yaml
run 77 as ann apply eve.yaml
[ "$(seen)" = "$before" ] || fail "something was done: $(diff <(echo "$before") <(seen) | head -5)"

# An owner has his forward and his answer.
printf 'version: 1\nmailboxes:\n  - {address: ann@a.org, forward_active: true, forward_targets: [ann@home.test], vacation_active: true, vacation_message: gone}\n' >own.yaml
run 0 as ann apply own.yaml
run 0 as ann apply own.yaml -o json
says '"changed":false}'
finish
