# Sourced by the stories about mailctl check, after mailctl_sandbox.bash: a slapd of their own, whose tree is loaded without the checks of a server, so that it may
# hold what no server would take. The tools come as cn=mailctl,$BASE with a password; they are not the rootdn.
#
#     serve_tree FILE        starts it with these entries below o=hosting and ou=admin; what is in the folder $dir before may be changed: conf, access
#     end_slapd
#     domain NAME [LINE...], account USER DOMAIN [LINE...], alias_of USER DOMAIN TARGET [LINE...]   entries as mailctl makes them; a LINE "attribute: value"
#                            takes the place of the attribute's own, "attribute:" alone takes it away, "+attribute: value" adds one more

BASE=dc=example,dc=net
hosting=o=hosting,$BASE
. "${BASH_SOURCE%/*}/many_mailboxes.bash"
dir=$scratch/slapd
mkdir -p "$dir"
slapadd=$(PATH=$PATH:/usr/sbin command -v slapadd) || exit 77
slapd_pid=
trap 'end_slapd; rm -rf "$scratch"' EXIT

unset MAILCTL_SANDBOX
export MAILCTL_JOURNAL_DIR=$scratch/journal MAILCTL_BASE=$BASE MAILCTL_BIND_DN=cn=mailctl,$BASE MAILCTL_BIND_PASSWORD_FILE=$scratch/password
folder=$MAILCTL_JOURNAL_DIR
MAILCTL_URI=ldapi://$(printf %s "$dir/socket" | sed 's|/|%2F|g')
export MAILCTL_URI
(umask 077 && echo secret >"$scratch/password")

# What a test may change before serve_tree.
schemas="phamm phamm-vacation vmail"
modules=""
limits='limits dn.exact="cn=mailctl,'$BASE'" size=unlimited time=unlimited'
access='access to attrs=userPassword by dn.exact="cn=mailctl,'$BASE'" write by anonymous auth by * none
access to dn.subtree="'$hosting'" by dn.exact="cn=mailctl,'$BASE'" write by * none
access to dn.subtree="ou=admin,'$BASE'" by dn.exact="cn=mailctl,'$BASE'" write by * none
access to * by dn.exact="cn=mailctl,'$BASE'" read by * none'
indices='index objectClass,mail,vd,maildrop,uid,mailbox,uidNumber,entryUUID,entryCSN eq'
overlays=""
durability=dbnosync # nothing of a test outlives the machine
configuration="" # access rules of cn=config

end_slapd() {
	[ -n "$slapd_pid" ] || return 0
	kill "$slapd_pid" 2>/dev/null && wait "$slapd_pid"
	slapd_pid=
}

conf() {
	local name
	for name in core cosine inetorgperson nis; do echo "include /etc/ldap/schema/$name.schema"; done
	for name in $schemas; do
		[ -e "$dir/$name.schema" ] && echo "include \"$dir/$name.schema\"" || echo "include \"$SOURCE_DIR/schema/$name.schema\""
	done
	printf '%s\n' "modulepath /usr/lib/ldap" "moduleload back_mdb"
	for name in $modules; do echo "moduleload $name"; done
	printf '%s\n' "pidfile \"$dir/slapd.pid\"" "sizelimit 500" 'access to dn.base="" by * read' 'access to dn.base="cn=Subschema" by * read'
	[ -z "$configuration" ] || printf '%s\n' "database config" "$configuration"
	printf '%s\n' "database mdb" "suffix \"$BASE\"" "directory \"$dir/data\"" "maxsize ${maxsize:-1073741824}" "$durability" "rootdn \"cn=root,$BASE\"" "$indices" "$limits" "$access" "$overlays"
}

serve_tree() {
	end_slapd
	rm -rf "$dir/data" && mkdir -p "$dir/data"
	conf >"$dir/slapd.conf"
	{
		printf 'dn: %s\nobjectClass: domain\nstructuralObjectClass: domain\ndc: example\n\n' "$BASE"
		printf 'dn: cn=mailctl,%s\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\nstructuralObjectClass: organizationalRole\ncn: mailctl\nuserPassword: secret\n\n' "$BASE"
		printf 'dn: %s\nobjectClass: organization\nstructuralObjectClass: organization\no: hosting\n\n' "$hosting"
		printf 'dn: ou=admin,%s\nobjectClass: organizationalUnit\nstructuralObjectClass: organizationalUnit\nou: admin\n\n' "$BASE"
		cat "$1"
	} >"$dir/tree.ldif"
	"$slapadd" -q -s -f "$dir/slapd.conf" -l "$dir/tree.ldif" 2>"$dir/slapadd.log" || { cat "$dir/slapadd.log" >&2; exit 1; }
	"${slapadd%slapadd}slapd" -s 0 -d none -f "$dir/slapd.conf" -h "$MAILCTL_URI" 2>"$dir/slapd.log" </dev/null >/dev/null &
	slapd_pid=$!
	local _
	for _ in {1..200}; do
		ldapwhoami -x -H "$MAILCTL_URI" >/dev/null 2>&1 && return
		sleep 0.05
	done
	cat "$dir/slapd.log" >&2
	exit 1
}

