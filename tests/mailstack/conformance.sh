#!/bin/bash
# What the daemons make of each state that mailctl can put an account, an address or a domain in. The table of it is tests/CONFORMANCE.md, and has to be what is found here:
#
#     tests/mailstack/conformance.sh --table > tests/CONFORMANCE.md
more_packages=('nslcd libnss-ldapd libpam-ldapd' 'dovecot-sieve gnarwl'
	'freeradius freeradius-common freeradius-config freeradius-ldap freeradius-utils libfreeradius3 libtalloc2 libpcap0.8')
. "$(dirname "$0")/stack.bash"
. "$stack/../support/mail_states.bash"
. "$stack/phamm.bash"
start_stack
cd "$scratch" || die "$scratch"
mkdir found

server=(-q)
read_states
# Every mailbox is an account of Unix as well.
tool() {
	run 0 --yes -q "$@"
	[[ "$1 $2" != 'mailbox add' ]] || run 0 --yes -q unix add "$3"
}
carry_out_states
tool() { run 0 --yes -q "$@"; }

# ---- states
# Courier makes no Maildir; whoever has no mail yet has none.
make_maildirs() {
	local folder
	search "$MAILCTL_URI" '(objectClass=VirtualMailAccount)' vdHome mailbox | awk -F': ' '/^vdHome/ { home = $2 } /^mailbox/ { box = $2 } /^$/ { if (box != "") print home "/" box; box = "" }' >maildirs
	while read -r folder; do
		install -d -o vmail -g vmail -m 700 "$(dirname "$folder")" "$folder" "$folder"/{cur,new,tmp}
	done <maildirs
}
make_maildirs
search "$MAILCTL_URI" '(objectClass=VirtualMailAccount)' mail mailbox | awk -F': ' '/^mail:/ { mail = $2 } /^mailbox:/ { box = $2; sub("/$", "", box) } /^$/ { if (box != "") print box "\t" mail; box = "" }' >found/folders
"$MAILCTL" mailbox list -o json >found/mailboxes
for i in "${!addresses[@]}"; do
	# LMTP is asked by Postfix here, and Debian's Postfix refuses strangers' domains in a way of its own.
	read -r imap pop3 smtp _ courier_imap courier_pop3 <<<"${answers[i]}"
	printf '%s\t%s\t%s\t%s\t%s\n' "${addresses[i]}" "${doings[i]}" "${headings[i]}" "$imap $pop3 $smtp $courier_imap $courier_pop3" "${places[i]/#554/454}"
	[ "${places[i]}" = - ] || echo "${addresses[i]}" >>mailed
done >found/rows
"$MAILCTL" trace - -o jsonl <mailed >found/traces 2>/dev/null
ask mail <mailed >found/mails
[ "$failures" = 0 ] || die 'nothing can be asked'

# rows HEADER FILE: each line of the file, whose first field is a sentence, and what it says on
rows() {
	printf '\n%s\n' "$1"
	sed 's/[^|]//g; s/|/| --- /g; s/ --- $//' <<<"$1"
	sed 's/\t/ | /g; s/^/| /; s/$/ |/' "$2"
}

# ---- spellings
tool mailbox add d\'arc@example.org r\&d@example.org r=d@example.org --password-file right
spellings() { # the address, where its mail goes, and who lets in a login by it
	cat <<-'TABLE'
		NEW@Example.ORG example.org/new yes yes yes yes yes
		new.example.org - yes yes yes yes yes
		NEW.Example.org - yes yes yes yes yes
		new+news@example.org example.org/new no no no no no
		alias+news@example.org example.org/new no no no no no
		forward+news@example.org out:x+news@example.net no no no no no
		copy+news@example.org example.org/copy,out:x+news@example.net no no no no no
		any+news@all.example example.org/new no no no no no
		staff-confirm+0a1b2c@example.org list:staff-confirm+0a1b2c@lists.example.org no no no no no
		d'arc@example.org example.org/d'arc yes yes yes yes yes
		r&d@example.org example.org/r&d yes yes yes yes yes
		r=d@example.org example.org/r=d yes yes yes yes yes
	TABLE
}
check 'mail to an address in other spellings' "$(spellings | awk '$2 != "-" { gsub(",", " ", $2); print $1, $2 }')" "$(spellings | awk '$2 != "-" { print $1 }' | ask mail)"

