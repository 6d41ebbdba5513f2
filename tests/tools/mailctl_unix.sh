#!/bin/bash
# Accounts of Unix on mailboxes: numbers that nobody else has or had, whoever gives them at the same time. Run as the tools' identity.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
change() { ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null || fail "cannot change the tree"; }
entry() { ldapsearch -Q -Y EXTERNAL -H "$LDAPURI" -b "$1,$LDAPBASE" -s base -LLL -o ldif-wrap=no "${@:2}" 2>/dev/null; }
of() { entry "mail=$1@example.org,vd=example.org,o=hosting"; }
says_entry() { of "$1" | grep -xF "$2" >/dev/null || fail "$last: the entry of $1 does not say: $2"; }
next() { entry o=hosting vmailNextUidNumber | sed -n 's/^vmailNextUidNumber: //p'; }
number_of() { mailctl unix show "$1@example.org" -o json | sed -n 's/.*"uid_number":\([0-9]*\).*/\1/p'; }
numbers() { mailctl unix list -o jsonl --fields uid_number | grep -o '[0-9]*' | sort -n; }
run 0 mailctl domain add example.org
run 0 mailctl mailbox add bob@example.org ann@example.org eve@example.org old@example.org --no-password
before=$(of bob)

# ---- one account

run 0 mailctl unix list
silent
run 0 mailctl unix add bob@example.org -n
says "uidNumber: 10000"
says "vmailNextUidNumber: 10001"
[ -z "$(next)" ] || fail "a dry run takes a number"
run 0 mailctl unix add bob@example.org -o json
says '"outcome":"created","changed":true'
says '"uid_number":10000,"gid_number":100,"unix_home":"/home/example.org/bob","unix_shell":"/usr/sbin/nologin"'
for line in 'objectClass: posixAccount' 'uid: bob.example.org' 'uidNumber: 10000' 'gidNumber: 100' 'homeDirectory: /home/example.org/bob' 'loginShell: /usr/sbin/nologin'; do
	says_entry bob "$line"
done
[ "$(next)" = 10001 ] || fail "the next number is $(next)"
run 73 mailctl unix add bob@example.org
complains "bob@example.org has an account of Unix already"
run 1 mailctl unix add ann@example.org ANN@example.org -n
complains "ann@example.org is named twice, and made once"
run 0 mailctl unix add ann@example.org --shell /bin/bash --home /srv/ann --gecos 'Ann, Room 3' --gid-number 200
run 0 mailctl unix list -o csv
says 'address,login,uid_number,gid_number,unix_home,unix_shell,gecos,status'
says 'ann@example.org,ann.example.org,10001,200,/srv/ann,/bin/bash,"Ann, Room 3",active'
run 0 mailctl unix show eve@example.org -o json --fields address,uid_number,unix_home
says '"uid_number":null,"unix_home":null'
run 0 mailctl mailbox show bob@example.org -o json --fields uid_number,gid_number,unix_home,unix_shell,gecos
says '"uid_number":10000,"gid_number":100,"unix_home":"/home/example.org/bob","unix_shell":"/usr/sbin/nologin","gecos":null'
run 67 mailctl unix add nobody@example.org
run 65 mailctl mailbox set bob@example.org --set uidNumber=0
complains "none of the other attributes"

# ---- what it may be

run 0 mailctl unix set bob@example.org --shell /bin/sh --gecos Bob
says "/bin/sh"
says_entry bob 'gecos: Bob'
run 0 mailctl unix set bob@example.org --gecos ''
of bob | grep gecos && fail "$last: gecos stays"
run 0 mailctl unix set bob@example.org --shell /bin/sh
says unchanged
kept=$(of bob)
for flags in "--home home/bob" "--home /home/../etc" "--home /home/.." "--home /a:b" "--shell sh" "--gecos a:b" "--gecos Müller" "--uid-number 0" "--uid-number -5" \
	"--uid-number 65534" "--uid-number x" "--uid-number 4294967296" "--gid-number 0" "--gid-number 65535"; do
	# shellcheck disable=SC2086 # words
	run 65 mailctl unix set bob@example.org $flags
done
run 65 mailctl unix set bob@example.org --gecos $'a\nb'
run 69 mailctl unix set bob@example.org --uid-number 9999
complains "those go from 10000 to 59999"
run 69 mailctl unix set bob@example.org --uid-number 60000
run 69 mailctl unix add eve@example.org --uid-number 999
run 73 mailctl unix set bob@example.org --uid-number 10001
complains "ann@example.org has it"
run 64 mailctl unix set bob@example.org
run 64 mailctl unix add eve@example.org old@example.org --uid-number 20000
run 67 mailctl unix set eve@example.org --shell /bin/sh
complains "eve@example.org has no account of Unix"
[ "$kept" = "$(of bob)" ] || fail "a refused change left something"
[ "$(next)" = 10002 ] || fail "a refused change took a number"
MAILCTL_UNIX_UID_RANGE=500-999 run 0 mailctl unix set bob@example.org --uid-number 999
run 0 mailctl unix set bob@example.org --uid-number 10000
complains "the number 10000 of bob@example.org was given before"
for bad in 0-100 100-50 10000 a-b 65534-65535; do MAILCTL_UNIX_UID_RANGE=$bad run 78 mailctl unix list; done
MAILCTL_UNIX_GID=0 run 78 mailctl unix list
MAILCTL_UNIX_HOME=home/{user} run 78 mailctl unix list
MAILCTL_UNIX_HOME=/home/{name} run 78 mailctl unix list
MAILCTL_UNIX_SHELL=sh run 78 mailctl unix list

