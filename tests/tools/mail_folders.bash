# Sourced after mailctl_sandbox.bash by the stories that touch mail: a home of all mail of their own, and whose it is. As root it is somebody else's.
chmod 755 "$scratch"
mail=$scratch/mail
mkdir "$mail"
export MAILCTL_MAIL_HOME=$mail MAILCTL_MAIL_USER MAILCTL_MAIL_GROUP
MAILCTL_MAIL_USER=$(id -u) MAILCTL_MAIL_GROUP=$(id -g)
[ "$MAILCTL_MAIL_USER" != 0 ] || MAILCTL_MAIL_USER=12345 MAILCTL_MAIL_GROUP=12346
own() { [ "$(id -u)" != 0 ] || chown -hR "$MAILCTL_MAIL_USER:$MAILCTL_MAIL_GROUP" "$mail"; }
own
archives=$MAILCTL_SANDBOX/archive

# deliver FOLDER TEXT: a Maildir with two messages and a folder beside the INBOX.
deliver() {
	mkdir -p "$mail/$1"/{cur,new,tmp} "$mail/$1"/.Sent/{cur,new,tmp}
	printf '%s\n' "$2" >"$mail/$1/cur/1.host:2,S"
	printf 'new %s\n' "$2" >"$mail/$1/new/2.host"
	printf 'sent %s\n' "$2" >"$mail/$1/.Sent/cur/3.host:2,S"
	touch -d '2019-03-01 10:00:00.5' "$mail/$1/cur/1.host:2,S"
	own
}
# What is in a folder: names, kinds, sizes, times, modes and contents.
tree_of() { (cd "$1" 2>/dev/null && { find . -type d -printf 'd %P %m\n'; find . ! -type d -printf '%y %P %s %T@ %m %l\n'; find . -type f -exec sha256sum {} +; } | sort); }
entry_of() { mailctl mailbox show "$1" --removed -o ldif 2>/dev/null; }
change() { ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null || fail "cannot change: $*"; } # LDIF on standard input
dn_of() { echo "mail=$1,vd=${1#*@},o=hosting,dc=example,dc=org"; }
# backdate DN MOMENT: it was removed then, and nothing was done to it since.
backdate() { printf 'dn: %s\nchangetype: modify\nreplace: vmailRemovedAt\nvmailRemovedAt: %s\n-\nreplace: lastChange\nlastChange: %s\n' "$1" "$(date -u -d "$2" +%Y%m%d%H%M%SZ)" "$(date -d "$2" +%s)" | change "$1"; }
# removed ADDRESS DAYS: it was removed so many days ago.
removed() {
	mailctl mailbox remove "$1" --yes -q
	backdate "$(dn_of "$1")" "$2 days ago"
}
archive_of() { find "$archives" -name "$1.*.tar.zst" | head -1; }
