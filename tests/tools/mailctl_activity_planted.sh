#!/bin/bash
# Of a site's month of log everybody whose account somebody else uses is found, and nobody else; every sum is what an independent counter makes of it.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
: "${SOURCE_DIR:?}"
start_sandbox
support=$SOURCE_DIR/tests/support
hour=$(($(date +%s) / 3600 * 3600)) # counts are by hours of the clock: what is planted lies in one
"$support/make_mail_log.py" 250000 --seed=7 --days=32 --end=$hour --truth="$scratch/truth.json" >"$scratch/mail.log"

# Those that are disabled are so in the directory.
stopped() { python3 -c 'import json, sys
for kind in json.load(open(sys.argv[1])).values(): print("\n".join(kind["stopped-tries"]))' "$scratch/truth.json"; }
stopped | cut -d@ -f2 | sort -u | mailctl domain add - -q
stopped | mailctl mailbox add - --no-password -q
stopped | mailctl mailbox disable - -q

run 0 mailctl activity scan "$scratch/mail.log"
run 1 mailctl activity check --since 26h -o json # the day before the last whole hour
printf '%s\n' "$out" >"$scratch/found.json"
run 0 "$support/activity_sums.py" --findings "$scratch/truth.json" "$scratch/found.json"
echo "$out"
says 'stopped-tries: 4 planted, 4 found, 0 others'

echo "== every sum is that of another program"
"$support/make_mail_log.py" 20000 --seed=8 --days=3 --end=$hour >"$scratch/short.log"
export MAILCTL_ACTIVITY_STORE=$scratch/short/activity.db
run 0 mailctl activity scan "$scratch/short.log"
mailctl activity export >"$scratch/export"
"$support/count_mail_log.py" "$scratch/short.log" >"$scratch/sums"
run 0 "$support/activity_sums.py" "$scratch/sums" "$scratch/export"
echo "$out"
finish
