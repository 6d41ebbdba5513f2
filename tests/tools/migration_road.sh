#!/bin/bash
# The road of migration/README.md to its end, on tests/data/trieste: the maps as files and as NIS serves them, converted, loaded three ways with
# the same result, every kind of hash bound with, everybody's login over IMAP, through a Dovecot that asks the loaded directory, and mailboxes
# that were converted while mail went on coming.
. "$(dirname "$0")/../schema/server.sh"
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/private_dovecot.bash"
can_run_dovecot && command -v mbox2maildir >/dev/null || exit 77
trap 'end_dovecots; finish' EXIT
chmod 711 "$scratch" # Dovecot passes
unset "${!MAILCTL@}" LDAPNOINIT
export MAILCTL_CONFIG=/dev/null MAILCTL_BASE=$base TZ=UTC HOME=$scratch MAILCTL_JOURNAL_DIR=$scratch/journal
maps=$(cd "$(dirname "$0")/../data/trieste" && pwd)
mailctl=$(command -v mailctl)
check() { # WHAT WANTED GOT
	[ "$2" = "$3" ] || fail "$1"$'\n  wanted: '"$2"$'\n  got:    '"$3"
}
count() { grep -c -- "$1" "$2" || true; }

# ---- convert: the files, and the keyed maps as ypcat prints them
convert() { # NAME EXIT-STATUS FLAG...
	local status=0
	nis2ldif --domain fis.example.org --base "$base" --min-uid 500 --mail-home "$scratch/mail" --include-root "$maps/root" "${@:3}" \
		--out "$scratch/$1.ldif" --report "$scratch/$1.report" || status=$?
	check "$1: status" "$2" "$status"
}
mkdir "$scratch/keyed" "$scratch/mail"
for map in passwd.byname shadow.byname group.byname mail.aliases; do grep -v -e '^YP_' -e '^@ ' "$maps/keyed/$map" >"$scratch/keyed/$map"; done
(cd "$maps" && convert plain 1 --passwd passwd --shadow shadow --group group --aliases aliases)
(cd "$scratch/keyed" && convert keyed 1 --passwd passwd.byname --shadow shadow.byname --group group.byname --aliases mail.aliases)

# ---- the report: every line is in a sum, and what was written is what the file holds
for way in plain keyed; do
	report=$scratch/$way.report ldif=$scratch/$way.ldif
	check "$way: the sums add up" '' "$(sed -n 's/^\([^ ]*\): \([0-9]*\) lines = \([0-9]*\) .* + \([0-9]*\) entry + \([0-9]*\) merged + \([0-9]*\) skipped$/\1 \2 \3 \4 \5 \6/p' "$report" |
		awk '{ ++n } $2 != $3 + $4 + $5 + $6 { print } END { if (n != 4) print n " maps" }')"
	check "$way: every skipped line is named" "$(sed -n 's/.* + \([0-9]*\) skipped$/\1/p' "$report" | awk '{ n += $1 } END { print n }')" \
		"$(sed -n 's/^[^ ]*:\([0-9-]*\): SKIP .*/\1/p' "$report" | awk -F- '{ n += ($2 ? $2 : $1) - $1 + 1 } END { print n }')"
	written=$(grep '^written: ' "$report")
	for pair in accounts:VirtualMailAccount groups:posixGroup; do
		check "$way: ${pair%:*}" "$(sed -n "s/.*[: ]\([0-9]*\) ${pair%:*}.*/\1/p" <<<"$written")" "$(count "^objectClass: ${pair#*:}" "$ldif")"
	done
	check "$way: forwards" "$(sed -n 's/.*(\([0-9]*\) with a forward).*/\1/p' <<<"$written")" "$(count '^forwardActive: TRUE' "$ldif")"
	check "$way: aliases" "$(sed -n 's/.* \([0-9]*\) login aliases, \([0-9]*\) aliases.*/\1 \2/p' <<<"$written" | awk '{ print $1 + $2 }')" "$(count '^objectClass: VirtualMailAlias' "$ldif")"
done

# ---- load, three ways
fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
# What is in the database, but for what each way stamps on it.
content() {
	slapcat -f "$1/slapd.conf" -o ldif-wrap=no | awk 'BEGIN { RS = ""; FS = "\n" } {
		n = 0
		for (i = 2; i <= NF; ++i)
			if ($i !~ /^(structuralObjectClass|entryUUID|entryCSN|creatorsName|createTimestamp|modifiersName|modifyTimestamp):/) line[n++] = $i
		for (i = 0; i < n; ++i) print $1 "\t" line[i]
	}' | sort
}
for way in plain keyed; do
	for by in slapadd ldapadd import; do
		server=$scratch/$way-$by
		configure "$server"
		chmod 711 "$server"
		load "$server" "$scratch/tree.ldif"
		[ "$by" != slapadd ] || load "$server" "$scratch/$way.ldif"
		serve "$server"
		export MAILCTL_URI=$(uri "$server")
		case $by in
			ldapadd) peer ldapadd -H "$MAILCTL_URI" -f "$scratch/$way.ldif" >"$scratch/log" 2>&1 || fail "$way: ldapadd: $(tail -n 2 "$scratch/log")" ;;
			import) "$mailctl" import "$scratch/$way.ldif" >"$scratch/log" 2>&1 || fail "$way: import: $(tail -n 2 "$scratch/log")" ;;
		esac
		check "$way by $by: a second load changes nothing" "$(count '^dn:' "$scratch/$way.ldif") unchanged" \
			"$("$mailctl" import "$scratch/$way.ldif" 2>&1 >/dev/null | sed -n 's/^note: [0-9]* records: //p')"
		"$mailctl" export --with-passwords --out "$server.export" --quiet
		content "$server" >"$server.content"
		[ "$way-$by" = plain-slapadd ] || stop
	done
	for by in ldapadd import; do
		check "$way: $by and slapadd give the same content" '' "$(diff "$scratch/$way-slapadd.content" "$scratch/$way-$by.content" | head -n 5)"
		check "$way: $by and slapadd give the same export" '' "$(diff <(sort "$scratch/$way-slapadd.export") <(sort "$scratch/$way-$by.export") | head -n 5)"
	done
