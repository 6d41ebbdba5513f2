#!/bin/bash
# New passwords for many mailboxes, hashed as yescrypt, against as many hashes by crypt(3) alone, one after the other. Writes its part of RESULTS.md.
# usage: tests/bench/passwords.sh     COUNT=200 ROUNDS=5 are the defaults
ACCOUNTS=${COUNT:-200}
. "$(dirname "$0")/reading.bash"
names_of "$accounts" >"$scratch/names"
cat >"$scratch/hashes.py" <<'PYTHON'
import ctypes, os, sys
crypt = ctypes.CDLL("libcrypt.so.1")
crypt.crypt_gensalt.restype = crypt.crypt.restype = ctypes.c_char_p
for _ in range(int(sys.argv[1])):
    assert crypt.crypt(os.urandom(9).hex().encode(), crypt.crypt_gensalt(b"$y$", 0, None, 0)).startswith(b"$y$j9T$")
PYTHON
results_for passwords
compare "$accounts passwords, $(nproc) processors" --items "$accounts" --target 'crypt(3)=1.6' \
	"mailctl=$MAILCTL mailbox password - --generate-password --max-changes none --yes <$scratch/names" "crypt(3)=python3 $scratch/hashes.py $accounts"
