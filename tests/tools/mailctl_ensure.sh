#!/bin/bash
# ensure: made where it is not there, changed where it differs, and the same again is nothing.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox

# twice CHANGED ARGUMENT...: what is said the first time; the second time nothing is to be done, with status 0 both times
twice() {
	local first=$1
	shift
	run 0 mailctl "$@" -o json
	parses "$out"
	says "\"changed\":$first}"
	run 0 mailctl "$@" -o json
	says '"changed":false}'
	[[ $out != *'"changed":true'* ]] || fail "$last: it is changed again"
}
twice true domain ensure example.org --max-mailboxes 20 --description ours
twice true domain ensure example.org --max-mailboxes 30
run 0 mailctl domain show example.org --fields max_mailboxes,description -o csv
says '30,ours'
twice false domain ensure example.org --max-mailboxes 30 --description ours
twice true mailbox ensure bob@example.org --name 'Bob Jones' --quota 2G --expires 2099-12-31 --set title=Dr --no-smtp-auth
twice true mailbox ensure bob@example.org --quota 3G --forward far@far.example --keep-copy --smtp-auth
run 0 mailctl mailbox show bob@example.org --fields name,quota,expires,smtp_auth,keep_copy,forward_targets -o csv
says 'Bob Jones,3G,2099-12-31,yes,yes,far@far.example'
twice true mailbox ensure bob@example.org --expires never
twice true mailbox ensure bob@example.org --quota domain
twice true alias ensure info@example.org --target bob@example.org --target far@far.example
twice true alias ensure info@example.org --target bob@example.org --description front
twice true alias ensure info@example.org --add-target eve@far.example
twice true backup-domain ensure example.net --description partners
twice true backup-mail ensure ann@example.net
twice true mailinglist ensure staff@example.org --owner bob@example.org --lists-domain lists.example.org
twice true mailinglist ensure staff@example.org --description 'all of us'
run 0 mailctl alias remove staff-join@example.org --yes
twice true mailinglist ensure staff@example.org
run 0 mailctl mailinglist show staff@example.org --fields missing,description,owners -o csv
says '0,all of us,bob@example.org'
twice true admin ensure matrix --mail bob@example.org --domain example.org
twice true admin ensure matrix --no-edit-accounts
twice true admin ensure postmaster@example.org --no-edit-accounts
run 0 mailctl admin show matrix --fields domains,edit_accounts -o csv
says 'example.org,no'

# What belongs to a mailbox.
twice true forward ensure bob@example.org --target far@far.example --no-keep-copy
twice false forward ensure bob@example.org --target far@far.example
twice true forward ensure bob@example.org --add-target eve@far.example --keep-copy
run 0 mailctl forward clear bob@example.org
twice true forward ensure bob@example.org --target far@far.example
run 65 mailctl forward ensure bob@example.org --target bob@example.org
echo 'I am away.' >"$scratch/away"
twice true vacation ensure bob@example.org --until 2099-08-15 --message-file "$scratch/away"
twice true vacation ensure bob@example.org --subject Away
twice false vacation ensure bob@example.org --until '2099-08-15 23:59' --subject Away
run 0 mailctl vacation clear bob@example.org
run 65 mailctl vacation ensure bob@example.org --subject Away
twice true expiry ensure bob@example.org --expires 2098-12-31
twice false expiry ensure bob@example.org --expires 2098-12-31
twice true expiry ensure bob@example.org --expires never
run 64 mailctl expiry ensure bob@example.org --expires +6m
run 64 mailctl expiry ensure bob@example.org --expires 2020-01-31 --no-input
twice true expiry ensure bob@example.org --expires 2020-01-31 --yes
twice false expiry ensure bob@example.org --expires 2020-01-31 --no-input
twice true quota ensure bob@example.org --quota 5G
twice false quota ensure bob@example.org --quota 5120M
twice true quota ensure bob@example.org --quota none
twice true unix ensure bob@example.org
twice true unix ensure bob@example.org --shell /bin/sh --gecos Bob
run 0 mailctl unix show bob@example.org --fields uid_number,unix_shell,gecos -o csv
says '10000,/bin/sh,Bob'
for noun in 'forward ensure x@example.org --target far@far.example' 'expiry ensure x@example.org --expires never' 'quota ensure x@example.org --quota 1G' 'unix ensure x@example.org'; do
	# shellcheck disable=SC2086 # words
	run 67 mailctl $noun
