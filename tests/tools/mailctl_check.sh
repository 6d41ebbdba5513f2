#!/bin/bash
# mailctl check finds each fault by its code and nothing else, repairs what is safe, and finds nothing in what mailctl has made.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../support/checked_slapd.bash"

digits() { date -u -d "$1" +%Y%m%d%H%M%S; }
d=example.org

# ---- a tree with one fault of each kind

# expect CODE SUBJECT...: what the entries that follow are found for
expected=$scratch/expected
: >"$expected"
expect() { printf "$1\t%s\n" "${@:2}" >>"$expected"; }
{
	domain $d
	domain other.example
	account bob $d
	expect entry-unreadable nobody
	alias_of nobody $d bob@$d "dn: mail=nobody,vd=$d,$hosting" "mail: nobody"
	expect entry-misplaced stray@other.example
	alias_of stray other.example bob@$d "dn: mail=stray@other.example,vd=$d,$hosting"
	expect flag-missing noflag@$d
	alias_of noflag $d bob@$d "accountActive:"
	expect flag-malformed twoflags@$d
	account twoflags $d "+smtpAuth: FALSE"
	expect class-missing bare@$d
	account bare $d "objectClass: top" "+objectClass: inetOrgPerson" "+objectClass: VirtualMailAccount" "+objectClass: Vacation" "forwardActive:"
	expect smtp-auth-missing mute@$d
	account mute $d "smtpAuth:"
	expect value-malformed subject@$d
	account subject $d "+vacationSubject:: /w=="
	expect date-malformed date@$d
	account date $d "expireDate: 20261399000000"
	expect quota-malformed quota@$d
	account quota $d "quota: lots"
	expect quota-dialect plain@$d
	account plain $d "quota: 52428800"
	expect limit-malformed many.example
	domain many.example "maxMail: many"
	expect target-malformed control@$d
	alias_of control $d bob@$d "maildrop:" "+maildrop:: Ym9iAUBleGFtcGxlLm9yZw=="
	expect target-malformed script@$d
	alias_of script $d "|/bin/cat" "+maildrop: bob@localhost" "+maildrop: root"
	expect targets-too-many crowd@$d
	alias_of crowd $d "" | sed "s/^maildrop: .*/$(printf 'maildrop: %s@elsewhere.example\\n' {1..1001})/; s/^\\n//" | sed '/^$/d'
	echo
	expect targets-too-many crowds@$d
	alias_of crowds $d half@$d "+maildrop: half+again@$d" "+maildrop: bob@$d"
	alias_of half $d "" | sed "s/^maildrop: .*/$(printf 'maildrop: %s@elsewhere.example\\n' {1..500})/; s/^\\n//" | sed '/^$/d'
	echo
	domain far.example # of which the administrator of $d sees nothing: it is more than a server gives anybody at once
	expect steps-too-many chain-0@far.example
	for ((i = 0; i < 1000; ++i)); do alias_of chain-$i far.example "chain-$((i + 1))@far.example"; done | sed "s/chain-1000@far.example/bob@$d/"
	expect mailbox-relayed relayed@backup.example
	printf '%s\n' "dn: vd=backup.example,$hosting" "objectClass: top" "objectClass: VirtualBackupDomain" "structuralObjectClass: VirtualBackupDomain" "vd: backup.example" \
		"accountActive: TRUE" "delete: FALSE" "lastChange: 1700000000" ""
	account relayed backup.example
	expect expiry-elsewhere days@$d
	account days $d "+objectClass: siteAccount" "mailboxExpiration: 40000"
	expect overdue overdue@$d
	account overdue $d "expireDate: 20200101000000"
	expect domain-stopped on@off.example
	domain off.example "accountActive: FALSE" | sed '/^maildrop/,/^$/s/^accountActive: TRUE/accountActive: FALSE/'
	account on off.example
	expect password-clear open@$d
	account open $d "userPassword: hunter2"
	expect clear-password old@$d
	account old $d "+objectClass: extensibleObject" "clearPassword: hunter2"
	expect password-weak weak@$d
	account weak $d "userPassword: {MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ=="
	expect password-missing none@$d
	account none $d "userPassword:"
	expect folder-hostile hostile@$d
	account hostile $d "mailbox: $d/../../etc/"
	expect folder-twice same-2@$d
	account same-1 $d
	account same-2 $d "mailbox: $d/same-1"
	expect folder-nested nest@$d
	account nest $d
	account egg $d "mailbox: domains/$d/nest/egg/" "vdHome: /home/vmail/"
	expect address-twice twice@$d
	alias_of twice $d bob@$d
	alias_of twice $d bob@other.example "dn: cn=twice,vd=$d,$hosting"
	account bob other.example
	expect alias-shadows-mailbox shadow@$d
	account shadow $d
	alias_of shadow $d bob@$d "dn: cn=shadow,vd=$d,$hosting"
	expect second-address second@$d
	account second $d "+mail: first@$d"
	expect login-twice login-2@$d
	account login-1 $d
	account login-2 $d "uid: Login-1.$d"
	expect number-twice unix-2@$d
	account unix-1 $d "+objectClass: posixAccount" "uidNumber: 10001" "gidNumber: 100" "homeDirectory: /home/unix-1"
	account unix-2 $d "+objectClass: posixAccount" "uidNumber: 10001" "gidNumber: 100" "homeDirectory: /home/unix-2"
	expect number-outside system@$d
	account system $d "+objectClass: posixAccount" "uidNumber: 33" "gidNumber: 100" "homeDirectory: /home/system"
	expect alias-empty empty@$d
	alias_of empty $d x "maildrop:"
	expect alias-to-itself self@$d
	alias_of self $d self@$d "+maildrop: bob@$d"
	expect forward-empty forward@$d
	account forward $d "forwardActive: TRUE"
	expect alias-loop loop-1@$d loop-2@$d loop-3@$d
	alias_of loop-1 $d Loop-2+x@$d
	alias_of loop-2 $d loop-3@$d
	account loop-3 $d "forwardActive: TRUE" "maildrop: loop-1@$d"
	alias_of to-loop $d loop-1@$d # leads to it, and is not in it
	expect alias-loop @ring-1.example @ring-2.example
	for i in 1 2; do domain ring-$i.example && alias_of "" ring-$i.example "@ring-$((3 - i)).example"; done
	expect alias-loop part-1@$d part-2@$d # the first of two in one value
	alias_of part-1 $d "Part (2, to) <part-2@$d>, bob@$d" && expect target-malformed part-1@$d
	alias_of part-2 $d part-1@$d
	expect target-missing dangling@$d
	alias_of dangling $d nowhere@$d "+maildrop: bob+x@$d" "+maildrop: else@elsewhere.example" "+maildrop: root"
	expect target-stopped stopped@$d
	account away $d "accountActive: FALSE"
	alias_of stopped $d away@$d
	expect catch-all-takes-over gone@all.example
	domain all.example
	alias_of "" all.example bob@$d
	account gone all.example "delete: TRUE"
	alias_of rest $d anybody@all.example
	expect autoreply-missing reply@$d
	account reply $d "vacationActive: TRUE" "mailAutoreply:"
	expect role-address-missing norole.example
	bare_domain norole.example
	alias_of abuse norole.example bob@$d "dn: cn=postmaster,vd=norole.example,$hosting" "mail: postmaster@norole.example" "cn: postmaster"
	expect list-incomplete staff@$d
	alias_of staff $d staff@lists.example
	for s in admin bounces confirm join leave owner request subscribe; do alias_of staff-$s $d staff-$s@lists.example; done
	expect lists-domain-here lists-here.example
	domain lists-here.example
	alias_of "" lists-here.example bob@$d
	alias_of here $d here@lists-here.example "+objectClass: vmailMailingList"
	for s in admin bounces confirm join leave owner request subscribe unsubscribe; do alias_of here-$s $d here-$s@lists-here.example; done
	expect domain-over-limit full.example
	domain full.example "maxMail: 1"
	account a full.example
	account b full.example
	expect reservation-left cut.example
	domain cut.example "+objectClass: vmailBookkeeping" "vmailReservation: $(digits '-3 days') t1 1 0 0" "+vmailReservation: $(digits now) t2 1 0 0"
	expect reservation-ahead ahead.example
	domain ahead.example "+objectClass: vmailBookkeeping" "vmailReservation: $(digits '+3 days') t1 1 0 0"
	expect admin-over-limit busy
	admin_of busy $d "maxDomain: 1" "+vd: other.example"
	expect admin-domain-missing lost
	admin_of lost nowhere.example
} >"$scratch/faults.ldif"
sort -o "$expected" "$expected"

