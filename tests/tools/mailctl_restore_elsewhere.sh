#!/bin/bash
# An archive comes back on another machine: another directory, another home of all mail. Dovecot serves there what it served before, to the byte and the flag.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../support/private_dovecot.bash"
can_run_dovecot && type ldapmodify zstd >/dev/null || exit 77
first=$MAILCTL_SANDBOX second=$scratch/second
trap 'end_dovecots; for s in "$first" "$second"; do "$MAILCTL" sandbox stop --dir "$s" -q >/dev/null 2>&1; done; rm -rf "$scratch"' EXIT
. "${BASH_SOURCE%/*}/mail_folders.bash"
export MAILCTL_MAIL_USER=$mail_uid MAILCTL_MAIL_GROUP=$mail_gid
own() { give_to_dovecot "$mail"; }
served() { # USER: by the Dovecot that was started last
	python3 "$SOURCE_DIR/tests/support/imap.py" "$dovecot_imap" messages "$1" secret && python3 "$SOURCE_DIR/tests/support/imap.py" "$dovecot_imap" uidvalidity "$1" secret
}
start_sandbox
mailctl domain add example.org -q
printf 'Blue-Kettle-7261\n' | mailctl mailbox add bob@example.org --password-stdin --quota 2G --name 'Bob B' -q
deliver example.org/bob 'Subject: one'
printf 'From: a@b.example\r\nSubject: long\r\n\r\n%s\r\n' "$(seq 500)" >"$mail/example.org/bob/cur/5.host:2,FRS"
own
serve_maildirs "$mail/example.org"
served bob >"$scratch/before"
[ "$(wc -l <"$scratch/before")" -ge 5 ] || fail "Dovecot serves little before: $(cat "$scratch/before")"
stop_dovecot
removed bob@example.org 50
run 0 mailctl purge --yes
archive=$(archive_of bob@example.org)
hash=$(zstd -dqc "$archive" | tar -xO entry.ldif | grep '^userPassword')

export MAILCTL_SANDBOX=$second
other=$scratch/srv/other-mail
mkdir -p "$other"
give_to_dovecot "$other"
export MAILCTL_MAIL_HOME=$other
start_sandbox
run 0 mailctl domain add example.org
mail=$other deliver example.org/ann 'somebody else' # a home of mail that is mounted
own_other() { give_to_dovecot "$other"; }
own_other
run 0 mailctl restore --archive "$archive"
complains "here it is in $other"
serve_maildirs "$other/example.org"
served bob | diff "$scratch/before" - || fail 'Dovecot serves something else than before'
[ "$(mailctl mailbox show bob@example.org --fields home,quota,status -o csv | tail -1)" = "$other,2G,active" ] || fail "$(mailctl mailbox show bob@example.org)"
mailctl export --with-passwords -q 2>/dev/null | grep -xF "$hash" >/dev/null || fail 'another password'
# And it goes and comes as any other there.
stop_dovecot
mailctl mailbox remove bob@example.org --yes -q
run 0 mailctl purge --yes --grace 0h
[ ! -e "$other/example.org/bob" ] || fail 'its mail is still there'
run 0 mailctl restore --archive "$(find "$second/archive" -name 'bob@*')"
[[ $err != *'another directory'* ]] || fail 'its own directory is another'
serve_maildirs "$other/example.org"
served bob | diff "$scratch/before" - || fail 'Dovecot serves something else than before'
finish
