#!/bin/bash
# Whoever does not know a command is told what there is, and what was meant.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"

fits() { # TEXT COLUMNS
	[ "$(wc -L <<<"$1")" -le "$2" ] || fail "$last: wider than $2 columns: $(awk -v n="$2" 'length > n' <<<"$1" | head -n 2)"
}

# Without a word: an overview, on one screen.
run 64 mailctl
overview=$err
silent
fits "$overview" 80
[ "$(wc -l <<<"$overview")" -le 23 ] || fail "the overview is longer than a screen"
[ "$(grep -c '^  mailctl ' <<<"$overview")" = 2 ] || fail "there are not two examples"
run 0 mailctl help
[ "$out" = "$overview" ] || fail "help says something else than no word at all"

# All that it names has its help, which fits a terminal and names the flags that all commands take.
mapfile -t commands < <(awk -f "${BASH_SOURCE%/*}/../support/commands.awk" <<<"$overview")
[ "${#commands[@]}" -ge 48 ] || fail "only ${#commands[@]} commands"
common=$(mailctl --help | awk '/^Server:/, /^Examples/' | grep -oE '^  (-[a-zA-Z]|--[a-z-]+)(,--[a-z-]+)?' | tr -d ' ')
[ "$(wc -l <<<"$common")" -ge 20 ] || fail "only these flags: $common"
for command in "" "${commands[@]}"; do
	# shellcheck disable=SC2086 # words
	run 0 mailctl $command --help
	help=$out
	fits "$help" 80
	[[ $help == "Usage: mailctl $command"* ]] || fail "$last: no usage"
	[ -z "$err" ] || fail "$last: standard error says something"
	for flag in $common; do [[ " $help " =~ [[:space:]]"$flag"[[:space:]] ]] || fail "$last: does not name $flag"; done
	[[ $help == *Example* ]] || fail "$last: no example"
	[ -n "$command" ] || continue
	# shellcheck disable=SC2086
	run 0 mailctl help $command
	[ "$out" = "$help" ] || fail "$last: not what --help says"
	# shellcheck disable=SC2086
	run 0 mailctl ${command% *} help ${command#* }
done
for program in "$EXPIRE" "$NIS2LDIF" "$MBOX2MAILDIR"; do
	run 0 "$program" --help
	fits "$out" 80
	# Examples come before all flags, are of this program, and have no flag that it has not.
	[ "$(grep -m1 ':$' <<<"$out")" = Examples: ] || fail "$last: examples are not what comes first"
	examples=$(awk '/^Examples:$/ { on = 1; next } /^$/ { on = 0 } on' <<<"$out")
	[ "$(grep -c "^  ${program##*/} " <<<"$examples")" -ge 2 ] || fail "$last: hardly an example"
	for flag in $(grep -oE '(^| )--?[a-z-]+' <<<"$examples"); do
		[[ ${out//"$examples"/} =~ [[:space:],]"$flag"[[:space:],] ]] || fail "$last: an example has $flag, which is no flag of it"
	done
done

# As wide as the terminal, but no wider than a person reads.
on_terminal() { # COLUMNS COMMAND...
	python3 - "$@" <<'PTY' | tr -d '\r'
import fcntl, os, pty, struct, subprocess, sys, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
child = subprocess.Popen(sys.argv[2:], stdout=slave)
os.close(slave)
try:
    while block := os.read(master, 4096): os.write(1, block)
except OSError: pass
sys.exit(child.wait())
PTY
}
run 0 on_terminal 50 "$MAILCTL" mailbox set --help
fits "$out" 50
narrow=$(wc -l <<<"$out")
run 0 on_terminal 300 "$MAILCTL" mailbox set --help
fits "$out" 120
[ "$(wc -l <<<"$out")" -lt "$narrow" ] || fail "a wide terminal is not used"

# What others call it, the words in another order, and slips of the finger lead to the command that is meant.
while IFS='|' read -r words meant; do
	# shellcheck disable=SC2086 # words
	run 64 mailctl $words
	complains "hint: did you mean \"$meant\"?"
	[[ $err == *'has no command "'* ]] || fail "$words: what is wrong with it?"
done <<'TABLE'
list mailbox|mailctl mailbox list
list mailboxes --domain example.org|mailctl mailbox list
add domain example.org|mailctl domain add
delete alias info@example.org|mailctl alias remove
mailboxes list|mailctl mailbox list
mailbox delete bob@example.org|mailctl mailbox remove
mailbox create bob@example.org|mailctl mailbox add
mailbox passwd bob@example.org|mailctl mailbox password
mailbox find bob|mailctl mailbox list
mailbox lst|mailctl mailbox list
mailbox disabel bob@example.org|mailctl mailbox disable
mailbox MODIFY bob@example.org|mailctl mailbox set
forward delete bob@example.org|mailctl forward clear
forward add bob@example.org|mailctl forward set
quota get bob@example.org|mailctl quota show
user add bob@example.org|mailctl mailbox add
aliases|mailctl alias
passwd bob@example.org|mailctl mailbox password
search bob|mailctl find
route bob@example.org|mailctl trace
delete bob@example.org|mailctl mailbox remove
history|mailctl log
hlep|mailctl help
--no-input mailbox rmove|mailctl mailbox remove
help mailbox lst|mailctl mailbox list
help delete|mailctl mailbox remove
TABLE
run 64 mailctl xyzzy
complains 'hint: mailctl --help'
run 64 mailctl mailbox
complains 'mailctl mailbox needs a command: list, show, add'
run 64 mailctl mailbox list -o json xyzzy
parses "$err"
while IFS='|' read -r words meant; do
	# shellcheck disable=SC2086 # words
	run 64 mailctl $words
	complains "hint: did you mean $meant? \"mailctl mailbox "
done <<'TABLE'
mailbox list --hlep|--help
mailbox set bob@example.org --quotta 1G|--quota
mailbox set bob@example.org --quotta=1G|--quota
mailbox list --dryrun|--dry-run
mailbox list --filtre (mail=*)|--filter
mailbox rename --kep-alias|--keep-alias
TABLE
run 0 mailctl help
overview=$out
run 0 mailctl help help
[ "$out" = "$overview" ] || fail "help of help is another one"
run 0 mailctl log --help
says '--limit N '
run 64 "$NIS2LDIF" --domian example.org
complains 'did you mean --domain?'
[[ $err != *secret* ]] || fail "a value was printed"
run 64 mailctl mailbox add bob@example.org --pasword-file=/secret/file
[[ $err != *secret* ]] || fail "a value was printed"

finish
