#!/bin/bash
# Nothing that others may choose - settings, the environment, the command line, the directory - reaches a terminal as a command to it.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
cd "$scratch" || exit 1

# What a terminal would obey or be misled by: ESC, bells, C1 controls, carriage returns, text that runs backwards.
evil=$'x\e]0;owned\a\e[31m\r\xc2\x9b31m\xe2\x80\xaey\177'
tries() { # COMMAND...: whatever it ends with
	{ printf '\n== %q' "$@"; echo; "$@" </dev/null 2>&1; } >>"$scratch/said"
}

# From each setting, wherever it is set.
mapfile -t settings < <(mailctl config show -o name)
[ "${#settings[@]}" -ge 20 ] || fail "only ${#settings[@]} settings"
for setting in "${settings[@]}"; do
	variable=MAILCTL_$(tr a-z- A-Z_ <<<"$setting")
	for value in "$evil" "cn=$evil,dc=example,dc=org" "ldapi:///$evil" "/dev/null/$evil"; do
		tries env "$variable=$value" "$MAILCTL" config show --origin
		tries env "$variable=$value" "$MAILCTL" whoami -v
	done
	printf '%s = %s\n' "$setting" "cn=$evil" >"$scratch/evil.conf"
	tries "$MAILCTL" --config "$scratch/evil.conf" whoami -v
	tries env "$variable=$evil" "$EXPIRE" --dry-run -v
	tries env "$variable=$evil" "$EXPIRE" --dry-run --nagios
done
printf '%s = 1\n' "$evil" >"$scratch/evil.conf"
tries "$MAILCTL" --config "$scratch/evil.conf" whoami
tries env "MAILCTL_$evil=1" "$MAILCTL" whoami

# From the command line.
for flag in --uri --base --bind-dn --bind-password-file --sasl --ca-file --timeout --sandbox --config --output --fields "--$evil"; do
	tries "$MAILCTL" whoami "$flag=$evil" -v
	tries "$MAILCTL" whoami "$flag=$evil" -v -b dc=example,dc=org -H "$LDAPURI"
done
for words in "$evil" "mailbox $evil" "mailbox show $evil" "mailbox add $evil" "mailbox list --filter $evil" "mailbox set bob@example.org --quota $evil" \
	"expiry set bob@example.org --date $evil" "log --since $evil" "log $evil" "undo $evil" "import $evil" "export --domain $evil" "export --out /dev/null/$evil" \
	"domain add $evil" "alias add a@example.org --target $evil" "vacation set bob@example.org --from $evil" "sandbox status --dir /$evil" "sandbox start --dir $evil"; do
	# shellcheck disable=SC2086 # words
	tries "$MAILCTL" $words -v
done
tries "$EXPIRE" --as-of "$evil" -v
tries "$EXPIRE" --lock-file "/dev/null/$evil" -v

# From the directory: attributes of every kind, the names of entries, and what is told of them later.
mailctl domain add example.org -q
mailctl mailbox add bob@example.org --no-password -q
mailctl mailbox disable bob@example.org --comment "$evil" -q
mailctl vacation set bob@example.org --subject "$evil" --message-file - -q <<<"$evil" 2>/dev/null
encoded=$(printf '%s' "$evil" | base64 -w0)
{
	for attribute in cn sn givenName vdHome mailbox; do
		[[ $attribute != vdHome && $attribute != mailbox ]] || encoded=$(printf 'example.org/\e[31m\a/' | base64 -w0) # ASCII alone
		printf 'dn: mail=bob@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: %s\n%s:: %s\n-\n\n' "$LDAPBASE" "$attribute" "$attribute" "$encoded"
	done
	printf '\ndn: vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: description\ndescription:: %s\n-\n' "$LDAPBASE" "$encoded"
	printf '\ndn:: %s\nobjectClass: organizationalUnit\nou:: %s\n' "$(printf 'ou=%s,vd=example.org,o=hosting,%s' "$evil" "$LDAPBASE" | base64 -w0)" "$encoded"
} >"$scratch/evil.ldif"
ldapmodify -a -c -Q -Y EXTERNAL -f "$scratch/evil.ldif" >/dev/null 2>&1
mailctl mailbox show bob@example.org --fields name -o json | grep -F '\u001b' >/dev/null || fail "the directory does not hold what this is about"
for command in "mailbox list" "mailbox show bob@example.org" "domain list" "domain show example.org" "vacation show bob@example.org" "domain remove example.org --now --yes" \
	"mailbox enable bob@example.org" "mailbox enable bob@example.org --dry-run" "log" "log bob@example.org" "export" "import $scratch/evil.ldif"; do
	for format in table ldif json jsonl name; do
		# shellcheck disable=SC2086
		tries "$MAILCTL" $command -o "$format" -v --debug
	done
done
mailctl expiry set bob@example.org --date 2020-01-01 -q 2>/dev/null
tries "$EXPIRE" --dry-run -v
tries "$EXPIRE" -v

# From the identity that the server knows us by.
evil=${evil//;/} # a separator in names of entries
mailctl domain add who.example -q
who="cn=$evil,vd=who.example,o=hosting,$LDAPBASE" hash=$(PATH=$PATH:/usr/sbin slappasswd -s secret)
{
	printf 'dn:: %s\ncn:: %s\nuserPassword: %s\n' "$(printf %s "$who" | base64 -w0)" "$(printf %s "$evil" | base64 -w0)" "$hash"
	printf '%s\n' 'objectClass: inetOrgPerson' 'objectClass: VirtualMailAccount' 'mail: who@who.example' 'sn: who' 'vdHome: /home/vmail' 'mailbox: who.example/who/' \
		'accountActive: TRUE' 'delete: FALSE' 'lastChange: 1'
} | ldapadd -Q -Y EXTERNAL >/dev/null || fail "there is no such identity"
printf 'secret\n' >"$scratch/password"
chmod 600 "$scratch/password"
as=(env -u MAILCTL_SANDBOX "$MAILCTL" -H "$LDAPURI" -b "$LDAPBASE" -D "$who" -y "$scratch/password")
run 0 "${as[@]}" whoami -v
complains "connected to"
tries "${as[@]}" whoami -v
tries "${as[@]}" mailbox list -v
tries "${as[@]}" mailbox disable bob@example.org -v
printf 'wrong\n' >"$scratch/password"
tries "${as[@]}" whoami -v

[ "$(grep -c '^== ' "$scratch/said")" -gt 300 ] || fail "hardly anything was tried"
python3 - "$scratch/said" <<'CHECK' || fail "a terminal would obey"
import sys, unicodedata
bad = 0
command = ""
for line in open(sys.argv[1], "rb").read().decode("utf-8", "replace").split("\n"):
    if line.startswith("== "): command = line
    found = [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    if found and not line.startswith("== "): bad += 1; print(command, repr(line))
sys.exit(bad > 0)
CHECK

finish
