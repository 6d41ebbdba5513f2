#!/bin/bash
# A password crosses the network to a server whose certificate is good, in TLS 1.2 or later, and nowhere else.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
unset MAILCTL_SANDBOX
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT
slapd=$(PATH=$PATH:/usr/sbin type -P slapd) || exit 77
mkdir "$scratch/pki"

# issue NAME DAYS EXTENSION [COMMON-NAME]
issue() {
	openssl req -newkey rsa:2048 -nodes -keyout "$scratch/pki/$1.key" -out "$scratch/pki/$1.csr" -subj "/CN=${4-$1}" 2>/dev/null &&
		openssl x509 -req -in "$scratch/pki/$1.csr" -CA "$scratch/pki/ca.pem" -CAkey "$scratch/pki/ca.key" -days "$2" \
			-extfile <(printf '%b\n' "$3") -out "$scratch/pki/$1.pem" 2>/dev/null
}
for ca in ca other-ca; do
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -keyout "$scratch/pki/$ca.key" -out "$scratch/pki/$ca.pem" -subj "/CN=$ca" 2>/dev/null
done
issue good 30 subjectAltName=IP:127.0.0.1
issue expired -1 subjectAltName=IP:127.0.0.1
issue elsewhere 30 subjectAltName=DNS:ldap.example.org,IP:192.0.2.1
issue nameless 30 basicConstraints=CA:FALSE 127.0.0.1
issue common-name 30 subjectAltName=DNS:ldap.example.org 127.0.0.1
issue for-clients 30 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth'
issue for-both 30 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth,serverAuth'
issue for-any 30 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=anyExtendedKeyUsage'

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# serve NAME CERTIFICATE [LINE]: a directory on 127.0.0.1. Its URIs are then ${ldap[NAME]} and ${ldaps[NAME]}.
declare -A ldap ldaps
serve() {
	local dir=$scratch/server-$1 certificate=$2 plain secure line
	mkdir -p "$dir/data"
	plain=ldap://127.0.0.1:$(free_port) secure=ldaps://127.0.0.1:$(free_port)
	ldap[$1]=$plain ldaps[$1]=$secure
	{
		echo "include /etc/ldap/schema/core.schema"
		echo "modulepath /usr/lib/ldap"
		echo "moduleload back_mdb"
		if [ "$certificate" = none ]; then
			secure=
		else
			echo "TLSCertificateFile $scratch/pki/$certificate.pem"
			echo "TLSCertificateKeyFile $scratch/pki/$certificate.key"
			echo "TLSCACertificateFile $scratch/pki/ca.pem"
		fi
		for line in "${@:3}"; do echo "$line"; done
		printf '%s\n' 'database mdb' 'suffix o=hosting' "directory $dir/data" 'rootdn cn=admin,o=hosting' 'rootpw secret'
	} >"$dir/slapd.conf"
	"$slapd" -d 0 -f "$dir/slapd.conf" -h "$plain $secure" >"$dir/log" 2>&1 &
	for _ in {1..100}; do
		(exec 3<>"/dev/tcp/127.0.0.1/${plain##*:}") 2>/dev/null && return
		sleep 0.05
	done
	cat "$dir/log" >&2
	exit 1
}
serve good good
serve expired expired
serve elsewhere elsewhere
for certificate in nameless common-name for-clients for-both for-any; do serve $certificate $certificate; done
serve clear none
serve mutual good 'TLSVerifyClient demand'
serve old good 'TLSCipherSuite LEGACY:-VERS-ALL:+VERS-TLS1.1'

printf 'secret\n' >"$scratch/password"
chmod 600 "$scratch/password"
ca=$scratch/pki/ca.pem
login=(-b o=hosting -D cn=admin,o=hosting -y "$scratch/password" --timeout 10)

# The server whose authority is known: at both doors.
run 0 mailctl -H "${ldaps[good]}" --ca-file "$ca" "${login[@]}" whoami
says "identity  dn:cn=admin,o=hosting"
says "base      o=hosting"
says "tls       TLS"
run 0 mailctl -H "${ldap[good]}" --starttls --ca-file "$ca" "${login[@]}" whoami -o json
says '"tls":"TLS'

# Its certificate may be for other things besides.
for certificate in for-both for-any; do
	run 0 mailctl -H "${ldaps[$certificate]}" --ca-file "$ca" "${login[@]}" whoami
	run 0 mailctl -H "${ldap[$certificate]}" --starttls --ca-file "$ca" "${login[@]}" whoami
done

