#!/bin/bash
# What a shell offers while somebody types: commands, flags, words, files, and what the directory holds; and nothing at all where there is nobody to ask.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org example.net -q
mailctl mailbox add ann@example.org anna@example.org bob@example.net --no-password -q
mailctl alias add info@example.org --target ann@example.org -q
mailctl mailbox remove bob@example.net --yes -q
mailctl admin add matrix --mail ann@example.org --domain example.org --no-password -q

offers() { # EXPECTED WORD...: the words after mailctl, the last one being typed
	local expected=$1 got
	shift
	last="complete -- $*"
	got=$("$MAILCTL" complete -- "$@" 2>"$scratch/err" | tr '\n' ' ')
	[ "$got" = "${expected:+$expected }" ] || fail "$last: offers \"$got\", not \"$expected\""
	[ ! -s "$scratch/err" ] || fail "$last: says $(cat "$scratch/err")"
}

# Commands and flags, wherever common flags stand.
offers 'mailbox mailinglist' mail
offers 'unix' unix
offers 'password password-report' mailbox pass
offers 'password password-report' -n --timeout 5 mailbox pass
offers '--quota' mailbox add x@example.org --quo
offers '' mailbox add --quota 1
offers '--sandbox --sasl' mailbox list --sa
offers 'json jsonl' mailbox list -o js
offers '--output=json --output=jsonl' mailbox list --output=js
offers 'address,quota address,quota_bytes' mailbox list --fields address,quo
offers 'yescrypt' mailbox add --password-scheme ye
offers 'bash fish zsh' completion ''
offers 'address-twice' check --only addr

offers 'account day domain hour month' report --by ''
offers 'disk doveadm' quota report --from d
offers 'csv jsonl ldif' import --format ''
offers 'json jsonl' apply --format j
offers 'iso-8859-15 iso-8859-2' import --charset iso
offers 'name.surname' mailbox add --address-rule na
offers 'backup-domain backup-mail' export --kind backup
offers 'mailbox,alias' apply --prune mailbox,al
offers 'mailbox mailinglist' import --kind mail
offers 'lists main-lists.cf' config mailman ''
offers 'aliases.cf' config postfix --out /tmp alias
offers 'accesslog.conf accesslog.ldif acl.conf acl.ldif' config slapd a

# What the directory holds.
offers 'ann@example.org anna@example.org' mailbox show an
offers 'ann@example.org anna@example.org' --sandbox "$MAILCTL_SANDBOX" mailbox show an
offers 'bob@example.net' mailbox restore ''
mailctl mailbox add Hans.Huber@example.org --no-password -q
offers 'hans.huber@example.org' mailbox show hans.h
offers 'hAns.Huber@example.org' mailbox show hA
offers 'Example.net Example.org' domain show Exam
offers 'new@EXAMPLE.net new@EXAMPLE.org' mailbox add new@EXAMPLE
mailctl mailbox remove Hans.Huber@example.org --now --yes -q
offers 'info@example.org' alias set inf
offers 'example.net example.org' domain show ''
offers 'example.net example.org' mailbox list --domain exam
offers 'new@example.net new@example.org' mailbox add new@
offers 'matrix' admin show ma
offers 'postmaster@example.org' admin show postmaster@example.o
offers 'ann@example.org anna@example.org' trace an
offers 'ann@example.org anna@example.org' mailbox show -- an
offers '' mailbox show nobody

offers 'csv json jsonl ldif yaml' export -o ''
offers '' mailbox show -o ya
# A part of them would pass for all.
mailctl domain add many.example -q
seq -f 'cp%g@many.example' 205 | mailctl mailbox add - --no-password -q
offers '' mailbox show cp
offers 'cp100@many.example' mailbox show cp100

# Files.
mkdir "$scratch/files" "$scratch/files/folder"
touch "$scratch/files/one.ldif" "$scratch/files/.hidden"
offers "$scratch/files/folder/ $scratch/files/one.ldif" import "$scratch/files/"
offers "$scratch/files/one.ldif" export --out "$scratch/files/o"

# What is in the directory is no command of the shell.
ldapadd -Q -Y EXTERNAL -H "$socket" >/dev/null <<'LDIF' || fail 'no odd mailbox'
dn: mail=$(reboot)@example.org,vd=example.org,o=hosting,dc=example,dc=org
objectClass: VirtualMailAlias
mail: $(reboot)@example.org
cn: x
sn: x
maildrop: ann@example.org
accountActive: TRUE
lastChange: 0
LDIF
offers '' alias show '$'

# Nobody to ask, or one who does not answer: nothing, and soon.
offers '' -H ldapi://%2Fnowhere -b dc=x mailbox show an
python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(5)
time.sleep(60)' "$scratch/silence" &
silent_server=$!
until [ -S "$scratch/silence" ]; do sleep 0.05; done
begun=$(date +%s%N)
offers '' -H "ldapi://${scratch//\//%2F}%2Fsilence" -b dc=x mailbox show an
took=$((($(date +%s%N) - begun) / 1000000))
kill "$silent_server"
[ "$took" -lt 5000 ] || fail "it thinks for $took ms" # a loaded machine; 300 ms of an idle one
offers 'mailbox mailinglist' --config /nowhere mail

