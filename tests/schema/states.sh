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

# The address, what mailctl is told after it was made (@ is the address, % its domain), and then who lets its owner in: Dovecot's IMAP, its POP3, SMTP AUTH;
# whether LMTP delivers; whether Courier's IMAP and POP3 let him in; and where Postfix takes mail from outside to. A number is the refusal at RCPT, "mailbox"
# the own one, another address the mailbox of that, and out:, relay: and list: is mail that goes there.
table() {
	cat <<-'TABLE'
		new@example.org          |                                                    | yes yes yes yes  yes yes | mailbox
		# ---- switched off and on
		manual@example.org       | mailbox disable @                                  | no  no  no  no   no  no  | 550
		compromised@example.org  | mailbox disable @ --reason compromised             | no  no  no  no   no  no  | 550
		enabled@example.org      | mailbox disable @; mailbox enable @                | yes yes yes yes  yes yes | mailbox
		removed@example.org      | mailbox remove @                                   | no  no  no  no   no  no  | 550
		gone@example.org         | mailbox remove @ --now                             | no  no  no  no   no  no  | 550
		restored@example.org     | mailbox remove @; mailbox restore @                | yes yes yes yes  yes yes | mailbox
		expired@example.org      | expiry set @ --expires 2020-01-31; expire          | no  no  no  no   no  no  | 550
		extended@example.org     | expiry set @ --expires 2020-01-31; expire; expiry set @ --expires 2090-01-31 | yes yes yes yes yes yes | mailbox
		ending@example.org       | alias add @ --target new@% --expires 2020-01-31; expire | no no no no   no  no  | 550
		# The end alone does nothing: it is the run of mailctl-expire that disables.
		ended@example.org        | expiry set @ --expires 2020-01-31                  | yes yes yes yes  yes yes | mailbox
		# A new date brings back what the run has disabled, and not what a person has.
		stays@example.org        | mailbox disable @; expiry set @ --expires 2090-01-31 | no no no no      no  no  | 550
		# ---- one thing alone
		nologin@example.org      | mailbox set @ --no-login                           | no  no  yes yes  no  no  | mailbox
		login@example.org        | mailbox set @ --no-login; mailbox set @ --login    | yes yes yes yes  yes yes | mailbox
		noreceive@example.org    | mailbox set @ --no-receive                         | yes yes yes no   yes yes | 550
		receive@example.org      | mailbox set @ --no-receive; mailbox set @ --receive | yes yes yes yes yes yes | mailbox
		nosend@example.org       | mailbox set @ --no-smtp-auth                       | yes yes no  yes  yes yes | mailbox
		# ---- where mail goes on to
		forward@example.org      | forward set @ --target x@example.net               | yes yes yes yes  yes yes | out:x@example.net
		copy@example.org         | forward set @ --target x@example.net --keep-copy   | yes yes yes yes  yes yes | mailbox,out:x@example.net
		cleared@example.org      | forward set @ --target x@example.net; forward clear @ | yes yes yes yes yes yes | mailbox
		offward@example.org      | forward set @ --target x@example.net; mailbox disable @ | no no no no   no  no  | 550
		noforward@example.org    | forward set @ --target x@example.net; mailbox set @ --no-receive | yes yes yes no  yes yes | 550
		away@example.org         | vacation set @ --subject Away --message-file away  | yes yes yes yes  yes yes | mailbox
		awayward@example.org     | vacation set @ --message-file away; forward set @ --target x@example.net | yes yes yes yes yes yes | out:x@example.net
		# ---- names and passwords
		quota@example.org        | quota set @ --quota 1M                             | yes yes yes yes  yes yes | mailbox
		old@example.org          | mailbox rename @ renamed@%                         | no  no  no  no   no  no  | 550
		renamed@example.org      | -                                                  | yes yes yes yes  yes yes | mailbox
		former@example.org       | mailbox rename @ present@% --keep-alias            | no  no  no  no   no  no  | present@example.org
		present@example.org      | -                                                  | yes yes yes yes  yes yes | mailbox
		lost@example.org         | mailbox password @ --password-file other           | no  no  no  yes  no  no  | mailbox
		changed@example.org      | mailbox password @ --password-file other; mailbox password @ --password-file right | yes yes yes yes yes yes | mailbox
		hash@example.org         | mailbox password @ --hash blf-crypt                | yes yes yes yes  yes yes | mailbox
		nopass@example.org       | mailbox add @ --no-password                        | no  no  no  yes  no  no  | mailbox
		# ---- a domain that is disabled stops what is in it
		sales@off.example        | alias add @ --target new@example.org; domain disable % | no no no no    no  no  | 550
		ada@off.example          | domain disable %                                   | no  no  no  no   no  no  | 550
		# What is added to it then has missed that.
		late@off.example         | mailbox add @ --password-file right                | yes yes yes yes  yes yes | 550
		# Whoever moves into it stops with it, and whoever moves out works again.
		mover@example.org        | mailbox rename @ moved@off.example                 | no  no  no  no   no  no  | 550
		moved@off.example        | -                                                  | no  no  no  no   no  no  | 550
		stopped@off.example      | mailbox rename @ freed@example.org                 | no  no  no  no   no  no  | 550
		freed@example.org        | -                                                  | yes yes yes yes  yes yes | mailbox
		# What a person has disabled is no part of that.
		bob@again.example        | mailbox disable @                                 | no  no  no  no   no  no  | 550
		ada@again.example        | domain disable %; domain enable %                  | yes yes yes yes  yes yes | mailbox
		ada@taken.example        | domain remove %                                    | no  no  no  no   no  no  | 550
		ada@back.example         | domain remove %; domain restore %                  | yes yes yes yes  yes yes | mailbox
		ada@before.example       | domain rename % after.example                      | no  no  no  no   no  no  | 554
		ada@after.example        | -                                                  | yes yes yes yes  yes yes | mailbox
		# As where another program writes into the domain, and no more: no reader of an account sees it.
		ada@alone.example        | disable_alone %                                    | yes yes yes yes  yes yes | 550
		# ---- aliases are no logins
		alias@example.org        | alias add @ --target new@%                         | no  no  no  no   no  no  | new@example.org
		idle@example.org         | alias add @ --target new@%; alias disable @        | no  no  no  no   no  no  | 550
		woken@example.org        | alias add @ --target new@%; alias disable @; alias enable @ | no no no no no no | new@example.org
		unalias@example.org      | alias add @ --target new@%; alias remove @         | no  no  no  no   no  no  | 550
		into@example.org         | alias add @ --target ada@off.example               | no  no  no  no   no  no  | bounced:ada@off.example
		todead@example.org       | alias add @ --target manual@%                      | no  no  no  no   no  no  | bounced:manual@example.org
		toclosed@example.org     | alias add @ --target noreceive@%                   | no  no  no  no   no  no  | bounced:noreceive@example.org
		# ---- a domain with a catch-all
		@all.example             | alias add @ --target new@example.org               | no  no  no  no   no  no  | -
		any@all.example          | -                                                  | no  no  no  no   no  no  | new@example.org
		ada@all.example          | mailbox add @ --password-file right                | yes yes yes yes  yes yes | mailbox
		off@all.example          | mailbox add @ --password-file right; mailbox disable @ | no no no no    no  no  | new@example.org
		noreceive@all.example    | mailbox add @ --password-file right; mailbox set @ --no-receive | yes yes yes no  yes yes | new@example.org
		# ---- backup domains, lists, administrators
		ann@spare.example        | backup-domain add %; backup-mail add @             | no  no  no  no   no  no  | relay:ann@spare.example
		ben@spare.example        | -                                                  | no  no  no  no   no  no  | 550
		cid@spare.example        | backup-mail add @; backup-mail disable @           | no  no  no  no   no  no  | 550
		any@whole.example        | backup-domain add %; backup-mail add @whole.example | no no  no  no   no  no  | relay:any@whole.example
		ann@past.example         | backup-domain add %; backup-mail add @; backup-domain disable % | no no no no no no | 554
		staff@example.org        | mailinglist add @ --lists-domain lists.example.org | no  no  no  no   no  no  | list:staff@lists.example.org
		nolist@example.org       | mailinglist add @ --lists-domain lists.example.org; mailinglist disable @ | no no no no no no | 550
		staff@lists.example.org  | -                                                  | no  no  no  no   no  no  | list:staff@lists.example.org
		postmaster@example.org   | admin add @ --password-file right                  | no  no  no  no   no  no  | new@example.org
		matrix                   | admin add @ --mail m@example.net --domain example.org --password-file right | no no no no no no | -
	TABLE
}

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
export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal MAILCTL_LOCK_DIR=$scratch/locks MAILCTL_MAIL_HOME=$mail_home
server=(-H "$(uri "$scratch/server")" -b "$base" --sasl external -q)
tool() { "$MAILCTL" "${server[@]}" --yes "$@" >/dev/null || fail "mailctl $*"; }
cd "$scratch" || die "$scratch"
umask 077
echo Right-horse7 >right
echo Other-horse8 >other
python3 -c 'import ctypes; c = ctypes.CDLL("libcrypt.so.1").crypt; c.restype = ctypes.c_char_p; print("{BLF-CRYPT}" + c(b"Right-horse7", b"$2y$05$abcdefghijklmnopqrstuu").decode())' >blf-crypt
echo 'I am away.' >away
umask 022

