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
	awk -v accounts="$accounts" -v hosting="$hosting" 'BEGIN {
		for (i = 0; i < accounts; i++) {
			a = "user" i "@example.org"
			print "dn: mail=" a ",vd=example.org," hosting "\nobjectClass: top\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAccount\nobjectClass: VirtualForward\n" \
				"objectClass: Vacation\nstructuralObjectClass: VirtualMailAccount\nmail: " a "\ncn: User Number " i "\nsn: Number " i "\nuid: user" i ".example.org\n" \
				"vdHome: /home/vmail/domains\nmailbox: example.org/user" i "/\nquota: 52428800S\naccountActive: TRUE\ndelete: FALSE\nsmtpAuth: TRUE\nforwardActive: FALSE\n" \
				"vacationActive: FALSE\nmailAutoreply: " a ".autoreply\notherTransport: phamm:\ncreateMaildir: TRUE\nlastChange: 1700000000\n" \
				"creationDate: 20231114221320\nuserPassword: {SSHA}MP1S+lVd2mGbUwjpVGZxx9lBdWRtWkMu\n"
		}
	}'
} >"$scratch/tree.ldif"
serve_tree "$scratch/tree.ldif"
rm -f "$scratch/tree.ldif" "$dir/tree.ldif"

# As whom, and where.
search="ldapsearch -LLL -x -H $MAILCTL_URI -D $MAILCTL_BIND_DN -w secret -b $hosting -z max"
account='(&(objectClass=VirtualMailAccount)(!(delete=TRUE)))'
compare() { # TITLE ARGUMENT...
	python3 "$here/compare.py" --rounds "$rounds" --ours mailctl --results "$results" --title "$@"
}
