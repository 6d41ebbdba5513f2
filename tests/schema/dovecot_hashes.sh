#!/bin/bash
# What Dovecot stores as a password is given to --hash: slapd then logs in by it where mailctl takes it, and could not where mailctl refuses it. Asked of both
# daemons, for every scheme that doveadm has and every encoding.
. "$(dirname "$0")/server.sh"
: "${MAILCTL:?the path of mailctl}"
command -v doveadm >/dev/null || exit 77
export HOME=$scratch XDG_STATE_HOME=$scratch/state MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal TZ=UTC MAILCTL_BASE=$base
unset MAILCTL_SANDBOX

server=$scratch/server
configure "$server"
pbkdf2=true
[ -e /usr/lib/ldap/pw-pbkdf2.so ] && sed -i 's|^moduleload argon2|&\nmoduleload pw-pbkdf2|' "$server/slapd.conf" || pbkdf2=false
fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
load "$server" "$scratch/tree.ldif"
serve "$server"
MAILCTL_URI=$(uri "$server")
export MAILCTL_URI
"$MAILCTL" domain add example.org -q || die 'no domain'

logs_in() { ldapwhoami -x -H "$MAILCTL_URI" -D "mail=$1@example.org,vd=example.org,o=hosting,$base" -w "$2" >/dev/null 2>&1; }
stored() { search "$MAILCTL_URI" "(mail=$1@example.org)" userPassword | sed -n 's/^userPassword:: //p' | base64 -d; }
# what slapd itself makes of a value, whatever it is
store() { printf 'dn: mail=%s@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: userPassword\nuserPassword: %s\n' "$1" "$base" "$2" | peer ldapmodify -H "$MAILCTL_URI" >/dev/null; }

n=0 taken=" " refused=" "
judge() { # NAME VALUE PASSWORD
	local who=u$((++n)) said status=0
	printf '%s\n' "$2" >"$scratch/hash" && chmod 600 "$scratch/hash"
	said=$("$MAILCTL" mailbox add "$who@example.org" --hash "$scratch/hash" 2>&1) || status=$?
	case $status in
	0)
		taken+="$1 "
		logs_in "$who" "$3" || fail "$1 is taken as $(stored "$who"), and does not log in"
		logs_in "$who" "x$3" && fail "$1 logs in with any password"
		case $(stored "$who") in {ARGON2}* | {PBKDF2-SHA*}* | {SHA384}* | {SSHA384}*) ;; # Dovecot binds to check those
		*) doveadm pw -t "$(stored "$who")" -p "$3" >/dev/null 2>&1 || fail "$1 is taken as $(stored "$who"), and Dovecot does not verify that" ;; esac
		;;
	65)
		refused+="$1 "
		[[ $said != *"$2"* ]] || fail "$1: the hash is shown: $said"
		"$MAILCTL" mailbox add "$who@example.org" --no-password -q
		case $1 in PLAIN* | CLEAR*) [[ $1 = *MD? ]] || return 0 ;; esac # what slapd would take, and nobody should store
		store "$who" "$2"
		logs_in "$who" "$3" && fail "$1 is refused, and slapd logs in by it"
		;;
	*) fail "$1: status $status: $said" ;;
	esac
	return 0
}

for scheme in $(doveadm pw -l) SHA384; do
	for encoding in "" .HEX .B64; do
		password=$(head -c 9 /dev/urandom | base64)
		value=$(doveadm pw -s "$scheme$encoding" -p "$password" -u someone@example.org 2>/dev/null) || continue # not on this machine
		$pbkdf2 || [ "$scheme" != PBKDF2 ] || continue
		judge "$scheme$encoding" "$value" "$password"
	done
done
# As shadow(5) has it, as Dovecot's {MD5} is, too, and what slapd makes itself.
judge bare "$(doveadm pw -s SHA512-CRYPT -p secretpw | sed 's/^{.*}//')" secretpw
judge MD5-of-digest "{MD5}$(printf secretpw | md5sum | cut -d' ' -f1)" secretpw
judge lower "$(doveadm pw -s BLF-CRYPT -p secretpw | sed 's/BLF-CRYPT/blf-crypt/')" secretpw
for scheme in SSHA SMD5 MD5 SHA CRYPT; do judge "slapd-$scheme" "$(slappasswd -s secretpw -h "{$scheme}")" secretpw; done
for scheme in SSHA384 SHA384 SSHA512; do judge "slapd-$scheme" "$(slappasswd -o module-path=/usr/lib/ldap -o module-load=pw-sha2 -s secretpw -h "{$scheme}")" secretpw; done
judge slapd-ARGON2 "$(slappasswd -o module-path=/usr/lib/ldap -o module-load=argon2 -s secretpw -h '{ARGON2}')" secretpw
! $pbkdf2 || judge slapd-PBKDF2 "$(slappasswd -o module-path=/usr/lib/ldap -o module-load=pw-pbkdf2.so -s secretpw -h '{PBKDF2-SHA512}')" secretpw

for scheme in BLF-CRYPT SHA512-CRYPT SHA256-CRYPT MD5-CRYPT DES-CRYPT CRYPT SSHA SSHA256 SSHA512 SMD5 LDAP-MD5 PLAIN-MD5 MD5 SHA SHA1 SHA256 SHA512 SHA256.HEX SSHA512.B64 PLAIN-MD5.B64 bare; do
	[[ $taken = *" $scheme "* ]] || fail "$scheme is not taken"
done
for scheme in CRAM-MD5 HMAC-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 PLAIN-MD4 OTP PLAIN CLEAR CLEARTEXT; do
	[[ $refused = *" $scheme "* ]] || fail "$scheme is not refused"
done
echo "taken:$taken" "refused:$refused"
verdict "$n hashes"
