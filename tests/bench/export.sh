#!/bin/bash
# An export into LDIF against ldapsearch, which does not care for the order, and in one piece. Writes its part of RESULTS.md.
# usage: tests/bench/export.sh     ACCOUNTS=100000 ROUNDS=5 are the defaults
. "$(dirname "$0")/reading.bash"
results_for export
compare "$accounts mailboxes into LDIF" --target ldapsearch=1 "mailctl=$MAILCTL export" "ldapsearch=$search '(objectClass=*)' '*' hasSubordinates"
compare "the same with the hashes" --target ldapsearch=1 "mailctl=$MAILCTL export --with-passwords" "ldapsearch=$search '(objectClass=*)' '*' hasSubordinates"
