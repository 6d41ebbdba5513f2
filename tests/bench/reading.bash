# Sourced by the benchmarks of what reads: a slapd with as many mailboxes as ACCOUNTS says (100000), all in one domain, which the tools read as cn=mailctl with the
# limits of schema/limits.conf, and ldapsearch in one piece with the same attributes. compare TITLE ARGUMENT...: as compare.py has them, in turn.
MAILCTL=${MAILCTL:-$(cd "${BASH_SOURCE%/*}/../.." && pwd)/build/bin/mailctl}
SOURCE_DIR=$(cd "${BASH_SOURCE%/*}/../.." && pwd)
. "$SOURCE_DIR/tests/bench/results.bash"
. "$SOURCE_DIR/tests/tools/mailctl_sandbox.bash"
. "$SOURCE_DIR/tests/support/checked_slapd.bash"
export MAILCTL MAILCTL_STATE_DIR=$scratch/state
maxsize=17179869184
accounts=${ACCOUNTS:-100000}
limits='limits dn.exact="cn=mailctl,'$BASE'" size.soft=500 size.hard=unlimited size.pr=1000 size.prtotal=unlimited time=3600'
indices=$(grep '^index' "$SOURCE_DIR/schema/indices.conf")
{
	domain example.org
	many_mailboxes "$accounts"
} >"$scratch/tree.ldif"
serve_tree "$scratch/tree.ldif"
rm -f "$scratch/tree.ldif" "$dir/tree.ldif"

# As whom, and where.
search="ldapsearch -LLL -x -H $MAILCTL_URI -D $MAILCTL_BIND_DN -w secret -b $hosting -z max"
account='(&(objectClass=VirtualMailAccount)(!(delete=TRUE)))'
compare() { # TITLE ARGUMENT...
	python3 "$here/compare.py" --rounds "$rounds" --ours mailctl --results "$results" --title "$@"
}
