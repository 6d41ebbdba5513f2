#!/bin/bash
# The dates of automatic answers are followed for who reads none: once, for those alone whose window changes, and never against who has switched his answer off.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
type faketime ldapmodify >/dev/null || exit 77
start_sandbox
eval "$(mailctl sandbox env)"
printf 'away\n' >"$scratch/message"
printf 'ann-secret\n' >"$scratch/password"
chmod 600 "$scratch/password"
dn() { echo "mail=$1@example.org,vd=example.org,o=hosting,$LDAPBASE"; }
# raw WHO LINE...: what Phamm's page or anybody else writes, who knows nothing of us
raw() {
	local who=$1
	shift
	{ printf 'dn: %s\nchangetype: modify\n' "$(dn "$who")"; printf '%s\n' "$@"; } | ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null || fail "ldapmodify of $who"
}
tick() { raw "$1" 'replace: vacationActive' "vacationActive: $2"; }
# What gnarwl finds: the filter of the file that we print, the same without what only it fills in.
filter=$(mailctl config gnarwl 2>/dev/null -b "$LDAPBASE" | sed -n 's/^queryfilter //p')
answers() { # WHO...: those who are answered for, and no others
	local got
	got=$(ldapsearch -Q -Y EXTERNAL -H "$LDAPURI" -b "o=hosting,$LDAPBASE" -LLL -o ldif-wrap=no "${filter//\$recepient/*}" mail | sed -n 's/^mail: \(.*\)@.*/\1/p' | sort | xargs)
	[ "$got" = "$*" ] || fail "answers are sent for <$got>, not for <$*>"
}
all() { ldapsearch -Q -Y EXTERNAL -H "$LDAPURI" -b "o=hosting,$LDAPBASE" -LLL -o ldif-wrap=no | sort | cksum; }
settled() { # a second run changes nothing
	local before
	before=$(all)
	run 0 "$@" -o json
	parses "$out"
	says '"changed":false'
	[ "$(all)" = "$before" ] || fail "$last: a second run changes something"
}
day() { date -d "$1 days" +%F; }
windows() { faketime "$1" "$MAILCTL" vacation run --accept-clock "${@:2}"; } # back and forth

run 0 mailctl domain add example.org
who='ever now future past off phamm early late whole malformed'
for user in $who; do run 0 mailctl mailbox add "$user@example.org" --password-file "$scratch/password"; done
set_() { run 0 mailctl vacation set "$1@example.org" --message-file "$scratch/message" "${@:2}"; }
set_ ever
set_ now --from "$(day -1)" --until "$(day +1)"
set_ future --from "$(day +3)" --until "$(day +6)"
set_ past --from "$(day -5)" --until "$(day -1)"
set_ off --from "$(day +3)"
tick off FALSE
set_ whole --from "$(day +2)" --until "$(day +3)"

echo "== what waits from the start is not answered for, and says that it waits"
answers ever now past
for pair in ever:answers now:answers future:waits past:over off:off; do
	run 0 mailctl vacation show "${pair%:*}@example.org" -o csv --fields vacation_status
	says "${pair#*:}"
done
run 0 mailctl vacation list -o name
says future@example.org
# Phamm's page writes dates and a tick, and knows nothing of ours.
set_ phamm
raw phamm 'replace: vacationStart' "vacationStart: $(date -d '+3 days' +%Y%m%d)0000"
set_ malformed
raw malformed 'replace: vacationStart' 'vacationStart: 209913010000'
answers ever malformed now past phamm

echo "== a dry run changes nothing"
before=$(all)
run 2 mailctl vacation run -n --detailed-exitcode
says 'vacationActive: FALSE'
[ "$(all)" = "$before" ] || fail 'a dry run writes'
run 0 mailctl vacation run
says 'past@example.org  closed'
says 'phamm@example.org  waiting'
complains 'malformed@example.org: '
[[ $out != *now@* && $out != *ever@* && $out != *future@* ]] || fail "those are told whose window does not change: $out"
answers ever malformed now
run 0 mailctl vacation show past@example.org -o csv --fields vacation_status
says off
settled mailctl vacation run

echo "== on the day they open, however late; who switched his off stays off; what was missed as a whole never opens"
run 0 windows "$(day +3) 12:00" -q
answers ever future malformed phamm whole # whole: its last minute has not passed
settled windows "$(day +3) 12:00"
tick whole FALSE
raw whole 'replace: vacationStart' "vacationStart: $(date -d '+8 days' +%Y%m%d%H%M)" - 'replace: vacationEnd' "vacationEnd: $(date -d '+9 days' +%Y%m%d%H%M)"
tick whole TRUE
run 0 windows "$(day +4)"
says 'whole@example.org  waiting'
tick off TRUE
run 0 windows "$(day +4)" -q
run 0 windows "$(day +30)"
says 'future@example.org  closed'
says 'whole@example.org  closed'
[[ $out != *whole@example.org*opened* ]] || fail 'a window that was missed was opened'
answers ever malformed off phamm

