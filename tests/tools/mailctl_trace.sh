#!/bin/bash
# Where mail goes, and who sends it there, as mailctl trace tells it. That Postfix does the same is asked by tests/schema/trace.sh.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
run 0 mailctl whoami
says cn=mailctl,dc=example,dc=org # the tools' identity, under the access rules
export MAILCTL_LISTS_DOMAIN=lists.example.org
q() { mailctl "$@" -q >/dev/null || fail "$*"; }
destinations() { mailctl trace "$@" -o name | paste -sd' '; }

q domain add example.org example.net off.example
q mailbox add bob@example.org ann@example.org cid@example.org x@off.example --no-password
q mailbox add dan@example.net --no-password
q alias add info@example.org --target bob@example.org,team@example.org
q alias add team@example.org --target ann@example.org,eve@example.com
q alias add @example.net --target info@example.org
q forward set cid@example.org --target bob@example.com --keep-copy
q mailinglist add staff@example.org
q backup-domain add spare.example
q backup-mail add ann@spare.example
q domain disable off.example --yes

# ---- one sentence, and the way
run 0 mailctl trace bob@example.org
[ "$out" = $'mail to bob@example.org is delivered to that mailbox\n  bob@example.org  mailbox' ] || fail "a mailbox"
run 0 mailctl trace info+news@example.org
[ "$out" = "mail to info+news@example.org goes to bob@example.org, ann@example.org and eve+news@example.com (outside)
  info+news@example.org  alias info@example.org
    bob+news@example.org  mailbox bob@example.org
    team+news@example.org  alias team@example.org
      ann+news@example.org  mailbox ann@example.org
      eve+news@example.com  outside" ] || fail "an alias with an extension"
run 0 mailctl trace cid@example.org
says '  cid@example.org  forward, keeps a copy
    cid@example.org  mailbox
    bob@example.com  outside'
run 0 mailctl trace nobody@example.net
says 'nobody@example.net  catch-all @example.net'
run 0 mailctl trace dan@example.net
says 'is delivered to that mailbox' # and not to the catch-all
run 0 mailctl trace staff-request@example.org
says 'goes to staff-request@lists.example.org (the list server)'
says 'staff-request@example.org  mailing list'
run 0 mailctl trace ann@spare.example
says 'handed on to the server of that domain'
run 0 mailctl trace x@gmail.example
says 'leaves this server: the directory has no domain gmail.example'
run 0 mailctl trace postmaster@example.org
says 'an account of the mail server'

# ---- what does not arrive, and why
run 1 mailctl trace nobody@example.org
says 'mail to nobody@example.org is refused: there is no such address'
run 1 mailctl trace nobody@spare.example
says 'spare.example is a backup domain, which does not have this address'
run 1 mailctl trace x@off.example
says 'is refused: the domain off.example is disabled'
q mailbox disable ann@example.org
run 1 mailctl trace ann@example.org
says 'is refused: the mailbox is disabled'
run 1 mailctl trace info@example.org
says 'goes to bob@example.org and eve@example.com (outside), and is lost for ann@example.org (disabled)'
says 'ann@example.org  lost: disabled'
q mailbox set dan@example.net --no-receive
run 1 mailctl trace dan@example.net
says 'catch-all @example.net, since the mailbox is closed to mail'
q mailbox enable ann@example.org
q alias add into@example.org --target x@off.example
run 1 mailctl trace into@example.org
says 'is accepted, and lost for x@off.example (domain disabled)'
q alias add dangling@example.org --target gone@example.org
run 1 mailctl trace dangling@example.org
says 'lost for gone@example.org (not there)'
q vacation set bob@example.org --message-file <(echo away)
run 0 mailctl trace bob@example.org
says 'bob@example.org  mailbox, answers automatically'

for routed in 'a%b@example.org' 'a!b@example.org' '"a@b"@example.org'; do
	run 65 mailctl mailbox add "$routed" --no-password
	complains 'Postfix takes'
	run 65 mailctl alias add "$routed" --target bob@example.org
	run 65 mailctl mailbox rename dan@example.net "$routed" --yes
	run 1 mailctl trace "$routed"
	says 'is refused: Postfix takes its local part for a way by another server'
done

# ---- several, and for programs
run 1 mailctl trace bob@example.org nobody@example.org
says $'that mailbox\n  bob@example.org  mailbox, answers automatically\n\nmail to nobody@'
[ "$(destinations info@example.org)" = 'bob@example.org ann@example.org eve@example.com' ] || fail "the names are $(destinations info@example.org)"
[ -z "$(destinations nobody@example.org)" ] || fail 'what is refused has a destination'
run 1 mailctl trace info+x@example.org dangling@example.org -o json
parses "$out"
python3 - "$out" <<'PYTHON' || fail 'the JSON of a trace'
import json, sys
said = json.loads(sys.argv[1])
assert said["version"] == 1 and said["changed"] is False
info, dangling = said["items"]
assert list(info) == ["address", "outcome", "why", "sentence", "destinations", "losses", "circle", "renamed_to", "steps", "steps_left_out"], list(info)
assert info["outcome"] == "arrives" and info["why"] is None and info["losses"] == [] and info["circle"] == [] and info["steps_left_out"] == 0
assert info["destinations"][0] == {"address": "bob@example.org", "kind": "mailbox", "recipient": "bob+x@example.org", "transport": None}, info["destinations"]
assert [d["kind"] for d in info["destinations"]] == ["mailbox", "mailbox", "outside"]
assert info["steps"][0] == {"address": "info+x@example.org", "kind": "alias", "entry": "info@example.org", "to": ["bob+x@example.org", "team+x@example.org"], "targets": 2,
                            "list_server": None, "passed_over": None, "answers": False, "vacation_forward": None}, info["steps"][0]
assert dangling["outcome"] == "lost" and dangling["losses"] == [{"address": "gone@example.org", "why": "not there"}], dangling
PYTHON
run 1 mailctl trace nobody@example.org bob@example.org -o csv
says 'address,outcome,why,destinations,losses,sentence
nobody@example.org,refused,not there,,,'
run 0 mailctl trace bob@example.org --fields outcome -o name
[ "$out" = arrives ] || fail "the outcome is $out"
run 1 mailctl trace - <<<$'# two\nbob@example.org\nnobody@example.org'
run 64 mailctl trace bob@example.org -o ldif

# ---- who sends here
run 0 mailctl trace --to ann@example.org
says '3 entries lead mail to ann@example.org'
says '    team@example.org  alias
      info@example.org  alias
        @example.net  catch-all'
q alias add extended@example.org --target ann+lists@example.org
q alias add own@example.org --target ann+own@example.org
q alias add ann+own@example.org --target bob@example.org
q alias add by-catch-all@example.org --target nobody@example.net
q alias disable extended@example.org
run 0 mailctl trace --to ann@example.org
says '    extended@example.org  alias, does not send: disabled'
says '          by-catch-all@example.org  alias'
[[ $out != *own@* ]] || fail 'an extension with an entry of its own leads elsewhere'
run 0 mailctl trace --to cid@example.org
says 'nothing sends mail to cid@example.org' # a kept copy is none
run 0 mailctl trace --to bob@example.com -o json
parses "$out"
says '"senders":[{"address":"cid@example.org","kind":"forward","sends":true,"why":null,"to":["bob@example.com"]}]'
q forward set cid@example.org --target dan@example.net
q mailbox disable cid@example.org
run 0 mailctl trace --to dan@example.net
says '    cid@example.org  forward, does not send: disabled'
run 0 mailctl trace --to ann@example.org -o name
says 'team@example.org'
q alias add round@example.org --target bob@example.org
q mailbox enable cid@example.org
run 0 mailctl trace --to staff@lists.example.org
says '    staff@example.org  alias'
run 64 mailctl trace bob@example.org --to ann@example.org
run 65 mailctl trace --to nonsense

# A domain that leads to another one, name by name: not ours to make, and Postfix follows it.
q domain add old.example
ldapadd -Q -Y EXTERNAL -H "$socket" >/dev/null <<'LDIF' || fail 'ldapadd'
dn: mail=@old.example,vd=old.example,o=hosting,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: VirtualMailAlias
mail: @old.example
cn: x
sn: x
accountActive: TRUE
lastChange: 0
maildrop: @example.org

dn: mail=loop0@old.example,vd=old.example,o=hosting,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: VirtualMailAlias
mail: loop0@old.example
cn: x
sn: x
accountActive: TRUE
lastChange: 0
maildrop: loop1@old.example

dn: mail=loop1@old.example,vd=old.example,o=hosting,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: VirtualMailAlias
mail: loop1@old.example
cn: x
sn: x
accountActive: TRUE
lastChange: 0
maildrop: loop0@old.example
LDIF
# What Postfix reads as several addresses, or without what is beside it, does lead there: it is followed, told and led over.
target_of() { ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b "o=hosting,dc=example,dc=org" "(mail=$1)" maildrop | sed -n 's/^maildrop: //p'; }
q mailbox add bea@old.example beo@old.example --no-password
while read -r name target; do
	printf 'dn: mail=%s@old.example,vd=old.example,o=hosting,dc=example,dc=org\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAlias\nmail: %s@old.example\ncn: x\nsn: x\naccountActive: TRUE\nlastChange: 0\nmaildrop: %s\n\n' "$name" "$name" "$target"
done <<'ALIASES' | ldapadd -Q -Y EXTERNAL -H "$socket" >/dev/null || fail 'ldapadd of odd targets'
two beo@old.example, bea@old.example
named Bea <bea+x@old.example>
dotted bea@old.example.
ALIASES
[ "$(destinations two@old.example)" = 'beo@old.example bea@old.example' ] || fail 'two in one value'
[ "$(destinations named@old.example dotted@old.example)" = 'bea@old.example bea@old.example' ] || fail 'a name and a dot'
run 0 mailctl trace --to bea@old.example
says '3 entries lead mail to bea@old.example'
run 0 mailctl mailbox remove bea@old.example -n
for name in two named dotted; do complains "$name@old.example still sends mail to bea@old.example"; done
run 0 mailctl mailbox rename bea@old.example ben@old.example --yes
says 'references: 3'
[ "$(target_of two@old.example)" = 'beo@old.example, ben@old.example' ] || fail "two leads to $(target_of two@old.example)"
[ "$(target_of named@old.example)" = 'Bea <ben+x@old.example>' ] || fail "named leads to $(target_of named@old.example)"
[ "$(target_of dotted@old.example)" = 'ben@old.example' ] || fail "dotted leads to $(target_of dotted@old.example)"
run 0 mailctl mailbox remove ben@old.example --now --references --yes
[ "$(target_of two@old.example)" = beo@old.example ] || fail "two leads to $(target_of two@old.example) without ben"
[ -z "$(target_of named@old.example)$(target_of dotted@old.example)" ] || fail 'what led to ben alone is left'

run 0 mailctl trace ann+x@old.example
says 'ann+x@example.org  mailbox ann@example.org'
run 0 mailctl trace --to ann@example.org
says '    ann@old.example  catch-all'
ldapadd -Q -Y EXTERNAL -H "$socket" >/dev/null <<'LDIF' || fail 'ldapadd'
dn: mail=catch@old.example,vd=old.example,o=hosting,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: VirtualMailAlias
mail: catch@old.example
cn: x
sn: x
accountActive: TRUE
lastChange: 0
maildrop: @example.org

dn: cn=hidden,vd=example.org,o=hosting,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: VirtualMailAlias
mail: bob@example.org
cn: hidden
sn: x
accountActive: TRUE
lastChange: 0
maildrop: ann@example.org
LDIF
run 0 mailctl trace --to ann@example.org
[[ $out != *catch@* ]] || fail 'what leads to a domain keeps its own name, and not ours'
says '    bob@example.org  alias, does not send: behind a mailbox'
run 0 mailctl trace --to catch@example.org
says '    catch@old.example  alias'
ldapdelete -Q -Y EXTERNAL -H "$socket" "cn=hidden,vd=example.org,o=hosting,dc=example,dc=org" || fail 'ldapdelete'
run 1 mailctl trace loop0@old.example
says 'never arrives: it runs in a circle: loop0@old.example, loop1@old.example, loop0@old.example'
run 0 mailctl trace --to loop0@old.example
says 'loop1@old.example  alias
      loop0@old.example  alias (its senders are above)'

# ---- bad input
for wrong in nonsense @example.org '' 'a b@example.org' $'a\nb@example.org'; do run 65 mailctl trace "$wrong"; done
run 64 mailctl trace
run 64 mailctl trace bob@example.org -n --detailed-exitcode --filter x

# ---- what goes round a thousand times, and what goes to a hundred thousand
q domain add big.example
python3 - >"$scratch/big.ldif" <<'PYTHON'
def alias(name, targets):
    print(f"dn: mail={name}@big.example,vd=big.example,o=hosting,dc=example,dc=org\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAlias\n"
          f"mail: {name}@big.example\ncn: x\nsn: x\naccountActive: TRUE\nlastChange: 0")
    for t in targets:
        print("maildrop:", t)
    print()
for i in range(1000):
    alias(f"ring{i}", [f"ring{(i + 1) % 1000}@big.example"])
alias("many", (f"user{i}@example.com" for i in range(100000)))
PYTHON
ldapadd -Q -Y EXTERNAL -H "$socket" -f "$scratch/big.ldif" >/dev/null || fail 'ldapadd of the big ones'
within() { # SECONDS MEGABYTES COMMAND...
	local seconds=$1 kilobytes=$((1024 * $2))
	shift 2
	(ulimit -v "$kilobytes" && timeout "$seconds" "$@")
}
run 1 within 20 200 "$MAILCTL" trace ring0@big.example
says 'never arrives: it runs in a circle: ring0@big.example, ring1@big.example'
run 1 within 20 200 "$MAILCTL" trace ring0@big.example -o json
parses "$out"
run 1 within 20 400 "$MAILCTL" trace many@big.example
says 'never arrives: it would go to more than 1000 recipients, which Postfix refuses (virtual_alias_expansion_limit)'
says '100000 in all'
[ "${#out}" -lt 10000 ] || fail "${#out} bytes about an alias with 100000 targets"
run 0 within 20 200 "$MAILCTL" trace --to ring0@big.example
says '1000 entries lead mail to ring0@big.example'

# ---- who may not see
printf 'Right-horse-7\n' >"$scratch/password"
chmod 600 "$scratch/password"
q mailbox password bob@example.org --password-file "$scratch/password" --yes
q admin add postmaster@example.org --password-file "$scratch/password"
as() { # DN COMMAND...
	local dn=$1
	shift
	MAILCTL_SANDBOX='' mailctl -H "$socket" -b dc=example,dc=org -D "$dn" -y "$scratch/password" "$@"
}
hosting=o=hosting,dc=example,dc=org
q alias add abroad@example.org --target dan@example.net
run 0 as "cn=postmaster,vd=example.org,$hosting" trace abroad@example.org
says 'goes to dan@example.net (a domain that we may not see)'
run 77 as "cn=postmaster,vd=example.org,$hosting" trace dan@example.net
complains 'may not see example.net'
run 0 as "cn=postmaster,vd=example.org,$hosting" trace --to ann@example.org
complains 'only what postmaster@example.org may see is told'
says 'team@example.org  alias'
run 77 as "mail=bob@example.org,vd=example.org,$hosting" trace bob@example.org
run 0 as "cn=postmaster,vd=example.org,$hosting" find zzzz
complains 'only what postmaster@example.org may see is found'
# A list that is empty is no proof either, and one that is not needs no word.
run 0 as "cn=postmaster,vd=example.org,$hosting" admin list
silent
complains 'only what postmaster@example.org may see is listed: there may be more'
run 0 as "cn=postmaster,vd=example.org,$hosting" mailbox list -o name
[ -z "$err" ] || fail "a list that holds something says: $err"
run 0 mailctl backup-domain list
[ -z "$err" ] || fail "who sees all is told: $err"
# As whom to bind is an entry, and no name for short.
for short in postmaster@bio.example edv; do
	MAILCTL_SANDBOX='' run 64 mailctl -H "$socket" -b dc=example,dc=org -D "$short" -y "$scratch/password" mailbox list
	complains 'hint: the DN of an entry is wanted: a postmaster is cn=postmaster,vd=DOMAIN,o=hosting,BASE, a virtual admin cn=NAME,ou=admin,BASE'
done

# Who sees nothing at all knows of nothing whether it is there.
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups env MAILCTL_SANDBOX= "$MAILCTL" -H "$socket" -b dc=example,dc=org)
if [ "$(id -u)" = 0 ] && chmod 711 "$scratch" "$MAILCTL_SANDBOX"; then
	for verb in 'trace bob@example.org' 'trace x@gmail.example' 'trace --to bob@example.org' 'find bob' 'domain show example.org' 'mailbox show bob@example.org' 'mailbox list --domain example.org'; do
		run 77 "${as_nobody[@]}" $verb
		silent
		complains "may not see $hosting"
	done
