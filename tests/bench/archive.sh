#!/bin/bash
# What a purge and a restore of one big mailbox cost: MESSAGES messages that are MEGABYTES together, half of each as random as an attachment is; beside them tar and zstd. Writes its part of RESULTS.md.
# usage: tests/bench/archive.sh     MESSAGES=20000 MEGABYTES=1000 ROUNDS=3 are the defaults
MAILCTL=${MAILCTL:-$(cd "${BASH_SOURCE%/*}/../.." && pwd)/build/bin/mailctl}
ROUNDS=${ROUNDS:-3}
. "${BASH_SOURCE%/*}/results.bash"
. "${BASH_SOURCE%/*}/../tools/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../tools/mail_folders.bash"
messages=${MESSAGES:-20000} megabytes=${MEGABYTES:-1000}
start_sandbox
mailctl domain add example.org -q
mailctl mailbox add big@example.org --no-password -q
python3 - "$mail/example.org/big" "$messages" "$megabytes" <<'PY'
import os, random, sys
folder, messages, megabytes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for part in ("cur", "new", "tmp"): os.makedirs(f"{folder}/{part}")
size = megabytes * 1000000 // messages
noise, words = os.urandom(8 << 20), b"The quick brown fox jumps over the lazy dog, and says so again.\r\n" * 200000
for n in range(messages):
    at = random.randrange(len(noise) - size)
    with open(f"{folder}/cur/{n}.host:2,S", "wb") as f: f.write(words[:size - size // 2] + noise[at:at + size // 2])
PY
own

# What is there is removed, long ago, without an archive; and the disk has no work left.
ready() {
	if mailctl mailbox show big@example.org >/dev/null 2>&1; then
		rm -rf "$archives"
		removed big@example.org 50
	fi
	sync
}
export -f ready mailctl removed change dn_of archive_of
export MAILCTL archives socket
results_for archive
python3 "$here/compare.py" --rounds "$rounds" --ours purge --results "$results" --before ready --title "a mailbox of $messages messages, $megabytes MB" \
	"tar and zstd=tar -C $mail/example.org/big -cf - . | zstd -q -f -o $scratch/beside.tar.zst" "purge=$MAILCTL purge --yes" "restore=$MAILCTL restore --archive \$(archive_of big@example.org)"
[ "$(find "$mail/example.org/big/cur" -type f | wc -l)" = "$messages" ] || { echo 'it did not come back'; exit 1; }
{
	echo "The archive has $(($(stat -c %s "$(archive_of big@example.org)") / 1000000)) MB, that of tar and zstd $(($(stat -c %s "$scratch/beside.tar.zst") / 1000000)) MB."
	echo
} | tee -a "$results"
