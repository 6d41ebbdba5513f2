#!/bin/bash
# The out-of-office answer that is in the directory, sent by Debian's Dovecot with the files of mailctl config sieve: whom it goes to, when, and what it says;
# and by gnarwl with those of mailctl config gnarwl.
. "$(dirname "$0")/server.sh"
. "$(dirname "$0")/../support/private_dovecot.bash"
can_run_dovecot || exit 77
support=$(cd "$(dirname "$0")/../support" && pwd)
trap 'end_dovecots; finish' EXIT
packages=$("$support/unpack-packages" dovecot-sieve gnarwl) || exit 77
[ "$(dpkg-query -W -f '${Version}' dovecot-core)" = "$(zcat "$packages/usr/share/doc/dovecot-sieve/changelog.Debian.gz" | sed -n '1s/.*(\(.*\)).*/\1/p')" ] || { echo 'this Sieve is for another Dovecot'; exit 77; }
phamm_password=$odd_password
export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_BASE=$base MAILCTL_JOURNAL_DIR=$scratch/journal MAILCTL_MAIL_HOME=$scratch/mail TZ=UTC
unset MAILCTL_SANDBOX
chmod 711 "$scratch"

fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
configure "$scratch/server"
chmod 711 "$scratch/server"
load "$scratch/server" "$scratch/tree.ldif"
serve "$scratch/server"
MAILCTL_URI=$(uri "$scratch/server")
export MAILCTL_URI MAILCTL_DAEMON_PASSWORD_FILE=$scratch/phamm.password
tool() { "$MAILCTL" --sasl external -q "$@" >/dev/null || fail "mailctl $*"; }
mkdir "$scratch/mail" "$scratch/sent" "$scratch/dovecot"
give_to_dovecot "$scratch/mail" "$scratch/sent"

tool domain add example.org
away='away now open plain future past silent off both over'
for user in $away; do tool mailbox add $user@example.org --no-password; done
printf 'Grüße,\n\nich bin weg.\n"quoted" 100%% $x ${y} %%{user}\n.\nEnd\n' >"$scratch/message"
day() { date -d "$1" +%Y-%m-%d; }
for user in away now open off both; do tool vacation set $user@example.org --subject 'Außer Haus: €' --message-file "$scratch/message"; done
tool vacation set now@example.org --from "$(day -1day)" --until "$(day +2day)" --subject 'Bis bald' --message-file "$scratch/message"
tool vacation set open@example.org --from "$(day -1day)" --subject 'Offen' --message-file "$scratch/message"
tool vacation set future@example.org --from "$(day +2day)" --subject x --message-file "$scratch/message"
tool vacation set past@example.org --from "$(day -9day)" --until "$(day -2day)" --subject x --message-file "$scratch/message"
tool vacation set plain@example.org --message-file "$scratch/message"
tool vacation set over@example.org --subject 'x: y|"z" \ ${1} 5% %{user}' --message-file "$scratch/message"
tool vacation clear off@example.org
tool forward set both@example.org --target both@example.net --keep-copy

# The last minute that is written belongs to the window.
tool vacation set past@example.org --from "$(day -9day)" --until "$(day +1day)" --subject x --message-file "$scratch/message"
[[ $(search "$MAILCTL_URI" '(mail=past@example.org)' vacationEnd) == *2359 ]] || fail 'the last day ends at another minute'
tool vacation set past@example.org --from "$(day -9day)" --until "$(day -2day)" --subject x --message-file "$scratch/message"

