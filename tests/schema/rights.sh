#!/bin/bash
# Every cell of rights.tsv is asked of a slapd, by the operation itself as the identity itself, and put right again. The table in
# schema/README.md is what --table prints of the same file.
# usage: rights.sh [ACL]    another file of access rules, to see which cells notice
#        rights.sh --table
. "$(dirname "$0")/server.sh"
. "$(dirname "$0")/attempt.bash"
rights=$(dirname "$0")/rights.tsv

markdown() {
	echo '| | anonymous | daemons | tools | virtual admin | … without editAccounts | … of another domain | postmaster | … without editAccounts | … of another domain | owner | owner of another mailbox | disabled |'
	echo '| --- |'"$(printf ' :-: |%.0s' {1..12})"
	awk -F '\t' '/^## / { printf "| **%s** |", substr($0, 4); for (i = 1; i <= 12; i++) printf " |"; print "" }
		/^[^#]/ { printf "| %s |", $1; for (i = 1; i <= 12; i++) printf " %s|", substr($6, i, 1) == "+" ? "yes " : ""; print "" }' "$rights"
}
if [ "${1-}" = --table ]; then markdown; exit; fi

hosting=o=hosting,$base admins=ou=admin,$base root=
anonymous= daemons=cn=phamm,$hosting tools=cn=mailctl,$base
phamm=$daemons
two=vd=two.test,$hosting twomaster=cn=postmaster,vd=two.test,$hosting
far=vd=far.test,$hosting farmaster=cn=postmaster,vd=far.test,$hosting eve=mail=eve@far.test,vd=far.test,$hosting
third=cn=third,$admins
admin=cn=matrix,$admins adminlean=cn=lean,$admins adminother=cn=other,$admins
master=cn=postmaster,vd=one.test,$hosting masterlean=cn=postmaster,vd=lean.test,$hosting masterother=cn=postmaster,vd=two.test,$hosting
owner=mail=ann@one.test,vd=one.test,$hosting neighbour=mail=bob@one.test,vd=one.test,$hosting
adminoff=cn=off,$admins masteroff=cn=postmaster,vd=off.test,$hosting owneroff=mail=off@one.test,vd=one.test,$hosting
declare -A home=([masterlean]=lean.test [masteroff]=off.test)

# at_home IDENTITY: the names of entries mean those of its domain.
at_home() {
	local where=${home[$1]:-one.test}
	self=${!1} domain=vd=$where,$hosting postmaster=cn=postmaster,vd=$where,$hosting
	ann=mail=ann@$where,$domain bob=mail=bob@$where,$domain gina=mail=gina@$where,$domain
	limited=mail=limited@$where,$domain
	expired=mail=expired@$where,$domain gone=mail=gone@$where,$domain
	alias=mail=info@$where,$domain oldalias=mail=old@$where,$domain
}

# forwarder USER DOMAIN [LINE...]
forwarder() {
	cat <<LDIF

dn: mail=$1@$2,vd=$2,$hosting
objectClass: VirtualMailAlias
objectClass: vmailState
cn: $1
sn: $1
mail: $1@$2
maildrop: ann@one.test
accountActive: TRUE
lastChange: 0
LDIF
	printf '%s\n' "${@:3}"
}

tree() {
	fill "$schema/tree.ldif.in" |
		sed '/^dn: cn=mailctl/,/^$/s/^objectClass: .*/&\nobjectClass: simpleSecurityObject\nuserPassword: secret/'
	domain one.test
	domain lean.test FALSE
	domain off.test TRUE FALSE
	domain two.test
	domain far.test
	account eve far.test TRUE
	account off one.test FALSE
	local where
	for where in one.test lean.test off.test; do
		# clearPassword belongs to no class of the mail schema: old data has it through some other.
		account ann $where TRUE 'clearPassword: secret' | sed 's/^objectClass: Vacation/&\nobjectClass: extensibleObject/'
		account bob $where TRUE
		account gina $where TRUE 'vacationForward: gina@home.test'
		account limited $where TRUE 'vmailSendLimit: 9/1h' | sed 's/^objectClass: Vacation/&\nobjectClass: vmailSending/'
		account expired $where FALSE 'vmailDisabledReason: expired'
		account gone $where TRUE | sed 's/^delete: .*/delete: TRUE/'
		forwarder info $where
		forwarder old $where 'vmailDisabledReason: removed'
	done
	admin "$admin" TRUE TRUE one.test two.test
	admin "$adminlean" TRUE FALSE one.test two.test
	admin "$adminother" TRUE TRUE other.test
	admin "$adminoff" FALSE TRUE one.test two.test
	admin "$third" FALSE TRUE far.test
}

server=$scratch/server at=$(uri "$scratch/server")
configure "$server" "${1:-$schema/acl.conf}"
# Who puts things right is not one of those who are asked: a rootdn by a peer would be the tools' identity.
printf 'rootdn "cn=root,%s"\nrootpw secret\n' "$base" >>"$server/acl.conf"
tree >"$server/tree.ldif"
load "$server" "$server/tree.ldif"
serve "$server"
restorer() { "$1" -x -D "cn=root,$base" -w secret -H "$at" "${@:2}"; }
as() { # instead of that in attempt.bash: all bind with a password here
	local who=$1 tool=$2
	[ -z "${!who}" ] || set -- "$1" "$2" -D "${!who}" -w secret "${@:3}"
	"$tool" -x -H "$at" "${@:3}"
}

# What an operation is about, and the entry that it makes.
made_by() {
	case $1 in
	new) echo "$3,$2" ;;
	rename) echo "$3,${2#*,}" ;;
	move) echo "$3,${!4}" ;;
	esac
}

