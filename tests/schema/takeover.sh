#!/bin/bash
# A server that Phamm set up gets our schema in the two ways that README.md says: one definition is
# exchanged while it runs, or its cn=config is written out, the schema entry exchanged, and read in
# again. Data and indices stay as they are, and (expireDate<=X) finds what it did not find before.
. "$(dirname "$0")/server.sh"

# old DIR: a server with the schema as Phamm has it, and two dated accounts.
old() {
	local file date
	mkdir -p "$1/slapd.d" "$1/data"
	{
		printf 'dn: cn=config\nobjectClass: olcGlobal\ncn: config\nolcPidFile: %s\n\n' "$1/slapd.pid"
		printf 'dn: cn=module{0},cn=config\nobjectClass: olcModuleList\ncn: module{0}\n'
		printf 'olcModulePath: /usr/lib/ldap\nolcModuleLoad: back_mdb\n\n'
		printf 'dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n'
		for file in /etc/ldap/schema/{core,cosine,inetorgperson,nis}.ldif "$scratch/phamm.ldif" \
			"$schema/phamm-vacation.ldif"; do
			cat "$file"
			echo
		done
		printf 'dn: olcDatabase={0}config,cn=config\nobjectClass: olcDatabaseConfig\n'
		printf 'olcDatabase: {0}config\n'
		printf 'olcRootDN: gidNumber=%s+uidNumber=%s,cn=peercred,cn=external,cn=auth\n\n' "$gid" "$uid"
		printf 'dn: olcDatabase={1}mdb,cn=config\nobjectClass: olcMdbConfig\nolcDatabase: {1}mdb\n'
		printf 'olcDbDirectory: %s\nolcSuffix: %s\nolcDbIndex: expireDate eq\n' "$1/data" "$base"
		printf 'olcAccess: to * by * read\n'
	} >"$1/config.ldif"
	slapadd -n 0 -F "$1/slapd.d" -l "$1/config.ldif" || die "slapadd -n 0"

	{
		fill "$schema/tree.ldif.in"
		printf '\ndn: vd=one.test,o=hosting,%s\nobjectClass: VirtualDomain\nvd: one.test\n' "$base"
		printf 'accountActive: TRUE\ndelete: FALSE\nlastChange: 0\n'
		for date in 20251231225959 20301231225959; do
			printf '\ndn: mail=%s@one.test,vd=one.test,o=hosting,%s\n' "$date" "$base"
			printf 'objectClass: VirtualMailAccount\nmail: %s@one.test\ncn: %s\nsn: %s\n' $date $date $date
			printf 'vdHome: /home/vmail/domains\nmailbox: one.test/%s/\naccountActive: TRUE\n' $date
			printf 'delete: FALSE\nlastChange: 0\nexpireDate: %s\n' $date
		done
	} >"$1/tree.ldif"
	slapadd -q -F "$1/slapd.d" -l "$1/tree.ldif" || die "slapadd of the tree"
	serve "$1"
	[ "$(due "$1")" = '' ] || fail "the old schema already serves the range: $(due "$1")"
}

due() { search "$(uri "$1")" '(expireDate<=20260101000000)' cn | sed -n 's/^cn: //p' | xargs; }

taken_over() {
	[ "$(due "$1")" = 20251231225959 ] || fail "$2: the range finds '$(due "$1")'"
	[ "$(search "$(uri "$1")" '(objectClass=VirtualMailAccount)' 1.1 | grep -c ^dn:)" -eq 2 ] ||
		fail "$2: entries are missing"
}

sed -e ':fold' -e 'N;s/\n //;t fold' -e 'P;D' "$schema/phamm.ldif" |
	sed 's/ ORDERING integerOrderingMatch//' >"$scratch/phamm.ldif"
grep -q integerOrderingMatch "$scratch/phamm.ldif" && die "the old schema has an ordering rule"

running=$scratch/running
old "$running"
entry=$(peer ldapsearch -LLL -o ldif-wrap=no -H "$(uri "$running")" -b cn=schema,cn=config '(cn={*}phamm)' olcAttributeTypes)
before=$(grep "NAME 'expireDate'" <<<"$entry")
{
	sed -n '/^dn: /p' <<<"$entry"
	printf 'changetype: modify\ndelete: olcAttributeTypes\n%s\n-\n' "$before"
	printf 'add: olcAttributeTypes\n%s\n' "${before/integerMatch/integerMatch ORDERING integerOrderingMatch}"
} | peer ldapmodify -H "$(uri "$running")" >/dev/null || die "ldapmodify of the definition"
taken_over "$running" "while it runs"
stop
serve "$running"
taken_over "$running" "while it runs, after a restart"

stopped=$scratch/stopped
old "$stopped"
stop
slapcat -n 0 -F "$stopped/slapd.d" -l "$stopped/before.ldif" || die "slapcat -n 0"
name=$(sed -n 's/^dn: \(cn={[0-9]*}phamm\),cn=schema,cn=config$/\1/p' "$stopped/before.ldif")
[ -n "$name" ] || die "no entry of the old schema"
awk -v ours="$schema/phamm.ldif" -v name="$name" 'BEGIN { RS = ""; ORS = "\n\n" }
	index($0, "dn: " name ",") != 1 { print; next }
	(getline text < ours) > 0 {
		sub(/^#[^\n]*\n/, "", text)
		sub(/dn: cn=phamm,/, "dn: " name ",", text)
		sub(/\ncn: phamm\n/, "\ncn: " substr(name, 4) "\n", text)
		print text
	}' "$stopped/before.ldif" >"$stopped/after.ldif"
mv "$stopped/slapd.d" "$stopped/slapd.d.before"
mkdir "$stopped/slapd.d"
slapadd -n 0 -F "$stopped/slapd.d" -l "$stopped/after.ldif" || die "slapadd -n 0 with our schema"
serve "$stopped"
taken_over "$stopped" "while it is stopped"

verdict "an old server with our schema"
