#!/bin/bash
# Two servers of one directory, each with all of it, behind lloadd, while mail flows: the first is killed, and comes back. Debian has no lloadd in its slapd: LLOADD names one of
# OpenLDAP 2.6, and the folder that it is in has the libraries that it needs beside those of Debian.
[ -x "${LLOADD-}" ] || { echo 'LLOADD names no lloadd, and Debian has none'; exit 77; }
. "$(dirname "$0")/stack.bash"

export MAILCTL_URI=ldapi:/// MAILCTL_BASE=$base MAILCTL_BIND_DN=cn=mailctl,$base MAILCTL_BIND_PASSWORD_FILE=$password_file
replicator=$scratch/replicator servers=("$scratch/first" "$scratch/second")
(umask 077 && echo copy-all-of-it >"$replicator")
as_one_of_two() { # NUMBER ARGUMENT...
	config slapd "${@:2}" --provider "$(uri "${servers[0]}")" --provider "$(uri "${servers[1]}")" --server-id "$1" --replicator-password-file "$replicator"
}
start_both() {
	local i
	for i in 1 2; do
		server=${servers[i - 1]}
		install -d "$server/data/accesslog"
		as_one_of_two "$i" --out "$server" --data "$server/data"
		sed -i 's/^	retry=.*/	retry="1 +"/' "$server/replication.conf"
	done
	{ config slapd tree.ldif --with-secrets && echo && as_one_of_two 1 replicator.ldif --with-secrets; } >"$scratch/tree.ldif"
	slapadd -q -w -S 1 -f "${servers[0]}/slapd.conf" -l "$scratch/tree.ldif" || die slapadd
	slapcat -f "${servers[0]}/slapd.conf" >"$scratch/copy.ldif"
	slapadd -q -f "${servers[1]}/slapd.conf" -l "$scratch/copy.ldif" || die 'slapadd of the second'
	serve "${servers[0]}"
	first=${pids[-1]}
	serve "${servers[1]}"
}
start_balancer() {
	mkdir -p "$scratch/balancer" /run/slapd
	chmod 711 "$scratch/balancer"
	as_one_of_two 1 lloadd.conf --with-secrets >"$scratch/lloadd.conf"
	LD_LIBRARY_PATH=$(dirname "$LLOADD") "$LLOADD" -d 0 -f "$scratch/lloadd.conf" -h "$(uri "$scratch/balancer")" 2>"$scratch/balancer/log" &
	pids+=($!)
	ln -sf "$scratch/balancer/socket" /run/slapd/ldapi
	wait_for lloadd ldapsearch -x -H ldapi:/// -s base -b ''
}
content() { slapcat -f "$1/slapd.conf" -o ldif-wrap=no | grep -v '^contextCSN:' | sort; }
even() { [ "$(content "${servers[0]}")" = "$(content "${servers[1]}")" ]; }
written_by() { slapcat -f "${servers[1]}/slapd.conf" -a "(mail=$1*)" -o ldif-wrap=no | sed -n 's/^entryCSN: .*#0*\([0-9]*\)#.*/\1/p' | sort | uniq -c | xargs; }
a_run() { tool mailbox add "$1"{1..40}@example.org --no-password; }

make_certificate
configure_daemons
start_both
start_balancer
start_outside
start_postfix
start_dovecot
tool domain add example.org
tool mailbox add bob@example.org --password-file "$password_file"
a_run before
wait_for 'what was written, at the second' even
check 'who took a run' '40 1' "$(written_by before)"

# ---- mail and logins, all the time
python3 - "$scratch/enough" "$password" >"$scratch/seen" <<'PYTHON' &
import imaplib, os, smtplib, sys, time
def login():
    with imaplib.IMAP4("127.0.0.1", timeout=60) as client:
        client.login("bob@example.org", sys.argv[2])
def mail():
    with smtplib.SMTP("192.0.2.1", 25, source_address=("192.0.2.1", 0), timeout=60) as server:
        server.sendmail("sender@example.com", "bob@example.org", "Subject: hello\r\n\r\nhello\r\n")
while not os.path.exists(sys.argv[1]):
    for act in (login, mail):
        begin = time.monotonic()
        try:
            act()
            said = "yes"
        except Exception as failure:
            codes = getattr(failure, "recipients", {})
            said = str(next(iter(codes.values()))[0] if codes else getattr(failure, "smtp_code", "no"))
        print(act.__name__, said, f"{begin:.1f} {time.monotonic() - begin:.2f}", flush=True)
    time.sleep(0.02)
PYTHON
asker=$!
saw() { [ "$(tail -n "+$2" "$scratch/seen" | grep -c "^$1 yes")" -ge 5 ]; } # WHAT SINCE-LINE
here() { echo $(($(wc -l <"$scratch/seen") + 1)); }
goes_on() { local since; since=$(here); wait_for "mail after $1" saw mail "$since"; wait_for "logins after $1" saw login "$since"; }
goes_on 'the start'
killed=$(here)
{ kill -KILL "$first" && wait "$first"; } 2>/dev/null
goes_on 'the first is killed'
a_run meanwhile
check 'who took a run meanwhile' '40 2' "$(written_by meanwhile)"
serve "${servers[0]}"
wait_for 'what was written meanwhile' even
goes_on 'the first is back'
back_to_first() { tool mailbox set bob@example.org --name "Bob $RANDOM" && [ "$(written_by bob@)" = '1 1' ]; }
wait_for 'writes to the first' back_to_first
a_run after
wait_for 'what was written then' even
check 'who took a run then' '40 1' "$(written_by after)"
: >"$scratch/enough"
wait "$asker"

# ---- nothing is lost
refused=$(grep -E '^mail 5' "$scratch/seen") && fail "mail was refused for good: $refused"
flush() { [ -z "$(find /var/spool/postfix/deferred -type f)" ] || postqueue -f; [ -z "$(find /var/spool/postfix/{maildrop,incoming,active,deferred} -type f)" ]; }
wait_for 'an empty queue' flush
check 'mails that were taken, and delivered' "$(grep -c '^mail yes' "$scratch/seen")" "$(find /home/vmail/domains/example.org/bob/new -type f | wc -l)"
check 'what came back' '' "$(cat /var/mail/outside 2>/dev/null)"
for what in login mail; do
	echo "$what: $(tail -n "+$killed" "$scratch/seen" | awk -v what=$what '$1 == what { n++; if ($2 != "yes") { bad++; if (!first) first = $3; last = $3 + $4 } if ($4 > most) most = $4 }
		END { printf "%d, not at once %d, in %.1f s; the longest took %.1f s", n, bad, last - first, most }')"
done
verdict 'behind lloadd a server dies and comes back while mail flows'
