#!/bin/bash
# Who is who: mailctl find.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
run 0 mailctl whoami
says cn=mailctl,dc=example,dc=org # the tools' identity, under the access rules
q() { mailctl "$@" -q >/dev/null || fail "$*"; }
found() { mailctl find "$@" -o name | sort | paste -sd' '; }
finds() { # WANTED WORD...
	local got
	got=$(found "${@:2}")
	[ "$got" = "$1" ] || fail "find ${*:2}: $got, not $1"
}

q domain add example.org --description 'Physics of Solids'
q domain add example.net
q mailbox add hans@example.org --name 'Hans Müller' --quota 2G --no-password --description 'guest of the observatory'
q mailbox add greta@example.org --name 'Greta Muller' --quota 500M --no-password
q mailbox add ann@example.net --name 'Ann Ørsted-Łódź' --quota 10G --expires 2090-01-31 --no-password
q mailbox add miller@example.net --name 'Jo Miller' --no-password
q alias add info@example.org --target hans@example.org --target archive@example.com
q forward set greta@example.org --target greta.m@example.com
q mailinglist add staff@example.org --lists-domain lists.example.org --description 'everybody'
q alias add solo@example.org --target solo@example.com
q backup-domain add spare.example
q backup-mail add desk@spare.example --description 'front desk'
printf 'Right-horse-7\n' >"$scratch/password"
chmod 600 "$scratch/password"
q admin add matrix --mail boss@example.com --domain example.net --password-file "$scratch/password"
q mailbox disable miller@example.net --comment 'moved to Bologna'
q mailbox remove ann@example.net --yes

# ---- each kind, by each thing that is said of it
finds 'hans@example.org info@example.org' Hans # as a target as well
finds 'hans@example.org' OBSERVATORY
finds 'greta@example.org' greta.m@example
finds 'info@example.org' archive@
finds 'example.org' solids
finds 'desk@spare.example' front
finds 'matrix' boss@
finds 'miller@example.net' bologna
finds 'ann@example.net' ann.example.net # the login, of one that is removed
finds '' nothing-of-this
finds 'desk@spare.example spare.example' spare

# ---- all words, whatever the case; accents where they are alone what differs from a whole word
finds 'hans@example.org' hans müller
finds 'greta@example.org hans@example.org' MÜLLER
finds 'hans@example.org' MÜL # a part
finds 'greta@example.org hans@example.org' muller
finds 'greta@example.org' greta MULLER
finds 'ann@example.net' ØRSTED
finds 'ann@example.net' łódź
finds '' hans nobody
finds 'greta@example.org' mulle greta
finds '' 'm*ller' # a star is a star
# Not by their sound alone.
finds 'miller@example.net' miller

# ---- a mailing list is one thing
finds 'staff@example.org' staff
finds 'staff@example.org' staff-request
finds 'staff@example.org' lists.example.org
finds 'solo@example.org' solo

# ---- what is said of them
run 0 mailctl find hans
says 'ADDRESS           KIND     STATUS  NAME         MATCHED'
says 'hans@example.org  mailbox  active  Hans Müller  address: hans@example.org, name: Hans Müller, login: hans.example.org'
run 0 mailctl find bologna -o json
parses "$out"
says '{"address":"miller@example.net","kind":"mailbox","status":"disabled","name":"Jo Miller","matched":["comment: moved to Bologna"]'
run 0 mailctl find staff -o jsonl --fields kind,name
[ "$out" = '{"kind":"mailinglist","name":"everybody"}' ] || fail "a list is $out"
run 0 mailctl find hans --domain example.net
silent
run 0 mailctl find example --domain spare.example -o name
[ "$(sort <<<"$out" | paste -sd' ')" = 'desk@spare.example spare.example' ] || fail "in a backup domain: $out"
run 67 mailctl find hans --domain nowhere.example
run 0 mailctl find hans -o ldif
says 'dn: mail=hans@example.org'
run 0 mailctl find nothing-of-this -o csv
[ "$out" = 'address,kind,status,name,matched' ] || fail "nothing is $out"
run 64 mailctl find
run 65 mailctl find ''
run 65 mailctl find $'M\xfcller'
run 64 mailctl find x --fields nosuch

# ---- sorted, and cut
[ "$(mailctl find example --sort kind,address --limit 2 -o name 2>/dev/null | paste -sd' ')" = 'matrix abuse@example.net' ] || fail "found: $(mailctl find example --sort kind,address --limit 2 -o name)"
run 0 mailctl find example --limit 2 -o name
complains 'there are more than these 2'
finish