# A login that nslcd takes for no name.
run 0 mailctl mailbox add "o'hara@example.org" --no-password
run 65 mailctl unix add "o'hara@example.org"
complains "nslcd takes \"o'hara.example.org\" for no name of a user"

# ---- away, and back

run 64 mailctl unix remove bob@example.org </dev/null
run 0 mailctl unix remove bob@example.org --yes
plain() { grep -vi '^\(lastChange\|entryCSN\):' <<<"$1"; }
[ "$(plain "$before")" = "$(plain "$(of bob)")" ] || fail "$last: something stays: $(diff <(plain "$before") <(plain "$(of bob)"))"
removal=$(latest)
run 0 mailctl unix remove bob@example.org --yes
says unchanged
run 0 mailctl undo "$removal" --yes
[ "$(number_of bob)" = 10000 ] || fail "$last: the number is $(number_of bob)"
run 0 mailctl unix add eve@example.org
[ "$(number_of eve)" = 10002 ] || fail "$last: the number is $(number_of eve)"
run 0 mailctl undo "$(latest)" --yes
[ "$(next)" = 10003 ] || fail "an undo gives the number back: $(next)"
run 0 mailctl unix add eve@example.org
[ "$(number_of eve)" = 10003 ] || fail "a number is given twice: $(number_of eve)"
run 0 mailctl mailbox remove eve@example.org --now --yes
run 0 mailctl mailbox add eve@example.org --no-password
run 0 mailctl unix add eve@example.org
[ "$(number_of eve)" = 10004 ] || fail "the number of who is gone is given again: $(number_of eve)"
run 0 mailctl mailbox rename eve@example.org eva@example.org
[ "$(number_of eva)" = 10004 ] || fail "$last: the number is $(number_of eva)"
run 0 mailctl export
says 'uidNumber: 10004'
run 0 mailctl log eva@example.org
says created
run 0 mailctl log
[[ $out != *vmailNextUidNumber* ]] || fail "$last: the bookkeeping is told as somebody's change"
record=$(ldapsearch -Q -Y EXTERNAL -H "$LDAPURI" -LLL -b cn=accesslog "(&(objectClass=auditModify)(reqDN=o=hosting,$LDAPBASE))" reqStart | sed -n 's/^reqStart: //p' | tail -1)
run 65 mailctl undo "$record" --yes
complains 'that set numbers or places aside, which is never taken back'

# ---- numbers that are there already

# Others write over LDAP: what they gave is not given again.
printf '%s\n' "dn: mail=old@example.org,vd=example.org,o=hosting,$LDAPBASE" 'changetype: modify' 'add: objectClass' 'objectClass: posixAccount' '-' \
	'add: uidNumber' 'uidNumber: 10005' '-' 'add: gidNumber' 'gidNumber: 100' '-' 'add: homeDirectory' 'homeDirectory: /home/old' | change
run 0 mailctl mailbox add n1@example.org n2@example.org n3@example.org n4@example.org --no-password
run 0 mailctl unix add n1@example.org
[ "$(number_of n1)" = 10006 ] || fail "$last: the number is $(number_of n1)"
# A number of one's own moves the next one behind it.
run 0 mailctl unix add n2@example.org --uid-number 10100
complains "93 numbers before 10100 are passed over: no account gets one of them by itself any more"
run 0 mailctl unix remove n2@example.org --yes
run 0 mailctl unix add n3@example.org
[ "$(number_of n3)" = 10101 ] || fail "$last: the number is $(number_of n3)"
# Most of what is left goes by a word from a person alone.
given=$(next)
for number in 35102 59999; do
	run 64 mailctl unix set n3@example.org --uid-number $number --no-input
	complains "give n3@example.org a number by which $((number - given)) others are given up, and $((59999 - number)) are left?"
	run 64 mailctl unix add n4@example.org --uid-number $number </dev/null
