#!/bin/bash
# What mailctl config slapd prints: slapd takes it; two servers started from it copy from each other what mailctl writes, one writer at a time, and
# one that was away catches up.
. "$(dirname "$0")/server.sh"
: "${MAILCTL:?the path of mailctl}"
[ "$uid" -eq 0 ] || chmod 711 "$scratch"
export HOME=$scratch MAILCTL_CONFIG=/dev/null MAILCTL_BASE=$base MAILCTL_JOURNAL_DIR=$scratch/journal TZ=UTC
unset MAILCTL_SANDBOX MAILCTL_URI
printf '%s\n' "$phamm_password" >"$scratch/daemons"
printf 'copy "all"\\of #it $now\n' >"$scratch/replicator"
chmod 600 "$scratch/daemons" "$scratch/replicator"
export MAILCTL_DAEMON_PASSWORD_FILE=$scratch/daemons

# ---- one server alone
mkdir -p "$scratch/alone/data/accesslog"
"$MAILCTL" config slapd --out "$scratch/alone" --data "$scratch/alone/data" -q || die 'no files'
slaptest -Q -u -f "$scratch/alone/slapd.conf" 2>"$scratch/said" || fail "slaptest: $(cat "$scratch/said")"
# As /etc/init.d/slapd of Debian looks for it.
pid_file=$(sed -ne 's/^pidfile[[:space:]]\+\(.\+\)/\1/p' "$scratch/alone/slapd.conf")
[ "$pid_file" = "$scratch/alone/data/slapd.pid" ] || fail "the file of the process is $pid_file"
# The tools log in as their entry where they are set to, and with the password that they have.
printf 'Tools-only8\n' >"$scratch/tools"
chmod 600 "$scratch/tools"
as_tools=(env MAILCTL_BIND_DN="cn=MailCtl, $base" MAILCTL_BIND_PASSWORD_FILE="$scratch/tools" "$MAILCTL")
"${as_tools[@]}" config slapd tree.ldif | grep -E 'Tools-only8|^userPassword: [^@]' && fail 'a secret that nobody asked for'
slapadd -q -f "$scratch/alone/slapd.conf" < <("${as_tools[@]}" config slapd tree.ldif --with-secrets) || fail 'slapadd'
[ "$("$MAILCTL" config slapd tree.ldif --with-secrets | grep -c '^userPassword: ')" = 1 ] || fail 'who comes by EXTERNAL has a password'
[ "$(env MAILCTL_BIND_DN="cn=other,$base" MAILCTL_BIND_PASSWORD_FILE="$scratch/tools" "$MAILCTL" config slapd tree.ldif --with-secrets | grep -c '^userPassword: ')" = 1 ] ||
	fail 'the password of somebody else is that of the tools'
serve "$scratch/alone"
said=$("${as_tools[@]}" -H "$(uri "$scratch/alone")" whoami -o csv) || fail "whoami: $said"
[[ $said == *"dn:cn=mailctl,$base"* ]] || fail "the tools are $said"
stop

# ---- two of them
servers=("$scratch/first" "$scratch/second")
providers=()
for server in "${servers[@]}"; do providers+=(--provider "$(uri "$server")"); done
for i in 0 1; do
	server=${servers[i]}
	mkdir -p "$server/data/accesslog"
	"$MAILCTL" config slapd --out "$server" --data "$server/data" "${providers[@]}" --server-id $((i + 1)) --replicator-password-file "$scratch/replicator" -q || die 'no files'
	[ "$(stat -c %a "$server/replication.conf")" != 644 ] || fail 'everybody may read the password of the replicator'
	grep -q 'copy' "$server/slapd.conf" && fail 'slapd.conf has the password of the replicator'
	slaptest -Q -u -f "$server/slapd.conf" 2>"$scratch/said" || fail "slaptest: $(cat "$scratch/said")"
	# Who this test is.
	sed -i "/^authz-policy/a authz-regexp \"^gidNumber=$gid[+]uidNumber=$uid,cn=peercred,cn=external,cn=auth\$\" \"cn=mailctl,$base\"" "$server/slapd.conf"
	sed -i 's/^	retry=.*/	retry="1 +"/' "$server/replication.conf"
done
{
	"$MAILCTL" config slapd tree.ldif --with-secrets
	echo
	"$MAILCTL" config slapd replicator.ldif --with-secrets --replicator-password-file "$scratch/replicator"
} >"$scratch/tree.ldif"
slapadd -q -w -S 1 -f "${servers[0]}/slapd.conf" -l "$scratch/tree.ldif" || die 'slapadd'
slapcat -f "${servers[0]}/slapd.conf" >"$scratch/copy.ldif"
slapadd -q -f "${servers[1]}/slapd.conf" -l "$scratch/copy.ldif" || die 'slapadd of the second'
for server in "${servers[@]}"; do serve "$server"; done

