#!/bin/bash
# The commands of mailctl-cookbook(7), as they are printed, in their order: each of them works.
set -euo pipefail
: "${MAILCTL:?the path of mailctl}"
page=$(cd "$(dirname "$0")/../.." && pwd)/man/mailctl-cookbook.7
command -v mandoc >/dev/null || exit 77
scratch=$(mktemp -d)
cleanup() { "$MAILCTL" sandbox stop --dir "$scratch/cookbook" -q >/dev/null 2>&1 || true; rm -rf "$scratch"; }
trap cleanup EXIT

# As a reader copies them: what mandoc shows of the examples.
sed -n '/^\.Bd -literal/,/^\.Ed/p' "$page" | sed '1i .Dd x\n.Dt X 7\n.Os\n.Sh X' | mandoc -T utf8 -O width=1000 2>/dev/null | sed 's/.\x08//g; s/^ *//; /^$/d' | grep -vE '^(X|X\(7\).*|x .*)$|^[^ ]* *x *[^ ]*$' >"$scratch/commands"
count=$(grep -c '^mailctl' "$scratch/commands")
[ "$count" -ge 45 ] || { echo "only $count commands were found"; exit 1; }
[ "$(grep -c '^\.Ss' "$page")" -ge 20 ] || { echo 'fewer than twenty tasks'; exit 1; }
# All but the first place and the end of it.
tasks=$(($(grep -c '^\.Ss' "$page") - 2))
grep -q "mailctl-cookbook(7)\` has $tasks tasks of a day" "${page%/man/*}/README.md" || { echo "README does not say that there are $tasks tasks"; exit 1; }
cd "$scratch"
export HOME=$scratch PATH=${MAILCTL%/*}:$PATH MAILCTL_CONFIG=/dev/null TZ=UTC
unset MAILCTL_SANDBOX
# A home of all mail, and whose it is: as root somebody else's.
chmod 711 "$scratch"
mkdir "$scratch/mail"
export MAILCTL_MAIL_USER=$(id -u) MAILCTL_MAIL_GROUP=$(id -g)
[ "$MAILCTL_MAIL_USER" != 0 ] || { MAILCTL_MAIL_USER=12345 MAILCTL_MAIL_GROUP=12346; chown 12345:12346 "$scratch/mail"; }
failed=0
changes_shown=0
while IFS= read -r command; do
	said=$(mktemp -p "$scratch")
	# In this shell: what one sets the next one uses.
	if ! eval "$command" >"$said" 2>&1 </dev/null; then
		echo "FAIL: $command: $(cat "$said")"
		failed=$((failed + 1))
	fi
	[ "$command" != 'mailctl diff site.yaml' ] || changes_shown=$(grep -c '3G -> 4G' "$said" || true)
done <"$scratch/commands"
[ "$changes_shown" -gt 0 ] || { echo 'the file that was edited changes nothing'; exit 1; }
[ "$failed" = 0 ] || { echo "$failed of $count failed"; exit 1; }
