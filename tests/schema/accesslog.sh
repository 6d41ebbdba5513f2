#!/bin/bash
# The server's own record of changes, loaded as slapd.conf and as cn=config: the two are the same, a change leaves a record of who made
# it, of what, and of what was there before; the tools read it, and nobody else.
. "$(dirname "$0")/server.sh"

phamm=cn=phamm,o=hosting,$base
postmaster=cn=postmaster,vd=one.test,o=hosting,$base
one=vd=one.test,o=hosting,$base

tree() {
	fill "$schema/tree.ldif.in"
	cat <<LDIF

dn: $one
objectClass: VirtualDomain
vd: one.test
accountActive: TRUE
delete: FALSE
lastChange: 0
maxMail: 10

dn: $postmaster
objectClass: VirtualMailAlias
cn: postmaster
sn: postmaster
mail: postmaster@one.test
maildrop: postmaster@one.test
accountActive: TRUE
lastChange: 0
userPassword: secret
LDIF
}

# parts FOLDER: the two entries of the record in a cn=config.
parts() {
	for number in 0 1; do config_entry "$1" "olcOverlay={$number}accesslog"; done # whatever overlay stands before it
	config_entry "$1" 'olcDatabase={2}mdb'
}

# settings DIR: what its slapd.conf sets for the record, in the words that slapd uses when it writes them itself.
settings() {
	mkdir -p "$1/converted"
	slaptest -Q -f "$1/slapd.conf" -F "$1/converted" || die "slaptest -F of $1"
	parts "$1/converted" | grep -E '^olc(AccessLog|Suffix|DbDirectory|DbMaxSize|DbIndex|Access:|Limits)' |
		sed "s|$scratch/[a-z]*/|DIR/|"
}

# undo DIR: what ldapmodify put into its cn=config, as an accesslog.conf again.
undo() {
	parts "$1/slapd.d" >"$1/database"
	configure "$1"
	{
		printf 'moduleload accesslog\noverlay accesslog\n'
		sed -n -E 's/^olcAccess(Log(DB|Ops|Old|Success|Purge)):/\L\1/p' "$1/database"
		echo 'database mdb'
		sed -n -E -e 's/^olc(Suffix|Limits|Access): (\{[0-9]*\})?/\L\1\E /p' -e 's/^olcDb(Directory|MaxSize|Index):/\L\1/p' "$1/database"
	} >"$1/accesslog.conf"
}

# record FILTER: the one record that has it.
record() { peer ldapsearch -LLL -o ldif-wrap=no -H "$at" -b cn=accesslog "$1" '*' entryCSN >"$scratch/record"; }
recorded() { grep -qxF -- "$1" "$scratch/record" || fail "$form: no '$1' in: $(cat "$scratch/record")"; }

# sees ARGUMENT...: how many entries of the record that identity finds.
sees() { ldapsearch -x -LLL -H "$at" -b cn=accesslog "$@" 1.1 2>/dev/null | grep -c '^dn:'; }

leaves_records() {
	at=$(uri "$1") form=$2
	ldapmodify -x -H "$at" -D "$postmaster" -w secret >/dev/null <<LDIF || fail "$form: the postmaster cannot work"
dn: mail=info@one.test,$one
changetype: add
objectClass: VirtualMailAlias
mail: info@one.test
cn: info
sn: info
maildrop: a@far.test
accountActive: TRUE
lastChange: 0

dn: mail=info@one.test,$one
changetype: modify
add: maildrop
maildrop: b@far.test
-
replace: lastChange
lastChange: 5

dn: mail=info@one.test,$one
changetype: modify
delete: maildrop
maildrop: a@far.test
LDIF
	record '(reqType=add)'
	recorded "reqAuthzID: $postmaster"
	recorded "reqDN: mail=info@one.test,$one"
	recorded 'reqMod: maildrop:+ a@far.test'
	record '(&(reqType=modify)(reqMod=lastChange:= 5))'
	recorded 'reqMod: maildrop:+ b@far.test'
	recorded 'reqOld: maildrop: a@far.test'
	recorded 'reqOld: lastChange: 0'
	record '(&(reqType=modify)(reqMod=maildrop:- a@far.test))'
	recorded 'reqOld: maildrop: a@far.test'
	recorded 'reqOld: maildrop: b@far.test'

	peer ldapmodrdn -H "$at" -r "mail=info@one.test,$one" mail=office@one.test >/dev/null || fail "$form: no rename"
	record '(reqType=modrdn)'
	recorded "reqAuthzID: cn=mailctl,$base"
	recorded 'reqNewRDN: mail=office@one.test'
	peer ldapdelete -H "$at" "mail=office@one.test,$one" || fail "$form: no delete"
	record '(reqType=delete)'
	recorded "reqDN: mail=office@one.test,$one"
	recorded 'reqOld: objectClass: VirtualMailAlias'
	recorded 'reqOld: maildrop: b@far.test'

	# What is refused could fill it.
	ldapdelete -x -H "$at" -D "$postmaster" -w secret "$one" 2>/dev/null && fail "$form: the domain is gone"
	[ "$(peer ldapsearch -LLL -H "$at" -b cn=accesslog '(reqType=*)' 1.1 | grep -c '^dn:')" -eq 5 ] || fail "$form: not five records"
	# A password is in it as its hash.
	peer ldappasswd -H "$at" -s correct-horse "$postmaster" || fail "$form: no new password"
	record '(&(reqType=modify)(reqMod=*))'
	grep -q correct-horse <(sed -n 's/^reqMod:: //p' "$scratch/record" | while read -r value; do base64 -d <<<"$value"; done; cat "$scratch/record") &&
		fail "$form: a clear password is in the record"
}

