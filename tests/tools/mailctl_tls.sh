#!/bin/bash
# A password crosses the network to a server whose certificate is good, in TLS 1.2 or later, and nowhere else.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
unset MAILCTL_SANDBOX
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT
slapd=$(PATH=$PATH:/usr/sbin type -P slapd) || exit 77
mkdir "$scratch/pki"

# issue NAME DAYS EXTENSION [COMMON-NAME [CA]]
issue() {
	local ca=$scratch/pki/${5-ca}
	openssl req -newkey rsa:2048 -nodes -keyout "$scratch/pki/$1.key" -out "$scratch/pki/$1.csr" -subj "/CN=${4-$1}" 2>/dev/null &&
		openssl x509 -req -in "$scratch/pki/$1.csr" -CA "$ca.pem" -CAkey "$ca.key" -days "$2" \
			-extfile <(printf '%b\n' "$3") -out "$scratch/pki/$1.pem" 2>/dev/null
}
past=$(date -u -d '-10 days' +%F) future=$(date -u -d '10 days' +%F)
# day OFFSET: as a certificate has it.
day() { date -u -d "$1 days" +%y%m%d000000Z; }
# Valid from one day to another one, which x509(1) cannot say.
issue_for() {
	openssl req -new -key "$scratch/pki/good.key" -out "$scratch/pki/$1.csr" -subj "/CN=$1" 2>/dev/null
	cp "$scratch/pki/good.key" "$scratch/pki/$1.key"
	: >"$scratch/pki/index"
	openssl ca -batch -config <(printf '%s\n' '[ca]' 'default_ca=own' '[own]' "database=$scratch/pki/index" "new_certs_dir=$scratch/pki" \
		'default_md=sha256' 'policy=any' 'rand_serial=yes' 'unique_subject=no' '[any]' 'commonName=supplied') -notext \
		-cert "$scratch/pki/ca.pem" -keyfile "$scratch/pki/ca.key" -startdate "$(day "$2")" -enddate "$(day "$3")" \
		-extfile <(printf '%s\n' "$4") -in "$scratch/pki/$1.csr" -out "$scratch/pki/$1.pem" 2>/dev/null || exit 1
}
for ca in ca other-ca; do
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -keyout "$scratch/pki/$ca.key" -out "$scratch/pki/$ca.pem" -subj "/CN=$ca" 2>/dev/null
done
openssl x509 -in "$scratch/pki/ca.pem" -signkey "$scratch/pki/ca.key" -days -1 -out "$scratch/pki/old-ca.pem" 2>/dev/null || exit 1
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -keyout "$scratch/pki/self-signed.key" -out "$scratch/pki/self-signed.pem" -subj /CN=self-signed \
	-addext subjectAltName=IP:127.0.0.1 2>/dev/null
