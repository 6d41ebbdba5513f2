#!/bin/bash
# The machine's time zone, as all four programs understand TZ: as date(1) does, or they refuse it.
# usage: time_zone.sh [FOLDER-OF-THE-PROGRAMS]
set -euo pipefail

bin=${1:-$(dirname -- "${MAILCTL:?give the folder of the programs}")}
dir=$(mktemp -d)
trap 'rm -rf -- "$dir"' EXIT
export LC_ALL=C HOME=$dir MAILCTL_CONFIG=/dev/null

failures=0
check() { # WHAT WANTED GOT
	[ "$2" = "$3" ] && return
	printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
	failures=$((failures + 1))
}
printf 'ada:*:1000:100:Ada Bressan:/home/ada:/bin/sh\n' >"$dir/passwd"
moments=('1999-01-15 12:00' '1999-07-15 12:00' '2026-01-15 12:00' '2026-07-15 12:00')
for moment in "${moments[@]}"; do
	printf 'From a@b %s\nSubject: x\n\nx\n\n' "$(TZ=UTC date -d "$moment" '+%a %b %e %H:%M:%S %Y')"
done >"$dir/mbox"
mail_times() { rm -rf -- "$dir/Maildir"; "$bin/mbox2maildir" -q --no-sync "$@" "$dir/mbox" "$dir/Maildir" && find "$dir/Maildir/new" -type f -printf '%Ts\n' | sort -n | tr '\n' ' '; }
expiry() { "$bin/nis2ldif" --domain example.org --base dc=example --passwd "$dir/passwd" --expires 2026-07-15 "$@" 2>"$dir/err" | sed -n 's/^expireDate: //p'; }
zone_of_mailctl() { "$bin/mailctl" config show -o csv "$@" | sed -n 's/^time-zone,\([^\r]*\).*/\1/p'; }

# ---- what date(1) understands
mkdir "$dir/copies"
values=(Europe/Rome :Europe/Rome posix/America/New_York '' UTC UTC0 GMT-0 CET-1 '<-03>3' EST5EDT /usr/share/zoneinfo/Asia/Tokyo posixrules)
for zone in Europe/Rome Asia/Kolkata America/Sao_Paulo Australia/Lord_Howe Pacific/Apia UTC; do
	cp -L -- "/usr/share/zoneinfo/$zone" "$dir/copies/${zone/\//_}"
	values+=("$dir/copies/${zone/\//_}" ":$dir/copies/${zone/\//_}")
done
for value in "${values[@]}"; do
	wanted=$(for moment in "${moments[@]}"; do TZ=$value date -d "$moment" +%s; done | sort -n | tr '\n' ' ')
	check "times of mail, TZ=$value" "$wanted" "$(TZ=$value mail_times)"
	midnight=$(TZ=$value date -d '2026-07-16 00:00' +%s)
	check "a last day, TZ=$value" "$(date -u -d "@$midnight" +%Y%m%d%H%M%S)" "$(TZ=$value expiry)"
	name=$(TZ=$value zone_of_mailctl)
	check "the zone of mailctl, TZ=$value ($name)" "$wanted" "$(for moment in "${moments[@]}"; do TZ=$name date -d "$moment" +%s; done | sort -n | tr '\n' ' ')"
done

# ---- what it does not, or what means something else than it seems to
printf 'no zone\n' >"$dir/copies/none"
refused() { # STATUS COMMAND...
	local status=0
	"${@:2}" >"$dir/out" 2>"$dir/err" || status=$?
	check "status of $(basename -- "$2"), TZ=$TZ" "$1" "$status"
	check "its sentence, TZ=$TZ" 1 "$(grep -c 'error: .*TZ is .*, which names no time zone' "$dir/err")"
	check "its hint, TZ=$TZ" 1 "$(grep -c 'hint: .*Europe/Rome' "$dir/err")"
}
for value in CET-1CEST :CET-1CEST CET-1CEST,M3.5.0,M10.5.0/3 IST-5:30 Nowhere/City europe/rome /nowhere right/Europe/Rome "$dir/copies/none" "$dir"; do
	export TZ=$value
	refused 78 "$bin/mailctl" config show
	refused 78 "$bin/mailctl-expire" --dry-run
	refused 78 "$bin/mbox2maildir" "$dir/mbox" "$dir/none"
	refused 78 "$bin/nis2ldif" --domain example.org --base dc=example --passwd "$dir/passwd" --expires 2026-07-15
	check "nothing is made, TZ=$TZ" '' "$(find "$dir" -maxdepth 1 -name 'none*')"
done
export TZ=CET-1CEST
check 'another zone that is given counts' Europe/Rome "$(MAILCTL_TIME_ZONE=Europe/Rome zone_of_mailctl)"
check 'for mail' "$(TZ=Europe/Rome mail_times)" "$(mail_times --time-zone Europe/Rome)"
check 'for expiry' 20260715220000 "$(expiry --time-zone Europe/Rome)"
"$bin/nis2ldif" --domain example.org --base dc=example --passwd "$dir/passwd" >"$dir/out" 2>"$dir/err"
check 'and none is needed without a date' 1 "$(grep -c '^uid: ada' "$dir/out")"

[ "$failures" -eq 0 ]
