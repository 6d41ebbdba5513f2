#!/bin/bash
# Each noun and verb has an example in its help, before its flags, and each example there and in the pages of the manual is a command line that makes sense.
here=$(cd "${BASH_SOURCE%/*}" && pwd)
. "$here/mailctl_sandbox.bash"
: "${BUILD_DIR:?where the pages of the manual are}"
start_sandbox
"$MAILCTL" domain add example.org example.net -q
"$MAILCTL" mailbox add bob@example.org ann@example.org --no-password --expires 2098-12-31 -q
"$MAILCTL" alias add info@example.org --target bob@example.org -q

# What the examples read, in a place of their own; nothing is changed.
mkdir -p "$scratch/place" "$scratch/.config/fish/completions" && cd "$scratch/place" || exit 1
echo bob@example.org >addresses
echo 'I am away.' >away.txt
echo 'Dear {name}, {password}' >letter.txt
"$MAILCTL" export --out old.ldif -q
"$MAILCTL" export -o yaml --out example.org.yaml -q
printf 'address,name,Cognome\nnew@example.org,New,Person\n' >people.csv
printf 'given_name,surname\nNew,Person\n' >students.csv
"$SOURCE_DIR/tests/support/activity_log.py" >mail.log.1 2>/dev/null || :
touch mail.log.1 mail.log
"$MAILCTL" activity scan mail.log.1 -q
for host in 2 3; do "$MAILCTL" activity export >mail$host.jsonl; done
mailctl() { "$MAILCTL" --no-input --yes -n "$@"; }

makes_sense() { # WHERE LINE
	local status=0
	out=$(eval "${2//\/var\/log\/mail.log/mail.log}" 2>"$scratch/stderr" </dev/null) || status=$?
	err=$(<"$scratch/stderr")
	case $status in
	0 | 2 | 66 | 67 | 69 | 73 | 78) ;; # what it names may not be there
	64) [[ $2 = *' -W '* && $err = *'-W asks for a password, and --no-input'* ]] || fail "$1: $2: status 64" ;; # a person has to be there
	*) fail "$1: $2: status $status" ;;
	esac
}
whole_lines() { sed -e ':a' -e '/ \\$/{N;s/ \\\n */ /;ta' -e '}'; }

"$MAILCTL" help | awk -f "$here/../support/commands.awk" >"$scratch/commands"
{ cat "$scratch/commands"; cut -d' ' -f1 "$scratch/commands" | uniq; } | sort -u >"$scratch/all"
[ "$(wc -l <"$scratch/all")" -ge 100 ] || fail "only $(wc -l <"$scratch/all") nouns and verbs"
while read -r command; do
	# shellcheck disable=SC2086 # words
	"$MAILCTL" $command --help >"$scratch/help"
	sed -n '/^Examples\?:/,/^$/p' "$scratch/help" | whole_lines | sed -n 's/^  //p' >"$scratch/lines"
	[ -s "$scratch/lines" ] || fail "mailctl $command --help has no example"
	[ "$(grep -nm1 '^Examples\?:' "$scratch/help" | cut -d: -f1)" -lt "$(grep -nE -m1 '^(Flags|Arguments|Verbs|Flags of all commands.*):' "$scratch/help" | cut -d: -f1)" ] ||
		fail "mailctl $command --help has its examples after its flags"
	grep -q "mailctl $command" "$scratch/lines" || fail "the example of mailctl $command is of something else"
	while read -r line <&3; do makes_sense "mailctl $command --help" "$line"; done 3<"$scratch/lines"
done <"$scratch/all"

count=0
for page in "$BUILD_DIR"/man/*.1; do
	sed -n '/^\.Bd -literal/,/^\.Ed/{s/\\e/\\/g;s/^\$ //p}' "$page" >"$scratch/lines"
	while read -r line <&3; do
		count=$((count + 1))
		makes_sense "${page##*/}" "$line"
	done 3<"$scratch/lines"
done
[ $count -ge 150 ] || fail "only $count examples in the manual"

# Whether it can be otherwise.
failures_before=$failures
makes_sense 'no page' 'mailctl mailbox add --nosuch' 2>/dev/null
[ "$failures" -gt "$failures_before" ] || { echo 'a command line that makes no sense passes' >&2; exit 1; }
failures=$failures_before
finish