issue good 30 subjectAltName=IP:127.0.0.1
issue_for expired -40 -10 subjectAltName=IP:127.0.0.1
issue_for early 10 40 subjectAltName=IP:127.0.0.1
issue_for expired-elsewhere -40 -10 subjectAltName=DNS:ldap.example.org
issue here 30 "subjectAltName=DNS:$(hostname),DNS:$(hostname -f 2>/dev/null || hostname)"
issue_for expired-here -40 -10 "subjectAltName=DNS:$(hostname)"
issue stranger-here 30 "subjectAltName=DNS:$(hostname)" stranger other-ca
issue localhost 30 subjectAltName=DNS:localhost
issue elsewhere 30 subjectAltName=DNS:ldap.example.org,IP:192.0.2.1
issue nameless 30 basicConstraints=CA:FALSE 127.0.0.1
issue common-name 30 subjectAltName=DNS:ldap.example.org 127.0.0.1
issue for-clients 30 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth'
issue for-both 30 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth,serverAuth'
issue for-any 30 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=anyExtendedKeyUsage'

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# serve NAME CERTIFICATE [LINE]: a directory on 127.0.0.1. Its URIs are then ${ldap[NAME]} and ${ldaps[NAME]}. A port that was free may be somebody
# else's by the time that slapd gets to it: then it ends, and others are tried.
declare -A ldap ldaps
serve() {
	for _ in {1..5}; do try_to_serve "$@" && return; done
	cat "$scratch/server-$1/log" >&2
	fail "the server $1 does not start"
	exit 1
}
try_to_serve() {
	local dir=$scratch/server-$1 certificate=$2 plain secure line
	rm -rf "$dir"
	mkdir -p "$dir/data"
	plain=ldap://127.0.0.1:$(free_port) secure=ldaps://127.0.0.1:$(free_port)
	ldap[$1]=$plain ldaps[$1]=$secure
	{
		echo "include /etc/ldap/schema/core.schema"
		echo "modulepath /usr/lib/ldap"
		echo "moduleload back_mdb"
		echo "pidfile $dir/pid" # written when both ports are ours
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
	"$slapd" -d stats -f "$dir/slapd.conf" -h "$plain $secure" >"$dir/log" 2>&1 &
	local pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		[ -s "$dir/pid" ] && (exec 3<>"/dev/tcp/127.0.0.1/${plain##*:}") 2>/dev/null && return
		sleep 0.05
	done
	return 1
}
serve good good
serve expired expired
serve elsewhere elsewhere
for certificate in early expired-elsewhere self-signed here expired-here stranger-here localhost; do serve $certificate $certificate; done
for certificate in nameless common-name for-clients for-both for-any; do serve $certificate $certificate; done
serve clear none
serve mutual good 'TLSVerifyClient demand'
serve old good 'TLSCipherSuite LEGACY:-VERS-ALL:+VERS-TLS1.1'
serve older good 'TLSCipherSuite LEGACY:-VERS-ALL:+VERS-TLS1.0'

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

# By the name of this machine, which localhost stands for.
run 0 mailctl -H "${ldaps[here]/127.0.0.1/localhost}" --ca-file "$ca" "${login[@]}" whoami
run 0 mailctl -H "${ldap[here]/127.0.0.1/localhost}" --starttls --ca-file "$ca" "${login[@]}" whoami

# status | the sentence | the hint | arguments
refuses_what_is_not_safe() {
	while IFS='|' read -r status sentence hint arguments; do
		eval "set -- $arguments"
		run "${status// /}" mailctl "$@" "${login[@]}" whoami
		silent
		eval "sentence=\"$(sed 's/^ *//;s/ *$//' <<<"$sentence")\""
		complains "$sentence"
		complains "$(sed 's/^ *//;s/ *$//' <<<"$hint")"
		[[ $(grep -c 'mailctl: error: ' <<<"$err") == 1 ]] || fail "$last: not one sentence"
	done <<'TABLE'
78 | none of the system's authorities | --ca-file          | -H "${ldaps[good]}"
78 | other-ca.pem does not vouch      | --ca-file          | -H "${ldaps[good]}" --ca-file "$scratch/pki/other-ca.pem"
78 | none of the system's authorities | --ca-file          | -H "${ldap[good]}" --starttls
78 | other-ca.pem does not vouch      | --ca-file          | -H "${ldap[good]}" --starttls --ca-file "$scratch/pki/other-ca.pem"
78 | is not trusted                   | --ca-file          | -H "${ldaps[good]}" -H "${ldap[clear]}"
78 | is not trusted: it expired on ${past}T00:00:00Z | a new one | -H "${ldaps[expired]}" --ca-file "$ca"
78 | is not trusted: it expired on ${past}T00:00:00Z | a new one | -H "${ldap[expired]}" --starttls --ca-file "$ca"
78 | is not trusted: it expired on ${past}T00:00:00Z | a new one | -H "${ldaps[expired-here]/127.0.0.1/localhost}" --ca-file "$ca"
78 | is not trusted: it expired on ${past}T00:00:00Z | a new one | -H "${ldap[expired-here]/127.0.0.1/localhost}" --starttls --ca-file "$ca"
78 | is not trusted: it is not valid before ${future}T00:00:00Z | clocks | -H "${ldaps[early]}" --ca-file "$ca"
78 | is not trusted: it is not valid before ${future}T00:00:00Z | clocks | -H "${ldap[early]}" --starttls --ca-file "$ca"
78 | is not trusted: it expired on ${past}T00:00:00Z, and it is for ldap.example.org and not for 127.0.0.1 | a new one | -H "${ldaps[expired-elsewhere]}" --ca-file "$ca"
78 | is not trusted: it expired on ${past}T00:00:00Z, and it is for ldap.example.org and not for 127.0.0.1 | a new one | -H "${ldap[expired-elsewhere]}" --starttls --ca-file "$ca"
78 | is not trusted: $scratch/pki/ca.pem does not vouch for its issuer CN=other-ca | --ca-file | -H "${ldaps[stranger-here]/127.0.0.1/localhost}" --ca-file "$ca"
78 | is not trusted: $scratch/pki/ca.pem does not vouch for its issuer CN=other-ca | --ca-file | -H "${ldap[stranger-here]/127.0.0.1/localhost}" --starttls --ca-file "$ca"
78 | is not trusted: it is signed by itself, CN=self-signed, and $scratch/pki/ca.pem does not vouch for it | --ca-file | -H "${ldaps[self-signed]}" --ca-file "$ca"
78 | is not trusted: it is signed by itself, CN=self-signed, and $scratch/pki/ca.pem does not vouch for it | --ca-file | -H "${ldap[self-signed]}" --starttls --ca-file "$ca"
78 | is not trusted: its authority CN=ca expired on | a new one | -H "${ldaps[good]}" --ca-file "$scratch/pki/old-ca.pem"
78 | is not trusted: its authority CN=ca expired on | a new one | -H "${ldap[good]}" --starttls --ca-file "$scratch/pki/old-ca.pem"
78 | is not trusted: it is for ldap.example.org, 192.0.2.1 and not for 127.0.0.1 | in the URI | -H "${ldaps[elsewhere]}" --ca-file "$ca"
78 | is not trusted: it is for ldap.example.org, 192.0.2.1 and not for 127.0.0.1 | in the URI | -H "${ldap[elsewhere]}" --starttls --ca-file "$ca"
78 | is not trusted: it is for 127.0.0.1 and not for $(hostname), the name of this machine | in the URI | -H "${ldaps[good]/127.0.0.1/localhost}" --ca-file "$ca"
78 | is not trusted: it is for 127.0.0.1 and not for $(hostname), the name of this machine | in the URI | -H "${ldap[good]/127.0.0.1/localhost}" --starttls --ca-file "$ca"
78 | is not trusted: it is for localhost and not for $(hostname), the name of this machine | in the URI | -H "${ldaps[localhost]/127.0.0.1/localhost}" --ca-file "$ca"
78 | is not trusted: it is for localhost and not for $(hostname), the name of this machine | in the URI | -H "${ldap[localhost]/127.0.0.1/localhost}" --starttls --ca-file "$ca"
78 | is not trusted: it names no host in subjectAltName | in the URI | -H "${ldaps[nameless]}" --ca-file "$ca"
78 | is not trusted: it names no host in subjectAltName | in the URI | -H "${ldap[nameless]}" --starttls --ca-file "$ca"
78 | is not trusted: it is for ldap.example.org and not for 127.0.0.1 | in the URI | -H "${ldaps[common-name]}" --ca-file "$ca"
78 | is not one of a server           | serverAuth         | -H "${ldaps[for-clients]}" --ca-file "$ca"
78 | is not one of a server           | serverAuth         | -H "${ldap[for-clients]}" --starttls --ca-file "$ca"
75 | the connection to                | for ldaps://       | -H "${ldaps[good]/ldaps:/ldap:}" --allow-clear-bind
78 | does not start TLS               | ldaps://           | -H "${ldap[clear]}" --starttls --ca-file "$ca"
78 | no version of TLS in common      | TLS 1.2            | -H "${ldaps[old]}" --ca-file "$ca"
78 | no version of TLS in common      | TLS 1.2            | -H "${ldap[old]}" --starttls --ca-file "$ca"
78 | no version of TLS in common      | TLS 1.2            | -H "${ldaps[older]}" --ca-file "$ca"
78 | no version of TLS in common      | TLS 1.2            | -H "${ldap[older]}" --starttls --ca-file "$ca"
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

# Whoever looks at a certificate that was refused says nothing, not even who we are.
for server in expired early elsewhere self-signed stranger-here; do
	grep -q ' BIND \| SRCH ' "$scratch/server-$server/log" && fail "the server $server was asked for something"
	grep -q TLS "$scratch/server-$server/log" || fail "the log of the server $server does not tell of connections"
done

# It looks within the same time. This server shows its certificate once and is silent then.
cat >"$scratch/silent_server" <<'PYTHON'
import socket, ssl, sys, time
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + ".pem", sys.argv[1] + ".key")
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
try:
    context.wrap_socket(listener.accept()[0], server_side=True)
except OSError:
    pass
silent = listener.accept()[0]
print("again", flush=True)
time.sleep(600)
PYTHON
python3 "$scratch/silent_server" "$scratch/pki/expired" >"$scratch/silent" 2>&1 &
until [ -s "$scratch/silent" ]; do sleep 0.05; done
SECONDS=0
run 78 mailctl -H "ldaps://127.0.0.1:$(head -n 1 "$scratch/silent")" --ca-file "$ca" "${login[@]:0:6}" --timeout 2 whoami
complains "or its time is over, or its subjectAltName does not name that host"
complains --ca-file
[ "$SECONDS" -lt 60 ] || fail "it took $SECONDS seconds"
grep -q again "$scratch/silent" || fail "it did not look again"

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
MAILCTL_KEY_FILE=$scratch/pki/elsewhere.key run 78 mailctl -H "${ldaps[mutual]}" -b o=hosting --ca-file "$ca" --sasl external whoami
complains key-file
MAILCTL_KEY_FILE='' run 78 mailctl -H "${ldaps[mutual]}" -b o=hosting --ca-file "$ca" --sasl external whoami
complains key-file

finish
