#!/bin/bash
# What mailctl trace says of every address of a mixed directory, and of many that are not there, is what Postfix does with mail to them, and Dovecot with
# what Postfix hands to it; and the way back, by --to, is the same way. TREES="SEED/DELIMITER ..." chooses other directories, DOMAINS how large they are.
. "$(dirname "$0")/server.sh"
phamm_password=$odd_password
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/private_dovecot.bash"
[ "$uid" -eq 0 ] || { echo 'Postfix needs root'; exit 77; }
can_run_dovecot || exit 77
packages=$("$support/unpack-packages" postfix postfix-ldap) || exit 77
trap 'end_dovecots; finish' EXIT
unset "${!MAILCTL_@}"
export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal
chmod 711 "$scratch"

# compare SEED DELIMITER
compare() {
	local here=$scratch/$1 mail_home=$scratch/$1/mail status=0
	mkdir -p "$mail_home" "$here/maps"
	chmod 711 "$here"
	give_to_dovecot "$mail_home"
	fill "$schema/tree.ldif.in" >"$here/tree.ldif"
	python3 "$support/make_mail_tree.py" "$1" "$base" "$mail_home" "${DOMAINS-32}" >"$here/mixed.ldif" 3>"$here/addresses" || die 'no tree'
	configure "$here/server"
	chmod 711 "$here/server"
	load "$here/server" "$here/tree.ldif" "$here/mixed.ldif"
	serve "$here/server"
	local tool=(env MAILCTL_RECIPIENT_DELIMITER="$2" MAILCTL_LISTS_DOMAIN=lists.example.org "$MAILCTL" -H "$(uri "$here/server")" -b "$base" --sasl external -q)
	"${tool[@]}" trace - -o jsonl <"$here/addresses" >"$here/traces" || status=$?
	[ "$status" = 1 ] || fail "trace ends with $status"
	[ "$(wc -l <"$here/traces")" = "$(wc -l <"$here/addresses")" ] || fail "$(wc -l <"$here/traces") traces of $(wc -l <"$here/addresses") addresses"
	# The way back, from each mailbox that mail comes to.
	local to=()
	while read -r address; do to+=(--to "$address"); done < <(python3 -c '
import json, sys
found = {s["entry"].lower() for t in map(json.loads, sys.stdin) for s in t["steps"] if s["kind"] in ("mailbox", "forward") and not s["entry"].startswith("chain")}
print(*sorted(found), sep="\n")' <"$here/traces")
	"${tool[@]}" trace "${to[@]}" -o jsonl >"$here/senders" || fail "trace --to ends with $?"
	python3 "$support/trace_both_ways.py" "$here/traces" "$here/senders" || fail "seed $1, delimiter $2: the ways there and back"
	fill "$schema/dovecot/dovecot-ldap.conf.ext" >"$here/ldap.conf"
	{ fill "$schema/dovecot/mailctl.conf"; echo "recipient_delimiter = $2"; } >"$here/mailctl.conf"
	serve_directory "$here/ldap.conf" "$here/mailctl.conf" "$(uri "$here/server")" || die 'no Dovecot'
	chmod 711 "$dovecot_dir" "${dovecot_lmtp%/*}"
	chmod 666 "$dovecot_lmtp"
	for file in "$schema"/postfix/*; do
		fill "$file" | sed -e "s|ldapi:///|$(uri "$here/server")|; s|/etc/postfix/mailctl|$here/maps|; s|lmtp:\[127.0.0.1\]:8024|discard:list|" >"$here/maps/${file##*/}"
	done
	python3 "$support/trace_by_smtp.py" "$packages" "$here/postfix" "$here/maps" "$dovecot_lmtp" "$2" "$here/traces" >"$here/said" 2>&1 ||
		fail "seed $1, delimiter $2: $(tail -n 40 "$here/said")"
	tail -n 1 "$here/said"
	stop_dovecot
	stop
}
for tree in ${TREES-1/+ 2/. 3/+-}; do compare "${tree%/*}" "${tree#*/}"; done

verdict 'trace says what Postfix does'
