#!/bin/bash
# What the daemons write of accounts is read as what was done, from the journal and from each form of file; a count by regular expressions agrees.
#
#     KEEP_LOGS=yes tests/mailstack/activity.sh 3>LOGS.tar     keeps the logs, as tests/data/activity has them
. "$(dirname "$0")/stack.bash"
: "${ACTIVITY_EVENTS:?the path of activity-events}"
host=mail.example.test zone=UTC

# ---- a journal, to which all of them write

start_journal() {
	mkdir -p /sys/fs/cgroup /run/systemd/journal
	mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null || { echo 'no journald here: it wants control groups'; exit 77; }
	tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
	/lib/systemd/systemd-journald >"$scratch/journald" 2>&1 &
	pids+=($!)
	wait_for journald test -S /run/systemd/journal/dev-log
	ln -s /run/systemd/journal/dev-log /dev/log
	journalctl -f -o short >>/var/log/mail.log 2>/dev/null & # for ask.py
	pids+=($!)
}
eval "first_$(declare -f postfix_as_installed)"
postfix_as_installed() {
	first_postfix_as_installed
	sed -i '/^maillog_file/d' /etc/postfix/main.cf
}
eval "first_$(declare -f dovecot_as_installed)"
dovecot_as_installed() {
	first_dovecot_as_installed
	echo 'log_path = syslog' >/etc/dovecot/conf.d/99-z-log.conf
}

[ -x /lib/systemd/systemd-journald ] || { echo 'no journald here'; exit 77; }
start_journal
start_stack

# ---- what is done

tool domain add example.org
tool mailbox add ann@example.org bob@example.org eve@example.org --password-file "$password_file"
tool alias add info@example.org --target bob@example.org

send() { printf '%s\n' "${@:2}" | ask mail "login=$1@example.org" >/dev/null; } # FROM TO...
change_postfix() { # SETTING...
	postconf -e "$@"
	postfix reload 2>/dev/null
}
logged() { journalctl --sync; journalctl -o cat SYSLOG_FACILITY=2 | grep -qE "$1"; }

send ann bob@example.org info@example.org x@example.net
send bob ann@example.org eve@example.org
echo ann@example.org | ask mail >/dev/null # from outside
by_all=ways=imap,pop3,submission,courier-imap,courier-pop3
printf '%s@example.org\n' ann eve | ask logins "$by_all" >/dev/null
printf '%s@example.org\twrong\n' ann bob | ask logins "$by_all" >/dev/null
# Two messages in a session; a recipient of the second one is refused, and after a login alone one whose owner Postfix does not name.
python3 - "$password" <<-'PYTHON' || die 'no session'
	import smtplib, sys
	for messages in (2, 0):
	    with smtplib.SMTP("192.0.2.1", 587, "client.example.com", source_address=("192.0.2.1", 0)) as server:
	        server.starttls()
	        server.login("ann@example.org", sys.argv[1])
	        for _ in range(messages):
	            server.sendmail("ann@example.org", ["bob@example.org", "eve@example.org"], "Subject: x\r\n\r\nx\r\n")
	        server.mail("ann@example.org")
	        assert server.rcpt("nobody@example.org")[0] == 550
PYTHON

mv /var/spool/postfix/private/{dovecot-lmtp,away}
send ann bob@example.org # waits
mv /var/spool/postfix/private/{away,dovecot-lmtp}
postqueue -f
wait_for 'what had to wait' logged 'to=<bob@example.org>.*delay=[0-9.]*, .*status=sent.*'
wait_for 'an empty queue' bash -c '[ -z "$(postqueue -j)" ]'

mkdir "$scratch/outside"
printf '%s\n' 'y@example.net 550 5.1.1 nobody' 'z@example.net 450 4.2.1 later' >"$scratch/outside/answers"
python3 "$stack/../support/smtp_server.py" "$scratch/outside" &
pids+=($!)
wait_for 'a server that refuses' test -s "$scratch/outside/port"
change_postfix "relayhost = [127.0.0.1]:$(cat "$scratch/outside/port")"
send bob y@example.net
change_postfix maximal_queue_lifetime=0 bounce_queue_lifetime=0
send bob z@example.net
wait_for 'the end of its time' logged 'status=expired'
wait_for 'an empty queue' bash -c '[ -z "$(postqueue -j)" ]'

# ---- what is read

logs=$scratch/logs
mkdir -p "$logs"
journalctl --sync
for form in short json short-iso-precise; do journalctl -a -q -o "$form" SYSLOG_FACILITY=2 >"$logs/$form"; done

sums() { "$ACTIVITY_EVENTS" --zone=UTC sums "$@" || die "activity-events $*"; }
kinds() { awk -F '\t' '$4 !~ /bytes/ { sum[$3 " " $4] += $5 } END { for (key in sum) print key, sum[key] }' | LC_ALL=C sort; }

wanted="$(cat <<-'TABLE'
	ann@example.org delivery-sent 2
	ann@example.org dispatch-deferred 1
	ann@example.org dispatch-sent 8
	ann@example.org failure-imap 2
	ann@example.org failure-pop3 2
	ann@example.org failure-submission 1
	ann@example.org login-imap 2
	ann@example.org login-pop3 2
	ann@example.org login-submission 6
	ann@example.org messages 6
	ann@example.org recipients 8
	ann@example.org rejections 1
	bob@example.org delivery-deferred 1
	bob@example.org delivery-sent 5
	bob@example.org dispatch-bounced 2
	bob@example.org dispatch-deferred 1
	bob@example.org dispatch-sent 2
	bob@example.org failure-imap 2
	bob@example.org failure-pop3 2
	bob@example.org failure-submission 1
	bob@example.org login-submission 4
	bob@example.org messages 4
	bob@example.org recipients 4
	eve@example.org delivery-sent 3
	eve@example.org login-imap 2
	eve@example.org login-pop3 2
TABLE
)"
for form in short json short-iso-precise; do check "what was done, in $form" "$wanted" "$(sums "$logs/$form" | kinds)"; done
check 'what was done, in the journal' "$wanted" "$(sums --memory="$scratch/memory" journal | kinds)"
check 'the journal again' '' "$(sums --memory="$scratch/memory" journal)"
check 'the same as text' '' "$(sums --memory="$scratch/memory" - <"$logs/json")"

# Dovecot into a file of its own, which names no host.
rm /etc/dovecot/conf.d/99-z-log.conf
doveadm stop
wait_for 'the end of Dovecot' bash -c '! pgrep -x dovecot'
dovecot
wait_for Dovecot listens 143
echo ann@example.org | ask logins ways=imap,pop3 >/dev/null
printf 'bob@example.org\twrong\n' | ask logins ways=imap >/dev/null
wait_for "Dovecot's line" grep -q 'auth failed' /var/log/dovecot.log
cp /var/log/dovecot.log "$logs/dovecot"
check "Dovecot's file" $'ann@example.org login-imap 1\nann@example.org login-pop3 1\nbob@example.org failure-imap 1' "$(sums --host=mail "$logs/dovecot" | kinds)"

# Each sum, of each hour, by another way.
for form in short json short-iso-precise dovecot; do
	check "a count by regular expressions, of $form" "$(python3 "$stack/../support/count_mail_log.py" --host=mail "$logs/$form")" "$(sums --host=mail "$logs/$form")"
done
if [ -n "${KEEP_LOGS-}" ]; then
	echo "$wanted" >"$logs/wanted"
	tar -C "$logs" -cf - . >&3
fi

verdict 'what daemons log is what was done'
