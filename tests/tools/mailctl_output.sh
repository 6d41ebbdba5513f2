#!/bin/bash
# What the formats look like, and what is in none of them: a password.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org example.net -q
mailctl mailbox add zoë@example.org --no-password -q 2>/dev/null && fail "an address that is not ASCII was taken"
mailctl mailbox add ann@example.org --name "Ann \"The\" O'Neill, Jr." --no-password -q
mailctl mailbox add bob@example.org --name Bob --no-password -q
hostile() { # ADDRESS ATTRIBUTE VALUE: what others can put into the directory
	printf 'dn: mail=%s,vd=%s,o=hosting,dc=example,dc=org\nchangetype: modify\nreplace: %s\n%s:: %s\n-\n' "$1" "${1#*@}" "$2" "$2" "$(printf %s "$3" | base64)" |
		mailctl import - -q
}
hostile bob@example.org cn $'Bob\e[31m'
mailctl mailbox add wide@example.org --name "山田太郎" --no-password -q
mailctl mailbox add eve@example.net --no-password -q

# A table: aligned, with a header, control characters escaped.
run 0 mailctl mailbox list --fields address,name,status
says "ADDRESS           NAME                    STATUS"
says 'bob@example.org   Bob\x1b[31m             active'
says "wide@example.org  山田太郎                active"

# Characters of one, two and no columns stand below each other, and one long value fills no other line with blanks.
while IFS='|' read -r who name; do mailctl mailbox add "$who@wide.example" --name "$name" --no-password -q; done < <(
	mailctl domain add wide.example -q
	printf '%s\n' 'a|Ann' 'b|นิพนธ์' 'c|🚀 Rocket' 'd|मोहन' 'e|한국')
run 0 mailctl mailbox list --domain wide.example --fields name,address
says 'NAME       ADDRESS'
says 'Ann        a@'
says 'นิพนธ์       b@'
says '🚀 Rocket  c@'
says 'मोहन       d@'
says '한국       e@'
mailctl mailbox set a@wide.example --name "$(printf 'x%.0s' {1..5000})" -q
run 0 mailctl mailbox list --domain wide.example --fields name,address
[ "${#out}" -lt 5400 ] || fail "a long name makes a table of ${#out} characters"
says '🚀 Rocket  c@'
mailctl mailbox remove {a..e}@wide.example --now --yes -q 2>/dev/null
mailctl domain remove wide.example --now --yes -q

# JSON, one document; an empty list is one too.
run 0 mailctl mailbox list -o json
parses "$out"
python3 - "$out" <<'CHECK' || fail "JSON is not what mailctl(1) says"
import json, sys
document = json.loads(sys.argv[1])
assert document["version"] == 1 and document["changed"] is False
assert len(document["items"]) == 4
ann = next(i for i in document["items"] if i["address"] == "ann@example.org")
assert ann["name"] == 'Ann "The" O\'Neill, Jr.' and ann["active"] is True and ann["expires"] is None
CHECK
run 0 mailctl mailbox list --disabled -o json
parses "$out"
says '"items":['
run 0 mailctl mailbox list --domain example.net -o jsonl
[ "$(wc -l <<<"$out")" = 1 ] || fail "jsonl: not one line for one mailbox"
parses "$out"

# CSV, names, LDIF.
run 0 mailctl mailbox show ann@example.org --fields address,name -o csv
says 'ann@example.org,"Ann ""The"" O'\''Neill, Jr."'
run 0 mailctl mailbox list --domain example.org -o name
[ "$(sort <<<"$out")" = $'ann@example.org\nbob@example.org\nwide@example.org' ] || fail "-o name: $out"
run 0 mailctl mailbox show ann@example.org -o ldif
says "dn: mail=ann@example.org,vd=example.org,o=hosting,"
[[ $out != *entryUUID* ]] || fail "LDIF holds what no server takes back"

# Flags before and after the verb.
run 0 mailctl -o name mailbox list --domain example.net
says eve@example.net

# What changed is said.
run 0 mailctl mailbox disable eve@example.net -o json
parses "$out"
says '"outcome":"disabled","changed":true}'
says '],"changed":true}'
run 0 mailctl mailbox disable eve@example.net -o json
says '"outcome":"unchanged"'
says '],"changed":false}'
run 1 mailctl mailbox enable eve@example.net nobody@example.net -o json
parses "$out"
says '"outcome":"failed"'
says '"exit_status":67'

# A dry run prints what it would send, and does not do it.
run 0 mailctl mailbox set eve@example.net --quota 1G -n
says "changetype: modify"
says "quota: 1073741824S"
run 2 mailctl mailbox set eve@example.net --quota 1G -n --detailed-exitcode
run 2 mailctl mailbox set eve@example.net --quota 1G -n --detailed-exitcode -o json
parses "$out"
run 0 mailctl quota show eve@example.net --fields quota -o csv
says domain
run 0 mailctl mailbox set eve@example.net --quota domain -n --detailed-exitcode
run 1 mailctl mailbox set eve@example.net nobody@example.net --quota 1G -n --detailed-exitcode
run 64 mailctl mailbox set eve@example.net --quota 1G --detailed-exitcode
complains 'hint: add -n'
run 64 mailctl mailbox list --detailed-exitcode