# status | the sentence | the hint | arguments
refuses_what_is_not_safe() {
	while IFS='|' read -r status sentence hint arguments; do
		eval "set -- $arguments"
		run "${status// /}" mailctl "$@" "${login[@]}" whoami
		silent
		complains "$(sed 's/^ *//;s/ *$//' <<<"$sentence")"
		complains "$(sed 's/^ *//;s/ *$//' <<<"$hint")"
		[[ $(grep -c 'mailctl: error: ' <<<"$err") == 1 ]] || fail "$last: not one sentence"
	done <<'TABLE'
78 | none of the system's authorities | --ca-file          | -H "${ldaps[good]}"
78 | other-ca.pem does not vouch      | --ca-file          | -H "${ldaps[good]}" --ca-file "$scratch/pki/other-ca.pem"
78 | none of the system's authorities | --ca-file          | -H "${ldap[good]}" --starttls
78 | other-ca.pem does not vouch      | --ca-file          | -H "${ldap[good]}" --starttls --ca-file "$scratch/pki/other-ca.pem"
78 | is not trusted                   | --ca-file          | -H "${ldaps[good]}" -H "${ldap[clear]}"
78 | its time is over                 | --ca-file          | -H "${ldaps[expired]}" --ca-file "$ca"
78 | its time is over                 | --ca-file          | -H "${ldap[expired]}" --starttls --ca-file "$ca"
78 | subjectAltName does not name     | in the URI         | -H "${ldaps[elsewhere]}" --ca-file "$ca"
78 | subjectAltName does not name     | in the URI         | -H "${ldap[elsewhere]}" --starttls --ca-file "$ca"
78 | subjectAltName                   | in the URI         | -H "${ldaps[nameless]}" --ca-file "$ca"
78 | subjectAltName                   | in the URI         | -H "${ldap[nameless]}" --starttls --ca-file "$ca"
78 | subjectAltName                   | in the URI         | -H "${ldaps[common-name]}" --ca-file "$ca"
78 | is not one of a server           | serverAuth         | -H "${ldaps[for-clients]}" --ca-file "$ca"
78 | is not one of a server           | serverAuth         | -H "${ldap[for-clients]}" --starttls --ca-file "$ca"
75 | the connection to                | for ldaps://       | -H "${ldaps[good]/ldaps:/ldap:}" --allow-clear-bind
78 | does not start TLS               | ldaps://           | -H "${ldap[clear]}" --starttls --ca-file "$ca"
78 | no version of TLS in common      | TLS 1.2            | -H "${ldaps[old]}" --ca-file "$ca"
78 | no version of TLS in common      | TLS 1.2            | -H "${ldap[old]}" --starttls --ca-file "$ca"
75 | the TLS handshake                | speaks TLS there   | -H "${ldap[clear]/ldap:/ldaps:}" --ca-file "$ca"
78 | cannot read the CA file /nowhere | No such file       | -H "${ldaps[good]}" --ca-file /nowhere
78 | cannot read the CA file          | Is a directory     | -H "${ldaps[good]}" --ca-file "$scratch/pki"
78 | there is no certificate in       | PEM                | -H "${ldaps[good]}" --ca-file "$scratch/pki/nonsense.pem"
78 | in clear text                    | --allow-clear-bind | -H "${ldap[good]}"
78 | in clear text                    | --starttls         | -H ldap://192.0.2.1
78 | is not an LDAP URI               | ldaps://HOST       | -H "p${ldap[good]}"
78 | is not an LDAP URI               | ldaps://HOST       | -H "p${ldaps[good]}"
78 | in clear text                    | --starttls         | -H ldap://192.0.2.1 --allow-clear-bind
TABLE
}
printf 'no certificate\n' >"$scratch/pki/nonsense.pem"
refuses_what_is_not_safe

# Nothing that libldap would read by itself weakens it.
export LDAPTLS_REQCERT=never LDAPTLS_CACERT=$scratch/pki/ca.pem LDAPREQCERT=never LDAPCONF=$scratch/.ldaprc
printf 'TLS_REQCERT never\nTLS_CACERT %s\nTLS_PROTOCOL_MIN 3.1\n' "$scratch/pki/ca.pem" | tee "$scratch/.ldaprc" >"$scratch/ldaprc"
cd "$scratch" || exit 1
refuses_what_is_not_safe
unset LDAPTLS_REQCERT LDAPTLS_CACERT LDAPREQCERT LDAPCONF

# The loopback, when it is asked for; by the settings, too.
run 0 mailctl -H "${ldap[clear]}" --allow-clear-bind "${login[@]}" whoami
MAILCTL_ALLOW_CLEAR_BIND=yes run 0 mailctl -H "${ldap[clear]}" "${login[@]}" whoami
says cn=admin,o=hosting
[[ $out != *TLS* ]] || fail "TLS where there is none"

# A certificate of our own in place of a password.
export MAILCTL_CERT_FILE=$scratch/pki/good.pem MAILCTL_KEY_FILE=$scratch/pki/good.key
run 0 mailctl -H "${ldaps[mutual]}" -b o=hosting --ca-file "$ca" --sasl external whoami
says cn=good
MAILCTL_KEY_FILE=$scratch/pki/expired.key run 78 mailctl -H "${ldaps[mutual]}" -b o=hosting --ca-file "$ca" --sasl external whoami
complains key-file
MAILCTL_KEY_FILE='' run 78 mailctl -H "${ldaps[mutual]}" -b o=hosting --ca-file "$ca" --sasl external whoami
complains key-file

finish
