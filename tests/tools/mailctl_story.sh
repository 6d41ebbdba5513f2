#!/bin/bash
# The life of a domain, a mailbox, an alias and a forward, as an administrator lives it.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox

# A domain comes with its postmaster.
run 0 mailctl domain add example.org --max-mailboxes 3 --max-aliases 2 --description "The example"
says "example.org  created"
run 0 mailctl alias list -o name
says postmaster@example.org
says abuse@example.org
run 0 mailctl domain set example.org --max-quota 10G --postmaster hostmaster@example.net
says changed
run 0 mailctl domain set example.org --max-quota 10G --postmaster hostmaster@example.net
says unchanged
run 0 mailctl alias show postmaster@example.org
says hostmaster@example.net
run 0 mailctl alias remove postmaster@example.org --yes
run 0 mailctl domain set example.org --postmaster hostmaster@example.net # whoever took it away
says "example.org  changed"
run 0 mailctl alias show postmaster@example.org
run 0 mailctl domain set example.org --max-quota none

# Targets are separated by commas, of which one in quotes is none.
run 0 mailctl alias add many@example.org --target '"a,b"@example.net, "c\",d"@example.net,e@example.net'
run 0 mailctl alias show many@example.org -o json
says '"targets":["\"a,b\"@example.net","\"c\\\",d\"@example.net","e@example.net"]'
run 0 mailctl alias set many@example.org --remove-target '"a,b"@example.net,e@example.net'
run 0 mailctl alias show many@example.org -o json
says '"targets":["\"c\\\",d\"@example.net"]'
run 65 mailctl alias set many@example.org --add-target 'x@example.net,'
run 0 mailctl alias remove many@example.org --yes

# A mailbox: made, shown, changed, and changed again to the same.
run 0 mailctl mailbox add bob@example.org --name "Bob Žagar" --quota 2G --expires 2099-12-31 --no-password
run 0 mailctl mailbox show bob@example.org
says "Bob Žagar"
says 2G
says 2099-12-31
says "smtp auth         yes"
run 0 mailctl mailbox set bob@example.org --quota domain --no-smtp-auth
run 0 mailctl mailbox show bob@example.org --fields quota,smtp_auth,expires -o csv
says "domain,no,2099-12-31"
run 0 mailctl mailbox set bob@example.org --quota domain
says unchanged
run 0 mailctl quota set bob@example.org --quota none
run 0 mailctl quota show bob@example.org --fields quota -o csv
says none

# Its password.
printf 'correct horse battery\n' >"$scratch/password"
chmod 600 "$scratch/password"
run 0 mailctl mailbox password bob@example.org --password-file "$scratch/password"
run 0 mailctl mailbox password bob@example.org --verify --password-stdin <"$scratch/password"
says right
run 77 mailctl mailbox password bob@example.org --verify --password-stdin <<<"wrong horse"
complains "wrong password for bob@example.org"
run 0 mailctl mailbox password bob@example.org --generate-password -o jsonl
generated=$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["password"])' "$out")
run 0 mailctl mailbox password bob@example.org --verify --password-stdin <<<"$generated"

# Disabled and enabled; both again change nothing.
run 0 mailctl mailbox disable bob@example.org --reason compromised --comment "phished on Monday"
run 0 mailctl mailbox disable bob@example.org --reason compromised --comment "phished on Monday"
says unchanged
run 0 mailctl mailbox list --disabled --fields address,status,disabled_reason,disabled_comment -o csv
says "bob@example.org,disabled,compromised,phished on Monday"
run 0 mailctl mailbox enable bob@example.org
run 0 mailctl mailbox enable bob@example.org
says unchanged

# A forward, with a copy kept; the copy stays kept when a target is added.
run 0 mailctl forward set bob@example.org --target bob@example.net --keep-copy
run 0 mailctl forward set bob@example.org --add-target bob@example.com
run 0 mailctl forward show bob@example.org -o csv
says 'bob@example.org,yes,yes,"bob@example.net, bob@example.com"'
run 65 mailctl forward set bob@example.org --target bob@example.org
complains "to itself alone"
run 0 mailctl forward set bob@example.org --no-keep-copy
run 0 mailctl forward clear bob@example.org
run 0 mailctl forward show bob@example.org -o csv
says bob@example.org,no,no,

