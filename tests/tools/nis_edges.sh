#!/bin/bash
# The maps of tests/data/edges, each with one odd thing in it: what nis2ldif makes of them and says about it, and that every way into a directory
# takes it and lets in whom it should.
# usage: nis_edges.sh [PATH-OF-NIS2LDIF]
set -euo pipefail

nis2ldif=$(realpath -- "${1:-${NIS2LDIF:?give the path of nis2ldif}}")
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
dir=$(mktemp -d)
. "$root/tests/support/plain_slapd.bash"
trap 'end_slapd; rm -rf -- "$dir"' EXIT
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
command -v python3 >/dev/null || { echo 'no python3: the cases cannot be read'; exit 1; }

mkdir "$dir/cases"
python3 "$root/tests/support/nis_edges.py" "$nis2ldif" "$dir/cases" "$root"/tests/data/edges/*.cases

have_slapd || { echo 'no slapadd: the loads were left out'; exit 0; }
all=$dir/cases/all.ldif
load() { # NAME COMMAND...
	local name=$1
	shift
	"$@" >"$dir/log" 2>&1 || { echo "FAILED: $name"; cat "$dir/log"; exit 1; }
}
fresh && load 'a dry run of slapadd' "$slapadd" -u -f "$dir/slapd.conf" -l "$all"
fresh && load slapadd "$slapadd" -q -f "$dir/slapd.conf" -l "$all"
fresh && load 'slapadd with value check' "$slapadd" -o value-check=yes -f "$dir/slapd.conf" -l "$all"

serve
load ldapadd ldapadd "${manager[@]}" -f "$all"
[ "$(grep -c '^adding new entry' "$dir/log")" -eq "$(grep -c '^dn:' "$all")" ] || { echo 'FAILED: ldapadd left entries out'; exit 1; }
python3 "$root/tests/support/ldap_logins.py" "$dir/socket" pw <"$dir/cases/logins"

if [ -n "${MAILCTL-}" ]; then
	serve
	sed '/^$/q' "$all" | ldapadd "${manager[@]}" >"$dir/log"
	printf 'dn: o=hosting,dc=example,dc=org\nobjectClass: organization\no: hosting\n' | ldapadd "${manager[@]}" >"$dir/log"
	(umask 077 && printf secret >"$dir/password")
	unset MAILCTL_SANDBOX
	load 'mailctl import' "$MAILCTL" --uri "$socket" --base dc=example,dc=org --bind-dn cn=root,dc=example,dc=org --bind-password-file "$dir/password" \
		import --journal "$dir/journal" "$all"
	python3 "$root/tests/support/ldap_logins.py" "$dir/socket" pw <"$dir/cases/logins"
fi
echo 'all entries loaded, and the right logins open'
