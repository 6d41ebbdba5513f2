#!/bin/bash
# What Dovecot and slapd make as hashes is imported as such, of every scheme that they have; what keeps the password itself is not.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
PATH=$PATH:/usr/sbin
command -v doveadm >/dev/null && command -v slappasswd >/dev/null || exit 77
start_sandbox
eval "$(mailctl sandbox env)"
mailctl domain add example.org -q
n=0

# imported STATUS WHAT HASH
imported() {
	n=$((n + 1))
	printf '%s\n' "dn: mail=u$n@example.org,vd=example.org,o=hosting,$LDAPBASE" 'objectClass: VirtualMailAccount' "mail: u$n@example.org" 'cn: u' 'sn: u' \
		'vdHome: /home/vmail/domains' "mailbox: example.org/u$n/" 'accountActive: TRUE' 'delete: FALSE' 'lastChange: 0' "userPassword: $3" >"$scratch/one.ldif"
	run "$1" mailctl import "$scratch/one.ldif"
	[ "$1" = 0 ] || complains 'no hash'
}

for scheme in $(doveadm pw -l) SSHA.HEX SHA256.B64 PLAIN.B64; do
	hash=$(doveadm pw -s "$scheme" -p secretpw -u a@example.org 2>/dev/null) || continue # not on this machine
	case $scheme in
	PLAIN* | CLEAR* | OTP | SKEY) case $scheme in PLAIN-MD?) status=0 ;; *) status=65 ;; esac ;; # one-time passwords are none
	*) status=0 ;;
	esac
	imported "$status" "$scheme" "$hash"
done
[ "$n" -ge 25 ] || fail "doveadm made hashes of $n schemes"
for scheme in {SSHA} {SHA} {SMD5} {MD5} {CRYPT}; do imported 0 "$scheme" "$(slappasswd -s secretpw -h "$scheme")"; done
for scheme in {SSHA512} {SHA384} {SSHA256} {SHA512}; do imported 0 "$scheme" "$(slappasswd -o module-path=/usr/lib/ldap -o module-load=pw-sha2 -s secretpw -h "$scheme")"; done
imported 0 ARGON2 "$(slappasswd -o module-path=/usr/lib/ldap -o module-load=argon2 -s secretpw -h '{ARGON2}')"
imported 65 CLEARTEXT "$(slappasswd -s secretpw -h '{CLEARTEXT}')"

finish
