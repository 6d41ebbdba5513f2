#!/bin/bash
# What the record of changes costs: adds and modifies with it and without, by one connection of ldapmodify; then the same where writes do not wait for the disk, as in a sandbox; and the size of a
# record. Writes its part of RESULTS.md.
# usage: tests/bench/accesslog.sh     ROUNDS=5 is the default
. "$(dirname "$0")/servers.bash"
count=1000
{
	fill "$schema/tree.ldif.in"
	printf '\ndn: vd=example.org,%s\nobjectClass: VirtualDomain\nvd: example.org\naccountActive: TRUE\ndelete: FALSE\nlastChange: 0\n' "$hosting"
} >"$scratch/tree.ldif"
server without "$scratch/tree.ldif" "$production"
server with "$scratch/tree.ldif" '/^dbnosync/d; /^checkpoint/d'
server without_unsynced "$scratch/tree.ldif" '/^include .*accesslog/,$d'
server with_unsynced "$scratch/tree.ldif"
for ((i = 0; i < rounds; i++)); do
	new_mailboxes $count example.org "round$i-" >"$scratch/add.$i"
	sed -n 's/^\(dn: .*\)/\1\nchangetype: modify\nreplace: accountActive\naccountActive: FALSE\n-\nreplace: lastChange\nlastChange: 1700000001\n/p' "$scratch/add.$i" >"$scratch/modify.$i"
done
size() { du -sB1 "$scratch/$1" | cut -f1; }
added=$(size with/accesslog) mail=$(size with/data)

results_for accesslog
of() { # SERVER PROGRAM FILE
	echo "$2 -Q -Y EXTERNAL -H $(uri "$scratch/$1") -f $scratch/$3.\$RUN"
}
both() { # TITLE SUFFIX PROGRAM FILE
	compare with "$1" --items $count "with=$(of "with$2" "$3" "$4")" "without=$(of "without$2" "$3" "$4")"
}
both "$count additions" '' ldapadd add
both "$count changes" '' ldapmodify modify
both "$count additions, no waiting for the disk" _unsynced ldapadd add
both "$count changes, no waiting for the disk" _unsynced ldapmodify modify
{
	echo "Of an addition or a change, the record takes $((($(size with/accesslog) - added) / (2 * rounds * count))) bytes; the mail database takes $((($(size with/data) - mail) / (rounds * count))) for a mailbox."
	echo
} | tee -a "$results"
