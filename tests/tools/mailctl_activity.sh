#!/bin/bash
# Logs are counted once, whatever becomes of them and of us; stolen accounts are told with the lines that show it, stopped, and brought back; who is forgotten is gone.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
: "${SOURCE_DIR:?}"
start_sandbox
log() { "$SOURCE_DIR/tests/support/activity_log.py" "$@"; }
store=$MAILCTL_SANDBOX/state/activity.db
counts() { mailctl activity show "$1" --since 52w -o json | python3 -c 'import json, sys
rows = json.load(sys.stdin)["items"]
print(" ".join("%s=%d" % (k, sum(r[k] for r in rows)) for k in sys.argv[1:]))' "${@:2}"; }
is() { # EXPECTED ACCOUNT MEASURE...
	local got
	got=$(counts "${@:2}")
	[ "$got" = "$1" ] || fail "$2: $got, not $1"
}

mailctl domain add example.org -q
mailctl mailbox add ann@example.org bob@example.org stolen@example.org gone@example.org --no-password -q
mailctl mailbox disable gone@example.org -q

echo "== a store begins with the first scan"
run 66 mailctl activity check
complains 'there is no store'
run 64 mailctl activity check --only nothing
run 64 mailctl activity show ann@example.org --since yesterday
run 64 mailctl activity traffic --by year
run 64 mailctl report weather
run 64 mailctl report --since 7d

minutes=$((45 * 1440))
log "$minutes imap ann@example.org 192.0.2.1" "$((minutes - 1)) imap bob.example.org 192.0.2.2" >"$scratch/old.log"
stolen=()
for i in {1..12}; do stolen+=("40 send stolen@example.org 198.51.$i.7 30 $([ "$i" -le 1 ] && echo bounced || echo sent)"); done
log "50 imap ann@example.org 192.0.2.1" "49 imap bob.example.org 192.0.2.2" "48 send bob@example.org 192.0.2.2 2" "47 get ann+lists@example.org 1200" "46 fail gone@example.org 203.0.113.1" \
	"45 fail gone@example.org 203.0.113.1" "44 fail gone@example.org 203.0.113.2" "${stolen[@]}" >"$scratch/mail.log"

echo "== a dry run keeps nothing"
run 0 mailctl activity scan -n "$scratch/mail.log"
complains 'lines'
complains '(dry run)'
[ ! -e "$store" ] || fail 'a dry run made a store'

run 66 mailctl activity scan "$scratch/no.log"

echo "== each line counts once: given twice, renamed, compressed, over standard input, and what comes behind it"
run 0 mailctl activity scan "$scratch/mail.log" "$scratch/old.log"
[ "$(stat -c %a "$store")" = 640 ] || fail "the store has mode $(stat -c %a "$store")"
is 'logins_imap=2 received=1 received_bytes=1200' ann@example.org logins_imap received received_bytes
is 'messages=12 recipients=360 bounced=30 sent=330' stolen@example.org messages recipients bounced sent
is 'logins_imap=2 messages=1' bob@example.org logins_imap messages # of both of its names
before=$(sha256sum <(mailctl activity export))
run 0 mailctl activity scan "$scratch/mail.log"
cp "$scratch/mail.log" "$scratch/mail.log.1"
gzip -k "$scratch/mail.log.1"
run 0 mailctl activity scan "$scratch/mail.log.1" "$scratch/mail.log.1.gz"
run 0 mailctl activity scan - <"$scratch/mail.log"
[ "$(sha256sum <(mailctl activity export))" = "$before" ] || fail 'what was read is counted again'
log "1 imap ann@example.org 192.0.2.1" >>"$scratch/mail.log"
run 0 mailctl activity scan "$scratch/mail.log" -o json
parses "$out"
says '"lines":1,"events":1'
is 'logins_imap=3' ann@example.org logins_imap

echo "== two at once: one waits for nobody, and nothing is counted twice"
mkfifo "$scratch/pipe"
"$MAILCTL" activity scan - <"$scratch/pipe" >/dev/null 2>&1 &
first=$!
exec 9>"$scratch/pipe"
until [ "$(cat "$store.lock")" = $first ]; do sleep 0.05; done
run 75 mailctl activity scan "$scratch/mail.log"
complains 'another run holds the lock'
run 1 mailctl activity check # reads, whoever writes
exec 9>&-
wait $first || fail 'the first one failed'

echo "== what is found is told with the lines that show it"
run 1 mailctl activity check
says 'stolen@example.org  error  sends-unread'
says 'stolen@example.org  error  many-networks'
says 'stolen@example.org  error  above-usual'
says 'gone@example.org  warning  stopped-tries  it is disabled, and 3 logins were tried, of which 0 were good'
says 'send x 1 from 198.51.12.0/24 at'
[[ $out != *bob* && $out != *ann* ]] || fail "somebody who did nothing is told: $out"
run 1 mailctl activity check -o json
parses "$out"
says '"figures":[{"networks":12,"limit":10}]'
says '"kind":"send","network":"198.51.'
run 1 mailctl activity check --only stopped-tries -o name
[ "$out" = gone@example.org ] || fail "one rule: $out"
run 2 mailctl activity check --nagios
says 'ACTIVITY CRITICAL - '
says '| errors=3 warnings=1 skipped=0'
run 0 mailctl activity check --list -o name
[ "$(wc -l <<<"$out")" = 6 ] || fail "rules: $out"
[ "$(sort <<<"$out")" = "$("$MAILCTL" complete -- activity check --only '' | sort)" ] || fail 'completion offers other rules'
run 0 mailctl activity check --explain guessed
says 'somebody tries passwords'
run 0 mailctl activity show stolen@example.org --networks -o csv
says 'stolen@example.org,send,198.51.7.0/24,1,'

echo "== others have other thresholds"
printf '%s\n' '# lists' 'stolen@example.org hour-networks 12' 'example.org hour-recipients none' 'example.org unread-days none' >"$scratch/thresholds"
run 1 env MAILCTL_ACTIVITY_THRESHOLDS="$scratch/thresholds" "$MAILCTL" activity check -o name
[ "$out" = gone@example.org ] || fail "thresholds: $out"
run 0 env MAILCTL_ACTIVITY_THRESHOLDS="$scratch/thresholds" MAILCTL_ACTIVITY_STOPPED_TRIES=4 "$MAILCTL" activity check
silent
echo 'stolen@example.org hour-networks many' >"$scratch/thresholds"
run 78 env MAILCTL_ACTIVITY_THRESHOLDS="$scratch/thresholds" "$MAILCTL" activity check
complains "thresholds:1: \"many\" is neither a number nor none"

echo "== without a directory the rest is told, and what is not"
run 1 env -u MAILCTL_SANDBOX MAILCTL_ACTIVITY_STORE="$store" "$MAILCTL" activity check -o name
[ "$(sort -u <<<"$out")" = $'bob@example.org\nstolen@example.org' ] || fail "without a directory: $out" # nobody says that bob.example.org is bob@example.org
complains 'stopped-tries: the directory cannot be asked'

echo "== a stolen account is stopped with one command, and its sessions and its mail are looked after"
mkdir "$scratch/bin"
printf '#!/bin/sh\necho "$@" >>"%s/kicked"\n' "$scratch" >"$scratch/bin/doveadm"
cat >"$scratch/bin/postqueue" <<'END2'
#!/bin/sh
echo '{"queue_name": "deferred", "queue_id": "4Zq1", "sender": "Stolen@example.org", "recipients": []}'
echo '{"queue_name": "active", "queue_id": "$(touch pwned)", "sender": "stolen@example.org", "recipients": []}'
echo '{"queue_name": "active", "queue_id": "4Zq2", "sender": "ann@example.org", "recipients": []}'
echo 'no JSON'
END2
chmod +x "$scratch/bin"/*
export PATH=$scratch/bin:$PATH
run 0 mailctl activity check --disable -n
says 'vmailDisabledReason: compromised'
[ ! -e "$scratch/kicked" ] || fail 'a dry run kicks'
run 69 mailctl activity check --disable --max-changes 0
run 0 mailctl activity check --disable
says 'stolen@example.org  disabled'
complains "2 messages are from stolen@example.org in the queue; what holds them: postsuper -h 4Zq1 -h '\$(touch pwned)'"
grep -qx 'kick stolen@example.org' "$scratch/kicked" || fail "not kicked: $(cat "$scratch/kicked")"
grep -qE 'bob|ann' "$scratch/kicked" && fail 'somebody else was kicked'
run 0 mailctl mailbox show stolen@example.org -o json --fields status,disabled_reason,disabled_comment
says '"disabled_reason":"compromised"'
says 'many-networks: it logged in or sent from 12 networks'
run 0 mailctl activity check --disable
says 'stolen@example.org  unchanged'
run 0 mailctl undo "$(mailctl log stolen@example.org --limit 1 --fields id -o name)" --yes
run 0 mailctl mailbox show stolen@example.org --fields status -o name
[ "$out" = active ] || fail "undone: $out"
run 0 env PATH=/nowhere "$MAILCTL" activity check --disable
complains 'sessions that run go on'
complains 'what is in the queue is not known'

echo "== traffic"
run 0 mailctl report traffic --since 2d --by domain -o csv --fields domain,messages,recipients,bounced,received
says 'example.org,13,362,30,1'
run 0 mailctl report traffic --by account --since 7d --top 1 -o csv --fields as,account,recipients,received
[ "$out" = $'as,account,recipients,received\nsender,stolen@example.org,360,0\nreceiver,ann@example.org,0,1' ] || fail "the biggest: $out"
run 0 mailctl activity traffic --by day --domain example.org
says 'DAY'
run 0 mailctl report traffic --prometheus "$scratch/traffic.prom"
grep -qx 'mailctl_traffic_recipients{domain="example.org"} 362' "$scratch/traffic.prom" || fail "metrics: $(cat "$scratch/traffic.prom")"

run 0 mailctl report --html "$scratch/page.html"
grep -q '<table id="traffic">' "$scratch/page.html" || fail 'the page has no traffic'
grep -q '<data value="362">362</data>' "$scratch/page.html" || fail 'the page has other recipients'
xmllint --noout "$scratch/page.html" 2>/dev/null || python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$scratch/page.html" || fail 'the page is no XML'

echo "== who logged in is known to report"
run 0 mailctl activity logins
says "shared/last-login/bob@example.org"
mailctl mailbox add old@example.org --no-password -q
run 0 mailctl report --unused --activity --idle 0 -o csv --fields address,last_use
says 'old@example.org,'
says 'bob@example.org,20'
run 64 mailctl report --activity

echo "== what an attacker writes into a log is text"
printf '%s mail dovecot: imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<%b>, method=PLAIN, rip=192.0.2.66, lip=192.0.2.250, session=<x>\n' \
	"$(date -u +%FT%T+00:00)" "x'); drop table counts; --" "$(date -u +%FT%T+00:00)" '\033[31mred' "$(date -u +%FT%T+00:00)" '*)(uid=*' "$(date -u +%FT%T+00:00)" '\xff\xfe' >"$scratch/evil.log"
run 0 mailctl activity scan "$scratch/evil.log"
run 0 mailctl activity traffic --by account -o json
run 0 mailctl activity show "x'); drop table counts; --" '*)(uid=*' unreadable -o csv
says "x'); drop table counts; --"
says 'unreadable,'
[[ $out != *$'\033'* ]] || fail 'an escape reached the terminal'
run 1 mailctl activity check
[[ $out != *$'\033'* ]] || fail 'an escape reached the terminal'

echo "== several hosts make one store, in any order and as often as it comes"
mailctl activity export >"$scratch/one.jsonl"
sed 's/"host":"mail"/"host":"mail2"/' "$scratch/one.jsonl" >"$scratch/two.jsonl"
run 0 mailctl activity merge "$scratch/one.jsonl" "$scratch/two.jsonl"
is 'messages=24 recipients=720' stolen@example.org messages recipients
both=$(mailctl activity export | sort | sha256sum)
run 0 mailctl activity merge - "$scratch/one.jsonl" <"$scratch/two.jsonl"
[ "$(mailctl activity export | sort | sha256sum)" = "$both" ] || fail 'a merge counts twice'
run 0 env MAILCTL_ACTIVITY_STORE="$scratch/other/activity.db" "$MAILCTL" activity merge "$scratch/two.jsonl" "$scratch/one.jsonl"
[ "$(MAILCTL_ACTIVITY_STORE=$scratch/other/activity.db mailctl activity export | sort | sha256sum)" = "$both" ] || fail 'another order makes another store'
run 75 mailctl activity merge <(head -n 20 "$scratch/two.jsonl")
complains 'was cut'
run 65 mailctl activity merge <(echo '{"row":"counts"}')
run 65 mailctl activity merge <(sed '2s/"hour":[0-9]*/"hour":-1/' "$scratch/two.jsonl")
run 65 mailctl activity merge <(cat "$scratch/two.jsonl" "$scratch/two.jsonl")
run 66 mailctl activity merge "$scratch/nothing"

echo "== who is forgotten is in no file any more, and nobody brings him back"
run 64 mailctl activity forget stolen@example.org --no-input
run 0 mailctl activity forget stolen@example.org --yes
grep -rlaq 'stolen@example.org' "$MAILCTL_SANDBOX/state" && fail 'a name is left in the store'
run 0 mailctl activity merge "$scratch/one.jsonl" "$scratch/two.jsonl"
run 0 mailctl activity scan "$scratch/mail.log"
cp "$scratch/mail.log" "$scratch/again.log"
sed -i '1s/.*/2026-01-01T00:00:00+00:00 mail kernel: another beginning/' "$scratch/again.log"
run 0 mailctl activity scan "$scratch/again.log"
grep -rlaq 'stolen@example.org' "$MAILCTL_SANDBOX/state" && fail 'a name has come back'
run 1 mailctl activity check -o name
[ "$out" = gone@example.org ] || fail "after it was forgotten: $out"

echo "== a message under way is forgotten, too"
log "3 send under.way@example.org 192.0.2.3 1 deferred" >"$scratch/way.log"
run 0 mailctl activity scan "$scratch/way.log"
grep -rlaq 'under.way@example.org' "$MAILCTL_SANDBOX/state" || fail 'this tests nothing'
run 0 mailctl activity forget under.way@example.org --yes
grep -rlaq 'under.way@example.org' "$MAILCTL_SANDBOX/state" && fail 'the reader remembers it'

echo "== a store of a newer program is left alone"
cp -r "$MAILCTL_SANDBOX/state" "$scratch/newer"
python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).execute("PRAGMA user_version = 9")' "$scratch/newer/activity.db"
newer=$(sha256sum <"$scratch/newer/activity.db")
export MAILCTL_ACTIVITY_STORE=$scratch/newer/activity.db
run 78 mailctl activity check
complains 'is of version 9, and this program knows version 1'
run 78 mailctl activity scan "$scratch/mail.log"
[ "$(sha256sum <"$scratch/newer/activity.db")" = "$newer" ] || fail 'a newer store was changed'

