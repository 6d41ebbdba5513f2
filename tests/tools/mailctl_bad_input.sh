#!/bin/bash
# What cannot be done gets one sentence and its exit status, and changes nothing.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org --max-mailboxes 2 --max-aliases 1 --max-quota 1G -q
mailctl mailbox add bob@example.org --quota 100M --no-password -q
mailctl alias add info@example.org --target bob@example.org -q
mailctl domain add example.net -q
mailctl alias add a@example.net --target bob@example.org -q
mailctl alias add b@example.net --target a@example.net -q
before=$(mailctl export --domain example.org)

eval "$(mailctl sandbox env)"
uri=$LDAPURI base=$LDAPBASE
unset LDAPURI LDAPBASE
printf 'wrong\n' >"$scratch/wrong"
printf 'secret\n' >"$scratch/open"
printf '\000\n' >"$scratch/nul"
printf 'postmaster = /etc/x@example.net\n' >"$scratch/postmaster.conf"
chmod 600 "$scratch/wrong" "$scratch/nul"
chmod 644 "$scratch/open"

# A file that the server's rules refuse meets the same answer for ever: cron must not try it again.
sed -n "/^dn: mail=info@example.org,/,/^\$/p" <<<"$before" | sed 's/info@example/zwei@example/; s/^maildrop: .*/&\n&/' >"$scratch/twice.ldif"
run 69 mailctl import "$scratch/twice.ldif" # the domain has room for one alias
complains "its limit is 1 alias"
run 65 mailctl import --ignore-limits "$scratch/twice.ldif"
complains 'twice.ldif:1:'
complains 'provided more than once'

# status | a part of the sentence | arguments
while IFS='|' read -r status sentence arguments; do
	eval "set -- $arguments"
	run "${status// /}" mailctl "$@" </dev/null
	silent
	complains "$(sed 's/^ *//;s/ *$//' <<<"$sentence")"
	[[ $(grep -c 'mailctl: error: ' <<<"$err") == 1 ]] || fail "$last: not one sentence"
