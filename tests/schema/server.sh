# Private slapd servers for the tests of schema/: sourced, not run. Every server has a directory of
# its own below $scratch and listens on a unix socket in it; all end, by pid, when the test exits.

set -u
PATH=$PATH:/usr/sbin:/sbin
export LDAPNOINIT=1 LC_ALL=C
schema=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../schema" && pwd)
base=dc=example,dc=org
uid=$(id -u) gid=$(id -g)
scratch=$(mktemp -d)
pids=()

finish() {
	local pid
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
	rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

failures=0
fail() { echo "FAIL: $*" >&2; failures=$((failures + 1)); }
die() { echo "FAIL: $*" >&2; exit 1; }
verdict() {
	[ "$failures" -eq 0 ] || { echo "$failures failed" >&2; exit 1; }
	echo "ok: $*"
}

# fill SOURCE [DIR]: a template of schema/ on standard output, filled by "mailctl config", which alone knows how, for ldapi:/// and the places where the daemons
# look. DIR is where the data of slapd are.
phamm_password=secret # of cn=phamm; the daemons' tests have one that each syntax has to have in its own way
odd_password='a b#c"d'"'"'e%f$g{h};i&j<k>'
fill() {
	local daemon=slapd file=${1##*/}
	case $1 in
	*/sandbox.conf.in) fill_sandbox "$@"; return ;; # which is what mailctl sandbox does
	*/postfix/*lists*) daemon=mailman ;;
	"$schema"/*/*) daemon=${1%/*} daemon=${daemon##*/} ;;
	*/nslcd.conf) daemon=nslcd ;;
	"$schema"/*) ;;
	*) sed "s|@BASE@|$base|g" "$1"; return ;; # a test's own
	esac
	[ -e "$scratch/phamm.password" ] || (umask 077 && printf '%s\n' "$phamm_password" >"$scratch/phamm.password")
	[ "$daemon" != slapd ] || set -- "$1" --data "${2:-$scratch}"
	env -i PATH="$PATH" HOME="$scratch" MAILCTL_CONFIG=/dev/null MAILCTL_URI=ldapi:/// MAILCTL_BASE="$base" MAILCTL_LISTS_DOMAIN=lists.example.org \
		MAILCTL_DAEMON_PASSWORD_FILE="$scratch/phamm.password" MAILCTL_PASSWORD_SCHEME=ssha \
		"${MAILCTL:-mailctl}" config "$daemon" "${file%.in}" --with-secrets "${@:2}"
}
fill_sandbox() {
	sed -e "s|@BASE@|$base|g" -e "s|@DIR@|${2:-}|g" -e "s|@SCHEMA@|$schema|g" -e "s|@PEER@|gidNumber=$gid[+]uidNumber=$uid,cn=peercred,cn=external,cn=auth|g" "$1"
}

# configure DIR [ACL]: writes the sandbox's configuration, and an empty place for its data.
configure() {
	mkdir -p "$1/data" "$1/accesslog"
	fill "$schema/limits.conf" >"$1/limits.conf"
	fill "${2:-$schema/acl.conf}" >"$1/acl.conf"
	fill "$schema/texts.conf" >"$1/texts.conf"
	fill "$schema/accesslog.conf" "$1" >"$1/accesslog.conf"
	fill "$schema/sandbox.conf.in" "$1" >"$1/slapd.conf"
}

# config_ldif DIR [LDIF...]: what slapadd -n 0 reads for a server with cn=config: Debian's schema, these files, and an empty mail database.
config_ldif() {
	cat <<LDIF
dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: $1/slapd.pid

dn: cn=module{0},cn=config
objectClass: olcModuleList
cn: module{0}
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

LDIF
	local file
	for file in /etc/ldap/schema/{core,cosine,inetorgperson,nis}.ldif "${@:2}"; do
		cat "$file"
		echo
	done
	cat <<LDIF
dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcRootDN: gidNumber=$gid+uidNumber=$uid,cn=peercred,cn=external,cn=auth

dn: olcDatabase={1}mdb,cn=config
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcDbDirectory: $1/data
olcSuffix: $base
LDIF
}

# config_entry FOLDER RDN: the one entry of a cn=config. A filter would not do: {1}mdb and {2}mdb are equal to slapd.
config_entry() {
	slapcat -F "$1" -n 0 -o ldif-wrap=no | awk -v RS= -v name="dn: $2," 'index($0, name) == 1 { print; exit }'
}

# load DIR LDIF...: fills the database before the server starts.
load() {
	local dir=$1 ldif
	shift
	for ldif in "$@"; do
		slapadd -q -f "$dir/slapd.conf" -l "$ldif" || die "slapadd $ldif"
	done
}

uri() { echo "ldapi://${1//\//%2F}%2Fsocket"; }

# serve DIR: starts slapd on slapd.conf or, where there is none, on the folder slapd.d.
serve() {
	local config=(-f "$1/slapd.conf") tries
	[ -e "$1/slapd.conf" ] || config=(-F "$1/slapd.d")
	slapd -s 0 -d 0 "${config[@]}" -h "$(uri "$1")" 2>"$1/stderr" &
	pids+=($!)
	for tries in {1..200}; do
		ldapwhoami -Q -Y EXTERNAL -H "$(uri "$1")" >/dev/null 2>&1 && return
		kill -0 "${pids[-1]}" 2>/dev/null || break
		sleep 0.05
	done
	cat "$1/stderr" >&2
	die "slapd does not answer in $1"
}

# stop: ends the server that was started last.
stop() {
	kill "${pids[-1]}" && wait "${pids[-1]}"
	unset 'pids[-1]'
}

# The tools, as the peer that owns the server.
peer() { local tool=$1; shift; "$tool" -Q -Y EXTERNAL "$@"; }

# search URI FILTER [ATTRIBUTE...]: below the base, unfolded, without comments.
search() {
	local at=$1
	shift
	peer ldapsearch -LLL -o ldif-wrap=no -H "$at" -b "$base" "$@"
}
