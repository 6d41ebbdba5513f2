#!/bin/bash
# What mailctl config writes is accepted by the checkers of the programs that read it: postfix check and postconf, doveconf, systemd-analyze, and crond's rules.
# (slapd: config_slapd.sh; Sieve and gnarwl: vacation.sh. That the daemons work with it is what daemons.sh, states.sh and their like are about.)
. "$(dirname "$0")/server.sh"
: "${MAILCTL:?the path of mailctl}"
support=$(cd "$(dirname "$0")/../support" && pwd)
postfix_packages=$("$support/unpack-packages" postfix postfix-ldap) || postfix_packages=
export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_BASE=$base MAILCTL_URI='ldapi:/// ldap://two.example' MAILCTL_STARTTLS=yes MAILCTL_CA_FILE=/etc/ssl/ca.pem \
	MAILCTL_LISTS_DOMAIN=lists.example.org MAILCTL_RECIPIENT_DELIMITER='+$-' MAILCTL_DAEMON_PASSWORD_FILE=$scratch/phamm
unset MAILCTL_SANDBOX
declare -A programs=([mailctl-expire]=mailctl-expire [mailctl-notify]=mailctl-notify)
printf '%s\n' "$odd_password" >"$scratch/phamm"
chmod 600 "$scratch/phamm"
write() { mkdir -p "$scratch/$1" && "$MAILCTL" config "$1" --out "$scratch/$1" -q "${@:2}" >/dev/null || die "config $1"; }

# ---- Postfix: each line of main.cf is a parameter that it knows, and each map opens
if [ -n "$postfix_packages" ]; then
	packages=$postfix_packages
	write postfix
	"$MAILCTL" config mailman --out "$scratch/postfix" -q || die 'config mailman'
	post=$scratch/post
	mkdir "$post"
	cat "$scratch/postfix/main.cf" "$scratch/postfix/main-lists.cf" - >"$post/main.cf" <<-CONF
		compatibility_level = 3.6
		shlib_directory = $packages/usr/lib/postfix
		meta_directory = $post
		daemon_directory = $packages/usr/lib/postfix/sbin
		queue_directory = $post/queue
		data_directory = $post/data
		mail_owner = daemon
		setgid_group = mail
	CONF
	cp "$packages/usr/share/postfix/master.cf.dist" "$post/master.cf"
	[ ! -e "$scratch/postfix/master.cf" ] || cat "$scratch/postfix/master.cf" >>"$post/master.cf"
	"$MAILCTL" config mailman --mailman 2 master-lists.cf >>"$post/master.cf"
	echo 'ldap postfix-ldap.so dict_ldap_open' >"$post/dynamicmaps.cf"
	postfix() { LD_LIBRARY_PATH=$packages/usr/lib/postfix "$packages/usr/sbin/$1" -c "$post" "${@:2}"; }
	postfix postconf 2>&1 >/dev/null | grep -v 'overriding earlier entry' >"$scratch/said" # which main-lists.cf says that it does
	[ ! -s "$scratch/said" ] || fail "postconf: $(cat "$scratch/said")"
	[ "$(postfix postconf -hx recipient_delimiter 2>/dev/null)" = '+$-' ] || fail "the delimiter is $(postfix postconf -hx recipient_delimiter 2>&1)"
	postfix postconf -M mailman/unix 2>/dev/null | grep 'flags=FR user=list argv=' >/dev/null || fail 'no transport of Mailman 2'
	# A parameter that Postfix does not know is passed over in silence: by name it is told.
	while read -r name; do
		postfix postconf "$name" 2>&1 | grep "^$name = " >/dev/null || fail "Postfix knows no $name"
	done < <(sed -n 's/^\([a-z_]*\) =.*/\1/p' "$scratch/postfix"/main*.cf | sort -u)
	for map in "$scratch"/postfix/*.cf; do
		[[ $map != */main* && $map != */master* ]] || continue
		# It opens, and then there is no server: an error of the connection and none of the file.
		said=$(postfix postmap -q x@example.org "ldap:$map" 2>&1)
		grep -qE 'unknown|unexpected|bad |unused|missing|Permission' <<<"$said" && fail "$map: $said"
		while read -r name; do
			grep -qwF -- "$name" <<<'server_host start_tls tls_ca_cert_file tls_require_cert version bind bind_dn bind_pw search_base scope timeout query_filter result_attribute result_format special_result_attribute leaf_result_attribute domain expansion_limit recursion_limit' ||
				fail "$map: ldap_table(5) knows no $name"
		done < <(sed -n 's/^\([a-z_]*\) =.*/\1/p' "$map")
		grep -qx 'start_tls = yes' "$map" && grep -qx 'tls_ca_cert_file = /etc/ssl/ca.pem' "$map" && grep -qx 'tls_require_cert = yes' "$map" || fail "$map: no TLS"
	done
fi

