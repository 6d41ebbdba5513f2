#!/bin/bash
# What happened to an address, from the journals and from the server's own record.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
as_ldap() { ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null || fail "ldapmodify"; }
# events NAME...: "ACTION SOURCE" of each, on one line.
events() { mailctl log -o jsonl --fields action,source "$@" | python3 -c '
import json, sys
print(", ".join(e["action"] + " " + e["source"] for e in map(json.loads, sys.stdin) if "action" in e))'; }
expect() { # EXPECTED NAME...
	local got expected=$1
	shift
	got=$(events "$@")
	[ "$got" = "$expected" ] || fail "log $*: $got, not $expected"
}
tree_dn=vd=example.org,o=hosting,dc=example,dc=org

mailctl domain add example.org -q
mailctl mailbox add bob@example.org ann@example.org --no-password -q

# Once each, though the server has recorded it as well.
mailctl mailbox set bob@example.org --name Bob -q
expect 'created journal, changed journal' bob@example.org
as_ldap <<LDIF
dn: mail=bob@example.org,$tree_dn
changetype: modify
replace: sn
sn: Jones
LDIF
expect 'created journal, changed journal, changed server' bob@example.org
expect 'created journal, changed journal' bob@example.org --no-server
run 0 mailctl log bob@example.org
says 'sn'
says 'root'

# Without the journals the server tells all of it.
mv "$folder" "$scratch/elsewhere"
expect 'added server, changed server, changed server' bob@example.org
mv "$scratch/elsewhere" "$folder"

# By the old and by the new address, and when it is gone.
mailctl mailbox rename bob@example.org robert@example.org -q
expect 'created journal, changed journal, changed server, moved journal, renamed journal' bob@example.org
expect 'created journal, changed journal, changed server, moved journal, renamed journal' robert@example.org
mailctl mailbox remove robert@example.org --now --yes -q
all='created journal, changed journal, changed server, moved journal, renamed journal, removed journal'
expect "$all" bob@example.org
expect "$all" robert@example.org
expect "$all" ROBERT@example.org
expect '' nobody@example.org
as_ldap <<LDIF
dn: mail=ann@example.org,$tree_dn
changetype: modrdn
newrdn: mail=anna@example.org
deleteoldrdn: 1

dn: mail=anna@example.org,$tree_dn
changetype: delete
LDIF
expect 'created journal, renamed server, removed server' ann@example.org
expect 'created journal, renamed server, removed server' anna@example.org
mv "$folder" "$scratch/elsewhere"
expect 'added server, renamed server, removed server' ann@example.org
expect 'added server, renamed server, removed server' anna@example.org
mv "$scratch/elsewhere" "$folder"

# The latest so many, and since when.
expect 'renamed server, removed server' ann@example.org --limit 2
expect '' --since 2099-01-01
for all in 0 none; do
	run 0 mailctl log --limit "$all"
	[ "$out" = "$(mailctl log)" ] || fail "--limit $all leaves some out"
done
for wrong in -1 x 1.5 99999999999999999999 ''; do
	run 65 mailctl log --limit "$wrong"
	complains '--limit must be a number'
done
run 0 mailctl log ann@example.org -o json
parses "$out"
run 0 mailctl log nobody@example.org -o json
parses "$out"

# The latest is the latest, also after what leaves nothing behind, within a second.
for one in 1 2 3; do
	mailctl mailbox add "quick$one@example.org" --no-password -q
	mailctl mailbox remove "quick$one@example.org" --now --yes -q
	mailctl alias add "after$one@example.org" --target bob@example.net -q
	expect 'created journal' --limit 1
	[ "$(mailctl log --limit 1 -o name)" = "after$one@example.org" ] || fail "the latest change is $(mailctl log --limit 3)"
done

# What was refused stands where it was tried, between what was done before and after it.
mailctl mailbox add refused@example.org --no-password -q
printf 'dn: mail=refused@example.org,%s\nchangetype: modify\nreplace: accountActive\naccountActive: perhaps\n-\n' "$tree_dn" >"$scratch/refused.ldif"
for one in 1 2 3; do
	mailctl mailbox set refused@example.org --name "N$one" -q
	mailctl import "$scratch/refused.ldif" -q >/dev/null 2>&1
done
run 0 mailctl log refused@example.org -o csv --fields result
[ "$(tail -n +3 <<<"$out" | tr '\n' ' ')" = 'done refused done refused done refused ' ] || fail "what was refused stands elsewhere: $out"
# What a run that was killed did not hear of is told once, with what the server says became of it.
mailctl mailbox add killed@example.org --no-password -q
mailctl mailbox set killed@example.org --name K -q
mailctl mailbox set killed@example.org --name L -q
mailctl mailbox rename killed@example.org slain@example.org -q >/dev/null
mailctl mailbox remove slain@example.org --now --yes -q
umask 077
for file in $(find "$folder" -name '*.journal' -printf '%T@ %p\n' | sort -n | tail -5 | cut -d' ' -f2); do
	without_answers 0 <"$file" >"$scratch/killed"
	cat "$scratch/killed" >"$file"
done
run 0 mailctl log killed@example.org -o csv --fields action,source,result
[ "$(tail -n +2 <<<"$out" | sort | uniq -c | sed 's/^ *//' | tr '\n' ' ')" = '2 changed,journal,done 1 created,journal,done 1 moved,journal,done 1 removed,journal,done 1 renamed,journal,done ' ] ||
	fail "what was killed is told otherwise: $out"

# By name, and as whom.
run 0 mailctl log refused@example.org --limit 1 -o csv --fields who,identity
[ "$(tail -1 <<<"$out")" = "\"$(id -un) as cn=mailctl,dc=example,dc=org\",\"cn=mailctl,dc=example,dc=org\"" ] || fail "who: $out"

# One that was killed before it had put anything down tells nothing, and is no fault.
: >"$folder/20200101T000000Z-9-empty.journal"
run 0 mailctl log --limit 1
rm "$folder/20200101T000000Z-9-empty.journal"

# In quotes that it needs not.
mailctl alias add quoted@example.org --target bob@example.net -q
expect 'created journal' '"quoted"@example.org'

# A journal that is broken, cut off, somebody else's to write, or no file at all: the rest is told.
mailctl mailbox add carl@example.org --no-password -q
good=$(latest_file)
printf 'journal: 1\njob: x\n\nrequest: one\n\n' >"$folder/20200101T000000Z-1-broken.journal"
run 1 mailctl log carl@example.org
says created
complains '20200101T000000Z-1-broken.journal:4'
[ "$(grep -c . <<<"$err")" = 1 ] || fail "it is told more than once"
rm "$folder/20200101T000000Z-1-broken.journal"
mkfifo "$folder/20200101T000000Z-2-pipe.journal"
run 1 timeout 10 mailctl log carl@example.org
complains '20200101T000000Z-2-pipe.journal is not a regular file'
rm "$folder/20200101T000000Z-2-pipe.journal"
chmod g+w "$good"
run 1 mailctl log carl@example.org
says added # by the server
complains 'can be written by others than its owner'
run 78 mailctl undo "$(basename "$good" | cut -d- -f1,2)" --yes
complains 'can be written by others than its owner'
chmod g-w "$good"
if [ "$(id -u)" = 0 ]; then
	chown daemon "$good"
	run 78 mailctl undo "$good" --yes
	complains 'belongs to another user'
	chown root "$good"
fi
chmod 600 "$good"
head -c -60 "$good" >"$folder/20200101T000000Z-3-cut.journal"
run 0 mailctl log carl@example.org --no-server
[ "$(grep -c created <<<"$out")" = 2 ] || fail "what is whole of a journal that was cut off is not told"
says 'no answer'
rm "$folder/20200101T000000Z-3-cut.journal"

# What entries hold does nothing to a terminal, and no line can be forged.
hostile=$(printf 'x\033[2J\nrequest: 9\nresult: done')
printf 'dn: mail=carl@example.org,vd=example.org,o=hosting,dc=example,dc=org\nchangetype: modify\nreplace: cn\ncn:: %s\n-\n' "$(printf %s "$hostile" | base64 -w0)" >"$scratch/hostile.ldif"
run 0 mailctl import "$scratch/hostile.ldif"
mailctl mailbox set carl@example.org --name "$(head -c 100000 /dev/zero | tr '\0' x)" -q 2>/dev/null
run 0 mailctl log carl@example.org
[[ $out != *$'\033'* ]] || fail "an escape sequence reaches the terminal"
sed "s/^subject: .*/subject:: $(printf 'e\033[31mvil\nrequest: 7' | base64)/" "$good" >"$folder/20200101T000000Z-4-hostile.journal"
run 0 mailctl log
[[ $out != *$'\033'* ]] || fail "an escape sequence of a journal reaches the terminal"
rm "$folder/20200101T000000Z-4-hostile.journal"

# Whoever may not read the server's record is told of the journals alone.
run 0 mailctl mailbox password carl@example.org --password-stdin <<<'correct horse battery'
run 0 mailctl log carl@example.org
cat >"$scratch/owner.conf" <<CONF
uri = $socket
base = dc=example,dc=org
bind-dn = mail=carl@example.org,$tree_dn
bind-password-file = $scratch/password
journal-dir = $folder
CONF
chmod 600 "$scratch/owner.conf"
echo 'correct horse battery' >"$scratch/password"
chmod 600 "$scratch/password"
run 0 env -u MAILCTL_SANDBOX MAILCTL_CONFIG="$scratch/owner.conf" "$MAILCTL" log carl@example.org -v
says created
complains 'shows none'
finish
