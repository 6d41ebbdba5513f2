#!/bin/bash
# Two of everything at the same moment: what each is told is what is there, also when one of them is killed.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox

# at_once COMMAND... -- COMMAND...: both at once; their statuses are in $first and $second, what they said in $scratch/1 and 2
at_once() {
	local one=()
	while [ "$1" != -- ]; do one+=("$1") && shift; done
	shift
	last="${one[*]} / $*"
	"${one[@]}" >"$scratch/1" 2>&1 &
	local running=$!
	second=0
	"$@" >"$scratch/2" 2>&1 || second=$?
	first=0
	wait "$running" || first=$?
	out=$(cat "$scratch/1") err=$(cat "$scratch/2")
}
ended() { case " $1 " in *" $first/$second "*) ;; *) fail "$last: $first and $second, which is none of $1" ;; esac; }
count() { mailctl "$@" -o name 2>/dev/null | wc -l; }
fields() { mailctl "$@" -o csv | tail -1; }

run 0 mailctl domain add example.org

# ---- the same wish, twice: it is so, and both are told that it is

for n in 1 2 3; do
	for wish in "domain ensure d$n.example --description ours" "mailbox ensure bob$n@example.org --no-password --quota ${n}G" "mailbox ensure bob$n@example.org --quota 9G" \
		"alias ensure info$n@example.org --target bob$n@example.org" "alias ensure info$n@example.org --add-target far@far.example" \
		"mailinglist ensure staff$n@example.org --lists-domain lists.example" "mailinglist ensure staff$n@example.org --description all" \
		"backup-domain ensure b$n.example" "admin ensure helper$n --mail bob$n@example.org --domain example.org --no-password" \
		"forward ensure bob$n@example.org --target far@far.example" "quota ensure bob$n@example.org --quota 3G" "expiry ensure bob$n@example.org --expires 2099-12-31" \
		"unix ensure bob$n@example.org"; do
		# shellcheck disable=SC2086 # words
		at_once mailctl $wish -- mailctl $wish
		ended 0/0
	done
done
for n in 1 2 3; do
	cat >"$scratch/wish.yaml" <<-YAML
		version: 1
		domains:
		  - {domain: a$n.example}
		mailboxes:
		  - {address: bob@a$n.example, quota: 2G}
		  - {address: bob$n@example.org, quota: ${n}G}
		aliases:
		  - {address: info@a$n.example, targets: [bob@a$n.example]}
	YAML
	at_once mailctl apply "$scratch/wish.yaml" --yes -- mailctl apply "$scratch/wish.yaml" --yes
	ended 0/0
done
run 0 mailctl check --only role-address-missing,number-twice,folder-twice,login-twice

# ---- what one alone may have

run 0 mailctl mailbox add ann@example.org eve@example.org --no-password
for n in 1 2 3; do
	at_once mailctl mailbox add "x$n@example.org" --no-password --path "example.org/p$n/" -- mailctl mailbox add "y$n@example.org" --no-password --path "example.org/p$n"
	ended "0/73 73/0 73/73"
	won=$(((first == 0) + (second == 0)))
	[ "$(count mailbox list --filter "(|(mailbox=example.org/p$n/)(mailbox=example.org/p$n))")" = "$won" ] || fail "$last: it is not what was told"

	at_once mailctl unix add "x$n@example.org" "y$n@example.org" -- mailctl unix add ann@example.org --uid-number "$((20000 + 100 * n))"
	at_once mailctl unix set ann@example.org --uid-number "$((20050 + 100 * n))" -- mailctl unix add eve@example.org --uid-number "$((20050 + 100 * n))"
	ended "0/73 73/0 73/73"
	[ "$(count unix list --filter "(uidNumber=$((20050 + 100 * n)))")" = $(((first == 0) + (second == 0))) ] || fail "$last: it is not what was told"
	mailctl unix remove ann@example.org eve@example.org --yes -q >/dev/null
done
run 0 mailctl check --only number-twice,folder-twice,folder-nested,login-twice

# ---- a list that is made and removed

for n in 1 2 3 4; do
	[ $((n % 2)) = 0 ] || run 0 mailctl mailinglist add "l$n@example.org" --lists-domain lists.example
	at_once mailctl mailinglist add "l$n@example.org" --lists-domain lists.example -- mailctl mailinglist remove "l$n@example.org" --yes
	left=$(count alias list --filter "(mail=l$n*)")
	case $first/$second in
	0/0) [ "$left" = 0 ] || [ "$left" = 10 ] || fail "$last: $left addresses are left" ;;
	0/*) [ "$left" = 10 ] || fail "$last: $first/$second and $left addresses" ;;
	*/0) [ "$left" = 0 ] || fail "$last: $first/$second and $left addresses" ;;
	*) ended "75/75 75/67 73/67 75/1" ;;
	esac
done

# ---- a domain and one of its role addresses

for n in 1 2 3; do
	until_it_can() {
		for _ in $(seq 40); do
			status=0
			mailctl alias add "$1" --target far@far.example || status=$?
			[ "$status" = 67 ] || return "$status"
		done
		return 67
	}
	at_once mailctl domain add "n$n.example" -- until_it_can "postmaster@n$n.example"
	ended "0/0 0/73"
	run 0 mailctl alias show "postmaster@n$n.example" "abuse@n$n.example"
done

# ---- killed in the middle: what is there twice is told, and the same command says what is there

killed() {
	"$MAILCTL" "$@" >/dev/null 2>&1 &
	local running=$!
	python3 -c 'import random, time; time.sleep(random.random() * 0.06)'
	kill -9 "$running" 2>/dev/null
	wait "$running" 2>/dev/null
}
for n in $(seq 6); do
	killed mailbox add "k$n@example.org" --no-password --path "example.org/k$n/" &
	mailctl mailbox add "q$n@example.org" --no-password --path "example.org/k$n/" >/dev/null 2>&1
	wait
	if [ "$(count mailbox list --filter "(mailbox=example.org/k$n/)")" -gt 1 ]; then
		run 1 mailctl check --only folder-twice
	fi
done

finish
