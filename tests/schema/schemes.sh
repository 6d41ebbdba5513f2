#!/bin/bash
# What mailctl offers as --password-scheme logs in at a server that was set up as README.md says, with slapd.conf and with cn=config.
. "$(dirname "$0")/server.sh"
: "${MAILCTL:?the path of mailctl}"
export HOME=$scratch XDG_STATE_HOME=$scratch/state MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal TZ=UTC MAILCTL_BASE=$base
unset MAILCTL_SANDBOX

# block FIRST: the lines of the block of README.md that has a line that begins so, from there to its end
block() { sed -n "/^$1/,/^\(LDIF\|\`\`\`\)$/p" "$schema/README.md" | grep -vE '^(LDIF|```)$'; }

file=$scratch/file config=$scratch/config
configure "$file"
fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
load "$file" "$scratch/tree.ldif"
sed -i '/^moduleload \(pw-sha2\|argon2\)/d' "$file/slapd.conf"
fill "$schema/slapd/slapd.conf" | grep -E "^moduleload (pw-|argon)" >"$file/modules"
sed -i "/^moduleload back_mdb/r $file/modules" "$file/slapd.conf"
serve "$file"

mkdir -p "$config/slapd.d" "$config/data"
config_ldif "$config" "$schema"/{phamm,phamm-vacation,vmail}.ldif >"$config/config.ldif"
slapadd -n 0 -F "$config/slapd.d" -l "$config/config.ldif" || die 'slapadd -n 0'
slapadd -q -n 1 -F "$config/slapd.d" -l "$scratch/tree.ldif" || die 'slapadd -n 1'
serve "$config"
for f in indices limits acl; do fill "$schema/$f.ldif" | peer ldapmodify -H "$(uri "$config")" >/dev/null || die "$f"; done
block 'dn: cn=module{0},cn=config' | peer ldapmodify -H "$(uri "$config")" >/dev/null || fail 'the modules of README.md are refused'
printf 'dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\nolcAuthzRegexp: "^gidNumber=%s[+]uidNumber=%s,cn=peercred,cn=external,cn=auth$" "cn=mailctl,%s"\n' "$gid" "$uid" "$base" |
	peer ldapmodify -H "$(uri "$config")" >/dev/null || die 'no identity for the tools'

printf 'what nobody guesses\n' >"$scratch/password"
chmod 600 "$scratch/password"
schemes=$(sed -n '/^\.Fl -password-scheme$/,/^slapd checks/p' "$schema/../man/mailctl-mailbox.mdoc" | grep '^\.Cm' | sed 's/^\.Cm//; s/[,.]//g')
[ "$(wc -w <<<"$schemes")" -eq 5 ] || die "mailctl-mailbox(1) offers: $schemes"
for server in "$file" "$config"; do
	MAILCTL_URI=$(uri "$server")
	export MAILCTL_URI
	"$MAILCTL" domain add example.org -q || die "no domain in $server"
	for scheme in $schemes; do
		said=$("$MAILCTL" mailbox add "$scheme@example.org" --password-file "$scratch/password" --password-scheme "$scheme" 2>&1) || fail "$scheme: $said"
		[ "$scheme" != ssha512 ] || [[ $said == *pw-sha2* ]] || fail "nothing is said about the module: $said"
		ldapwhoami -x -H "$MAILCTL_URI" -D "mail=$scheme@example.org,vd=example.org,o=hosting,$base" -w 'what nobody guesses' >/dev/null 2>&1 || fail "${server##*/}: $scheme does not log in"
		ldapwhoami -x -H "$MAILCTL_URI" -D "mail=$scheme@example.org,vd=example.org,o=hosting,$base" -w 'something else' >/dev/null 2>&1 && fail "${server##*/}: $scheme takes any password"
	done
done
verdict 'every scheme logs in'
