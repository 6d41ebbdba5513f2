#!/bin/bash
# The files that mailctl config writes for the daemons: what is asked for and nothing else, whole or not at all, and never over what somebody changed.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
unset MAILCTL_SANDBOX
export MAILCTL_URI=ldapi:/// MAILCTL_BASE=dc=example,dc=org MAILCTL_LISTS_DOMAIN=lists.example.org MAILCTL_DAEMON_PASSWORD_FILE=$scratch/password
printf 'Tell-nobody7\n' >"$scratch/password"
chmod 600 "$scratch/password"
cd "$scratch" || exit 1
verbs='postfix dovecot courier gnarwl sieve mailman nslcd freeradius slapd cron systemd'
mode() { stat -c %a -- "$1"; }
has() { grep -qF -- "$2" "$1" || fail "$1 does not have: $2"; }

# ---- on standard output: no secrets, and nothing left to fill in beside them
for verb in $verbs; do
	run 0 mailctl config "$verb"
	[[ $out == *"# Written by mailctl config $verb: "* ]] || fail "$verb: no mark"
	[[ $out != *Tell-nobody7* ]] || fail "$verb shows the password"
	left=$(grep -oE '@[?!]?[A-Z_]+@' <<<"$out" | sort -u)
	[[ -z $left || $left == @PHAMM_PASSWORD@ ]] || fail "$verb leaves $left"
done
run 0 mailctl config postfix domains.cf aliases.cf
[ "$(grep -c '^# ---- ' <<<"$out")" = 2 ] || fail 'two files have two heads'
says '# ---- domains.cf'
run 0 mailctl config postfix domains.cf
[[ $out != *----* ]] || fail 'one file has no head'
says 'bind_dn = cn=phamm,o=hosting,dc=example,dc=org'
says 'bind_pw = @PHAMM_PASSWORD@'
run 0 mailctl config postfix domains.cf --with-secrets
says 'bind_pw = Tell-nobody7'
run 64 mailctl config postfix main.cfg
complains 'postfix has no file "main.cfg"'
complains 'main.cf'
run 64 mailctl config postfix -o json
complains 'in no other format'
MAILCTL_DAEMON_PASSWORD_FILE='' run 0 mailctl config nslcd
MAILCTL_DAEMON_PASSWORD_FILE='' run 78 mailctl config nslcd --with-secrets
complains 'no password of the daemons is set'

