#!/bin/bash
# What a purge and a restore of one big mailbox cost: MESSAGES messages (20000) that are MEGABYTES together (1000), half of each as random as an attachment is. By the clock, by the time of the
# processors, and the most memory of any program; beside them tar and zstd. usage: archive.sh [MESSAGES [MEGABYTES]]
MAILCTL=${MAILCTL:-$(cd "${BASH_SOURCE%/*}/../.." && pwd)/build/bin/mailctl}
. "${BASH_SOURCE%/*}/../tools/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../tools/mail_folders.bash"
messages=${1:-20000} megabytes=${2:-1000}
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
removed big@example.org 50
timed() { # NAME COMMAND...
	sync
	/usr/bin/time -f '%e %U %S %M' "${@:2}" >/dev/null 2>"$scratch/time" || { cat "$scratch/time"; exit 1; }
	tail -n 1 "$scratch/time" | awk -v name="$1" -v mb="$megabytes" '{ printf "%s: %.1f s by the clock (%.0f MB/s), %.1f s of processors, %.1f MB of memory\n", name, $1, mb / $1, $2 + $3, $4 / 1024 }'
}
timed 'tar and zstd' sh -c 'tar -C "$1" -cf - . | zstd -q >"$2"' sh "$mail/example.org/big" "$scratch/beside.tar.zst"
timed purge "$MAILCTL" purge --yes
archive=$(archive_of big@example.org)
echo "the archive: $(($(stat -c %s "$archive") / 1000000)) MB; of tar and zstd: $(($(stat -c %s "$scratch/beside.tar.zst") / 1000000)) MB"
timed restore "$MAILCTL" restore --archive "$archive"
[ "$(find "$mail/example.org/big/cur" -type f | wc -l)" = "$messages" ] || { echo 'it did not come back'; exit 1; }
