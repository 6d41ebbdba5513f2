#!/bin/bash
# What is counted in the log of a site, in each form, is what regular expressions count in it; also while it grows, is rotated and compressed.
set -euo pipefail
: "${ACTIVITY_EVENTS:?the path of activity-events}"
support=$(cd "$(dirname "$0")/../support" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
fail() { echo "FAIL: $*"; exit 1; }

make_log() { python3 "$support/make_mail_log.py" "$@"; }
read_log() { "$ACTIVITY_EVENTS" "$@" || fail "activity-events $*"; }
is_same() { # WHAT FILE FILE
	[ -s "$2" ] || fail "$1: there is nothing"
	cmp -s "$2" "$3" || fail "$1: $(diff "$2" "$3" | head -n 5)"
}

# ---- every sum, in November, over a new year, and over an hour that the clocks show twice

count() { # NAME ZONE END
	local name=$1 zone=$2 end=$3 form
	for form in syslog rfc3339 json; do
		make_log 20000 --seed=7 --days=3 --zone="$zone" --end="$end" --form="$form" >"$name.$form"
		read_log --now="$end" --zone="$zone" sums "$name.$form" >"$name.$form.sums"
		is_same "$name, another form" "$name.syslog.sums" "$name.$form.sums"
	done
	python3 "$support/count_mail_log.py" --now="$end" --zone="$zone" "$name.syslog" >"$name.oracle"
	is_same "$name, another count" "$name.oracle" "$name.syslog.sums"
}
count November UTC 1795964400
count year Europe/Rome 1767441600
count summer Europe/Rome 1793062800
python3 "$support/count_mail_log.py" --now=1795964400 November.json >json.oracle
is_same 'journald, another count' json.oracle November.json.sums

# ---- in pieces

# It is cut where it comes, in lines and between them, and each time all that is there is read.
read_log --now=1795964400 --zone=UTC events November.syslog >whole
split -n l/4 November.syslog part.
now() { read_log --now=1795964400 --zone=UTC --memory=memory events "$@" >>pieces; }
RANDOM=7 rotated=()
for part in part.a?; do
	: >mail.log
	for _ in {1..4}; do
		have=$(stat -c %s mail.log) all=$(stat -c %s "$part")
		tail -c +$((have + 1)) "$part" | head -c $((RANDOM * (all - have) / 32768 + 1)) >>mail.log || :
		now "${rotated[@]}" mail.log
	done
	cp "$part" mail.log
	mv mail.log "$part.log"
	now "${rotated[@]}" "$part.log"
	case $part in
		*[ac]) gzip "$part.log"; rotated+=("$part.log.gz") ;;
		*b) zstd -q --rm "$part.log"; rotated+=("$part.log.zst") ;;
		*) rotated+=("$part.log") ;;
	esac
done
now "${rotated[@]}"
is_same 'in pieces' whole pieces
zcat part.aa.log.gz | now -
is_same 'the same again, as it comes' whole pieces

echo "ok: $(wc -l <whole) events, $(cat ./*.sums | wc -l) sums"
