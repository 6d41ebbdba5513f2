#!/bin/bash
# Each state that mailctl can put an account, an address or a domain in, asked of the daemons that read it: Dovecot, Postfix and Courier with the files of
# schema/. What the manual and schema/README.md say of states is what stands in this table.
. "$(dirname "$0")/server.sh"
phamm_password=$odd_password
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/private_dovecot.bash"
. "$support/private_courier.bash"
[ "$uid" -eq 0 ] || { echo 'Postfix needs root'; exit 77; }
can_run_dovecot || exit 77
can_run_courier || exit 77
packages=$("$support/unpack-packages" postfix postfix-ldap) || exit 77
trap 'end_courier; end_dovecots; finish' EXIT

check() { # WHAT WANTED GOT
	[ "$2" = "$3" ] || fail "$1"$'\n  wanted: '"$2"$'\n  got:    '"$3"
}

. "$support/mail_states.bash"

# ---- a directory in which all this was done
mail_home=$scratch/mail
mkdir "$mail_home"
chmod 711 "$scratch" # the daemons pass, to the socket of slapd
give_to_dovecot "$mail_home"
fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
configure "$scratch/server"
chmod 711 "$scratch/server"
load "$scratch/server" "$scratch/tree.ldif"
serve "$scratch/server"

unset "${!MAILCTL_@}"
export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal MAILCTL_LOCK_DIR=$scratch/locks MAILCTL_STATE_DIR=$scratch/state MAILCTL_EXPIRY_FIRST_RUN=commit MAILCTL_MAIL_HOME=$mail_home
server=(-H "$(uri "$scratch/server")" -b "$base" --sasl external -q)
tool() { "$MAILCTL" "${server[@]}" --yes "$@" >/dev/null || fail "mailctl $*"; }
cd "$scratch" || die "$scratch"
read_states
carry_out_states

