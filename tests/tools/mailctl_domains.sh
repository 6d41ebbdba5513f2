#!/bin/bash
# What a domain gives to what is in it: its role addresses and its quota.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox

# ---- role addresses
printf 'role-addresses = abuse noc hostmaster\npostmaster = boss@example.net\n' >"$scratch/roles.conf"
with_roles() { MAILCTL_CONFIG=$scratch/roles.conf mailctl "$@"; }
run 0 with_roles domain add example.org --max-mailboxes 3
run 0 mailctl alias list --domain example.org --fields address,targets -o csv
[ "$(sort <<<"$out")" = $'abuse@example.org,boss@example.net\naddress,targets\nhostmaster@example.org,boss@example.net\nnoc@example.org,boss@example.net\npostmaster@example.org,boss@example.net' ] ||
	fail 'every role address leads to the postmaster'
run 0 with_roles domain show example.org --fields aliases -o name
says 0
run 0 mailctl domain show example.org --fields aliases -o name # by whom they are not named, they are aliases
says 2
run 65 mailctl domain remove example.org --now --yes
complains 'it holds 2 entries'
run 0 with_roles domain remove example.org --now --yes
run 67 mailctl domain show example.org

# What sends mail into a domain that goes is told: a few by name.
mailctl domain add from.example goes.example -q
for one in $(seq -f 'a%g@from.example' 12); do mailctl alias add "$one" --target x@goes.example -q; done
mailctl alias add inside@goes.example --target x@elsewhere.example -q
mailctl alias add outside@from.example --target x@elsewhere.example -q
run 0 mailctl domain remove goes.example --yes
[ "$(grep -c 'still sends mail to goes.example' <<<"$err")" = 10 ] || fail "ten are told by name: $err"
complains 'so do 2 more'
silent_about() { [[ $err != *$1* ]] || fail "$last: it tells of $1: $err"; }
silent_about outside
run 0 mailctl domain restore goes.example
run 0 mailctl alias remove inside@goes.example $(seq -f 'a%g@from.example' 2 12) --yes --max-changes none
run 0 mailctl domain remove goes.example --yes --now
complains 'a1@from.example still sends mail to goes.example'

# Somebody adds to it while the other one is asked.
mailctl domain add busy.example -q
cat >"$scratch/answer_late" <<'PYTHON'
import os, pty, subprocess, sys
mailctl, meanwhile = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(mailctl, [mailctl, *os.environ["ASKS"].split()])
said = b""
while b"[y/N]" not in said:
    said += os.read(terminal, 4096)
added = subprocess.run(meanwhile, stdin=subprocess.DEVNULL).returncode
os.write(terminal, b"y\n")
try:
    while piece := os.read(terminal, 4096):
        said += piece
except OSError:
    pass
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if added == 0 else 99)
PYTHON
export ASKS='domain remove busy.example --now'
run 65 python3 "$scratch/answer_late" "$MAILCTL" "$MAILCTL" mailbox add late@busy.example --no-password -q
says 'busy.example is not empty: somebody added late@busy.example meanwhile; it stays, marked as removed'
says 'or restore the domain'
run 67 mailctl domain show busy.example
ldapsearch -LLL -Q -Y EXTERNAL -H "$socket" -b "vd=busy.example,o=hosting,dc=example,dc=org" -s base delete | grep 'delete: TRUE' >/dev/null || fail 'it is marked'
run 0 mailctl domain restore busy.example
run 0 mailctl mailbox remove late@busy.example --now --yes
run 0 mailctl domain remove busy.example --now --yes

# One who is added while the domain is stopped, or marked, is stopped with it, whoever looked first.
mailctl domain add busy.example -q
for verb in disable remove; do
	ASKS="domain $verb busy.example" run 0 python3 "$scratch/answer_late" "$MAILCTL" bash -c "
		\"$MAILCTL\" mailbox add late@busy.example --no-password -q && \"$MAILCTL\" alias add too@busy.example --target x@example.net -q"
	says 'late@busy.example is disabled, as its domain is by now'
	says 'too@busy.example is disabled, as its domain is by now'
	run 0 mailctl mailbox show late@busy.example --fields active,disabled_reason -o csv
	says 'no,domain'
	run 0 mailctl domain "$([ $verb = disable ] && echo enable || echo restore)" busy.example
	run 0 mailctl mailbox show late@busy.example --fields active -o csv
	says yes
	run 0 mailctl mailbox remove late@busy.example --now --yes
	run 0 mailctl alias remove too@busy.example --yes
