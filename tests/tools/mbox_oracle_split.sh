#!/bin/bash
# Where one mail ends and the next begins: what mbox2maildir makes of generated From_ lines, compared with Dovecot and Python's mailbox module.
# usage: mbox_oracle_split.sh [PATH-OF-MBOX2MAILDIR [SEED [COUNT]]]
set -euo pipefail

. "$(dirname -- "$0")/../support/mbox_oracle.bash"
begin_oracle 600 "$@"

python3 "$root/tests/support/from_lines.py" make "$dir/mail" "$seed" "$count"
chmod -R u=rwX,go= "$dir/mail"
cp -r "$dir/mail" "$dir/served" # Dovecot writes into its mboxes
cat >"$dir/mbox.conf" <<CONF
mail_location = mbox:$dir/served:INDEX=MEMORY
mbox_very_dirty_syncs = no
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = home=$dir/home allow_all_users=yes
}
CONF
give_to_dovecot "$dir/served"
serve_settings "$dir/mbox.conf"

failed=0
compare() { # MODE OPTION...
	local status=0
	"$mbox2maildir" "${@:2}" --no-sync --report "$dir/$1.json" --report-format json "$dir/mail" "$dir/Maildir-$1" || status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 1 ] || { echo "mbox2maildir: exit status $status"; failed=1; return; }
	if grep -q -e '"late-from"' -e '"odd-from"' "$dir/$1.json"; then
		[ "$status" -eq 1 ] || { echo 'a doubt, and exit status 0'; failed=1; }
	fi
	python3 "$root/tests/support/from_lines.py" compare "$dir/mail" "$dir/$1.json" "$dovecot_imap" ada secret "$1" || failed=1
}
compare plain
compare doubtful --split-doubtful
exit "$failed"
