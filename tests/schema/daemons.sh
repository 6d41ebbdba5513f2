#!/bin/bash
# Dovecot and Postfix with the files of schema/dovecot and schema/postfix: who logs in, where his mail is, where mail goes. The files are
# those that an administrator takes, with the places of this test put in.
. "$(dirname "$0")/server.sh"
phamm_password=$odd_password
. "$(dirname "$0")/../support/private_dovecot.bash"
can_run_dovecot || exit 77
trap 'end_dovecots; finish' EXIT
support=$(cd "$(dirname "$0")/../support" && pwd)
chmod 711 "$scratch" # Dovecot passes, to the socket of slapd

check() { # WHAT WANTED GOT
	[ "$2" = "$3" ] || fail "$1"$'\n  wanted: '"$2"$'\n  got:    '"$3"
}

# ---- a directory
mail_home=$scratch/mail
mkdir "$mail_home"
give_to_dovecot "$mail_home"

domain() { # DOMAIN ACTIVE
	printf '\ndn: vd=%s,o=hosting,%s\nobjectClass: VirtualDomain\nvd: %s\naccountActive: %s\ndelete: FALSE\nlastChange: 0\n' "$1" "$base" "$1" "$2"
}
account() { # ADDRESS UID [LINE...]
	local domain=${1#*@}
	printf '\ndn: mail=%s,vd=%s,o=hosting,%s\n' "$1" "$domain" "$base"
	{
		printf '%s\n' 'objectClass: VirtualMailAccount' 'objectClass: VirtualForward' 'objectClass: Vacation' "mail: $1" "cn: $2" "sn: $2" "uid: $2" \
			"vdHome: $mail_home" "mailbox: $domain/${1%@*}/" 'lastChange: 0' 'userPassword: right' "${@:3}"
		[[ " ${*:3} " = *accountActive* ]] || echo 'accountActive: TRUE'
		[[ " ${*:3} " = *delete:* ]] || echo 'delete: FALSE'
		[[ " ${*:3} " = *forwardActive* ]] || echo 'forwardActive: FALSE'
		[[ " ${*:3} " = *vacationActive* ]] || echo 'vacationActive: FALSE'
	} | LC_ALL=C sort -s -t: -k1,1 # slapadd keeps values of one attribute that stand apart as two attributes of one name
}
alias_of() { # ADDRESS TARGET [LINE...]
	printf '\ndn: mail=%s,vd=%s,o=hosting,%s\n' "$1" "${1#*@}" "$base"
	printf '%s\n' 'objectClass: VirtualMailAlias' "mail: $1" "cn: x" "sn: x" "maildrop: $2" "${@:3}" 'lastChange: 0'
	[[ " ${*:3} " = *accountActive* ]] || echo 'accountActive: TRUE'
}
backup() { # DOMAIN ACTIVE ADDRESS
	printf '\ndn: vd=%s,o=hosting,%s\nobjectClass: VirtualBackupDomain\nvd: %s\naccountActive: %s\ndelete: FALSE\nlastChange: 0\n' "$1" "$base" "$1" "$2"
	printf '\ndn: mail=%s,vd=%s,o=hosting,%s\nobjectClass: VirtualBackupMail\nmail: %s\naccountActive: %s\nlastChange: 0\n' "$3" "$1" "$base" "$3" "$2"
}
# What RFC 5322 lets stand in an address without quotes, but + (an extension) and / (no folder can have it).
odd="! # $ % & ' * - = ? ^ _ \` { | } ~" n=0
set -f
{
	fill "$schema/tree.ldif.in"
	domain example.org TRUE
	domain shut.example FALSE
	domain all.example TRUE
	account Ada.Rossi@example.org arossi
	account bob@example.org bob.example.org 'quota: 1048576S'
	account none@example.org none.example.org 'quota: 0S'
	account off@example.org off.example.org 'accountActive: FALSE'
	account gone@example.org gone.example.org 'delete: TRUE'
	account away@example.org away.example.org 'forwardActive: TRUE' 'maildrop: away@example.net' 'vacationActive: TRUE'
	account both@example.org both.example.org 'forwardActive: TRUE' 'maildrop: both@example.org' 'maildrop: both@example.net'
	account kept@example.org kept.example.org 'maildrop: former@example.net'
	account 'o*e@example.org' star.example.org
	for c in $odd; do account "d${c}x@example.org" "odd$((++n)).example.org"; done
	account eve@all.example eve.all.example
	account noread@example.org noread.example.org 'smtpAuth: TRUE' 'objectClass: vmailState' 'vmailMayLogIn: FALSE'
	account nomail@example.org nomail.example.org 'smtpAuth: TRUE' 'forwardActive: TRUE' 'maildrop: x@example.net' 'objectClass: vmailState' 'vmailMayReceive: FALSE'
	account nosend@example.org nosend.example.org 'smtpAuth: FALSE'
	account mia@example.org mia.example.org 'mail: maria@all.example' # while it is being renamed
	alias_of ada@example.org Ada.Rossi@example.org
	alias_of team@example.org ada@example.org 'maildrop: bob@example.org'
	alias_of idle@example.org bob@example.org 'accountActive: FALSE'
	alias_of @all.example bob@example.org
	backup spare.example TRUE ann@spare.example
	backup whole.example TRUE @whole.example
	backup past.example FALSE ann@past.example
} >"$scratch/tree.ldif"
set +f
configure "$scratch/server"
chmod 711 "$scratch/server"
load "$scratch/server" "$scratch/tree.ldif"
serve "$scratch/server"

# ---- Dovecot
fill "$schema/dovecot/dovecot-ldap.conf.ext" >"$scratch/ldap.conf"
serve_directory "$scratch/ldap.conf" <(fill "$schema/dovecot/mailctl.conf") "$(uri "$scratch/server")" || die 'no Dovecot'
read_imap() { python3 "$support/imap.py" "$dovecot_imap" "$@"; }

logins() { sed 's/ *#.*//' | read_imap logins; }
check 'who logs in' "$(printf '%s\tok\n' Ada.Rossi@example.org arossi ARossi bob@example.org bob.example.org away@example.org both@example.org)" "$(logins <<-TRY
	Ada.Rossi@example.org right
	arossi right              # the old login
	ARossi right
	bob@example.org right
	bob.example.org right     # Phamm's uid
	away@example.org right
	both@example.org right
TRY
)"
check 'who does not' "$(printf '%s\trefused\n' Ada.Rossi@example.org off@example.org off.example.org gone@example.org ada@example.org team@example.org nobody@example.org '*' phamm)" "$(logins <<-TRY
	Ada.Rossi@example.org wrong
	off@example.org right
	off.example.org right
	gone@example.org right
	ada@example.org right     # an alias is no login
	team@example.org right
	nobody@example.org right
	* right
	phamm secret
