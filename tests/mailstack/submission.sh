#!/bin/bash
# Who may send, by the port for that: Postfix asks Dovecot, which asks the directory.
. "$(dirname "$0")/stack.bash"
start_stack

tool domain add example.org off.example gone.example back.example
addresses=(bob nosend noread off gone "d'arc" 'r&d' 'r=d' 'a#$*?^_`{|}~-')
addresses=("${addresses[@]/%/@example.org}" ada@off.example ada@gone.example ada@back.example)
tool mailbox add "${addresses[@]}" --password-file "$password_file"
tool mailbox set nosend@example.org --no-smtp-auth
tool mailbox set noread@example.org --no-login
tool mailbox disable off@example.org
tool mailbox remove gone@example.org
tool domain disable off.example
tool domain remove gone.example
tool domain disable back.example
tool domain enable back.example

check 'who logs in to read, and to send' "$(cat <<'TABLE'
bob@example.org yes yes yes
nosend@example.org yes yes no
noread@example.org no no yes
off@example.org no no no
gone@example.org no no no
d'arc@example.org yes yes yes
r&d@example.org yes yes yes
r=d@example.org yes yes yes
a#$*?^_`{|}~-@example.org yes yes yes
ada@off.example no no no
ada@gone.example no no no
ada@back.example yes yes yes
bob.example.org yes yes yes
nobody@example.org no no no
TABLE
)" "$(printf '%s\n' "${addresses[@]}" bob.example.org nobody@example.org | ask logins ways=imap,pop3,submission)"

# It is the login that opens the way out.
sent() { echo x@example.net | python3 "$stack/ask.py" mail "$@"; }
check 'with a login mail leaves' 'x@example.net out:x@example.net' "$(sent login=bob@example.org "password=$password")"
check 'as r&d' 'x@example.net out:x@example.net' "$(sent 'login=r&d@example.org' "password=$password")"
check 'with a wrong password' 'x@example.net AUTH:535' "$(sent login=bob@example.org password=wrong)"
for who in nosend@example.org off@example.org gone@example.org ada@off.example ada@gone.example; do
	check "$who sends" 'x@example.net AUTH:535' "$(sent "login=$who" "password=$password")"
done
check 'without a login' 'x@example.net 554' "$(sent port=587 client=127.0.0.1)"
check 'from outside' 'x@example.net 454' "$(sent)"

# What one logs in by is what the next mail is refused by: nothing is remembered.
tool mailbox set bob@example.org --no-smtp-auth
check 'once it is switched off' 'x@example.net AUTH:535' "$(sent login=bob@example.org "password=$password")"
tool mailbox set bob@example.org --smtp-auth
check 'once it is on again' 'x@example.net out:x@example.net' "$(sent login=bob@example.org "password=$password")"
kill "${pids[0]}"
# Dovecot says that it cannot tell, and Postfix makes no difference of that.
check 'while the directory is away' 'x@example.net AUTH:535' "$(sent login=bob@example.org "password=$password")"

verdict 'those send who may'
