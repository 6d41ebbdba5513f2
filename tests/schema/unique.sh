#!/bin/bash
# What schema/README says of slapo-unique: over mail it refuses a second entry with an address, and every rename, as all of ours are guarded; over mailbox it keeps
# folders to one entry, and all but a change of the folder goes on. If this fails, slapd has learned better, and the words are to be changed.
. "$(dirname "$0")/server.sh"
. "$(dirname "$0")/mailctl.bash"
[ -e /usr/lib/ldap/unique.so ] || exit 77

# The lines that schema/README gives.
watch() { # ATTRIBUTE
	sed -n '/^moduleload unique/,/^unique_uri/p' "$schema/README.md" | sed "s/@BASE@/$base/; s/?mailbox?/?$1?/"
}
start_with() { # FOLDER ATTRIBUTE
	configure "$scratch/$1"
	watch "$2" >"$scratch/unique.conf"
	sed -i "s|^moduleload argon2|&\nmoduleload unique|; /^include.*limits.conf/{
		r $scratch/unique.conf
	}" "$scratch/$1/slapd.conf"
	sed -i '0,/^moduleload unique/!{/^moduleload unique/d}' "$scratch/$1/slapd.conf"
	fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
	load "$scratch/$1" "$scratch/tree.ldif"
	ask_server "$scratch/$1"
}
start_with server mail

alias_of() { printf 'dn: cn=%s,vd=example.org,o=hosting,%s\nchangetype: add\nobjectClass: top\nobjectClass: VirtualMailAlias\ncn: %s\nsn: %s\nmail: %s\nmaildrop: x@far.example\naccountActive: TRUE\nlastChange: 0\n' "$1" "$base" "$1" "$1" "$2"; }
contents() { slapcat -f "$scratch/server/slapd.conf" -b "$base"; }

run 0 domain add example.org
run 0 mailbox add ann@example.org --no-password
run 0 mailbox set ann@example.org --name Ann
alias_of foo ann@example.org | peer ldapmodify -H "$MAILCTL_URI" >"$scratch/out" 2>&1 && fail 'an address is there twice'
grep -q 'non-unique attributes' "$scratch/out" || fail "it is refused for something else: $(cat "$scratch/out")"

alias_of foo ann@example.org >"$scratch/foo.ldif"
"$MAILCTL" import "$scratch/foo.ldif" >"$scratch/out" 2>&1 && fail 'an import makes an address twice'

# The search by which the overlay looks inherits the assertion, and no other entry is as ours was.
before=$(contents)
run 78 mailbox rename ann@example.org anna@example.org
says 'the server takes no such change of ann@example.org, although nobody else has changed it'
[ "$before" = "$(contents)" ] || fail "a rename that is refused changes something: $(diff <(echo "$before") <(contents))"

# ---- over folders

start_with folders mailbox
mailbox_in() { # USER DOMAIN FOLDER
	cat <<END
dn: mail=$1@$2,vd=$2,o=hosting,$base
changetype: add
objectClass: top
objectClass: VirtualMailAccount
cn: $1
sn: $1
uid: $1.$2
mail: $1@$2
mailAutoreply: $1@$2.autoreply
vdHome: /home/vmail/domains
mailbox: $3
quota: 1S
smtpAuth: FALSE
accountActive: TRUE
delete: FALSE
lastChange: 0
creationDate: 0
END
}
refused_folder() {
	mailbox_in "$@" | peer ldapmodify -H "$MAILCTL_URI" >"$scratch/out" 2>&1 && fail "$3 is two mailboxes' folder"
	grep -q 'non-unique attributes' "$scratch/out" || fail "$3 is refused for something else: $(cat "$scratch/out")"
}
for domain in example.org example.net; do run 0 domain add $domain; done
for user in ann bob; do run 0 mailbox add $user@example.org --no-password; done
run 0 mailbox rename ann@example.org anna@example.org
run 0 mailbox rename anna@example.org anna@example.net
refused_folder eve example.org example.org/ann/
run 0 mailbox set anna@example.net --quota 3G
run 0 mailbox disable anna@example.net
refused_folder eve example.org example.org/ann/
run 0 mailbox remove bob@example.org --yes
run 0 undo --yes "$(find "$MAILCTL_JOURNAL_DIR" -name '*mailbox-remove.journal')"
run 0 domain rename example.org example.com --yes
refused_folder eve example.com example.org/bob/
mailbox_in eve example.com example.com/eve/ | peer ldapmodify -H "$MAILCTL_URI" >/dev/null || fail 'a folder of its own is refused'
run 78 mailbox set eve@example.com --path example.com/other/
says 'the server takes no such change of eve@example.com, although nobody else has changed it'
says 'slapo-unique may be watching'
run 0 check --only unique-over-mail
verdict 'slapo-unique keeps addresses to one entry and takes no rename; over folders all but a change of the folder goes on'

