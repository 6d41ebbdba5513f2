# Sourced, before anything else, by the tests of this folder: the rest of the test runs on a machine of its own (tests/mailstack/machine), as the mail server that
# an administrator makes of Debian's packages and of what schema/ has. Everything is at its own place there: /etc/postfix, port 25, ldapi:///.
#
#     start_stack                   slapd, Postfix, Dovecot, Courier and the outside world; each also alone: start_directory, start_postfix ...
#     start_nslcd, start_radius     for who has named their packages
#     config DAEMON ARGUMENT...     mailctl config, with the settings of this machine: nothing else fills what schema/ has
#     tool ARGUMENT...              mailctl, which has to end with 0; in "$password_file" it finds "$password"
#     ask mail|logins ...           mails and logins, and what came of them: ask.py
#     postfix_as_installed          what Debian's package leaves behind, without our lines; so does dovecot_as_installed, courier_as_installed
#
# Who needs more packages names them before, in the array more_packages.
#
# Postfix is at 25 and 587, Dovecot at 143 and 110, Courier at 1143 and 1110; the outside world's mail server is at 2525, the list server at 8024 (LMTP), and
# what they get is in /var/mail/outside.

stack=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${MAILCTL:?the path of mailctl}"

if [ -z "${IN_MACHINE-}" ]; then
	[ "$(id -u)" -eq 0 ] || { echo 'a machine of its own needs root'; exit 77; }
	separate=(unshare --mount --pid --net --uts --ipc --fork --kill-child)
	"${separate[@]}" true 2>/dev/null || { echo 'a machine of its own needs namespaces, and here nobody can make them'; exit 77; }
	unpack=$stack/../support/unpack-packages sets=()
	for set in "${more_packages[@]}" 'postfix postfix-ldap' 'dovecot-core dovecot-imapd dovecot-ldap dovecot-lmtpd dovecot-pop3d dovecot-sieve' \
		'courier-authdaemon courier-authlib courier-authlib-ldap courier-base courier-imap courier-pop libcourier-unicode4 libgamin0'; do
		# shellcheck disable=SC2086 # several packages
		sets+=("$("$unpack" $set)") || exit 77
	done
	export SEEN="$(cd "$stack/../.." && pwd) $(cd "$(dirname "$MAILCTL")/.." && pwd)${LLOADD+ $(dirname "$LLOADD")}"
	exec "${separate[@]}" "$stack/machine" "${sets[@]}" -- "$(cd "$(dirname "$0")" && pwd)/${0##*/}" "$@"
fi

. "$stack/../schema/server.sh"
. "$stack/../schema/mailctl.bash"
unset "${!MAILCTL_@}"
export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal MAILCTL_LOCK_DIR=$scratch/locks MAILCTL_STATE_DIR=$scratch/state MAILCTL_EXPIRY_FIRST_RUN=commit MAILCTL_LISTS_DOMAIN=lists.example.org
chmod 711 "$scratch"

check() { # WHAT WANTED GOT
	[ "$2" = "$3" ] || fail "$1"$'\n  wanted: '"$2"$'\n  got:    '"$3"
}
tool() { run 0 --yes -q "$@"; }
ask() { # as ask.py has it
	python3 "$stack/ask.py" "$@" "password=$password" 2>"$scratch/ask" || fail "ask.py $*: $(tail -n 1 "$scratch/ask"; grep -E 'fatal|panic' /var/log/mail.log | tail -n 3)"
}
password=Right-horse7 password_file=$scratch/password
(umask 077 && echo "$password" >"$password_file")
wait_for() { # WHAT COMMAND...
	local tries
	for tries in {1..400}; do
		"${@:2}" >/dev/null 2>&1 && return
		sleep 0.05
	done
	die "$1 does not come: $(tail -n 20 /var/log/*.log 2>/dev/null)"
}
listens() { grep -qE "$(printf ':%04X 0+:0000 0A' "$1")" /proc/net/tcp /proc/net/tcp6; } # PORT

# ---- the files of the daemons