done
[ "$(next)" = "$given" ] || fail "a question takes a number"
run 0 mailctl unix set n3@example.org --uid-number 35050 -n
[[ $err != *"given up"* ]] || fail "$last: asks for less than the most"
MAILCTL_UNIX_UID_RANGE=$given-$((given + 1)) run 0 mailctl unix set n3@example.org --uid-number $((given + 1)) -n
run 0 mailctl unix set n3@example.org --uid-number 59999 --yes -n
# Where nothing says which is the next, it is above all that are there.
printf '%s\n' "dn: o=hosting,$LDAPBASE" 'changetype: modify' 'delete: vmailNextUidNumber' '-' 'delete: objectClass' 'objectClass: vmailNumbers' | change
MAILCTL_UNIX_GID=same run 0 mailctl unix add n4@example.org
[ "$(number_of n4)" = 10102 ] || fail "$last: the number is $(number_of n4)"
says_entry n4 'gidNumber: 10102'
run 0 mailctl unix remove n1@example.org n2@example.org n3@example.org n4@example.org --yes
MAILCTL_UNIX_UID_RANGE=10102-10104 run 1 mailctl unix add n1@example.org n2@example.org n3@example.org
complains "no number for a Unix account is left: the last of those from 10102 to 10104 was given, and none before it is given by itself any more"
MAILCTL_UNIX_UID_RANGE=10102-10104 run 69 mailctl unix add n3@example.org

# ---- two at once

for who in a b; do printf "$who%d@example.org\n" {1..50} >"$scratch/$who"; done
cat "$scratch/a" "$scratch/b" | mailctl mailbox add - --no-password -q || fail "cannot make the mailboxes"
run 69 mailctl unix add - <"$scratch/a"
complains "one run may change"
there=$(numbers | wc -l) start=${EPOCHREALTIME/./}
mailctl unix add - --max-changes none -q <"$scratch/a" >/dev/null 2>"$scratch/a.err" & first=$!
mailctl unix add - --max-changes none -q <"$scratch/b" >/dev/null 2>"$scratch/b.err"
second=$? took=$((${EPOCHREALTIME/./} - start))
wait $first || fail "the first of two at once: $(cat "$scratch/a.err")"
[ $second = 0 ] || fail "the second of two at once: $(cat "$scratch/b.err")"
[ "$(numbers | wc -l)" = $((there + 100)) ] || fail "of 100 accounts, $(($(numbers | wc -l) - there)) were made"
[ -z "$(numbers | uniq -d)" ] || fail "two have the number $(numbers | uniq -d | xargs)"

# One by one, too, and each waits for its turn.
mailctl unix remove - --max-changes none --yes -q <"$scratch/a" >/dev/null || fail "cannot take them away"
alone() { while read -r one; do "$MAILCTL" unix add "$one" -q >/dev/null || echo "$one"; done <"$1"; }
mailctl unix remove - --max-changes none --yes -q <"$scratch/b" >/dev/null || fail "cannot take them away"
alone <(head -12 "$scratch/a") >"$scratch/a.failed" 2>&1 & first=$!
alone <(head -12 "$scratch/b") >"$scratch/b.failed" 2>&1
wait $first
[ ! -s "$scratch/a.failed" ] && [ ! -s "$scratch/b.failed" ] || fail "one by one: $(cat "$scratch"/?.failed)"
[ -z "$(numbers | uniq -d)" ] || fail "two have the number $(numbers | uniq -d | xargs)"

# ---- cut, and given again

mailctl unix remove - --max-changes none --yes -q < <(head -12 "$scratch/a" && head -12 "$scratch/b") >/dev/null || fail "cannot take them away"
given=$(next) there=$(numbers | wc -l)
for part in 3 4 5 6 7 8; do
	{ timeout -s KILL "$(printf '0.%06d' $((took * part / 10)))" "$MAILCTL" unix add - --max-changes none -q <"$scratch/a"; } >/dev/null 2>&1
	[ -z "$(numbers | uniq -d)" ] || fail "killed, two have the number $(numbers | uniq -d | xargs)"
done
mailctl unix add - --max-changes none -q <"$scratch/a" >/dev/null 2>&1
[ "$(numbers | wc -l)" = $((there + 50)) ] || fail "given again after it was killed, $(($(numbers | wc -l) - there)) of 50 are there"
[ -z "$(numbers | uniq -d)" ] || fail "two have the number $(numbers | uniq -d | xargs)"
while read -r one; do [ "$(number_of "${one%@*}")" -ge "$given" ] || fail "$one has a number that was given before"; done < <(head -5 "$scratch/a")


# Of two in one file who want one number, the second is told who the first is: also one who got it by itself.
next=$(next)
printf 'address,uid_number\ntwo1@example.org,%s\ntwo2@example.org,%s\n' "$((next + 5))" "$((next + 5))" >"$scratch/twice.csv"
run 73 mailctl import "$scratch/twice.csv"
complains "twice.csv:3: the number $((next + 5)) is taken: two1@example.org has it"
printf 'address,uid_number,gid_number\ntwo1@example.org,,100\ntwo2@example.org,%s,\n' "$next" >"$scratch/twice.csv"
run 73 mailctl import "$scratch/twice.csv"
complains "twice.csv:3: the number $next is taken: two1@example.org has it"
finish