done

# ---- log in: everybody, with the old password, at the directory that was loaded offline
server=$scratch/plain-slapadd
export MAILCTL_URI=$(uri "$server")
fill "$schema/dovecot/dovecot-ldap.conf.ext" >"$scratch/ldap.conf"
serve_directory "$scratch/ldap.conf" <(fill "$schema/dovecot/mailctl.conf") "$MAILCTL_URI" || die 'no Dovecot'
give_to_dovecot "$scratch/mail"
read_imap() { python3 "$support/imap.py" "$dovecot_imap" "$@"; }

# Locked, no hash, empty, no hash anywhere: tests/data/trieste/README.md.
cannot='lonzar tamaro hofer hepsw jdoe xiaoli wiki stampe smiani tkos nsirk'
search "$MAILCTL_URI" '(objectClass=VirtualMailAccount)' uid -E pr=500/noprompt | sed -n 's/^uid: //p' | sort >"$scratch/logins"
check 'accounts' 186 "$(wc -l <"$scratch/logins")"
awk -v cannot=" $cannot " '{ print $0 "\t" (index(cannot, " " $0 " ") ? "refused" : "ok") }' "$scratch/logins" >"$scratch/wanted"
awk '{ print $0, "pw-" $0 }' "$scratch/logins" | read_imap logins >"$scratch/got"
check 'every login that had a password has it still' '' "$(diff "$scratch/wanted" "$scratch/got" || true)"

# One of each kind, bound with directly as well: DES, DES with ageing in passwd, extended DES, $1$, $2y$, $5$, $6$, $y$, {SSHA}.
kinds='degrassi:..{11} lsaba:..{11} webmaster:_ furlan:[$]1[$] rstarec:[$]2y[$] gcok:[$]5[$] mlegisa:[$]6[$] pjones:[$]y[$] gridadm:{SSHA}'
bind() { # LOGIN PASSWORD
	local status=0
	ldapwhoami -x -H "$MAILCTL_URI" -D "$(search "$MAILCTL_URI" "(uid=$1)" 1.1 | sed -n 's/^dn: //p')" -w "$2" >/dev/null 2>&1 || status=$?
	echo "$status"
}
for kind in $kinds; do
	login=${kind%%:*}
	check "$login binds" 0 "$(bind "$login" "pw-$login")"
	check "$login with another password" 49 "$(bind "$login" pw-wrong-one)"
	search "$MAILCTL_URI" "(uid=$login)" userPassword | sed -n 's/^userPassword:: //p' | base64 -d | grep -E "^(\{CRYPT\})?${kind#*:}" >/dev/null || fail "$login has another kind of hash"
done
for kind in $kinds; do echo "${kind%%:*} pw-wrong-one"; done | read_imap logins | cut -f2 | sort | uniq -c | xargs >"$scratch/got"
check 'a wrong password of each kind is refused over IMAP' '9 refused' "$(cat "$scratch/got")"