(umask 077 && echo "$phamm_password" >"$scratch/phamm.password")
config() {
	env MAILCTL_URI=ldapi:/// MAILCTL_BASE="$base" MAILCTL_DAEMON_PASSWORD_FILE="$scratch/phamm.password" MAILCTL_PASSWORD_SCHEME=ssha "$MAILCTL" -q config "$@" ||
		die "mailctl config $*"
}

# As schema/README.md says.
configure_daemons() {
	install -d /etc/postfix/mailctl /etc/dovecot/mailctl
	config postfix --out /etc/postfix/mailctl
	config mailman --out /etc/postfix/mailctl
	config dovecot --out /etc/dovecot/mailctl
	echo '!include mailctl/mailctl.conf' >/etc/dovecot/local.conf
	mv /etc/courier/authldaprc /etc/courier/authldaprc.debian
	config courier --out /etc/courier
}

# ---- the servers

start_directory() {
	local server=$scratch/server
	install -d "$server/data/accesslog"
	chmod 711 "$server"
	config slapd --out "$server" --data "$server/data"
	sed -i "/^pidfile/i authz-regexp \"^gidNumber=$gid[+]uidNumber=$uid,cn=peercred,cn=external,cn=auth\$\" \"cn=mailctl,$base\"" "$server/slapd.conf"
	config slapd tree.ldif --with-secrets >"$scratch/tree.ldif"
	load "$server" "$scratch/tree.ldif"
	ask_server "$server"
	mkdir -p /run/slapd
	ln -sf "$scratch/server/socket" /run/slapd/ldapi
}

# What Debian's package asks ("Internet Site"), and what a machine without DNS needs.
postfix_as_installed() {
	cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
	cp /usr/share/postfix/dynamicmaps.cf /etc/postfix
	{
		grep -hv CApath /usr/share/postfix/main.cf.{debian,tls}
		cat - <<-'CONF'
			smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
			myhostname = mail.example.test
			alias_maps = hash:/etc/aliases
			alias_database = hash:/etc/aliases
			myorigin = /etc/mailname
			mydestination = $myhostname, localhost
			relayhost = [127.0.0.1]:2525
			mynetworks = 127.0.0.0/8
			mailbox_size_limit = 0
			recipient_delimiter = +
			inet_interfaces = all
			inet_protocols = ipv4
			maillog_file = /var/log/mail.log
			smtp_dns_support_level = disabled
			smtpd_peername_lookup = no
			smtpd_error_sleep_time = 0
		CONF
	} >/etc/postfix/main.cf
	echo 'postmaster: root' >/etc/aliases
	newaliases
	postfix set-permissions >/dev/null 2>&1 # as Debian's package does, but of /usr
	# Without it nobody but root sends mail from here.
	install -m 2755 -g postdrop /usr/sbin/postdrop /var/lib/postdrop
	mount --bind /var/lib/postdrop /usr/sbin/postdrop
}

start_postfix() {
	local main=/etc/postfix/main.cf
	postfix_as_installed
	cat /etc/postfix/mailctl/master.cf >>/etc/postfix/master.cf
	cat /etc/postfix/mailctl/main.cf >>"$main"
	postconf -X relay_domains relay_recipient_maps transport_maps recipient_delimiter
	cat /etc/postfix/mailctl/main-lists.cf >>"$main"
	{ /usr/lib/postfix/configure-instance.sh - && postfix start; } >"$scratch/postfix" 2>&1 || die "Postfix does not start: $(cat "$scratch/postfix" /var/log/mail.log)"
	wait_for 'the SMTP server' listens 25
}

dovecot_as_installed() {
	cp -r /usr/share/dovecot/{dovecot.conf,conf.d} /etc/dovecot
	ln -sf /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/dovecot/private/dovecot.pem
	ln -sf /etc/ssl/private/ssl-cert-snakeoil.key /etc/dovecot/private/dovecot.key
	echo 'protocols = imap lmtp pop3' >/etc/dovecot/conf.d/99-protocols.conf
}

