#!/bin/bash
# Flags over environment over the user's file; where each value came from; what a broken file says.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
unset MAILCTL_SANDBOX MAILCTL_CONFIG
mkdir -p "$XDG_CONFIG_HOME/mailctl"
file=$XDG_CONFIG_HOME/mailctl/mailctl.conf

# Nothing set at all.
[ -e /etc/mailctl/mailctl.conf ] || {
	run 78 mailctl mailbox list
	complains "no directory server is set"
	complains "--sandbox"
	complains "mailctl.conf"
}

cat >"$file" <<'CONF'
# the site
uri = ldap://one.example ldap://two.example
  base =   dc=from,dc=file
timeout=12
CONF
run 0 mailctl config show --origin -o csv
says "uri,ldap://one.example ldap://two.example,$file:2"
says "base,\"dc=from,dc=file\",$file:3"
says "timeout,12,$file:4"
says "page-size,500,default"

MAILCTL_TIMEOUT=13 run 0 mailctl config show --origin -o csv
says "timeout,13,MAILCTL_TIMEOUT"
MAILCTL_TIMEOUT=13 run 0 mailctl config show --origin --timeout 14 -H ldap://a -H ldap://b -o csv
says "timeout,14,--timeout"
says "uri,ldap://a ldap://b,--uri"

# A section of the file counts for who chooses it.
cat >>"$file" <<'CONF'
[profile replica]
uri = ldap://three.example
CONF
run 0 mailctl config show --origin -o csv
says "uri,ldap://one.example ldap://two.example,$file:2"
run 0 mailctl config show --profile replica --origin -o csv
says "uri,ldap://three.example,$file:6"
says "base,,default"
says "timeout,12,$file:4"
MAILCTL_PROFILE=replica run 0 mailctl config show --origin -o csv
says "uri,ldap://three.example,$file:6"
MAILCTL_PROFILE=replica run 0 mailctl config show --origin -o csv -H ldap://four.example
says "uri,ldap://four.example,--uri"
run 0 mailctl config profiles -o csv
says 'replica,ldap://three.example,'
run 64 mailctl config show --profile replika
complains 'there is no profile "replika" in the settings'
complains 'the nearest is replica'
MAILCTL_PROFILE=replika run 78 mailctl config show
MAILCTL_PROFILE=replika run 78 mailctl-expire --dry-run

printf 'timeout = 15\n' >"$scratch/other"
run 0 mailctl --config "$scratch/other" config show --origin -o csv
says "timeout,15,$scratch/other:1"
says "uri,,default"

# status is 78 and the sentence names the line
while IFS='|' read -r line sentence; do
	printf '\n%s\n' "$line" >"$file"
	run 78 mailctl config show
	complains "mailctl.conf:2: $sentence"
done <<'TABLE'
colour = red|there is no setting "colour"
uri|"uri" is not of the form
timeout = soon|timeout must be a number
starttls = maybe|starttls must be yes or no
page-size = 0|page-size must be a number
base = nonsense|base: 
quota-dialect = metric|quota-dialect must be maildir or plain
sasl = gssapi|sasl must be external
time-zone = Nowhere/City|time-zone: 
password-scheme = rot13|password-scheme: 
journal-dir = here|journal-dir must be an absolute path
lists-domain = a b|lists-domain: 
lists-transport = mailman|lists-transport must be a transport of Postfix
mail-user = a b|mail-user must be the name of a user or group, or a number
mail-group = -1|mail-group must be the name of a user or group, or a number
daemon-dn = nonsense|daemon-dn: 
daemon-password-file = here|daemon-password-file must be an absolute path
TABLE

# Half of what belongs together does not pass for nothing, as anonymous.
while IFS='|' read -r line sentence; do
	printf '%s\n' "$line" >"$file"
	run 78 mailctl config show
	complains "mailctl.conf:1: $sentence"
done <<'TABLE'
bind-password-file = /nowhere|bind-password-file is the password of a bind DN, and no bind-dn is set
key-file = /nowhere|key-file is the key of a certificate, and no cert-file is set
cert-file = /nowhere|cert-file is of no use without its key, and no key-file is set
TABLE
printf 'bind-password-file = /nowhere\nbind-dn = cn=x\n' >"$file"
run 0 mailctl config show
run 0 mailctl -D '' config show
printf '' >"$file"
run 64 mailctl -y /nowhere config show
run 64 mailctl -W -H ldapi://%2Fnowhere -b dc=x domain list
complains 'none is set'
printf 'timeout = 1\ntimeout = 2\n' >"$file"
run 78 mailctl config show
complains "mailctl.conf:2: timeout is set in line 1 already"
run 78 mailctl --config /nowhere config show
complains "cannot read /nowhere"


