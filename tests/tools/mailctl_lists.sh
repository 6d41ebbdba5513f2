#!/bin/bash
# Mailing lists: their addresses come, change, move and go as one, whatever was cut before, and are those that nis2ldif makes.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
run 0 mailctl whoami
says cn=mailctl,dc=example,dc=org # the tools' identity, under the access rules

suffixes="admin bounces confirm join leave owner request subscribe unsubscribe"
lists=lists.example.org
mailctl domain add example.org example.net -q
mailctl mailbox add bob@example.org ann@example.org --no-password -q
addresses() { mailctl alias list -o name | grep -v '^\(postmaster\|abuse\)@' | sort; }
leads() { mailctl alias show "$1" --fields targets -o csv | tail -1; }
whole() { # NAME DOMAIN [LISTS_DOMAIN]: each address of the list leads to its own at the list server
	[ "$(leads "$1@$2")" = "$1@${3:-$lists}" ] || fail "$1@$2 leads to $(leads "$1@$2")"
	for s in $suffixes; do [ "$(leads "$1-$s@$2")" = "$1-$s@${3:-$lists}" ] || fail "$1-$s@$2 leads to $(leads "$1-$s@$2")"; done
}
missing() { mailctl mailinglist show "$1" --fields missing -o csv | tail -1; }

# ---- where the list server is

run 64 mailctl mailinglist add staff@example.org
complains 'lists-domain in mailctl.conf'
run 65 mailctl mailinglist add staff@example.org --lists-domain 'not a domain'
[ -z "$(addresses)" ] || fail "something was made"
MAILCTL_LISTS_DOMAIN=$lists run 0 mailctl mailinglist add staff@example.org --owner bob@example.org,ann@example.org --description 'All of us'
says 'staff@example.org  created'
whole staff example.org
run 73 mailctl mailinglist add staff@example.org --lists-domain $lists
complains 'the mailing list staff@example.org exists already'
printf 'lists-domain = %s\n' $lists >"$scratch/mailctl.conf"
export MAILCTL_CONFIG=$scratch/mailctl.conf
run 0 mailctl ml add Physics@example.org
[ "$(leads physics-request@example.org)" = physics-request@$lists ] || fail "an upper-case name leads to $(leads physics-request@example.org)"

# ---- what is shown

run 0 mailctl mailinglist list
says 'ADDRESS'
says 'LISTS_DOMAIN'
says 'staff@example.org    active  bob@example.org, ann@example.org  lists.example.org  0'
run 0 mailctl ml list -o name
[ "$out" = $'Physics@example.org\nstaff@example.org' ] || fail "the names are $out"
run 0 mailctl ml list --domain example.net
run 0 mailctl ml show staff@example.org -o json
says '"address":"staff@example.org","status":"active","owners":["bob@example.org","ann@example.org"],"lists_domain":"lists.example.org","missing":0,"missing_addresses":[],"description":"All of us"'
run 67 mailctl ml show bob@example.org
complains 'there is no mailing list bob@example.org'
run 67 mailctl ml show nobody@example.org
# Two forwards by the same name are no list, an alias of the same name is none either.
mailctl alias add eve@example.org --target eve@example.com -q
mailctl alias add eve-admin@example.org --target eve-admin@example.com -q
run 67 mailctl ml show eve@example.org
run 0 mailctl ml list -o name
[ "$out" = $'Physics@example.org\nstaff@example.org' ] || fail "the names are $out"
run 0 mailctl ml list --filter '(description=All*)' -o name
[ "$out" = staff@example.org ] || fail "the filter finds $out"
mailctl alias remove eve@example.org eve-admin@example.org --yes -q

# ---- what is refused

while IFS='|' read -r status address complaint; do
	before=$(addresses)
	run "$status" mailctl mailinglist add "$address"
	complains "$complaint"
	[ "$(addresses)" = "$before" ] || fail "$address: something was made"