# In the shells themselves.
in_bash() { # LINE: what is offered
	env PATH="${MAILCTL%/*}:$PATH" bash --norc -c 'source <(mailctl completion bash) && compopt() { :; } && COMP_LINE=$1 COMP_POINT=${#1} && _mailctl && printf "%s " "${COMPREPLY[@]}"' bash "$1"
}
bash_offers() { # EXPECTED LINE
	local got
	got=$(in_bash "$2" 2>&1)
	[ "$got" = "$1 " ] || fail "bash, $2: $got, not $1"
}
bash_offers 'mailbox mailinglist' 'mailctl mail'
bash_offers 'ann@example.org anna@example.org' 'mailctl mailbox show an'
bash_offers 'example.org' 'mailctl mailbox show ANN@ex'
bash_offers 'example.org' 'mailctl mailbox show ann@ex' # readline replaces what is behind the "@"
bash_offers 'json jsonl' 'mailctl mailbox list --output=js'
bash_offers 'add' 'mailctl domain ad'
if command -v fish >/dev/null; then
	got=$(env PATH="${MAILCTL%/*}:$PATH" HOME="$scratch" fish -c 'mailctl completion fish | source; complete -C "mailctl mailbox show an"' 2>&1 | tr '\n' ' ')
	[ "$got" = 'ann@example.org anna@example.org ' ] || fail "fish: $got"
fi
if command -v zsh >/dev/null; then
	mailctl completion zsh >"$scratch/_mailctl"
	zsh -n "$scratch/_mailctl" || fail 'zsh takes it for no script'
	got=$(env PATH="${MAILCTL%/*}:$PATH" zsh -f -c 'compdef() { :; }; compadd() { [ "$1" = -S ] || { shift; print -l -- "$@"; }; }; source '"$scratch"'/_mailctl; words=(mailctl mailbox show an) CURRENT=4; _mailctl' 2>&1 | tr '\n' ' ')
	[ "$got" = 'ann@example.org anna@example.org ' ] || fail "zsh: $got"
fi
# The other programs, by their own flags: asked as a shell asks them, and in the shells.
tool_offers() { # EXPECTED PROGRAM WORD...
	local expected=$1 program=$2 got
	shift 2
	got=$("${MAILCTL%/*}/$program" --complete -- "$@" 2>&1 | tr '\n' ' ')
	[ "$got" = "${expected:+$expected }" ] || fail "$program $*: offers \"$got\", not \"$expected\""
}
tool_offers '--max-changes' mailctl-expire --max
tool_offers '--debug --detailed-exitcode --domain --dry-run' mailctl-expire -q --d
tool_offers 'json jsonl' mailctl-expire -o js
tool_offers '--output=table' mailctl-expire --output=t
tool_offers '' mailctl-expire --max-changes 1
tool_offers '--lists --lists-domain --lists-members' nis2ldif --domain example.org --lists
tool_offers 'as-aliases mailman' nis2ldif --lists ''
tool_offers "$scratch/files/folder/ $scratch/files/one.ldif" nis2ldif --passwd "$scratch/files/"
tool_offers 'mboxcl mboxcl2' mbox2maildir --format mboxc
tool_offers "$scratch/files/folder/ $scratch/files/one.ldif" mbox2maildir --quiet "$scratch/files/"
tool_offers '' mbox2maildir --folder ''
[ "$("${MAILCTL%/*}/mbox2maildir" --complete 2>&1 >/dev/null | grep -c 'no option --complete')" = 1 ] || fail 'what no shell asks is taken for its question'

tool_in_bash() { # LINE
	env PATH="${MAILCTL%/*}:$PATH" bash --norc -c 'function=_${1%% *} && function=${function//-/_} && source <(mailctl completion bash "${1%% *}") && compopt() { :; } && COMP_LINE=$1 COMP_POINT=${#1} && $function && printf "%s " "${COMPREPLY[@]}"' bash "$1"
}
for row in 'mailctl-expire --max|--max-changes' 'nis2ldif --lists mail|mailman' 'mbox2maildir --format mboxr|mboxrd'; do
	line=${row%|*} word=${row#*|}
	[ "$(tool_in_bash "$line" 2>&1)" = "$word " ] || fail "bash, $line: $(tool_in_bash "$line" 2>&1)"
	# By bash itself, which finds the function by the name of the command.
	[[ $(env PATH="${MAILCTL%/*}:$PATH" bash --norc -c 'source <(mailctl completion bash "$1"); complete -p "$1"' bash "${line%% *}") == *"-F _"*" ${line%% *}" ]] || fail "bash knows nothing of ${line%% *}"
	if command -v fish >/dev/null; then
		got=$(env PATH="${MAILCTL%/*}:$PATH" HOME="$scratch" fish -c "mailctl completion fish ${line%% *} | source; complete -C '$line'" 2>&1)
		[ "$got" = "$word" ] || fail "fish, $line: $got"
	fi
	if command -v zsh >/dev/null; then
		# As an installed file, that is read when it is first needed.
		mkdir -p "$scratch/functions"
		mailctl completion zsh "${line%% *}" >"$scratch/functions/_${line%% *}"
		got=$(env PATH="${MAILCTL%/*}:$PATH" zsh -f -c 'fpath=('"$scratch"'/functions $fpath); autoload -Uz _'"${line%% *}"'; compadd() { [ "$1" = -S ] || { shift; print -l -- "$@"; }; }; words=('"$line"') CURRENT=$#words; _'"${line%% *}" 2>&1)
		[ "$got" = "$word" ] || fail "zsh, $line: $got"
	fi
done
run 64 mailctl completion bash sendmail
complains 'there is no completion of "sendmail"'
run 64 mailctl completion tcsh
complains 'there is no completion for "tcsh"'

finish
