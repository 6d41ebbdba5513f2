#!/bin/bash
# mbox2maildir against mb2md: one mbox of 205 MB to new Maildirs, in memory and on disk. Writes its part of RESULTS.md.
# usage: tests/bench/mbox.sh     MESSAGES=20000 BYTES=205000000 ROUNDS=5 DISK=/var/tmp are the defaults
# ext4 passes over inodes that were freed within the last five minutes, one by one: a second run within that time wants another DISK folder.
. "$(dirname "$0")/migration.bash"
messages=${MESSAGES:-20000} bytes=${BYTES:-205000000}

make_scratch memory /dev/shm
make_scratch disk "${DISK:-/var/tmp}"
mbox=$memory/mbox
"$here/make_mbox.py" --messages "$messages" --bytes "$bytes" "$mbox"
# The original is read from memory in all cases: the disk is for what is written.
mb2md="perl $reference/usr/bin/mb2md -s $mbox -d"
ours="mbox2maildir -q --report /dev/null"

compare() { python3 "$here/compare.py" --rounds "$rounds" --ours mbox2maildir --results "$results" "$@"; }

results_for mbox
compare --title "$messages messages, $((bytes / 1000000)) MB, in memory" --target mb2md=5 --after "rm -rf $memory/out.*" \
	"mbox2maildir=$ours $mbox $memory/out.ours" "mb2md=$mb2md $memory/out.mb2md"
# Nothing is removed in between: behind a large removal ext4 creates files 5 to 10 times slower. And each finds a disk that has no work left: one syncfs
# would wait for what the other program has left in memory.
compare --title "the same on disk ($(findmnt -no FSTYPE -T "$disk")), neither waits for the disk" --target mb2md=3 --after "sync -f $disk" \
	"mbox2maildir=$ours --no-sync $mbox $disk/fast.\$RUN" "mb2md=$mb2md $disk/mb2md.\$RUN"
compare --title "the same on disk, mbox2maildir durably, mb2md not" --target mb2md=2.5 --after "sync -f $disk" \
	"mbox2maildir=$ours $mbox $disk/durable.\$RUN" "mb2md=$mb2md $disk/mb2md-again.\$RUN"
