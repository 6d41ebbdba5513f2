#!/bin/bash
# A tree of the first generation becomes one that mailctl check calls right, by a plan that is shown first and can be undone; what it cannot decide it names, and it deletes no entry.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../support/checked_slapd.bash"

cat >"$dir/site.schema" <<'SCHEMA'
attributetype ( 2.25.1.1 NAME 'mailboxExpiration' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 2.25.1.2 NAME 'siteAccount' SUP top AUXILIARY MAY mailboxExpiration )
SCHEMA
schemas="phamm phamm-vacation site" # not ours
sed "s/@HOSTING@/$hosting/" "$SOURCE_DIR/tests/data/foreign/phamm-tree.ldif.in" >"$scratch/tree.ldif"
serve_tree "$scratch/tree.ldif"
server=$(mailctl check --list -o csv --fields code,about | sed -n 's/,server$//p' | paste -sd,)
changed() { diff "$scratch/before" <(snapshot) | grep '^[<>]'; }
snapshot >"$scratch/before"

run 1 mailctl check --skip "$server"
run 64 mailctl adopt
complains "there is nobody to ask"
run 1 mailctl adopt -n
says "quota: 104857600S"
run 2 mailctl adopt -n --detailed-exitcode -q
[ -z "$(changed)" ] || fail "a dry run changes something"
run 69 mailctl adopt --yes --max-changes 2
[ -z "$(changed)" ] || fail "what is over the cap is begun"

run 1 mailctl adopt --yes
says "ann@site.example  repaired  fixed: quota-dialect, expiry-elsewhere"
says "abuse@site.example  created"
complains "warning: info@site.example: two entries have the address: "
complains " mail=info@site.example,vd=site.example,"
complains " cn=info,vd=site.example,"
journal=$(latest)
run 1 mailctl check --skip "$server" -o csv --fields code,subject
[ "$(tail -n +2 <<<"$out" | tr -d '\r')" = "address-twice,info@site.example" ] || fail "$last: finds more"
# Line by line what it did, and nothing else.
adopted=$(changed | sed -E 's/,vd=site.example,o=hosting,dc=example,dc=net//' | tr '\t' ' ')
in_order() { tr -d '\r' | LC_ALL=C sort; }
diff <(grep -v abuse@ <<<"$adopted" | in_order) <(
	in_order <<-'LINES'
		< dn: mail=ann@site.example mailboxExpiration: 40000
		< dn: mail=ann@site.example quota: 104857600
		> dn: mail=ann@site.example expireDate: 20790708000000
		> dn: mail=ann@site.example quota: 104857600S
		> dn: mail=away@site.example forwardActive: FALSE
		> dn: mail=away@site.example mailAutoreply: away@site.example.autoreply
		> dn: mail=away@site.example objectClass: VirtualForward
		< dn: mail=old@site.example quota: 0
		> dn: mail=old@site.example forwardActive: FALSE
		> dn: mail=old@site.example objectClass: Vacation
		> dn: mail=old@site.example objectClass: VirtualForward
		> dn: mail=old@site.example quota: 0S
		> dn: mail=old@site.example smtpAuth: FALSE
		> dn: mail=old@site.example vacationActive: FALSE
	LINES
) >"$scratch/diff" || { fail "not what an adoption does"; cat "$scratch/diff" >&2; }

count=$(journals)
run 1 mailctl adopt --yes
complains "there is nothing to repair"
[ "$(journals)" = "$count" ] || fail "a second adoption does something"
run 0 mailctl undo "$journal" --yes --max-changes none
[ -z "$(changed)" ] || { fail "an undo leaves a difference"; changed >&2; }

# The other way: a site that reads days and plain numbers keeps them.
export MAILCTL_QUOTA_DIALECT=plain MAILCTL_EXPIRY_ATTRIBUTE=mailboxExpiration
run 1 mailctl adopt --yes
[[ $out != *ann@* ]] || fail "$last: changes what is right already"
says "away@site.example  repaired  fixed: class-missing, quota-dialect, autoreply-missing"
unset MAILCTL_QUOTA_DIALECT MAILCTL_EXPIRY_ATTRIBUTE

# What nobody but a person can decide is named, and the rest is done.
sed -e '/^dn: cn=info/,/^$/s/^mail: .*/&\nmail: sales@site.example/' -e '/^dn: mail=ann/,/^$/s/^mailboxExpiration/expireDate: 20300101000000\n&/' "$scratch/tree.ldif" >"$scratch/harder.ldif"
serve_tree "$scratch/harder.ldif"
run 1 mailctl adopt --yes
complains "warning: info@site.example: two entries have the address: "
complains "warning: ann@site.example: its end is in mailboxExpiration, and expireDate is what is read: the two differ"
says "old@site.example  repaired"
run 1 mailctl adopt --yes
complains "there is nothing to repair"

# So is an end that cannot be said in the other attribute, or is not the only one.
ends() { # ATTRIBUTE VALUE...: the end of ann@
	local values
	values=$(printf "$1: %s\\\\n" "${@:2}")
	sed "/^dn: mail=ann/,/^\$/s/^mailboxExpiration: .*/${values%\\n}/" "$scratch/tree.ldif" >"$scratch/ends.ldif"
	serve_tree "$scratch/ends.ldif"
	snapshot | grep -e mailboxExpiration -e expireDate >"$scratch/before"
	run 1 mailctl adopt --yes
}
stays() { diff "$scratch/before" <(snapshot | grep -e mailboxExpiration -e expireDate) >"$scratch/diff" || { fail "an end is changed"; cat "$scratch/diff" >&2; }; }
sed -i 's/ SINGLE-VALUE//' "$dir/site.schema"
ends mailboxExpiration 40000 41000
complains "warning: ann@site.example: its end is in mailboxExpiration, and expireDate is what is read: there are two"
stays
ends mailboxExpiration 2932897
complains "warning: ann@site.example: its end is in mailboxExpiration, and expireDate is what is read: it is no date"
stays
export MAILCTL_EXPIRY_ATTRIBUTE=mailboxExpiration
for end in 20300101123000 99991231235959; do
	ends expireDate "$end"
	complains "warning: ann@site.example: its end is in expireDate, and mailboxExpiration is what is read: it cannot be said there exactly"
	stays
done
ends expireDate 20790708000000
says "ann@site.example  repaired  fixed: quota-dialect, expiry-elsewhere"
snapshot | grep 'mailboxExpiration: 40000$' >/dev/null || fail "$last: not the end in days"
run 1 mailctl check --skip "$server" -o csv --fields code,subject
[[ $out != *ann@* ]] || fail "$last: what adopt writes is not right"
finish