# Who sends mail on, and how much of a domain's limits is used.
run 0 mailctl mailbox set bob@example.org --no-login --no-receive --smtp-auth
run 0 mailctl mailbox show bob@example.org --fields address,may_log_in,may_receive,smtp_auth -o csv
says bob@example.org,no,no,yes
run 0 mailctl mailbox list --filter '(vmailMayLogIn=FALSE)' -o name
says bob@example.org
run 0 mailctl mailbox set bob@example.org --login --receive
run 0 mailctl forward set bob@example.org --target bob@example.net
says 'bob@example.org  changed  forward_targets: bob@example.net  keep_copy: no'
run 0 mailctl forward list -o name
[ "$out" = bob@example.org ] || fail 'forward list names others'
run 0 mailctl forward clear bob@example.org
run 0 mailctl forward list -o name
silent
run 0 mailctl vacation list -o name
silent
run 0 mailctl quota set bob@example.org --quota 1500K
says 'quota: 1500K'
run 0 mailctl quota list -o csv
says bob@example.org,1500K
run 0 mailctl domain show example.org --fields mailboxes,aliases,quota_mib,max_aliases -o json
parses "$out"
says '"quota_mib":2,'
run 0 mailctl domain list -o json
[[ $out != *'"quota_mib"'* ]] || fail 'a list counts what is in each domain'

# Ends: later from where they are, and in the past only when that is meant.
run 0 mailctl expiry set bob@example.org --expires 2099-01-31
says 'expires: 2099-01-31'
run 0 mailctl expiry extend bob@example.org --by 1m
says 'bob@example.org  extended  expires: 2099-02-28'
run 0 mailctl expiry list --from 2099-01-01 --before 2100-01-01 -o name
says bob@example.org
run 0 mailctl expiry list --within 1y -o name
silent
run 64 mailctl expiry list --within 1y --expired
for span in 30 +30 30x -1d 2026-12-31; do
	run 65 mailctl expiry list --within="$span"
	complains "\"$span\" is not a span of time: one is written as 30d, 6w, 3m or 1y"
done
run 65 mailctl expiry extend bob@example.org --by 6h
complains '6h'
for command in 'expiry set bob@example.org --expires' 'mailbox set bob@example.org --expires' 'mailbox add past@example.org --no-password --expires' \
	'alias add past@example.org --target x@example.net --expires'; do
	run 64 mailctl $command 2020-01-01
	complains 'end in the past'
done
run 0 mailctl expiry set bob@example.org --expires 2020-01-01 --yes
run 0 mailctl expiry extend bob@example.org --by 1y
complains 'is still past: 2021-01-01'
run 0 mailctl expiry clear bob@example.org
run 65 mailctl expiry extend bob@example.org --by 1y
complains 'no end to extend'
run 0 mailctl expiry set bob@example.org --expires 2099-12-31

# An automatic answer includes its last day.
run 0 mailctl vacation set bob@example.org --from 2026-08-01 --until 2026-08-15 --subject Away --message-file - <<<"Back soon."
run 0 mailctl vacation show bob@example.org
says "2026-08-15 23:59"
says "Back soon."
run 0 mailctl vacation set bob@example.org --from 2020-08-01 --until 2020-08-15
complains 'the absence of bob@example.org was over at 2020-08-15 23:59 already'
run 0 mailctl vacation set bob@example.org --until 2099-08-15
[[ $err != *'was over'* ]] || fail "an absence to come is over: $err"
run 0 mailctl vacation clear bob@example.org
printf '\357\273\277Torno presto.\r\n' >"$scratch/from-windows"
run 0 mailctl vacation set bob@example.org --message-file "$scratch/from-windows"
run 0 mailctl vacation show bob@example.org -o json
says '"Torno presto.\n"'
run 0 mailctl vacation clear bob@example.org

# An end: listed, moved, taken away.
run 0 mailctl expiry list --before 2100-01-01 -o name
says bob@example.org
run 0 mailctl expiry set bob@example.org --expires 2020-02-29 --yes
run 0 mailctl mailbox list --expired -o name
says bob@example.org
run 0 mailctl expiry clear bob@example.org
run 0 mailctl expiry list -o name
silent
# Aliases end as well: each verb knows them, and who lists mailboxes is told of them.
mailctl alias add ending@example.org --target bob@example.org --expires 2099-01-31 -q
run 0 mailctl expiry list
complains '1 alias ends, too: --aliases lists it'
run 0 mailctl expiry list --aliases -o name
[ "$out" = ending@example.org ] || fail "aliases that end: $out"
run 0 mailctl expiry list --aliases --expired -o name
silent
run 0 mailctl expiry extend ending@example.org --aliases --by 1m
says 'expires: 2099-02-28'
run 0 mailctl expiry ensure ending@example.org --aliases --expires 2099-02-28
says unchanged
run 0 mailctl expiry set ending@example.org --aliases --expires 2020-01-01 --yes
run 0 mailctl expiry show ending@example.org --aliases --fields expired -o csv
says yes
run 0 mailctl expiry list --expired
complains '1 alias ends, too'
run 0 mailctl alias disable ending@example.org
run 0 mailctl alias enable ending@example.org
complains 'the time of ending@example.org was up on 2020-01-01: the next expiry run disables it again'
run 0 mailctl expiry clear ending@example.org --aliases
run 65 mailctl expiry extend ending@example.org --aliases --by 1m
complains 'expiry set --aliases'
run 67 mailctl expiry show bob@example.org --aliases
mailctl alias remove ending@example.org --yes -q