# Lines of an entry on standard input, with those of the arguments in their place. Values of an attribute stand together, and a tree that is loaded without checks
# has to say what its entries are.
with() {
	local text line name
	text=$(cat)
	for line in "$@"; do
		name=${line#+}
		name=${name%%:*}
		case $line in
			+*) grep -q "^$name: " <<<"$text" && text=$(awk -v name="$name: " -v line="${line#+}" '{ print } index($0, name) == 1 && !done { print line; done = 1 }' <<<"$text") || text+=$'\n'${line#+} ;;
			*:) text=$(grep -v "^$name: " <<<"$text") ;;
			*)
				text=$(grep -v "^$name: " <<<"$text")
				text+=$'\n'$line
				;;
		esac
	done
	for name in VirtualMailAccount VirtualMailAlias VirtualDomain VirtualAdmin; do
		! grep -q "^objectClass: $name\$" <<<"$text" || text+=$'\n'"structuralObjectClass: $name"
	done
	printf '%s\n\n' "$text"
}

bare_domain() {
	printf '%s\n' "dn: vd=$1,$hosting" "objectClass: top" "objectClass: VirtualDomain" "vd: $1" "accountActive: TRUE" "lastChange: 1700000000" "creationDate: 20231114221320" "delete: FALSE" | with "${@:2}"
}

# With its role addresses.
domain() {
	bare_domain "$@"
	alias_of abuse "$1" hostmaster@elsewhere.example
	printf '%s\n' "dn: cn=postmaster,vd=$1,$hosting" "objectClass: top" "objectClass: inetOrgPerson" "objectClass: VirtualMailAlias" "mail: postmaster@$1" "cn: postmaster" "sn: postmaster" \
		"maildrop: hostmaster@elsewhere.example" "accountActive: TRUE" "editAccounts: TRUE" "lastChange: 1700000000" "creationDate: 20231114221320" | with
}

account() {
	printf '%s\n' "dn: mail=$1@$2,vd=$2,$hosting" "objectClass: top" "objectClass: inetOrgPerson" "objectClass: VirtualMailAccount" "objectClass: VirtualForward" "objectClass: Vacation" \
		"mail: $1@$2" "cn: $1" "sn: $1" "uid: $1.$2" "vdHome: /home/vmail/domains" "mailbox: $2/$1/" "quota: 52428800S" "accountActive: TRUE" "delete: FALSE" "smtpAuth: TRUE" \
		"forwardActive: FALSE" "vacationActive: FALSE" "mailAutoreply: $1@$2.autoreply" "otherTransport: phamm:" "createMaildir: TRUE" "lastChange: 1700000000" \
		"creationDate: 20231114221320" 'userPassword: {SSHA}MP1S+lVd2mGbUwjpVGZxx9lBdWRtWkMu' | with "${@:3}"
}

alias_of() {
	printf '%s\n' "dn: mail=$1@$2,vd=$2,$hosting" "objectClass: top" "objectClass: inetOrgPerson" "objectClass: VirtualMailAlias" "mail: $1@$2" "cn: ${1:-catch-all}" "sn: ${1:-catch-all}" \
		"maildrop: $3" "accountActive: TRUE" "lastChange: 1700000000" "creationDate: 20231114221320" | with "${@:4}"
}

admin_of() { # NAME DOMAIN [LINE...]
	printf '%s\n' "dn: cn=$1,ou=admin,$BASE" "objectClass: top" "objectClass: inetOrgPerson" "objectClass: VirtualAdmin" "cn: $1" "sn: $1" "mail: $1@elsewhere.example" "vd: $2" \
		"maxDomain: 5" "accountActive: TRUE" "editAccounts: TRUE" "lastChange: 1700000000" | with "${@:3}"
}

# All that a person may have an opinion about: what servers keep, and the stamps of each change, are not.
snapshot() {
	ldapsearch -LLL -x -o ldif-wrap=no -H "$MAILCTL_URI" -D "$MAILCTL_BIND_DN" -y <(printf secret) -b "$BASE" -E pr=500/noprompt '(objectClass=*)' '*' | grep -v -e '^lastChange: ' -e '^#' |
		awk -v RS= '{ n = split($0, lines, "\n"); for (i = 2; i <= n; i++) print lines[1] "\t" lines[i] }' | LC_ALL=C sort
}
