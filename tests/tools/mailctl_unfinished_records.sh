#!/bin/bash
# What a run of records has left that was cut is finished by the same file given again, and what is new counts as new.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
changes() { ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null || fail "the change is refused"; }
records() { # FILE RECORD...
	printf '%s\n' "${@:2}" >"$scratch/$1"
}

# ---- a domain and a list that are stopped in part

mailctl domain add a.org -q
mailctl mailbox add x@a.org y@a.org stays@a.org --no-password -q
records off.jsonl '{"kind":"domain","domain":"a.org","active":false,"disabled_reason":"spam"}' '{"kind":"mailbox","address":"stays@a.org","active":true}'
run 0 mailctl apply "$scratch/off.jsonl" --yes
mailctl mailbox enable x@a.org -q 2>/dev/null
run 2 mailctl diff "$scratch/off.jsonl" --detailed-exitcode
says '~ domain a.org active in part -> no'
run 0 mailctl apply "$scratch/off.jsonl" --yes
says 'a.org  disabled'
run 0 mailctl mailbox show x@a.org
says 'domain disabled'
run 0 mailctl diff "$scratch/off.jsonl" --detailed-exitcode
run 0 mailctl apply "$scratch/off.jsonl" --yes
says 'a.org  unchanged' # and whom a record wants in service stays so
mailctl domain enable a.org -q

mailctl mailinglist add ml@a.org --lists-domain lists.test -q
records list.jsonl '{"kind":"mailinglist","address":"ml@a.org","active":false}'
run 0 mailctl apply "$scratch/list.jsonl" --yes
mailctl alias enable ml-join@a.org -q
run 0 mailctl apply "$scratch/list.jsonl" --yes
says 'ml@a.org  disabled'
[ "$(mailctl alias list --filter '(&(mail=ml*)(accountActive=TRUE))' -o name)" = "" ] || fail "an address of the list is left in service"
run 0 mailctl apply "$scratch/list.jsonl" --yes
says 'ml@a.org  unchanged'

# ---- what is half made

records made.jsonl '{"kind":"domain","domain":"h.org"}' '{"kind":"mailinglist","address":"new@h.org","lists_domain":"lists.test"}'
run 0 mailctl apply "$scratch/made.jsonl"
before=$(mailctl alias list --domain h.org -o name | sort)
for gone in new@h.org new-unsubscribe@h.org; do printf 'dn: mail=%s,vd=h.org,o=hosting,%s\nchangetype: delete\n' $gone "$LDAPBASE" | changes; done
run 0 mailctl apply "$scratch/made.jsonl"
[ "$(mailctl alias list --domain h.org -o name | sort)" = "$before" ] || fail "the list is not whole again"
records domain.jsonl '{"kind":"domain","domain":"k.org"}'
run 0 mailctl apply "$scratch/domain.jsonl"
mailctl alias list --domain k.org -o name | while read -r role; do
	printf 'dn: %s\nchangetype: delete\n' "$(mailctl alias show "$role" --fields dn -o csv | tail -1 | tr -d '"')" | changes
done
[ -z "$(mailctl alias list --domain k.org -o name)" ] || fail "the role addresses are still there"
run 0 mailctl apply "$scratch/domain.jsonl"
says 'k.org  created'
[ "$(mailctl alias list --domain k.org -o name | sort)" = $'abuse@k.org\npostmaster@k.org' ] || fail "a domain is left without its role addresses"

# Also where it holds what no record says.
printf 'dn: vd=o.org,o=hosting,%s\nchangetype: add\nobjectClass: top\nobjectClass: VirtualDomain\nvd: o.org\naccountActive: TRUE\ndelete: FALSE\nlastChange: 0\nmaxMail: -1\nmaxAlias: many\n' "$LDAPBASE" | changes
mailctl export --domain o.org -o jsonl -q | sed 's/,"role_addresses":false//' >"$scratch/o.jsonl" # as one that says nothing of them
run 0 mailctl apply "$scratch/o.jsonl"
says 'o.org  created'
[ "$(mailctl alias list --domain o.org -o name | sort)" = $'abuse@o.org\npostmaster@o.org' ] || fail "a domain with a limit of -1 is left without its role addresses"

printf 'address,uid_number\nn1@a.org,10001\nn2@a.org,10005\n' >"$scratch/unix.csv"
run 0 mailctl import "$scratch/unix.csv"
[ "$(grep -c '@a.org  created' <<<"$out")" = 2 ] || fail "each is told once: $out"
complains '2 records: 2 created'
complains '2 mailboxes come without a password'
mailctl unix remove n1@a.org --yes -q
run 0 mailctl import "$scratch/unix.csv"
run 0 mailctl unix show n1@a.org
says 10001
mailctl unix set n1@a.org --uid-number 10009 -q 2>/dev/null
run 73 mailctl import "$scratch/unix.csv" # another number is no rest of it

