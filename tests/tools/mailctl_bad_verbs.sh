#!/bin/bash
# Every verb under every condition of bad_verbs.tsv: one sentence that says what is wrong, its exit status, no data, and nothing changed.
# A verb that the help tells of and the table does not fails; so does one whose flag takes a malformed value.
# usage: mailctl_bad_verbs.sh
#        mailctl_bad_verbs.sh --show CONDITION...    prints what each verb does there
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../schema/server.sh"
: "${MAILCTL:?the path of mailctl}"
[ -e /usr/lib/ldap/ppolicy.so ] || exit 77
table=$here/bad_verbs.tsv
export HOME=$scratch XDG_STATE_HOME=$scratch/state MAILCTL_CONFIG=/dev/null MAILCTL_JOURNAL_DIR=$scratch/journal MAILCTL_BASE=$base TZ=UTC
export MAILCTL_MAIL_HOME=$scratch/mail
unset MAILCTL_SANDBOX
printf 'correct horse battery staple\n' >"$scratch/password"
printf 'a\000b\n' >"$scratch/nul"
printf 'away\n' >"$scratch/message"
chmod 600 "$scratch/password" "$scratch/nul"

# Mail that is there can be looked at: it is where this may make folders, and the access rules know of that.
configure_as_usual=$(declare -f configure)
eval "${configure_as_usual/configure/configure_elsewhere}"
configure() { configure_elsewhere "$@" && sed -i "s|/home/vmail/domains|$MAILCTL_MAIL_HOME|g" "$1/acl.conf"; }

# ---- the table

conditions=()
verbs=()                 # "mailbox set"
declare -A arguments=()  # of a verb
declare -A cells=()      # of a verb and a condition: the status; a dot where it means nothing
declare -A sentences=()  # of a condition and a status: fragments, any of which will do
while IFS=$'\t' read -r first second rest; do
	case $first in
	'#'* | '~'* | '!'* | '') continue ;;
	verb) read -ra conditions <<<"$rest" ;;
	=*) sentences[${first#= } $second]=$rest ;;
	*)
		verbs+=("$first") arguments[$first]=$second
		read -ra row <<<"$rest"
		for i in "${!conditions[@]}"; do cells[$first ${conditions[i]}]=${row[i]-}; done ;;
	esac
done <"$table"

# ---- what is there: of each verb a thing of its own to work on, in domains that are in service, disabled and removed

# object VERB DOMAIN PREFIX: its name
object() {
	local name=$3${1/ /-}
	case $1 in
	domain\ * | backup-domain\ *) echo "$name.example" ;;
	backup-mail\ *) echo "$name@backup.example" ;;
	admin\ *) echo "$name" ;;
	*) echo "$name@$2" ;;
	esac
}

# An account of Unix is added to a mailbox that is there.
makes_new() { [[ $1 == *\ add && $1 != unix\ add ]]; }

# objects NOUNS [DOMAIN [PREFIX]]: of all verbs that want one which is there
objects() {
	local verb
	for verb in "${verbs[@]}"; do
		# shellcheck disable=SC2053 # a pattern
		[[ ${verb% *} == @($1) && ${arguments[$verb]} == *{it}* ]] && ! makes_new "$verb" && object "$verb" "${2-}" "${3-}"
	done
}

with_mailbox='mailbox|forward|vacation|expiry|quota|unix'
make() { "$MAILCTL" -q "$@" >/dev/null || die "$*"; }
fill_directory() {
	local d one
	# shellcheck disable=SC2046 # words
	{
		make domain add example.org example.net gone.example off.example $(objects domain) $(objects domain "" gone-) $(objects domain "" off-)
		for d in example.org gone.example off.example; do
			make mailbox add $(objects "$with_mailbox" $d) --no-password --expires 2098-12-31
			make unix add $(objects unix $d | grep -v unix-add)
			mkdir -p "$MAILCTL_MAIL_HOME/$d/quota-show/cur"
			for one in $(objects alias $d); do make alias add "$one" --target bob@example.net; done
			for one in $(objects mailinglist $d); do make mailinglist add "$one" --owner bob@example.org --lists-domain lists.example.org; done
		done
		make mailbox add $(objects "$with_mailbox" example.org gone-) --no-password
		make mailbox add ann@example.org bob@example.org --password-file "$scratch/password"
		make mailbox remove $(objects "$with_mailbox" example.org gone-) --yes --max-changes none
		make backup-domain add backup.example $(objects backup-domain)
		make backup-mail add $(objects backup-mail)
		make admin add $(objects admin) --mail bob@example.org --domain example.org --no-password
		make admin add postmaster@example.org postmaster@example.net --password-file "$scratch/password"
		make domain disable off.example $(objects domain "" off-) --yes --max-changes none
		make domain remove gone.example $(objects domain "" gone-) --yes --max-changes none
	}
}

