#!/bin/bash
# How entries stand: what the daemons make of them, and what makes no sense.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org stopped.example gone.example odd.example -q
for d in example.org stopped.example gone.example odd.example; do mailctl mailbox add "bob@$d" --no-password -q; done
base=$(mailctl domain show example.org --fields dn -o name | sed 's/^vd=example.org,//')

changes() { # ADDRESS LDIF-LINE...
	local address=$1
	shift
	printf '%s\n' "dn: mail=$address,vd=${address#*@},$base" 'changetype: modify' "$@" >"$scratch/change.ldif"
	run 0 mailctl import "$scratch/change.ldif" -q
}
stands() { # ADDRESS STATUS, shown and listed
	run 0 mailctl mailbox show "$1" --fields status -o name
	[ "$out" = "$2" ] || fail "$1 does not stand as $2"
	run 0 mailctl mailbox list --filter "(mail=$1)" --fields status -o jsonl
	[ "$out" = "{\"status\":\"$2\"}" ] || fail "$1 is not listed as $2"
}
shown() { # ADDRESS FIELDS
	run 0 mailctl mailbox show "$1" --fields "$2" -o jsonl
}

# A date that has passed stops nothing by itself: the run does.
run 0 mailctl mailbox add late@example.org --no-password --expires 2020-02-29 --yes
stands late@example.org overdue
run 0 mailctl mailbox list --active --filter '(mail=late@example.org)' -o name
says late@example.org
shown late@example.org status_since,expired
says '{"status_since":"2020-03-01T00:00:00Z","expired":true}'
"$EXPIRE" -q >/dev/null || fail "the expiry run"
stands late@example.org expired
run 0 mailctl mailbox disable bob@example.org
stands bob@example.org disabled
run 0 mailctl mailbox enable bob@example.org
stands bob@example.org active
shown bob@example.org status_since
says '{"status_since":null}'

# A domain that is stopped takes mail from nobody, and what is in it stops with it.
run 0 mailctl domain disable stopped.example --yes
run 0 mailctl domain remove gone.example --yes
[ "$(mailctl domain show stopped.example --fields status -o name)" = disabled ] || fail "a disabled domain"
[ "$(mailctl domain show gone.example --removed --fields status -o name)" = removed ] || fail "a removed domain"
run 0 mailctl mailbox list --fields address,status -o csv
says $'bob@stopped.example,domain disabled'
says $'bob@gone.example,domain removed'
says $'bob@example.org,active'
run 0 mailctl alias list --fields address,status -o csv
says $'abuse@stopped.example,domain disabled'
says $'postmaster@gone.example,domain removed'
run 0 mailctl mailbox list --active -o name
[ "$(sort <<<"$out")" = $'bob@example.org\nbob@odd.example' ] || fail "--active lists what gets no mail"
run 0 mailctl alias list --active --domain gone.example -o name
silent
run 0 mailctl mailbox disable bob@stopped.example
shown bob@stopped.example status
says '"disabled"'
run 0 mailctl mailbox remove bob@gone.example --yes
run 0 mailctl mailbox show bob@gone.example --removed --fields status -o csv
says removed

# A limit that no number of ours holds is not a negative one.
printf '%s\n' "dn: vd=odd.example,$base" 'changetype: modify' 'replace: maxQuota' 'maxQuota: 18446744073709551615' - >"$scratch/change.ldif"
run 0 mailctl import "$scratch/change.ldif" -q
run 0 mailctl domain show odd.example --fields max_quota_mib -o jsonl
says '{"max_quota_mib":9223372036854775807}'
run 0 mailctl domain set odd.example --max-quota none

# More than a page, in domains that are looked up meanwhile.
for d in example.org stopped.example odd.example; do
	for i in {1..450}; do
		printf 'dn: mail=u%s@%s,vd=%s,%s\n' "$i" "$d" "$d" "$base"
		printf '%s\n' 'objectClass: top' 'objectClass: VirtualMailAccount' "mail: u$i@$d" "cn: u$i" 'sn: u' 'vdHome: /home/vmail' \
			"mailbox: $d/u$i/" 'accountActive: TRUE' 'delete: FALSE' 'lastChange: 1' ''
	done
done >"$scratch/many.ldif"
run 0 mailctl import "$scratch/many.ldif" -q
run 0 mailctl mailbox list --filter '(mail=u*)' --fields status -o name
[ "$(sort <<<"$out" | uniq -c | tr -s ' \n' ' ')" = ' 900 active 450 domain disabled ' ] || fail "some of many"
run 0 mailctl mailbox list --filter '(mail=u*)' --active -o name
[ "$(wc -l <<<"$out")" = 900 ] || fail "--active of many"

# Values that make no sense are seen, and are not taken for something else.
changes bob@odd.example 'replace: quota' 'quota: lots' - 'replace: expireDate' 'expireDate: 20261399000000' -
run 0 mailctl mailbox list --domain odd.example --filter '(mail=bob@*)' --fields address,status,quota,expires
says "bob@odd.example  active  ?      ?"
run 0 mailctl mailbox list --domain odd.example --filter '(mail=bob@*)' --fields quota,quota_bytes,expires,expired,expires_at,problems -o jsonl
parses "$out"
says '{"quota":null,"quota_bytes":null,"expires":null,"expired":null,"expires_at":null,"problems":["quota: '
says '"expireDate: '
run 0 mailctl mailbox show bob@odd.example
says "expires           ?"
says 'problems          quota: "lots" is not'
for verb in "quota show" "expiry list --domain" "forward show" "vacation show"; do
	[[ $verb = *--domain ]] && name=odd.example || name=bob@odd.example
	# shellcheck disable=SC2086
	run 0 mailctl $verb "$name" -o json
	says '"problems":["quota: '
done
run 0 mailctl expiry list -o name
says bob@odd.example
run 0 mailctl quota set bob@odd.example --quota 1G
run 0 mailctl expiry clear bob@odd.example
shown bob@odd.example quota,expires,problems
says '{"quota":"1G","expires":null,"problems":[]}'

# A removal of a domain that was cut, or that somebody else went against, is finished by the same command.
run 0 mailctl domain add half.example
for who in ann bob; do run 0 mailctl mailbox add "$who@half.example" --no-password; done
run 0 mailctl domain remove half.example --yes
printf 'dn: mail=ann@half.example,vd=half.example,o=hosting,dc=example,dc=org\nchangetype: modify\nreplace: accountActive\naccountActive: TRUE\n-\n' >"$scratch/again.ldif"
run 0 mailctl import "$scratch/again.ldif"
run 0 mailctl domain remove half.example --yes
run 0 mailctl export --domain half.example
[ "$(grep -c 'accountActive: TRUE' <<<"$out")" = 0 ] || fail 'an account of a removed domain works'
run 0 mailctl domain remove half.example --yes
says unchanged

finish
