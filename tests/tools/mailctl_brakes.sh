#!/bin/bash
# Every verb that changes something has the same brakes, wherever the names came from, and everything is in a journal.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
tree() { ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$socket" -b o=hosting,dc=example,dc=org '*' entryCSN; }

# What is made is not capped.
for i in {1..11}; do echo "d$i.example.org"; done >"$scratch/domains"
run 0 mailctl domain add - <"$scratch/domains"
complains '11 domains: 11 created'
mailctl domain add example.org -q
for i in {1..11}; do echo "user$i@example.org"; done >"$scratch/mailboxes"
run 0 mailctl mailbox add - --no-password <"$scratch/mailboxes"
complains '11 mailboxes: 11 created'
for i in {1..11}; do
	echo "list$i@example.org"
	mailctl alias add "list$i@example.org" --target user1@example.org -q
done >"$scratch/aliases"
echo 'I am away.' >"$scratch/away"

# braked NAMES FILTER SUMMARY NOUN VERB FLAG...: eleven are refused, and done when they are meant.
braked() {
	local names=$1 filter=$2 summary=$3 before count
	shift 3
	before=$(tree) count=$(journals)
	refused() {
		complains 'that would change 11 entries, and one run may change 10: nothing was changed'
		complains '--max-changes 11'
		silent
		[ "$(tree)" = "$before" ] || fail "$last: something was changed"
		[ "$(journals)" = "$count" ] || fail "$last: a journal of nothing"
	}
	run 69 mailctl "$@" - --yes <"$names"
	refused
	# shellcheck disable=SC2046 # one word each
	run 69 mailctl "$@" $(cat "$names") --yes
	refused
	run 69 mailctl "$@" --filter "$filter" --yes
	refused
	run 69 mailctl "$@" --filter "$filter" --yes --max-changes 10
	refused
	run 0 mailctl "$@" - --dry-run <"$names"
	complains "without --dry-run it is refused"
	run 65 mailctl "$@" - --max-changes few --yes <"$names"
	run 0 mailctl "$@" - --max-changes 11 --yes <"$names"
	complains "$summary"
	[ "$(journals)" = $((count + 1)) ] || fail "$last: no journal"
	[ "$(grep -c '^result: done' "$(latest_file)")" -ge 11 ] || fail "$last: not all are in the journal"
	[ "$(stat -c %a "$(latest_file)")" = 600 ] || fail "$last: the journal is open to others"
}
mailbox() { braked "$scratch/mailboxes" '(mail=user*)' "11 mailboxes: 11 $1" "${@:2}"; }
alias_() { braked "$scratch/aliases" '(mail=list*)' "11 aliases: 11 $1" "${@:2}"; }
domain() { braked "$scratch/domains" '(vd=d*)' "11 domains: 11 $1" "${@:2}"; }

mailbox changed mailbox set --name Bob
mailbox changed quota set --quota 1G
mailbox changed forward set --target bob@example.net
mailbox cleared forward clear
mailbox changed vacation set --message-file "$scratch/away"
mailbox cleared vacation clear
mailbox changed expiry set --expires 2040-12-31
mailbox cleared expiry clear
mailbox disabled mailbox disable
mailbox enabled mailbox enable
mailbox 'password set' mailbox password --generate-password
mailbox removed mailbox remove
braked "$scratch/mailboxes" '(&(mail=user*)(delete=TRUE))' '11 mailboxes: 11 restored' mailbox restore
alias_ changed alias set --description Text
alias_ disabled alias disable
alias_ enabled alias enable
alias_ removed alias remove
domain changed domain set --description Text

# Without --yes and without a person: what takes away or replaces passwords is refused, the rest is done within the cap.
head -3 "$scratch/mailboxes" >"$scratch/three"
for verb in 'remove' 'remove --now' 'password --generate-password'; do
	count=$(journals)
	# shellcheck disable=SC2086 # a verb and its flag
	run 64 mailctl mailbox $verb - --no-input <"$scratch/three"
	complains 'give --yes'
	[ "$(journals)" = "$count" ] || fail "$last: a journal of nothing"
done
run 64 mailctl domain disable d1.example.org --no-input </dev/null
run 0 mailctl mailbox disable - --no-input <"$scratch/three"
complains '3 mailboxes: 3 disabled'
mailctl mailbox list --disabled -o name >"$scratch/names"
run 0 mailctl mailbox enable - <"$scratch/names"

# A person is asked before more than one changes.
on_a_terminal() { # ANSWER COMMAND...: what is shown, in $out; what $meanwhile says is done before the answer
	out=$(python3 - "$@" <<'PY'
import os, pty, select, sys
answer, command = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0: os.execvp(command[0], command)
shown, told = b"", False
while True:
    try: block = os.read(fd, 4096)
    except OSError: break
    if not block: break
    shown += block
    if not told and b"[y/" in shown.lower():
        os.system(os.environ.get("meanwhile", ":"))
        os.write(fd, answer.encode() + b"\n")
        told = True
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(shown.decode(errors="replace"))
print("asked" if told else "not asked", "status", status)
PY
	) err='' last="on a terminal: $*"
}
for change in 'mailbox set --name X' 'quota set --quota 2G' 'mailbox disable' 'expiry set --expires 2039-12-31' 'mailbox password --generate-password'; do
	count=$(journals)
	# shellcheck disable=SC2086 # words
	on_a_terminal n "$MAILCTL" $change user1@example.org user2@example.org
	says '2 mailboxes?'
	says ' status 1'
	[ "$(journals)" = "$count" ] || fail "$last: changed after a no"
	# shellcheck disable=SC2086 # words
	on_a_terminal y "$MAILCTL" $change user1@example.org user2@example.org
	says 'asked status 0'
done
on_a_terminal n "$MAILCTL" mailbox set --name Y user1@example.org
says 'not asked status 0'
on_a_terminal n "$MAILCTL" mailbox remove user1@example.org
says 'status 1'

# What others add while a person thinks is renamed with the rest, and what leads there follows.
export meanwhile='"$MAILCTL" -q alias add late@thought.example --target user2@example.org && "$MAILCTL" -q alias add zz@example.org --target late@thought.example'
run 0 mailctl domain add thought.example
on_a_terminal y "$MAILCTL" domain rename thought.example done.example
unset meanwhile
says 'late@thought.example has come meanwhile, and is renamed as well'
says 'asked status 0'
run 0 mailctl alias show zz@example.org
says late@done.example
run 0 mailctl alias show late@done.example
export meanwhile='"$MAILCTL" -q alias add later@done.example --target user2@example.org'
on_a_terminal y "$MAILCTL" domain rename done.example last.example -o ldif
unset meanwhile
says 'asked status 0'
[ "$(grep -c '^newrdn: mail=later@last.example' <<<"$out")" = 1 ] || fail "LDIF does not show what has come meanwhile: $out"

run 0 mailctl mailbox rename user1@example.org first@example.org
id=$(latest)
on_a_terminal n "$MAILCTL" undo "$id"
says 'undo 2 changes?'
says 'status 1'
run 64 mailctl undo "$id" --no-input
run 0 mailctl undo "$id" --yes
complains '2 changes: 2 undone'

# One change, too, is in a journal; nothing is changed where none can be kept.
single() {
	local count
	count=$(journals)
	run 0 mailctl "$@"
	[ "$(journals)" = $((count + 1)) ] || fail "$last: no journal"
	! grep -qi 'correct horse' "$(latest_file)" || fail "$last: a password is in the journal"
}
printf 'correct horse battery\n' >"$scratch/password"
chmod 600 "$scratch/password"
single mailbox add one@example.org --password-file "$scratch/password"
single mailbox set one@example.org --name One
single mailbox password one@example.org --password-file "$scratch/password"
single mailbox password one@example.org --server-side --password-file "$scratch/password"
run 0 mailctl log one@example.org --no-server
says 'password set by the server'
run 0 mailctl undo "$(latest)" --yes
run 0 mailctl mailbox password one@example.org --verify --password-file "$scratch/password"
single mailbox rename one@example.org other@example.org
single mailbox remove other@example.org --yes
single mailbox restore other@example.org
single mailbox remove other@example.org --now --yes
single alias add other@example.org --target user1@example.org
[ "$(stat -c %a "$folder")" = 700 ] || fail "the folder of the journals is open to others"

echo none >"$scratch/file"
before=$(tree)
for change in 'mailbox set user1@example.org --name Z' 'mailbox add new@example.org --no-password' 'domain remove d2.example.org --now --yes' \
	"mailbox password user1@example.org --server-side --password-file $scratch/password"; do
	# shellcheck disable=SC2086 # words
	run 78 env MAILCTL_JOURNAL_DIR="$scratch/file/journal" "$MAILCTL" $change
	complains 'journal-dir'
done
[ "$(tree)" = "$before" ] || fail "changed without a journal"

# Old ones go, by age and by size; former-folders stays.
[ -s "$folder/former-folders" ] || fail "no former-folders"
touch -d '2020-01-01' "$folder"/*.journal
run 0 env MAILCTL_JOURNAL_DAYS=30 "$MAILCTL" mailbox set user1@example.org --name New
[ "$(journals)" = 1 ] || fail "old journals stay"
for i in {1..5}; do mailctl mailbox set user1@example.org --name "New $i" -q; done
run 0 env MAILCTL_JOURNAL_SIZE=3K "$MAILCTL" mailbox set user1@example.org --name Newest
[ "$(journals)" -lt 6 ] || fail "journals are more than they may be"
[ -s "$folder/former-folders" ] || fail "former-folders went"

# Eight at once, and three places: three are made, whoever comes first, and nothing stays set aside.
run 0 mailctl domain add crowd.example --max-mailboxes 3
for i in 1 2 3 4 5 6 7 8; do mailctl mailbox add "user$i@crowd.example" --no-password -q 2>"$scratch/crowd-$i" & done
wait
[ "$(mailctl mailbox list --domain crowd.example -o name | wc -l)" = 3 ] || fail 'eight at once did not fill three places'
[ "$(cat "$scratch"/crowd-* | grep -c 'is full')" = 5 ] || fail 'five were not told why'
run 0 mailctl domain show crowd.example -o ldif
[[ $out != *vmailReservation* ]] || fail 'places stay set aside'

# Full by what others have set aside, which may be free again.
run 0 mailctl domain set crowd.example --max-mailboxes 4
ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null <<LDIF || fail 'no reservation'
dn: vd=crowd.example,o=hosting,dc=example,dc=org
changetype: modify
add: objectClass
objectClass: vmailBookkeeping
-
add: vmailReservation
vmailReservation: $(date -u +%Y%m%d%H%M%S) others 1 0 0
LDIF
run 69 mailctl mailbox add user9@crowd.example --no-password --timeout 1
complains 'places in it are set aside for others'
run 0 mailctl domain set crowd.example --max-mailboxes 3
run 69 mailctl mailbox add user9@crowd.example --no-password --timeout 1
[[ $err != *'set aside'* ]] || fail "full without them, and they are told of: $err"

# ---- a mailbox in the middle of a rename: it is not renamed on by its new name, and what sends to the old one goes or is told with it
half_renamed() { # OLD NEW
	printf 'dn: mail=%s@half.example,vd=half.example,o=hosting,dc=example,dc=org\nchangetype: modrdn\nnewrdn: mail=%s@half.example\ndeleteoldrdn: 0\n' "$@" |
		ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null || fail "cannot rename $1"
}
run 0 mailctl domain add half.example
run 0 mailctl mailbox add eva@half.example old@half.example --no-password
run 0 mailctl alias add to-eva@half.example --target eva@half.example
run 0 mailctl alias add to-old@half.example --target old@half.example
half_renamed eva eve
run 75 mailctl mailbox rename eve@half.example ines@half.example
complains 'eva@half.example is being renamed to eve@half.example'
run 0 mailctl mailbox rename eva@half.example eve@half.example
run 0 mailctl alias show to-eva@half.example
says eve@half.example
half_renamed old new
run 0 mailctl mailbox remove new@half.example --now --references --yes
run 67 mailctl alias show to-old@half.example

# ---- a folder that is left is remembered before it is, and nobody gets it unasked
path_of() { mailctl mailbox show "$1" --fields path -o csv | tail -1; }
run 0 mailctl mailbox add mover@half.example gone@half.example --no-password
run 0 mailctl mailbox set mover@half.example --path half.example/moved/ --yes
run 0 mailctl mailbox rename mover@half.example moved@half.example
run 0 mailctl mailbox add mover@half.example --no-password
[ "$(path_of mover@half.example)" != half.example/mover/ ] || fail 'the folder that somebody had left is given away'
mv "$folder/former-folders" "$scratch/former"
mkdir "$folder/former-folders"
run 75 mailctl mailbox remove gone@half.example --now --yes
complains 'former-folders'
rmdir "$folder/former-folders"
mv "$scratch/former" "$folder/former-folders"
run 0 mailctl mailbox show gone@half.example
run 0 mailctl mailbox remove gone@half.example --now --yes
run 0 mailctl mailbox add gone@half.example --no-password
[ "$(path_of gone@half.example)" != half.example/gone/ ] || fail 'the folder of who was there is given away'

# ---- a change record gives nobody the folder of another
run 0 mailctl domain add one.example two.example
run 0 mailctl mailbox add ann@one.example tom@two.example --no-password
folder() { printf 'dn: mail=tom@two.example,vd=two.example,o=hosting,dc=example,dc=org\nchangetype: modify\nreplace: mailbox\nmailbox: %s\n-\n' "$1" >"$scratch/folder.ldif"; }
folder one.example/ann/
run 73 mailctl import "$scratch/folder.ldif"
complains 'its folder would be that of ann@one.example'
folder one.example/ann/cur/
run 73 mailctl import "$scratch/folder.ldif"
folder two.example/other/
run 0 mailctl import "$scratch/folder.ldif"

# ---- LDIF that removes asks, like any verb that does, and is under the cap
run 0 mailctl domain add gone.example
for i in {1..12}; do echo "g$i@gone.example"; done | mailctl mailbox add - --no-password -q
removal() { printf 'dn: mail=g%s@gone.example,vd=gone.example,o=hosting,dc=example,dc=org\nchangetype: delete\n\n' "$@"; }
removal 1 2 >"$scratch/two.ldif"
for how in '' --no-input; do
	# shellcheck disable=SC2086 # a flag or none
	run 64 mailctl import "$scratch/two.ldif" $how </dev/null
	complains 'this wants a word from a person, and there is nobody to ask: remove 2 entries for good?'
done
run 0 mailctl mailbox show g1@gone.example g2@gone.example
run 0 mailctl import "$scratch/two.ldif" --dry-run
run 0 mailctl import "$scratch/two.ldif" --yes
run 67 mailctl mailbox show g1@gone.example
run 0 mailctl import "$scratch/two.ldif" </dev/null # nothing is left to be asked about
for i in {13..15}; do echo "g$i@gone.example"; done | mailctl mailbox add - --no-password -q
removal {3..15} >"$scratch/many.ldif"
run 69 mailctl import "$scratch/many.ldif" --yes
complains 'that would change 13 entries, and one run may change 10'
run 0 mailctl mailbox show g3@gone.example
run 0 mailctl import "$scratch/many.ldif" --yes --max-changes 13
run 67 mailctl mailbox show g15@gone.example

finish