cat >"$dir/site.schema" <<'SCHEMA'
attributetype ( 2.25.1.1 NAME 'mailboxExpiration' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 2.25.1.2 NAME 'siteAccount' SUP top AUXILIARY MAY mailboxExpiration )
SCHEMA
schemas="$schemas site"
# A schema that does not demand what filters look for, or an undo could not take it away again.
sed '/VirtualMailAlias/,/^$/s/ accountActive \$//' "$SOURCE_DIR/schema/phamm.schema" | sed '/VirtualMailAlias/,/^$/s/MAY ( /MAY ( accountActive $ /' >"$dir/phamm.schema"
serve_tree "$scratch/faults.ldif"

found() { "$MAILCTL" check --skip "$server_rules" -o csv --fields code,subject "$@" 2>"$scratch/stderr" | tail -n +2 | tr , '\t' | sort; }
server_rules=$(mailctl check --list -o csv --fields code,about | sed -n 's/,server$//p' | paste -sd,)
compare() { diff "$1" "$2" >"$scratch/diff" || { fail "$3"; cat "$scratch/diff" >&2; }; }
found >"$scratch/found"
compare "$expected" "$scratch/found" "not the faults that are there"

# Every rule about the tree has its fault there, but that of who sees a part.
mailctl check --list -o csv --fields code,about | sed -n 's/,tree$//p' | grep -vx tree-in-part | sort >"$scratch/rules"
compare "$scratch/rules" <(cut -f1 "$expected" | sort -u) "rules without a fault"