done <<'TABLE'
65 | "bob" is not a mail address              | mailbox show bob
65 | not a mail address                       | mailbox add "bob@@example.org" --no-password
65 | "example" is not a domain name           | domain add example
65 | quota                                    | mailbox set bob@example.org --quota 12x
65 | none                                     | mailbox set bob@example.org --quota 0
65 | 2026-02-30                               | expiry set bob@example.org --expires 2026-02-30
65 | --max-mailboxes must be a number         | domain set example.org --max-mailboxes many
65 | run in a circle: a@example.net, b@example.net | alias set a@example.net --target b@example.net
65 | gets no other mail                       | alias add "*@example.net" --target bob@example.org
65 | itself                                   | alias add loop@example.org --target loop@example.org
65 | filter                                   | mailbox list --filter "(mail=x"
65 | knows no attribute nosuch                | mailbox list --filter "(nosuch=x)"
65 | knows no attribute nosuch                | mailbox list --expired --filter "(!(nosuch=x))"
65 | answer (quota>=1) in the filter          | mailbox set --filter "(&(mail=*)(quota>=1))" --quota 1G --yes
65 | quota has no rule for ordering           | mailbox remove --filter "(quota>=1)" --yes
65 | creationDate has no rule for             | alias disable --filter "(creationDate<=20200101000000Z)" --yes
65 | knows no object class "VirtualMale"      | mailbox show --filter "(objectClass=VirtualMale)"
65 | accountActive is TRUE or FALSE           | domain list --filter "(accountActive=true)"
65 | knows no matching rule                   | alias list --filter "(mail:noSuchMatch:=x)"
65 | knows no attribute nosuch                | vacation show --filter "(nosuch=x)"
65 | knows no attribute nosuch                | expiry list --filter "(nosuch=x)"
65 | knows no attribute nosuch                | expiry set --filter "(nosuch=x)" --date 2030-01-01 --yes
65 | knows no attribute nosuch                | mailbox password --filter "(nosuch=x)" --generate-password --yes
65 | itself                                   | domain set example.org --description half --postmaster postmaster@example.org
65 | that of the expiry run                   | mailbox disable bob@example.org --reason expired
65 | that of what is about to be removed      | mailbox disable bob@example.org --reason removed
65 | --reason is one word                     | mailbox disable bob@example.org --reason "he left"
65 | has a line break or another control      | mailbox set bob@example.org --name $'Bob\nCc'
65 | sn: "a                                   | mailbox set bob@example.org --surname $'a\tb'
65 | has a line break or another control      | domain set example.org --description $'a\nb'
65 | has a line break or another control      | alias set info@example.org --description $'a\nb'
65 | postfixTransport                          | domain set example.org --transport $'lmtp:x\ny'
65 | vmailDisabledComment                     | mailbox disable bob@example.org --comment $'he\nleft'
65 | vacationSubject: "a                       | vacation set bob@example.org --subject $'a\nb' --message-file /etc/hostname
65 | has a control character that is no part  | vacation set bob@example.org --message-file "$scratch/nul"
65 | before it begins                         | vacation set bob@example.org --from 2026-08-02 --until 2026-08-01 --message-file /etc/hostname
64 | from 0.1 to 3600                         | --timeout 0 whoami
66 | cannot read                              | vacation set bob@example.org --message-file /nowhere
66 | /nowhere                                 | import /nowhere
67 | there is no mailbox nobody@example.org   | mailbox show nobody@example.org
65 | its mail would go to bob@example.org     | mailbox add bob+lists@example.org --no-password
65 | its mail would go to bob@example.org     | mailbox rename bob@example.org bob+lists@example.org
67 | there is no domain                       | mailbox add bob@nowhere.example --no-password
67 | there is no alias                        | alias remove nobody@example.org --yes
73 | exists already                           | mailbox add bob@example.org --quota 1M --no-password
73 | it is an alias                           | mailbox add info@example.org --quota 1M --no-password
73 | it is a mailbox                          | alias add bob@example.org --target x@example.net
73 | exists already                           | domain add example.org
73 | how a domain is merged into another      | domain rename example.net example.org --yes
69 | the domain example.org is full           | alias add more@example.org --target bob@example.org
69 | quota                                    | mailbox add big@example.org --quota 2G --no-password
65 | a virtual alias runs no command          | forward set bob@example.org --target "/etc/x@example.net"
65 | a virtual alias runs no command          | forward set bob@example.org --add-target "|x@example.net"
65 | a virtual alias runs no command          | alias add new@example.org --target "|/bin/sh@example.net"
65 | a virtual alias runs no command          | alias set info@example.org --target ":include:x@example.net"
65 | a virtual alias runs no command          | mailbox add ann@example.org --no-password --forward "/etc/x@example.net"
65 | a virtual alias runs no command          | mailinglist add staff@example.org --lists-domain lists.example --owner "/etc/x@example.net"
65 | a virtual alias runs no command          | domain set example.org --postmaster "/etc/x@localhost"
65 | a virtual alias runs no command          | domain add other.example --postmaster "/etc/x@example.net"
78 | a virtual alias runs no command          | --config "$scratch/postmaster.conf" domain list
65 | is not empty                             | domain remove example.org --now --yes
75 | 127.0.0.1                                | -H ldap://127.0.0.1:1 -b o=hosting --timeout 3 whoami
78 | no base                                  | -H ldap://127.0.0.1:1 --timeout 3 mailbox list
77 | wrong name or password                   | -H "$uri" -b "$base" -D "cn=phamm,o=hosting,$base" -y "$scratch/wrong" whoami
77 | bob@example.org                          | -H "$uri" -b "$base" -D "cn=phamm,o=hosting,$base" -y "$MAILCTL_SANDBOX/phamm.password" mailbox set bob@example.org --quota 1M
78 | open                                     | -H "$uri" -b "$base" -D "cn=phamm,o=hosting,$base" -y "$scratch/open" whoami
66 | nowhere                                  | -H "$uri" -b "$base" -D "cn=phamm,o=hosting,$base" -y /nowhere whoami
78 | no password for it                       | -H "$uri" -b "$base" -D "cn=phamm,o=hosting,$base" whoami
78 | URI                                      | -H nonsense -b o=hosting whoami
65 | nul                                      | mailbox password bob@example.org --password-file "$scratch/nul"
64 | nobody to ask                            | mailbox remove bob@example.org
64 | nobody to ask                            | mailbox remove bob@example.org --no-input
64 | nobody to ask                            | domain disable example.org
64 | nothing to set                           | mailbox set bob@example.org
64 | no mailbox is given                      | mailbox enable
64 | has no command "destroy"                 | mailbox destroy bob@example.org
64 | has no command "mailbo"                  | mailbo list
64 | needs a command                          | mailbox
64 | there is no option --bogus               | mailbox list --bogus=hunter2
64 | --output must be                         | mailbox list -o yaml
64 | there is no field "colour"               | mailbox list --fields colour
64 | give names or --filter                   | mailbox enable bob@example.org --filter "(mail=*)"
64 | give one of                              | mailbox add x@example.org --no-password --generate-password
65 | standard input is empty                  | mailbox password bob@example.org --password-stdin
64 | no password is given                     | mailbox password bob@example.org
64 | one argument too many                    | alias add a@example.org b@example.org --target c@example.net
64 | two different servers                    | --sandbox -H ldap://127.0.0.1 whoami
75 | does not run                             | --sandbox="$scratch/other" whoami
TABLE

