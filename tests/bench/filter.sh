#!/bin/bash
# A verb on everything that a filter matches: what it takes of time and memory, beside what it takes to read as much. Writes its part of RESULTS.md.
# usage: tests/bench/filter.sh     ACCOUNTS=100000 ROUNDS=3 are the defaults
ROUNDS=${ROUNDS:-3} DURABILITY=dbnosync # as it is about memory
. "$(dirname "$0")/reading.bash"
results_for filter
compare "$accounts mailboxes that a filter matches, a dry run" --memory 64 \
	"mailctl=$MAILCTL mailbox set --filter '(mail=*)' --quota 3G --max-changes none -n -q" "ldapsearch=$search '$account' '*' entryUUID entryCSN"
compare "$accounts mailboxes that a filter matches, changed" --memory 64 --items "$accounts" "mailctl=$MAILCTL mailbox set --filter '(mail=*)' --quota \$((RUN + 1))G --max-changes none --yes -q"