# keep DN: what is needed to put it right. Without a changetype an attribute named "delete" would make it one.
# Once is enough, as each operation is put right again.
declare -A kept_of=()
keep() {
	kept=${kept_of[$1]-}
	[ -z "$kept" ] || return
	kept=$scratch/kept.${#kept_of[@]} kept_of[$1]=$kept
	restorer ldapsearch -LLL -o ldif-wrap=no -s base -b "$1" '*' 2>/dev/null | sed '1a changetype: add' >"$kept"
}

put_right() { # OPERATION DN ATTRIBUTE VALUE
	local made
	made=$(made_by "$@")
	case $1 in
	read | find | bind) return ;;
	new | rename | move) restorer ldapdelete "$made" >/dev/null || die "cannot take $made away" ;;
	*) [ "$2" = "$domain" ] || [ "$2" = "$two" ] || [ "$1" = remove ] || restorer ldapdelete "$2" >/dev/null || die "cannot take $2 away" ;;
	esac
	case "$1 $2" in # a DN has no blank here
	new\ *) ;;
	reserve\ *) printf 'dn: %s\nchangetype: modify\ndelete: vmailReservation\n-\ndelete: objectClass\nobjectClass: vmailBookkeeping\n' "$2" | restorer ldapmodify >/dev/null ;;
	*" $domain" | *" $two")
		{ printf 'dn: %s\nchangetype: modify\nreplace: %s\n' "$2" "$3"; grep -i "^$3:" "$kept"; } | restorer ldapmodify >/dev/null ;;
	*) restorer ldapadd <"$kept" >/dev/null ;;
	esac || die "cannot put $2 right"
}

cells=0
# ask IDENTITY WHAT OPERATION ENTRY ATTRIBUTE VALUE EXPECTED
ask() {
	local who=$1 what=$2 operation=$3 entry=$4 attribute=$5 value=$6 expected=$7 answer where=${home[$1]:-one.test}
	at_home "$who"
	[ -n "${!entry}" ] || [ "$entry" != self ] || entry=third # nobody has no entry
	attribute=${attribute//'$home'/$where} value=${value//'$home'/$where}
	keep "${!entry}"
	attempt "$who" "$operation" "$entry" "$attribute" "$value"
	case $?,$who in
	0,*) answer=+; put_right "$operation" "${!entry}" "$attribute" "$value" ;;
	1,* | 49,*off) answer=- ;;
	*) answer="neither ($(grep -v '^modifying\|^adding\|^$' "$scratch/out" | head -2 | xargs -0))" ;;
	esac
	cells=$((cells + 1))
	[ "$answer" = "$expected" ] || fail "$who: $what ($operation $entry $attribute $value): $answer, expected $expected"
}

columns=(anonymous daemons tools admin adminlean adminother master masterlean masterother owner neighbour "adminoff masteroff owneroff")
while IFS=$'\t' read -r what operation entry attribute value expected; do
	case $what in '' | \#*) continue ;; esac
	for ((column = 0; column < 12; column++)); do
		for who in ${columns[column]}; do
			[ "${expected:column:1}" = . ] || ask "$who" "$what" "$operation" "$entry" "$attribute" "$value" "${expected:column:1}"
		done
	done
done <"$rights"

[ "$cells" -gt 1000 ] || fail "only $cells cells were asked"

# The table that people read is this one.
sed -n '/^<!-- rights/,/^<!-- end of rights/p' "$schema/README.md" | sed '1d;$d' | diff - <(markdown) >"$scratch/table" ||
	fail "the table in schema/README.md is another one: $(head -5 "$scratch/table")"

verdict "$cells operations allowed or refused as the table says"
