#!/bin/bash
# What schema/README says of slapo-unique: it refuses a second entry with an address, and every change that is guarded, as all of ours are. If this fails, slapd
# has learned better, and the words are to be changed.
. "$(dirname "$0")/server.sh"
. "$(dirname "$0")/mailctl.bash"
[ -e /usr/lib/ldap/unique.so ] || exit 77

configure "$scratch/server"
sed -i "s|^moduleload argon2|&\nmoduleload unique|; /^include.*limits.conf/i rootdn cn=overlays,$base\noverlay unique\nunique_uri \"serialize ldap:///o=hosting,$base?mail?sub\"" "$scratch/server/slapd.conf"
fill "$schema/tree.ldif.in" >"$scratch/tree.ldif"
load "$scratch/server" "$scratch/tree.ldif"
ask_server "$scratch/server"

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
run 75 mailbox rename ann@example.org anna@example.org
says 'somebody changed it meanwhile'
[ "$before" = "$(contents)" ] || fail "a rename that is refused changes something: $(diff <(echo "$before") <(contents))"
verdict 'slapo-unique keeps addresses to one entry, and takes no rename'
