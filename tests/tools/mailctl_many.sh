#!/bin/bash
# A filter that matches very many: what a verb holds in memory does not grow with them, and it is one run all the same: one cap, one journal, one sum.
. "$SOURCE_DIR/tests/tools/mailctl_sandbox.bash"
. "$SOURCE_DIR/tests/support/checked_slapd.bash"
many=5000
{
	domain example.org
	many_mailboxes "$many"
} >"$scratch/tree.ldif"
serve_tree "$scratch/tree.ldif"

# With all libraries that a process has mapped. A plan of them all takes 90 MB.
in_little_memory() { (
	ulimit -v 65536
	exec "$MAILCTL" "$@"
); }
all='(mail=user*)'
with_quota() { ldapsearch -LLL -x -H "$MAILCTL_URI" -D "$MAILCTL_BIND_DN" -w secret -b "$hosting" -E pr=1000/noprompt "(quota=$1)" 1.1 | grep -c '^dn:'; }
holds() { [ "$1" = "$2" ] || fail "$3: $1, not $2"; }

run 0 in_little_memory mailbox set --filter "$all" --quota 3G -n
complains "note: $many mailboxes (dry run): $many changed"
complains "without --dry-run it is refused"
holds "$(with_quota 3221225472S)" 0 'a dry run has written'

run 69 in_little_memory mailbox set --filter "$all" --quota 3G --yes
complains "that would change $many entries, and one run may change 50: nothing was changed"
silent
holds "$(with_quota 3221225472S)" 0 'a run over the cap has written'
[ ! -d "$folder" ] || holds "$(journals)" 0 'journals of nothing'

run 0 in_little_memory quota set --quota 3G --filter "$all" --max-changes none --yes -o jsonl
complains "$many mailboxes: $many changed"
holds "$(wc -l <<<"$out")" "$many" 'lines of JSON'
holds "$(with_quota 3221225472S)" "$many" 'written'
holds "$(journals)" 1 'one run has one journal'
holds "$(grep -c '"quota":"3G"' <<<"$out")" "$many" 'told what it is now'

run 0 in_little_memory mailbox set --filter "$all" --quota 3G --yes
complains "$many mailboxes: $many unchanged"
holds "$(journals)" 1 'journals, where nothing changed'

run 0 in_little_memory mailbox disable --filter "$all" --max-changes none --yes
complains "$many mailboxes: $many disabled"
run 0 in_little_memory mailbox enable --filter '(&(mail=user*)(accountActive=FALSE))' --max-changes none --yes
complains "$many mailboxes: $many enabled"

# Lists and exports take no more than that either.
run 0 in_little_memory mailbox list -o name
holds "$(wc -l <<<"$out")" "$many" 'names'
run 0 in_little_memory export
holds "$(grep -c '^dn:' <<<"$out")" $((many + 4)) 'entries'
finish