is_for_the_tools_alone() {
	[ "$(sees)" -eq 0 ] || fail "$form: anybody reads the record"
	[ "$(sees -D "$phamm" -w secret)" -eq 0 ] || fail "$form: the daemons read the record"
	[ "$(sees -D "$postmaster" -w correct-horse)" -eq 0 ] || fail "$form: a postmaster reads the record"
	local any
	any=$(peer ldapsearch -LLL -o ldif-wrap=no -H "$at" -b cn=accesslog '(reqType=add)' 1.1 | sed -n 's/^dn: //p')
	peer ldapdelete -H "$at" "$any" 2>"$scratch/out"
	[ $? -eq 50 ] || fail "$form: the tools may delete a record: $(cat "$scratch/out")"
	# Which database has the record is told by the server.
	[ "$(search "$at" -s base auditContext | sed -n 's/^auditContext: //p')" = cn=accesslog ] || fail "$form: no auditContext"
}

file=$scratch/file online=$scratch/online
tree >"$scratch/tree.ldif"

configure "$file"
load "$file" "$scratch/tree.ldif"
serve "$file"

mkdir -p "$online"/{slapd.d,data,accesslog}
config_ldif "$online" "$schema"/{phamm,phamm-vacation,vmail}.ldif >"$online/config.ldif"
slapadd -n 0 -F "$online/slapd.d" -l "$online/config.ldif" || die "slapadd -n 0"
slapadd -q -F "$online/slapd.d" -b "$base" -l "$scratch/tree.ldif" || die "slapadd of the tree"
serve "$online"
for ldif in "$schema"/{indices,limits,acl,accesslog}.ldif; do
	fill "$ldif" "$online" | peer ldapmodify -H "$(uri "$online")" >/dev/null || die "ldapmodify $ldif"
done
printf 'dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\nolcAuthzRegexp: "^gidNumber=%s[+]uidNumber=%s,cn=peercred,cn=external,cn=auth$" "cn=mailctl,%s"\n' \
	"$gid" "$uid" "$base" | peer ldapmodify -H "$(uri "$online")" >/dev/null || die "ldapmodify of the peer's name"

leaves_records "$file" slapd.conf
is_for_the_tools_alone
leaves_records "$online" cn=config
is_for_the_tools_alone
stop
serve "$online"
[ "$(search "$(uri "$online")" -s base auditContext | grep -c '^auditContext')" -eq 1 ] || fail "cn=config: no record after a restart"

undo "$online"
settings "$file" >"$file/settings"
settings "$online" >"$online/settings"
grep -q '^olcAccessLogDB: cn=accesslog' "$file/settings" || fail "no overlay in slapd.conf"
diff "$file/settings" "$online/settings" || fail "cn=config gives another record than slapd.conf"

# Where it is full, changes go on without it.
full=$scratch/full
configure "$full"
sed -i 's/^maxsize .*/maxsize 131072/' "$full/accesslog.conf"
load "$full" "$scratch/tree.ldif"
serve "$full"
for number in {1..60}; do printf 'dn: %s\nchangetype: modify\nreplace: maxMail\nmaxMail: %s\n\n' "$one" "$number"; done |
	peer ldapmodify -H "$(uri "$full")" >/dev/null || fail "no change where the record is full"
[ "$(search "$(uri "$full")" -s base -b "$one" maxMail | sed -n 's/^maxMail: //p')" = 60 ] || fail "a change is lost where the record is full"
at=$(uri "$full")
record '(reqType=modify)'
[ "$(grep -c '^dn:' "$scratch/record")" -lt 60 ] || fail "the record was never full"

verdict "the record of changes"
