#!/bin/bash
# Accounts of Unix, made by mailctl in a directory with our schema and access rules: Debian's FreeRADIUS with the files of schema/freeradius lets in who
# has the password, for as long as the mailbox is in service.
. "$(dirname "$0")/server.sh"
phamm_password=$odd_password
support=$(cd "$(dirname "$0")/../support" && pwd)
packages=$("$support/unpack-packages" freeradius freeradius-common freeradius-config freeradius-ldap freeradius-utils libfreeradius3 libtalloc2 libpcap0.8) || exit 77

fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
configure "$scratch/server"
load "$scratch/server" "$scratch/tree.ldif"
serve "$scratch/server"

export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal
unset MAILCTL_SANDBOX
tool() { "$MAILCTL" -H "$(uri "$scratch/server")" -b "$base" --sasl external -q "$@" >/dev/null || fail "mailctl $*"; }
printf 'secret-of-all\n' >"$scratch/password"
chmod 600 "$scratch/password"
tool domain add example.org gone.org
for user in bob@example.org ann@example.org off@example.org removed@example.org plain@example.org eve@gone.org; do tool mailbox add $user --password-file "$scratch/password"; done
for user in bob@example.org ann@example.org off@example.org removed@example.org eve@gone.org; do tool unix add $user; done

mkdir "$scratch/radius"
fill "$schema/freeradius/ldap" | sed "s|ldapi:///|$(uri "$scratch/server")|" >"$scratch/radius/ldap"
# The port is free when it is looked for; who is faster to take it is seen when the server does not come up.
free_port() { python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
settings() {
	cat <<CONF
prefix = $packages/usr
libdir = $packages/usr/lib/freeradius
logdir = $scratch/radius
run_dir = $scratch/radius
raddbdir = $scratch/radius
log {
	destination = stdout
}
security {
	allow_vulnerable_openssl = yes
}
client here {
	ipaddr = 127.0.0.1
	secret = between-us
}
modules {
	\$INCLUDE $scratch/radius/ldap
}
server mailctl {
listen {
	type = auth
	ipaddr = 127.0.0.1
	port = $port
}
\$INCLUDE $schema/freeradius/site
}
CONF
}
libraries=$packages/usr/lib/freeradius:$(echo "$packages"/usr/lib/*-linux-gnu)
radius() { LD_LIBRARY_PATH=$libraries "$@"; }
come_up() {
	port=$(free_port)
	settings >"$scratch/radius/radiusd.conf"
	LD_LIBRARY_PATH=$libraries "$packages/usr/sbin/freeradius" -X -n radiusd -d "$scratch/radius" -D "$packages/usr/share/freeradius" >"$scratch/radius/log" 2>&1 &
	pids+=($!)
	for _ in {1..200}; do
		grep -q 'Ready to process requests' "$scratch/radius/log" && return
		kill -0 "${pids[-1]}" 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}
come_up || come_up || die "FreeRADIUS does not come up: $(tail -5 "$scratch/radius/log")"

# answer USER [PASSWORD]: Accept or Reject
answer() {
	printf 'User-Name = "%s", User-Password = "%s"\n' "$1" "${2-secret-of-all}" |
		radius "$packages/usr/bin/radclient" -x -r 3 -t 10 -D "$packages/usr/share/freeradius" "127.0.0.1:$port" auth between-us 2>&1 | sed -n 's/^Received Access-\([A-Za-z]*\) .*/\1/p'
}
expect() { # ANSWER USER [PASSWORD]
	local got
	got=$(answer "${@:2}")
	[ "$got" = "$1" ] || fail "$2${3+ with $3}: ${got:-nothing}, not $1: $(tail -20 "$scratch/radius/log")"
}

expect Accept bob.example.org
expect Accept bob@example.org
expect Reject bob.example.org wrong
expect Reject bob.example.org ''
expect Reject nobody.example.org
expect Reject plain@example.org
expect Reject '*'

tool mailbox disable off@example.org
tool mailbox remove removed@example.org --yes
tool domain disable gone.org --yes
tool unix remove bob@example.org --yes
for user in off.example.org removed.example.org eve.gone.org eve@gone.org bob.example.org; do expect Reject $user; done
expect Accept ann.example.org
tool mailbox enable off@example.org
tool mailbox restore removed@example.org
tool domain enable gone.org
for user in off.example.org removed.example.org eve.gone.org; do expect Accept $user; done
verdict "FreeRADIUS accepts who has an account of Unix on a mailbox that is in service, and rejects everybody else"
