#!/bin/bash
# From what Debian's packages leave behind to a mail server, and from there to a directory on two servers: every command of mailctl-mailserver(7), exactly as it
# is printed, in its order, on a machine of its own. The second server has its own files and name; ssh leads from the first into it.
more_packages=(slapd)
. "$(dirname "$0")/stack.bash"
page=$stack/../../man/mailctl-mailserver.7
command -v mandoc >/dev/null && command -v service >/dev/null && command -v curl >/dev/null || exit 77

# ---- what the packages leave behind

slapd_as_installed() {
	install -d -o openldap -g openldap -m 700 /var/lib/ldap
	install -d -o openldap -g openldap /run/slapd /etc/ldap/slapd.d
	sed 's/@SUFFIX@/dc=nodomain/; s/@PASSWORD@/secret/' /usr/share/slapd/slapd.init.ldif | slapadd -F /etc/ldap/slapd.d -b cn=config || die 'no slapd.d'
	printf 'dn: dc=nodomain\nobjectClass: dcObject\nobjectClass: organization\no: nodomain\ndc: nodomain\n' | slapadd -F /etc/ldap/slapd.d -b dc=nodomain || die 'no directory'
	chown -R openldap:openldap /var/lib/ldap /etc/ldap/slapd.d
}

empty_machine() {
	hostname mail.example.org
	hostname >/etc/mailname
	printf '127.0.0.1 localhost\n192.0.2.1 mail.example.org mail\n127.0.0.2 ldap2.example.org ldap2\n' >/etc/hosts
	sed -i '/^vmail:/d' /etc/passwd /etc/group
	rm -rf /home/vmail
	cp /usr/share/zoneinfo/Etc/UTC /etc/localtime
	make_certificate
	slapd_as_installed
	postfix_as_installed
	postconf -e myhostname=mail.example.org
	dovecot_as_installed
	echo 'log_path = /var/log/dovecot.log' >/etc/dovecot/conf.d/99-test.conf
	service dovecot start >/dev/null || die 'Dovecot does not start as installed'
	courier_as_installed
	install -d /etc/cron.d
}

# Its own files below /etc, /var and /run, and its own name.
second_machine() {
	local own=$scratch/second
	mkdir "$own"
	cp -a /etc /var /run "$own"
	unshare --mount --uts bash -c '
		for folder in /etc /var /run; do mount --bind "$1$folder" "$folder"; done
		hostname ldap2.example.org
		echo ready >"$1/ready"
		exec sleep infinity' - "$own" &
	second=$!
	pids+=("$second")
	wait_for 'the second machine' test -s "$own/ready"
	mkdir "$scratch/bin"
	printf '#!/bin/sh\nshift\nexec nsenter -t %s -m -u -r -w -- sh -c "$*"\n' "$second" >"$scratch/bin/ssh"
	chmod 755 "$scratch/bin/ssh"
}

# ---- the commands

# read_page: the blocks as mandoc shows them, one command a file: NUMBER.HOST, beside it NUMBER.wanted when an answer is shown.
read_page() {
	mkdir "$scratch/commands"
	{
		printf '.Dd x\n.Dt X 7\n.Os\n.Sh X\n'
		sed -n '/^\.Bd -literal/,/^\.Ed/p' "$page"
	} | mandoc -T utf8 -O width=500 | sed 's/.\x08//g; 1d; $d' | awk -v folder="$scratch/commands/" '
		/^X$/ || /^$/ { next }
		{ $0 = substr($0, 12) }
		match($0, /^([a-z0-9]+)?# /) {
			host = RLENGTH > 2 ? substr($0, 1, RLENGTH - 2) : "mail"
			file = sprintf("%s%03d", folder, ++count)
			print substr($0, RLENGTH + 1) > (file "." host)
			next
		}
		/^>/ { print substr($0, 3) > (file "." host); next }
		{ print > (file ".wanted") }'
}