done <<'TABLE'
65|staff|is not a mail address
65|a b@example.org|is not a mail address
65|"a b"@example.org|letters, digits
65|o'brien@example.org|letters, digits
65|_x@example.org|letters, digits
65|foo-request@example.org|the address -request of the list foo
65|foo-UNSUBSCRIBE@example.org|the address -unsubscribe of the list foo
65|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org|longer than 52 bytes
65|x@lists.example.org|would lead to itself
67|x@nowhere.example|there is no domain nowhere.example
73|bob@example.org|bob@example.org exists already: it is a mailbox
73|abuse@example.org|abuse@example.org exists already
TABLE
run 65 mailctl ml add x@example.org --owner bob
run 65 mailctl ml add x@example.org --lists-domain example.org
complains 'would lead to itself: the list server needs a domain of its own, beside example.org'
# An address of it that is something else: nothing is made.
mailctl mailbox add dept-request@example.org --no-password -q
before=$(addresses)
run 73 mailctl ml add dept@example.org
complains 'dept-request@example.org exists already: it is a mailbox'
[ "$(addresses)" = "$before" ] || fail "half of dept was made"
run 0 mailctl alias add -q club-owner@example.org --target bob@example.org
run 73 mailctl ml add club@example.org
complains 'club-owner@example.org exists already: it is an alias'
# Who gets no mail is told, and set.
run 0 mailctl ml add told@example.org --owner nobody@example.org -n
complains 'an owner of told@example.org is nobody@example.org, which is not there'
run 0 mailctl ml add told@example.org --owner x@elsewhere.example -n
[[ $err != *"an owner"* ]] || fail "an owner elsewhere is told"
# A list server in a domain of this directory gets no mail by itself.
mailctl domain add here.example -q
run 0 mailctl ml add told@example.org --lists-domain here.example -n
complains 'told@example.org sends mail to told@here.example, which is not there'
[ "$(grep -c 'which is not there' <<<"$err")" = 1 ] || fail "it is told ten times"
mailctl alias add @here.example --target told@example.org -q
run 65 mailctl ml add told@example.org --lists-domain here.example
complains circle

# ---- limits: ten aliases

mailctl domain add small.example --max-aliases 19 -q
run 0 mailctl ml add one@small.example
run 69 mailctl ml add two@small.example
complains 'its limit is 19 aliases'
[ "$(mailctl alias list --domain small.example -o name | grep -c two)" = 0 ] || fail "half of the second list is there"
run 0 mailctl domain set small.example --max-aliases 20
run 0 mailctl ml add two@small.example
run 0 mailctl domain show small.example -o json
says '"aliases":20'
run 0 mailctl domain disable small.example --yes --max-changes none
run 0 mailctl ml show one@small.example --fields status -o csv
says 'domain disabled'
run 0 mailctl domain set small.example --max-aliases none
run 0 mailctl ml add three@small.example
complains 'the domain of three@small.example is disabled'
run 0 mailctl domain remove small.example --yes --max-changes none
run 67 mailctl ml add four@small.example
complains 'the domain small.example is removed'
run 0 mailctl domain restore small.example
run 0 mailctl domain enable small.example
whole one small.example
run 0 mailctl domain rename small.example large.example --yes
whole one large.example
run 0 mailctl ml list --domain large.example -o name
[ "$out" = $'one@large.example\nthree@large.example\ntwo@large.example' ] || fail "after the domain's rename: $out"
mailctl ml list --domain large.example -o name | run 0 mailctl ml remove - --yes --max-changes none
[ -z "$(mailctl alias list --domain large.example -o name | grep -v '^\(postmaster\|abuse\)@')" ] || fail "something is left of the lists"

# ---- half a list is completed

