#!/bin/bash
# A purge and a restore that are killed at any moment, both: no mail is lost at any time, and the same command, given again, finishes.
#
#     VMAIL_CUT_ROUNDS=200 mailctl_purge_cut.sh    more of it than in each run of the tests
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/mail_folders.bash"
type ldapmodify zstd >/dev/null || exit 77
start_sandbox
mailctl domain add example.org -q
RANDOM=${VMAIL_SEED-4711}
names=(a b c)
for name in "${names[@]}"; do
	printf 'Blue-Kettle-%s\n' "$RANDOM$RANDOM" | mailctl mailbox add $name@example.org --password-stdin -q
	deliver example.org/$name $name
	for n in $(seq 40); do head -c 20000 /dev/urandom >"$mail/example.org/$name/cur/m$n.host:2,S"; done
	own
	tree_of "$mail/example.org/$name" >"$scratch/$name.before"
done

# killed MILLISECONDS COMMAND...: after that time; what it has started dies with it.
killed() {
	local after=$1
	shift
	{ timeout -s KILL "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))" "$MAILCTL" "$@"; } >/dev/null 2>&1
}
whole() { # ARCHIVE NAME: it is complete, and holds that mail
	rm -rf "$scratch/unpacked" && mkdir "$scratch/unpacked"
	zstd -dqc "$1" 2>/dev/null | tar -x --same-permissions -C "$scratch/unpacked" 2>/dev/null || return 1
	tree_of "$scratch/unpacked/mail" | diff -q "$scratch/$2.before" - >/dev/null
}
lies_at() { [ -d "$1" ] && tree_of "$1" | diff -q "$scratch/$2.before" - >/dev/null; }
# Its mail is somewhere, whole; and what has no entry has an archive.
# Whoever was killed may hold the lock for a moment more, until what it was about to start has ended: 75 is to be tried again.
again() { # COMMAND...
	local try status
	for try in $(seq 100); do
		out=$("$MAILCTL" "$@" 2>"$scratch/said") && return
		status=$?
		[ "$status" = 75 ] && grep -F 'holds the lock' "$scratch/said" >/dev/null || return "$status"
		sleep 0.1
	done
	return "$status"
}
nothing_lost() {
	local name=$1 trash
	if [ -n "$(entry_of $name@example.org)" ]; then
		lies_at "$mail/example.org/$name" $name && return
		for trash in "$mail"/.vmail-trash/*; do lies_at "$trash" $name && return; done
	fi
	[ -n "$(archive_of $name@example.org)" ] && whole "$(archive_of $name@example.org)" $name && return
	fail "round $round: the mail of $name is lost"
}

# How long they take here, whole: the moments are between its beginning and its end.
milliseconds() { echo $(($(date +%s%N) / 1000000)); }
for name in "${names[@]}"; do removed $name@example.org 50; done
began=$(milliseconds)
run 0 mailctl purge --yes
purge_takes=$(($(milliseconds) - began))
for name in "${names[@]}"; do
	began=$(milliseconds)
	run 0 mailctl restore --archive "$(archive_of $name@example.org)"
	restore_takes=$(($(milliseconds) - began))
done

for round in $(seq "${VMAIL_CUT_ROUNDS-8}"); do
	rm -f "$archives"/*
	for name in "${names[@]}"; do removed $name@example.org 50; done
	killed "$((RANDOM % purge_takes + 1))" purge --yes
	for name in "${names[@]}"; do nothing_lost $name; done
	again purge --yes || fail "round $round: purge: $(cat "$scratch/said")"
	for name in "${names[@]}"; do
		[ -z "$(entry_of $name@example.org)" ] && [ ! -e "$mail/example.org/$name" ] || fail "round $round: $name is not purged"
		whole "$(archive_of $name@example.org)" $name || fail "round $round: the archive of $name is not whole"
	done
	[ -z "$(ls -A "$mail/.vmail-trash")" ] || fail "round $round: the trash holds $(ls "$mail/.vmail-trash")"
	[ "$(find "$archives" -type f | wc -l)" = ${#names[@]} ] || fail "round $round: more archives: $(ls -A "$archives")"
	for name in "${names[@]}"; do
		archive=$(archive_of $name@example.org)
		killed "$((RANDOM % restore_takes + 1))" restore --archive "$archive"
		nothing_lost $name
		# What was done to its end is not done again.
		again restore --archive "$archive" -q
		case $? in 0) ;; 73) grep -F exists "$scratch/said" >/dev/null || fail "round $round: $(cat "$scratch/said")" ;; *) fail "round $round: restore of $name: $(cat "$scratch/said")" ;; esac
		lies_at "$mail/example.org/$name" $name || fail "round $round: the mail of $name did not come back"
		run 0 mailctl mailbox show $name@example.org
	done
	again purge --yes || fail "round $round: $(cat "$scratch/said")" # clears what a killed restore had half unpacked
	[ -z "$(ls -A "$mail/.vmail-trash")" ] || fail "round $round: the trash holds $(ls "$mail/.vmail-trash")"
done
finish