# ---- in a folder
mkdir postfix
run 0 mailctl config postfix --out postfix
says "$scratch/postfix/main.cf  written"
[ "$(mode postfix/main.cf)" = 644 ] || fail "main.cf has mode $(mode postfix/main.cf)"
for file in postfix/*; do
	grep -q Tell-nobody7 "$file" || continue
	[[ $(mode "$file") = 6[04]0 ]] || fail "$file has mode $(mode "$file")"
	secrets=yes
done
[ "${secrets-}" = yes ] || fail 'no file has the password'
has postfix/main.cf "ldap:$scratch/postfix/domains.cf"
touch -d @1000000000 postfix/*
run 0 mailctl config postfix --out postfix
[[ $out != *written* && $out != *replaced* ]] || fail 'a second run writes'
[ "$(stat -c %Y postfix/* | sort -u)" = 1000000000 ] || fail 'a second run touches files'
run 0 mailctl config postfix --out postfix --diff
silent
run 0 mailctl config postfix main.cf --out postfix --place /etc/postfix/elsewhere -o json
parses "$out"
says '"changed":true'
has postfix/main.cf ldap:/etc/postfix/elsewhere/domains.cf
run 0 mailctl config postfix --out postfix
says "$scratch/postfix/main.cf  replaced"
says "$scratch/postfix/domains.cf  unchanged"
chmod 644 postfix/domains.cf
run 0 mailctl config postfix --out postfix
says "$scratch/postfix/domains.cf  replaced"
[[ $(mode postfix/domains.cf) = 6[04]0 ]] || fail 'a secret stays open to all'

# ---- a dry run, and what is different
run 2 mailctl config postfix main.cf --out postfix --place /etc/x -n --detailed-exitcode
run 2 mailctl config postfix main.cf --out postfix --place /etc/x --diff -n --detailed-exitcode
run 0 mailctl config postfix --out postfix -n --detailed-exitcode
sum=$(cat postfix/* | cksum)
sed -i 's/^timeout = 10/timeout = 99/' postfix/domains.cf
echo 'virtual_alias_expansion_limit = 5' >>postfix/main.cf
printf 'Another-secret8\n' >"$scratch/password"
before=$(cat postfix/* | cksum)
run 73 mailctl config postfix --out postfix
complains "changed since mailctl wrote it: $scratch/postfix/domains.cf and $scratch/postfix/main.cf; nothing is written"
complains '--diff shows the changes, --replace takes them back'
run 0 mailctl config postfix --out postfix --diff
says '-timeout = 99'
says '+timeout = 10'
[[ $out != *nobody7* && $out != *secret8* ]] || fail 'a difference shows a secret'
run 0 mailctl config postfix main.cf --out postfix --diff
cp postfix/main.cf edited
patch -s edited <<<"$out" || fail 'patch does not take the difference'
cmp -s <(tail -n +2 edited) <(mailctl config postfix main.cf --place "$scratch/postfix" | tail -n +2) || fail 'what is patched is not what would be written'
[ "$(cat postfix/* | cksum)" = "$before" ] || fail 'looking changes something'
run 0 mailctl config postfix --out postfix --replace
printf 'Tell-nobody7\n' >"$scratch/password"
run 0 mailctl config postfix --out postfix
[ "$(cat postfix/* | cksum)" = "$sum" ] || fail 'what was taken back is not what was there'

# ---- what is not ours
printf 'mine = yes\n' >postfix/aliases.cf
for flag in -q --replace; do
	run 73 mailctl config postfix --out postfix "$flag"
	complains "not written by mailctl, and left alone: $scratch/postfix/aliases.cf"
done
[ "$(cat postfix/aliases.cf)" = 'mine = yes' ] || fail 'a file of somebody else was written to'
mkdir linked
printf 'target\n' >target
ln -s ../target linked/nslcd.conf
run 78 mailctl config nslcd --out linked --replace
complains 'is a symbolic link, which is not followed'
[ "$(cat target)" = target ] || fail 'a link was followed'
rm linked/nslcd.conf
ln -s ../nowhere linked/nslcd.conf
run 78 mailctl config nslcd --out linked
[ ! -e nowhere ] || fail 'a link to nothing was followed'
rm linked/nslcd.conf
mkfifo linked/nslcd.conf
run 78 timeout 20 "$MAILCTL" config nslcd --out linked
complains 'is no regular file'

# ---- where nothing can be written
run 78 mailctl config nslcd --out missing/folder
complains 'cannot write into the folder'
complains 'hint: mkdir -p'
run 78 mailctl config nslcd --out target
complains 'Not a directory'
run 78 mailctl config nslcd --out /proc/sys
complains 'cannot write /proc/sys/nslcd.conf'
mkdir small
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	# Room for some of the files: none of them is left.
	run 75 unshare -m bash -c 'mount -t tmpfs -o size=16k none small && "$0" config postfix --out small; status=$?; ls -A small >left; exit $status' "$MAILCTL"
	complains 'No space left on device'
	[ -e left ] && [ ! -s left ] || fail "a full disk has $(cat left)"
fi

# ---- flags that make no sense
while IFS='|' read -r arguments sentence; do
	# shellcheck disable=SC2086 # words
	run 64 mailctl config $arguments
	complains "$sentence"
done <<'TABLE'
nslcd --diff|--diff compares with what is in a folder
nslcd --replace|--replace is about the files of a folder
nslcd --out . --diff --replace|--diff changes nothing
nslcd --out . --with-secrets|--with-secrets is about standard output
nslcd --place here|--place must be an absolute path
nslcd --dovecot 2.4|--dovecot
dovecot --dovecot 2.2|--dovecot
slapd --provider ldap://a|two providers or more
slapd --provider ldap://a --provider ldap://b|--server-id N says
slapd --provider ldap://a --provider ldap://b --server-id 3|is not the number of a provider
slapd --provider ldap://a --provider ldap://b --server-id x|is not the number of a provider
slapd --server-id 1|none is given
slapd --data here|--data must be an absolute path
TABLE
run 64 mailctl config nslcd --place ''
complains '--place must be an absolute path'
run 64 mailctl config slapd --data ''
complains '--data must be an absolute path'
# What is none would be a line of another meaning.
for verb in cron systemd; do
	for user in 'root touch' 'bad user' '-x' 'a:b' 'a/b' '%' '#x' 'x;y' $'x\ny' '.x' 0 'ü' 'a b$c'; do
		run 65 mailctl config "$verb" --user="$user"
		silent
		complains '--user takes the name of a user of the system, not "'
		[ "$(wc -l <<<"$err")" = 1 ] || fail "$verb --user=$user says more than a sentence"
	done
	run 65 mailctl config "$verb" --user ''
	complains '--user takes the name of a user of the system, not ""'
done
for provider in b.example 'http://b.example' 'ldap://'; do
	run 65 mailctl config slapd --provider ldaps://a.example --provider="$provider" --server-id 1
	silent
	complains '--provider takes the URI of a server, such as ldaps://one.example.org, not "'
done
run 78 mailctl config slapd --provider ldaps://a.example --provider 'ldaps://b.example x' --server-id 1
run 78 mailctl config slapd --data '/var/lib/my ldap'

# ---- settings that a file cannot have: one sentence, and no file
while IFS='|' read -r name value verb; do
	printf -v value "$value"
	for verb in $verb; do
		MAILCTL_CONFIG=/dev/null run 78 env "MAILCTL_$name=$value" "$MAILCTL" config "$verb" --place /x
		silent
		[ "$(wc -l <<<"$err")" -le 2 ] || fail "$verb with $name says more than a sentence"
	done
done <<'TABLE'
BASE|dc=a\\#b,dc=org|postfix dovecot courier nslcd freeradius slapd gnarwl sieve
BASE|dc=a"b,dc=org|postfix dovecot slapd
BASE|o=$x|postfix slapd
BASE|o=a{b}|nslcd
BASE|o=hosting|postfix
BASE|o=My Org|nslcd
BASE|o=5%%%%|postfix
URI|ldapi:///$x|postfix dovecot nslcd
URI|ldapi:///"|freeradius
URI|ldap://server.example|postfix dovecot courier nslcd freeradius gnarwl
DAEMON_DN|cn=a"b,dc=org|postfix dovecot
MAIL_USER|a b|dovecot courier
MAIL_GROUP|a#b|dovecot courier
MAIL_HOME|/a"b|slapd
LISTS_TRANSPORT|lmtp:x#"y|mailman
LISTS_DOMAIN|a b|mailman
AUDIT|/var/log/a b$c/log|systemd
TABLE
for password in ' begins' 'ends ' $'a\tb'; do
	printf '%s\n' "$password" >"$scratch/password"
	run 78 mailctl config nslcd --with-secrets
	complains 'the password of the daemons cannot be written into this file'
	[[ $err != *"$password"* ]] || fail 'the refusal shows the password'
done
printf 'a\\b\n' >"$scratch/password"
run 78 mailctl config freeradius --with-secrets
run 0 mailctl config dovecot --with-secrets
says 'dnpass = "a\\b"'
run 78 mailctl config slapd --provider ldap://a.example --provider ldaps://b.example --server-id 2
complains 'the daemons would send passwords to ldap://a.example in clear text'
run 0 mailctl config slapd --provider ldap://a.example --provider ldaps://b.example --server-id 2 --starttls replication.conf
says 'starttls=critical'
run 0 mailctl config slapd --provider ldap://a.example --provider ldaps://b.example --server-id 1 --starttls replication.conf
[[ $out != *starttls* ]] || fail 'StartTLS on ldaps'
MAILCTL_URI=ldaps://a MAILCTL_CA_FILE='/etc/my ca.pem' run 78 mailctl config postfix
complains 'of postfix: ca-file cannot be written into this file'
run 78 mailctl config dovecot --place '/a b'
run 0 mailctl config cron --place '/a"b' --user svc-mail_2.x
says ' svc-mail_2.x '

# ---- what the settings say is what is written
run 0 env MAILCTL_URI='ldap://one.example ldaps://two.example' MAILCTL_STARTTLS=yes MAILCTL_CA_FILE=/etc/ca.pem "$MAILCTL" config freeradius
says 'server = "ldap://one.example"'
says 'server = "ldaps://two.example"'
says 'start_tls = yes'
says 'ca_file = "/etc/ca.pem"'
run 0 env MAILCTL_URI=ldaps://two.example "$MAILCTL" config nslcd
says 'tls_reqcert demand'
[[ $out != *start_tls* ]] || fail 'StartTLS beside ldaps'
run 0 env MAILCTL_MAIL_USER=1234 "$MAILCTL" config dovecot
says 'mail_uid = 1234'
run 0 env 'MAILCTL_RECIPIENT_DELIMITER=$-' "$MAILCTL" config mailman
says 'recipient_delimiter = $$-'
run 0 mailctl config mailman --mailman 2 lists
says 'lists.example.org mailman:'
run 0 env MAILCTL_MAIL_HOME=/srv/mail "$MAILCTL" config slapd acl.conf
says 'val="/srv/mail"'
run 0 mailctl config cron --user expirer
says "expirer  $(dirname "$(readlink -f "$MAILCTL")")/mailctl-expire"
MAILCTL_SANDBOX=$scratch/sandbox run 0 mailctl sandbox start
MAILCTL_SANDBOX=$scratch/sandbox MAILCTL_URI='' MAILCTL_BASE='' run 0 mailctl config nslcd --with-secrets
says "bindpw $(cat sandbox/phamm.password)"
# What the timer starts, with what systemd gives it.
run 0 mailctl config systemd mailctl-expire.service
mapfile -t given < <(sed -n 's/^Environment=//p' <<<"$out" | tr ' ' '\n' | sed "s|%S|$scratch/lib|")
mkdir -p lib/mailctl-expire
MAILCTL_SANDBOX=$scratch/sandbox MAILCTL_URI='' MAILCTL_BASE='' run 0 mailctl domain add example.org
MAILCTL_SANDBOX=$scratch/sandbox MAILCTL_URI='' MAILCTL_BASE='' run 0 mailctl mailbox add past@example.org --no-password --expires 2020-01-01 --yes
run 0 mailctl config systemd mailctl-expire.service
read -ra started <<<"$(sed -n 's/^ExecStart=//p' <<<"$out")"
MAILCTL_SANDBOX=$scratch/sandbox MAILCTL_URI='' MAILCTL_BASE='' run 0 env "${given[@]}" "${started[@]}"
MAILCTL_SANDBOX=$scratch/sandbox MAILCTL_URI='' MAILCTL_BASE='' run 0 mailctl mailbox show past@example.org --fields status -o csv
says expired
[ -n "$(ls lib/mailctl-expire/journal)" ] && compgen -G 'lib/mailctl-expire/*.lock' >/dev/null || fail "journal and lock are elsewhere: $(ls -R lib)"
"$MAILCTL" sandbox stop --dir "$scratch/sandbox" -q
finish
