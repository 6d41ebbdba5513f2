#!/bin/bash
# A server that locks accounts after wrong passwords and has new ones changed (slapo-ppolicy): the help desk sees which are locked, unlocks them, and gives out
# a password that is good for one login. All as cn=mailctl, under the access rules of schema/.
. "$(dirname "$0")/server.sh"
. "$(dirname "$0")/mailctl.bash"
[ -e /usr/lib/ldap/ppolicy.so ] || exit 77

# The overlay notes what it sees as the rootdn of the database; that one needs no password, and so cannot log in.
configure "$scratch/server"
sed -i 's|^moduleload argon2|&\nmoduleload ppolicy|' "$scratch/server/slapd.conf"
sed -i "/^include.*limits.conf/i rootdn cn=overlays,$base\noverlay ppolicy\nppolicy_default cn=policy,$base" "$scratch/server/slapd.conf"
sed -i "/^include.*acl.conf/i access to attrs=pwdHistory by * none\naccess to dn.base=cn=policy,$base by dn.exact=cn=mailctl,$base write" "$scratch/server/slapd.conf"
{
	fill "$schema/tree.ldif.in" | sed -e "/^dn: cn=phamm/a pwdPolicySubentry: cn=services,$base"
	printf '%s\n' '' "dn: cn=policy,$base" 'objectClass: device' 'objectClass: pwdPolicy' 'cn: policy' 'pwdAttribute: userPassword' \
		'pwdLockout: TRUE' 'pwdMaxFailure: 2' 'pwdInHistory: 2' 'pwdMustChange: TRUE' 'pwdAllowUserChange: TRUE'
	printf '%s\n' '' "dn: cn=services,$base" 'objectClass: device' 'objectClass: pwdPolicy' 'cn: services' 'pwdAttribute: userPassword'
} >"$scratch/tree.ldif"
load "$scratch/server" "$scratch/tree.ldif"
ask_server "$scratch/server"

silent_on() { [[ $said != *"$1"* ]] || fail "it says \"$1\": $said"; }
dn() { echo "mail=$1,vd=example.org,o=hosting,$base"; }
login() { ldapwhoami -x -H "$MAILCTL_URI" -D "$(dn "$1")" -w "$2" >/dev/null 2>&1; }
reset_of() { search "$MAILCTL_URI" "(mail=$1)" pwdReset | sed -n 's/^pwdReset: //p'; }

printf 'a quiet walk in May\n' >"$scratch/password"
chmod 600 "$scratch/password"
run 0 domain add example.org --postmaster root@example.net
run 0 mailbox add ann@example.org bob@example.org --password-file "$scratch/password"
run 0 mailbox add new@example.org --no-password

# ---- locked, seen, unlocked

run 0 mailbox show ann@example.org --fields locked,locked_at,must_change -o json
says '"locked":false,"locked_at":null,"must_change":false'
for _ in 1 2; do login ann@example.org wrong; done
login ann@example.org 'a quiet walk in May' && fail 'the server locks nobody'
run 0 mailbox show ann@example.org --fields locked,locked_at -o json
says '"locked":true,"locked_at":"20'
run 0 mailbox list --locked -o name
[ "$said" = ann@example.org ] || fail "locked are: $said"
run 0 mailbox list --filter '(pwdAccountLockedTime=*)' -o name
[ "$said" = ann@example.org ] || fail "locked are: $said"
run 0 mailbox list --fields address,locked -o csv
says 'ann@example.org,yes'
says 'bob@example.org,no'

run 0 mailbox unlock ann@example.org -n
says 'delete: pwdAccountLockedTime'
login ann@example.org 'a quiet walk in May' && fail 'a dry run unlocks'
run 0 mailbox unlock ann@example.org
says unlocked
journal=$(find "$MAILCTL_JOURNAL_DIR" -name '*.journal' -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2)
run 65 undo "$journal" --yes
says 'pwdAccountLockedTime of ann@example.org was taken away, and what it was is not on record'
login ann@example.org 'a quiet walk in May' || fail 'unlocked, and cannot log in'
login ann@example.org wrong
login ann@example.org 'a quiet walk in May' || fail 'what was wrong before counts after the unlocking'
run 0 mailbox unlock ann@example.org
says unchanged
run 67 mailbox unlock nobody@example.org
for _ in 1 2; do login ann@example.org wrong; login bob@example.org wrong; done
run 0 mailbox unlock --filter '(pwdAccountLockedTime=*)' --yes
says '2 unlocked'
run 0 mailbox list --locked -o name
[ -z "$said" ] || fail "still locked: $said"

# A lock for ever has no moment.
printf 'dn: %s\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n' "$(dn bob@example.org)" | peer ldapmodify -H "$MAILCTL_URI" >/dev/null || die 'no lock for ever'
run 0 mailbox show bob@example.org --fields locked,locked_at -o json
says '"locked":true,"locked_at":null'
run 0 mailbox unlock bob@example.org
login bob@example.org 'a quiet walk in May' || fail 'a lock for ever stays'

# ---- a password for one login

