#!/bin/bash
# What the record of changes costs: adds and modifies a second with it and without, one connection of ldapmodify, in turns, the best of
# the rounds; then the same where writes do not wait for the disk, as in a sandbox; and the size of a record.
# usage: tests/bench/accesslog.sh [ROUNDS]
. "$(dirname "$0")/../schema/server.sh"

rounds=${1:-3} count=1000

adds() {
	awk -v base="$base" -v count="$count" -v round="$1" 'BEGIN {
		for (u = 1; u <= count; u++)
			printf "dn: mail=u%d-%d@one.test,vd=one.test,o=hosting,%s\nchangetype: add\nobjectClass: VirtualMailAccount\n" \
				"objectClass: VirtualForward\nobjectClass: Vacation\nmail: u%d-%d@one.test\ncn: User %d\nsn: %d\n" \
				"uid: u%d-%d.one.test\nvdHome: /home/vmail/domains\nmailbox: one.test/u%d-%d/\naccountActive: TRUE\n" \
				"delete: FALSE\nlastChange: 1700000000\nquota: 52428800S\nsmtpAuth: TRUE\nforwardActive: FALSE\n" \
				"vacationActive: FALSE\ncreationDate: 20240101000000\nexpireDate: 20301231225959\n" \
				"otherTransport: phamm:\nmailAutoreply: u%d-%d@one.test.autoreply\n" \
				"userPassword: {SSHA}0123456789012345678901234567890123456789\n\n",
				u, round, base, u, round, u, u, u, round, u, round, u, round
	}'
}

changes() {
	adds "$1" | sed -n 's/^\(dn: .*\)/\1\nchangetype: modify\nreplace: accountActive\naccountActive: FALSE\n-\nreplace: lastChange\nlastChange: 1700000001\n/p'
}

# rate DIR FILE: changes a second.
rate() {
	local start end
	start=$(date +%s%N)
	peer ldapmodify -H "$(uri "$1")" -f "$2" >/dev/null || die "ldapmodify of $2"
	end=$(date +%s%N)
	echo $((count * 1000000000 / (end - start)))
}

# server NAME EXPRESSION: starts one whose slapd.conf was changed so.
server() {
	configure "$scratch/$1"
	sed -i "$2" "$scratch/$1/slapd.conf"
	load "$scratch/$1" "$scratch/tree.ldif"
	serve "$scratch/$1"
}

{
	fill "$schema/tree.ldif.in"
	printf '\ndn: vd=one.test,o=hosting,%s\nobjectClass: VirtualDomain\nvd: one.test\naccountActive: TRUE\ndelete: FALSE\nlastChange: 0\n' "$base"
} >"$scratch/tree.ldif"
server without '/^include .*accesslog/,$d; /^dbnosync/d; /^checkpoint/d'
server with '/^dbnosync/d; /^checkpoint/d'
server without_unsynced '/^include .*accesslog/,$d'
server with_unsynced ''

best() { [ -n "$2" ] || exit 1; [ "${!1:-0}" -ge "$2" ] || printf -v "$1" %s "$2"; }
for ((i = 0; i < rounds; i++)); do
	adds $i >"$scratch/add.ldif"
	changes $i >"$scratch/modify.ldif"
	for what in add modify; do
		for name in without with without_unsynced with_unsynced; do
			best "${name}_$what" "$(rate "$scratch/$name" "$scratch/$what.ldif")"
		done
	done
done

row() { printf '%-44s %6d/s without  %6d/s with  %3d %%\n' "$1" "${!2}" "${!3}" $((100 * ${!3} / ${!2})); }
row 'adds' without_add with_add
row 'modifies' without_modify with_modify
row 'adds, no waiting for the disk' without_unsynced_add with_unsynced_add
row 'modifies, no waiting for the disk' without_unsynced_modify with_unsynced_modify
size() { du -sB1 "$scratch/$1" | cut -f1; }
printf '%-44s %6d bytes\n' 'in the record, an add or modify on average' $(($(size with/accesslog) / (2 * rounds * count)))
printf '%-44s %6d bytes\n' 'in the mail database, an account' $(($(size with/data) / (rounds * count)))
