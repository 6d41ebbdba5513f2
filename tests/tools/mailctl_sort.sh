#!/bin/bash
# Lists that are sorted, cut, and made to fit a terminal.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
run 0 mailctl whoami
says cn=mailctl,dc=example,dc=org # the tools' identity, under the access rules
q() { mailctl "$@" -q >/dev/null || fail "$*"; }

q domain add example.org example.net
q mailbox add hans@example.org --name 'Hans Müller' --quota 2G --no-password
q mailbox add greta@example.org --name 'Greta Muller' --quota 500M --no-password
q mailbox add miller@example.net --name 'Jo Miller' --no-password
q mailbox disable miller@example.net
q mailinglist add staff@example.org --lists-domain lists.example.org
q alias add info@example.org --target hans@example.org --target archive@example.com

# ---- sorted, and cut
names() { "$MAILCTL" "$@" -o name 2>/dev/null | cut -d@ -f1 | paste -sd' '; }
[ "$(names mailbox list --sort name)" = 'greta hans miller' ] || fail "by name: $(names mailbox list --sort name)"
[ "$(names mailbox list --sort -name)" = 'miller hans greta' ] || fail "by name, the last first"
[ "$(names mailbox list --sort quota_bytes)" = 'greta hans miller' ] || fail "by bytes: $(names mailbox list --sort quota_bytes)"
[ "$(names mailbox list --sort=-quota_bytes)" = 'hans greta miller' ] || fail "by bytes, the most first: what has none stays the last"
q mailbox add none@example.org --quota none --no-password
q mailbox add small@example.org --quota 1500K --no-password
for noun in mailbox quota; do
	[ "$(names $noun list --sort quota)" = 'small greta hans none miller' ] || fail "$noun by quota: $(names $noun list --sort quota)"
	[ "$(names $noun list --sort=-quota)" = 'none hans greta small miller' ] || fail "$noun by quota, the most first: $(names $noun list --sort=-quota)"
done
q mailbox remove none@example.org small@example.org --now --yes
[ "$(names mailbox list --sort status,-address)" = 'hans greta miller' ] || fail "by two: $(names mailbox list --sort status,-address)"
run 0 mailctl mailbox list --sort address --limit 2 -o name
[ "$out" = $'greta@example.org\nhans@example.org' ] || fail "the first two are $out"
complains 'these are 2 of 3'
run 0 mailctl mailbox list --limit 2 -q -o json
parses "$out"
[ "$(grep -c '"address"' <<<"$out")" = 2 ] || fail 'two are not two'
complains 'there are more than these 2' # also with -q: it is no answer to the whole question
run 0 mailctl mailbox list --limit 3 -o name
[ -z "$err" ] || fail "all are there: $err"
for all in 0 none; do
	run 0 mailctl mailbox list --limit "$all" --sort address -o name
	[ -z "$err" ] || fail "no limit: $err"
	[ "$(wc -l <<<"$out")" = 3 ] || fail "--limit $all shows $out"
	run 0 mailctl find example --limit "$all" -o name
	[ -z "$err" ] || fail "no limit: $err"
done
for noun in domain alias mailinglist backup-domain backup-mail forward vacation expiry quota unix; do
	first=address
	[[ $noun != *domain ]] || first=domain
	run 0 mailctl "$noun" list --sort "-$first" --limit 1 --fields "$first"
done
run 0 mailctl admin list --sort -name --limit 1 --fields name
run 0 mailctl mailbox password-report --sort verdict --limit 1 -o name
complains '3 accounts: 3 none' # also of those that are not shown
run 64 mailctl mailbox list --sort nosuch
complains 'there is no field "nosuch"'
run 65 mailctl mailbox list --limit many

# ---- a table fits the terminal: what is said for people is cut, addresses are not, and nothing is where no terminal is
q mailbox set hans@example.org --name 'Johannes Chrysostomus Wolfgangus Theophilus Müller von und zu Hohenlohe-Langenburg'
widths() { # COLUMNS COMMAND...
	python3 - "$@" <<'PYTHON'
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
said = b""
try:
    while chunk := os.read(terminal, 65536):
        said += chunk
except OSError:
    pass
os.waitpid(pid, 0)
print(said.decode().replace("\r\n", "\n"), end="")
PYTHON
}
widest() { python3 -c 'import sys; print(max(len(l.rstrip("\n")) for l in sys.stdin))'; }
out=$(widths 70 "$MAILCTL" mailbox list)
[ "$(widest <<<"$out")" -le 70 ] || fail "wider than the terminal"
says 'hans@example.org'
says 'Johannes Chry'
says '...'
[[ $out != *Langenburg* ]] || fail 'nothing was cut'
out=$(widths 60 "$MAILCTL" find archive)
says 'target: archive@example.com' # an address that was found is one
for wide in "$(widths 70 "$MAILCTL" mailbox list -v)" "$(widths 200 "$MAILCTL" mailbox list)" "$("$MAILCTL" mailbox list)"; do
	[[ $wide == *Hohenlohe-Langenburg* && $wide != *...* ]] || fail "cut, and need not be: $wide"
done
out=$(widths 40 "$MAILCTL" alias list --fields address,targets)
says 'hans@example.org, archive@example.com' # however narrow it is
finish
