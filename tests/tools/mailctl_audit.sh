#!/bin/bash
# A line for each change, where the setting "audit" says: who, as whom, from where, what; and no secret.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
trail=$scratch/audit.log
export MAILCTL_AUDIT=$trail
export SSH_CONNECTION='192.0.2.7 51000 192.0.2.1 22' SUDO_USER=anna

# line N FIELD: of the N-th line from the end, as JSON
line() { tail -n "$1" "$trail" | head -n 1 | python3 -c 'import json, sys; v = json.load(sys.stdin)[sys.argv[1]]; print(v if isinstance(v, str) else json.dumps(v))' "$2"; }
is() { # N FIELD VALUE
	local got
	got=$(line "$1" "$2")
	[ "$got" = "$3" ] || fail "$last: $2 of line -$1 is $got, not $3"
}
lines() { [ -e "$trail" ] && grep -c . "$trail" || echo 0; }
grows_by() { # N COMMAND...
	local before
	before=$(lines)
	run 0 "${@:2}"
	[ "$(($(lines) - before))" = "$1" ] || fail "$last: $(($(lines) - before)) lines, not $1"
}

grows_by 1 mailctl domain add example.org
[[ $(line 1 entries) == *'cn=postmaster,vd=example.org'* ]] || fail "its role addresses are not told: $(line 1 entries)"
[ "$(stat -c %a "$trail")" = 600 ] || fail 'others may read it'
grows_by 1 mailctl mailbox add bob@example.org --generate-password
password=$(sed -n 's/.*password: //p' <<<"$out")
is 1 job 'mailbox add'
is 1 subject bob@example.org
is 1 action created
is 1 entries '["mail=bob@example.org,vd=example.org,o=hosting,dc=example,dc=org"]'
is 1 result 'done'
is 1 identity 'dn:cn=mailctl,dc=example,dc=org'
is 1 from 192.0.2.7
is 1 sudo_user anna
is 1 user "$(id -un)"
is 1 program mailctl
grows_by 1 mailctl mailbox set bob@example.org --quota 2G
[[ $(line 1 attributes) == *'"quota"'* ]] || fail "$(line 1 attributes)"
grows_by 0 mailctl mailbox set bob@example.org --quota 2G
grows_by 0 mailctl mailbox set bob@example.org --quota 3G -n
grows_by 0 mailctl mailbox list
printf 'a quiet walk in May\n' >"$scratch/password"
chmod 600 "$scratch/password"
grows_by 1 mailctl mailbox password bob@example.org --password-file "$scratch/password"
grows_by 1 mailctl mailbox password bob@example.org --password-file "$scratch/password" --server-side
is 1 action 'password set by the server'
grows_by 4 mailctl domain disable example.org --yes # what is in it stops with it
before=$(lines)
run 0 mailctl undo "$(latest)" --yes --max-changes none
[ "$(lines)" -gt "$before" ] || fail 'undo leaves no trace'
is 1 job undo
mailctl export --out "$scratch/all.ldif" -q
mailctl mailbox remove bob@example.org --now --yes -q
grows_by 1 mailctl import "$scratch/all.ldif"
is 1 job import
mailctl mailbox set bob@example.org --expires 2020-01-01 --yes -q
grows_by 1 "${MAILCTL%/*}/mailctl-expire" --max-changes none
is 1 program mailctl-expire
! grep -qF -e "$password" -e 'quiet walk' -e '{CRYPT}' -e '$y$' "$trail" || fail "it holds a secret: $(grep -F -e "$password" -e 'quiet walk' -e '{CRYPT}' "$trail")"
python3 -c 'import json, sys
for l in open(sys.argv[1]): json.loads(l)' "$trail" || fail 'a line is no JSON'

# Names that would begin another line, or end a string.
run 0 mailctl alias add '"a\"b"@example.org' --target bob@example.org
is 1 subject '"a\"b"@example.org'

# What cannot be put down is not begun.
MAILCTL_AUDIT=/nowhere/audit run 78 mailctl mailbox set bob@example.org --quota 5G
complains 'cannot write the audit to /nowhere/audit'
run 0 mailctl mailbox show bob@example.org --fields quota -o name
says 2G
ln -s "$trail" "$scratch/link"
MAILCTL_AUDIT=$scratch/link run 78 mailctl mailbox set bob@example.org --quota 5G
MAILCTL_AUDIT=relative run 78 mailctl mailbox list

# A pipe that nobody reads holds nothing up, and one whose reader went away is told.
mkfifo "$scratch/pipe"
MAILCTL_AUDIT=$scratch/pipe run 78 timeout 60 "$MAILCTL" mailbox set bob@example.org --quota 5G
complains "cannot write the audit to $scratch/pipe: nobody reads there"
run 0 mailctl mailbox show bob@example.org --fields quota -o name
says 2G
exec 9<>"$scratch/pipe"
MAILCTL_AUDIT=$scratch/pipe run 0 timeout 60 "$MAILCTL" mailbox set bob@example.org --quota 3G
read -r -t 60 line <&9
[[ $line == *'"subject":"bob@example.org"'* ]] || fail "what came out of the pipe: $line"
python3 -c 'import os, fcntl; fd = os.open(os.sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
try:
    while os.write(fd, b"x" * 4096): pass
except BlockingIOError: pass' "$scratch/pipe"
MAILCTL_AUDIT=$scratch/pipe run 0 timeout 60 "$MAILCTL" mailbox set bob@example.org --quota 2G
complains 'the audit is not complete: its file cannot be written'
exec 9>&-

# To the log of the system, where this machine has none of its own.
if [ ! -e /dev/log ] && python3 -c 'import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind("/dev/log")' 2>/dev/null; then
	rm -f /dev/log
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
s.settimeout(60)
open(sys.argv[1] + ".ready", "w")
with open(sys.argv[1], "wb") as kept: # libsasl writes there as well
    said = b""
    while b"{" not in said:
        said = s.recv(65536)
        kept.write(said + b"\n")' "$scratch/syslog" &
	listener=$!
	until [ -e "$scratch/syslog.ready" ]; do sleep 0.05; done
	MAILCTL_AUDIT=syslog run 0 mailctl mailbox set bob@example.org --quota 4G
	wait "$listener"
	rm -f /dev/log
	grep -q '^<86>.*mailctl.*: {"time":".*"subject":"bob@example.org","action":"changed"' "$scratch/syslog" || fail "syslog got $(cat "$scratch/syslog")"
fi

finish