may_read_own() { ldapsearch -x -LLL -H "$MAILCTL_URI" -D "$(dn "$1")" -w "$2" -b "$(dn "$1")" -s base cn 2>&1 | grep '^cn:' >/dev/null; }
run 0 mailbox password ann@example.org --password-file "$scratch/password" --require-change -n
says 'replace: pwdReset'
[ -z "$(reset_of ann@example.org)" ] || fail 'a dry run sets pwdReset'
for _ in 1 2; do # the second finds it there
	run 0 mailbox password ann@example.org --password-file "$scratch/password" --require-change
	[ "$(reset_of ann@example.org)" = TRUE ] || fail 'the owner need not change the password'
done
may_read_own ann@example.org 'a quiet walk in May' && fail 'the owner need not change the password to go on'
run 0 mailbox show ann@example.org --fields must_change -o json
says '"must_change":true'

# The owner may do nothing but that, and does it as ever.
printf 'another walk in June\n' >"$scratch/next"
chmod 600 "$scratch/next"
as_ann() { run "$1" -D "$(dn ann@example.org)" -y "$scratch/password" "${@:2}"; }
as_ann 77 mailbox show ann@example.org
says 'mailctl mailbox password'
as_ann 77 mailbox password bob@example.org --password-file "$scratch/next" --old-password-file "$scratch/password"
as_ann 77 mailbox password ann@example.org --password-file "$scratch/next" --old-password-file "$scratch/next"
says 'wrong old password'
as_ann 0 mailbox password ann@example.org --password-file "$scratch/next" --old-password-file "$scratch/password" -n
login ann@example.org 'a quiet walk in May' || fail 'a dry run sets the password'
as_ann 0 mailbox password ann@example.org --password-file "$scratch/next" --old-password-file "$scratch/password"
says 'password set'
run 0 log ann@example.org --no-server
says 'password set by the server'
may_read_own ann@example.org 'another walk in June' || fail 'the owner changed the password, and cannot go on'
run 0 mailbox show ann@example.org --fields must_change -o json
says '"must_change":false'
run 0 mailbox add eve@example.org --password-file "$scratch/password" --require-change
[ "$(reset_of eve@example.org)" = TRUE ] || fail 'a new owner need not change the password'
run 0 mailbox password eve@example.org --password-file "$scratch/password"
[ -z "$(reset_of eve@example.org)" ] || fail 'a password that is set to stay has to be changed'
run 64 mailbox password eve@example.org --password-file "$scratch/password" --require-change --server-side

# A server that wants to see the old one whoever sets a new one (pwdSafeModify): nobody but an owner can.
safe_modify() { printf 'dn: cn=policy,%s\nchangetype: modify\nreplace: pwdSafeModify\npwdSafeModify: %s\n' "$base" "$1" | peer ldapmodify -H "$MAILCTL_URI" >/dev/null || die 'no pwdSafeModify'; }
run 0 mailbox password ann@example.org --password-file "$scratch/password" --require-change
printf 'a third walk in July\n' >"$scratch/third"
chmod 600 "$scratch/third"
safe_modify TRUE
run 77 mailbox password bob@example.org --password-file "$scratch/next"
as_ann 0 mailbox password ann@example.org --password-file "$scratch/third" --old-password-file "$scratch/password"
login ann@example.org 'a third walk in July' || fail 'pwdSafeModify keeps the owner out'
safe_modify FALSE

# An administrator is unlocked as well.
run 0 admin add postmaster@example.org --password-file "$scratch/password"
as_pm() { ldapwhoami -x -H "$MAILCTL_URI" -D "cn=postmaster,vd=example.org,o=hosting,$base" -w "$1" >/dev/null 2>&1; }
as_pm 'a quiet walk in May' || fail 'the postmaster cannot log in'
for _ in 1 2; do as_pm wrong; done
as_pm 'a quiet walk in May' && fail 'the postmaster is not locked'
run 0 admin unlock postmaster@example.org
as_pm 'a quiet walk in May' || fail 'the postmaster stays locked'
run 0 admin password postmaster@example.org --password-file "$scratch/next" --server-side
run 0 admin password postmaster@example.org --password-file "$scratch/next" --verify
run 77 admin password postmaster@example.org --password-file "$scratch/password" --verify

# ---- the report knows when

run 0 mailbox password-report -o json
grep -oE '"address":"ann@example.org"[^}]*"changed_at":"20[^"]*Z"' <<<"$said" >/dev/null || fail "it is not told when a password was changed: $said"
grep -oE '"address":"new@example.org"[^}]*"verdict":"none"[^}]*"changed_at":null' <<<"$said" >/dev/null || fail "no password, and: $said"

# ---- as schema/README has it: nobody reads the passwords that were, and nobody locks the daemons out

slapcat -f "$scratch/server/slapd.conf" -b "$base" | grep '^pwdHistory: ' >/dev/null || fail 'the policy keeps no history'
history_of() { ldapsearch -x -LLL -H "$MAILCTL_URI" -D "$1" -w "$2" -b "o=hosting,$base" '(pwdHistory=*)' pwdHistory 2>/dev/null | grep -c '^pwdHistory'; }
phamm=cn=phamm,o=hosting,$base
for _ in 1 2 3; do ldapwhoami -x -H "$MAILCTL_URI" -D "$phamm" -w wrong >/dev/null 2>&1; done
ldapwhoami -x -H "$MAILCTL_URI" -D "$phamm" -w secret >/dev/null || fail 'the daemons are locked out'
[ "$(history_of "$phamm" secret)" = 0 ] || fail 'the daemons read old hashes'

verdict 'locked accounts, and passwords for one login'
