#!/bin/bash
# Domains that mail is only taken for and handed on, and their addresses.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org -q
mailctl mailbox add bob@example.org --no-password -q

run 0 mailctl backup-domain add example.net --description 'the partners in Nova Gorica'
says 'example.net  created'
run 0 mailctl backup-mail add ann@example.net ben@example.net postmaster@example.net
run 0 mailctl backup-mail list --domain example.net -o name
[ "$(sort <<<"$out")" = $'ann@example.net\nben@example.net\npostmaster@example.net' ] || fail 'not those that were added'
run 0 mailctl backup-domain list -o csv
[ "$out" = $'domain,status,description\nexample.net,active,the partners in Nova Gorica' ] || fail 'the list of backup domains'
run 0 mailctl domain list -o name
[ "$out" = example.org ] || fail 'a backup domain is no domain'

# One name is one or the other, and an address is there once.
run 73 mailctl backup-domain add example.net
complains 'example.net is a backup domain already'
run 73 mailctl backup-domain add example.org
complains 'example.org is a domain of this site already'
run 73 mailctl domain add example.net
complains 'example.net is a backup domain already'
run 73 mailctl domain rename example.org example.net --yes
run 73 mailctl backup-mail add ANN@example.net
complains 'it is an address of a backup domain'
run 67 mailctl mailbox add eve@example.net --no-password
complains 'example.net is a backup domain: what is in it is kept elsewhere'
run 67 mailctl alias add eve@example.net --target bob@example.org
run 67 mailctl backup-mail add eve@example.org
complains 'example.org is a domain of this site'
run 67 mailctl backup-mail add eve@example.com
complains 'mailctl backup-domain add example.com'
run 67 mailctl backup-domain show example.org
complains 'there is no backup domain example.org'
run 67 mailctl domain show example.net
run 65 mailctl backup-mail add 'no address'
run 65 mailctl backup-domain add 'no_domain..x'
run 67 mailctl backup-mail list --domain example.com

# Off and on, with the reason.
run 0 mailctl backup-mail disable ann@example.net --reason compromised
run 0 mailctl backup-mail show ann@example.net --fields status,disabled_reason -o csv
says 'disabled,compromised'
run 0 mailctl backup-mail list --disabled -o name
[ "$out" = ann@example.net ] || fail 'those that are disabled'
run 0 mailctl backup-mail enable ann@example.net
run 0 mailctl backup-mail enable ann@example.net -o json
says '"changed":false'
run 0 mailctl backup-domain disable example.net --yes
run 0 mailctl backup-domain show example.net --fields status -o name
says disabled
run 0 mailctl backup-mail show ann@example.net --fields status -o name
says 'domain disabled'
run 0 mailctl backup-domain enable example.net
run 0 mailctl backup-domain set example.net --description ''
run 0 mailctl backup-domain show example.net --fields description -o json
says '"description":null'

# It goes when it is empty; what undo brings back is whole.
run 65 mailctl backup-domain remove example.net --yes
complains 'it holds 3 entries'
complains 'mailctl backup-mail list --domain example.net -o name | mailctl backup-mail remove -'
mailctl backup-mail list --domain example.net -o name >"$scratch/names"
run 0 mailctl backup-mail remove - --yes <"$scratch/names"
run 0 mailctl undo "$(latest)" --yes
run 0 mailctl backup-mail list --domain example.net -o name
[ "$(sort <<<"$out")" = "$(sort "$scratch/names")" ] || fail 'undo brings them back'
run 0 mailctl backup-mail remove - --yes <"$scratch/names"
run 0 mailctl backup-domain remove example.net --yes -n
run 0 mailctl backup-domain remove example.net --yes
run 67 mailctl backup-domain show example.net
run 0 mailctl domain add example.net

# What is exported comes back.
mailctl backup-domain add example.com -q
mailctl backup-mail add @example.com -q
mailctl export >"$scratch/all.ldif"
mailctl backup-mail remove @example.com --yes -q
mailctl backup-domain remove example.com --yes -q
run 0 mailctl import "$scratch/all.ldif"
run 0 mailctl backup-mail list -o name
[ "$out" = @example.com ] || fail 'what was imported'
finish