# What was not made has no password to come.
mailctl domain add full.org --max-mailboxes 1 -q
printf 'address\nf1@full.org\nf2@full.org\n' >"$scratch/full.csv"
run 1 mailctl import "$scratch/full.csv" --continue-on-error
complains '1 mailbox comes without a password'

# ---- what is new is not counted as changed, whatever else the file says of it

for i in $(seq 12); do
	records "d$i" "{\"kind\":\"domain\",\"domain\":\"d$i.org\"}" "{\"kind\":\"alias\",\"address\":\"postmaster@d$i.org\",\"targets\":[\"chief@else.test\"]}"
	cat "$scratch/d$i" >>"$scratch/twelve.jsonl"
done
run 0 mailctl apply "$scratch/twelve.jsonl"
for i in $(seq 12); do echo "m$i@a.org,$((10100 + i))"; done | sed '1i address,uid_number' >"$scratch/twelve.csv"
run 0 mailctl import "$scratch/twelve.csv"
complains '12 records: 12 created'

# ---- folders of one file lie beside one another

records nested.jsonl '{"kind":"mailbox","address":"p@a.org","path":"a.org/y2/"}' '{"kind":"mailbox","address":"q@a.org","path":"a.org/y2/sub/"}'
run 73 mailctl import "$scratch/nested.jsonl"
records nested.jsonl '{"kind":"mailbox","address":"q@a.org","path":"a.org/p/sub/"}' '{"kind":"mailbox","address":"p@a.org"}'
run 0 mailctl import "$scratch/nested.jsonl"
run 0 mailctl check --only folder-nested

# ---- what somebody had disabled for a reason does not come back unasked

mailctl mailbox disable m1@a.org --reason compromised -q
records back.jsonl '{"kind":"mailbox","address":"m1@a.org","active":true}'
run 64 mailctl apply "$scratch/back.jsonl" </dev/null
complains 'bring back 1 disabled as compromised'
run 0 mailctl apply "$scratch/back.jsonl" --yes
mailctl mailbox disable m1@a.org -q
run 0 mailctl apply "$scratch/back.jsonl" </dev/null

# ---- a list that is to go, of which a run that was cut has left one address

mailctl domain add p.org -q
for list in gone stays; do mailctl mailinglist add $list@p.org --lists-domain lists.test -q || fail "no list $list"; done
mailctl alias add else-owner@p.org --target else-owner@elsewhere.test -q # no list of ours
mailctl alias remove gone@p.org gone-{admin,bounces,confirm,join,leave,owner,request,subscribe}@p.org --yes --max-changes none -q
printf 'version: 1\nmailinglists:\n  - address: stays@p.org\n' >"$scratch/stays.yaml"
run 0 mailctl diff "$scratch/stays.yaml" --prune mailinglist --domain p.org
[ "$out" = '- mailinglist gone@p.org' ] || fail "what would go: $out"
run 0 mailctl apply "$scratch/stays.yaml" --prune mailinglist --domain p.org --yes
run 0 mailctl alias list --domain p.org -o name
[[ $out != *gone* && $out == *else-owner@p.org* && $out == *stays-unsubscribe@p.org* ]] || fail "what is left: $out"
# Where none is left that tells where lists lead, the settings do, or a record.
mailctl mailinglist add gone@p.org --lists-domain lists.test -q
mailctl alias remove gone@p.org gone-{admin,bounces,confirm,join,leave,owner,request,subscribe}@p.org --yes --max-changes none -q
mailctl mailinglist remove stays@p.org --yes -q
printf 'version: 1\n' >"$scratch/none.yaml"
run 0 mailctl diff "$scratch/none.yaml" --prune mailinglist --domain p.org
silent
# An alias that the file has for itself stays.
printf 'version: 1\naliases:\n  - address: gone-unsubscribe@p.org\n' >"$scratch/own.yaml"
MAILCTL_LISTS_DOMAIN=lists.test run 0 mailctl diff "$scratch/own.yaml" --prune mailinglist --domain p.org
silent
MAILCTL_LISTS_DOMAIN=lists.test run 0 mailctl apply "$scratch/none.yaml" --prune mailinglist --domain p.org --yes
says 'gone@p.org  removed'
run 0 mailctl alias list --domain p.org -o name
[[ $out != *gone* ]] || fail "what is left: $out"
finish