TRY
)"
check 'a mailbox that is being renamed lets its owner in by both addresses' $'mia@example.org\tok\nmaria@all.example\tok\nmia.example.org\tok' \
	"$(printf '%s right\n' mia@example.org maria@all.example mia.example.org | logins)"
# What each may do, by itself: by the service that asks Dovecot, which is smtp for Postfix.
may() { # SERVICE ADDRESS
	doveadm -c "$dovecot_dir/dovecot.conf" auth test -x "service=$1" "$2" right 2>/dev/null | sed -n 's/.* auth //p'
}
for ways in 'noread@example.org failed failed succeeded succeeded' 'nomail@example.org succeeded succeeded succeeded succeeded' \
	'nosend@example.org succeeded succeeded failed failed' 'off@example.org failed failed failed failed'; do
	read -r who imap pop3 smtp submission <<<"$ways"
	for way in imap pop3 smtp submission; do check "$who by $way" "${!way}" "$(may "$way" "$who")"; done
done
set -f
odd_addresses=$(for c in $odd; do echo "d${c}x@example.org"; done)
set +f
check 'who has an odd character logs in' "$(sed 's/$/\tok/' <<<"$odd_addresses")" "$(sed 's/$/ right/' <<<"$odd_addresses" | read_imap logins)"
check 'the quota of the directory' $'User quota\tSTORAGE\t0\t1024' "$(read_imap quota bob@example.org right)"
check 'no quota' '' "$(read_imap quota none@example.org right)"
check 'no quota either' '' "$(read_imap quota arossi right)"

# Delivered by LMTP to the address, in a case of its own: it is in the Maildir of the directory.
deliver() { # ADDRESS...
	python3 - "$dovecot_lmtp" "$@" <<-'PYTHON'
		import smtplib, sys
		server = smtplib.LMTP(sys.argv[1])
		for address in sys.argv[2:]:
		    try:
		        server.sendmail("sender@example.net", [address], f"Subject: for {address}\r\n\r\nhello\r\n")
		        print(address, "delivered")
		    except smtplib.SMTPRecipientsRefused as refusal:
		        print(address, *(code for code, _ in refusal.recipients.values()))
	PYTHON
}
check 'delivery' $'ada.rossi@example.org delivered\nada.rossi+cern@example.org delivered\noff@example.org 550\ngone@example.org 550' \
	"$(deliver ada.rossi@example.org ada.rossi+cern@example.org off@example.org gone@example.org)"
check 'the Maildir' 2 "$(find "$mail_home/example.org/Ada.Rossi/new" -type f | wc -l)"
check 'what was delivered is read by the old login' $'INBOX\nINBOX' "$(read_imap messages arossi right | cut -f1)"
check 'delivery to a mailbox that is being renamed' $'mia@example.org delivered\nmaria@all.example delivered' "$(deliver mia@example.org maria@all.example)"
check 'its Maildir' 2 "$(find "$mail_home/example.org/mia/new" -type f | wc -l)"
check 'users for doveadm, one of them by both addresses' 30 "$(as_mail_user doveadm -c "$dovecot_dir/dovecot.conf" user '*' | wc -l)"
mapfile -t each_odd <<<"$odd_addresses"
check 'and gets mail' "$(sed 's/$/ delivered/' <<<"$odd_addresses")" "$(deliver "${each_odd[@]}")"
stop
check 'no directory is no refusal' $'bob@example.org\tunavailable' "$(logins <<<'bob@example.org right')"
serve "$scratch/server"

