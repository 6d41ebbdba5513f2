#!/bin/bash
# The personnel office's CSV, JSONL, and what is exported in the same words: read, checked as a whole, made once, and the same again.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org -q
cd "$scratch" || exit 1

# ---- a file as it comes: semicolons, a mark, Latin-1 in another, headings of its own, no addresses
printf '\xef\xbb\xbfCognome;Nome;Spazio;Fine;Nota\r\nRossi;Mario;2G;2099-12-31;"a; ""b"""\r\n"De Luca";"Anna Maria";;;\r\n;;;;\r\n' >people.csv
columns=(--map surname=Cognome,given_name=Nome,quota=Spazio --map expires=Fine --map description=Nota --address-rule name.surname --domain example.org)
run 0 mailctl import people.csv "${columns[@]}" -n
[ -n "$out" ] || fail 'a dry run shows nothing'
run 67 mailctl mailbox show Mario.Rossi@example.org
run 0 mailctl import people.csv "${columns[@]}" --passwords-out passwords.csv
says 'Mario.Rossi@example.org  created'
says 'AnnaMaria.DeLuca@example.org  created'
run 0 mailctl mailbox show Mario.Rossi@example.org --fields name,surname,given_name,quota,expires,description -o csv
says 'Mario Rossi,Rossi,Mario,2G,2099-12-31,"a; ""b"""'

# Passwords are in a file of their own, and open what they are for.
[ "$(stat -c %a passwords.csv)" = 600 ] || fail 'others may read the passwords'
[ "$(wc -l <passwords.csv)" = 3 ] || fail 'not two passwords'
sed -n 's/^Mario.Rossi@example.org,//p' passwords.csv >password
run 0 mailctl mailbox password Mario.Rossi@example.org --verify --password-stdin <password
run 73 mailctl import people.csv "${columns[@]}" --passwords-out passwords.csv
complains 'passwords.csv is there already'

# Again: nothing is done, and no file of passwords is made for nobody.
run 0 mailctl import people.csv "${columns[@]}" --passwords-out none.csv -o json
says '"changed":false'
[ ! -e none.csv ] || fail 'passwords of nobody'

# A column that is nobody's business here, and days as an office writes them.
printf 'Personalnr.;address;name;Austritt;Raum\n4711;ida@example.org;Ida Weiss;31.03.2099;2.01\n' >office.csv
run 65 mailctl import office.csv --map expires=Austritt
complains '"Personalnr." is no field that a column could have'
run 0 mailctl import office.csv --map expires=Austritt --ignore Personalnr.,Raum
run 0 mailctl mailbox show ida@example.org --fields expires -o name
says 2099-03-31
run 0 mailctl import office.csv --map expires=Austritt --ignore Raum --ignore Personalnr. -o json
says '"changed":false'
run 65 mailctl import office.csv --map expires=Austritt --ignore Personalnr.,Zimmer
complains 'there is no column "Zimmer" to be ignored'
# What is wrong in the file itself is refused as a whole, also with --continue-on-error; what the directory does not allow is left out then.
printf 'address,quota\ntwo@example.org,big\nthree@example.org,1G\n' >fault.csv
run 65 mailctl import fault.csv --continue-on-error
complains 'nothing was done: a file with a fault is refused as a whole'
run 67 mailctl mailbox show three@example.org
printf 'address,quota\ntwo@nowhere.example,1G\nthree@example.org,1G\n' >fault.csv
run 1 mailctl import fault.csv --continue-on-error
complains 'there is no domain nowhere.example'
says 'three@example.org  created'
# Two of one name: the number of the office tells them apart, and an address of his own is for the second.
printf 'Nome;Cognome;Nr\nPia;Neri;1\n' >homonyms.csv
person=(--map given_name=Nome,surname=Cognome,description=Nr --address-rule name.surname --domain example.org)
run 0 mailctl import homonyms.csv "${person[@]}"
printf 'Nome;Cognome;Nr\nPia;Neri;2\n' >homonyms.csv
run 73 mailctl import homonyms.csv "${person[@]}"
complains 'Pia.Neri@example.org is there with another description'
printf 'Nome;Cognome;Nr\nPia;Neri;1\nPia;Neri;2\n' >homonyms.csv
run 65 mailctl import homonyms.csv "${person[@]}"
complains 'Pia.Neri@example.org is on line 2 already'
printf 'Nome;Cognome;Nr;Adresse\nPia;Neri;1;\nPia;Neri;2;pia.neri2@example.org\n' >homonyms.csv
run 0 mailctl import homonyms.csv "${person[@]}" --map address=Adresse
says 'pia.neri2@example.org  created'
says 'Pia.Neri@example.org  unchanged'
sed 's/31.03.2099/31.02.2099/' office.csv >no-day.csv
run 65 mailctl import no-day.csv --map expires=Austritt --ignore Personalnr.,Raum
complains 'no-day.csv:2:32: expires: "31.02.2099" is not an expiry date: the forms are 2026-12-31, 2026-12-31 14:30 and 2026-12-31T14:30:00Z'
printf 'address,name,expires\nida2@example.org,Ida,29.02.2096\n' >office2.csv
run 0 mailctl mailbox add --csv office2.csv
run 0 mailctl mailbox show ida2@example.org --fields expires -o name
says 2096-02-29