# A full domain.
mailctl mailbox add second@example.org --quota 1M --no-password -q
run 69 mailctl mailbox add third@example.org --quota 1M --no-password
complains "the domain example.org is full"
mailctl mailbox remove second@example.org --now --yes -q

# What is an extension of an address for the daemons may be an alias, and at a site where it is none a mailbox.
run 0 mailctl alias add bob+lists@example.net --target bob@example.org
run 0 mailctl alias remove bob+lists@example.net --yes
MAILCTL_RECIPIENT_DELIMITER=- run 65 mailctl mailbox add bob-lists@example.org --no-password
MAILCTL_RECIPIENT_DELIMITER=none run 69 mailctl mailbox add bob+lists@example.org --no-password # no room, and so nothing else is wrong
for wrong in a +@ "+ "; do MAILCTL_RECIPIENT_DELIMITER=$wrong run 78 mailctl domain list; done

# The transport of new domains is the site's, unless another one is given.
MAILCTL_TRANSPORT=maildrop: run 0 mailctl domain add by-setting.example
MAILCTL_TRANSPORT=maildrop: run 0 mailctl domain add by-flag.example --transport lmtp:inet:localhost
run 0 mailctl domain show by-setting.example by-flag.example --fields transport -o csv
[ "$(tail -n +2 <<<"$out")" = $'maildrop:\nlmtp:inet:localhost' ] || fail "the transports are $out"
for wrong in maildrop 'a b:' $'a:\tb'; do MAILCTL_TRANSPORT=$wrong run 78 mailctl domain list; done

# Who gets the mail to postmaster: an address, which Postfix completes by nothing.
run 0 mailctl domain add standing.example
run 0 mailctl alias show postmaster@standing.example abuse@standing.example --fields targets -o csv
[ "$(tail -n +2 <<<"$out" | sort -u)" = postmaster@localhost ] || fail "postmaster goes to: $out"
MAILCTL_POSTMASTER=boss@example.net run 0 mailctl domain add boss.example
run 0 mailctl alias show postmaster@boss.example --fields targets -o csv
says boss@example.net
for wrong in postmaster "a b@localhost" @localhost; do MAILCTL_POSTMASTER=$wrong run 78 mailctl domain add none.example; done
run 65 mailctl domain add none.example --postmaster postmaster

# A broken LDIF file changes nothing and is named with its line.
# A date that is refused is answered with all the forms that would do.
for flags in "expiry set bob@example.org --date" "mailbox set bob@example.org --expires" "mailbox add tim@example.org --no-password --quota 1M --expires"; do
	for date in tomorrow 31.12.2027 +6x; do
		# shellcheck disable=SC2086 # words
		run 65 mailctl $flags "$date"
		[ "$date" = +6x ] || complains "the forms are 2026-12-31, +30d, +6w, +6m, +1y, 2026-12-31 14:30, 2026-12-31T14:30:00Z and now"
		complains "hint: or never"
	done
	for date in 2099-12-31 +30d +6w +6m +1y "2099-12-31 14:30" 2099-12-31T14:30:00Z now never; do
		# shellcheck disable=SC2086
		run 0 mailctl $flags "$date" -n
	done
done
run 65 mailctl log --since tomorrow
complains "the forms are 2026-12-31, 2026-12-31 14:30, 2026-12-31T14:30:00Z and now"
for date in 2026-12-31 "2026-12-31 14:30" 2026-12-31T14:30:00Z now; do run 0 mailctl log --since "$date"; done

printf 'dn: mail=x@example.org,vd=example.org,o=hosting,%s\nobjectClass top\n' "$base" >"$scratch/broken.ldif"
run 65 mailctl import "$scratch/broken.ldif"
complains "broken.ldif:2"

# A full disk is said aloud; a reader who has gone is not.
run 75 bash -c '"$MAILCTL" mailbox list >/dev/full'
complains "cannot write to standard output"
run 0 bash -c 'set -o pipefail; "$MAILCTL" mailbox list -o jsonl | true'
for asked in --help --version "mailbox --help" "mailbox set --help"; do
	run 75 bash -c '"$MAILCTL" '"$asked"' >/dev/full'
	complains "cannot write to standard output"
done
for program in "$EXPIRE" "$NIS2LDIF" "$MBOX2MAILDIR"; do
	run 75 bash -c '"$0" --help >/dev/full' "$program"
	run 75 bash -c '"$0" --version >/dev/full' "$program"
