#!/bin/bash
# How much who may send, by a real Postfix that asks a real postfwd: by the rules that mailctl writes, set up as their comments say.
more_packages=('libfaketime libio-multiplex-perl libnet-dns-perl libnet-server-perl postfwd')
. "$(dirname "$0")/stack.bash"
. "$(dirname "$0")/limits.bash"
start_stack

odd='a#$*?^_`{|}~-&&$$x@example.org'
accounts_with_limits "$odd"

mkdir "$limits"
# postfwd sees no other file that is of the second in which it has read the last.
refresh() { sleep 1.1 && config postfwd limits.cf --out "$limits"; }
refresh
said_by() { sed -n "s/^#   \($1.*\)/\1/p" "$limits/limits.cf"; } # what the comments say of a line
eval "$(said_by ARGS=)"
clock=/tmp/clock
echo +0 >"$clock"
python3 - <<'PYTHON' & # for what postfwd says of itself
import os, socket
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
os.chmod("/dev/log", 0o666)
with open("/var/log/postfwd.log", "ab", buffering=0) as file:
    while True: file.write(log.recv(65536) + b"\n")
PYTHON
pids+=($!)
wait_for 'a log' test -S /dev/log
# shellcheck disable=SC2086 # several words
LD_PRELOAD=$(echo /usr/lib/*/faketime/libfaketime.so.1) FAKETIME_TIMESTAMP_FILE=$clock FAKETIME_NO_CACHE=1 \
	postfwd1 $ARGS --daemon -i 127.0.0.1 -p 10040 -u postfw -g postfw --nodns --pidfile /run/postfwd.pid >"$scratch/postfwd" 2>&1 || die "postfwd: $(cat "$scratch/postfwd")"
wait_for postfwd listens 10040
postconf "smtpd_recipient_restrictions = $(said_by check_policy_service), $(postconf -h smtpd_recipient_restrictions)"
postfix reload >/dev/null 2>&1

check 'within the limit of the domain, and over it' '3x250 1x450' "$(sends ann@example.org 4)"
grep -Fqx '450 4.7.1 <x4@example.net>: Recipient address rejected: This account has reached its limit of 3 recipients in 1h, try again later' "$scratch/said" || fail "the sentence: $(cat "$scratch/said")"
check 'and then none' 1x450 "$(sends ann@example.org 1)"
check 'nor by the other name of the same login' 1x450 "$(sends ann.example.org 1)"
check 'nor in capitals' 1x450 "$(sends ANN@Example.ORG 1)"
check 'another one' 1x250 "$(sends bob@example.org 1)"
check 'an address with a capital' '3x250 1x450' "$(sends dan@example.org 4)"
check 'one of a name that means much to a rule' '2x250 1x450' "$(sends "$odd" 3)"
check 'who has no limit' 9x250 "$(sends free@example.org 9)"
check 'a domain without one' 9x250 "$(sends ann@other.example 9)"
check 'his own' '5x250 1x450' "$(sends eve@example.org 6)"
check 'mail from outside' 'ann@example.org example.org/ann' "$(echo ann@example.org | ask mail)"

# ---- an hour later
echo +3601s >"$clock"
check 'the next hour' '3x250 1x450' "$(sends ann@example.org 4)"
check 'and the rest of the day' '1x250 1x450' "$(sends eve@example.org 2)"
grep -q 'limit of 6 recipients in 1d' "$scratch/said" || fail "the sentence of the day: $(cat "$scratch/said")"
check 'two of three' 2x250 "$(sends bob@example.org 2)"

echo +0 >"$clock" # that of files is no other

# ---- the directory changes, and what is written is obeyed from the next mail on, while all others go on where they were
tool mailbox set ann@example.org --send-limit 5/1h
check 'before it is written' 1x450 "$(sends ann@example.org 1)"
refresh
check 'another limit' '5x250 1x450' "$(sends ann@example.org 6)"
check 'and the third' '1x250 1x450' "$(sends bob@example.org 2)"
tool mailbox set ann@example.org --send-limit domain
tool domain set example.org --send-limit none
refresh
check 'no limit any more' '9x250 9x250' "$(sends ann@example.org 9) $(sends bob@example.org 9)"
check 'but his own' '2x450' "$(sends eve@example.org 2)"
before=$(cat "$limits/limits.cf")
refresh
check 'a second time' "$before" "$(cat "$limits/limits.cf")"
grep -E ' postfwd\[[0-9]+\]: .*(warn|error|ignor|critical)' /var/log/postfwd.log && fail 'what postfwd complains of'

kill "$(cat /run/postfwd.pid)"
wait_for 'the end of postfwd' eval '! listens 10040'
check 'without postfwd' 2x250 "$(sends eve@example.org 2)"

verdict 'a limit is what an account may send'