# What differs is told, or changed; nothing else is done where one thing cannot be.
sed 's/2G/3G/; s/Anna Maria/Lucia/' people.csv >changed.csv
run 73 mailctl import changed.csv "${columns[@]}"
complains 'changed.csv:2: Mario.Rossi@example.org is there with another quota'
run 67 mailctl mailbox show Lucia.DeLuca@example.org
run 1 mailctl import changed.csv "${columns[@]}" --continue-on-error
run 0 mailctl mailbox show Lucia.DeLuca@example.org
run 0 mailctl import changed.csv "${columns[@]}" --update -o jsonl
says '{"name":"Mario.Rossi@example.org","outcome":"changed","changed":true,"kind":"mailbox"}'
run 0 mailctl mailbox show Mario.Rossi@example.org --fields quota -o name
says 3G

# Another character set, by name; what is not UTF-8 is told by its place otherwise.
printf 'address,name\nnicolo@example.org,Nicol\xf2 P\xe9rez\n' >latin.csv
run 65 mailctl mailbox add --csv latin.csv
complains 'latin.csv:2:20: it is not UTF-8, and nothing says which other character set it has'
run 0 mailctl mailbox add --csv latin.csv --charset latin1
run 0 mailctl mailbox show nicolo@example.org --fields name -o name
says 'Nicolò Pérez'

# An empty cell leaves alone, or takes away.
printf 'address,name,description\nnicolo@example.org,Nicolò,\n' >more.csv
mailctl mailbox set nicolo@example.org --description 'second floor' -q
run 0 mailctl import more.csv --update
run 0 mailctl mailbox show nicolo@example.org --fields description -o name
says 'second floor'
run 0 mailctl import more.csv --update --empty-clears
run 0 mailctl mailbox show nicolo@example.org --fields description -o json
says '"description":null'

# A letter for each.
printf 'Dear {name},\nyour address is {address}, your password {password}.\n{Not a word} { }\n' >letter
printf 'address,name\nann@example.org,Ann Lee\nbea@example.org,"Bea, the 2nd"\n' >letters.csv
run 65 mailctl mailbox add --csv letters.csv --letters letters --template <(echo '{salary}')
complains 'nothing is known that could stand for {salary}'
run 65 mailctl mailbox add --csv letters.csv --letters letters --template <(echo 'Dear {name}, your {Password} is {PASSWORD}')
complains 'has no {password} in it'
[ ! -e letters ] || fail 'letters without passwords'
run 67 mailctl mailbox show ann@example.org
run 64 mailctl mailbox add --csv letters.csv --letters letters
run 0 mailctl mailbox add --csv letters.csv --letters letters --template letter --passwords-out p.csv --password-scheme ssha512
[ "$(stat -c %a letters letters/ann@example.org.txt | tr '\n' ' ')" = '700 600 ' ] || fail 'others may read the letters'
grep -q '^Dear Bea, the 2nd,$' letters/bea@example.org.txt || fail 'the letter to Bea'
grep -q "^your address is ann@example.org, your password $(sed -n 's/^ann@example.org,//p' p.csv)\.\$" letters/ann@example.org.txt || fail 'the letter to Ann'
grep -q '^{Not a word} { }$' letters/ann@example.org.txt || fail 'braces around other words'
run 73 mailctl mailbox add --csv letters.csv --letters letters --template letter
printf 'address,name,surname,given_name\ncy@example.org,Cy van Dam,,\ndee@example.org,,,\neve@example.org,Eve Marie Roe,Marie Roe,\nfay@example.org,Fay Poe,,Fé\n' >names.csv
run 0 mailctl mailbox add --csv names.csv --letters names --template <(echo '{given_name}/{surname}/{name}') --passwords-out names.p.csv
[ "$(cat names/{cy,dee,eve,fay}@example.org.txt | tr '\n' ' ')" = 'Cy van/Dam/Cy van Dam dee/dee/dee Eve/Marie Roe/Eve Marie Roe Fé/Poe/Fay Poe ' ] || fail "names in letters: $(cat names/*)"
run 0 mailctl mailbox remove {cy,dee,eve,fay}@example.org --yes -q

