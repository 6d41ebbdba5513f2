#!/bin/bash
# What the tests of mail conversion look through: a Dovecot of their own, and a reader of IMAP that tells a refusal from a server that is
# away.
set -euo pipefail
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/tests/support/private_dovecot.bash"
can_run_dovecot || exit 77
trap end_dovecots EXIT
read_imap() { python3 "$root/tests/support/imap.py" "$dovecot_imap" "$@"; }

failures=0
check() { # WHAT WANTED GOT
	[ "$2" = "$3" ] && return
	printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
	failures=$((failures + 1))
}
message() { printf 'From: ada@example.org\nSubject: %s\n\n%s\n' "$1" "$2"; }
digest() { sed 's/$/\r/' | sha256sum | cut -d' ' -f1; }

serve_maildirs
box=$dovecot_mail/ada
mkdir -p "$box"/{cur,new,tmp} "$box/.Lavoro"/{cur,new,tmp}
message one first >"$box/cur/1000000000.M1.host:2,FS"
message two second >"$box/.Lavoro/new/1000000001.M2.host"
touch -d '2001-09-09 01:46:40 UTC' "$box/cur/"*
touch -d '2001-09-09 01:46:41 UTC' "$box/.Lavoro/new/"*
printf 'V\t2\n\nLavoro\n' >"$box/subscriptions"
give_to_dovecot "$box"

check 'who may log in' $'ada\tok\nada\trefused\nbob\tok' "$(printf 'ada secret\nada wrong\nbob secret\n' | read_imap logins)"
check 'every message of every folder' "\
INBOX	1	\\Flagged \\Seen	2001-09-09T01:46:40Z	$(message one first | sed 's/$/\r/' | wc -c)	$(message one first | digest)
Lavoro	1	-	2001-09-09T01:46:41Z	$(message two second | sed 's/$/\r/' | wc -c)	$(message two second | digest)" "$(read_imap messages ada secret)"
check 'a folder by its name' 1 "$(read_imap messages ada secret Lavoro | wc -l)"
check 'folders, and which are subscribed' $'list\tINBOX\nlist\tLavoro\nlsub\tLavoro' "$(read_imap folders ada secret | cut -f1,2)"
check 'numbers' 'INBOX 2 Lavoro 2' "$(read_imap uidvalidity ada secret | cut -f1,3 | xargs)"
check 'reading leaves the mail unread' - "$(read_imap messages ada secret Lavoro | cut -f3)"

status=0
read_imap messages ada wrong 2>/dev/null || status=$?
check 'a wrong password' 1 "$status"
stop_dovecot
check 'no server is no refusal' $'ada\tunavailable' "$(read_imap logins <<<'ada secret')"
status=0
read_imap messages ada secret 2>/dev/null || status=$?
check 'no server' 2 "$status"

[ "$failures" -eq 0 ] || { printf '%s checks failed\n' "$failures"; exit 1; }
echo 'all checks passed'
