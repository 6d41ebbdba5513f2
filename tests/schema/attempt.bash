# Sourced by the tests of the access rules: what stands in the tree, and one operation as one identity. Of the identities and
# entries each is a variable of that name that holds its DN; "at" is the server.
#
# A refusal counts only as insufficient access (50), for a bind as invalid credentials (49), for a
# change by nobody as authentication required (8): an operation that failed for another reason has
# not tested the rule.

# domain NAME [EDITACCOUNTS [ACTIVE]]: with its postmaster, of whom the flags are
domain() {
	cat <<LDIF

dn: vd=$1,$hosting
objectClass: VirtualDomain
objectClass: vmailSending
vd: $1
accountActive: TRUE
delete: FALSE
lastChange: 0
maxMail: 10

dn: cn=postmaster,vd=$1,$hosting
objectClass: VirtualMailAlias
cn: postmaster
sn: postmaster
mail: postmaster@$1
maildrop: postmaster@$1
accountActive: ${3:-TRUE}
editAccounts: ${2:-TRUE}
lastChange: 0
userPassword: secret
LDIF
}

# account USER DOMAIN ACTIVE [LINE...]
account() {
	cat <<LDIF

dn: mail=$1@$2,vd=$2,$hosting
objectClass: VirtualMailAccount
objectClass: VirtualForward
objectClass: Vacation
objectClass: vmailState
mail: $1@$2
cn: $1
sn: $1
uid: $1.$2
vdHome: /home/vmail/domains
mailbox: $2/$1/
accountActive: $3
delete: FALSE
lastChange: 0
forwardActive: FALSE
vacationActive: FALSE
quota: 1000S
expireDate: 20301231225959
mailAutoreply: $1@$2.autoreply
userPassword: secret
LDIF
	[ $# -eq 3 ] || printf '%s\n' "${@:4}"
}

# admin DN ACTIVE EDITACCOUNTS DOMAIN...
admin() {
	local name=${1#cn=}
	cat <<LDIF

dn: $1
objectClass: VirtualAdmin
cn: ${name%%,*}
sn: ${name%%,*}
mail: ${name%%,*}@one.test
maxDomain: 4
accountActive: $2
editAccounts: $3
lastChange: 0
userPassword: secret
LDIF
	printf 'vd: %s\n' "${@:4}"
}

# as WHO TOOL ARGUMENT...
as() {
	local who=$1 tool=$2
	shift 2
	case $who in
	anonymous) "$tool" -x -H "$at" "$@" ;;
	mailctl) "$tool" -Q -Y EXTERNAL -H "$at" "$@" ;;
	*) "$tool" -x -H "$at" -D "${!who}" -w secret "$@" ;;
	esac
}

# A new entry of each kind that somebody might add.
candidate() {
	local dn=$1 kind=$2 user domain
	user=${dn#*=} user=${user%%[@,]*}
	domain=${dn#*vd=} domain=${domain%%,*}
	case $kind in
	alias) cat <<LDIF ;;
dn: $dn
objectClass: VirtualMailAlias
cn: ${user:-all}
sn: ${user:-all}
mail: $user@$domain
maildrop: ann@one.test
accountActive: TRUE
lastChange: 0
LDIF
	domain) cat <<LDIF ;;
dn: $dn
objectClass: VirtualDomain
vd: ${dn%%,*}
accountActive: TRUE
delete: FALSE
lastChange: 0
LDIF
	admin) admin "$dn" TRUE TRUE far.test | sed 1d ;;
	foreign | parent | elsewhere | borrowed) # one value that is not of this domain
		account "$user" "$domain" TRUE | sed -e 1d -e '/^expireDate:/d' | case $kind in
		foreign) sed 's|^mailbox: .*|mailbox: two.test/eve/|' ;;
		parent) sed 's|^mailbox: .*|mailbox: one.test/../|' ;;
		elsewhere) sed 's|^vdHome: .*|vdHome: /|' ;;
		borrowed) sed 's|^mail: .*|&\nmail: ceo@two.test|' ;;
		esac ;;
	*) account "$user" "$domain" TRUE | sed -e 1d -e '/^expireDate:/d' ;;
	esac
	case $kind in
	posix) printf '%s\n' 'objectClass: posixAccount' 'uidNumber: 0' 'gidNumber: 0' 'homeDirectory: /' ;;
	expiring) echo 'expireDate: 20990101000000' ;;
	clear) printf '%s\n' 'objectClass: extensibleObject' 'clearPassword: secret' ;;
	esac
}