# Where passwords cannot be written down, none is set.
printf 'address\ncarla@example.org\n' >carla.csv
run 78 mailctl mailbox add --csv carla.csv --passwords-out "$scratch/no/such/folder"
run 67 mailctl mailbox show carla@example.org
run 64 mailctl mailbox add carla@example.org --passwords-out p2.csv

# ---- what is wrong is told by line and column, all of it, and nothing is done
bad() { # STATUS SENTENCE, the file on standard input
	cat >bad.csv
	run "$1" mailctl mailbox add --csv bad.csv
	complains "$2"
	run 67 mailctl mailbox show x@example.org
}
bad 65 'bad.csv:3:1: this row has 1 cell, and the headings are 2' < <(printf 'address,name\nx@example.org,X\ny@example.org\n')
bad 65 'bad.csv:3:15: the quote that begins here is never closed' < <(printf 'address,name\nx@example.org,X\ny@example.org,"Y\n')
bad 65 'bad.csv:2:16: there is a NUL byte' < <(printf 'address,name\nx@example.org,X\0\n')
bad 65 'bad.csv: it is UTF-16, and UTF-8 is expected' < <(printf '\xff\xfea\0d\0')
bad 65 'bad.csv:3:1: X@example.org is on line 2 already' < <(printf 'address\nx@example.org\nX@example.org\n')
bad 65 'bad.csv:1:9: "qota" is no field that a column could have, did you mean quota?' < <(printf 'address,qota\nx@example.org,1G\n')
bad 65 'bad.csv:3:15: quota: "big" is not a quota' < <(printf 'address,quota\nx@example.org,1G\ny@example.org,big\n')
bad 65 'bad.csv:2:1: "no address" is not a mail address' < <(printf 'address\nno address\n')
bad 65 'bad.csv: it is empty' </dev/null
bad 67 'bad.csv:3: there is no domain nowhere.example' < <(printf 'address\nx@example.org\ny@nowhere.example\n')
bad 73 'bad.csv:3:' < <(printf 'address\nx@example.org\npostmaster@example.org\n')
printf 'address,quota\nx@example.org,big\ny@example.org,1G,\nx@example.org,1G\n' >bad.csv
run 65 mailctl mailbox add --csv bad.csv
complains 'bad.csv:2:15: quota: "big"'
complains 'bad.csv:3:1: this row has 3 cells'
complains 'bad.csv:4:1: x@example.org is on line 2 already'
complains 'bad.csv has 3 faults, and nothing was done'
run 66 mailctl mailbox add --csv nowhere.csv
run 64 mailctl mailbox add bob@example.org --csv people.csv
run 64 mailctl import people.csv --format xml
run 64 mailctl import people.ldif --map a=b
run 64 mailctl import people.csv --address-rule name.surname
run 64 mailctl import people.csv --address-rule surname --domain example.org
run 64 mailctl import people.csv --map name=Institut,description=Institut
complains '--map gives the column "Institut" to two fields, description and name'
run 64 mailctl import people.csv --map quota=Spazio --ignore Spazio
complains '--ignore leaves the column "Spazio" out, and --map wants it for quota'
run 64 mailctl import people.ldif --ignore Nr
run 64 mailctl mailbox add x@example.org --ignore Nr --no-password
run 64 mailctl import people.csv --map surname
run 64 mailctl import people.csv --delimiter ab
run 64 mailctl import people.csv --charset ebcdic
printf '{"kind":"alias","address":"info@example.org","targets":["ann@example.org"]}\n{"kind":"alias","address":"y@example.org","tragets":[]}\n' >bad.jsonl
run 65 mailctl import bad.jsonl
complains 'bad.jsonl:2:43: "tragets" is no field of a record of kind alias, did you mean targets?'
run 67 mailctl alias show info@example.org
printf '{"kind":"alias","address":"info@example.org"}{}\n' >bad.jsonl
run 65 mailctl import bad.jsonl
complains 'bad.jsonl:1:'

