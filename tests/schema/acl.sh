#!/bin/bash
# Who may do what beyond rights.sh, where an operation builds on those before it or needs a tree of its own:
# a row of the table is one operation and its answer. usage: acl.sh [ACL]   another file of access rules, to see which rows notice
. "$(dirname "$0")/server.sh"
. "$(dirname "$0")/attempt.bash"

hosting=o=hosting,$base
ann=mail=ann@one.test,vd=one.test,$hosting
bob=mail=bob@one.test,vd=one.test,$hosting
eve=mail=eve@two.test,vd=two.test,$hosting
off=mail=off@one.test,vd=one.test,$hosting
expired=mail=expired@one.test,vd=one.test,$hosting
manual=mail=manual@one.test,vd=one.test,$hosting
gone=mail=gone@one.test,vd=one.test,$hosting
alias=mail=info@one.test,vd=one.test,$hosting
master=cn=postmaster,vd=one.test,$hosting
other=cn=postmaster,vd=two.test,$hosting
one=vd=one.test,$hosting
two=vd=two.test,$hosting
matrix=cn=matrix,ou=admin,$base
phamm=cn=phamm,$hosting
mailctl=cn=mailctl,$base
service=$mailctl
deep=cn=postmaster,vd=a.three.test,$hosting
deeper=cn=postmaster,vd=b.a.three.test,$hosting
carl=mail=carl@a.three.test,vd=a.three.test,$hosting
finn=mail=finn@one.test,vd=one.test,$hosting
hugh=mail=hugh@one.test,vd=one.test,$hosting
gina=mail=gina@one.test,vd=one.test,$hosting
dora=mail=dora@b.a.three.test,vd=b.a.three.test,$hosting
root= subschema=cn=Subschema

tree() {
	# A network identity of the tools, beside the peer: "service" binds with a password.
	fill "$schema/tree.ldif.in" |
		sed '/^cn: mailctl/s/$/\nobjectClass: simpleSecurityObject\nuserPassword: secret/' |
		sed '/^dn: cn=mailctl/,/^$/{/^objectClass: simple/d;s/^objectClass: .*/&\nobjectClass: simpleSecurityObject/}'
	domain one.test
	domain two.test
	# clearPassword belongs to no class of the mail schema: old data has it through some other.
	account ann one.test TRUE 'clearPassword: secret' | sed 's/^objectClass: Vacation/&\nobjectClass: extensibleObject/'
	account bob one.test TRUE
	account eve two.test TRUE
	domain A.three.TEST
	domain b.a.three.test
	account carl A.three.TEST TRUE
	account dora b.a.three.test TRUE
	account finn one.test TRUE
	account gina one.test TRUE 'maildrop: gina@home.test'
	account hugh one.test TRUE | grep -vE '^(objectClass: V(irtualForward|acation)|forwardActive|vacationActive|mailAutoreply)'
	account off one.test FALSE
	account expired one.test FALSE 'vmailDisabledReason: expired'
	account manual one.test FALSE 'vmailDisabledReason: manual'
	account gone one.test TRUE | sed 's/^delete: .*/delete: TRUE/'
	cat <<LDIF

dn: $alias
objectClass: VirtualMailAlias
cn: info
sn: info
mail: info@one.test
maildrop: ann@one.test
maildrop: |/usr/bin/old-pipe
accountActive: TRUE
lastChange: 0

dn: $matrix
objectClass: VirtualAdmin
cn: matrix
sn: matrix
mail: matrix@one.test
maxDomain: 2
vd: one.test
accountActive: TRUE
lastChange: 0
userPassword: secret
LDIF
}

