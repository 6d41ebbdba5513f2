#!/bin/bash
# What there is, counted: by domain, by month, and for Prometheus.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
export MAILCTL_MAIL_HOME=$scratch/mail
mailctl domain add example.org other.example empty.example -q
mailctl mailbox add a1@example.org a2@example.org --no-password --quota 1G -q
mailctl mailbox add b1@example.org --no-password -q
mailctl mailbox add gone@example.org --no-password -q
mailctl mailbox remove gone@example.org --yes -q
mailctl mailbox disable b1@example.org -q
mailctl expiry set a2@example.org --expires +10d -q
mailctl mailbox add old@example.org --no-password --expires 2020-01-15 --yes -q
"${MAILCTL%/*}/mailctl-expire" --max-changes none -q
mailctl mailbox add x@other.example --no-password -q
mailctl forward set a1@example.org --target x@other.example --keep-copy -q
mailctl forward set x@other.example --target y@outside.example -q
mailctl mailinglist add staff@example.org --owner a1@example.org --lists-domain lists.example.org -q
mailctl domain disable other.example --yes -q

count() { mailctl report -o json "${@:2}" | python3 -c 'import json, sys
for r in json.load(sys.stdin)["items"]:
    if r["domain"] == sys.argv[1]: print(" ".join("%s=%s" % (k, r[k]) for k in r if k not in ("domain", "quota_bytes")), "quota=%s" % r["quota_bytes"])' "$1"; }
is() { # EXPECTED DOMAIN
	local got
	got=$(count "$2")
	[ "$got" = "$1" ] || fail "$2: $got, not $1"
}
is 'status=active mailboxes=4 active=2 stopped=1 expired=1 removed=1 ending_soon=1 aliases=11 lists=1 forwards=1 forwards_outside=0 without_quota=2 quota=2147483648' example.org
is 'status=disabled mailboxes=1 active=0 stopped=1 expired=0 removed=0 ending_soon=0 aliases=2 lists=0 forwards=1 forwards_outside=1 without_quota=1 quota=0' other.example
is 'status=active mailboxes=0 active=0 stopped=0 expired=0 removed=0 ending_soon=0 aliases=2 lists=0 forwards=0 forwards_outside=0 without_quota=0 quota=0' empty.example
run 0 mailctl report --domain example.org --fields domain,mailboxes -o csv
[ "$out" = $'domain,mailboxes\nexample.org,4' ] || fail "one domain: $out"
run 0 mailctl report --domain example.org --fields forwards_outside -o name
[ "$out" = 0 ] || fail "a domain of ours is none that is outside: $out"
run 0 mailctl report --soon 5 --domain example.org --fields ending_soon -o name
says 0
run 67 mailctl report --domain nowhere.example
run 64 mailctl report --by year
run 64 mailctl report --soon many

# What lists count is the same.
[ "$(mailctl mailbox list --domain example.org -o name | wc -l)" = 4 ] || fail 'another number of mailboxes'

run 0 mailctl report --by month -o csv
says 'month,created,ends,expired,removed'
says '2020-01,0,1,0,0'
says "$(date -u +%Y-%m),6," # made in this month, the removed one with them

# An end is in the month of its last day, where the site is.
for zone in UTC America/New_York Europe/Rome; do
	MAILCTL_TIME_ZONE=$zone run 0 mailctl expiry set b1@example.org --expires 2031-03-31
	MAILCTL_TIME_ZONE=$zone run 0 mailctl report --by month -o csv
	says '2031-03,0,1,0,0'
	MAILCTL_TIME_ZONE=$zone run 0 mailctl expiry list --from 2031-03-31 --before 2031-04-01 -o name
	[ "$out" = b1@example.org ] || fail "$zone: who ends on the last day of a span is not in it: $out"
	MAILCTL_TIME_ZONE=$zone run 0 mailctl expiry list --from 2031-04-01 -o name
	[ -z "$out" ] || fail "$zone: who ends on the day before is in it: $out"
done
run 0 mailctl expiry clear b1@example.org

# For a collector that is somebody else.
run 0 mailctl report --prometheus "$scratch/mail.prom"
[ "$(stat -c %a "$scratch/mail.prom")" = 644 ] || fail 'the collector cannot read it'
for line in 'mailctl_mailboxes{domain="example.org",status="active"} 2' 'mailctl_mailboxes{domain="example.org",status="expired"} 1' 'mailctl_quota_bytes{domain="example.org"} 2147483648' 'mailctl_forwards_outside{domain="other.example"} 1'; do
	grep -qxF "$line" "$scratch/mail.prom" || fail "no $line in $(cat "$scratch/mail.prom")"
done
# A state that no mailbox has is 0, and a domain without mailboxes has all of them.
for domain in example.org other.example empty.example; do
	for state in active overdue disabled expired removed invalid 'domain disabled' 'domain removed'; do
		grep -qE "^mailctl_mailboxes\{domain=\"$domain\",status=\"$state\"\} [0-9]+\$" "$scratch/mail.prom" || fail "nothing of $state in $domain"
	done
done
grep -qxF 'mailctl_mailboxes{domain="empty.example",status="active"} 0' "$scratch/mail.prom" || fail 'an empty domain has no 0'
# As its parser wants it: HELP and TYPE once for each name, before its lines.
python3 - "$scratch/mail.prom" <<'PYTHON' || fail 'Prometheus would not read it'
import re, sys
typed = set()
for line in open(sys.argv[1]).read().splitlines():
    if line.startswith("# TYPE "):
        name = line.split()[2]
        assert name not in typed, line
        typed.add(name)
    elif not line.startswith("# HELP "):
        found = re.fullmatch(r'([a-z_]+)(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9]+', line)
        assert found and found[1] in typed, line
PYTHON
run 64 mailctl report --prometheus "$scratch/x" --by month
[ ! -e "$scratch/x" ] || fail 'a refused report leaves a file'
run 78 mailctl report --prometheus /nowhere/x

# A page for people: XML that leads nowhere, with the numbers that programs get.
same_page() { # FLAGS...
	run 0 mailctl report --html "$scratch/page.html" "$@"
	silent
	mailctl report -o json "$@" >"$scratch/domains.json" 2>/dev/null
	[[ " $* " != *' --used '* ]] || set -- # what is used is of no month
	mailctl report --by month -o json "$@" >"$scratch/months.json" 2>/dev/null
	python3 "$root/tests/support/report_page.py" same "$scratch/page.html" "$scratch/domains.json" "$scratch/months.json" || fail "$last: the page says otherwise"
}
root=$(cd -- "${BASH_SOURCE%/*}/../.." && pwd)
same_page
same_page --domain example.org --soon 5
same_page --domain empty.example
[ "$(stat -c %a "$scratch/page.html")" = 644 ] || fail 'people cannot read the page'
mkdir -p "$scratch/mail/example.org/a1"/{cur,new,tmp} "$scratch/mail/other.example/x"/{cur,new,tmp}
head -c 3000 /dev/zero >"$scratch/mail/example.org/a1/new/1.x"
same_page --used --idle 0
grep -q '<data value="3000">2.9 KiB</data>' "$scratch/page.html" || fail 'what is used is not on the page'
# Many domains: those with most have names on it.
{
	printf 'address,expires\n'
	for d in $(seq 30); do for m in $(seq $((d % 7 + 1))); do echo "m$m@d$d.example,20$((27 + d % 4))-0$((m % 9 + 1))-15"; done; done
} >"$scratch/many.csv"
mailctl domain add $(seq -f 'd%g.example' 30) -q
mailctl mailbox add --csv "$scratch/many.csv" --yes -q >/dev/null || fail 'many mailboxes'
same_page
grep -q '13 other domains' "$scratch/page.html" || fail 'no others'
run 64 mailctl report --html "$scratch/y" --by month
run 64 mailctl report --html "$scratch/y" -o json
run 64 mailctl report --html "$scratch/y" --fields domain
run 64 mailctl report --html "$scratch/y" --prometheus "$scratch/z"
[ ! -e "$scratch/y" ] || fail 'a refused report leaves a page'
run 78 mailctl report --html /nowhere/x

# What is past is not to come: it is counted as active until the expiry run has been there, and as ending no more.
mailctl mailbox add late@empty.example --no-password --expires 2020-01-15 --yes -q
run 0 mailctl report --domain empty.example --fields active,ending_soon -o csv
[ "$out" = $'active,ending_soon\n1,0' ] || fail "what is overdue: $out"
finish