# ---- the servers: the first as the sandbox is, the others of the same tree, each otherwise in one thing

main=$scratch/main
configure "$main"
fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
load "$main" "$scratch/tree.ldif"
serve "$main"
MAILCTL_URI=$(uri "$main") fill_directory
slapcat -f "$main/slapd.conf" -b "$base" >"$scratch/all.ldif"

# another NAME [CONFIG [LDIF [CONFIG]]]: sed commands; the second for the configuration is for what slapadd must not see
another() {
	local dir=$scratch/$1
	configure "$dir"
	sed -i -e "${2-}" "$dir/slapd.conf"
	sed -e "${3-}" "$scratch/all.ldif" >"$dir/all.ldif"
	slapadd -q -f "$dir/slapd.conf" -b "$base" -l "$dir/all.ldif" 2>"$dir/stderr" || [ "$1" = elsewhere ] || die "slapadd of $1: $(cat "$dir/stderr")"
	sed -i -e "${4-}" "$dir/slapd.conf"
	serve "$dir"
}
bare='/indices.conf/d;/texts.conf/d;/^# What was changed/,$d;s/^include.*acl.conf"/access to * by dn.exact="cn=mailctl,'$base'" write by anonymous auth/'
another without_vmail "/vmail.schema/d;$bare" '/^vmail/d;/^objectClass: vmail/d'
another without_vacation "/vacation.schema/d;$bare" '/^vacation/d;/^objectClass: Vacation/d'
another policy "s|^moduleload argon2|&\nmoduleload ppolicy|;/^include.*limits.conf/i overlay ppolicy\nppolicy_default cn=policy,$base" \
	"\$a\\\ndn: cn=policy,$base\nobjectClass: device\nobjectClass: pwdPolicy\ncn: policy\npwdAttribute: userPassword\npwdCheckQuality: 2\npwdMinLength: 12"
another read_only "" "" '/^include.*limits.conf/i readonly on'
another replica "" "" "/^include.*limits.conf/i rootdn cn=replica,$base\nsyncrepl rid=1 provider=ldap://127.0.0.1:1 searchbase=$base bindmethod=simple retry=\"60 +\"\nupdateref ldap://provider.example.org"
another elsewhere '/texts.conf/d;s/^suffix.*/suffix dc=other/;s|^database mdb|referral ldap://elsewhere.example.org\n&|;/acl.conf/d;/^# What was changed/,$d'
another stranger '/^authz-regexp/d'
for name in postmaster conflict twice; do another $name; done
"$here/../support/meanwhile.py" "$scratch/way" "$scratch/conflict/socket" ldapmodify -Q -Y EXTERNAL -H "$(uri "$scratch/conflict")" &
pids+=($!)
python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(500)
time.sleep(600)' "$scratch/silence" &
pids+=($!)
until [ -S "$scratch/way" ] && [ -S "$scratch/silence" ]; do sleep 0.05; done

# ---- a cell

socket_uri() { echo "ldapi://${1//\//%2F}"; }

# set_scene CONDITION VERB: what the verb is given there ($it, $domain), and of whom it is asked (options)
set_scene() {
	local there=${2/ add/ show} # where add, too, has to name what is there
	options=(-H "$(uri "$main")") domain=example.org
	makes_new "$2" && it=$(object "$2" example.org new-) || it=$(object "$2" example.org "")
	case $1 in
	works) ;;
	exists | removed) it=$(object "$there" example.org "${1/exists/}") it=${it/#removed/gone-} ;;
	nobody) it=$(object "$2" example.org nobody-) domain=nowhere.example ;;
	no_domain) it=$(object "$2" nowhere.example "") it=${it/backup.example/nowhere.example} domain=nowhere.example ;;
	removed_domain) it=$(object "$2" gone.example "") domain=gone.example ;;
	disabled) it=$(object "$2" off.example "") domain=off.example; [[ $2 != domain\ * ]] || it=off-$it ;;
	empty) it='' domain='' ;;
	latin1) it=$'b\xf6b-'$it domain=$'b\xf6.example' ;;
	control) it=$'a\tb-'$it domain=$'b\t.example' ;;
	line_break) it=$'a\nb-'$it domain=$'b\n.example' ;;
	malformed) it=${it/@/@@} it=${it/.example/..example} domain=nodots ;;
	conflict) options=(-H "$(socket_uri "$scratch/way")") ;;
	owner) options+=(-D "mail=ann@example.org,vd=example.org,o=hosting,$base" -y "$scratch/password") ;;
	neighbour) options+=(-D "cn=postmaster,vd=example.net,o=hosting,$base" -y "$scratch/password") ;;
	postmaster) options=(-H "$(uri "$scratch/postmaster")" -D "cn=postmaster,vd=example.org,o=hosting,$base" -y "$scratch/password") ;;
	away) options=(-H ldap://127.0.0.1:1) ;;
	silent) options=(-H "$(socket_uri "$scratch/silence")" --timeout 1) ;;
	*) options=(-H "$(uri "$scratch/$1")") ;;
	esac
	new=$(object "$2" example.org "other-${1//_/-}-")
}

