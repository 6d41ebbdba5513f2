#!/bin/bash
# The maps of tests/data/edges, each with one odd thing in it: what nis2ldif makes of them and says about it, and that every way into a directory
# takes it and lets in whom it should.
# usage: nis_edges.sh [PATH-OF-NIS2LDIF]
set -euo pipefail

nis2ldif=$(realpath -- "${1:-${NIS2LDIF:?give the path of nis2ldif}}")
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
dir=$(mktemp -d)
slapd_pid=
trap '[ -z "$slapd_pid" ] || kill "$slapd_pid" 2>/dev/null || true; rm -rf -- "$dir"' EXIT
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
command -v python3 >/dev/null || { echo 'no python3: the cases cannot be read'; exit 1; }

mkdir "$dir/cases"
python3 "$root/tests/support/nis_edges.py" "$nis2ldif" "$dir/cases" "$root"/tests/data/edges/*.cases

slapadd=$(PATH=$PATH:/usr/sbin command -v slapadd) || { echo 'no slapadd: the loads were left out'; exit 0; }
cat >"$dir/slapd.conf" <<-CONF
	include /etc/ldap/schema/core.schema
	include /etc/ldap/schema/cosine.schema
	include /etc/ldap/schema/inetorgperson.schema
	include /etc/ldap/schema/nis.schema
	include "$root/schema/phamm.schema"
	include "$root/schema/phamm-vacation.schema"
	include "$root/schema/vmail.schema"
	modulepath /usr/lib/ldap
	moduleload back_mdb
	database mdb
	suffix dc=example,dc=org
	directory "$dir/db"
	maxsize 268435456
	dbnosync
	rootdn cn=root,dc=example,dc=org
	rootpw secret
CONF
socket=ldapi://$(printf %s "$dir/socket" | sed 's|/|%2F|g')
all=$dir/cases/all.ldif
fresh() { rm -rf -- "$dir/db" && mkdir -- "$dir/db"; }
load() { # NAME COMMAND...
	local name=$1
	shift
	"$@" >"$dir/log" 2>&1 || { echo "FAILED: $name"; cat "$dir/log"; exit 1; }
}
fresh && load 'a dry run of slapadd' "$slapadd" -u -f "$dir/slapd.conf" -l "$all"
fresh && load slapadd "$slapadd" -q -f "$dir/slapd.conf" -l "$all"
fresh && load 'slapadd with value check' "$slapadd" -o value-check=yes -f "$dir/slapd.conf" -l "$all"
serve() { # an empty directory
	[ -z "$slapd_pid" ] || { kill "$slapd_pid" && wait "$slapd_pid" || true; }
	fresh
	/usr/sbin/slapd -d 0 -f "$dir/slapd.conf" -h "$socket" 2>"$dir/slapd.log" &
	slapd_pid=$!
	for _ in $(seq 200); do ldapwhoami -x -H "$socket" >/dev/null 2>&1 && break || sleep 0.05; done
}
manager=(-x -H "$socket" -D cn=root,dc=example,dc=org -w secret)

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
