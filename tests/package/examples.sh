#!/bin/bash
# The example programs, as libvmail-dev has them, compile without a warning by the library that was installed, and say and do what they promise: also to what is
# wrong, while the server is away, and when what they asked for is in doubt.
cd "$(dirname "$0")"
. ./installed.bash

examples=$prefix/share/doc/mailctl/examples
[ "$(find "$examples" -name '*.cpp' | wc -l)" = 3 ] || fail "the examples are not installed"
for source in "$examples"/*.cpp; do
	"$CXX" -std=c++20 -Wall -Wextra -Werror "$source" -o "$scratch/$(basename "$source" .cpp)" $(pkg-config --cflags --libs vmail)
	if type -P clang++ >/dev/null; then clang++ -std=c++20 -fsyntax-only -Wall -Wextra -Werror "$source" $(pkg-config --cflags vmail); fi
done
echo "ok: they compile"

export LD_LIBRARY_PATH=$libdir
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || :; "$prefix/bin/mailctl" sandbox stop --dir "$scratch/s" >/dev/null 2>&1 || :; rm -rf "$scratch"' EXIT
printf 'journal-dir = %s\nmail-home = %s\ntime-zone = UTC\n' "$scratch/journal" "$scratch/mail" | tee -a "$scratch"/conf/{service,reader,away}.conf >/dev/null
stop_sandbox() { "$prefix/bin/mailctl" sandbox stop --dir "$scratch/s" >/dev/null; }
wait_for() { # SECONDS COMMAND...: until it succeeds
	local left=$(($1 * 20))
	until "${@:2}"; do
		[ $((left -= 1)) -gt 0 ] || fail "after $1 s still not: ${*:2}"
		sleep 0.05
	done
}
shown() { installed mailbox show "$1" --fields "$2" -o csv | tail -n 1; }
installed domain add example.org --max-mailboxes 8 -q

# ---- a provisioning service

provide() { MAILCTL_CONFIG=$scratch/conf/${2-service}.conf "$scratch/provision" <<<"$1"; }
answers() { # CONFIGURATION EXPECTED REQUEST: the beginning of what is answered
	local got
	got=$(provide "$3" "$1") || fail "provision ended with $? after: $3"
	[[ $got == $2* ]] || fail "$3 is answered with: $got"
}
answers service 'ok changed' 'make ann@example.org 1G Ann Žerjal'
answers service 'ok unchanged' 'make ann@example.org 1G Ann Žerjal'
answers service 'no already_exists' 'make ann@example.org 2G Ann Žerjal'
answers service 'no already_exists' 'make postmaster@example.org 2G'
answers service 'ok changed' 'change ann@example.org 2G Ann Ohm'
answers service 'ok unchanged' 'change ann@example.org 2G'
[ "$(shown ann@example.org quota,name)" = '2G,Ann Ohm' ] || fail "change has not changed"
for verb in 'stop ann@example.org compromised' 'start ann@example.org' 'remove ann@example.org'; do
	answers service 'ok changed' "$verb"
	answers service 'ok unchanged' "$verb"
done
[ "$(installed mailbox list --removed --fields address,status -o csv | tail -n 1)" = ann@example.org,removed ] || fail "remove has not removed"
answers service 'no already_exists' 'make ann@example.org 2G Ann Ohm'
answers service 'no not_found' 'change bob@example.org 1G'
answers service 'no not_found' 'make bob@example.com 1G'
answers service 'no invalid_value' 'make bob 1G'
answers service 'no invalid_value' 'make bob@example.org many'
answers service 'no invalid_value' 'make bob@example.org'
answers service 'no invalid_value' ''
answers service 'no invalid_value' 'dance bob@example.org'
answers reader 'broken denied' 'make bob@example.org 1G'
answers away 'later' 'make bob@example.org 1G'
for who in bob cat dan eve fay gus; do echo "make $who@example.org none"; done >"$scratch/requests"
provide "$(cat "$scratch/requests")" | sort | uniq -c | grep -qx ' *6 ok changed' || fail "six requests, and not six answers"
installed domain set example.org --max-mailboxes 6 -q
answers service 'no limit_exceeded' 'make gil@example.org 1G'
provide '' broken 2>/dev/null && fail "it serves by broken settings"
[ "$(installed log ann@example.org --fields job -o csv | sort | uniq -c | tr -s ' ')" = "$(printf ' 1 job\n 5 provision')" ] || fail "its journals: $(installed log ann@example.org)"

# One that is there before the server, and after it.
stop_sandbox
mkfifo "$scratch/in"
MAILCTL_CONFIG=$scratch/conf/service.conf "$scratch/provision" <"$scratch/in" >"$scratch/out" &
pids+=($!)
exec 3>"$scratch/in"
says() { # NUMBER EXPECTED REQUEST: of the one that runs on
	echo "$3" >&3
	wait_for 60 eval "[ \$(wc -l <'$scratch/out') = $1 ]"
	[[ $(tail -n 1 "$scratch/out") == $2* ]] || fail "$3 is answered with: $(tail -n 1 "$scratch/out")"
}
says 1 later 'change bob@example.org 1G'
start_sandbox
says 2 'ok changed' 'change bob@example.org 1G'
stop_sandbox
says 3 later 'change bob@example.org 2G'
start_sandbox
says 4 'ok changed' 'change bob@example.org 2G'
exec 3>&-
wait "${pids[0]}" || fail "it ended with $?"

# Somebody else is faster; and the server falls silent when it has the request, and carries it out when it wakes.
way() { # COMMAND...: another way to the server, on which it is given before each change
	rm -f "$scratch/way"
	python3 "$SOURCE_DIR/tests/support/meanwhile.py" "$scratch/way" "$scratch/s/ldapi" "$@" &
	pids+=($!)
	wait_for 30 test -S "$scratch/way"
}
sed "s|^uri.*|uri = ldapi://${scratch//\//%2F}%2Fway|" "$scratch/conf/service.conf" >"$scratch/conf/way.conf"
{ cat "$scratch/conf/way.conf"; echo 'timeout = 3'; } >"$scratch/conf/short.conf"
way ldapmodify -Q -Y EXTERNAL -H "$uri"
answers way later 'change bob@example.org 3G'
[ "$(shown bob@example.org quota)" = 2G ] || fail "it changed what somebody else had changed"
kill "${pids[-1]}"
server=$(cat "$scratch/s/slapd.pid")
way kill -STOP "$server"
answers short doubt 'change bob@example.org 3G'
kill -CONT "$server"
kill "${pids[-1]}"
wait_for 30 eval "provide 'change bob@example.org 3G' | grep -qx 'ok unchanged'"
echo "ok: provision"

# ---- a nightly report

report() { MAILCTL_CONFIG=$scratch/conf/${1-service}.conf "$scratch/nightly_report"; }
reports() { # STATUS EXPECTED [CONFIGURATION]
	local got status=0
	got=$(report "${3-service}" 2>/dev/null) || status=$?
	[ "$status" = "$1" ] || fail "nightly_report ended with $status, not $1: $got"
	diff - <(cat <<<"$got") <<<"$2" || fail "nightly_report says something else"
}
folder() { mkdir -p "$scratch/mail/example.org/$1"/{cur,new,tmp}; }
folder bob
folder dan
printf '1048576S\n2097152 3\n' >"$scratch/mail/example.org/dan/maildirsize"
installed mailbox set dan@example.org --quota 1M -q
installed mailbox disable eve@example.org --reason manual -q
installed expiry set fay@example.org --date +5d >/dev/null
end=$(shown fay@example.org expires)
all="domain example.org: 6 mailboxes, 5 active, 1 stopped, 0 expired; 1 end soon
ends fay@example.org: $end, in 6 days
over-quota dan@example.org: 2.0 MiB in 3 messages, of 1M"
reports 0 "$all"
ln -s /etc "$scratch/mail/example.org/gus"
MAILCTL_CONFIG=$scratch/conf/service.conf "$scratch/nightly_report" >"$scratch/out" && fail "what cannot be read is no failure"
[ "$(grep -v '^unread' "$scratch/out")" = "$all" ] || fail "it says something else: $(cat "$scratch/out")"
grep -q '^unread gus@example.org: ' "$scratch/out" || fail "it says nothing of what it cannot read: $(cat "$scratch/out")"
rm "$scratch/mail/example.org/gus"
touch -d '+1 hour' "$scratch/mail/example.org/dan/cur"
MAILCTL_CONFIG=$scratch/conf/service.conf faketime -f +200d "$scratch/nightly_report" >"$scratch/out" || fail "it ended with $?"
[ "$(grep -c '^unused .*: never$' "$scratch/out")" = 4 ] && grep -q '^unused dan@example.org: since 20' "$scratch/out" || fail "half a year later: $(cat "$scratch/out")"
status=0
MAILCTL_CONFIG=$scratch/conf/service.conf "$scratch/nightly_report" >/dev/full 2>&1 || status=$?
[ "$status" = 74 ] || fail "on a full disk it ends with $status"
reports 75 '' away
reports 78 '' broken
sed '/^bind-password-file/d' "$scratch/conf/reader.conf" >"$scratch/conf/stranger.conf"
(umask 077 && echo wrong >"$scratch/wrong")
echo "bind-password-file = $scratch/wrong" >>"$scratch/conf/stranger.conf"
reports 77 '' stranger

# What it takes does not grow with the number of mailboxes.
most_memory() { python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' env MAILCTL_CONFIG="$scratch/conf/service.conf" "$scratch/nightly_report"; }
few=$(most_memory)
installed domain add many.example.org -q
installed export --domain example.org >"$scratch/some.ldif" 2>/dev/null
awk -v RS= '/^dn: mail=bob@/ { for (i = 0; i < 3000; i++) { r = $0; gsub(/bob/, "u" i, r); gsub(/example\.org/, "many.example.org", r); print r "\n" } }' "$scratch/some.ldif" >"$scratch/many.ldif"
installed import "$scratch/many.ldif" --yes -q
report >"$scratch/out"
grep -q '^domain many.example.org: 3000 mailboxes, 3000 active' "$scratch/out" || fail "there are not as many: $(cat "$scratch/out")"
many=$(most_memory)
[ $((many - few)) -lt 2048 ] || fail "$few KiB for 6 mailboxes, and $many for 3006"
echo "ok: nightly_report, $few KiB for 6 mailboxes, $many for 3006"

# ---- a daemon that changes passwords

password() { (umask 077 && echo "$2" >"$scratch/password") && installed mailbox password "$1@example.org" --password-file "$scratch/password" --yes "${@:3}" >/dev/null; }
start_daemon() { # WORKERS
	MAILCTL_CONFIG=$scratch/conf/${2-service}.conf "$scratch/password_daemon" "$scratch/door" "$1" 2>"$scratch/said" &
	daemon=$!
	pids+=("$daemon")
	wait_for 30 test -S "$scratch/door"
}
ask() { # LINE...: what is answered
	printf '%s\n' "$@" | python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read())
if sys.argv[2] == "and waits": s.recv(1)
s.shutdown(socket.SHUT_WR)
print(s.makefile().read(), end="")' "$scratch/door" "${how-}"
}
asks() { # EXPECTED LINE...: the beginning of the answer
	local got
	got=$(ask "${@:2}") || fail "no answer to: ${*:2}"
	[[ $got == $1* ]] || fail "it answers: $got"
	[ "$(wc -l <<<"$got")" = 1 ] || fail "it answers in lines: $got"
}
logs_in() { ldapwhoami -x -H "$uri" -D "mail=$1@example.org,vd=example.org,o=hosting,$base" -w "$2" >/dev/null 2>&1; }
workers() { cat "/proc/$daemon/task/$daemon/children"; }
number_of_workers() { [ "$(workers | wc -w)" = "$1" ]; }
first='a quiet walk in May' second='another walk in June'

password bob "$first"
start_daemon 3
[ "$(stat -c %a "$scratch/door")" = 660 ] || fail "the socket is for everybody"
number_of_workers 3 || fail "it has not three workers"
how='and waits' ask bob@example.org >"$scratch/waits" 2>&1 & # holds a worker, for as long as it is let
asks 'no ' bob@example.org wrong "$second"
asks 'no ' nobody@example.org "$first" "$second"
[ "$(ask bob@example.org wrong "$second")" = "$(ask nobody@example.org "$first" "$second")" ] || fail "it tells who has a mailbox"
asks 'no ' bob@example.org "$first" short
asks 'no ' bob@example.org "$first" 'bob example bob'
asks 'no ' bob "$first" "$second"
asks 'no ' bob@example.org "$first"
asks 'no ' ''
logs_in bob "$first" || fail "what was refused has changed the password"
asks ok bob@example.org "$first" "$second"
logs_in bob "$second" || fail "it has not changed the password"
logs_in bob "$first" && fail "the old password goes on"
[ "$(installed log bob@example.org --fields action,job --limit 1 -o csv | tail -n 1)" = 'password set,password daemon' ] || fail "its journal: $(installed log bob@example.org)"

# As many as there are workers at once, and more: none has the answer of another one.
for who in cat dan fay gus; do password "$who" "$first"; done
asking=()
for who in cat dan fay gus; do
	ask "$who@example.org" "$first" "$second for $who" >"$scratch/answer.$who" &
	asking+=($!)
done
wait "${asking[@]}"
for who in cat dan fay gus; do
	[ "$(cat "$scratch/answer.$who")" = ok ] && logs_in "$who" "$second for $who" || fail "of several at once: $(cat "$scratch/answer.$who")"
done

# One is held for too long, and one is killed: there are others, and soon three again.
wait_for 30 grep -q 'was ended by Alarm clock' "$scratch/said"
wait_for 10 number_of_workers 3
kill -9 "$(workers | cut -d" " -f1)"
asks ok bob@example.org "$second" "$first"
wait_for 10 grep -q 'was ended by Killed' "$scratch/said"
wait_for 10 number_of_workers 3

stop_sandbox
asks later bob@example.org "$first" "$second"
start_sandbox
asks ok bob@example.org "$first" "$second"

# There is one at a time; it ends with what it has begun, and leaves nothing.
MAILCTL_CONFIG=$scratch/conf/service.conf "$scratch/password_daemon" "$scratch/door" 1 2>"$scratch/second" && fail "two daemons have one socket"
grep -q 'is that of another daemon' "$scratch/second" || fail "the second one says: $(cat "$scratch/second")"
kill "$daemon"
wait "$daemon" || fail "it ended with $?"
[ ! -e "$scratch/door" ] || fail "it left its socket"
start_daemon 1 way
way sh -c "kill $daemon; sleep 0.5"
asks ok bob@example.org "$second" "$first"
wait "$daemon" || fail "it ended with $?"

# Where it is killed, its workers go as well, and the next one takes its place.
start_daemon 2
orphans=$(workers)
disown "$daemon"
kill -9 "$daemon"
for orphan in $orphans; do wait_for 10 eval "! kill -0 $orphan 2>/dev/null"; done
start_daemon 1
asks ok bob@example.org "$first" "$second"

# A server with a policy of its own: the help desk gives out a password by which nothing can be done but to set another one.
stop_sandbox
sed -e 's|^moduleload argon2|&\nmoduleload ppolicy|' -e "/^include.*limits.conf/i rootdn cn=overlays,$base\noverlay ppolicy\nppolicy_default cn=policy,$base" "$scratch/s/slapd.conf" >"$scratch/policy.conf"
printf '%s\n' "dn: cn=policy,$base" 'objectClass: device' 'objectClass: pwdPolicy' 'cn: policy' 'pwdAttribute: userPassword' 'pwdMustChange: TRUE' |
	slapadd -q -f "$scratch/policy.conf" -b "$base"
slapd -s 0 -d none -f "$scratch/policy.conf" -h "$uri" 2>/dev/null &
pids+=($!)
wait_for 30 eval 'installed whoami >/dev/null 2>&1'
password bob "$first" --require-change
asks 'no ' bob@example.org "$first" short
asks ok bob@example.org "$first" "$second"
ldapsearch -x -H "$uri" -D "mail=bob@example.org,vd=example.org,o=hosting,$base" -w "$second" -b "mail=bob@example.org,vd=example.org,o=hosting,$base" -s base cn 2>&1 |
	grep -q '^cn:' || fail "the owner has set another password, and can do nothing yet"
kill "$daemon"
wait "$daemon"

MAILCTL_CONFIG=$scratch/conf/broken.conf "$scratch/password_daemon" "$scratch/door" 2>/dev/null && fail "it runs by broken settings"
[ ! -e "$scratch/door" ] || fail "it opens a door before it has read its settings"
echo "ok: password_daemon"