# attempt WHO OPERATION ENTRY ATTRIBUTE VALUE: 0 allowed, 1 refused, anything else neither.
attempt() {
	local who=$1 operation=$2 dn=${!3} attribute=$4 value=$5 code
	case $operation in
	bind)
		as "$who" ldapwhoami >"$scratch/out" 2>&1
		code=$?
		[ $code -eq 49 ] && return 1
		return $code ;;
	read) # what is not shown is refused; the answer itself may be success or no such object
		as "$who" ldapsearch -LLL -b "$dn" -s base "$attribute" >"$scratch/out" 2>&1
		code=$?
		grep -qi "^$attribute:" "$scratch/out" && return 0
		[ $code -eq 0 ] || [ $code -eq 32 ] || [ $code -eq 50 ] || return $code
		return 1 ;;
	find) # by a filter on the attribute, below the entry
		as "$who" ldapsearch -LLL -b "$dn" "($attribute=$value)" 1.1 >"$scratch/out" 2>&1
		code=$?
		grep -q '^dn:' "$scratch/out" && return 0
		[ $code -eq 0 ] || [ $code -eq 32 ] || [ $code -eq 50 ] || return $code
		return 1 ;;
	asserted) # a replace that is guarded by entryUUID and entryCSN
		local uuid csn
		uuid=$(search "$at" -s base -b "$dn" entryUUID | sed -n 's/^entryUUID: //p')
		csn=$(search "$at" -s base -b "$dn" entryCSN | sed -n 's/^entryCSN: //p')
		printf 'dn: %s\nchangetype: modify\nreplace: %s\n%s: %s\n' "$dn" "$attribute" "$attribute" "$value" |
			as "$who" ldapmodify -e "!assert=(&(entryUUID=$uuid)(entryCSN=$csn))" >"$scratch/out" 2>&1 ;;
	replace | add | delete)
		{
			printf 'dn: %s\nchangetype: modify\n%s: %s\n' "$dn" "$operation" "$attribute"
			[ "$value" = - ] || printf '%s:: %s\n' "$attribute" "$(printf %b "$value" | base64 -w0)"
		} | as "$who" ldapmodify >"$scratch/out" 2>&1 ;;
	posix)
		printf 'dn: %s\nchangetype: modify\nadd: objectClass\nobjectClass: posixAccount\n-\nadd: uidNumber\nuidNumber: 0\n-\nadd: gidNumber\ngidNumber: 0\n-\nadd: homeDirectory\nhomeDirectory: /\n' "$dn" |
			as "$who" ldapmodify >"$scratch/out" 2>&1 ;;
	classes) # those of forward and vacation, with what they need
		printf 'dn: %s\nchangetype: modify\nadd: objectClass\nobjectClass: VirtualForward\nobjectClass: Vacation\n-\nadd: forwardActive\nforwardActive: FALSE\n-\nadd: vacationActive\nvacationActive: FALSE\n' "$dn" |
			as "$who" ldapmodify >"$scratch/out" 2>&1 ;;
	reserve)
		printf 'dn: %s\nchangetype: modify\nadd: objectClass\nobjectClass: vmailBookkeeping\n-\nadd: vmailReservation\nvmailReservation: %s\n' "$dn" "$value" |
			as "$who" ldapmodify >"$scratch/out" 2>&1 ;;
	release)
		printf 'dn: %s\nchangetype: modify\ndelete: vmailReservation\nvmailReservation: %s\n-\ndelete: objectClass\nobjectClass: vmailBookkeeping\n' "$dn" "$value" |
			as "$who" ldapmodify >"$scratch/out" 2>&1 ;;
	new)
		candidate "$attribute,$dn" "$value" | as "$who" ldapadd >"$scratch/out" 2>&1 ;;
	remove)
		as "$who" ldapdelete "$dn" >"$scratch/out" 2>&1 ;;
	move) # into the domain of that variable
		as "$who" ldapmodrdn -s "${!value}" "$dn" "$attribute" >"$scratch/out" 2>&1 ;;
	rename)
		as "$who" ldapmodrdn -r "$dn" "$attribute" >"$scratch/out" 2>&1 ;;
	passwd)
		as "$who" ldappasswd -s secret "$dn" >"$scratch/out" 2>&1 ;;
	*) die "unknown operation $operation" ;;
	esac
	code=$?
	[ $code -eq 50 ] || [ "$who $code" = 'anonymous 8' ] && return 1
	return $code
}