shell_of() { # HOST COMMAND...: a shell that goes on, as that of who types
	mkfifo "$scratch/to.$1" "$scratch/from.$1"
	env -i PATH="$scratch/bin:$(dirname "$MAILCTL"):/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root TERM=dumb LC_ALL=C.UTF-8 "${@:2}" bash --norc <"$scratch/to.$1" >"$scratch/from.$1" &
	pids+=($!)
}
typed() { # HOST FILE: its status; what was answered is in $scratch/answer
	local to=mail_in from=mail_out status
	[ "$1" = mail ] || to=ldap2_in from=ldap2_out
	echo "set -o pipefail; . '$2' >'$scratch/answer' 2>&1 </dev/null; echo \$?" >&"${!to}"
	read -r -t 60 -u "${!from}" status || die "this does not end: $(cat "$2")"
	return "$status"
}
matches() { # WANTED: where it has "..." there is any text
	local pattern
	pattern=$(sed 's/[][\\*?]/\\&/g; s/\.\.\./*/g' "$1")
	# shellcheck disable=SC2053
	[[ $(cat "$scratch/answer") == $pattern ]]
}
# Who types is slower than the mail, and than a server that begins.
settle() { # FILE: what was typed last
	local tries
	! grep -qx 'service slapd start' "$1" || wait_for slapd typed "${1##*.}" "$scratch/look"
	for tries in {1..200}; do
		[ -n "$(find /var/spool/postfix/{maildrop,incoming,active} -type f 2>/dev/null)" ] || return 0
		sleep 0.05
	done
	die "mail stays in the queue: $(tail -n 5 /var/log/mail.log)"
}
follow() { # FILE: a command; whoever does not yet see what is shown looks again
	local host=${1##*.} wanted=${1%.*}.wanted end=$((SECONDS + 40)) status
	while [ $SECONDS -lt $end ]; do
		status=0
		typed "$host" "$1" || status=$?
		[ -e "$wanted" ] || break
		[ "$status" != 0 ] || ! matches "$wanted" || return 0
		sleep 0.1
	done
	[ "$status" = 0 ] && [ ! -e "$wanted" ] || die "$host# $(cat "$1")"$'\n'"status $status: $(cat "$scratch/answer")"
	[ -z "${VERBOSE-}" ] || cat "$scratch/answer"
	settle "$1"
}

# What is named to install is on this machine, by its package's own folder.
while read -r package; do
	[ -d "/usr/share/doc/$package" ] || fail "the page names $package, and here is no package of that name"
done < <(sed -n 's/^\.Dl apt-get install //p' "$page" | tr ' ' '\n')

echo 'ldapsearch -x -H ldapi:/// -s base -b ""' >"$scratch/look"
empty_machine
second_machine
read_page
shell_of mail
shell_of ldap2 nsenter -t "$second" -m -u -r -w --
exec {mail_in}>"$scratch/to.mail" {mail_out}<"$scratch/from.mail" {ldap2_in}>"$scratch/to.ldap2" {ldap2_out}<"$scratch/from.ldap2"
service slapd start >/dev/null || die 'slapd does not start as installed'
for command in "$scratch"/commands/*.{mail,ldap2}; do echo "$command"; done | sort >"$scratch/order"
while read -r command; do
	[ -z "${VERBOSE-}" ] || { echo "$SECONDS ${command##*.}# $(cat "$command")"; }
	follow "$command"
done <"$scratch/order"
count=$(grep -c . "$scratch/order")
while read -r command; do
	grep -qxF -- "$command" "$scratch"/commands/*.mail || fail "README has a command that the page has not: $command"
done < <(sed -n '/^## On a real server/,/^## The mail/s/^    //p' "$stack/../../README.md")
[ "$count" -ge 110 ] || fail "only $count commands were found"

# ---- what there is at the end

on() { # HOST COMMAND...
	echo "${*:2}" >"$scratch/asked"
	typed "$1" "$scratch/asked" || fail "$1: ${*:2}: $(cat "$scratch/answer")"
}
check 'mail from outside' $'ann@example.org example.org/ann\ninfo@example.org example.org/ann\neve@example.org example.org/eve\nbob@example.org 550\nnobody@example.org 550\nx@example.net 454' \
	"$(printf '%s\n' {ann,info,eve,bob,nobody}@example.org x@example.net | ask mail)"
password=$(cat /root/ann.password)
check 'who logs in' $'ann@example.org yes yes yes\neve@example.org yes yes yes\nbob@example.org no no no' \
	"$(printf '%s\n' {ann,eve,bob}@example.org | ask logins ways=imap,pop3,submission)"
on mail mailctl quota set eve@example.org --quota 10K
check 'who is over quota' 'eve@example.org 552' "$(echo eve@example.org | ask mail size=20000)"
on mail 'mailctl mailbox disable eve@example.org'
check 'who is disabled' 'eve@example.org 550' "$(echo eve@example.org | ask mail)"
# Each entry has the number of the server that took its last change.
on mail "slapcat -f /etc/ldap/slapd.conf -b dc=example,dc=org -a '(mail=eve@example.org)' -o ldif-wrap=no"
grep -q '^entryCSN: .*#001#' "$scratch/answer" || fail "the first server was not written to after it came back: $(cat "$scratch/answer")"

# It runs as cron would, and finds nothing to do.
on mail "$(sed -n 's/^17 0 \* \* \*  root  //p' /etc/cron.d/mailctl-expire)"
check 'what cron would send a mail about' '' "$(cat "$scratch/answer")"

[ ! -e "$scratch/second/etc/mailctl/ca" ] || fail 'the second server has the key of the authority'
# All of it, hashes and numbers too, but what slapd writes down when it comes to it.
alike() {
	local host
	for host in mail ldap2; do
		on $host 'slapcat -f /etc/ldap/slapd.conf -b dc=example,dc=org -o ldif-wrap=no'
		grep -v '^contextCSN:' "$scratch/answer" | sort >"$scratch/$host.ldif"
	done
	cmp -s "$scratch"/{mail,ldap2}.ldif
}
for _ in {1..100}; do ! alike || break; sleep 0.1; done
alike || fail "the servers differ: $(diff "$scratch"/{mail,ldap2}.ldif | head -n 9)"
[ "$(grep -c '^dn: ' "$scratch/ldap2.ldif")" -ge 20 ] || fail "the servers have hardly anything: $(grep '^dn: ' "$scratch/ldap2.ldif")"
verdict 'a mail server is made as the manual says'
