#!/bin/bash
# An entry that no record can be made of is told, and ends no export; what was exported without it says so, and takes nothing away.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
cd "$scratch" || exit 1
mailctl domain add a.org -q
mailctl mailbox add bob@a.org --no-password -q
mailctl alias add info@a.org --target bob@a.org -q
ldapadd -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null <<LDIF || fail 'no entries that cannot be read'
dn: vd=b_c.org,o=hosting,$LDAPBASE
objectClass: top
objectClass: VirtualDomain
vd: b_c.org
accountActive: TRUE
delete: FALSE
lastChange: 0

dn: mail=nowhere,vd=a.org,o=hosting,$LDAPBASE
objectClass: top
objectClass: inetOrgPerson
objectClass: VirtualMailAlias
mail: nowhere
cn: x
sn: x
maildrop: bob@a.org
accountActive: TRUE
lastChange: 0
LDIF
for format in yaml json jsonl csv; do
	run 1 mailctl export -o $format --out all.$format
	complains 'b_c.org'
	complains 'nowhere'
	[ "$(grep -c nowhere <<<"$err")" = 1 ] || fail 'an alias is told of more than once'
	complains '2 entries could not be read, and this is not complete without them'
	grep info@a.org all.$format >/dev/null || fail "$format: what can be read is not there"
done
run 1 mailctl export -o yaml --kind mailbox,domain
complains '1 entry could not be read, and this is not complete without it'
run 0 mailctl export -o yaml --kind mailbox
[[ $out != *complete* ]] || fail 'what is complete says nothing of it'
python3 -c 'import json; all = json.load(open("all.json")); assert all["complete"] is False and len(all["aliases"]) == 3, all' || fail 'JSON'

# To read it changes nothing, and to take away what is not in it is refused: before the entry is put right, and after that.
for file in all.yaml all.json all.jsonl; do
	run 0 mailctl apply $file -o json
	says '"changed":false}'
	run 65 mailctl apply $file --prune alias --domain a.org --yes
	complains "$file: it says that it is not complete, and --prune would take away what it leaves out"
	run 65 mailctl diff $file --prune mailbox --domain a.org
done
grep -v complete all.yaml >forged.yaml
for kind in alias mailinglist; do
	run 65 mailctl apply forged.yaml --prune $kind --domain a.org --yes
	complains nowhere
done
ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null <<LDIF || fail 'the entry is not put right'
dn: mail=nowhere,vd=a.org,o=hosting,$LDAPBASE
changetype: modrdn
newrdn: mail=nowhere@a.org
deleteoldrdn: 1
LDIF
for file in all.yaml all.json all.jsonl; do run 65 mailctl apply $file --prune alias --domain a.org --yes; done
run 0 mailctl alias show nowhere@a.org
run 0 mailctl export -o yaml --domain a.org --out all.yaml
run 0 mailctl apply all.yaml --prune alias --domain a.org --yes
run 0 mailctl alias show nowhere@a.org

# What it may say is true or false.
printf 'version: 1\ncomplete: maybe\n' >maybe.yaml
run 65 mailctl apply maybe.yaml
complains 'maybe.yaml:2:11: complete: true or false is expected'
printf '{"complete":1}\n' >maybe.jsonl
run 65 mailctl apply maybe.jsonl
complains 'maybe.jsonl:1:'
printf 'version: 1\ncomplete: true\n' >yes.yaml
run 0 mailctl apply yes.yaml
if python3 -c 'import jsonschema' 2>/dev/null; then
	mailctl describe --json-schema >schema.json
	python3 -c 'import json, jsonschema; jsonschema.Draft202012Validator(json.load(open("schema.json"))).validate(json.load(open("all.json")))' || fail 'what is not complete is not what the schema says'
fi
finish
