#!/bin/bash
# What a dry run prints does the same in the hands of ldapmodify, and an export makes an equal tree elsewhere.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
type ldapmodify ldapsearch >/dev/null || exit 77
trap 'for s in "$scratch"/sandbox*; do "$MAILCTL" sandbox stop --dir "$s" -q >/dev/null 2>&1; done; rm -rf "$scratch"' EXIT
twin=$scratch/sandbox-twin empty=$scratch/sandbox-empty
start_sandbox
mailctl sandbox start --dir "$twin" -q >/dev/null && mailctl sandbox start --dir "$empty" -q >/dev/null || exit 1

# tree SANDBOX: all that does not depend on the moment, sorted
tree() {
	(
		eval "$(mailctl sandbox env --dir "$1")"
		ldapsearch -Q -Y EXTERNAL -H "$LDAPURI" -b "o=hosting,$LDAPBASE" -LLL -o ldif-wrap=no 2>/dev/null
	) | grep -vE '^(lastChange|creationDate|userPassword|vmail[A-Za-z]*At):' |
		python3 -c 'import sys; print("\n\n".join(sorted("\n".join(sorted(e.split("\n"))) for e in sys.stdin.read().split("\n\n"))))'
}
same_trees() { diff <(tree "$1") <(tree "$2") >"$scratch/difference" || fail "$3: $(head -20 "$scratch/difference")"; }

# Each command twice: really, and as the LDIF of its dry run.
while read -r arguments; do
	eval "set -- $arguments"
	run 0 mailctl "$@" --dry-run
	printf '%s\n' "$out" >"$scratch/dry.ldif"
	(eval "$(mailctl sandbox env)" && ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" -f "$scratch/dry.ldif") >/dev/null 2>"$scratch/refusal" ||
		fail "ldapmodify refuses $*: $(cat "$scratch/refusal")"
	run 0 mailctl --sandbox="$twin" "$@" --yes
	same_trees "$MAILCTL_SANDBOX" "$twin" "$*"
done <<'COMMANDS'
domain add example.org --max-quota 10G --description "søme"
mailbox add bob@example.org ann@example.org --quota 1G --no-password --name "Änn O'Neill"
mailbox set bob@example.org --quota 2G --no-smtp-auth --name "  begins with a blank"
alias add @example.org --target bob@example.org --target eve@example.net
alias set @example.org --remove-target eve@example.net --description "x: y"
alias disable @example.org --comment "why not"
forward set bob@example.org --target bob@example.net --keep-copy
vacation set ann@example.org --from 2026-08-01 --until 2026-08-15 --subject "Ürlaub" --message-file "$SOURCE_DIR/LICENSE"
expiry set ann@example.org --expires 2100-12-31
mailbox disable ann@example.org --reason compromised
mailbox remove ann@example.org
mailbox restore ann@example.org
mailbox rename bob@example.org robert@example.org
forward set ann@example.org --target robert@example.org --target bob@example.net
alias add both@example.org --target robert@example.org --target ann@example.org
domain rename example.org example.com
domain rename example.com example.org
domain disable example.org
domain add example.net --postmaster robert@example.org
domain remove example.net --now
alias remove @example.org
COMMANDS

# The identity of the daemons is another one there, and stays so.
run 0 mailctl export --out "$scratch/all.ldif"
mkfifo "$scratch/pipe"
cat "$scratch/pipe" >"$scratch/piped.ldif" &
run 0 mailctl export --out "$scratch/pipe"
wait $!
[ -p "$scratch/pipe" ] || fail "an export to a pipe took its place"
cmp "$scratch/all.ldif" "$scratch/piped.ldif" || fail "an export to a pipe says something else"
[ -z "$(grep '^dn: cn=phamm' "$scratch/all.ldif")" ] || fail "an entry that needs a password is exported without"
run 0 mailctl --sandbox="$empty" import "$scratch/all.ldif"
same_trees "$MAILCTL_SANDBOX" "$empty" "export and import"
run 0 mailctl --sandbox="$empty" import "$scratch/all.ldif"
[[ $err =~ ([0-9]+)\ records:\ ([0-9]+)\ unchanged ]] && [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] || fail "a second import does something"

finish