done
# So it is of what goes to standard error, unless nobody wants it.
run 75 bash -c '"$MAILCTL" mailbox list -v 2>/dev/full'
run 67 bash -c '"$MAILCTL" mailbox show nobody@example.org 2>/dev/full'
run 75 bash -c '"$EXPIRE" --dry-run 2>/dev/full'
run 0 bash -c '"$MAILCTL" mailbox list -v 2>&-'
run 0 bash -c '"$MAILCTL" mailbox list -v -o name 2> >(:)'
mkdir "$scratch/mail"
printf 'From a Thu Jan  1 00:00:00 2026\nSubject: x\n\nx\n' >"$scratch/mail/mbox"
run 75 bash -c '"$MBOX2MAILDIR" "$0/mbox" "$0/Maildir" 2>/dev/full' "$scratch/mail"
printf 'a:x:1000:1000::/home/a:/bin/sh\n' >"$scratch/mail/passwd"
run 75 bash -c '"$NIS2LDIF" --domain example.org --base dc=example,dc=org --passwd "$0/passwd" --out "$0/out" 2>/dev/full' "$scratch/mail"

# A standard stream that is closed is not taken for the connection to the server, which would be the next descriptor.
run 75 bash -c '"$MAILCTL" mailbox list -o json >&-'
complains "cannot write to standard output"
run 66 bash -c '"$MAILCTL" mailbox show - <&-'
complains "cannot read standard input"
run 67 bash -c '"$MAILCTL" mailbox show nobody@example.org 2>&-'
run 0 bash -c '"$MAILCTL" mailbox list -o name <&- 2>&-'
says bob@example.org

# Who has no home can look, and keeps no journal.
install -m 755 "$MAILCTL" "$scratch/mailctl"
chmod 711 "$scratch"
homeless=(env -u HOME -u XDG_STATE_HOME -u XDG_CONFIG_HOME -u XDG_RUNTIME_DIR -u MAILCTL_SANDBOX)
[ "$(id -u)" != 0 ] || homeless=(setpriv --reuid=65534 --regid=65534 --clear-groups "${homeless[@]}")
run 75 "${homeless[@]}" "$scratch/mailctl" -H ldap://127.0.0.1:1 -b o=hosting mailbox list
run 0 "${homeless[@]}" "$scratch/mailctl" config show
says journal-dir

# One address, ten who want it: one gets it.
for _ in {1..10}; do
	("$MAILCTL" mailbox add wanted@example.net --no-password >/dev/null 2>&1; echo $?) &
done >"$scratch/statuses"
wait
[ "$(sort "$scratch/statuses" | uniq -c | xargs)" = "1 0 9 73" ] || fail "ten at once: $(xargs <"$scratch/statuses")"

# An export that fails leaves no file.
run 75 mailctl -H ldap://127.0.0.1:1 -b o=hosting --timeout 3 export --out "$scratch/none.ldif"
[ -z "$(find "$scratch" -name 'none.ldif*')" ] || fail "a failed export left a file"

# With JSON, errors are JSON.
run 67 mailctl mailbox show nobody@example.org -o json
silent
parses "$err"
[[ $err == *'"kind":"not_found"'*'"exit_status":67'* ]] || fail "an error without its kind"
run 64 mailctl mailbox show --bogus -o json
parses "$err"

after=$(mailctl export --domain example.org)
[ "$before" = "$after" ] || fail "something was changed"
# A full disk is said aloud of what was changed, too, and it is no bug of ours.
for format in table json; do
	for verb in disable enable; do
		run 75 bash -c '"$MAILCTL" mailbox '"$verb bob@example.org -o $format"' >/dev/full'
		complains "cannot write to standard output"
		[[ $err != *"a bug of ours"* ]] || fail "a full disk is taken for a bug"
	done
done

# The same name twice is one, and says so; a byte order mark before the first one is no part of it.
run 1 mailctl domain add twice.example TWICE.example
says 'created'
complains 'twice.example is named twice, and made once'
run 1 mailctl mailbox add t@twice.example T@Twice.example --no-password
complains 'is named twice, and made once'
run 0 mailctl mailbox show - -o name < <(printf '\xEF\xBB\xBFt@twice.example\n')
says t@twice.example
run 0 mailctl domain add - < <(printf '\xEF\xBB\xBF# of a spreadsheet\nmark.example\n')
run 0 mailctl domain remove mark.example mark.example --yes
run 67 mailctl -H "$socket" -b "dc=wrong,$base" --sasl external domain list
complains "hint: the server has $base, and nothing of that name below it"
run 65 mailctl expiry extend t@twice.example --by -1d
complains '"-1d" is not a span of time'

# What is made in a domain that is disabled is told; a flag without effect is none.
run 0 mailctl domain add quiet.example
run 0 mailctl domain disable quiet.example --yes
run 0 mailctl mailbox add bob@quiet.example --no-password
complains 'the domain of bob@quiet.example is disabled'
run 64 mailctl mailbox remove bob@quiet.example --references --yes
complains 'goes with --now'
for port in -1 65536 72937; do run 78 mailctl -H "ldap://localhost:$port" -b "$base" whoami; done

finish