table() {
	cat <<'TABLE'
# anonymous: nothing, objectClass included
anonymous read     ann     objectClass          -                      deny
anonymous read     ann     entryUUID            -                      deny
anonymous read     one     vd                   -                      deny
anonymous read     base    objectClass          -                      deny
anonymous find     hosting mail                 ann@one.test           deny
anonymous replace  ann     userPassword         x                      deny
anonymous replace  ann     maildrop             x@y.test               deny
anonymous new      one     mail=x@one.test      alias                  deny

# ... but what every client asks for before it binds
anonymous read     root    namingContexts       -                      allow
anonymous read     subschema objectClasses      -                      allow

# binding: those in service, and nobody else
ann       bind     -       -                    -                      allow
master    bind     -       -                    -                      allow
phamm     bind     -       -                    -                      allow
mailctl   bind     -       -                    -                      allow
service   bind     -       -                    -                      allow
off       bind     -       -                    -                      deny
expired   bind     -       -                    -                      deny
gone      bind     -       -                    -                      deny
alias     bind     -       -                    -                      deny

# the daemons: everything but passwords, and no change
phamm     read     ann     mailbox              -                      allow
phamm     read     ann     objectClass          -                      allow
phamm     read     ann     entryCSN             -                      allow
phamm     read     ann     vmailDisabledReason  -                      deny
phamm     read     expired vmailDisabledReason  -                      allow
phamm     read     one     maxMail              -                      allow
phamm     find     hosting mail                 ann@one.test           allow
phamm     find     hosting userPassword         secret                 deny
phamm     find     hosting clearPassword        secret                 deny
phamm     read     matrix  mail                 -                      deny
phamm     replace  ann     userPassword         x                      deny
phamm     replace  phamm   userPassword         x                      deny
phamm     new      one     mail=x@one.test      alias                  deny

# an owner reads his own entry without the hash
ann       read     ann     mail                 -                      allow
ann       read     ann     expireDate           -                      allow
ann       read     bob     mail                 -                      deny
ann       read     eve     mail                 -                      deny
ann       read     expired mail                 -                      deny
ann       read     master  mail                 -                      deny
ann       read     one     vd                   -                      deny
ann       read     base    dc                   -                      deny
ann       find     hosting mail                 ann@one.test           deny
ann       find     ann     mail                 ann@one.test           allow
ann       find     ann     userPassword         secret                 deny

# ... and sets his password, forward and vacation
ann       replace  ann     userPassword         secret                 allow
ann       replace  ann     forwardActive        TRUE                   allow
ann       replace  ann     maildrop             ann@home.test          allow
ann       add      ann     maildrop             o'hara+x@a.b.test      allow
ann       delete   ann     maildrop             ann@home.test          allow
ann       delete   ann     maildrop             -                      allow
ann       replace  ann     vacationActive       TRUE                   allow
ann       replace  ann     vacationInfo         away                   allow
ann       replace  ann     vacationStart        202612010000           allow
ann       replace  ann     vacationEnd          202612310000           allow
ann       replace  ann     vacationSubject      away                   allow
ann       replace  ann     vacationForward      bob@one.test           allow
ann       replace  ann     vacationReminder     x                      allow
ann       passwd   ann     -                    -                      allow
ann       replace  ann     lastChange           1                      allow
ann       asserted ann     vacationInfo         guarded                allow
ann       classes  hugh    -                    -                      deny
hugh      classes  hugh    -                    -                      allow
hugh      add      hugh    mailAutoreply        hugh@one.test.autoreply allow

# ... and nothing else
ann       add      ann     objectClass          Yap                    deny
ann       delete   ann     objectClass          Vacation               deny
hugh      delete   hugh    objectClass          VirtualForward         deny
hugh      add      hugh    mailAutoreply        ann@one.test.autoreply deny
hugh      add      hugh    mailAutoreply        hugh@two.test.autoreply deny
hugh      add      hugh    mailAutoreply        hugh@one.test          deny
hugh      delete   hugh    mailAutoreply        hugh@one.test.autoreply deny
hugh      add      ann     mailAutoreply        hugh@one.test.autoreply deny
ann       add      ann     objectClass          VirtualMailAlias       deny
ann       replace  bob     lastChange           1                      deny
ann       add      ann     mail                 ceo@one.test           deny
ann       delete   ann     mail                 ann@one.test           deny
ann       replace  ann     accountActive        TRUE                   deny
ann       replace  ann     delete               FALSE                  deny
ann       replace  ann     quota                0S                     deny
ann       replace  ann     smtpAuth             TRUE                   deny
ann       replace  ann     vmailMayLogIn        TRUE                   deny
ann       replace  ann     vmailMayReceive      TRUE                   deny
ann       replace  ann     mailAutoreply        bob@one.test           deny
ann       replace  ann     cn                   x                      deny
ann       delete   ann     clearPassword        -                      deny
ann       replace  ann     vmailDisabledReason  x                      deny
ann       add      ann     vmailDisabledReason  manual                 deny
ann       replace  ann     vmailRemovedAt       20260101000000Z        deny
ann       add      ann     maildrop             root                   deny
ann       add      ann     maildrop             a%b.test@one.test      deny
ann       add      ann     maildrop             -f@one.test            deny
ann       replace  ann     maildrop             |/bin/sh               deny
ann       replace  bob     userPassword         x                      deny
ann       passwd   bob     -                    -                      deny
ann       replace  bob     maildrop             ann@one.test           deny
ann       replace  bob     vacationActive       TRUE                   deny
ann       replace  one     maxMail              99                     deny
ann       new      one     mail=x@one.test      alias                  deny
ann       remove   ann     -                    -                      deny
ann       rename   ann     mail=boss@one.test   -                      deny

# a postmaster reads his domain without the hashes
master    read     one     maxMail              -                      allow
master    read     ann     mailbox              -                      allow
master    read     ann     expireDate           -                      allow
master    read     expired vmailDisabledReason  -                      allow
master    find     one     mail                 ann@one.test           allow
master    find     hosting mail                 ann@one.test           allow
master    read     master  userPassword         -                      deny
master    read     expired userPassword         -                      deny
master    find     one     userPassword         secret                 deny
master    find     hosting mail                 eve@two.test           deny
master    read     eve     mail                 -                      deny
master    read     two     maxMail              -                      deny
other     read     expired mail                 -                      deny
master    read     phamm   cn                   -                      deny
master    read     matrix  mail                 -                      deny
master    find     base    objectClass          *                      deny

# ... never his own limits
master    replace  one     maxMail              99999                  deny
master    replace  one     maxAlias             99999                  deny
master    replace  one     maxQuota             99999                  deny
master    replace  one     maxSmtpAuth          99999                  deny
master    delete   one     maxMail              -                      deny
master    replace  one     accountActive        TRUE                   deny
master    replace  one     delete               FALSE                  deny
master    replace  one     editAV               TRUE                   deny
master    replace  master  editAccounts         TRUE                   deny
master    remove   one     -                    -                      deny
master    replace  one     lastChange           1                      deny

# ... but sets aside what his runs are about to add
master    reserve  two     -                    run-1                  deny
other     reserve  one     -                    run-1                  deny
master    reserve  one     -                    run-1                  allow
master    add      one     vmailReservation     run-2                  allow
other     add      one     vmailReservation     run-3                  deny
other     delete   one     vmailReservation     run-2                  deny
master    delete   one     vmailReservation     run-2                  allow
master    asserted one     vmailReservation     run-1                  allow
other     read     one     vmailReservation     -                      deny
master    release  one     -                    run-1                  allow
master    add      one     objectClass          vmailState             deny
master    add      one     objectClass          domainRelatedObject    deny
master    delete   one     objectClass          VirtualDomain          deny

# ... manages mailboxes and aliases
master    new      one     mail=x@one.test      alias                  allow
master    new      one     mail=y@one.test      account                allow
master    new      one     mail=p@one.test      posix                  deny
master    new      one     mail=q@one.test      expiring               deny
master    new      one     mail=c@one.test      clear                  deny
master    new      one     mail=f@one.test      foreign                deny
master    new      one     mail=f@one.test      parent                 deny
master    new      one     mail=f@one.test      elsewhere              deny
master    new      one     mail=f@one.test      borrowed               deny
master    new      two     mail=x@two.test      alias                  deny
master    new      hosting cn=x                 alias                  deny
master    replace  ann     userPassword         secret                 allow
master    passwd   ann     -                    -                      allow
master    replace  master  userPassword         secret                 allow
master    replace  ann     cn                   Ann                    allow
master    replace  ann     telephoneNumber      1                      allow
master    replace  ann     quota                2000S                  allow
master    replace  ann     smtpAuth             TRUE                   allow
master    replace  ann     vmailMayLogIn        FALSE                  allow
master    replace  ann     vmailMayReceive      FALSE                  allow
master    replace  ann     accountActive        TRUE                   allow
master    replace  ann     lastChange           1                      allow
master    replace  bob     delete               TRUE                   allow
master    replace  bob     vmailRemovedAt       20260101000000Z        allow
master    replace  bob     vmailDisabledReason  removed                allow
master    delete   bob     vmailDisabledReason  -                      allow
master    replace  bob     vmailDisabledReason  manual                 allow
master    replace  bob     vmailDisabledBy      postmaster             allow
master    replace  manual  accountActive        TRUE                   allow
master    replace  off     accountActive        TRUE                   allow
master    replace  alias   maildrop             bob@one.test           allow
master    add      alias   maildrop             x@far.test             allow
master    add      alias   mail                 office@ONE.test        allow
master    replace  alias   mail                 info@one.test          allow
master    add      alias   mail                 @one.test              allow
master    replace  ann     forwardActive        TRUE                   allow
master    replace  ann     vacationActive       FALSE                  allow
master    replace  ann     mailAutoreply        ann@one.test.autoreply allow
master    replace  ann     uid                  an.n.one.test          allow
master    add      alias   objectClass          vmailMailingList       allow
master    add      alias   vmailListOwner       x@far.test             allow
other     add      alias   vmailListOwner       x@far.test             deny
ann       add      alias   vmailListOwner       x@far.test             deny
phamm     add      alias   vmailListOwner       x@far.test             deny
master    delete   alias   vmailListOwner       -                      allow
master    delete   alias   objectClass          vmailMailingList       allow
master    add      alias   objectClass          vmailState             allow
master    delete   alias   objectClass          vmailState             allow
master    asserted ann     quota                3000S                  allow
deep      replace  carl    uid                  c.arl.a.three.test     allow
deep      replace  carl    uid                  carl.three.test        deny
deeper    replace  dora    uid                  d.ora.b.a.three.test   allow
deeper    replace  dora    uid                  dora.a.three.test      deny
deep      read     dora    mail                 -                      deny

# ... deletes what is marked for removal, and renames nothing
master    rename   alias   mail=ceo@two.test    -                      deny
master    rename   alias   mail=office@one.test -                      deny
master    rename   ann     mail=ann@two.test    -                      deny
master    rename   ann     uid=root             -                      deny
master    rename   gone    mail=ceo@two.test    -                      deny
master    remove   off     -                    -                      deny
master    replace  off     delete               TRUE                   allow
master    remove   off     -                    -                      allow
master    add      alias   objectClass          vmailState             allow
master    replace  alias   vmailDisabledReason  removed                allow
master    rename   alias   mail=ceo@two.test    -                      deny
master    remove   alias   -                    -                      allow

# ... within the domain, and not beyond the mail system
master    posix    master  -                    -                      deny
master    add      ann     objectClass          Yap                    deny
master    add      ann     mail                 ceo@one.test@two.test  deny
master    replace  ann     mailAutoreply        eve@two.test           deny
master    replace  ann     mailAutoreply        eve@two.test.autoreply deny
master    replace  ann     uid                  x.one.test.two.test    deny
master    delete   ann     mailbox              one.test/ann/          deny
master    delete   ann     vdHome               /home/vmail/domains    deny
master    add      ann     otherTransport       smtp:[evil]            deny
master    add      ann     otherTransport       phamm:                 allow
master    delete   ann     otherTransport       phamm:                 deny
master    replace  ann     maildrop             |/bin/sh               deny
master    replace  eve     userPassword         x                      deny
master    passwd   eve     -                    -                      deny
master    replace  eve     quota                0S                     deny
master    add      eve     mail                 x@one.test             deny
master    add      eve     mailAutoreply        x@one.test.autoreply   deny
master    add      eve     mailbox              one.test/x/            deny
master    add      eve     uid                  x.one.test             deny
deep      add      dora    uid                  x.a.three.test         deny
deeper    add      carl    uid                  x.b.a.three.test       deny
master    replace  other   userPassword         x                      deny
master    replace  phamm   userPassword         x                      deny
master    replace  mailctl userPassword         x                      deny
master    remove   eve     -                    -                      deny

# ... nor over what the site has disabled
master    replace  expired vmailDisabledReason  manual                 deny
master    delete   expired vmailDisabledReason  -                      deny
master    remove   expired -                    -                      deny

# the tools: everything below o=hosting and ou=admin, clearPassword excepted
mailctl   read     base    dc                   -                      allow
mailctl   read     ann     userPassword         -                      allow
mailctl   read     ann     entryUUID            -                      allow
mailctl   read     matrix  userPassword         -                      allow
mailctl   find     base    mail                 ann@one.test           allow
mailctl   find     base    entryUUID            *                      allow
mailctl   find     base    clearPassword        *                      deny
mailctl   replace  ann     expireDate           20301231225959         allow
mailctl   replace  one     maxMail              20                     allow
mailctl   asserted ann     accountActive        TRUE                   allow
mailctl   replace  expired vmailDisabledReason  manual                 allow
mailctl   replace  ann     userPassword         secret                 allow
mailctl   passwd   bob     -                    -                      allow
mailctl   posix    ann     -                    -                      allow
mailctl   add      new     maildrop             |/usr/bin/list         allow
mailctl   new      two     mail=n@two.test      expiring               allow
mailctl   rename   ann     mail=anna@one.test   -                      allow
mailctl   replace  matrix  maxDomain            3                      allow
mailctl   remove   matrix  -                    -                      allow
mailctl   remove   eve     -                    -                      allow
service   read     bob     mail                 -                      allow
service   read     service cn                   -                      allow
service   read     service userPassword         -                      deny
service   replace  service userPassword         secret                 allow
mailctl   remove   hosting -                    -                      deny
mailctl   replace  base    description          x                      deny
mailctl   replace  mailctl description          x                      deny
TABLE
}

