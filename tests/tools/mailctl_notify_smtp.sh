#!/bin/bash
# Notices by SMTP: what a server refuses is tried again, of one that does not answer nothing is waited for in vain, and nothing is sent twice.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
server=$scratch/server
mkdir "$server"
python3 "$SOURCE_DIR/tests/support/smtp_server.py" "$server" 2>"$server.said" &
server_pid=$!
trap 'kill $server_pid 2>/dev/null; "$MAILCTL" sandbox stop -q >/dev/null 2>&1; rm -rf "$scratch"' EXIT
for _ in $(seq 600); do [ -e "$server/port" ] && break; sleep 0.1; done
export MAILCTL_SENDMAIL=smtp://127.0.0.1:$(cat "$server/port") MAILCTL_NOTICE_ADMIN=admin@example.org MAILCTL_NOTICE_FROM=postmaster@example.org MAILCTL_STATE_DIR=$scratch/state/mailctl
notify() { "$NOTIFY" "$@"; }
in_days() { date -u -d "+$1 days" +%F; }
came() { (cd "$server" && ls | sed -n 's/^[0-9]*\.//p' | sort | xargs); }
answers() { rm -f "$server"/[0-9]*.*; printf '%s\n' "$@" >"$server/answers"; }
start_sandbox
mailctl domain add example.org -q
for n in 1 2 3 4 5; do run 0 mailctl mailbox add "u$n@example.org" --no-password -q --expires "$(in_days $((n + 7)))"; done

# ---- an address or a message that is refused keeps nobody else waiting
answers 'u2@example.org 550 5.1.1 nobody' 'message-to-u3@example.org 554 5.7.1 no'
run 1 notify
says 'answers 550 5.1.1 nobody'
says 'answers 554 5.7.1 no'
[ "$(came)" = 'admin@example.org u1@example.org u4@example.org u5@example.org' ] || fail "another $(came)"
[ "$(head -n 1 "$server"/*.u1@example.org)" = 'from: postmaster@example.org' ] || fail "who sends: $(head -n 1 "$server"/*.u1@example.org)"
grep -q $'^To: .*<u1@example.org>\r$' "$server"/*.u1@example.org && grep -q $'^Auto-Submitted: auto-generated\r$' "$server"/*.u1@example.org || fail "what was sent: $(cat "$server"/*.u1@example.org)"
[ "$(wc -l <"$server/connections")" -le 3 ] || fail "a connection for each message: $(wc -l <"$server/connections")"
# ---- and is tried again, alone
answers 'u2@example.org 451 4.2.0 later'
run 1 notify
[ "$(came)" = 'u3@example.org' ] || fail "another $(came)"
answers
run 0 notify
[ "$(came)" = 'u2@example.org' ] || fail "another $(came)"

# ---- a server that takes nothing now ends the sending, and loses nothing
again() { for n in 1 2 3 4 5; do mailctl expiry extend "u$n@example.org" --by 1d -q; done; }
for said in 'MAIL 451 4.3.0 later' 'MAIL 554 5.5.0 never' 'CONNECT 421 too busy' 'CONNECT 554 go away' 'RCPT 451 4.7.1 later' 'RCPT 421 closing' 'DATA gone' 'MESSAGE gone' 'CONNECT gone'; do
	again
	answers "$said"
	run 75 notify
	[ "$(came)" = '' ] || [ "$said" = 'MESSAGE gone' ] || fail "$said: $(came)"
done
answers
run 0 notify
[ "$(came)" = 'admin@example.org u1@example.org u2@example.org u3@example.org u4@example.org u5@example.org' ] || fail "not all: $(came)"
# Nor is one waited for that never answers: by a clock that goes faster.
if command -v faketime >/dev/null; then
	for said in 'CONNECT silent' 'MAIL silent' 'MESSAGE silent'; do
		again
		answers "$said"
		run 75 timeout 60 faketime -f '+0 x50' "$NOTIFY"
		complains 127.0.0.1
	done
	answers
	run 0 notify
fi

# ---- the test message, a dry run, and what is no server
answers
run 0 notify --mail-test me@example.org
[ "$(came)" = 'me@example.org me@example.org me@example.org me@example.org' ] || fail "test messages: $(came)"
answers
again
run 0 notify -n
[ -z "$(came)" ] || fail 'a dry run sends'
kill $server_pid
wait $server_pid 2>/dev/null
run 75 notify
complains "$MAILCTL_SENDMAIL"
for value in smtp:// smtp://a/b 'smtp://a b' http://localhost localhost:25 smtp://localhost:port smtp://user@localhost; do MAILCTL_SENDMAIL=$value run 78 notify -n; done
[ -s "$server.said" ] && fail "the server: $(cat "$server.said")"
finish