run 0 mailctl alias remove staff-bounces@example.org --yes
complains 'staff-bounces@example.org is an address of the mailing list staff@example.org'
run 0 mailctl ml show staff@example.org -o json
says '"missing":1,"missing_addresses":["staff-bounces@example.org"]'
run 0 mailctl ml list
says 'lists.example.org  1'
run 0 mailctl ml disable staff@example.org --reason moved --comment 'to another server'
run 0 mailctl ml add staff@example.org --owner eve@example.org
complains 'keeps its owners'
says 'staff@example.org  created'
whole staff example.org
run 0 mailctl alias show staff-bounces@example.org -o json
says '"status":"disabled"'
run 0 mailctl alias remove staff@example.org --yes
complains 'staff@example.org is a mailing list, whose service addresses stay'
run 0 mailctl ml list
says 'unfinished'
run 67 mailctl ml set staff@example.org --description x
complains 'its public address is not there'
run 0 mailctl ml add staff@example.org --owner bob@example.org --description 'All of us'
run 0 mailctl ml enable staff@example.org
[ "$(mailctl alias list --disabled -o name)" = "" ] || fail "still disabled: $(mailctl alias list --disabled -o name)"

# ---- set

run 0 mailctl ml set staff@example.org --add-owner ann@example.org --remove-owner bob@example.org --description ''
run 0 mailctl ml show staff@example.org -o json
says '"owners":["ann@example.org"]'
says '"description":null'
run 0 mailctl ml set staff@example.org --owner bob@example.org
run 0 mailctl ml set staff@example.org --owner bob@example.org
says 'unchanged'
run 64 mailctl ml set staff@example.org --owner bob@example.org --add-owner ann@example.org
run 64 mailctl ml set staff@example.org
run 65 mailctl ml set staff@example.org --lists-domain example.org
complains 'would lead to itself'
run 0 mailctl ml set staff@example.org --lists-domain mailman.example.org
whole staff example.org mailman.example.org
run 0 mailctl ml set staff@example.org --lists-domain $lists
whole staff example.org

# ---- rename

mailctl alias add all@example.net --target staff@example.org -q
mailctl forward set ann@example.org --target staff-request@example.org --keep-copy -q
run 73 mailctl ml rename staff@example.org dept@example.org
complains 'dept-request@example.org exists already'
whole staff example.org
run 65 mailctl ml rename staff@example.org foo-join@example.org
run 0 mailctl ml rename staff@example.org team@example.net --keep-alias
says 'to: team@example.net  references: 2'
whole team example.net
[ "$(leads staff@example.org)" = team@example.net ] || fail "the old address leads to $(leads staff@example.org)"
[ "$(leads all@example.net)" = team@example.net ] || fail "what led there leads to $(leads all@example.net)"
run 0 mailctl forward show ann@example.org
says team-request@example.net
run 67 mailctl ml rename staff@example.org team@example.net
complains 'but there is team@example.net: it may have been renamed already'
run 0 mailctl ml show team@example.net -o json
says '"owners":["bob@example.org"]'
run 0 mailctl alias remove staff@example.org --yes
run 0 mailctl ml rename team@example.net staff@example.org
whole staff example.org
[ "$(addresses | grep -c team)" = 0 ] || fail "something of team is left"
mailctl forward clear ann@example.org -q

# Its owners follow, too.
run 0 mailctl mailbox rename bob@example.org robert@example.net
run 0 mailctl ml show staff@example.org -o json
says '"owners":["robert@example.net"]'
run 0 mailctl mailbox rename robert@example.net bob@example.org
mailctl domain add few.example --max-aliases 9 -q
run 69 mailctl ml rename staff@example.org staff@few.example
complains 'its limit is 9 aliases'
whole staff example.org

# ---- undo: a list comes back, or goes, as one