# Each is found by its rule alone, and not found without it.
while read -r code; do
	compare <(grep "^$code	" "$expected") <(found --only "$code") "--only $code"
done <"$scratch/rules"
compare <(grep -v -e ^overdue -e ^alias-loop "$expected") <(found --skip overdue,alias-loop) "--skip"
for domain in all.example $d other.example lists-here.example ring-1.example full.example; do
	# Two entries lie in another domain than their names say.
	compare <(sed "s/\t\(nobody\|stray@other.example\)\$/&:$d/" "$expected" | grep -P "[\t@:]${domain//./\\.}\$" | sed "s/:$d//") <(found --domain $domain) "--domain $domain"
done
run 1 mailctl check --domain $d --only overdue
complains "1 warning in $(mailctl export --domain $d | grep -c ^dn:) entries"

run 1 mailctl check
complains "errors, "
run 1 mailctl check --only overdue -o json
says '"subject":"overdue@example.org","severity":"warning","code":"overdue","message":"its time is up since 2020-01-01T00:00:00Z, and it works","repaired_by":null,"dn":"mail=overdue@example.org,vd=example.org,o=hosting,dc=example,dc=net"'
parses "$out"
run 0 mailctl check --only password-missing,catch-all-takes-over # notes
run 64 mailctl check --only overdu
complains "there is no rule"
for what in "--domain $d --only index-missing" "--fix --only index-missing" "--server --only overdue"; do
	# shellcheck disable=SC2086 # words
	run 64 mailctl check $what
