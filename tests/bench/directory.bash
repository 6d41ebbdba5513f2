# Sourced by the benchmarks that need a directory: a slapd of their own (checked_slapd.bash), which the tools use as cn=mailctl with the limits and the
# indices of schema/, and which waits for the disk as a server does.
#
#     compare TITLE ARGUMENT...   as compare.py has them, with the processors' time of that slapd
#     $search FILTER [ATTRIBUTE...]   ldapsearch as the same identity, in one piece; $ldap are the arguments of ldapadd and the others
#     serve COMMAND...             serves a tree of what it prints
MAILCTL=${MAILCTL:-$(cd "${BASH_SOURCE%/*}/../.." && pwd)/build/bin/mailctl}
EXPIRE=${EXPIRE:-${MAILCTL}-expire}
SOURCE_DIR=$(cd "${BASH_SOURCE%/*}/../.." && pwd)
. "$SOURCE_DIR/tests/bench/results.bash"
. "$SOURCE_DIR/tests/tools/mailctl_sandbox.bash"
. "$SOURCE_DIR/tests/support/checked_slapd.bash"
export MAILCTL EXPIRE MAILCTL_STATE_DIR=$scratch/state MAILCTL_LOCK_DIR=$scratch/locks
maxsize=17179869184
durability=${DURABILITY-}
limits='limits dn.exact="cn=mailctl,'$BASE'" size.soft=500 size.hard=unlimited size.pr=1000 size.prtotal=unlimited time=3600'
indices=$(grep '^index' "$SOURCE_DIR/schema/indices.conf")

ldap="-x -H $MAILCTL_URI -D $MAILCTL_BIND_DN -w secret"
search="ldapsearch -LLL $ldap -b $hosting -z max"
account='(&(objectClass=VirtualMailAccount)(!(delete=TRUE)))'

serve() {
	serve_tree <("$@")
	rm -f "$dir/tree.ldif"
}
compare() {
	python3 "$here/compare.py" --rounds "$rounds" --ours mailctl --server "$dir/slapd.pid" --results "$results" --title "$@"
}