# A typing error in the environment is not passed over; what is empty is not set.
MAILCTL_URII=ldap://one.example run 78 mailctl --config /dev/null config show
complains "the environment sets MAILCTL_URII, and there is no such setting"
complains "hint: the nearest is MAILCTL_URI: unset MAILCTL_URII"
MAILCTL_SANBDOX=/nowhere run 78 mailctl --config /dev/null config show
complains "the nearest is MAILCTL_SANDBOX"
MAILCTL_NOTHING_LIKE_IT=1 run 78 mailctl --config /dev/null config show
complains "hint: unset MAILCTL_NOTHING_LIKE_IT"
printf 'timout = 15\n' >"$file"
run 78 mailctl config show
complains "hint: the nearest is timeout: mailctl.conf(5)"
MAILCTL_URII='' run 0 mailctl --config /dev/null config show

# Who may write the settings chooses where the password goes.
printf 'timeout = 15\n' >"$file"
for mode in 664 646; do
	chmod "$mode" "$file"
	run 78 mailctl config show
	complains "can be written by others than their owner"
	complains "hint: chmod go-w $file"
done
chmod 644 "$file"
run 0 mailctl config show

# The identity at one server is nothing that another one is told.
printf 'uri = ldap://one.example ldap://two.example\nbase = dc=x\nbind-dn = cn=admin\nbind-password-file = /nowhere\n' >"$file"
run 0 mailctl config show --origin -o csv -H ldap://two.example
says "bind-password-file,/nowhere,$file:4"
MAILCTL_URI=ldap://two.example run 0 mailctl config show --origin -o csv
says "bind-dn,cn=admin,$file:3"
for other in "-H ldap://three.example" "-H ldap://two.example -H ldap://three.example"; do
	# shellcheck disable=SC2086 # words
	run 0 mailctl config show --origin -o csv $other
	says "bind-dn,,default"
	says "bind-password-file,,default"
	says "base,dc=x,$file:2"
done
MAILCTL_URI=ldap://three.example run 0 mailctl config show --origin -o csv
says "bind-dn,,default"
run 0 mailctl config show --origin -o csv -H ldap://three.example -D cn=me
says "bind-dn,cn=me,--bind-dn"
# That it is asked as nobody is told, once, also where one of several is another one.
for other in ldap://127.0.0.1:1 "ldap://two.example ldap://127.0.0.1:1"; do
	run 75 mailctl mailbox show bob@example.org --timeout 2 -H "$other"
	complains "$other is not the server of the settings: who we are there ($file:3) is not told to it, and it is asked as nobody"
	[ "$(grep -c 'asked as nobody' <<<"$err")" = 1 ] || fail "$last: told more than once"
done
err=$(mailctl mailbox show bob@example.org --timeout 2 -H ldap://127.0.0.1:1 -D cn=me -y /nowhere 2>&1)
[[ $err != *"as nobody"* ]] || fail "$last: it is asked as somebody"

# The sandbox takes the place of the server, and of the identity there.
printf 'uri = ldap://one.example\nbind-dn = cn=admin\ntime-zone = Europe/Rome\n' >"$file"
export MAILCTL_SANDBOX=$scratch/sandbox
start_sandbox
run 0 mailctl whoami
says cn=mailctl
run 0 mailctl config show --origin -o csv
says "bind-dn,,default"
says "time-zone,Europe/Rome,$file:3"
unset MAILCTL_SANDBOX
run 0 mailctl --sandbox "$scratch/sandbox" whoami
run 0 mailctl whoami --sandbox="$scratch/sandbox"
export MAILCTL_SANDBOX=$scratch/sandbox

# A day ends at midnight of the site.
mailctl domain add example.org -q
mailctl mailbox add bob@example.org --expires 2026-12-31 --no-password -q
run 0 mailctl mailbox show bob@example.org --fields expires,expires_at -o csv
says 2026-12-31,2026-12-31T23:00:00Z

finish