# words_of VERB CONDITION: its arguments, in $words
words_of() {
	local word
	words=()
	for word in ${arguments[$1]}; do
		case $word in
		{it}) words+=("$it"); [ "$2" != twice ] || words+=("$it") ;;
		{new}) words+=("$new") ;;
		{d}) words+=("$domain") ;;
		{password}) words+=("$scratch/password") ;;
		{message}) words+=("$scratch/message") ;;
		-) ;;
		*) words+=("$word") ;;
		esac
	done
}

# ask PLACE ARGUMENT...: runs mailctl; $status, $out and $err then, with files of their own
ask() {
	status=0
	out=$("$MAILCTL" "${@:2}" </dev/null 2>"$1.err") || status=$?
	err=$(<"$1.err")
}

# judge WHAT STATUS FRAGMENTS: whether it was answered as it should be
judge() {
	[ "$status" = "$2" ] || fail "$1: status $status, not $2: $out $err"
	[ "$status" != 0 ] || return
	local fragment found=
	[ -z "$out" ] || [ "$status" = 1 ] || fail "$1: data where it failed: $out"
	IFS='|' read -ra fragments <<<"${3:-nothing is said of that status here}"
	for fragment in "${fragments[@]}"; do [[ $err != *"${fragment//\{it\}/$it}"* ]] || found=1; done
	[ -n "$found" ] || fail "$1: status $status, and stderr does not say $3: $err"
	[ "$(grep -c 'mailctl: error: ' <<<"$err")" = 1 ] || [[ $status == 1 || "$1 $3" == "mailinglist rename, "*\|several ]] || fail "$1: not one sentence: $err"
	! grep -qvE '^(mailctl: error|hint|note): ' <<<"$err" || fail "$1: more than a sentence and hints: $err"
	! grep -qE '[oO]bject class violation|invalid syntax|per syntax|unwilling|: referral' <<<"$err" || fail "$1: the code of the server shows through: $err"
}

cell() { # CONDITION VERB
	local options words it domain new status out err
	set_scene "$1" "$2"
	words_of "$2" "$1"
	# shellcheck disable=SC2086 # two words
	ask "$scratch/${1}_${2/ /_}" "${options[@]}" $2 "${words[@]}"
	if [ -n "${show-}" ]; then
		printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$status" "$(head -c 60 <<<"$out" | tr '\n' '|')" "$(tr '\n' '|' <<<"$err")"
		return
	fi
	judge "$2, $1" "${cells[$2 $1]}" "${sentences[$1 $status]-}"
}

# contents CONDITION: of its server, with the versions of the entries
contents() {
	local dir=$scratch/$1 passing='$^'
	[ -e "$dir/slapd.conf" ] || dir=$main
	[ "$1" != conflict ] || passing='^(lastChange|entryCSN|modifyTimestamp|vmailNextUidNumber):' # what somebody else did; a number that was taken is not given again
	[ "$1" = elsewhere ] || slapcat -f "$dir/slapd.conf" -b "$base" | grep -vE "$passing"
}

unchanged_since() { # CONTENTS CONDITION
	local now
	now=$(contents "$2")
	[ "$1" = "$now" ] || fail "$2: something was changed: $(diff <(echo "$1") <(echo "$now") | head -n 20)"
}

journals_are_closed() {
	local file
	for file in "$MAILCTL_JOURNAL_DIR"/*.journal; do
		[ ! -e "$file" ] || [ "$(grep -c '^ended: ' "$file")" = 1 ] || fail "$1: a journal is left open: $(tail -n 3 "$file")"
	done
}

# What fails comes first, and leaves everything as it was. What fails in part is not of that.
under() { # CONDITION
	local verb before pid waiting=()
	export MAILCTL_JOURNAL_DIR=$scratch/journal.$1
	before=$(contents "$1")
	for verb in "${verbs[@]}"; do
		case ${cells[$verb $1]} in
		. | 0 | 1) ;;
		*) if [ "$1" = silent ]; then (failures=0; cell "$1" "$verb"; exit "$failures") & waiting+=($!); else cell "$1" "$verb"; fi ;;
		esac
	done
	for pid in "${waiting[@]}"; do wait "$pid" || failures=$((failures + 1)); done
	unchanged_since "$before" "$1"
	for verb in "${verbs[@]}"; do [[ ${cells[$verb $1]} != [01] ]] || cell "$1" "$verb"; done
	journals_are_closed "$1"
}

# ---- flags: of each verb, with values that are none of their kind

# flags_of VERB: "--quota SIZE", by its help
flags_of() {
	# shellcheck disable=SC2086 # two words
	"$MAILCTL" $1 --help | sed -n '/^Server:/,$d;/^Flags of all/,$d;s/^  \(-[A-Za-z],\)\?\(--[a-z-]*\)\(,--[a-z-]*\)* \([A-Z=]\+\).*/\2 \4/p'
}

