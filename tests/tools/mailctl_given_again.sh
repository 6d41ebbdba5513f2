#!/bin/bash
# A verb given again, once it is so already: nothing to do and 0, whatever the noun; of what is gone for good, 67.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org -q
mailctl domain add one.example -q
mailctl backup-domain add bd.example -q
mailctl backup-mail add ann@bd.example -q
mailctl mailbox add ann@example.org --no-password -q
mailctl alias add info@example.org --target ann@example.org -q
mailctl mailinglist add staff@example.org --lists-domain lists.example -q
mailctl admin add matrix --mail ann@example.org --domain one.example --no-password -q

twice() { # NOUN VERB NAME
	run 0 mailctl "$1" "$2" "$3" --yes -o json
	says '"changed":true'
	run 0 mailctl "$1" "$2" "$3" --yes -o json
	says '"outcome":"unchanged"'
	says '"changed":false'
}
while read -r noun name is_marked; do
	twice "$noun" disable "$name"
	twice "$noun" enable "$name"
	[ "$is_marked" = no ] && continue
	twice "$noun" remove "$name"
	removed_at=$(mailctl "$noun" show "$name" --removed --fields removed_at -o name)
	run 0 mailctl "$noun" remove "$name" --yes
	[ "$(mailctl "$noun" show "$name" --removed --fields removed_at -o name)" = "$removed_at" ] || fail "$noun: removed again it has another moment"
	for verb in disable enable; do
		run 67 mailctl "$noun" "$verb" "$name" --yes
		complains 'it is marked as removed'
	done
	twice "$noun" restore "$name"
done <<'NAMES'
mailbox ann@example.org yes
domain one.example yes
alias info@example.org no
mailinglist staff@example.org no
backup-mail ann@bd.example no
backup-domain bd.example no
admin matrix no
NAMES

# Among several, one that is removed already is no failure.
run 0 mailctl mailbox add ben@example.org --no-password
run 0 mailctl mailbox remove ann@example.org --yes
run 0 mailctl mailbox remove ann@example.org ben@example.org --yes
complains '1 removed, 1 unchanged'
run 0 mailctl mailbox remove --filter '(mail=ann@*)' --yes # a filter finds what is there

# For good there is nothing left to be as it should.
run 0 mailctl alias remove info@example.org --yes
run 67 mailctl alias remove info@example.org --yes
run 0 mailctl mailinglist remove staff@example.org --yes
run 67 mailctl mailinglist remove staff@example.org --yes
run 0 mailctl mailbox remove ann@example.org --now --yes
for now in '' --now; do
	# shellcheck disable=SC2086 # a flag or none
	run 67 mailctl mailbox remove ann@example.org $now --yes
done
run 0 mailctl domain remove one.example --now --yes
run 67 mailctl domain remove one.example --yes
finish
