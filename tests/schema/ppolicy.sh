#!/bin/bash
# A server that judges passwords itself (slapo-ppolicy, pwdCheckQuality 2) takes no hash: mailctl says what does work there, and that works.
. "$(dirname "$0")/server.sh"
. "$(dirname "$0")/mailctl.bash"
[ -e /usr/lib/ldap/ppolicy.so ] || exit 77

configure "$scratch/server"
sed -i 's|^moduleload argon2|&\nmoduleload ppolicy|' "$scratch/server/slapd.conf"
sed -i "/^include.*limits.conf/i overlay ppolicy\nppolicy_default cn=policy,$base" "$scratch/server/slapd.conf"
{
	fill "$schema/tree.ldif.in"
	printf '%s\n' '' "dn: cn=policy,$base" 'objectClass: device' 'objectClass: pwdPolicy' 'cn: policy' 'pwdAttribute: userPassword' 'pwdCheckQuality: 2' 'pwdMinLength: 12'
} >"$scratch/tree.ldif"
load "$scratch/server" "$scratch/tree.ldif"
ask_server "$scratch/server"

password() { printf '%s\n' "$1" >"$scratch/password" && chmod 600 "$scratch/password"; }

run 0 domain add example.org --postmaster root@example.net
password 'long enough for both'
run 65 mailbox add ann@example.org --password-file "$scratch/password"
says --no-password
says --server-side
run 67 mailbox show ann@example.org
run 0 mailbox add ann@example.org --no-password
run 65 mailbox password ann@example.org --password-file "$scratch/password"
says --server-side
run 0 mailbox password ann@example.org --password-file "$scratch/password" --server-side
ldapwhoami -x -H "$MAILCTL_URI" -D "mail=ann@example.org,vd=example.org,o=hosting,$base" -w 'long enough for both' >/dev/null || fail 'the password that the server was handed does not work'
password tooshort12
run 65 mailbox password ann@example.org --password-file "$scratch/password" --server-side
[[ $said != *--server-side* ]] || fail "what was just done is proposed: $said"

# What is there already is equal, hash and all, and counts as that.
run 0 export --with-passwords --out "$scratch/all.ldif"
grep -q '^userPassword' "$scratch/all.ldif" || fail 'no hash in the export'
for way in "" --update; do
	# shellcheck disable=SC2086
	run 0 import "$scratch/all.ldif" $way
	says '6 records: 6 unchanged'
done
verdict 'passwords that the server judges'