done

# A password is for one that is made: what its owner has set since stays.
printf 'correct horse battery staple\n' >"$scratch/password"
printf 'another horse battery staple\n' >"$scratch/other"
chmod 600 "$scratch/password" "$scratch/other"
twice true mailbox ensure ann@example.org --password-file "$scratch/password"
run 0 mailctl mailbox ensure ann@example.org --password-file "$scratch/other"
run 0 mailctl mailbox password ann@example.org --verify --password-file "$scratch/password"
run 0 mailctl mailbox ensure new@example.org --generate-password -o json
says '"password":'

# Several at once, one of them twice; and what stands in the way.
run 0 mailctl mailbox ensure ann@example.org x@example.org x@example.org --description both
run 0 mailctl mailbox ensure - --description both < <(printf 'ann@example.org\nx@example.org\n')
run 2 mailctl mailbox ensure y@example.org -n --detailed-exitcode
run 67 mailctl mailbox ensure x@nowhere.example
run 73 mailctl mailbox ensure info@example.org
run 73 mailctl alias ensure bob@example.org --target ann@example.org
run 65 mailctl alias ensure empty@example.org
run 64 mailctl mailbox ensure x@example.org --expires +6m
run 64 mailctl alias ensure info@example.org --expires +6m
run 0 mailctl mailbox remove x@example.org --yes
run 67 mailctl mailbox ensure x@example.org
complains 'restore'
# A postmaster is there as the alias before he is an administrator, and then he is one.
mailctl domain add rights.example -q
printf 'Long-enough-Word-22\n' >"$scratch/pw" && chmod 600 "$scratch/pw"
run 0 mailctl admin ensure postmaster@rights.example --password-file "$scratch/pw"
says 'postmaster@rights.example  created'
run 0 mailctl admin password postmaster@rights.example --verify --password-file "$scratch/pw"
run 0 mailctl admin show postmaster@rights.example --fields edit_accounts -o name
says yes
run 0 mailctl admin ensure postmaster@rights.example --password-file "$scratch/pw"
says unchanged
mailctl domain add bare.example -q
printf '{"kind":"admin","name":"postmaster@bare.example"}\n' >"$scratch/bare.jsonl"
run 0 mailctl diff "$scratch/bare.jsonl" --detailed-exitcode
printf '{"kind":"admin","name":"postmaster@bare.example","edit_accounts":true}\n' >"$scratch/bare.jsonl"
run 0 mailctl apply "$scratch/bare.jsonl"
run 0 mailctl diff "$scratch/bare.jsonl" --detailed-exitcode
# A new name brings its surname along, unless somebody gave another one.
surname() { mailctl mailbox show "$1" --fields surname -o csv | tail -1; }
mailctl domain add named.example.org -q
run 0 mailctl mailbox ensure eva@named.example.org --name 'Eva Alt'
[ "$(surname eva@named.example.org)" = Alt ] || fail "the surname is $(surname eva@named.example.org)"
run 0 mailctl mailbox ensure eva@named.example.org --name 'Eva Neu'
[ "$(surname eva@named.example.org)" = Neu ] || fail "the surname stays $(surname eva@named.example.org)"
run 0 mailctl mailbox set eva@named.example.org --name 'Eva van der Neu' --surname 'van der Neu'
run 0 mailctl mailbox set eva@named.example.org --name 'Eva M. van der Neu'
[ "$(surname eva@named.example.org)" = 'van der Neu' ] || fail "a surname that was given becomes $(surname eva@named.example.org)"
printf '{"kind":"mailbox","address":"eva@named.example.org","name":"Eva Wolf","surname":"Wolf"}\n' >"$scratch/eva.jsonl"
run 0 mailctl apply "$scratch/eva.jsonl"
sed -i 's/"name":"Eva Wolf","surname":"Wolf"/"name":"Eva Fuchs"/' "$scratch/eva.jsonl"
run 0 mailctl apply "$scratch/eva.jsonl"
[ "$(surname eva@named.example.org)" = Fuchs ] || fail "by a record the surname stays $(surname eva@named.example.org)"

finish