echo "== what waits is switched off by the owner in any way, and is off then"
set_ early --from "$(day +3)"
set_ late --from "$(day +3)"
tick early FALSE
tick late FALSE # as the page does it: off, on again and off, with the dates as they are
tick late TRUE
tick late FALSE
run 0 windows "$(day +1)"
says 'early@example.org  forgotten'
run 0 windows "$(day +4)" -q
answers ever malformed off phamm
run 0 mailctl vacation show late@example.org -o csv --fields vacation_active
says no
set_ early --from "$(day +3)"
run 0 mailctl vacation clear early@example.org
ldapsearch -Q -Y EXTERNAL -H "$LDAPURI" -b "$(dn early)" -LLL objectClass | grep vmailVacationWaits >/dev/null && fail 'clear does not forget that it waited'

echo "== an owner's own, and an imported one"
as() { mailctl -H "$LDAPURI" -b "$LDAPBASE" -D "$(dn "$1")" -y "$scratch/password" "${@:2}"; }
run 0 as early vacation set early@example.org --from "$(day +3)" --message-file "$scratch/message"
answers ever malformed off phamm
run 0 as early vacation set early@example.org --from "$(day -3)"
answers early ever malformed off phamm
run 0 as early vacation clear early@example.org
printf 'version: 1\nmailboxes:\n  - {address: new@example.org, vacation_active: true, vacation_start: "%s 08:00", vacation_message: gone}\n' "$(day +3)" >"$scratch/new.yaml"
run 0 mailctl apply "$scratch/new.yaml" --yes
answers ever malformed off phamm
run 0 mailctl mailbox set ever@example.org --description 'no dates'
answers ever malformed off phamm

echo "== the cap, the lock, the clock, and back again"
rm "$MAILCTL_SANDBOX"/state/mailctl-vacation-*.state # which has seen days to come
for i in $(seq 12); do echo "address,vacation_active,vacation_end,vacation_message
m$i@example.org,true,$(day -1) 08:00,gone"; done | sed '3,${/^address/d}' >"$scratch/many.csv"
run 0 mailctl import -q "$scratch/many.csv"
# As after the holidays: no more at once, those that were over first, and the next run goes on.
for n in 3 7; do run 0 mailctl vacation set m$n@example.org --until "$(day -2) 08:00" 2>/dev/null; done
run 0 mailctl vacation run --max-changes 2 -n
complains 'm3@example.org closed (dry run)'
run 0 mailctl vacation run --max-changes 2
says 'm3@example.org  closed'
says 'm7@example.org  closed'
complains '10 answers that are over are left for the next run'
run 0 mailctl vacation run --max-changes 9
complains '1 answer that is over is left for the next run'
run 65 mailctl vacation run --max-changes many
run 0 mailctl vacation run
run 0 mailctl vacation run
silent
for i in $(seq 12); do run 0 mailctl vacation set m$i@example.org --until "$(day -1) 08:00" 2>/dev/null; done
run 0 mailctl vacation run
complains '12 closed'
run 0 mailctl undo "$(latest)" --yes --max-changes none
run 0 mailctl vacation show m1@example.org -o csv --fields vacation_status
says over
run 0 mailctl vacation run --max-changes none -q
run 69 faketime -f -10m "$MAILCTL" vacation run
complains 'the clock of this machine'
run 0 faketime -f -10m "$MAILCTL" vacation run --accept-clock
run 67 mailctl vacation run --domain nowhere.example
run 0 mailctl vacation run --domain example.org
mkdir -p "$scratch/lock"
MAILCTL_LOCK_DIR=$scratch/lock run 0 mailctl vacation run
exec 9<"$(find "$scratch/lock" -type f | head -1)"
flock 9
MAILCTL_LOCK_DIR=$scratch/lock run 75 mailctl vacation run
exec 9<&-

echo "== the site's own zone"
set_ now --from '2031-07-01 00:30' --until '2031-07-01 01:00'
run 69 env MAILCTL_TIME_ZONE=Europe/Rome faketime '2031-06-30 22:29' "$MAILCTL" vacation run -q --max-changes none
run 0 env MAILCTL_TIME_ZONE=Europe/Rome faketime '2031-06-30 22:29' "$MAILCTL" vacation run -q --max-changes none --accept-clock
run 0 mailctl vacation list --filter '(objectClass=vmailVacationWaits)' -o name
says now@example.org
run 0 env MAILCTL_TIME_ZONE=Europe/Rome faketime '2031-06-30 22:30' "$MAILCTL" vacation run
says 'now@example.org  opened'
run 0 env MAILCTL_TIME_ZONE=Europe/Rome faketime '2031-06-30 23:00:05' "$MAILCTL" vacation run
silent
run 0 env MAILCTL_TIME_ZONE=Europe/Rome faketime '2031-06-30 23:01' "$MAILCTL" vacation run
says 'now@example.org  closed'
finish