# ---- passwords
schemes=$(sed -n '/^\.Fl -password-scheme$/,/^slapd checks/p' "$stack/../../man/mailctl-mailbox.mdoc" | grep '^\.Cm' | sed 's/^\.Cm//; s/[,.]//g' | xargs)
[ "$(wc -w <<<"$schemes")" -eq 5 ] || die "mailctl-mailbox(1) offers: $schemes"
for scheme in $schemes; do tool mailbox add "$scheme@example.org" --password-file right --password-scheme "$scheme"; done
passwords() { # the right one; another; the hash, and what is in it
	local hash
	for scheme in $schemes; do
		hash=$(search "$MAILCTL_URI" "(mail=$scheme@example.org)" userPassword | sed -n 's/^userPassword:: //p' | base64 -d)
		printf "$scheme@example.org\t%s\n" "$password" Other-horse8 "$hash" "${hash#*\}}"
	done
}

# All at once, since who is refused waits.
make_maildirs
{
	printf '%s\n' "${addresses[@]}"
	spellings | cut -d' ' -f1
	passwords
} | ask logins >logins
head -n "${#addresses[@]}" logins >found/logins
start_nslcd
start_radius
printf '%s\n' "${addresses[@]}" | ask logins ways=getent,pam,radius >found/unix
check 'logins in other spellings' "$(spellings | cut -d' ' -f1,3-)" "$(sed -n "$((${#addresses[@]} + 1)),+$(($(spellings | wc -l) - 1))p" logins)"
spellings | awk -v OFS='\t' '{ gsub(",", ", ", $2); sub("^-$", "", $2); print $1, $2, $3, $4, $5, $6, $7 }' >spellings
for scheme in $schemes; do
	check "$scheme" "$(printf '%s\n' 'yes yes yes yes yes' 'no no no no no' 'no no no no no' 'no no no no no')" "$(grep "^$scheme@" logins | cut -d' ' -f2-)"
	grep -m 1 "^$scheme@" logins | sed 's/@[^ ]*//; s/ /\t/g'
done >schemes

# ---- quotas
write_quota() { printf 'dn: mail=%s@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: quota\nquota: %s\n' "$1" "$base" "$2" | peer ldapmodify -H "$MAILCTL_URI" >/dev/null || fail "no quota $2"; }
limit_of() { # USER: what IMAP says of the limit, once there is a message
	python3 - "$1@example.org" "$password" <<-'PYTHON'
		import imaplib, re, sys
		with imaplib.IMAP4("127.0.0.1") as client:
		    client.login(*sys.argv[1:])
		    client.append("INBOX", None, None, b"Subject: hello\r\n\r\nhello\r\n")
		    said = str(client.getquotaroot("INBOX"))
		    limits = [f"{n} {unit}" for name, unit in (("STORAGE", "KiB"), ("MESSAGE", "messages")) for n in re.findall(name + r" \d+ (\d+)", said)]
		    print(", ".join(limit for limit in limits if not limit.startswith("0 ")) or "none")
	PYTHON
}
quota_values=(102400S 102400S,3C 102400 0S -)
for i in "${!quota_values[@]}"; do
	tool mailbox add "quota$i@example.org" --password-file right --quota none
	[ "${quota_values[i]}" = - ] || write_quota "quota$i" "${quota_values[i]}"
done
while read -r i limit mail; do
	got="$(limit_of "quota$i")|$(ask mail size=200000 <<<"quota$i@example.org" | cut -d' ' -f2)"
	check "the quota ${quota_values[i]}" "${limit//_/ }|$mail" "$got"
	got=${got/"example.org/quota$i"/its mailbox}
	printf '%s\t%s\n' "$(sed 's/^-$/none/; t; s/.*/`&`/' <<<"${quota_values[i]}")" "${got//|/$'\t'}"
done >quotas <<-'TABLE'
	0 100_KiB 552
	1 100_KiB,_3_messages 552
	2 100_KiB 552
	3 none example.org/quota3
	4 none example.org/quota4
TABLE
# Reached and raised.
tool quota set quota0@example.org --quota 200K
check 'a quota that was raised' 'quota0@example.org example.org/quota0' "$(ask mail size=150000 <<<quota0@example.org)"
check 'is reached' 'quota0@example.org 552' "$(ask mail size=150000 <<<quota0@example.org)"

# ---- automatic answers
config sieve --out /etc/dovecot/mailctl
echo '!include mailctl/mailctl-sieve.conf' >/etc/dovecot/local.conf
doveadm reload
wait_for 'the compiled script' sievec /etc/dovecot/mailctl/vacation.sieve # by what the running Dovecot goes by
wait_for Dovecot listens 143
config gnarwl --out /etc
chown -R gnarwl /var/lib/gnarwl
flush() { [ -z "$(find /var/spool/postfix/{maildrop,incoming,active} -type f)" ]; }
answered() { # SENDER ADDRESS: whether the sender got an answer of the address
	python3 - "$@" <<-'PYTHON'
		import email, email.policy, json, sys
		to, author = sys.argv[1:]
		for mail in map(json.loads, open("/var/mail/outside")):
		    text = email.message_from_string(mail["text"], policy=email.policy.default)
		    if mail["to"] == [to] and text["From"].addresses[0].addr_spec == author and "I am away." in text.get_content():
		        print("yes")
		        break
		else:
		    print("no")
	PYTHON
}
absences=()
while IFS='|' read -r user doing wanted; do
	read -r user <<<"$user"
	read -r doing <<<"$doing"
	tool mailbox add "$user@example.org" --password-file right
	carry_out "$user@example.org" "$doing"
	absences+=("$user|$doing|$wanted")
done <<-'TABLE'
	on     | vacation set @ --subject Away --message-file away | yes yes
	within | vacation set @ --from 2020-01-01 --until 2090-01-01 --message-file away | yes yes
	early  | vacation set @ --from 2090-01-01 --message-file away | no no
	late   | vacation set @ --from 2020-01-01 --until 2020-02-01 --message-file away | no yes
	here   | vacation set @ --message-file away; vacation clear @ | no no
	shut   | vacation set @ --message-file away; mailbox disable @ | no no
	taken  | vacation set @ --message-file away; mailbox remove @ | no no
	closed | vacation set @ --message-file away; mailbox set @ --no-receive | no no
TABLE
printf '%s@example.org\n' "${absences[@]%% *}" | sed 's/|.*@/@/' | ask mail from=by-sieve@example.com >answers
by_gnarwl() { # SENDER USER
	printf 'From: %s@example.com\nTo: %s@example.org\nSubject: hello\n\nhello\n' "$@" |
		setpriv --reuid=gnarwl --regid=gnarwl --clear-groups gnarwl -c /etc/gnarwl.cfg -a "$2@example.org" -s "$1@example.com" >>gnarwl.log 2>&1
}
for absence in "${absences[@]}"; do by_gnarwl by-gnarwl "${absence%%|*}"; done
wait_for 'an empty queue' flush
for absence in "${absences[@]}"; do
	IFS='|' read -r user doing wanted <<<"$absence"
	got="$(answered by-sieve@example.com "$user@example.org") $(answered by-gnarwl@example.com "$user@example.org")"
	check "an answer of $user" "${wanted# }" "$got"
	printf '%s\t%s\n' "$(sed 's/^/`/; s/; /`, `/g; s/$/`/' <<<"$doing")" "${got/ /$'\t'}"
done >absences
# What gnarwl does not see of dates is done for it.
tool vacation run --yes
by_gnarwl by-gnarwl-again late
wait_for 'an empty queue' flush
got="no $(answered by-gnarwl-again@example.com late@example.org)"
check 'an answer of late, after a run' 'no no' "$got"
printf '`vacation set @ --from 2020-01-01 --until 2020-02-01 --message-file away`, `vacation run`\t%s\n' "${got/ /$'\t'}" >>absences

# ---- the same directory, and Phamm's filters
mkdir found/phamm
phamm_filters
ask mail <mailed >found/phamm/mails
printf '%s\n' "${addresses[@]}" | ask logins ways=imap,pop3,courier-imap,courier-pop3 >found/phamm/logins

{
	cat <<-'TEXT'
		# What the mail daemons make of a directory

		Postfix (in the chroot of Debian's `master.cf`), Dovecot, Courier, nslcd, FreeRADIUS and gnarwl with the files of `schema/`, asked by SMTP, IMAP, POP3, `getent passwd`, PAM and
		RADIUS after `mailctl` was told what stands in each row.
		This file is what `tests/mailstack/conformance.sh --table` prints; the test fails when it is not, and where the daemons do otherwise than `mailctl` says (`mailbox list`,
		`trace`) without a note that tells so.

		## States

		`@` is the address of the row, `%` its domain. The mail comes from outside; `submission` is SMTP AUTH at port 587. Each mailbox is an account of Unix as well
		(`mailctl unix add`), whose name is its first `uid`; RADIUS is asked for the address. What goes to a list server goes to a listener in its place, by LMTP;
		`tests/mailstack/mailman.sh` asks Mailman 3.
	TEXT
	python3 "$stack/conformance.py" found || fail 'the table of states'
	cat <<-'TEXT'

		## With Phamm's own filters

		The same directory, and daemons with the filters of Phamm's examples (`tests/mailstack/phamm.bash`), as at a site that changes nothing but the tool: where they do otherwise.
		An empty cell is as above; `error` is a server that fails over a login, here one that has let somebody in who is not found then. Phamm's access rules let whoever is in
		the directory bind, so that Dovecot's `auth_bind_userdn` asks no filter; there is no quota, and no backup domain without files of its own.
	TEXT
	python3 "$stack/conformance.py" found --phamm || fail 'the table of Phamm'
	ways='IMAP | POP3 | submission | Courier IMAP | Courier POP3'
	printf '\n## Spellings\n\nMail to an address, and a login by it. A login is also the `uid` of the mailbox, in any case.\n'
	rows "| address | mail goes to | $ways |" spellings
	printf '\n## Passwords\n\nBy `--password-scheme`. Another password, the hash itself and what is behind its scheme are refused everywhere.\n'
	rows "| scheme | $ways |" schemes
	printf '\n## Automatic answers\n\nTo a mail from outside: by Dovecot with its Sieve, and by gnarwl, which is handed the mail and looks at no date: `vacation run` does.\n'
	rows '| what was done | Sieve | gnarwl |' absences
	printf '\n## Quotas\n\nWhat stands in the directory, what IMAP says of it, and what becomes of a mail of 200,000 bytes. What Courier shows is told in `schema/README.md`.\n'
	rows '| `quota` | IMAP | mail |' quotas
	cat <<-'TEXT'

		## While names change

		At RCPT no mail is refused at any moment while mailboxes (`mailbox rename --keep-alias`) and domains get other names (`tests/mailstack/renames.sh`). Postfix follows aliases when it
		takes a mail; one that waits in the queue while its mailbox gets another name has the old one. Where that is an alias by then Dovecot hands it back to Postfix, and it follows;
		where there is none it comes back. What waits for a domain that gets another name leaves, as mail for any domain that is none of ours.
	TEXT
} >table
if [ "${1-}" = --table ]; then cat table; else check 'tests/CONFORMANCE.md' '' "$(diff "$stack/../CONFORMANCE.md" table)"; fi
[ "${1-}" = --table ] && [ "$failures" = 0 ] && exit
verdict 'the daemons do what mailctl says'