done
run 64 mailctl check --only overdue,alias-loop --skip Overdue
complains "overdue is in both, --only and --skip"
everything=$(mailctl check --list -o csv --fields code | tail -n +2 | tr -d '\r' | paste -sd,)
run 64 mailctl check --skip "$everything"
complains "--skip leaves no rule to look by"
run 64 mailctl check --domain $d --skip "${everything//$server_rules,/}"
for what in "--only overdue --skip overdue" "--only overdu" "--skip $everything" "--domain $d --only index-missing" "--domain no..domain"; do
	# shellcheck disable=SC2086 # words
	run 3 mailctl check --nagios $what
	says "CHECK UNKNOWN - "
done
run 64 mailctl check --explain nothing
run 0 mailctl check --explain quota-dialect -o json
says '"repaired_by":"adopt"'
run 67 mailctl check --domain nowhere.example
run 2 mailctl check --nagios --only overdue,alias-empty
says "CHECK CRITICAL - 1 error, 1 warning; empty@example.org: the alias leads nowhere | errors=1 warnings=1 notes=0 unknown=0 entries="
run 1 mailctl check --nagios --only overdue
says "CHECK WARNING - 1 warning; overdue@example.org"
run 0 mailctl check --nagios --only password-missing
says "CHECK OK - 1 note"
run 3 mailctl check --nagios -H ldapi:///nowhere
says "CHECK UNKNOWN - "

# ---- repairs: the finding goes, nothing else changes, and an undo brings back what was

repairable=$(mailctl check --list -o csv --fields code,repaired_by | sed -n 's/,check --fix$//p')
[ "$(wc -w <<<"$repairable")" -ge 6 ] || fail "only these are repaired: $repairable"
changed() { diff "$scratch/before" <(snapshot) | grep '^[<>]'; } # lines
# What a run had set aside counts for nothing any more: no undo sets it aside again.
kept() { grep -v -e vmailReservation -e vmailBookkeeping; }
for code in $repairable; do
	snapshot >"$scratch/before"
	run 0 mailctl check --fix --only "$code" -n -o jsonl
	[ -z "$(changed)" ] || fail "$last: a dry run changes something"
	run 0 mailctl check --fix --only "$code" --yes
	journal=$(latest)
	compare <(grep -v "^$code	" "$expected") <(found) "after $last"
	touched=$(changed | sed -E 's/^[<>] dn: //; s/\t.*//' | sort -u)
	[ "$(wc -l <<<"$touched")" = 1 ] || fail "$last touches $touched"
	[ "$(cut -c1 <(changed) | sort -u)" = ">" ] || [[ $code = reservation-* ]] || fail "$last takes something away"
	count=$(journals)
	run 0 mailctl check --fix --only "$code" --yes
	complains "there is nothing to repair"
	[ "$(journals)" = "$count" ] || fail "$last: a second run does something"
	run 0 mailctl undo "$journal" --yes
	[ -z "$(changed | kept)" ] || { fail "undo of $code leaves a difference"; changed >&2; }
	[[ $code != reservation-* ]] || { serve_tree "$scratch/faults.ldif" && continue; }
	compare "$expected" <(found) "after the undo of $code"
done
serve_tree "$scratch/faults.ldif"