done
mailctl mailinglist add staff@busy.example --lists-domain lists.example -q
run 0 mailctl mailinglist disable staff@busy.example
run 0 mailctl mailinglist remove staff@busy.example --yes
run 0 mailctl domain remove busy.example --now --yes

for wrong in 'a@b' 'noc NOC' 'no,c'; do
	echo "role-addresses = $wrong" >"$scratch/wrong.conf"
	run 78 env MAILCTL_CONFIG="$scratch/wrong.conf" "$MAILCTL" domain list
	complains "$scratch/wrong.conf:1: role-addresses"
done

# ---- one that is there without a postmaster is somebody's, unless it is asked for as it is
run 0 mailctl domain add kept.example --max-mailboxes 5 --description mine
run 0 mailctl alias remove postmaster@kept.example abuse@kept.example --yes
run 73 mailctl domain add kept.example
complains 'exists already, with other values'
run 0 mailctl domain disable kept.example --yes --reason unpaid
run 73 mailctl domain add kept.example --max-mailboxes 5 --description mine
run 0 mailctl domain enable kept.example
run 0 mailctl domain add kept.example --max-mailboxes 5 --description mine
run 0 mailctl alias show postmaster@kept.example abuse@kept.example
run 0 mailctl domain set kept.example --postmaster boss@example.net
run 0 mailctl domain set kept.example --postmaster postmaster@localhost # the mail server's own, as at first
for wrong in maildrop 'x y:' 'a:b c'; do
	run 65 mailctl domain set kept.example --transport "$wrong"
	complains 'no transport of Postfix'
done
run 0 mailctl domain set kept.example --transport lmtp:unix:private/dovecot-lmtp
run 0 mailctl domain set kept.example --transport none
run 0 mailctl domain show kept.example --fields transport -o json
says '"transport":null'
# What is off stays off for its reason.
run 0 mailctl mailbox add eva@kept.example --no-password
run 0 mailctl mailbox disable eva@kept.example --reason compromised --comment seen
run 0 mailctl mailbox disable eva@kept.example -o json
says '"changed":false'
run 0 mailctl mailbox show eva@kept.example --fields disabled_reason,disabled_comment -o csv
says 'compromised,seen'
run 0 mailctl mailbox disable eva@kept.example --reason manual
run 0 mailctl mailbox show eva@kept.example --fields disabled_reason,disabled_comment -o csv
says 'manual,'
run 65 mailctl mailbox disable eva@kept.example --reason domain
# An address is there once, whatever brings it.
printf 'dn: mail=eva@kept.example,vd=example.com,o=hosting,dc=example,dc=org\nobjectClass: VirtualMailAlias\nmail: eva@kept.example\ncn: x\nsn: x\nmaildrop: a@example.net\naccountActive: TRUE\nlastChange: 0\n' >"$scratch/twice.ldif"
run 0 mailctl domain add example.com
run 73 mailctl import "$scratch/twice.ldif"
complains 'eva@kept.example exists already'