expire() { "$EXPIRE" "${server[@]}" --domain example.org >/dev/null || fail 'mailctl-expire'; }
disable_alone() { # DOMAIN
	printf 'dn: vd=%s,o=hosting,%s\nchangetype: modify\nreplace: accountActive\naccountActive: FALSE\n' "$1" "$base" | peer ldapmodify -H "$(uri "$scratch/server")" >/dev/null
}
made=' '
make_domain() { # DOMAIN
	case $made in *" $1 "*) return ;; esac
	made+="$1 "
	tool domain add "$1" --postmaster new@example.org
}
# Whoever has a mailbox has it before the first thing is done.
make_mailbox() { # ADDRESS DOINGS
	[[ $2 = *\ add\ * || $2 = - ]] || { make_domain "${1#*@}"; tool mailbox add "$1" --password-file right; }
}
carry_out() { # ADDRESS DOINGS
	local doing words i
	[[ $2 != - && $2 != backup-* && $1 = *@* ]] && make_domain "${1#*@}"
	while IFS= read -r doing; do
		read -ra words <<<"${doing//%/${1#*@}}"
		for i in "${!words[@]}"; do [ "${words[i]}" != @ ] || words[i]=$1; done
		case ${words[0]--} in
		-) ;;
		expire | disable_alone) "${words[@]}" ;;
		*) tool "${words[@]}" ;;
		esac
	done <<<"${2//; /$'\n'}"
}

addresses=() doings=() answers=() places=()
while IFS='|' read -r address doing answer place; do
	[[ $address != '#'* ]] || continue
	read -r address <<<"$address"
	read -r doing <<<"$doing"
	read -r place <<<"$place"
	read -ra words <<<"$answer"
	addresses+=("$address") doings+=("$doing") answers+=("${words[*]}") places+=("$place")
done < <(table)
for i in "${!addresses[@]}"; do make_mailbox "${addresses[i]}" "${doings[i]}"; done
for i in "${!addresses[@]}"; do carry_out "${addresses[i]}" "${doings[i]}"; done
[ "$failures" -eq 0 ] || die 'not all of the table could be done'

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
