#!/bin/bash
# What a command asks of the server: as many requests as the table in mailctl(1) says, and of many things not one after the other.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
: "${SOURCE_DIR:?}"
start_sandbox
python3 "$SOURCE_DIR/tests/support/request_log.py" "$scratch/counted" "$MAILCTL_SANDBOX/ldapi" "$scratch/log" &
proxy=$!
trap 'kill $proxy; "$MAILCTL" sandbox stop --dir "$scratch/sandbox" -q >/dev/null 2>&1; rm -rf "$scratch"' EXIT
for _ in {1..600}; do [ -S "$scratch/counted" ] && break; sleep 0.05; done
export MAILCTL_JOURNAL_DIR=$scratch/journal
there=(-H "ldapi://${scratch//\//%2F}%2Fcounted" -b dc=example,dc=org --sasl external)
unset MAILCTL_SANDBOX

# asks WORD...: how many requests a command sends, and how often it waits for the server at most.
asks() {
	local before
	before=$(wc -l <"$scratch/log")
	run 0 mailctl "$@" "${there[@]}" --yes
	tail -n "+$((before + 1))" "$scratch/log" | grep -v unbind >"$scratch/asked"
	count=$(grep -c '^[0-9]' "$scratch/asked")
	trips=$(awk '$1 ~ /^[0-9]+$/ && $1 > most { most = $1 } END { print most + 0 }' "$scratch/asked")
}
told() { sed -n 's/^\.It Li \(.*\) Ta \([0-9]*\)$/\1\t\2/p' "$SOURCE_DIR/man/mailctl.1" | awk -F'\t' -v verb="$1" '$1 == verb { print $2 }'; }
as_told() { # WORD ARGUMENT..., the words of the verb as one
	local wanted words
	wanted=$(told "$1")
	read -ra words <<<"$1"
	asks "${words[@]}" "${@:2}"
	[ "$count" = "$wanted" ] || { fail "$*: $count requests, and mailctl(1) says ${wanted:-nothing}"; cat "$scratch/asked" >&2; }
	tried=$((tried + 1))
}

tried=0
as_told whoami
as_told 'domain add' example.org
as_told 'mailbox add' ann@example.org --no-password
asks mailbox add ben@example.org --no-password
as_told 'domain set' example.org --description 'a domain'
as_told 'mailbox show' ann@example.org
as_told 'mailbox list' --domain example.org
grep -F 1.2.840.113556.1.4.319 "$scratch/asked" >/dev/null && fail 'what is few is asked for by pages, for which slapd goes through the whole tree'
as_told 'mailbox set' ann@example.org --name Ann
as_told 'mailbox disable' ann@example.org
as_told 'mailbox enable' ann@example.org
printf 'Right-horse-7\n' >"$scratch/password"
chmod 600 "$scratch/password"
as_told 'mailbox password' ann@example.org --password-file "$scratch/password"
as_told 'mailbox rename' ben@example.org bob@example.org
as_told 'mailbox remove' bob@example.org
as_told 'alias add' info@example.org --target ann@example.org
as_told 'alias set' info@example.org --add-target who@example.com
as_told 'alias remove' info@example.org
as_told 'mailinglist add' staff@example.org --lists-domain lists.example.org
as_told 'mailinglist remove' staff@example.org
[ $tried = "$(grep -c '^\.It Li .* Ta [0-9]*$' "$SOURCE_DIR/man/mailctl.1")" ] || fail 'mailctl(1) counts requests of verbs that nobody tries'

# ---- of many: what is read by the hundred, and what is written without waiting for each. How often it is waited for all the same is chance.
few() { # COUNT WORD...: so many requests, but for the looks after some dozen additions whether somebody else has got the same
	asks "${@:2}"
	unset out err
	[ "$count" -ge "$1" ] && [ "$count" -le $(($1 + 30)) ] || fail "${*:2:2} of 250: $count requests, not $1"
	[ "$trips" -lt 125 ] || fail "${*:2:2} of 250: $trips round trips"
}
names() { seq -f "$1%g@example.org" 250; }
each=4 # who has the address, the folder, the login; and the addition
few $(($(told 'mailbox add') + 249 * each)) mailbox add $(names user) --no-password
few $(($(told 'mailbox disable') + 249 * 2)) mailbox disable $(names user) --max-changes none
few $(($(told 'mailbox password') + 249 * 2)) mailbox password $(names user) --password-file "$scratch/password" --password-scheme ssha --max-changes none
{ echo address && names other; } >"$scratch/names.csv"
few $(($(told 'mailbox add') + 2 + 249 * (each + 2))) import "$scratch/names.csv" --kind mailbox

# ---- a domain with limits: four more, and it is counted once
run 0 mailctl domain add full.example --max-mailboxes 2000 "${there[@]}"
asks mailbox add one@full.example --no-password
[ "$count" = $(($(told 'mailbox add') + 4)) ] || fail "an addition to a domain with limits takes $count requests, and mailctl(1) says four more"
searches() { grep -c 'search children .* vd=full.example,' "$scratch/log"; }
before=$(searches)
asks mailbox add $(names user | sed 's/@.*/@full.example/') --no-password
[ "$(($(searches) - before))" = 1 ] || fail 'what is in a domain is counted more than once in a command'

finish