# ---- out of service, and back
address() { "$mailctl" mailbox list --filter "(uid=$1)" -o name; }
"$mailctl" mailbox disable "$(address furlan)" --quiet >/dev/null
"$mailctl" mailbox remove "$(address rstarec)" --yes --quiet >/dev/null
"$mailctl" expiry set "$(address gcok)" --date 2020-12-31 --quiet --yes >/dev/null
"${EXPIRE:-mailctl-expire}" --commit --quiet >/dev/null 2>&1
three() { printf '%s pw-%s\n' furlan furlan rstarec rstarec gcok gcok | read_imap logins | cut -f2 | xargs; }
check 'disabled, removed and expired' 'refused refused refused' "$(three)"
"$mailctl" mailbox enable "$(address furlan)" --quiet >/dev/null
"$mailctl" mailbox restore "$("$mailctl" mailbox list --removed -o name)" --quiet >/dev/null
"$mailctl" expiry set "$(address gcok)" --date 2099-12-31 --quiet >/dev/null
check 'and back' 'ok ok ok' "$(three)"

# ---- mail: converted while the users are at work, switched, converted once more, and read over IMAP
old=$scratch/old
home_of() { search "$MAILCTL_URI" "(uid=$1)" homeDirectory | sed -n 's/^homeDirectory: //p'; }
maildir_of() { search "$MAILCTL_URI" "(uid=$1)" mailbox | sed -n "s|^mailbox: |$scratch/mail/|p"; }
convert_mail() { # LOGIN
	local owner=()
	[ "$(id -u)" -ne 0 ] || owner=(--owner "$mail_uid:$mail_gid")
	mbox2maildir --quiet "${owner[@]}" --inbox "$old/var/mail/$1" \
		"$old$(home_of "$1")/mail" "$(maildir_of "$1")" || fail "mbox2maildir for $1 ends with $?"
}
deliver() { # ADDRESS
	python3 -c 'import smtplib, sys; smtplib.LMTP(sys.argv[1]).sendmail("x@example.net", [sys.argv[2]], "Subject: new\r\n\r\nnew\r\n")' \
		"$dovecot_lmtp" "$1"
}
movers='degrassi mlegisa rstarec gridadm'
install -d "$scratch/mail/fis.example.org"
give_to_dovecot "$scratch/mail"
for login in $movers; do
	home=$(home_of "$login")
	"$support/make_old_mail.py" "$old" "$login" "$home" >"$scratch/$login.shown"
	convert_mail "$login"
	# Between the conversion and the switch, and after the switch, before the second conversion.
	"$support/make_old_mail.py" "$old" "$login" "$home" 3 | cut -f 1,3- >"$scratch/$login.later"
	deliver "$(address "$login")"
	cp -r --preserve=all -- "$old" "$scratch/before"
	convert_mail "$login"
	convert_mail "$login" # stragglers, of which there are none
	check "$login: the old mail is as it was" '' "$(diff -r "$old" "$scratch/before")"
	rm -rf -- "$scratch/before"
	read_imap messages "$login" "pw-$login" | sort >"$scratch/$login.got"
	check "$login: what the user has seen, with flags, date and UID" '' "$(comm -23 <(sort "$scratch/$login.shown") "$scratch/$login.got")"
	comm -13 <(sort "$scratch/$login.shown") "$scratch/$login.got" >"$scratch/$login.new"
	check "$login: what came then has other UIDs" $'6\n7\n8\n9' "$(cut -f 2 "$scratch/$login.new")"
	check "$login: what came to the old mailbox" '' "$(comm -23 <(sort "$scratch/$login.later") <(cut -f 1,3- "$scratch/$login.new" | sort))"
	check "$login: and to the new one" 1 "$(comm -13 <(sort "$scratch/$login.later") <(cut -f 1,3- "$scratch/$login.new" | sort) | wc -l)"
	check "$login: UIDVALIDITY" $'INBOX\t1500000005\t10' "$(read_imap uidvalidity "$login" "pw-$login" INBOX)"
	check "$login: subscriptions" 'INBOX Lavoro.progetti sent-mail' "$(read_imap folders "$login" "pw-$login" | sed -n 's/^lsub\t\([^\t]*\).*/\1/p' | xargs)"
done
check 'Dovecot had nothing to complain of' '' "$(grep -E 'Error|Panic|Fatal|Warning' "$dovecot_log" || true)"

verdict 'the road'
