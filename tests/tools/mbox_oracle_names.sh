#!/bin/bash
# Dovecot opens every folder that mbox2maildir makes, of mboxes with generated names: by SELECT, as it lists some that it does not open.
# usage: mbox_oracle_names.sh [PATH-OF-MBOX2MAILDIR [SEED [COUNT]]]
set -euo pipefail

. "$(dirname -- "$0")/../support/mbox_oracle.bash"
begin_oracle 300 "$@"

python3 "$root/tests/support/folder_names.py" make "$dir/mail" "$seed" "$count"
serve_maildirs
status=0
"$mbox2maildir" --no-sync --report "$dir/report" "$dir/mail" "$dovecot_mail/ada" || status=$?
# Some become one folder, and the second one is left out.
[ "$status" -eq 1 ] || { echo "exit status $status"; exit 1; }
left_out=$(grep -c ': SKIP name-taken' "$dir/report")
converted=$(sed -n 's/^all .* = \([0-9]*\) converted.*/\1/p' "$dir/report")
[ $((left_out + converted)) -eq "$count" ] || { echo "$converted converted, $left_out left out"; exit 1; }
give_to_dovecot "$dovecot_mail/ada"
python3 "$root/tests/support/folder_names.py" open "$dovecot_mail/ada" "$dovecot_imap" ada secret