# ---- Dovecot
if PATH=$PATH:/usr/sbin command -v doveconf >/dev/null; then
	write dovecot
	said=$(doveconf -n -c "$scratch/dovecot/mailctl.conf" 2>&1 >/dev/null)
	[ -z "$said" ] || fail "doveconf: $said"
	[ "$(doveconf -h -c "$scratch/dovecot/mailctl.conf" mail_uid)" = vmail ] || fail 'whose the mail is, doveconf does not say'
fi
# Of 2.4 nothing is here that could read it: its braces close, and no word of 2.3 is left in it.
"$MAILCTL" config dovecot --dovecot 2.4 >"$scratch/two.four"
awk '/^#/ { next } { open += gsub(/{$/, "") - gsub(/^ *}$/, "") } open < 0 { exit 1 } END { exit open != 0 }' "$scratch/two.four" || fail 'the braces of 2.4'
grep -v '^#' "$scratch/two.four" | grep -nE '%[a-zA-Z]\b|%\$|\$mail_plugins|^ *args =|pass_filter|dnpass|mail_location|%\{if;' && fail 'words of 2.3 for 2.4'

# ---- systemd
# exposed SERVICE: what systemd-analyze makes of it, from 0 to 10
exposed() { systemd-analyze security --offline=yes "$scratch/systemd/$1.service" 2>/dev/null | sed -n 's/.*exposure level.*: \([0-9]*\)\.[0-9].*/\1/p'; }
# With each of these a service that has a user gains no rights by a program that is setgid (systemd.exec(5), NoNewPrivileges=).
implies_no_new_privileges='NoNewPrivileges|SystemCall[A-Za-z]*|RestrictAddressFamilies|RestrictNamespaces|RestrictRealtime|RestrictSUIDSGID|LockPersonality|MemoryDenyWriteExecute|PrivateDevices|ProtectClock|ProtectHostname|ProtectKernel[A-Za-z]*|DynamicUser|PrivateUsers'
if command -v systemd-analyze >/dev/null; then
	write systemd --user daemon
	while read -r job most; do
		said=$(cd "$scratch/systemd" && SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "./$job.service" "./$job.timer" 2>&1 | grep -F "$job")
		[ -z "$said" ] || fail "systemd-analyze: $said"
		exposure=$(exposed "$job")
		[ -z "$exposure" ] || [ "$exposure" -le "$most" ] || fail "systemd-analyze security of $job: $exposure"
		[ "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$scratch/systemd/$job.service")" = "$(dirname "$(readlink -f "$MAILCTL")")/${programs[$job]-mailctl}" ] || fail "$job starts another program"
		systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' "$scratch/systemd/$job.timer")" >/dev/null 2>&1 || fail "$job has no time"
	done <<-'TABLE'
		mailctl-expire 1
		mailctl-maildirs 2
		mailctl-notify 5
		mailctl-postfwd 1
		mailctl-purge 2
		mailctl-rspamd 1
		mailctl-vacation 1
	TABLE
	[ "$(ls "$scratch/systemd" | sed 's/[.].*//' | sort -u | xargs)" = 'mailctl-expire mailctl-maildirs mailctl-notify mailctl-postfwd mailctl-purge mailctl-rspamd mailctl-vacation' ] || fail "systemd: $(ls "$scratch/systemd")"
	grep -E "^($implies_no_new_privileges)=" "$scratch/systemd/mailctl-notify.service" && fail 'the postdrop of Postfix cannot work in mailctl-notify.service'
	sed -i 's/^NoNewPrivileges/NoNewPrivilege/' "$scratch/systemd/mailctl-expire.service"
	(cd "$scratch/systemd" && systemd-analyze verify --man=no ./mailctl-expire.service 2>&1) | grep 'Unknown key' >/dev/null || fail 'systemd-analyze finds no fault in a wrong key'
fi

# ---- cron: names that it reads (letters, digits, - and _), owned by who writes them, for others to read alone; five fields, a user, a command without %
write cron --user nobody
[ "$(ls "$scratch/cron" | xargs)" = 'mailctl-expire mailctl-maildirs mailctl-notify mailctl-postfwd mailctl-rspamd mailctl-vacation' ] || fail "cron: $(ls "$scratch/cron")"
# What takes away for good is there when it is named, and not with all.
write cron --user nobody mailctl-purge
for file in "$scratch"/cron/*; do
	[ "$(stat -c %a "$file")" = 644 ] || fail "cron would not read ${file##*/}"
	[ "$(grep -cv '^#' "$file")" = 1 ] || fail "${file##*/} has not one line"
	grep -v '^#' "$file" | grep -vxE '[0-9*/]+ [0-9*]+ \* \* \*  (nobody|root)  /[^ %]*/mailctl(-[a-z]+|( [a-z.-]+)+)( --[a-z-]+( [0-9a-z/-]+)?)* -q' && fail "cron: $(cat "$file")"
	[ -x "$(awk '!/^#/ { print $7 }' "$file")" ] || fail "what cron starts by ${file##*/} is not there"
done

verdict 'the programs take what is written for them'
