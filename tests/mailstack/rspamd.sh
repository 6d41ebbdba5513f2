#!/bin/bash
# How much who may send, by a real Postfix whose milter is a real Rspamd that counts in a real Redis: by the files that mailctl writes, set up as their comments say.
more_packages=('libhyperscan5 libjemalloc2 liblua5.1-0 libluajit-5.1-common libluajit2-5.1-2 liblzf1 libsodium23 libunwind8 redis-server redis-tools rspamd')
. "$(dirname "$0")/stack.bash"
. "$(dirname "$0")/limits.bash"
start_stack

odd='a#$*?^_`{|}~-=x@example.org'
accounts_with_limits "$odd"

mkdir "$limits"
refresh() { config rspamd "$@" --out "$limits"; }
refresh

redis-server --bind 127.0.0.1 --port 6379 --save '' --dir /tmp --logfile /var/log/redis.log --daemonize yes >/dev/null
wait_for Redis listens 6379
local_d=/etc/rspamd/local.d
sed -n 's/^# *\(\.include .*\)/\1/p' "$limits/ratelimit.conf" >"$local_d/ratelimit.conf"
echo 'servers = "127.0.0.1";' >"$local_d/redis.conf"
# What else Rspamd does takes its time, and the world outside. Files are looked at each second.
printf '%s\n' com example net org >/etc/rspamd/tld
echo 'disable_hyperscan = true; url_tld = "/etc/rspamd/tld"; filters = ""; map_watch_interval = 10s; dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }' >"$local_d/options.inc"
for module in antivirus arc asn bayes_expiry dkim dkim_signing dmarc external_services fuzzy_check greylist history_redis mx_check neural phishing rbl replies spf surbl; do
	echo 'enabled = false;' >"$local_d/$module.conf"
done
install -d -o _rspamd /run/rspamd /var/lib/rspamd /var/log/rspamd
rspamd -u _rspamd -g _rspamd -c /etc/rspamd/rspamd.conf -f >"$scratch/rspamd" 2>&1 &
pids+=($!)
log=/var/log/rspamd/rspamd.log
for tries in {1..600}; do
	{ listens 11333 && listens 11332; } && break
	sleep 0.2
done
listens 11332 || die "Rspamd does not start: $(tail -n 3 "$log")"
postconf smtpd_milters=inet:127.0.0.1:11332
postfix reload >/dev/null 2>&1

check 'within the limit of the domain' 2x250 "$(sends ann@example.org 2)"
check 'what is over it, as a whole' '2x250 1xDATA:451' "$(sends ann@example.org 2)"
grep -Fqx '451 4.7.1 This account has reached its limit of 3 recipients in 1h, try again later' "$scratch/said" || fail "the sentence: $(cat "$scratch/said")"
check 'up to it' 1x250 "$(sends ann@example.org 1)"
check 'and then none' '1x250 1xDATA:451' "$(sends ann@example.org 1)"
check 'nor by the other name of the same login' '1x250 1xDATA:451' "$(sends ann.example.org 1)"
check 'nor in capitals' '1x250 1xDATA:451' "$(sends ANN@Example.ORG 1)"
check 'more than the limit, in the first mail' '4x250 1xDATA:451' "$(sends bob@example.org 4)"
check 'which counts for nothing' 3x250 "$(sends bob@example.org 3)"
check 'an address with a capital' '3x250 1x250 1xDATA:451' "$(sends dan@example.org 3) $(sends dan@example.org 1)"
check 'one of a name that means much to a map' '2x250 1x250 1xDATA:451' "$(sends "$odd" 2) $(sends "$odd" 1)"
check 'who has no limit' '9x250 9x250' "$(sends free@example.org 9) $(sends free@example.org 9)"
check 'a domain without one' '9x250 9x250' "$(sends ann@other.example 9) $(sends ann@other.example 9)"
check 'his own' '5x250 1x250 1xDATA:451' "$(sends eve@example.org 5) $(sends eve@example.org 1)"
# Rspamd's own files would let everything pass that goes to a postmaster as well.
to() { echo postmaster@example.net; }
check 'to a postmaster' '1x250 1xDATA:451' "$(sends bob@example.org 1)"
unset -f to
. "$(dirname "$0")/limits.bash"
check 'mail from outside' 'ann@example.org example.org/ann' "$(echo ann@example.org | ask mail)"

# ---- an hour later, as far as Redis knows
later() { local key; for key in $(redis-cli keys 'RL*'); do redis-cli hincrby "$key" l -3600000 >/dev/null; done; }
later
check 'the next hour' '3x250 1x250 1xDATA:451' "$(sends ann@example.org 3) $(sends ann@example.org 1)"
check 'and the rest of the day' '1x250 1x250 1xDATA:451' "$(sends eve@example.org 1) $(sends eve@example.org 1)"
grep -q 'limit of 6 recipients in 1d' "$scratch/said" || fail "the sentence of the day: $(cat "$scratch/said")"
check 'two of three' 2x250 "$(sends cid@example.org 2)"
check 'good mail gives nobody more' 10000 "$(redis-cli hget "$(redis-cli keys 'RL*' | head -n 1)" db)"

# ---- the directory changes, and the map is read again
readings() { grep -c "(normal).*read hash of .*$limits/limits.map" "$log"; }
reread() { local before; before=$(readings); refresh limits.map; wait_for 'another reading' eval "[ \$(readings) -gt $before ]"; }
tool mailbox set ann@example.org --send-limit 5/1h
check 'before it is written' '1x250 1xDATA:451' "$(sends ann@example.org 1)"
reread
check 'another limit' '5x250 1x250 1xDATA:451' "$(sends ann@example.org 5) $(sends ann@example.org 1)"
check 'and all others go on where they were' '1x250 1x250 1xDATA:451' "$(sends cid@example.org 1) $(sends cid@example.org 1)"
tool mailbox set ann@example.org --send-limit domain
tool domain set example.org --send-limit none
reread
check 'no limit any more' '9x250 9x250' "$(sends ann@example.org 9) $(sends cid@example.org 9)"
check 'but his own' '1x250 1xDATA:451' "$(sends eve@example.org 1)"
grep -iE 'ratelimit|mailctl|limits[.]lua' "$log" | grep -iE ' error|cannot|bad ' && fail 'what Rspamd complains of'
redis-cli shutdown >/dev/null 2>&1

verdict 'a limit is what an account may send'
