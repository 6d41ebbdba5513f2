#!/bin/bash
# One mailbox shown by a process of its own, a hundred times, against ldapsearch, which finds it by its address. Writes its part of RESULTS.md.
# usage: tests/bench/show.sh     ACCOUNTS=10000 ROUNDS=5 are the defaults
ACCOUNTS=${ACCOUNTS:-10000}
. "$(dirname "$0")/reading.bash"
results_for show
often='for i in {1..100}; do'
compare "a hundred times one mailbox of $accounts" --target ldapsearch=1.43 \
	"mailctl=$often $MAILCTL mailbox show user\$i@example.org; done" "ldapsearch=$often $search mail=user\$i@example.org; done"
compare "a hundred times the version" "mailctl=$often $MAILCTL --version; done" "ldapsearch=$often ldapsearch -VV; done"
