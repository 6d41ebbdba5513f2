#!/bin/bash
# Walks migration/README.md: its console blocks, in order, in one shell, and compares what they print. The machines of the story are
# folders here; tests/support/migration_machines.bash has stand-ins for what would work on them.
. "$(dirname "$0")/schema/server.sh"
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/support/console_blocks.bash"
PATH=$PATH:/usr/sbin command -v dovecot >/dev/null && command -v mbox2maildir >/dev/null || exit 77
unset "${!MAILCTL@}"
export MAILCTL_JOURNAL_DIR=$scratch/journal
bin=${BUILD_DIR:-$root/build}/bin
chmod 711 "$scratch" # Dovecot passes, to its places

# ---- the new server: slapd with the schema, but nothing in it
server=$scratch/server
configure "$server"
chmod 711 "$server"
mkdir "$server/slapd.d" "$scratch/etc" "$scratch/etc/dovecot" "$scratch/vmail"
slaptest -f "$server/slapd.conf" -F "$server/slapd.d" >/dev/null 2>&1

# ---- the old server's mail, as it is seen from the new one
for person in pertot:/home/pertot bressan:/users/geo/bressan grilanc:/users/ottica/grilanc; do
	"$root/tests/support/make_old_mail.py" "$scratch/old" "${person%%:*}" "${person#*:}" >"$scratch/${person%%:*}.shown"
done

take_console_blocks "$root/migration/README.md" "$scratch" || exit 1
sed -i -e "s|/usr/local/share/mailctl|$root|" -e "s|/var/lib/ldap|$server/data|" -e "s|/etc/dovecot|$scratch/etc/dovecot|g" \
	-e "s|\([ \"]\)/old|\1$scratch/old|g" -e "s|/home/vmail|$scratch/vmail|g" "$scratch/session"
# And what the road is for: everything is there, over IMAP, with the old login.
cat >>"$scratch/session" <<'SESSION'
$ read_imap messages pertot pw-pertot | sort | diff <(sort ~/pertot.shown) - && echo the same
the same
$ read_imap messages grilanc pw-grilanc | sort | comm -13 <(sort ~/grilanc.shown) - | cut -f 1-3
INBOX	6	-
$ read_imap folders pertot pw-pertot | cut -f 1,2 | grep lsub
lsub	INBOX
lsub	Lavoro.progetti
lsub	sent-mail
$ grep -A 3 '^Subject: your' ~/old/var/mail/bressan
Subject: your mailbox has moved

The new server is imap.fis.example.org.

SESSION
compare_session "$scratch" env -u LDAPNOINIT HOME="$scratch" PATH="$bin:$PATH" TZ=UTC LC_ALL=C MAILCTL_CONFIG=/dev/null \
	MAILCTL_URI="$(uri "$server")" MAILCTL_BASE="$base" LDAPURI="$(uri "$server")" LDAPBASE="$base" \
	server="$server" root="$root" BASH_ENV="$root/tests/support/migration_machines.bash" bash
