#!/bin/bash
# What was done is taken back: the entries are again what they were, and nothing else is touched.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
# All of the tree but what says when it was written.
tree() { ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$socket" -b o=hosting,dc=example,dc=org | grep -v '^lastChange:' | python3 -c '
import sys
for entry in sorted("\n".join(sorted(e.splitlines())) for e in sys.stdin.read().split("\n\n") if e): print(entry, end="\n\n")'; }

# Does it, takes it back, takes that back, and takes it back again.
comes_back() {
	local before after
	before=$(tree)
	run 0 "$@"
	local what="$last" id
	after=$(tree)
	[ "$before" != "$after" ] || fail "$what: changed nothing"
	id=$(latest)
	run 0 mailctl undo "$id" --yes
	[ "$(tree)" = "$before" ] || fail "$what: not as before: $(diff <(echo "$before") <(tree))"
	run 0 mailctl undo "$(latest)" --yes
	[ "$(tree)" = "$after" ] || fail "$what: the undo is not undone: $(diff <(echo "$after") <(tree))"
	run 0 mailctl undo "$(latest)" --yes
	[ "$(tree)" = "$before" ] || fail "$what: not as before at the third time: $(diff <(echo "$before") <(tree))"
}

mailctl domain add example.org -q
mailctl domain add example.net -q
for i in {1..20}; do echo "user$i@example.org"; done | mailctl mailbox add - --no-password -q
mailctl mailbox add bob@example.org -q --name 'Bob Jones' --quota 2G --password-stdin <<<'correct horse'
mailctl alias add info@example.org --target bob@example.org -q

# One verb after the other.
comes_back mailctl mailbox add ann@example.org --name Ann --generate-password
comes_back mailctl mailbox set bob@example.org --name 'Robert Jones' --quota 5G --expires 2040-12-31
comes_back mailctl mailbox disable bob@example.org --reason compromised --comment 'spam from 192.0.2.1'
comes_back mailctl mailbox remove bob@example.org --yes
comes_back mailctl mailbox remove bob@example.org --now --yes
comes_back mailctl mailbox remove bob@example.org --now --references --yes
comes_back mailctl mailbox password bob@example.org --generate-password
comes_back mailctl mailbox rename bob@example.org robert@example.org
comes_back mailctl mailbox rename bob@example.org robert@example.net --keep-alias
comes_back mailctl alias add sales@example.org --target bob@example.org
comes_back mailctl alias set info@example.org --add-target ann@example.net
comes_back mailctl alias remove info@example.org --yes
comes_back mailctl forward set bob@example.org --target bob@example.net --keep-copy
comes_back mailctl vacation set bob@example.org --subject Away --message-file <(echo 'I am away.')
comes_back mailctl expiry set bob@example.org --expires 2040-12-31
comes_back mailctl quota set --filter '(mail=user*)' --quota 1G --max-changes 20
comes_back mailctl domain add example.com --max-mailboxes 5 --postmaster bob@example.org
comes_back mailctl domain set example.org --max-mailboxes 200 --description Example
comes_back mailctl domain disable example.org --yes --max-changes none
comes_back mailctl domain remove example.org --yes --max-changes none
comes_back mailctl domain rename example.org example.edu --yes
comes_back mailctl domain remove example.net --now --yes
mailctl mailbox disable user1@example.org -q
comes_back mailctl mailbox enable user1@example.org
mailctl mailbox remove user2@example.org --yes -q
comes_back mailctl mailbox restore user2@example.org
run 0 mailctl mailbox restore user2@example.org
run 0 mailctl mailbox password bob@example.org --verify --password-stdin <<<'correct horse'

# Imports and expiry runs.
cat >"$scratch/import.ldif" <<'LDIF'
dn: mail=user3@example.org,vd=example.org,o=hosting,dc=example,dc=org
changetype: delete

dn: mail=carl@example.org,vd=example.org,o=hosting,dc=example,dc=org
changetype: add
objectClass: top
objectClass: inetOrgPerson
objectClass: VirtualMailAlias
cn: carl
sn: carl
mail: carl@example.org
maildrop: bob@example.org
accountActive: TRUE
lastChange: 1

dn: mail=user4@example.org,vd=example.org,o=hosting,dc=example,dc=org
changetype: modify
replace: description
description: one
-
add: description
description: two
-
LDIF
comes_back mailctl import "$scratch/import.ldif" --yes
mailctl mailbox set user5@example.org --expires 2020-01-01 -q --yes
comes_back "${EXPIRE:?}"

# An entry that moved on is left as it is, and named; the others come back.
run 0 mailctl mailbox set user6@example.org user7@example.org --name Six
id=$(latest)
run 0 mailctl mailbox set user6@example.org --name Other
before=$(tree)
run 1 mailctl undo "$id" --yes
complains "mail=user6@example.org,vd=example.org,o=hosting,dc=example,dc=org was changed since"
says "user7@example.org  undone"
complains "2 changes: 1 undone, 1 failed"
run 0 mailctl mailbox show user6@example.org --fields name
says Other
# What is undone already is left as it is.
run 75 mailctl undo "$id" --yes -o json
parses "$out"
while read -r line; do parses "$line"; done <<<"$err"
run 75 mailctl undo "$id" --yes
count=$(journals)
run 75 mailctl undo "$id" --yes
[ "$(journals)" = "$count" ] || fail "a journal of nothing"
run 0 mailctl undo "$id" --yes --only user7@example.org
complains "nothing to undo"
run 67 mailctl undo "$id" --yes --only nobody@example.org

# Where changes build on each other it is all or nothing.
run 0 mailctl mailbox rename bob@example.org robert@example.org
id=$(latest)
for name in bob@example.org robert@example.org; do
	run 0 mailctl undo "$id" --only "$name" --dry-run
	says 'newrdn: mail=bob@example.org'
done
run 0 mailctl alias set info@example.org --add-target ann@example.net
before=$(tree)
run 75 mailctl undo "$id" --yes
complains "mail=info@example.org,vd=example.org,o=hosting,dc=example,dc=org was changed since"
[ "$(tree)" = "$before" ] || fail "half of a renaming is undone"
run 0 mailctl undo "$(latest)" --yes

# Neither an address nor a folder that is somebody else's by now comes back.
run 0 mailctl mailbox remove user8@example.org --now --yes
id=$(latest)
run 0 mailctl alias add user8@example.org --target robert@example.org
run 75 mailctl undo "$id" --yes
complains "user8@example.org"
run 0 mailctl alias remove user8@example.org --yes
run 0 mailctl undo "$id" --yes
run 0 mailctl mailbox show user8@example.org

# What a run that was killed has left, with no answer on record from some request on, is taken back as what was answered is.
mailctl domain add cut.example -q
mailctl mailbox add ann@cut.example --no-password -q
mailctl alias add info@cut.example --target ann@cut.example -q
umask 077
for command in 'domain add new.example' 'domain rename cut.example shut.example --yes' 'mailbox rename ann@cut.example eva@cut.example' \
	'mailinglist add staff@cut.example --lists-domain lists.example' 'domain disable cut.example --yes' 'domain remove cut.example --yes'; do
	before=$(tree)
	# shellcheck disable=SC2086 # words
	run 0 mailctl $command
	requests=$(grep -c '^request: ' "$(latest_file)")
	run 0 mailctl undo "$(latest)" --yes
	for ((answered = 0; answered < requests; answered += 2)); do
		# shellcheck disable=SC2086
		run 0 mailctl $command
		without_answers $answered <"$(latest_file)" >"$scratch/cut.journal"
		run 0 mailctl undo "$scratch/cut.journal" --yes
		[ "$(tree)" = "$before" ] || fail "$command, $answered of $requests answered: not as before: $(diff <(echo "$before") <(tree))"
	done
done
# Where somebody has changed it since, the way that is left is told.
run 0 mailctl domain rename cut.example shut.example --yes
without_answers 3 <"$(latest_file)" >"$scratch/cut.journal"
run 0 mailctl mailbox rename ann@shut.example bea@shut.example
run 75 mailctl undo "$scratch/cut.journal" --yes
complains 'the same command, given again, finishes what it had begun'

# The cap, the question and the dry run: what was allowed is taken back without a higher one.
for i in {1..11}; do echo "user$i@example.org"; done >"$scratch/eleven"
run 0 mailctl mailbox set - --name Eleven --max-changes 11 <"$scratch/eleven"
id=$(latest)
run 69 mailctl undo "$id" --yes --max-changes 10
complains "that would change 11 entries, and one run may change 10: nothing was changed"
complains "--max-changes 11"
run 64 mailctl undo "$id" --no-input
run 0 mailctl undo "$id" --dry-run
dry=$out
run 0 mailctl undo "$id" --yes --debug
for i in 1 11; do
	[[ $err == *"dn: mail=user$i@example.org"* ]] || fail "user$i is not in what was sent"
done
diff <(grep -v '^lastChange:\|^$' <<<"$dry") <(grep -v '^lastChange:\|^note: \|^$' <<<"$err") >"$scratch/diff" || fail "the dry run tells of something else: $(cat "$scratch/diff")"

# By the server's record: what ldapmodify and the like did.
# The latest record of the address.
server_id() { mailctl log "$1" -o jsonl --fields id,source | python3 -c '
import json, sys
print([e["id"] for e in map(json.loads, sys.stdin) if e.get("source") == "server"][-1])'; }
as_ldap() { ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null || fail "ldapmodify"; }
undoes_server_record() {
	local before after
	before=$(tree)
	as_ldap
	after=$(tree)
	[ "$before" != "$after" ] || fail "$1: changed nothing"
	run 0 mailctl undo "$(server_id "$1")" --yes
	[ "$(tree)" = "$before" ] || fail "$1: not as before: $(diff <(echo "$before") <(tree))"
}
tree_dn=vd=example.org,o=hosting,dc=example,dc=org
undoes_server_record user9@example.org <<LDIF
dn: mail=user9@example.org,$tree_dn
changetype: modify
replace: cn
cn: Nine
-
add: description
description: by hand
LDIF
undoes_server_record user9@example.org <<LDIF
dn: mail=user9@example.org,$tree_dn
changetype: delete
LDIF
undoes_server_record hand@example.org <<LDIF
dn: mail=hand@example.org,$tree_dn
changetype: add
objectClass: top
objectClass: inetOrgPerson
objectClass: VirtualMailAlias
cn: hand
sn: hand
mail: hand@example.org
maildrop: robert@example.org
accountActive: TRUE
lastChange: 1
LDIF
undoes_server_record info@example.org <<LDIF
dn: mail=info@example.org,$tree_dn
changetype: modrdn
newrdn: mail=news@example.org
deleteoldrdn: 1
LDIF
undoes_server_record info@example.org <<LDIF
dn: mail=info@example.org,$tree_dn
changetype: modrdn
newrdn: mail=news@example.org
deleteoldrdn: 0
LDIF

# What is none, or of another directory.
run 66 mailctl undo 20261231T235959Z-1
run 66 mailctl undo "$scratch/none.journal"
echo 'dn: o=x' >"$scratch/no.journal"
run 65 mailctl undo "$scratch/no.journal"
complains "is not a journal"
run 0 mailctl mailbox set user9@example.org --name Nine
sed 's/^directory: .*/directory: 00000000-0000-0000-0000-000000000000/' "$(latest_file)" >"$scratch/other.journal"
run 65 mailctl undo "$scratch/other.journal" --yes
complains "that was done to another directory"

# Put down and never sent, or refused: there is nothing to undo.
for result in not-sent refused; do
	sed "s/^result: done/result: $result/" "$(latest_file)" >"$scratch/none.journal"
	run 0 mailctl undo "$scratch/none.journal" --yes
	complains 'there is nothing to undo'
done
# Never answered: undone, as the entry holds what was asked for.
sed '/^outcome/,/^$/{s/^result: done/result: unknown/;/^version:/d}' "$(latest_file)" >"$scratch/unknown.journal"
run 0 mailctl undo "$scratch/unknown.journal" --dry-run
complains 'undone'
sed 's/^description: .*/description: another one/; s/^cn: .*/cn: another one/' "$scratch/unknown.journal" >"$scratch/other.journal"
run 75 mailctl undo "$scratch/other.journal" --yes
complains 'was never known'

# Cut off anywhere in its outcome, or before it: what the entry was is on record with what was asked for.
whole=$(latest_file)
place_of() { grep -abo "^$1: " "$whole" | tail -1 | cut -d: -f1; }
outcome=$(place_of outcome)
for cut in "$outcome" $((outcome + 5)) $((outcome + 40)) $((outcome + 90)); do
	head -c "$cut" "$whole" >"$scratch/cut.journal"
	run 0 mailctl undo "$scratch/cut.journal" --dry-run
	complains 'undone'
done
# In that entry: half of it is never taken for the whole.
before=$(place_of before)
for cut in "$before" $((before + 5)) $((before + 40)) $(((before + outcome) / 2)) $((outcome - 2)) $((outcome - 1)); do
	head -c "$cut" "$whole" >"$scratch/cut.journal"
	run 65 mailctl undo "$scratch/cut.journal" --yes
	complains 'is not on record'
done
# Through a link, and of a run that was killed.
ln -s "$(latest_file)" "$scratch/link.journal"
run 0 mailctl undo "$scratch/link.journal" --dry-run
grep -v '^ended' "$(latest_file)" >"$scratch/killed.journal"
run 0 mailctl undo "$scratch/killed.journal" --yes
run 65 mailctl import "$scratch/killed.journal"

# Twice at the same time: once, and what came second is told.
run 0 mailctl mailbox set user9@example.org user10@example.org user11@example.org --name Ten
id=$(latest)
for n in 1 2 3 4; do
	(mailctl undo "$id" --yes >/dev/null 2>&1; echo $? >"$scratch/status.$n") &
done
wait
run 0 mailctl log user10@example.org -o jsonl --fields job
[ "$(grep -c '"undo"' <<<"$out")" -ge 1 ] || fail "nobody has undone it"
run 0 mailctl mailbox show user10@example.org --fields name
[[ $out != *Ten* ]] || fail "it is not undone"
# 75 for one that found a single entry left, and was second there as well.
grep -LE '^(0|1|75)$' "$scratch"/status.* | grep . && fail "another status: $(cat "$scratch"/status.*)"

# A password that cannot be read is not taken away by undoing.
run 0 mailctl mailbox password user9@example.org --generate-password
sed 's/^identity: .*/identity: dn:cn=other,dc=example,dc=org/' "$(latest_file)" >"$scratch/blind.journal"
run 65 mailctl undo "$scratch/blind.journal" --yes
complains 'is not on record'
# Another spelling is a change like any other, and goes back.
run 0 mailctl mailbox add Kim@example.org --no-password
run 0 mailctl mailbox rename kim@example.org kim@example.org
id=$(latest_file)
run 0 mailctl undo "$id" --yes
run 0 mailctl mailbox show kim@example.org -o ldif
says $'dn: mail=Kim@example.org,'
says $'\nmail: Kim@example.org'
run 0 mailctl undo "$id" --yes

# ---- what belongs together is undone as a whole, or not at all, and what is left behind is named
run 0 mailctl domain add whole.example
run 0 mailctl mailbox add old@whole.example --no-password
run 0 mailctl alias add first@whole.example --target old@whole.example
run 0 mailctl alias add second@whole.example --target old@whole.example,x@example.net
run 0 mailctl mailbox remove old@whole.example --now --references --yes
removal=$(latest_file)
run 0 mailctl mailbox add old@whole.example --no-password # somebody new
before=$(mailctl export --domain whole.example)
run 75 mailctl undo "$removal" --yes
[ "$before" = "$(mailctl export --domain whole.example)" ] || fail 'the aliases of the one who went lead to the new one'

run 0 mailctl mailbox add ren@whole.example --no-password
run 0 mailctl mailbox rename ren@whole.example ran@whole.example
renaming=$(latest_file)
run 0 mailctl alias add later@whole.example --target ran@whole.example
run 0 mailctl undo "$renaming" --yes
complains 'later@whole.example still sends mail to ran@whole.example'

run 0 mailctl domain rename whole.example other.example --yes
renaming=$(latest_file)
run 0 mailctl mailbox add fresh@other.example --no-password
before=$(mailctl export --domain other.example)
run 75 mailctl undo "$renaming" --yes
complains 'holds mail=fresh@other.example'
[ "$before" = "$(mailctl export --domain other.example)" ] || fail 'a mailbox is left in a domain of another name'

# ---- a circle is told where there is one: postmaster@ goes back with its domain
run 0 mailctl domain add catch.example
run 0 mailctl alias add @catch.example --target postmaster@catch.example
run 0 mailctl domain rename catch.example caught.example --yes
run 0 mailctl undo "$(latest)" --yes
[[ $err != *circle* ]] || fail "$last: there is no circle"
run 0 mailctl alias show @catch.example
says postmaster@catch.example

finish
