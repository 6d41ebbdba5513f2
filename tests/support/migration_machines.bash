# Sourced by the shell that walks migration/README.md (as BASH_ENV): the old server, the new one and what is done on them.
# $root is the source tree, $server the folder of the new slapd, $HOME the scratch of the test.

unset BASH_ENV
. "$root/tests/support/private_dovecot.bash"
maps=$root/tests/data/trieste
slapd_pid=
trap '[ -z "$slapd_pid" ] || kill "$slapd_pid"; end_dovecots' EXIT

# ---- the old server
ypcat() { grep -v -e '^YP_' -e '^@ ' "$maps/keyed/$2"; }
scp() {
	local from=${*: -2:1} to=${*: -1}
	case $from in
		*:/etc/*) cp -- "$maps/${from##*/}" "$to" ;;
		*) cp -r -- "$maps/root/${from#*:/}" "$to" ;;
	esac
}

# ---- the new server
nis2ldif() { command nis2ldif --mail-home "$HOME/vmail/domains" "$@"; }
sudo() { shift 2; "$@"; } # -u USER
slapadd() { command slapadd -F "$server/slapd.d" "$@"; }
# Nobody here is called vmail, and the test need not be root.
as_here() { # COMMAND WORD...
	local words=("$@") i
	for i in "${!words[@]}"; do
		[ "${words[i]}" != vmail ] || case ${words[i - 1]} in -g) words[i]=$mail_gid ;; *) words[i]=$mail_uid ;; esac
	done
	command "${words[@]}"
}
mbox2maildir() { as_here mbox2maildir "$@"; }
install() { as_here install "$@"; }
# A letter goes to the new server by LMTP, or to an mbox of the old one.
sendmail() { # FLAG... ADDRESS
	local address=${*: -1}
	case $address in
		*@old.*) { echo "From MAILER-DAEMON $(date '+%a %b %e %T %Y')"; sed 's/\r$//'; echo; } >>"$HOME/old/var/mail/${address%@*}" ;;
		*) python3 -c 'import smtplib, sys; smtplib.LMTP(sys.argv[1]).sendmail("root@example.org", [sys.argv[2]], sys.stdin.read())' \
			"$dovecot_lmtp" "$address" ;;
	esac
}
# Mail comes at the worst moment.
touch() {
	[ "$*" != moved/pertot.switched ] || "$root/tests/support/make_old_mail.py" "$HOME/old" pertot /home/pertot 2 >>"$HOME/pertot.shown"
	command touch "$@"
}
read_imap() { python3 "$root/tests/support/imap.py" "$dovecot_imap" "$@"; }
doveadm() { as_mail_user doveadm -c "$dovecot_dir/dovecot.conf" "$@"; }
systemctl() {
	case "$*" in
		'stop slapd') [ -z "$slapd_pid" ] || { kill "$slapd_pid"; wait "$slapd_pid"; slapd_pid=; } ;;
		'start slapd') start_slapd ;;
		'restart dovecot') serve_directory "$HOME/etc/dovecot/dovecot-ldap.conf.ext" "$HOME/etc/dovecot/local.conf" "$LDAPURI" ;;
		*) echo "systemctl $*: not in this story"; return 1 ;;
	esac
}
start_slapd() {
	command slapd -s 0 -d 0 -F "$server/slapd.d" -h "$LDAPURI" >/dev/null 2>&1 </dev/null &
	slapd_pid=$!
	for _ in {1..200}; do ldapwhoami -Q -Y EXTERNAL >/dev/null 2>&1 && return || sleep 0.05; done
	return 1
}
