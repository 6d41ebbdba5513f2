# Sourced by tests: Courier's authdaemond of their own, and its IMAP and POP3, without a port and with nothing outside of one folder.
#
#     can_run_courier                   whether it can be had here; otherwise it says why not
#     serve_courier RC URI FOLDER       with the authldaprc RC, filled, over the directory at URI; FOLDER is seen by it, with the socket and the mail
#     ask_courier SERVICE LOGIN [PASSWORD]        "home maildir quota" of whom it lets in, "refused", or "unavailable"
#     ask_courier_each SERVICE PASSWORD           yes, no or unavailable for each login of standard input
#     courier_logins                    the logins that authenumerate knows, sorted
#     courier_session imap|pop3 LOGIN PASSWORD    logs in to the server itself: how many messages there are, and the quota; needs root
#     end_courier                       for the EXIT trap
#
# The mail belongs to courier_uid, who is nobody's: Courier lets in nobody whose mail is root's.

courier_support=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
courier_uid=64999 courier_pid=
courier_namespace=(unshare -m)
[ "$(id -u)" -eq 0 ] || courier_namespace=(unshare -rm)

can_run_courier() {
	"${courier_namespace[@]}" true 2>/dev/null || { echo 'Courier needs a mount namespace of its own, and here is none'; return 1; }
	courier_packages=$("$courier_support/unpack-packages" courier-authdaemon courier-authlib courier-authlib-ldap courier-base courier-imap \
		courier-pop libcourier-unicode4 libgamin0)
}

in_courier() { # COMMAND...
	"${courier_namespace[@]}" "$courier_support/enter-courier" "$courier_root" "$courier_packages" "$courier_folder" "$@"
}

serve_courier() { # RC URI FOLDER
	courier_folder=$3
	courier_root=$(mktemp -d "${TMPDIR:-/tmp}/courier.XXXXXX") || return
	mkdir -p -- "$courier_root"/etc/courier "$courier_root"/run/courier/authdaemon "$courier_root"/tmp
	chmod 711 -- "$courier_root"
	local link
	for link in /bin /lib /lib64 /sbin; do [ ! -L "$link" ] || cp -P -- "$link" "$courier_root"; done
	printf 'root:x:0:0::/:/bin/sh\nvmail:x:%s:%s::/:/bin/false\n' "$courier_uid" "$courier_uid" >"$courier_root/etc/passwd"
	printf 'root:x:0:\nvmail:x:%s:\n' "$courier_uid" >"$courier_root/etc/group"
	sed 's/^authmodulelist=.*/authmodulelist="authldap"/; s/^daemons=.*/daemons=4/' -- "$courier_packages/etc/courier/authdaemonrc" >"$courier_root/etc/courier/authdaemonrc"
	sed "s|ldapi:///|$2|" -- "$1" >"$courier_root/etc/courier/authldaprc"
	run_courier
}

run_courier() {
	# shellcheck disable=SC2016 # for the shell in there
	in_courier setpriv --pdeathsig TERM sh -c 'set -a; . /etc/courier/authdaemonrc; exec /packages/usr/lib/courier/courier-authlib/authdaemond' \
		>"$courier_root/log" 2>&1 </dev/null &
	courier_pid=$!
	for _ in $(seq 200); do
		[ ! -S "$courier_root/run/courier/authdaemon/socket" ] || return 0
		kill -0 "$courier_pid" 2>/dev/null || break
		sleep 0.05
	done
	echo 'private_courier: it did not start:' >&2
	cat "$courier_root/log" >&2
	return 1
}

# Refused is EPERM to authtest. A daemon that is away is something else; a directory that is away is EPERM as well, so ask for somebody who is let in, too.
ask_courier() { # SERVICE LOGIN [PASSWORD]
	local said
	said=$(in_courier /packages/usr/sbin/authtest -s "$@" 2>&1)
	case $said in
	*'Authentication succeeded'*) sed -nE 's/^ *(Home Directory|Maildir|Quota): //p' <<<"$said" | paste -sd' ' ;;
	*'Operation not permitted'*) echo refused ;;
	*) echo "unavailable: $said" ;;
	esac
}
ask_courier_each() { # SERVICE PASSWORD
	# shellcheck disable=SC2016 # for the shell in there
	in_courier sh -c 'while read -r login; do
		case $(/packages/usr/sbin/authtest -s "$1" "$login" "$2" 2>&1) in
		*"Authentication succeeded"*) echo yes ;;
		*"Operation not permitted"*) echo no ;;
		*) echo unavailable ;;
		esac
	done' sh "$@"
}

courier_logins() { in_courier /packages/usr/sbin/authenumerate | cut -f1 | grep . | sort; }

courier_session() { # imap|pop3 LOGIN PASSWORD
	local -A servers=([imap]='imaplogin /packages/usr/bin/imapd' [pop3]='courierpop3login /packages/usr/lib/courier/courier/courierpop3d')
	# What couriertcpd would say of the client.
	local client='TCPREMOTEIP=127.0.0.1 TCPREMOTEPORT=1 TCPLOCALIP=127.0.0.1 TCPLOCALPORT=1' command
	command=$(printf '%q ' "${courier_namespace[@]}" "$courier_support/enter-courier" "$courier_root" "$courier_packages" "$courier_folder" \
		sh -c "set -a; . /packages/etc/courier/$1d-ssl; . /packages/etc/courier/$1d; $client; exec /packages/usr/lib/courier/courier/${servers[$1]} Maildir")
	python3 "$courier_support/courier_session.py" "$1" "$command 2>/dev/null" "${@:2}"
}

end_courier() {
	[ -z "$courier_pid" ] || { kill "$courier_pid" && wait "$courier_pid"; } 2>/dev/null
	rm -rf -- "${courier_root-}"
}