# ---- Postfix
packages=$("$support/unpack-packages" postfix postfix-ldap) || { verdict 'Dovecot (Postfix could not be had)'; exit; }
# Postfix loads its LDAP client only where a file of root tells it to.
as_root=()
[ "$uid" -eq 0 ] || as_root=(unshare -r)
"${as_root[@]}" true || { verdict 'Dovecot (nobody here may be root to Postfix)'; exit; }
export LD_LIBRARY_PATH=$packages/usr/lib/postfix
mkdir "$scratch/postfix"
place() { fill "$1" | sed -e "s|ldapi:///|$(uri "$scratch/server")|"; }
for map in "$schema"/postfix/*.cf; do place "$map" >"$scratch/postfix/${map##*/}"; done
sed -i "s|/etc/postfix/mailctl|$scratch/postfix|" "$scratch/postfix/main.cf"
cat >>"$scratch/postfix/main.cf" <<-CONF
	compatibility_level = 3.6
	shlib_directory = $packages/usr/lib/postfix
	meta_directory = $scratch/postfix
	daemon_directory = $packages/usr/lib/postfix/sbin
	mail_owner = daemon
	setgid_group = mail
	import_environment = LD_LIBRARY_PATH
CONF
echo 'ldap postfix-ldap.so dict_ldap_open' >"$scratch/postfix/dynamicmaps.cf"
asked() { "${as_root[@]}" "$packages/usr/sbin/postmap" -c "$scratch/postfix" -q "$2" "ldap:$scratch/postfix/$1.cf" 2>&1; }
answers() { # MAP KEY WANTED
	check "$1: $2" "$3" "$(asked "$1" "$2")"
}
# Where postmaster@localhost goes, the postmaster of a new domain: to the mail server itself.
case " $("$packages/usr/sbin/postconf" -c "$scratch/postfix" -hx mydestination 2>/dev/null), " in
*' localhost, '*) ;;
*) fail 'Postfix does not take localhost for its own' ;;
esac
answers domains example.org example.org
answers domains EXAMPLE.ORG example.org
answers domains shut.example shut.example
answers stopped_transports shut.example 'error:5.1.2 the domain shut.example is not in service'
answers stopped_recipients shut.example '550 5.1.2 the domain shut.example is not in service'
answers stopped_recipients example.org ''
answers transports example.org ''
answers domains example.net ''
answers accounts Ada.Rossi@example.org ada.rossi@example.org
answers accounts both@example.org both@example.org
answers accounts away@example.org away@example.org
answers accounts mia@example.org mia@example.org # one copy, not one for each address
answers accounts maria@all.example maria@all.example
answers accounts off@example.org ''
answers accounts gone@example.org ''
answers accounts ada@example.org ''
answers accounts 'o*e@example.org' 'o*e@example.org'
answers accounts '*@example.org' ''
answers accounts @all.example ''
answers backup_domains spare.example spare.example
answers backup_domains past.example ''
answers backup_domains example.org ''
answers domains spare.example ''
answers backup_mail ann@spare.example ann@spare.example
answers backup_mail ben@spare.example ''
answers backup_mail @spare.example ''
answers backup_mail @whole.example @whole.example
answers backup_mail ann@past.example ''
answers accounts ann@spare.example ''
answers forwards away@example.org away@example.net
answers forwards both@example.org both@example.org,both@example.net
answers forwards kept@example.org ''
answers forwards nomail@example.org ''
answers accounts nomail@example.org ''
answers accounts noread@example.org noread@example.org
answers forwards bob@example.org ''
answers aliases ada@example.org Ada.Rossi@example.org
answers aliases team@example.org ada@example.org,bob@example.org
answers aliases idle@example.org ''
answers aliases @all.example bob@example.org
answers aliases eve@all.example ''

# As the three maps of main.cf stand, one after the other: the first answer counts.
virtual() {
	local key=$1 map answer
	for map in $("$packages/usr/sbin/postconf" -c "$scratch/postfix" -h virtual_alias_maps 2>/dev/null); do
		map=${map#proxy:} # by a Postfix that runs; here is none
		answer=$("${as_root[@]}" "$packages/usr/sbin/postmap" -c "$scratch/postfix" -q "$key" "$map" 2>&1) && { echo "$answer"; return; }
	done
}
check 'a mailbox is not taken by the catch-all' eve@all.example "$(virtual eve@all.example)"
check 'a forward goes before the mailbox' away@example.net "$(virtual away@example.org)"
check 'a copy is kept in the mailbox' both@example.org,both@example.net "$(virtual both@example.org)"

verdict 'Dovecot and Postfix over the directory'
