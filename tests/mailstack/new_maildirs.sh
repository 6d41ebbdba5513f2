#!/bin/bash
# Who has no mail yet logs in to a real Courier, once the Maildir is made: by root, who gives that up, as by the mail user himself. Dovecot delivers into it and reads it.
. "$(dirname "$0")/stack.bash"
start_stack
homes=/home/vmail/domains

tool domain add example.org
tool mailbox add {ann,bob,eve}@example.org --password-file "$password_file" --quota 2M
logins() { printf '%s\n' "$@" | ask logins ways=courier-imap,courier-pop3; }
[[ $(logins ann@example.org) != *'yes yes' ]] || fail 'Courier needs no Maildir: this test tells nothing'
[ ! -e "$homes/example.org" ] || fail 'a login of Courier makes folders'

tool mailbox make-maildir ann@example.org --folders Drafts,Sent,Trash,Junk
check 'a login before the first mail' 'ann@example.org yes yes' "$(logins ann@example.org)"
check 'whose it is' 'vmail vmail 700' "$(stat -c '%U %G %a' "$homes/example.org/ann")"
install -o vmail -m 600 "$scratch/phamm.password" /home/vmail/password
setpriv --reuid vmail --regid vmail --clear-groups env HOME=/home/vmail "$MAILCTL" -H "$MAILCTL_URI" -b "$base" -D "cn=phamm,o=hosting,$base" -y /home/vmail/password mailbox make-maildir -q ||
	fail 'as the mail user, with what the daemons read'
check 'of all' $'bob@example.org yes yes\neve@example.org yes yes' "$(logins bob@example.org eve@example.org)"

# ---- what Courier makes of it
python3 - "$password" <<'PYTHON' || fail 'the folders and the quota'
import imaplib, sys
c = imaplib.IMAP4("127.0.0.1", 1143)
c.login("ann@example.org", sys.argv[1])
folders = {line.decode().split('"."')[-1].strip().strip('"') for line in c.list()[1]}
assert {"INBOX.Drafts", "INBOX.Sent", "INBOX.Trash", "INBOX.Junk"} <= folders, folders
usage = b" ".join(x for part in c.getquotaroot("INBOX")[1] for x in part if x)
assert b"STORAGE 0 2048" in usage, usage
assert c.append("INBOX.Sent", None, None, b"Subject: x\r\n\r\nx\r\n")[0] == "OK"
assert c.append("INBOX", None, None, b"Subject: x\r\n\r\n" + 50000 * (70 * b"x" + b"\r\n"))[0] == "NO", "the quota does not hold"
PYTHON
check 'and then mail comes' 'bob@example.org example.org/bob' "$(echo bob@example.org | ask mail)"
check 'and is read' 'bob@example.org yes yes yes yes' "$(echo bob@example.org | ask logins ways=imap,pop3,courier-imap,courier-pop3)"
before=$(cd "$homes" && find . -printf '%p %y %m %u %s\n' | sort | cksum)
tool mailbox make-maildir
check 'a second run' "$before" "$(cd "$homes" && find . -printf '%p %y %m %u %s\n' | sort | cksum)"

verdict 'who has no mail yet logs in'