# ---- Dovecot
fill "$schema/dovecot/dovecot-ldap.conf.ext" >"$scratch/ldap.conf"
serve_directory "$scratch/ldap.conf" <(fill "$schema/dovecot/mailctl.conf") "$(uri "$scratch/server")" || die 'no Dovecot'
read_imap() { python3 "$support/imap.py" "$dovecot_imap" "$@"; }
mapfile -t by_imap < <(printf '%s Right-horse7\n' "${addresses[@]}" | read_imap logins | sed 's/.*\tok$/yes/; s/.*\trefused$/no/')
authenticate() { python3 "$support/dovecot_auth.py" "$dovecot_dir/run/auth-client" Right-horse7 "$@"; } # SERVICE...
mapfile -t by_auth < <(printf '%s\n' "${addresses[@]}" | authenticate pop3 smtp submission)
mapfile -t by_lmtp < <(python3 - "$dovecot_lmtp" "${addresses[@]}" <<-'PYTHON'
	import smtplib, sys
	server = smtplib.LMTP(sys.argv[1])
	server.ehlo()
	for address in sys.argv[2:]:
	    server.mail("sender@example.net")
	    code, _ = server.rcpt(address)
	    if code == 250:
	        code, _ = server.data("Subject: hello\r\n\r\n")
	    print({2: "yes", 5: "no"}.get(code // 100, code))
	    server.rset()
PYTHON
)

# ---- Courier
courier_uid=$mail_uid
fill "$schema/courier/authldaprc" >"$scratch/authldaprc"
serve_courier "$scratch/authldaprc" "$(uri "$scratch/server")" "$scratch" || die 'no Courier'
mapfile -t by_courier_imap < <(printf '%s\n' "${addresses[@]}" | ask_courier_each imap Right-horse7)
mapfile -t by_courier_pop3 < <(printf '%s\n' "${addresses[@]}" | ask_courier_each pop3 Right-horse7)

# ---- Postfix
chmod 711 "$dovecot_dir" "${dovecot_lmtp%/*}"
chmod 666 "$dovecot_lmtp"
mkdir "$scratch/maps"
for file in "$schema"/postfix/*; do
	fill "$file" | sed -e "s|ldapi:///|$(uri "$scratch/server")|; s|/etc/postfix/mailctl|$scratch/maps|; s|lmtp:\[127.0.0.1\]:8024|discard:list|" >"$scratch/maps/${file##*/}"
done
mailed=()
for i in "${!addresses[@]}"; do [ "${places[i]}" = - ] || mailed+=("${addresses[i]}"); done
python3 "$support/mail_by_smtp.py" "$packages" "$scratch/postfix" "$scratch/maps" "$dovecot_lmtp" "${mailed[@]}" >"$scratch/mailed" 2>&1 || die "Postfix: $(cat "$scratch/mailed")"
declare -A mail_to
while read -r address place; do mail_to[$address]=$place; done <"$scratch/mailed"

# ---- the table
for i in "${!addresses[@]}"; do
	address=${addresses[i]}
	read -r pop3 smtp submission <<<"${by_auth[i]}"
	check "$address by submission" "$smtp" "$submission"
	got="${by_imap[i]} $pop3 $smtp ${by_lmtp[i]} ${by_courier_imap[i]} ${by_courier_pop3[i]} | ${mail_to[$address]--}"
	check "$address | ${doings[i]}" "${answers[i]} | ${places[i]}" "$got"
done

# ---- more of those who are let in
mapfile -t logins < <(search "$(uri "$scratch/server")" '(&(objectClass=VirtualMailAccount)(accountActive=TRUE)(!(delete=TRUE))(!(vmailMayLogIn=FALSE)))' uid | sed -n 's/^uid: //p' | sort)
check 'who is in service and may log in, to authenumerate' "${logins[*]}" "$(courier_logins | paste -sd' ')"
for way in 'new@example.org new.example.org' 'changed@example.org changed.example.org' 'hash@example.org hash.example.org'; do
	read -r address login <<<"$way"
	check "$login is a login of Dovecot" yes "$(authenticate imap <<<"$login")"
	check "$login is a login of Courier, in any case" 'yes yes yes' "$(printf '%s\n' "$login" "${login^^}" "${address^^}" | ask_courier_each imap Right-horse7 | paste -sd' ')"
	for password in Other-horse8 "$(cat blf-crypt)" '*' ''; do
		check "$address with the password '$password', to Courier" no "$(ask_courier_each imap "$password" <<<"$address")"
	done
done
check 'the other password, of who has it' yes "$(ask_courier_each imap Other-horse8 <<<lost@example.org)"
check 'no login of Courier' 'no no no no no' "$(printf '%s\n' '*' '*@example.org' 'new@*' phamm nobody@example.org | ask_courier_each imap Right-horse7 | paste -sd' ')"

tool mailbox add 'o*e@example.org' --password-file right
tool mailbox add "d'arc&r=d@example.org" --password-file right
tool mailbox add oxxe@example.org --password-file right
check 'odd characters in a login of Courier' 'yes yes yes' "$(printf '%s\n' 'o*e@example.org' "d'arc&r=d@example.org" 'o*e.example.org' | ask_courier_each imap Right-horse7 | paste -sd' ')"

# It has one filter for all services, and this is the reason why none but IMAP and POP3 may go by it.
check 'what Courier would say to SMTP AUTH' 'no yes' "$(printf '%s\n' nologin@example.org nosend@example.org | ask_courier_each smtp Right-horse7 | paste -sd' ')"
check 'the folder and the quota, to Courier' "$mail_home example.org/quota/ 1048576S" "$(ask_courier imap quota@example.org Right-horse7)"
check 'the quota, to Dovecot' $'User quota\tSTORAGE\t0\t1024' "$(read_imap quota quota@example.org Right-horse7 | sed 's/\t[0-9]*\t1024$/\t0\t1024/')"
check 'what Dovecot has delivered is read from Courier by IMAP' 2 "$(courier_session imap quota@example.org Right-horse7)"
# By more than the tenth that Dovecot lets the last message go over it.
check 'more than the quota' 552 "$(python3 - "$dovecot_lmtp" quota@example.org <<-'PYTHON'
	import smtplib, sys
	try:
	    smtplib.LMTP(sys.argv[1]).sendmail("sender@example.net", sys.argv[2:], "Subject: big\r\n\r\n" + 1300 * (1022 * "x" + "\r\n"))
	except smtplib.SMTPDataError as refusal:
	    print(refusal.smtp_code)
	PYTHON
)"
# Dovecot's LMTP leaves a mark in a Maildir that it made, by which Courier looks for the quota in the folder above.
rm "$mail_home/example.org/quota/maildirfolder"
check 'with the quota of the directory' $'2\n1024' "$(courier_session imap quota@example.org Right-horse7 | sed 's/^[0-9]* 1024$/1024/')"
check 'and by POP3' 2 "$(courier_session pop3 quota@example.org Right-horse7)"
check 'where no mail was delivered yet Courier finds no Maildir' 'no login:' "$(courier_session pop3 oxxe@example.org Right-horse7 | head -n 1)"
stop
check 'no directory is refused by Courier' no "$(ask_courier_each imap Right-horse7 <<<new@example.org)"
grep -q "Can't contact LDAP server" "$courier_root/log" || fail 'authdaemond does not say that the directory is away'

verdict 'the states of accounts, addresses and domains'