# What -o name prints is taken by the next command.
run 0 mailctl log -o name
for name in $out; do [[ $name != *[=:]* ]] || fail "$name is neither an address nor a domain"; done
says example.net
run 0 mailctl export --domain example.net --out "$scratch/net.ldif"
# Killed at whatever moment it leaves nothing beside it, and what was there as it was.
mkdir "$scratch/out"
cp "$scratch/net.ldif" "$scratch/out/net.ldif"
start=${EPOCHREALTIME/./}
run 0 mailctl export --out "$scratch/out/all.ldif"
took=$((${EPOCHREALTIME/./} - start))
rm "$scratch/out/all.ldif"
for part in {4..36}; do
	{ timeout -s KILL "$(printf '0.%06d' $((took * part / 40)))" "$MAILCTL" export --out "$scratch/out/net.ldif"; } >/dev/null 2>&1
	# Between two calls of the system a whole one of that name may be left, for the next run to take away.
	[ "$(ls -A "$scratch/out" | grep -vx net.ldif.part)" = net.ldif ] || fail "at $part of 40 parts it leaves $(ls -A "$scratch/out")"
	grep '^dn: ' "$scratch/out/net.ldif" >/dev/null || fail "at $part of 40 parts the file is half"
done
# Over what is there, and over what a run that was killed left while it put a file over another.
: >"$scratch/out/net.ldif.part"
run 0 mailctl export --domain example.net --out "$scratch/out/net.ldif"
[ "$(ls -A "$scratch/out")" = net.ldif ] || fail "beside it there is $(ls -A "$scratch/out")"
cmp "$scratch/net.ldif" "$scratch/out/net.ldif" || fail 'it is another one'
[ "$(stat -c %a "$scratch/out/net.ldif")" = 600 ] || fail 'others may read it'
run 78 mailctl export --out "$scratch/nowhere/net.ldif"
complains 'No such file'
run 0 mailctl import "$scratch/net.ldif" -o name
says eve@example.net
for name in $out; do [[ $name != *=* ]] || fail "$name is neither an address nor a domain"; done
run 0 mailctl mailbox remove eve@example.net --now -n
says "changetype: delete"
run 0 mailctl mailbox show eve@example.net

# Quiet is quiet, and an empty list is no error.
run 0 mailctl mailbox enable eve@example.net -q
silent
run 0 mailctl mailbox set eve@example.net --quota 1G -nq
[ -z "$err" ] || fail "-nq is not as quiet as -n -q"
run 0 mailctl expiry list
silent

# No password, nor its hash, in any output.
printf 'hunter2-hunter2\n' >"$scratch/password"
chmod 600 "$scratch/password"
all=$scratch/all
for arguments in "add new@example.org --password-file $scratch/password -n" "add new@example.org --password-file $scratch/password --debug" \
	"password new@example.org --password-file $scratch/password -v --debug" "password new@example.org --password-file $scratch/password -n -o json" \
	"show new@example.org" "show new@example.org -o json" "show new@example.org -o ldif" "list -o ldif" "list -o csv" "list -o json"; do
	# shellcheck disable=SC2086
	mailctl mailbox $arguments >>"$all" 2>&1 || fail "$arguments"
done
mailctl export >>"$all" 2>&1
grep -qi 'hunter2' "$all" && fail "a password was printed"
grep -qE '\$y\$[^ ",)]|e0NSWVBUf|userPassword:' "$all" && fail "a hash was printed: $(grep -nE '\$y\$[^ ",)]|e0NSWVBUf|userPassword:' "$all" | head -2)"
mailctl export --with-passwords | grep '^userPassword' >/dev/null || fail "--with-passwords exports none"

# Names go from one command into another, also those that look like a comment.
for name in '#desk@example.org' '##@example.org'; do mailctl alias add "$name" --target ann@example.org -q; done
mailctl alias list --filter '(mail=*#*)' -o name >"$scratch/names"
printf '# a comment\n#\n####\n## another\n\t\n' >>"$scratch/names"
run 0 mailctl alias show - -o name <"$scratch/names"
[ "$(sort <<<"$out")" = $'##@example.org\n#desk@example.org' ] || fail "names with # got lost: $out"
run 1 mailctl mailbox show - -o name <<<$'ann@example.org\n#bob@example.org'
complains '#bob@example.org'

# Colours are for terminals that have them, and for people who want them.
on_terminal() { env "${@:2}" python3 - "$1" "$MAILCTL" <<'PTY'
import os, pty, shlex, sys
status = pty.spawn([sys.argv[2], *shlex.split(sys.argv[1])])
sys.exit(os.waitstatus_to_exitcode(status))
PTY
}
coloured() { [[ $out == *$'\e['* ]]; }
run 67 on_terminal "mailbox show nobody@example.org" TERM=xterm
coloured || fail "no colour on a terminal"
run 67 on_terminal "mailbox show nobody@example.org" TERM=xterm NO_COLOR=
coloured || fail "an empty NO_COLOR takes the colours away"
for without in "TERM=dumb" "TERM=" "-u TERM" "TERM=xterm NO_COLOR=1"; do
	# shellcheck disable=SC2086 # words
	run 67 on_terminal "mailbox show nobody@example.org" $without
	coloured && fail "$without: colours"
	says "there is no mailbox nobody@example.org"
done
run 67 on_terminal "mailbox show nobody@example.org --no-color" TERM=xterm
coloured && fail "--no-color: colours"

# A value that makes no sense is seen in the list, counted, and explained.
hostile ann@example.org quota lots
hostile ann@example.org expireDate 20991399000000
run 0 mailctl mailbox list --fields address,quota,expires -o csv
says 'ann@example.org,?,?'
complains '1 entry has values'
run 0 mailctl quota list -o json
complains '1 entry has values'
run 0 mailctl mailbox list -o name
says ann@example.org
[ -z "$err" ] || fail 'of names alone nothing else is read, and nothing said'
run 0 mailctl expiry list --before 2030-01-01 -o name
run 0 mailctl mailbox show ann@example.org --fields problems
says '"lots" is not a quota'
says '"20991399000000" is not a date'

finish