# ---- what is exported is what can be read: a directory with something of everything
mailctl domain add example.net --max-mailboxes 50 --max-quota 100G --default-quota 1G --description 'the "other" one' -q
mailctl mailbox add eve@example.net --name "Ève O'Neil" --quota 500M --no-password --forward far@far.example --keep-copy -q
mailctl mailbox add off@example.net --no-password --no-smtp-auth -q
mailctl mailbox disable off@example.net --reason compromised --comment 'stolen: "again"' -q
mailctl mailbox add end@example.net --no-password --expires 2099-06-30 -q
printf 'gone\n\n  "fishing"\n' >message
mailctl vacation set eve@example.net --from 2099-08-01 --until '2099-08-15 12:00' --subject 'away: #1' --message-file message -q
mailctl alias add info@example.net --target eve@example.net --target ann@example.org --description '- none' -q
mailctl alias add @example.net --target eve@example.net -q
mailctl backup-domain add example.com -q
mailctl backup-mail add ann@example.com --description yes -q
mailctl mailinglist add staff@example.net --owner ann@example.org --lists-domain lists.example.net -q 2>/dev/null
mailctl admin add matrix --mail ann@example.org --domain example.org --domain example.net --max-domains 3 --generate-password -q >/dev/null
mailctl admin add postmaster@example.net --generate-password -q >/dev/null
mailctl unix add eve@example.net --uid-number 12345 --shell /bin/bash --gecos 'Eve' -q >/dev/null || fail 'no account of Unix'
mailctl domain add off.example -q
mailctl domain disable off.example --yes -q
for format in csv jsonl; do
	run 0 mailctl export -o $format --with-passwords --out "all.$format"
	run 0 mailctl import "all.$format" -o json
	says '"changed":false'
	[[ $out != *'"changed":true'* ]] || fail "$format: something is changed"
done
run 0 mailctl export -o jsonl
[[ $out != *password_hash* ]] || fail 'hashes are written that nobody asked for'
run 0 mailctl export -o csv --kind alias --domain example.net
[ "$(head -1 <<<"$out")" = address,targets,description,expires,active,disabled_reason,disabled_comment ] || fail 'the columns of one kind'
says '@example.net,eve@example.net'
[[ $out != *staff* ]] || fail 'the addresses of a list are aliases, too'
run 0 mailctl export -o jsonl --domain example.com
[ "$(grep -o '"kind":"[a-z-]*"' <<<"$out" | tr '\n' ' ')" = '"kind":"backup-domain" "kind":"backup-mail" ' ] || fail 'a backup domain alone'
run 67 mailctl export -o jsonl --domain nowhere.example
run 65 mailctl export -o csv --kind mailbx
run 64 mailctl export --kind mailbox

# A real one against the schema.
if python3 -c 'import jsonschema' 2>/dev/null; then
	mailctl describe --json-schema >schema.json
	mailctl export -o json --with-passwords >all.json
	cat >validate.py <<'PY'
import json, sys, jsonschema
schema = json.load(open("schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
validator.validate(json.load(open("all.json")))
line = jsonschema.Draft202012Validator({"$ref": "#/$defs/record", "$defs": schema["$defs"]})
count = 0
for text in open("all.jsonl"):
    line.validate(json.loads(text))
    count += 1
assert count > 20, count
for wrong in ({"version": 2}, {"version": 1, "mailboxes": [{"address": "a@b.c", "quota": 5}]}, {"version": 1, "mailboxes": [{"name": "x"}]}, {"version": 1, "domains": [{"domain": "a.b", "nosuch": 1}]}):
    assert not validator.is_valid(wrong), wrong
PY
	python3 validate.py || fail 'what is exported is not what the schema says'
fi

# Numbers of accounts of Unix are the site's, and one person's each.
printf '{"kind":"mailbox","address":"eve@example.net","unix_shell":"/bin/sh"}\n{"kind":"mailbox","address":"end@example.net","gid_number":200}\n' >unix.jsonl
run 0 mailctl import unix.jsonl --update
run 0 mailctl unix list -o csv --fields address,uid_number,gid_number,unix_shell
says 'eve@example.net,12345,100,/bin/sh'
says 'end@example.net,1'
printf '{"kind":"mailbox","address":"off@example.net","uid_number":12345}\n' >unix.jsonl
run 73 mailctl import unix.jsonl --update
printf '{"kind":"mailbox","address":"eve@example.net","uid_number":null}\n' >unix.jsonl
run 65 mailctl import unix.jsonl --update
mailctl export -o jsonl --with-passwords --out all.jsonl -q && mailctl export -o csv --with-passwords --out all.csv -q

# Into another directory: the same comes out of it.
mailctl export -o jsonl --with-passwords | sort >before
mailctl sandbox stop -q
export MAILCTL_SANDBOX=$scratch/second
mailctl sandbox start -q >/dev/null || exit 1
run 0 mailctl import all.jsonl
mailctl export -o jsonl --with-passwords | sort >after
cmp -s before after || fail "another directory says: $(diff before after | head -4)"
mailctl sandbox stop -q
mailctl sandbox reset --yes -q >/dev/null 2>&1
mailctl sandbox start -q >/dev/null || exit 1
run 0 mailctl import all.csv
mailctl export -o jsonl --with-passwords | sort >after
cmp -s before after || fail "and with CSV: $(diff before after | head -4)"
# Whoever exports records without hashes is told so, as with LDIF.
run 0 mailctl export -o jsonl
complains 'written without the passwords that they may have'
run 0 mailctl export -o csv --kind alias
[[ $err != *passwords* ]] || fail 'passwords of aliases'
finish
