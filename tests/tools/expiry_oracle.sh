#!/bin/bash
# Who has ended, of 100,000 with ends of all kinds, at random moments and at the very seconds of ends: mailctl-expire says the same as a program in another language that was
# written apart from it. Our schema, Phamm's own, which cannot compare, and a site of the first generation in zones whose days begin where clocks jump.
. "${0%/*}/mailctl_sandbox.bash"
. "$SOURCE_DIR/tests/support/checked_slapd.bash"
count=100000
oracle() { python3 "$SOURCE_DIR/tests/support/expiry_oracle.py" "$@"; }

# serve SEED ATTRIBUTE: the tree of that seed.
serve() {
	{ domain example.org; oracle make "$1" "$count" "$2" "$hosting"; } >"$scratch/all.ldif"
	serve_tree "$scratch/all.ldif"
	rm "$scratch/all.ldif" "$dir/tree.ldif"
}
# holds SEED ATTRIBUTE ZONE CUTS
holds() {
	local moment
	for moment in $(oracle cuts "$1" "$count" "$2" | head -n "$4"); do
		MAILCTL_TIME_ZONE=$3 "$EXPIRE" -n --max-changes none --as-of "$moment" -o jsonl >"$scratch/answer" 2>"$scratch/stderr" || [ $? = 1 ] || { cat "$scratch/stderr"; fail "mailctl-expire failed at $moment"; }
		oracle hold "$1" "$count" "$2" "$3" "$moment" "$scratch/answer" || fail "the oracle says something else at $moment"
	done
}

seed=${EXPIRY_SEED:-$((RANDOM % 1000))}
echo "== our schema, seed $seed"
indices='index objectClass,accountActive,expireDate eq'
serve "$seed" expireDate
holds "$seed" expireDate Europe/Rome 6

echo "== Phamm's own schema, seed $seed"
awk '/NAME .expireDate./ { inside = 1 } inside && /ORDERING/ { sub(/ORDERING integerOrderingMatch/, "") } /^$/ { inside = 0 } { print }' "$SOURCE_DIR/schema/phamm.schema" >"$dir/phamm.schema"
schemas="phamm phamm-vacation"
indices='index objectClass eq'
serve "$seed" expireDate
holds "$seed" expireDate UTC 3
rm "$dir/phamm.schema"

echo "== mailboxExpiration, seed $seed"
cat >"$dir/old.schema" <<'END'
attributetype ( 2.25.1.1 NAME 'mailboxExpiration' EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 2.25.1.2 NAME 'oldAccount' SUP top AUXILIARY MAY mailboxExpiration )
END
schemas="phamm phamm-vacation old"
indices='index objectClass,mailboxExpiration eq'
export MAILCTL_EXPIRY_ATTRIBUTE=mailboxExpiration
serve "$seed" mailboxExpiration
for zone in America/Santiago Africa/Cairo Asia/Gaza Pacific/Apia; do holds "$seed" mailboxExpiration "$zone" 2; done

[ "$failures" = 0 ] && echo "all as it should be"
exit $((failures > 0))