fi

# ---- a domain with a transport of its own
q domain add far.example --transport smtp:[192.0.2.1]:26
q mailbox add ann@far.example --no-password
q alias add far@example.org --target ann@far.example,ann@example.org
run 0 mailctl trace ann@far.example
[ "$out" = 'mail to ann@far.example is delivered to that mailbox by smtp:[192.0.2.1]:26
  ann@far.example  mailbox, by smtp:[192.0.2.1]:26' ] || fail "$last: $out"
run 0 mailctl trace far@example.org
says 'goes to ann@far.example (by smtp:[192.0.2.1]:26) and ann@example.org'
run 0 mailctl trace far@example.org -o json
says '{"address":"ann@far.example","kind":"mailbox","recipient":"ann@far.example","transport":"smtp:[192.0.2.1]:26"}'
says '{"address":"ann@example.org","kind":"mailbox","recipient":"ann@example.org","transport":null}'

# ---- a domain whose rename was cut off after its first write has both names, and mail comes in by either
q domain add before.example
q mailbox add ann@before.example --no-password
ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null <<LDIF || fail 'no half rename'
dn: vd=before.example,$hosting
changetype: modrdn
newrdn: vd=after.example
deleteoldrdn: 0
LDIF
run 0 mailctl trace ann@before.example
says 'mail to ann@before.example is delivered to that mailbox; before.example is being renamed to after.example'
run 1 mailctl trace nobody@before.example -o json
says '"outcome":"refused","why":"not there"'
says '"renamed_to":"after.example"'
run 0 mailctl domain rename before.example after.example --yes
run 0 mailctl trace ann@after.example -o json
says '"renamed_to":null'
run 0 mailctl trace ann@before.example
says 'the directory has no domain before.example'
finish