# words_beside VERB FLAG: the arguments with which the verb works, without that flag and what it excludes
words_beside() {
	local skip= word kept=()
	set_scene works "$1"
	words_of "$1" works
	for word in "${words[@]}"; do
		[ -z "$skip" ] || { skip=; continue; }
		case $2:$word in
		*:"$2") skip=1; continue ;;
		--filter:"$it" | --hash:--no-password | --password-*:--no-password) continue ;;
		--hash:--password-file) skip=1; continue ;;
		esac
		kept+=("$word")
	done
	words=("${kept[@]}")
}

# try_flag VERB FLAG VALUE STATUS FRAGMENT
try_flag() {
	local options words it domain new status out err value
	words_beside "$1" "$2"
	value=${3/\{nul\}/$scratch/nul}
	[ "$value" != - ] || value=
	value=$(printf '%b.' "$value") value=${value%.}
	# shellcheck disable=SC2086 # two words
	ask "$scratch/flag" "${options[@]}" $1 "${words[@]}" "$2=$value"
	if [ -n "${show-}" ]; then
		printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2=$3" "$status" "$out" "$(tr '\n' '|' <<<"$err")"
	else judge "$1 $2=$3" "$4" "${5//\{flag\}/$2}"; fi
}

# Of the flag of that verb, of the flag, or of its kind, whichever the table has.
bad_values_of() {
	local of
	for of in "$1 $2" "$2" "$3"; do grep -- "^~ $of"$'\t' "$table" && return; done
	fail "$1 $2: no malformed value is known for a $3"
}

flags() {
	local verb flag kind _ value status fragment before
	before=$(contents main)
	for verb in "${verbs[@]}"; do
		while read -r flag kind; do
			while IFS=$'\t' read -r _ value status fragment; do try_flag "$verb" "$flag" "$value" "$status" "$fragment"; done < <(bad_values_of "$verb" "$flag" "$kind")
		done < <(flags_of "$verb")
	done
	unchanged_since "$before" main
}

if [ "${1-}" = --show ]; then
	show=1
	for condition in "${@:2}"; do
		[ "$condition" != flags ] || { flags; continue; }
		for verb in "${verbs[@]}"; do [ "${cells[$verb $condition]-}" = . ] || cell "$condition" "$verb"; done
	done
	exit
fi

# ---- all

# Every verb of the help is in the table, or is named there as one that needs none.
while read -r noun; do
	! grep -qx "! $noun" "$table" || continue
	while read -r verb; do
		[ -n "${arguments[$noun $verb]-}" ] || grep -qx "! $noun $verb" "$table" || fail "bad_verbs.tsv has no line for $noun $verb"
	done < <("$MAILCTL" "$noun" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p')
done < <("$MAILCTL" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p')
for verb in "${verbs[@]}"; do
	for condition in "${conditions[@]}"; do [ -n "${cells[$verb $condition]}" ] || fail "$verb: no cell for $condition"; done
done

at_main=(works exists nobody no_domain removed removed_domain disabled empty latin1 control line_break malformed owner neighbour away silent)
is_at_main() { [[ " ${at_main[*]} " == *" $1 "* ]]; }
for condition in "${conditions[@]}"; do is_at_main "$condition" || others+=("$condition"); done

# Beside each other what is asked of the first server, one thing after the other, and what is asked of the others.
(
	failures=0
	for condition in "${others[@]}"; do under "$condition"; done
	echo "$failures" >"$scratch/of_others" # bash forgets the status of a child after so many others
) &
side=$!
flags
for condition in "${at_main[@]}"; do [ "$condition" = works ] || under "$condition"; done
under works
wait "$side" 2>/dev/null
[ "$(cat "$scratch/of_others")" = 0 ] || fail "see above"
[ -z "$(find "$scratch" -name '*.tmp*' -o -name '*.part')" ] || fail "half a file is left"
verdict "${#verbs[@]} verbs under ${#conditions[@]} conditions"