# Of a mailbox and an alias of one address the mailbox has the mail while it is in service, and the alias then, as by the maps in schema/postfix.
{
	domain $d
	account bob $d
	alias_of "" $d bob@$d
	account both $d
	alias_of both $d bob@$d "dn: cn=both,vd=$d,$hosting"
	account left $d "delete: TRUE" "accountActive: FALSE"
	alias_of left $d bob@$d "dn: cn=left,vd=$d,$hosting"
	account none $d "accountActive: FALSE"
	alias_of none $d bob@$d "dn: cn=none,vd=$d,$hosting" "accountActive: FALSE"
	alias_of to-left $d left@$d
	alias_of to-none $d none@$d
	account end $d
	alias_of end $d round@$d "dn: cn=end,vd=$d,$hosting"
	alias_of round $d end@$d
	account gone $d "accountActive: FALSE" "delete: TRUE"
	alias_of gone $d around@$d "dn: cn=gone,vd=$d,$hosting"
	alias_of around $d gone@$d
} >"$scratch/both.ldif"
serve_tree "$scratch/both.ldif"
run 1 mailctl check --only alias-shadows-mailbox,target-stopped,alias-loop,catch-all-takes-over -o csv --fields code,subject,message
says "alias-shadows-mailbox,both@$d,\"the mailbox mail=both@$d,"
says "alias-shadows-mailbox,left@$d,\"the alias cn=left,"
says "alias-shadows-mailbox,none@$d,\"the mailbox mail=none@$d,"
[ "$(grep -v ^alias-sh <<<"$out" | tail -n +2 | cut -d, -f1,2 | sort | tr '\n' ' ')" = "alias-loop,around@$d alias-loop,gone@$d catch-all-takes-over,none@$d catch-all-takes-over,none@$d target-stopped,to-none@$d " ] ||
	fail "$last: not where mail goes"

