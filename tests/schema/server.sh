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

# fill SOURCE [DIR]: the file with its placeholders replaced, on standard output.
fill() {
	sed -e "s|@BASE@|$base|g" -e "s|@DC@|example|g" -e "s|@DIR@|${2:-}|g" -e "s|@SCHEMA@|$schema|g" \
		-e "s|@PEER@|gidNumber=$gid[+]uidNumber=$uid,cn=peercred,cn=external,cn=auth|g" \
		-e "s|@PHAMM_PASSWORD@|secret|g" "$1"
}

# configure DIR [ACL]: writes the sandbox's configuration, and an empty place for its data.
configure() {
	mkdir -p "$1/data"
	fill "$schema/limits.conf" >"$1/limits.conf"
	fill "${2:-$schema/acl.conf}" >"$1/acl.conf"
	fill "$schema/sandbox.conf.in" "$1" >"$1/slapd.conf"
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