server=$scratch/server at=$(uri "$scratch/server")
new=mail=x@one.test,vd=one.test,$hosting
configure "$server" "${1:-$schema/acl.conf}"
tree >"$server/tree.ldif"
load "$server" "$server/tree.ldif"
serve "$server"

rows=0
while read -r who operation entry attribute value expected; do
	case $who in '' | \#*) continue ;; esac
	[ "$entry" = - ] && entry=base
	attempt "$who" "$operation" "$entry" "$attribute" "$value"
	case $? in
	0) answer=allow ;;
	1) answer=deny ;;
	*) answer="neither ($(grep -v '^modifying\|^adding\|^$' "$scratch/out" | head -2 | xargs -0))" ;;
	esac
	[ "$answer" = "$expected" ] ||
		fail "$who $operation $entry $attribute $value: $answer, expected $expected"
	rows=$((rows + 1))
done < <(table)

# outlived DN CHANGE LINE...: a session that was open when the account was disabled (by the lines)
# changes nothing more.
outlived() {
	local dn=$1 change=$2 pipe=$scratch/pipe tries value
	shift 2
	mkfifo "$pipe"
	ldapmodify -x -H "$at" -D "$dn" -w secret <"$pipe" >/dev/null 2>&1 &
	local client=$!
	pids+=("$client")
	exec 3>"$pipe"
	printf 'dn: %s\nchangetype: modify\nreplace: vacationInfo\nvacationInfo: before\n\n' "$dn" >&3
	for tries in {1..100}; do
		value=$(search "$at" -s base -b "$dn" vacationInfo | sed -n 's/^vacationInfo: //p')
		[ "$value" = before ] && break
		sleep 0.02
	done
	[ "$value" = before ] || fail "$dn: the first change was refused"
	{ printf 'dn: %s\nchangetype: modify\n' "$dn"; printf '%s\n' "$@"; } |
		as mailctl ldapmodify >/dev/null || fail "$dn: cannot be disabled"
	printf 'dn: %s\nchangetype: modify\n%b\n\n' "$dn" "$change" >&3
	exec 3>&-
	wait "$client"
	[ $? -eq 50 ] || fail "$dn: changes its entry in a session that was open when it was disabled"
	rm "$pipe"
}
outlived "$carl" 'replace: vacationInfo\nvacationInfo: after' 'replace: accountActive' 'accountActive: FALSE'
outlived "$finn" 'add: maildrop\nmaildrop: finn@home.test' 'replace: accountActive' 'accountActive: FALSE'
outlived "$gina" 'delete: maildrop' 'replace: delete' 'delete: TRUE'
outlived "$dora" 'replace: vacationInfo\nvacationInfo: after' \
	'replace: vmailDisabledReason' 'vmailDisabledReason: compromised' - \
	'replace: accountActive' 'accountActive: FALSE'

verdict "$rows operations allowed or refused as they should be"