# ---- Dovecot
place=$scratch/dovecot
"$MAILCTL" config sieve --out "$place" -q && "$MAILCTL" config dovecot --out "$place" -q || die 'no files'
give_to_dovecot "$place"
# Whoever Dovecot runs as cannot look into the home of who runs the test.
mkdir "$scratch/modules"
cp -r /usr/lib/dovecot/modules/* "$packages"/usr/lib/dovecot/modules/* "$packages"/usr/lib/dovecot/lib*.so* "$packages/usr/bin/sievec" "$scratch/modules"
cat >"$scratch/send" <<SEND
#!/bin/sh
exec cat >"\$(mktemp "$scratch/sent/XXXXXX")"
SEND
chmod 755 "$scratch/send"
export LD_LIBRARY_PATH=$scratch/modules:/usr/lib/dovecot
{
	sed "/^!include/{r $place/mailctl.conf
d}" "$place/mailctl-sieve.conf"
	printf '%s\n' "mail_plugin_dir = $scratch/modules" 'import_environment = $import_environment LD_LIBRARY_PATH TZ' "sendmail_path = $scratch/send" 'log_debug = ""'
} >"$scratch/both.conf"
PATH=$PATH:/usr/sbin doveconf -n -c "$scratch/both.conf" >/dev/null 2>"$scratch/said" || fail "doveconf: $(cat "$scratch/said")"
serve_directory "$place/dovecot-ldap.conf.ext" "$scratch/both.conf" "$MAILCTL_URI" || die 'no Dovecot'
as_mail_user "$scratch/modules/sievec" -c "$dovecot_dir/dovecot.conf" "$place/vacation.sieve" || fail 'sievec'

# deliver SENDER RECIPIENT [HEADER...]
deliver() {
	python3 - "$dovecot_lmtp" "$@" <<-'PYTHON'
		import smtplib, sys
		path, sender, recipient, *headers = sys.argv[1:]
		server = smtplib.LMTP(path)
		lines = [f"From: {sender or 'MAILER-DAEMON'}", "Subject: Hello", "Message-Id: <1@example.net>", *headers]
		if not any(h.startswith("To:") for h in headers):
		    lines.append(f"To: {recipient}")
		try:
		    server.sendmail(sender, [recipient], "\r\n".join(lines) + "\r\n\r\nhello\r\n")
		except smtplib.SMTPException as e:
		    sys.exit(f"{recipient}: {e}")
	PYTHON
}
answers() { find "$scratch/sent" -type f | wc -l; }
# expect NUMBER WHAT: of answers since the last time. Dovecot has sent before LMTP says yes.
expect() {
	local got
	got=$(answers)
	[ "$got" = "$1" ] || fail "$2: $got answers, not $1: $(tail -n 5 "$dovecot_log")"
	rm -f "$scratch"/sent/*
}
said() { # the answer's subject, sender, recipient and text
	python3 - "$scratch"/sent/* <<-'PYTHON'
		import email, email.policy, sys
		m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
		print(m["Subject"], m["From"].addresses[0].addr_spec, m["To"].addresses[0].addr_spec, sep="|")
		print(m.get_body().get_content(), end="")
		assert m["Auto-Submitted"], "it does not say that it is automatic"
	PYTHON
}
check_answer() { # USER SUBJECT
	local got
	got=$(said 2>&1)
	[ "$got" = "$(printf '%s|%s|%s\n' "$2" "$1@example.org" friend@example.net; cat "$scratch/message")" ] || fail "the answer of $1: $got"
}

deliver friend@example.net away@example.org || fail 'no delivery'
check_answer away 'Außer Haus: €'
expect 1 'who is away'
deliver friend@example.net away@example.org
expect 0 'the same sender again'
deliver other@example.net away@example.org
expect 1 'another sender'
deliver friend@example.net now@example.org
check_answer now 'Bis bald'
expect 1 'within the window'
deliver friend@example.net now@example.org
expect 0 'the same sender again within the window'
tool vacation set now@example.org --from "$(day -1day)" --until "$(day +3day)" --subject 'Bis bald' --message-file "$scratch/message"
deliver friend@example.net now@example.org
expect 1 'the same sender in another window'
deliver friend@example.net open@example.org
expect 1 'a window without an end'
deliver friend@example.net plain@example.org
expect 1 'without a subject'
deliver friend@example.net over@example.org
check_answer over 'x: y|"z" \ ${1} 5% %{user}'
expect 1 'a subject of odd characters'
deliver friend@example.net both@example.org
expect 1 'who sends his mail on as well'
for user in future past off silent; do deliver friend@example.net $user@example.org; done
expect 0 'before, after, switched off, nothing to say'
deliver lists@example.net now@example.org 'List-Id: <x.example.net>'
deliver bulk@example.net now@example.org 'Precedence: bulk'
deliver robot@example.net now@example.org 'Auto-Submitted: auto-replied'
deliver '' now@example.org
deliver now@example.org now@example.org
deliver owner-x@example.net now@example.org
deliver x-request@example.net now@example.org
deliver hidden@example.net now@example.org 'To: everybody@example.net'
expect 0 'lists, bulk, robots, bounces, oneself, and who was not named'
[ "$(find "$scratch/mail" -path '*/new/*' -type f | wc -l)" -ge 20 ] || fail 'mail is lost'
# By raw LDAP an owner writes what he likes where a date is: he gets no answers sent, and all of his mail.
for date in '%' '%{user}' '|||' "9'\"\\" '202601010000|x'; do
	printf 'dn: mail=plain@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: vacationStart\nvacationStart:: %s\n' "$base" "$(printf %s "$date" | base64)" |
		peer ldapmodify -H "$MAILCTL_URI" >/dev/null || fail 'ldapmodify'
	deliver "odd@example.net" plain@example.org || fail "with the date $date no mail is delivered"
done
rm -f "$scratch"/sent/*
tool mailbox disable now@example.org
deliver late@example.net now@example.org 2>/dev/null
expect 0 'who is disabled'

# ---- gnarwl
"$MAILCTL" config gnarwl --with-secrets |
	sed -e "s|^mta .*|mta $scratch/send|; s|/var/lib/gnarwl/block/|$scratch/block/|; s|^blockexpire .*|blockexpire 0|; s|/var/lib/gnarwl|$packages&|" >"$scratch/gnarwl.cfg"
mkdir "$scratch/block"
gnarwl() { printf 'From: %s\nTo: %s\nSubject: Hello\n\nhello\n' "$1" "$2" | "$packages/usr/bin/gnarwl" -c "$scratch/gnarwl.cfg" -a "$2" -s "$1" >"$scratch/gnarwl.log" 2>&1; }
gnarwl friend@example.net away@example.org
grep -q 'ich bin weg' "$scratch"/sent/* || fail 'gnarwl does not say what is in the entry'
expect 1 'gnarwl, for who is away'
for user in off now silent; do gnarwl friend@example.net $user@example.org; done
expect 0 'gnarwl, for who is here, disabled, or has nothing to say'
verdict 'who is away has it told, once to each, and not to lists'
