#!/bin/bash
# Accounts of Unix, made by mailctl in a directory with our schema and access rules: the C library and PAM find them through Debian's nslcd with
# schema/nslcd.conf, for as long as the mailbox is in service. nslcd knows one place for its settings and its socket: it gets them in a
# mount namespace of its own.
. "$(dirname "$0")/server.sh"
phamm_password=$odd_password
support=$(cd "$(dirname "$0")/../support" && pwd)
[ "$uid" -eq 0 ] && unshare -m true 2>/dev/null || { echo 'a mount namespace needs root'; exit 77; }
packages=$("$support/unpack-packages" nslcd libnss-ldapd libpam-ldapd) || exit 77

fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
configure "$scratch/server"
load "$scratch/server" "$scratch/tree.ldif"
serve "$scratch/server"

export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal
unset MAILCTL_SANDBOX
tool() { "$MAILCTL" -H "$(uri "$scratch/server")" -b "$base" --sasl external -q "$@" || fail "mailctl $*"; }
printf 'secret-of-all\n' >"$scratch/password"
chmod 600 "$scratch/password"
tool domain add example.org gone.org
for user in bob ann off removed plain former; do tool mailbox add $user@example.org --name "$user Müller" --password-file "$scratch/password"; done
tool mailbox add eve@gone.org --password-file "$scratch/password"
for user in bob@example.org off@example.org removed@example.org former@example.org eve@gone.org; do tool unix add $user; done
tool unix add ann@example.org --home /srv/ann --shell /bin/sh --gecos 'Ann,,,'

# Logins of elsewhere, put there by hand: a second one, and what nslcd takes for no name.
peer ldapmodify -H "$(uri "$scratch/server")" >/dev/null <<LDIF
dn: mail=bob@example.org,vd=example.org,o=hosting,$base
changetype: modify
add: uid
uid: robert

dn: mail=former@example.org,vd=example.org,o=hosting,$base
changetype: modify
replace: uid
uid: former+x
LDIF

mkdir "$scratch/inside"
cp -a /etc "$scratch/inside/etc"
fill "$schema/nslcd.conf" | sed -e "s|ldapi:///|$(uri "$scratch/server")|" -e '/^[ug]id nslcd$/d' >"$scratch/inside/etc/nslcd.conf"
chmod 600 "$scratch/inside/etc/nslcd.conf"
printf 'passwd: files ldap\n' >"$scratch/inside/etc/nsswitch.conf"
for kind in auth account; do echo "$kind required $packages/lib/$(uname -m)-linux-gnu/security/pam_ldap.so"; done >"$scratch/inside/etc/pam.d/mailctl-test"

# Commands from the standard input, one on a line, inside: for each, what it says, and a line of its own with a dot.
cat >"$scratch/inside/run" <<'INSIDE'
mount --bind "$1/etc" /etc && mount -t tmpfs none /run && mkdir /run/nslcd || exit 1
"$2/usr/sbin/nslcd" -d 2>"$1/log" >&2 &
nslcd=$!
trap 'kill $nslcd' EXIT
for _ in {1..200}; do [ -S /run/nslcd/socket ] && break; sleep 0.05; done
export LD_LIBRARY_PATH=$(echo "$2"/lib/*-linux-gnu)
while read -r command; do eval "$command" 2>&1; echo .; done
INSIDE
enter() { coproc inside { exec unshare -m --propagation private bash "$scratch/inside/run" "$scratch/inside" "$packages" 2>"$scratch/inside/errors"; }; }
leave() {
	eval "exec ${inside[1]}>&-"
	wait "$inside_PID"
}
ask() { # COMMAND...: $said is what it says
	local line
	said=
	echo "$*" >&"${inside[1]}" || die "nslcd: $(cat "$scratch/inside/errors")"
	while read -r -t 60 line <&"${inside[0]}"; do
		[ "$line" != . ] || return 0
		said+=$line$'\n'
	done
	die "no answer to: $*"
}
passwd() { ask getent passwd "$1"; said=${said%$'\n'}; }
expect() { [ "$said" = "$2" ] || fail "$1: $said, not $2"; }
# login USER [PASSWORD]: the codes of pam_authenticate and pam_acct_mgmt; 0 is yes.
login() { ask "echo $1 ${2-secret-of-all} | python3 $support/pam_login.py mailctl-test"; said=${said%$'\n'}; said=${said#* }; }
lets_in() { login "$@"; [ "$said" = '0 0' ] || fail "$1 cannot log in: $said"; }
keeps_out() {
	login "$@"
	[[ $said =~ ^[1-9][0-9]*\ [0-9]+$ ]] || fail "$1 logs in${2:+ with $2}: $said"
}
refuses_account() { [[ $said =~ \ [1-9][0-9]*$ ]] || fail "$1 is let in without a password: $said"; }

enter
passwd bob.example.org
expect 'the account as it is made' 'bob.example.org:*:10000:100:bob Müller:/home/example.org/bob:/usr/sbin/nologin'
passwd ann.example.org
expect 'one with all of its own' 'ann.example.org:*:10005:100:Ann,,,:/srv/ann:/bin/sh'
passwd 10000
[[ $said == bob.example.org:* ]] || fail "the name of 10000 is $said"
passwd plain.example.org
expect 'a mailbox without an account' ''
passwd robert
expect 'a second login is a second name' 'robert:*:10000:100:bob Müller:/home/example.org/bob:/usr/sbin/nologin'
passwd former+x
expect 'what is no name to nslcd' ''
lets_in bob.example.org
lets_in ann.example.org
keeps_out bob.example.org wrong
keeps_out plain.example.org
keeps_out former+x

tool mailbox disable off@example.org
tool mailbox remove removed@example.org --yes
tool domain disable gone.org --yes
tool unix remove bob@example.org --yes
for user in off.example.org removed.example.org eve.gone.org bob.example.org; do
	passwd $user
	expect "one that is out of service" ''
	keeps_out $user
	refuses_account $user
done
lets_in ann.example.org
tool mailbox enable off@example.org
tool mailbox restore removed@example.org
tool domain enable gone.org
for user in off.example.org removed.example.org eve.gone.org; do lets_in $user; done

leave

# Without the filter everybody is a user, and the bind and pam_authz_search each keep out who is not in service.
sed -i '/^filter passwd/d' "$scratch/inside/etc/nslcd.conf"
tool mailbox disable off@example.org
enter
lets_in ann.example.org
passwd off.example.org
[[ $said == off.example.org:* ]] || fail "the filter was not taken away: $said"
keeps_out off.example.org
refuses_account off.example.org
leave
verdict "nslcd tells the accounts of mailboxes that are in service, and PAM lets in nobody else"