echo "== a clock that has jumped deletes nothing"
export MAILCTL_ACTIVITY_STORE=$scratch/clock/activity.db
run 0 mailctl activity scan "$scratch/old.log" "$scratch/mail.log"
rows=$(mailctl activity export | wc -l)
if command -v faketime >/dev/null; then
	run 0 faketime -f +1000d env NO_FAKE_STAT=1 "$MAILCTL" activity scan "$scratch/old.log"
	complains 'nothing that is old was deleted: the clock is 1000 days later'
	[ "$(mailctl activity export | wc -l)" = "$rows" ] || fail 'a clock that jumped deletes'
	run 0 faketime -f +1000d env NO_FAKE_STAT=1 "$MAILCTL" activity scan "$scratch/old.log" --accept-clock
	[ "$(mailctl activity export | wc -l)" = 2 ] || fail "what is old is there: $(mailctl activity export)"
fi
export MAILCTL_ACTIVITY_STORE=$scratch/days/activity.db MAILCTL_ACTIVITY_DAYS=30
run 0 mailctl activity scan "$scratch/old.log" "$scratch/mail.log"
run 0 mailctl activity scan "$scratch/old.log"
mailctl activity export | grep -q "\"hour\":$(($(date +%s) / 3600 - 45 * 24))" && fail 'what is older than the days is kept'
unset MAILCTL_ACTIVITY_STORE MAILCTL_ACTIVITY_DAYS

