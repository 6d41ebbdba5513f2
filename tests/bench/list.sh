#!/bin/bash
# Lists of all mailboxes against ldapsearch in one piece, of the attributes that a list asks for. Writes its part of RESULTS.md.
# usage: tests/bench/list.sh     ACCOUNTS=100000 ROUNDS=5 are the defaults
. "$(dirname "$0")/reading.bash"
results_for list
all="ldapsearch=$search '$account' '*' entryUUID entryCSN"
compare "$accounts mailboxes, -o jsonl" --target ldapsearch=0.8 "mailctl=$MAILCTL mailbox list -o jsonl" "$all"
compare "$accounts mailboxes, a table" --target ldapsearch=0.8 "mailctl=$MAILCTL mailbox list" "$all"
compare "$accounts mailboxes, -o name, against all attributes" --target ldapsearch=2 "mailctl=$MAILCTL mailbox list -o name" "$all"
compare "$accounts mailboxes, -o name, against mail alone" "mailctl=$MAILCTL mailbox list -o name" "ldapsearch=$search '$account' mail"