tool() { # SERVER... -- ARGUMENT...
	local at=()
	while [ "$1" != -- ]; do at+=(-H "$(uri "$1")"); shift; done
	"$MAILCTL" "${at[@]}" --sasl external -q "${@:2}" || fail "mailctl ${*:2}"
}
# What each server has, hashes too: as slapcat has it, which needs no identity. Without what is the server's own.
content() { slapcat -f "$1/slapd.conf" -o ldif-wrap=no | grep -v '^contextCSN:' | sort; }
even() { [ "$(content "${servers[0]}")" = "$(content "${servers[1]}")" ]; }
become_even() {
	local tries
	for tries in {1..400}; do even && return; sleep 0.05; done
	fail "$1: $(diff <(content "${servers[0]}") <(content "${servers[1]}") | head -5)"
}
printf 'Right-horse7\n' >"$scratch/password"
chmod 600 "$scratch/password"

tool "${servers[@]}" -- domain add example.org
tool "${servers[@]}" -- mailbox add ann@example.org bob@example.org --password-file "$scratch/password"
become_even 'what mailctl writes at the first comes to the second'
tool "${servers[1]}" -- mailbox disable bob@example.org
become_even 'what is written at the second comes to the first'
ldapwhoami -x -H "$(uri "${servers[1]}")" -D "mail=ann@example.org,vd=example.org,o=hosting,$base" -w Right-horse7 >/dev/null 2>&1 || fail 'a hash was not copied'
ldapwhoami -x -H "$(uri "${servers[1]}")" -D "cn=phamm,o=hosting,$base" -w "$phamm_password" >/dev/null 2>&1 || fail 'the daemons do not log in at the second'

# A run writes at the first alone: each entry carries the number of the server that took it.
tool "${servers[@]}" -- mailbox add one@example.org two@example.org three@example.org --no-password
become_even 'a run'
took=$(slapcat -f "${servers[0]}/slapd.conf" -a '(|(mail=one@example.org)(mail=two@example.org)(mail=three@example.org))' | sed -n 's/^entryCSN: .*#\(...\)#.*/\1/p' | sort | uniq -c | tr -s ' ')
[ "$took" = ' 3 001' ] || fail "a run was taken by these servers: $took"

# One is gone: the other goes on, and the first has it all when it is back.
kill "${pids[0]}" && wait "${pids[0]}"
tool "${servers[@]}" -- mailbox add meanwhile@example.org --no-password
tool "${servers[@]}" -- mailbox remove two@example.org --yes
ldapwhoami -x -H "$(uri "${servers[1]}")" -D "mail=ann@example.org,vd=example.org,o=hosting,$base" -w Right-horse7 >/dev/null 2>&1 || fail 'logins stop with the first server'
serve "${servers[0]}"
become_even 'what was written meanwhile'

# Only the replicator reads hashes.
hashes() { ldapsearch -x -LLL -H "$(uri "${servers[0]}")" -D "$1" -y <(printf %s "$2") -b "$base" '(mail=ann@example.org)' userPassword 2>/dev/null | grep -c '^userPassword'; }
[ "$(hashes "cn=replicator,$base" "$(cat "$scratch/replicator")")" = 1 ] || fail 'the replicator reads no hash'
[ "$(hashes "cn=phamm,o=hosting,$base" "$phamm_password")" = 0 ] || fail 'the daemons read a hash'
[ "$(hashes "cn=balancer,$base" "$(cat "$scratch/replicator")")" = 0 ] || fail 'the balancer reads a hash for itself'

# The balancer speaks for who logged in through it, with what that one may.
as_ann=$(ldapwhoami -x -H "$(uri "${servers[0]}")" -D "cn=balancer,$base" -y <(printf %s "$(cat "$scratch/replicator")") -e "!authzid=dn:mail=ann@example.org,vd=example.org,o=hosting,$base" 2>&1)
[[ $as_ann == *mail=ann@example.org* ]] || fail "the balancer does not speak for ann: $as_ann"
as_other=$(ldapwhoami -x -H "$(uri "${servers[0]}")" -D "cn=replicator,$base" -y <(printf %s "$(cat "$scratch/replicator")") -e "!authzid=dn:mail=ann@example.org,vd=example.org,o=hosting,$base" 2>&1)
[[ $as_other != *dn:mail=ann* ]] || fail 'the replicator speaks for ann'

# lloadd: a tier for each server, so that one has all requests. Debian has no lloadd to ask; tests/mailstack/balanced.sh asks one of elsewhere.
lloadd=$("$MAILCTL" config slapd lloadd.conf "${providers[@]}" --server-id 1)
[ "$(grep -c '^tier ' <<<"$lloadd")" = 2 ] && [ "$(grep -cxE 'backend-server uri=.*' <<<"$lloadd")" = 2 ] || fail "lloadd: $lloadd"
awk '/^tier /{ n = 0 } /^backend-server/{ if (n++) exit 1 }' <<<"$lloadd" || fail 'two servers in one tier would both be written to'
verdict 'slapd takes what mailctl config prints, alone and as one of two that copy from each other'