# An alias, and the catch-all.
run 0 mailctl alias add info@example.org --target 'bob@example.org, eve@example.net'
run 0 mailctl alias set info@example.org --add-target ann@example.net --remove-target eve@example.net
run 0 mailctl alias show info@example.org --fields targets -o csv
says '"bob@example.org, ann@example.net"'
run 0 mailctl alias add @example.org --target bob@example.org
run 0 mailctl alias show @example.org --fields catch_all -o csv
says yes
run 0 mailctl alias disable info@example.org
run 0 mailctl alias enable info@example.org
run 0 mailctl alias remove @example.org --yes

# Another name: the alias follows.
run 0 mailctl mailbox rename bob@example.org robert@example.org
run 0 mailctl alias show info@example.org --fields targets -o csv
says robert@example.org
run 67 mailctl mailbox show bob@example.org

# Removed: gone for every verb, until it is restored.
run 0 mailctl mailbox remove robert@example.org --yes
complains "info@example.org still sends mail to robert@example.org"
run 67 mailctl mailbox set robert@example.org --quota 1G
complains "restore"
run 0 mailctl mailbox list -o name
silent
run 0 mailctl mailbox list --removed -o name
says robert@example.org
run 0 mailctl mailbox show robert@example.org --removed
run 0 mailctl mailbox restore robert@example.org
run 0 mailctl mailbox show robert@example.org
run 0 mailctl mailbox remove robert@example.org --now --yes
run 67 mailctl mailbox restore robert@example.org

# Many at once, from standard input; one bad line does not stop the others.
run 1 mailctl mailbox add - --no-password <<'ADDRESSES'
# new colleagues
ann@example.org

not an address
cid@example.org
ADDRESSES
says "ann@example.org  created"
says "cid@example.org  created"
complains "standard input line 4: "
run 0 mailctl mailbox disable --filter "(mail=*@example.org)"
run 0 mailctl mailbox list --active -o name
silent
run 1 mailctl mailbox show ann@example.org nobody@example.org
says ann@example.org
complains nobody@example.org

# The domain out, and into a directory that does not have it.
run 0 mailctl export --domain example.org --with-passwords --out "$scratch/tree.ldif"
silent
[ "$(stat -c %a "$scratch/tree.ldif")" = 600 ] || fail "the export may be read by others"
run 0 mailctl sandbox reset --yes
run 0 mailctl import "$scratch/tree.ldif"
ls "$MAILCTL_SANDBOX"/journal/*-import.journal >/dev/null || fail "no journal in the sandbox"
run 0 mailctl import "$scratch/tree.ldif"
complains " unchanged"
[[ $err != *added* ]] || fail "a second import adds something"
run 0 mailctl mailbox list -o name
says ann@example.org

# A domain takes what is in it along, and brings it back; what somebody had enabled meanwhile goes along the next time.
run 0 mailctl mailbox enable ann@example.org
run 0 mailctl domain disable example.org --dry-run -o json
says '{"domain":"example.org","outcome":"disabled","changed":true,"dry_run":true,"ldif":"dn: vd=example.org,'
says '{"address":"ann@example.org","outcome":"disabled","changed":true,"dry_run":true,"ldif":"dn: mail=ann@example.org,'
run 0 mailctl domain disable example.org --yes
says "example.org  disabled"
run 0 mailctl mailbox show ann@example.org --fields disabled_reason -o csv
says domain
run 0 mailctl mailbox enable ann@example.org
run 0 mailctl domain disable example.org --yes -o json
says '{"domain":"example.org","outcome":"disabled","changed":true}'
run 0 mailctl domain disable example.org --yes
says "example.org  unchanged"
run 0 mailctl domain enable example.org
run 0 mailctl mailbox list --active -o name
[ "$out" = ann@example.org ] || fail "$last: not just what the domain had stopped"

# The domain goes at last.
run 65 mailctl domain remove example.org --now --yes
run 0 mailctl mailbox remove --filter "(mail=*)" --now --yes
run 0 mailctl alias remove info@example.org --yes
run 0 mailctl domain disable example.org --yes
run 0 mailctl domain remove example.org --yes
run 67 mailctl domain show example.org
run 0 mailctl domain restore example.org
run 0 mailctl domain remove example.org --now --yes
run 0 mailctl domain list -o name
silent

finish