# ---- what new mailboxes get
quota_of() { mailctl mailbox show "$1" --fields quota -o name; }
mailctl domain add example.org --default-quota 2G --max-quota 10G -q
mailctl mailbox add ann@example.org --no-password -q
mailctl mailbox add ben@example.org --no-password --quota 1G -q
[ "$(quota_of ann@example.org) $(quota_of ben@example.org)" = '2G 1G' ] || fail 'a mailbox without a quota of its own gets that of its domain'
run 0 mailctl quota set ben@example.org --quota domain
says '2G'
run 0 mailctl mailbox set ben@example.org --quota 3G
run 0 mailctl mailbox set ben@example.org --quota domain
[ "$(quota_of ben@example.org)" = 2G ] || fail 'both verbs know what the domain gives'
run 0 mailctl domain show example.org --fields default_quota,quota_mib -o csv
says '2G,4096'
run 69 mailctl mailbox add cid@example.org --no-password --quota 7G
run 0 mailctl domain set example.org --default-quota 4G
[ "$(quota_of ann@example.org)" = 2G ] || fail 'what is there keeps its quota'
run 0 mailctl domain set example.org --default-quota server --max-quota none
run 0 mailctl domain show example.org --fields default_quota -o name
says server
run 0 mailctl quota set ann@example.org --quota domain
[ "$(quota_of ann@example.org)" = domain ] || fail 'without one of the domain the daemons say'
ldapsearch -LLL -Q -Y EXTERNAL -H "$socket" -b "vd=example.org,o=hosting,dc=example,dc=org" -s base objectClass | grep vmailDomain >/dev/null && fail 'the class stays behind'
for wrong in 0 -1 lots domain; do
	run 65 mailctl domain set example.org --default-quota "$wrong"
	silent
done

# ---- any other attribute
value_of() { mailctl mailbox show ann@example.org -o ldif | sed -n "s/^$1: //p"; }
run 0 mailctl mailbox set ann@example.org --set 'telephoneNumber=+39 040 12' --set telephonenumber=13 --set "title=Dr. d'Anna = x" --description 'on leave'
[ "$(value_of telephoneNumber)" = $'+39 040 12\n13' ] || fail 'an attribute that is given twice has two values'
[ "$(value_of title)" = "Dr. d'Anna = x" ] || fail 'a value has what stands behind the first sign'
run 0 mailctl mailbox show ann@example.org --fields description -o name
says 'on leave'
run 0 mailctl mailbox set ann@example.org --set telephoneNumber=14 --set title=
[ "$(value_of telephoneNumber)$(value_of title)" = 14 ] || fail 'the values that are given take the place of those that are there'
run 0 mailctl mailbox set ann@example.org --set telephoneNumber=14 --set title= -o json
says '"changed":false'
before=$(mailctl mailbox show ann@example.org -o ldif)
for known in quota=1 mail=x@example.org maildrop=x@example.org userPassword=x clearPassword=x objectClass=posixAccount uid=root accountActive=TRUE \
	'quota;x-y=1' vacationForward=x@example.org mailbox=../x delete=FALSE vmailReservation=x; do
	run 65 mailctl mailbox set ann@example.org --set "$known"
	complains "${known%%=*} is none of the other attributes"
done
run 65 mailctl mailbox set ann@example.org --set nosuch=1
complains "the server's schema has no attribute nosuch"
run 65 mailctl mailbox set ann@example.org --set uidNumber=0 # known, and for none such
complains 'uidNumber'
run 65 mailctl mailbox set ann@example.org --set $'title=a\nb'
run 65 mailctl mailbox set ann@example.org --set $'title=\xff'
for wrong in title =x 'ti tle=x' 1=x; do
	run 65 mailctl mailbox set ann@example.org --set "$wrong"
	complains '--set takes ATTRIBUTE=VALUE'
done
[ "$(mailctl mailbox show ann@example.org -o ldif)" = "$before" ] || fail 'what was refused changed something'
run 0 mailctl mailbox add dan@example.org --no-password --set employeeNumber=7
run 0 mailctl alias add team@example.org --target ann@example.org --set ou=Physics
run 0 mailctl alias set team@example.org --set ou=
run 0 mailctl domain set example.org --set adminID=physics
run 65 mailctl domain set example.org --set maxMail=3
run 65 mailctl domain set example.org --set vd=example.org --set vd=other.example # another name is a rename
complains 'vd is none of the other attributes'
run 65 mailctl domain set example.org --set mail=x@example.org
# By their other names, and by number, they are the same.
for known in rfc822Mailbox=x@example.org rfc822mailbox=x@example.org userid=root commonName=X surname=X gn=X 0.9.2342.19200300.100.1.3=x@example.org; do
	run 65 mailctl mailbox set ann@example.org --set "$known"
done
run 65 mailctl alias set team@example.org --set rfc822Mailbox=ann@example.org
complains 'rfc822Mailbox is none of the other attributes'
finish
