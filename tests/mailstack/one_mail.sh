#!/bin/bash
# A mail from outside, through Postfix as Debian runs it, in its chroot, with the files of schema/, comes into a mailbox that mailctl has made, and its owner reads it
# by Dovecot and by Courier.
. "$(dirname "$0")/stack.bash"
export MAILCTL_RECIPIENT_DELIMITER=- # not what Dovecot and Debian's Postfix have of themselves
start_stack

tool domain add example.org
tool mailbox add bob@example.org --password-file "$password_file"
tool alias add info@example.org --target bob@example.org
tool alias add away@example.org --target bob@example.net

[ "$(postconf -Mf smtp/inet | awk '{print $5}')" = y ] || fail 'smtpd is not in a chroot'
check 'where mail goes' $'bob@example.org example.org/bob\ninfo@example.org example.org/bob\naway@example.org out:bob@example.net\neve@example.org 550\nbob@example.net 454' \
	"$(printf '%s\n' bob@example.org info@example.org away@example.org eve@example.org bob@example.net | ask mail)"
check 'an extension, as the settings have it' $'bob-lists@example.org example.org/bob\nbob+lists@example.org 550' "$(printf '%s\n' bob-lists@example.org bob+lists@example.org | ask mail)"
check 'who reads it' $'bob@example.org yes yes yes yes\neve@example.org no no no no' \
	"$(printf '%s\n' bob@example.org eve@example.org | ask logins ways=imap,pop3,courier-imap,courier-pop3)"
[ -z "$(grep -E 'fatal|panic|lookup failure|overriding' /var/log/mail.log)" ] || fail "$(grep -E 'fatal|panic|lookup failure|overriding' /var/log/mail.log)"

verdict 'a mail server as Debian makes it delivers'
