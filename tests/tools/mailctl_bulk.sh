#!/bin/bash
# A filter that matches too much takes nothing out of service, and what is taken can be read in a journal.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org -q
for i in {1..12}; do echo "user$i@example.org"; done | mailctl mailbox add - --no-password -q
active() { mailctl mailbox list --active -o name | wc -l; }
journals() { find "$MAILCTL_SANDBOX/journal" -name "*-$1.journal" 2>/dev/null; }

# More than ten, and more than one in a hundred.
for verb in disable remove "remove --now"; do
	# shellcheck disable=SC2086 # a verb and its flag
	run 69 mailctl mailbox $verb --filter '(mail=user*)' --yes
	silent
	complains "that would change 12 entries, and one run may change 10: nothing was changed"
	complains "--max-changes 12"
done
run 69 mailctl mailbox disable --filter '(mail=user*)' --max-changes 11
run 69 mailctl mailbox disable --filter '(mail=user*)' --dry-run
run 64 mailctl mailbox disable --filter '(mail=user*)' --max-changes few
# Names count as what a filter matches does, and so do those on standard input.
mailctl mailbox list -o name >"$scratch/names"
run 69 mailctl mailbox disable - <"$scratch/names"
run 69 mailctl mailbox disable user{1..11}@example.org
[ "$(active)" = 12 ] || fail "some were changed"
[ -z "$(journals mailbox-disable)" ] || fail "a journal of nothing"

# Ten at once, or all when they are meant.
run 0 mailctl mailbox disable --filter '(|(mail=user1*)(mail=user2*)(mail=user3*)(mail=user4*))' -q
[ "$(active)" = 5 ] || fail "not seven are disabled"
journal=$(journals mailbox-disable)
[ "$(grep -c '^request: ' "$journal")" = 7 ] || fail "not seven requests in $journal"
[ "$(grep -c '^result: done' "$journal")" = 7 ] || fail "not seven outcomes in $journal"
[ "$(grep -c '^accountActive: TRUE' "$journal")" = 7 ] || fail "what was there before is not in $journal"
run 0 mailctl mailbox disable --filter '(mail=user*)' --max-changes none
[ "$(active)" = 0 ] || fail "some are active"

# What is removed for good is in the journal, too.
run 69 mailctl mailbox remove - --now --yes <"$scratch/names"
run 0 mailctl mailbox remove - --now --yes --max-changes 12 <"$scratch/names"
complains "12 mailboxes: 12 removed"
run 0 mailctl mailbox list -o name
silent
journal=$(journals mailbox-remove)
[ "$(grep -c '^mail: user' "$journal")" = 12 ] || fail "the removed entries are not in $journal"

finish