start_dovecot() {
	dovecot_as_installed
	sed -i 's/^!include auth-system/#&/' /etc/dovecot/conf.d/10-auth.conf
	sed -i 's/^mail_location = .*/#&/' /etc/dovecot/conf.d/10-mail.conf
	cat >/etc/dovecot/conf.d/99-test.conf <<-'CONF'
		log_path = /var/log/dovecot.log
		auth_failure_delay = 0
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
	CONF
	dovecot || die "Dovecot does not start"
	wait_for Dovecot listens 143
}

courier_as_installed() {
	mkdir -p /run/courier/authdaemon
	chown -R courier:courier /run/courier /var/lib/courier
	/usr/lib/courier/makedat -src=/etc/courier/imapaccess -file=/etc/courier/imapaccess.dat -tmp=/etc/courier/imapaccess.tmp -cidr
}

start_courier() {
	courier_as_installed
	# A refusal lasts five seconds, and tests are refused much.
	sed -i 's/^authmodulelist=.*/authmodulelist="authldap"/; s/^daemons=.*/daemons=24/' /etc/courier/authdaemonrc
	sed -i 's/^PORT=.*/PORT=1143/; s/^\(MAXDAEMONS\|MAXPERIP\)=.*/\1=60/' /etc/courier/imapd
	sed -i 's/^PORT=.*/PORT=1110/; s/^\(MAXDAEMONS\|MAXPERIP\)=.*/\1=60/' /etc/courier/pop3d
	local server
	for server in authdaemond imapd pop3d; do "/usr/sbin/$server" start || die "Courier: $server does not start"; done
	wait_for 'Courier' listens 1143
	wait_for 'Courier' listens 1110
}

# Who is a user of Unix: nslcd, and a service of PAM, "mail-test".
start_nslcd() {
	config nslcd --out /etc
	sed -i 's/^passwd: .*/passwd: files ldap/' /etc/nsswitch.conf
	install -d -o nslcd -g nslcd /run/nslcd
	mkdir -p /etc/pam.d
	printf '%s required pam_ldap.so\n' auth account >/etc/pam.d/mail-test
	nslcd || die 'nslcd does not start'
	wait_for nslcd test -S /run/nslcd/socket
}

# FreeRADIUS with our module and site alone.
start_radius() {
	install -d -g freerad /etc/freeradius/3.0/mailctl
	config freeradius --out /etc/freeradius/3.0/mailctl
	cat >/etc/freeradius/3.0/radiusd.conf <<-'CONF'
		prefix = /usr
		libdir = /usr/lib/freeradius
		logdir = /var/log
		run_dir = /run/freeradius
		raddbdir = /etc/freeradius/3.0
		log {
			destination = files
			file = /var/log/radius.log
		}
		security {
			user = freerad
			group = freerad
			reject_delay = 0
			allow_vulnerable_openssl = yes
		}
		client here {
			ipaddr = 127.0.0.1
			secret = between-us
		}
		modules {
			$INCLUDE /etc/freeradius/3.0/mailctl/ldap
		}
		server mailctl {
			listen {
				type = auth
				ipaddr = 127.0.0.1
				port = 1812
			}
			$INCLUDE /etc/freeradius/3.0/mailctl/site
		}
	CONF
	install -o freerad -m 600 /dev/null /var/log/radius.log
	install -d -o freerad /run/freeradius
	freeradius -n radiusd -d /etc/freeradius/3.0 -D /usr/share/freeradius || die "FreeRADIUS does not start: $(tail -n 5 /var/log/radius.log)"
	wait_for FreeRADIUS grep 'Ready to process requests' /var/log/radius.log
}

start_outside() {
	python3 "$stack/outside.py" /var/mail/outside 2525 8024 &
	pids+=($!)
	wait_for 'the outside world' listens 8024
}

# As Debian's package ssl-cert.
make_certificate() {
	mkdir -p /etc/ssl/certs /etc/ssl/private
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9 -subj /CN=mail.example.test -addext subjectAltName=DNS:mail.example.test \
		-keyout /etc/ssl/private/ssl-cert-snakeoil.key -out /etc/ssl/certs/ssl-cert-snakeoil.pem 2>/dev/null || die 'no certificate'
}

start_stack() {
	make_certificate
	configure_daemons
	start_directory
	start_outside
	start_postfix
	start_dovecot
	start_courier
}
