#!/bin/bash
# A real Postfix takes the notices of mailctl-notify from a user who is nobody's root: each comes into its owner's Maildir with subject and text as they were written, and
# no automatic answer of the owner or of the administrator is started by one. What a service must not be shut in by, so that postdrop works, is tried.
. "$(dirname "$0")/stack.bash"
start_stack
notify=${MAILCTL%mailctl}mailctl-notify
homes=/home/vmail/domains/example.org

# ---- Dovecot answers for who is away, as schema/README.md says
install -d /etc/dovecot/mailctl
for file in dovecot sieve; do MAILCTL_DAEMON_PASSWORD_FILE=$scratch/phamm.password "$MAILCTL" config $file --out /etc/dovecot/mailctl -q >/dev/null || die "config $file"; done
echo '!include mailctl/mailctl-sieve.conf' >/etc/dovecot/local.conf
doveadm reload
wait_for 'the compiled script' sievec /etc/dovecot/mailctl/vacation.sieve # by what the running Dovecot goes by

in_days() { date -u -d "+$1 days" +%F; }
tool domain add example.org
printf 'Odsoten.\n' >"$scratch/away"
add() { tool mailbox add "$1@example.org" --password-file "$password_file" "${@:2}"; }
add ann --name 'Ann Žerjal' --expires "$(in_days 6)" --set preferredLanguage=sl
add bob --name 'Bob "the" <b@x>, B' --expires "$(in_days 1)" --set preferredLanguage=de
add dot.line --name 'Ünïcode' --expires "$(in_days 6)" --set preferredLanguage=it
add chief
add far --expires "$(in_days 100)"
for who in ann bob chief; do tool vacation set $who@example.org --subject 'away now' --message-file "$scratch/away"; done
tool alias set postmaster@example.org --target chief@example.org 2>/dev/null || tool alias add office@example.org --target chief@example.org
check 'that they do answer' 'ann@example.org example.org/ann' "$(echo ann@example.org | ask mail)"
drained() { [ "$(postqueue -p)" = 'Mail queue is empty' ]; }
wait_for 'the end of the queue' drained
answers() { cat /var/mail/outside "$homes"/*/new/* 2>/dev/null | grep -c 'Subject: away now'; }
check 'answers, before' 1 "$(answers)"
: >/var/mail/outside
find "$homes" -path '*/new/*' -type f -delete

# ---- a user of the system, who only reads the directory
install -d -o mailctl -g mailctl -m 700 "$scratch/jobs"
install -o mailctl -g mailctl -m 600 /dev/null "$scratch/jobs/password"
cat "$scratch/phamm.password" >"$scratch/jobs/password"
export MAILCTL_NOTICE_FROM=postmaster@example.org MAILCTL_NOTICE_ADMIN=chief@example.org
as_job() { # COMMAND...: with no capabilities at all, as the service has none
	setpriv --reuid mailctl --regid mailctl --clear-groups --bounding-set=-all --inh-caps=-all "$@"
}
job=(env HOME="$scratch/jobs" MAILCTL_STATE_DIR="$scratch/jobs/state" MAILCTL_LOCK_DIR="$scratch/jobs" MAILCTL_JOURNAL_DIR="$scratch/jobs/journal" "$notify" -H "$MAILCTL_URI" -b "$base"
	-D "cn=phamm,o=hosting,$base" -y "$scratch/jobs/password")

# In a service that may gain no privileges nothing gets into the queue: that is why mailctl-notify.service is none.
printf 'To: chief@example.org\n\nnever\n' | as_job timeout 20 setpriv --no-new-privs /usr/sbin/sendmail -t -i -f chief@example.org >"$scratch/refused" 2>&1 &&
	fail 'postdrop needs no rights of its own: mailctl-notify.service may be shut in as the others are'
as_job "${job[@]}" -n >"$scratch/shown" || fail "a dry run: $(cat "$scratch/shown")"
as_job "${job[@]}" >"$scratch/told" 2>&1 || fail "mailctl-notify: $(cat "$scratch/told")"
wait_for 'the end of the queue' drained

# ---- what came, held against what the dry run shows
python3 - "$homes" "$scratch/shown" "$(in_days 6)" "$(in_days 1)" <<'PYTHON' || fail 'the notices'
import email, email.policy, sys
from pathlib import Path
homes, shown, six, one = Path(sys.argv[1]), Path(sys.argv[2]).read_text(), *sys.argv[3:5]
def mails(who):
    return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in sorted((homes / who).glob("new/*"))]
faults = []
def hold(what, is_so):
    if not is_so: faults.append(what)
wanted = {"ann": f"Poštni predal ann@example.org poteče {six}", "bob": one, "dot.line": six}
for who, subject in wanted.items():
    got = mails(who)
    hold(f"{who} has {len(got)} messages", len(got) == 1)
    for m in got:
        text = m.get_body().get_content()
        hold(f"the subject of {who}: {m['Subject']}", subject in m["Subject"] and f"Subject: {m['Subject']}" in shown)
        hold(f"the text of {who}: {text!r}", text.strip() in shown and len(text) > 100)
        hold(f"who {who} is: {m['To']}", m["To"].addresses[0].addr_spec == f"{who}@example.org")
        hold(f"who wrote to {who}: {m['From']}, {m['Return-Path']}", m["From"].addresses[0].addr_spec == "postmaster@example.org" and m["Return-Path"] == "<postmaster@example.org>")
        hold(f"{who}: it does not say that it is automatic", m["Auto-Submitted"] == "auto-generated")
        hold(f"{who}: defects {m.defects}", not m.defects and m["Message-ID"] and m["Date"])
        for line in text.splitlines():
            hold(f"{who}: a line of {len(line)}", len(line.encode()) <= 998)
got = mails("chief")
hold(f"the administrator has {[m['Subject'] for m in got]}", len(got) == 1)
for m in got:
    text = m.get_body().get_content()
    for who in wanted: hold(f"the administrator is not told of {who}: {text}", f"{who}@example.org" in text)
    hold("the administrator is told of far", "far@example.org" not in text)
hold("far was told", not mails("far"))
sys.exit("\n".join(faults) or None)
PYTHON
check 'answers to notices' 0 "$(answers)"
check 'mail that went out' 0 "$(wc -l </var/mail/outside)"
: >/var/mail/outside
find "$homes" -path '*/new/*' -type f -delete
as_job "${job[@]}" >"$scratch/told" 2>&1 || fail "the second run: $(cat "$scratch/told")"
wait_for 'the end of the queue' drained
check 'a second run tells nobody' 0 "$(find "$homes" -path '*/new/*' -type f | wc -l)"

# ---- Postfix is stopped: what it is handed waits in its queue, and is told once
tool expiry set far@example.org --expires "$(in_days 2)"
postfix stop >/dev/null 2>&1
as_job "${job[@]}" >"$scratch/told" 2>&1 || fail "while Postfix is stopped: $(cat "$scratch/told")"
check 'what waits' 2 "$(find /var/spool/postfix/maildrop -type f | wc -l)"
postfix start >/dev/null 2>&1
came() { [ "$(find "$homes/far/new" "$homes/chief/new" -type f 2>/dev/null | wc -l)" = 2 ]; }
wait_for 'what waited' came

# ---- by SMTP it takes them also from a service that may gain no privileges
find "$homes" -path '*/new/*' -type f -delete
for who in ann far; do tool expiry set $who@example.org --expires "$(in_days 4)"; done
as_job setpriv --no-new-privs env MAILCTL_SENDMAIL=smtp://127.0.0.1:25 "${job[@]}" >"$scratch/told" 2>&1 || fail "by SMTP: $(cat "$scratch/told")"
by_smtp() { [ "$(find "$homes/ann/new" "$homes/far/new" "$homes/chief/new" -type f 2>/dev/null | wc -l)" = 3 ]; }
wait_for 'what came by SMTP' by_smtp
grep -l '(Postfix) with E\?SMTP' "$homes"/far/new/* >/dev/null || fail "it did not come by SMTP: $(cat "$homes"/far/new/*)"
check 'who wrote it' 'Return-Path: <postmaster@example.org>' "$(grep -h '^Return-Path' "$homes"/far/new/*)"

verdict 'a real Postfix takes the notices'