# What would change where mail goes is for a person.
{
	bare_domain caught.example
	alias_of "" caught.example bob@$d
	bare_domain uncaught.example
	alias_of "" uncaught.example bob@$d "accountActive: FALSE"
	bare_domain second.example
	alias_of all second.example bob@$d "+mail: @second.example"
	domain $d
	account bob $d
	account reply $d "vacationActive: TRUE" "mailAutoreply:"
	account hidden $d "objectClass: top" "+objectClass: inetOrgPerson" "+objectClass: VirtualMailAccount" "+objectClass: Vacation" "+objectClass: extensibleObject" \
		"forwardActive: TRUE" "+maildrop: bob@$d"
	alias_of half-request $d half-request@lists.example
	alias_of half-admin $d half-admin@lists.example
	account team $d
	alias_of team-request $d team-request@lists.example
	alias_of team-admin $d team-admin@lists.example
} >"$scratch/decided.ldif"
serve_tree "$scratch/decided.ldif"
snapshot >"$scratch/before"
run 1 mailctl check --skip "$server_rules,second-address" -o csv --fields code,subject,message
says "role-address-missing,caught.example,\"there is no postmaster@caught.example, and the catch-all takes its mail\""
says "list-incomplete,half@$d"
[[ $out != *team@* ]] || fail "$last: a mailbox is taken for a list"
run 1 mailctl check --fix --yes
complains "warning: half@$d: the mailing list half@$d has not all of its addresses (list-incomplete)"
complains "warning: reply@$d: its automatic answer is on"
complains "warning: hidden@$d: it has no class VirtualForward"
complains "warning: caught.example: there is no abuse@caught.example"
[ "$(changed | sed 's/\t.*//' | sort -u)" = "> dn: cn=postmaster,vd=uncaught.example,$hosting
> dn: mail=abuse@uncaught.example,vd=uncaught.example,$hosting" ] || { fail "not what changes nothing"; changed >&2; }
run 1 mailctl adopt --yes
[ "$(changed | sed 's/\t.*//' | grep -v uncaught | sort -u)" = "> dn: mail=reply@$d,vd=$d,$hosting" ] || { fail "not what an adoption does"; changed >&2; }
serve_tree "$scratch/faults.ldif"

# All at once is one plan, counted by the cap.
snapshot >"$scratch/before"
run 69 mailctl check --fix --yes --max-changes 3
[ -z "$(changed)" ] || fail "$last changes something"
run 0 mailctl check --fix --yes --only class-missing -o json -n
parses "$out"
says '"subject":"bare@example.org","outcome":"repaired","changed":true,"dry_run":true,"ldif":"dn: mail=bare@'
says '"fixed":"class-missing"'
run 1 mailctl check --fix --yes
complains "warning: overdue@example.org: its time is up"
complains 'more are left, which "mailctl check" shows'
journal=$(latest)
compare <(grep -vFf <(printf '%s\t\n' $repairable) "$expected") <(found) "after all repairs"
run 1 mailctl check --fix --yes
complains "there is nothing to repair"
run 0 mailctl undo "$journal" --yes --max-changes none
[ -z "$(changed | kept)" ] || { fail "undo leaves a difference"; changed >&2; }

# ---- what mailctl makes is right

: >"$scratch/nothing.ldif"
serve_tree "$scratch/nothing.ldif"
run 0 mailctl domain add example.org --postmaster root@elsewhere.example --max-mailboxes 3 --max-quota 10G
run 0 mailctl domain add example.net --postmaster root@elsewhere.example
run 0 mailctl backup-domain add backup.example
run 0 mailctl backup-mail add @backup.example
run 0 mailctl mailbox add bob@example.org ann@example.org --quota 1G --generate-password --expires +1y
run 0 mailctl mailbox add eve@example.net --generate-password --no-login
run 0 mailctl alias add info@example.org --target bob@example.org --target ann+info@example.org
run 0 mailctl alias add @example.net --target eve@example.net
run 0 mailctl forward set ann@example.org --target bob@example.org --keep-copy
run 0 mailctl vacation set bob@example.org --from 2026-08-01 --until 2026-08-15 --message-file "$SOURCE_DIR/LICENSE"
run 0 mailctl mailinglist add staff@example.org --lists-domain lists.example --owner bob@example.org
run 0 mailctl unix add bob@example.org
run 0 mailctl admin add matrix --mail matrix@elsewhere.example --domain example.org --generate-password
run 0 mailctl admin add postmaster@example.org --generate-password
run 0 mailctl mailbox disable ann@example.org --reason manual
run 0 mailctl alias disable info@example.org
run 0 mailctl forward clear ann@example.org
run 0 mailctl domain disable example.net --yes
run 0 mailctl check --skip "$server_rules"
silent
complains "nothing found"
run 0 mailctl check --fix
complains "there is nothing to repair"

# ---- what is hidden is not missing, and no repair writes over it

access='access to attrs=userPassword,smtpAuth,mailAutoreply by dn.exact="cn=mailctl,'$BASE'" =w by anonymous auth by * none
'$access
{
	domain $d
	account bob $d "vacationActive: TRUE"
} >"$scratch/hidden.ldif"
serve_tree "$scratch/hidden.ldif"
run 0 mailctl check --only smtp-auth-missing,autoreply-missing,flag-missing -o csv --fields code,severity,message
says "tree-in-part,unknown,whether entries have smtpAuth is not shown to us"
says "tree-in-part,unknown,whether entries have mailAutoreply is not shown to us"
[ "$(wc -l <<<"$out")" = 3 ] || fail "$last: says more"
run 0 mailctl check --fix --yes
complains "there is nothing to repair"

# ---- who sees a part of the tree is told so, and is told of that part

access='access to attrs=userPassword by dn.exact="cn=mailctl,'$BASE'" write by anonymous auth by * none
'$(sed "s/@BASE@/$BASE/g" "$SOURCE_DIR/schema/acl.conf")
with_password() { sed "/^dn: cn=postmaster,vd=$d/,/^\$/s/^cn: .*/&\nuserPassword: secret/"; }
with_password <"$scratch/faults.ldif" >"$scratch/part.ldif"
serve_tree "$scratch/part.ldif"
export MAILCTL_BIND_DN="cn=postmaster,vd=$d,$hosting"
run 1 mailctl check -o csv --fields code,severity,subject
says "tree-in-part,unknown,postmaster@$d"
says "alias-loop,error,loop-1@$d"
says "password-missing,unknown,"
[[ $out != *off.example* && $out != *password-clear* ]] || fail "$last: shows what is not to be seen"
export MAILCTL_BIND_DN="mail=loop-3@$d,vd=$d,$hosting"
run 77 mailctl check
finish