echo "== a scan that is killed counts nothing twice, and leaves nothing out"
export MAILCTL_ACTIVITY_STORE=$scratch/whole/activity.db
logs=()
for i in {1..30}; do
	log "9 imap user$i@example.org 192.0.2.1" "8 send user$((i % 7))@example.org 192.0.2.$i 20" "7 get user$i@example.org 10" >"$scratch/part$i.log"
	logs+=("$scratch/part$i.log")
done
run 0 mailctl activity scan "${logs[@]}"
whole=$(mailctl activity export)
export MAILCTL_ACTIVITY_STORE=$scratch/killed/activity.db
killed=0
for delay in 0.02 0.05 0.03 0.08 0.04 0.11 0.06 0.15; do
	"$MAILCTL" activity scan "${logs[@]}" >/dev/null 2>&1 &
	pid=$!
	sleep $delay
	! kill -9 $pid 2>/dev/null || killed=$((killed + 1))
	wait $pid 2>/dev/null
done
[ "$killed" -gt 0 ] || fail 'nothing was killed'
run 0 mailctl activity scan "${logs[@]}"
[ "$(mailctl activity export)" = "$whole" ] || fail "killed $killed times it counts something else"
unset MAILCTL_ACTIVITY_STORE

echo "== a full disk is told, and what was kept stays"
export MAILCTL_ACTIVITY_STORE=$scratch/full/activity.db
run 0 mailctl activity scan "$scratch/old.log"
full=$(mailctl activity export)
big=()
for i in {1..3000}; do big+=("5 imap user$i@example.org 192.0.2.1"); done
log "${big[@]}" >"$scratch/big.log"
(ulimit -f 200; "$MAILCTL" activity scan "$scratch/big.log" >/dev/null 2>"$scratch/stderr") && fail 'a full disk is no error'
grep -q 'the store .*: ' "$scratch/stderr" || fail "a full disk: $(cat "$scratch/stderr")"
[ "$(mailctl activity export)" = "$full" ] || fail 'a part of what did not fit is there'
run 0 mailctl activity scan "$scratch/big.log"
[ "$(mailctl activity export | grep -c '"row":"counts"')" = 3002 ] || fail 'what did not fit is not counted later'
unset MAILCTL_ACTIVITY_STORE
finish
