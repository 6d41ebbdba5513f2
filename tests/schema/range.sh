#!/bin/bash
# (expireDate<=X) finds what is due, and finds nothing, with success, where the attribute has no
# ordering rule: the reason why phamm.schema adds one.
. "$(dirname "$0")/server.sh"

accounts() {
	fill "$schema/tree.ldif.in"
	cat <<LDIF

dn: vd=example.net,o=hosting,$base
objectClass: VirtualDomain
vd: example.net
accountActive: TRUE
delete: FALSE
lastChange: 0
LDIF
	local date
	for date in 20251231225959 20260228225959 20260301000000 20271231225959 none; do
		cat <<LDIF

dn: mail=$date@example.net,vd=example.net,o=hosting,$base
objectClass: VirtualMailAccount
mail: $date@example.net
cn: $date
sn: $date
vdHome: /home/vmail/domains
mailbox: example.net/$date/
accountActive: TRUE
delete: FALSE
lastChange: 0
LDIF
		[ "$date" = none ] || echo "expireDate: $date"
	done
}

# found DIR FILTER: the local parts of what the filter finds, in one line.
found() {
	search "$(uri "$1")" "$2" cn >"$1/answer" || { echo "error $?"; return; }
	sed -n 's/^cn: //p' "$1/answer" | sort | xargs
}

expect() {
	local got
	got=$(found "$1" "$2")
	[ "$got" = "$3" ] || fail "$(basename "$1"): $2 finds '$got', not '$3'"
}

ordered=$scratch/ordered plain=$scratch/plain
accounts >"$scratch/tree.ldif"
configure "$ordered"
configure "$plain"
grep -v integerOrderingMatch "$schema/phamm.schema" >"$plain/phamm.schema"
cmp -s "$schema/phamm.schema" "$plain/phamm.schema" && die "phamm.schema has no ordering rule"
sed -i "s|\"$schema/phamm.schema\"|\"$plain/phamm.schema\"|" "$plain/slapd.conf"
for server in "$ordered" "$plain"; do
	load "$server" "$scratch/tree.ldif"
	serve "$server"
done

expect "$ordered" '(expireDate<=20251231225958)' ''
expect "$ordered" '(expireDate<=20251231225959)' '20251231225959'
expect "$ordered" '(expireDate<=20260228225959)' '20251231225959 20260228225959'
expect "$ordered" '(expireDate<=99999999999999)' '20251231225959 20260228225959 20260301000000 20271231225959'
expect "$ordered" '(expireDate>=20260301000000)' '20260301000000 20271231225959'
expect "$ordered" '(&(accountActive=TRUE)(expireDate<=20260228225959))' '20251231225959 20260228225959'
expect "$ordered" '(&(objectClass=VirtualMailAccount)(!(expireDate<=99999999999999)))' 'none'

expect "$plain" '(expireDate<=99999999999999)' ''
expect "$plain" '(&(objectClass=VirtualMailAccount)(!(expireDate<=99999999999999)))' ''
expect "$plain" '(expireDate=20251231225959)' '20251231225959'

verdict "range filters on expireDate"