all_of_it() { mailctl export -q | grep -v '^lastChange:' | grep -v '^creationDate:' | sort; }
for command in 'ml add brass@example.org' 'ml remove staff@example.org --yes' 'ml rename staff@example.org crew@example.net --keep-alias' 'ml disable staff@example.org'; do
	before=$(all_of_it)
	# shellcheck disable=SC2086 # words
	run 0 mailctl $command
	run 0 mailctl undo "$(latest)" --yes --max-changes none
	[ "$(all_of_it)" = "$before" ] || fail "$command: not as before: $(diff <(echo "$before") <(all_of_it))"
done
run 0 mailctl ml add brass@example.org
id=$(latest)
mailctl alias set brass-owner@example.org --description mine -q
before=$(addresses)
run 75 mailctl undo "$id" --yes
[ "$(addresses)" = "$before" ] || fail "half a list was undone"

# ---- remove

# An owner who goes is told of, and stays the owner.
mailctl domain add owners.example -q
mailctl mailbox add sue@owners.example --no-password -q
mailctl alias add sec@owners.example --target x@elsewhere.example -q
run 0 mailctl ml set staff@example.org --owner sue@owners.example,Sec+lists@owners.example
run 0 mailctl mailbox remove sue@owners.example --yes
complains 'sue@owners.example stays an owner of the mailing list staff@example.org'
run 0 mailctl mailbox remove sue@owners.example --now --references --yes
complains 'sue@owners.example stays an owner of the mailing list staff@example.org'
run 0 mailctl alias remove sec@owners.example --yes
complains 'sec@owners.example stays an owner of the mailing list staff@example.org'
run 0 mailctl ml show staff@example.org --fields owners -o csv
says 'sue@owners.example'

run 0 mailctl ml remove staff@example.org --yes
complains 'all@example.net still sends mail to staff@example.org'
[ "$(addresses | grep -c staff)" = 0 ] || fail "something of staff is left: $(addresses)"
run 67 mailctl ml remove staff@example.org --yes
run 0 mailctl ml add staff@example.org
run 0 mailctl ml remove staff@example.org --references --yes
[ "$(addresses | grep -c 'staff\|all@')" = 0 ] || fail "something that led to staff is left: $(addresses)"
# What is left by a removal that was cut goes by the same command.
mailctl ml add staff@example.org -q
mailctl alias remove staff@example.org staff-{admin,bounces,confirm,join,leave,owner,request,subscribe}@example.org --yes -q
run 0 mailctl ml remove staff@example.org --yes
says 'staff@example.org  removed'
[ "$(addresses | grep -c staff)" = 0 ] || fail "something of staff is left: $(addresses)"

# ---- the same list by nis2ldif

printf 'tango: x@example.com, y@example.com\n' >"$scratch/aliases"
: >"$scratch/passwd"
run 0 "$NIS2LDIF" --domain example.org --base dc=example,dc=org --passwd "$scratch/passwd" --aliases "$scratch/aliases" --lists mailman --lists-members "$scratch/members" --no-domain
entries() { python3 -c '
import sys
text = sys.stdin.read().replace("\n ", "")
for block in sorted(b for b in text.split("\n\n") if "mail: tango" in b):
    print("\n".join(sorted(l for l in block.splitlines() if l and not l.startswith(("changetype:", "lastChange:", "creationDate:", "#", "version:")))), end="\n\n")'; }
by_nis=$(entries <<<"$out")
run 0 mailctl ml add tango@example.org -n -o ldif
[ "$(entries <<<"$out")" = "$by_nis" ] || fail "not what nis2ldif makes: $(diff <(echo "$by_nis") <(entries <<<"$out"))"
[ "$(grep -c '^dn:' <<<"$by_nis")" = 10 ] || fail "nis2ldif does not make ten entries: $by_nis"

# ---- the last words: the address for other commands

mailctl ml list -o name | run 0 mailctl ml disable - --max-changes none --yes
[ "$(mailctl ml list --active -o name)" = "" ] || fail "still active: $(mailctl ml list --active -o name)"
run 0 mailctl ml list --disabled -o name
says brass@example.org

finish
