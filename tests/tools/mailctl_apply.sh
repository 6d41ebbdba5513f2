#!/bin/bash
# A directory is made to say what a file says, whatever the order in the file; what is exported and applied changes nothing.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
cd "$scratch" || exit 1
seen() { mailctl export -o ldif --with-passwords >"$1" 2>/dev/null; }

cat >site.yaml <<'YAML'
# From the last to the first: what others depend on comes last.
version: 1
admins:
  - {name: matrix, mail: bob@example.org, domains: [example.org], edit_accounts: no}
mailinglists:
  - address: staff@example.org
    owners: [bob@example.org]
    lists_domain: lists.example.org
aliases:
  - address: postmaster@example.org
    targets: [bob@example.org]
  - address: all@example.org
    targets: [info@example.org, ann@example.org]
  - address: info@example.org
    targets:
      - bob@example.org
    description: "yes"
mailboxes:
  - address: bob@example.org
    name: Bob Jones
    quota: 1G
    expires: 2099-12-31
  - address: ann@example.org
    forward_active: true
    forward_targets: [all@far.example]
    keep_copy: yes
    vacation_message: |
      gone
      fishing
  - address: off@example.org
    active: false
    disabled_reason: compromised
backup_mails: [{address: '@backup.example'}]
backup_domains:
  - domain: backup.example
domains:
  - domain: example.org
    max_mailboxes: 5
    max_aliases: 40
    description: no
YAML

# ---- looked at, made, and made once
run 2 mailctl diff site.yaml --detailed-exitcode
says '+ mailbox bob@example.org quota 1G'
says '+ backup-mail @backup.example'
run 0 mailctl diff site.yaml
run 0 mailctl apply site.yaml -n
run 67 mailctl domain show example.org
run 0 mailctl apply site.yaml -o jsonl
says '{"name":"bob@example.org","outcome":"created","changed":true,"kind":"mailbox"}'
[[ $err != *'does not exist'* && $err != *'there is no'* ]] || fail 'what comes later in the file is missed'
run 0 mailctl apply site.yaml -o json
says '"changed":false}'
[[ $out != *'"changed":true'* ]] || fail 'the second time, something is changed'
run 0 mailctl diff site.yaml --detailed-exitcode
silent
run 0 mailctl mailbox show ann@example.org --fields keep_copy,forward_targets -o csv
says 'yes,all@far.example'
run 0 mailctl domain show example.org --fields description -o name
says no
run 0 mailctl alias show info@example.org --fields description -o name
says yes
run 0 mailctl mailbox show off@example.org --fields status,disabled_reason -o csv
says 'disabled,compromised'

# Again and again, byte for byte, in each format.
mailctl mailbox password bob@example.org --generate-password --yes -q >/dev/null
seen before.ldif
for format in yaml json jsonl; do
	run 0 mailctl export -o $format --with-passwords --out "all.$format"
	run 0 mailctl apply "all.$format" -o json
	[[ $out != *'"changed":true'* ]] || fail "$format: something is changed"
	seen after.ldif
	cmp -s before.ldif after.ldif || fail "$format: $(diff before.ldif after.ldif | head -4)"
	mailctl export -o $format --with-passwords >again
	cmp -s again "all.$format" || fail "$format is not the same again"
done
python3 - all.yaml <<'PY' || fail 'others read it otherwise'
import sys
try: import yaml
except ImportError: sys.exit(0)
d = yaml.safe_load(open(sys.argv[1]))
assert d["version"] == 1 and {m["address"] for m in d["mailboxes"]} == {"bob@example.org", "ann@example.org", "off@example.org"}, d
PY

# ---- what differs is changed, what is not said stays, null takes away
cat >change.yaml <<'YAML'
version: 1
base: dc=example,dc=org
records:
  - {kind: mailbox, address: bob@example.org, quota: 2G, expires: null}
  - {kind: domain, domain: example.org, max_mailboxes: ~}
  - {kind: mailbox, address: off@example.org, active: true}
  - {kind: mailbox, address: ann@example.org, active: false}
YAML
run 2 mailctl diff change.yaml --detailed-exitcode
[ "$out" = '~ domain example.org max_mailboxes 5 -> none
~ mailbox bob@example.org quota 1G -> 2G
~ mailbox bob@example.org expires 2099-12-31 -> none
~ mailbox off@example.org active no -> yes
~ mailbox off@example.org disabled_reason compromised -> none
~ mailbox ann@example.org active yes -> no
~ mailbox ann@example.org disabled_reason none -> manual' ] || fail 'the differences'
run 2 mailctl apply change.yaml -n --detailed-exitcode
run 64 mailctl apply change.yaml -q </dev/null # somebody had disabled one as compromised
complains "bring back 1 disabled as compromised"
run 0 mailctl apply change.yaml -q --yes
run 0 mailctl mailbox show bob@example.org --fields quota,expires,name -o csv
says '2G,,Bob Jones'
run 0 mailctl mailbox list --disabled -o name
[ "$out" = ann@example.org ] || fail 'who is disabled'
run 0 mailctl mailbox show ann@example.org --fields disabled_reason -o name
says manual
# What must be there is not passed over.
printf 'version: 1\nadmins:\n  - {name: matrix, mail: null}\n' >admin.yaml
printf '{"version":1,"admins":[{"name":"matrix","mail":null}]}' >admin.json
printf 'version: 1\nadmins:\n  - {name: new, mail: null}\n' >new.yaml
for file in admin.yaml admin.json; do
	run 65 mailctl apply $file --yes
	complains 'a virtual admin is written to at an address: it can be another one, and not taken away'
done
run 65 mailctl apply new.yaml --yes
run 0 mailctl admin show matrix --fields mail -o name
says bob@example.org
printf 'version: 1\nmailboxes:\n  - address: bob@example.org\n    password_hash: "{SSHA}hQ5FgN6L9M0kKiTTr5VJvUhGEAVzYWx0"\n' >hash.yaml
run 0 mailctl diff hash.yaml
[ "$out" = '~ mailbox bob@example.org password_hash a hash -> another' ] || fail 'a hash is shown'
run 0 mailctl diff hash.yaml -o json
[[ $out != *SSHA* ]] || fail 'a hash is shown in JSON'

# A hash of another system is taken as --hash takes it, or refused; what is there already is left, whatever it is.
hash_of() { printf 'version: 1\nmailboxes:\n  - {address: %s, password_hash: %s}\n' "$1" "$2" >hash.yaml; }
stored_hash() { mailctl export -o jsonl --with-passwords --kind mailbox --domain example.org | sed -n "s/.*\"$1\".*\"password_hash\":\"\([^\"]*\)\".*/\1/p"; }
body='$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.'
for spelt in "{SHA512-CRYPT}$body" "$body" "{CRYPT}$body"; do
    hash_of bob@example.org "'$spelt'"
    run 0 mailctl apply hash.yaml --yes
    [ "$(stored_hash bob@example.org)" = "{CRYPT}$body" ] || fail "the hash $spelt"
done
run 0 mailctl diff hash.yaml --detailed-exitcode
for bad in '{CRAM-MD5}9186d855e11eba527a7a52748d2a2a0b' '{SCRAM-SHA-256}4096,c2FsdA==,a,b' '{SHA512-CRYPT}nonsense' '{BLF-CRYPT}$2y$05$short' '{PLAIN}secret' '{SSHA}short' \
    "{CRYPT}\$6\$rounds=999999999\$${body#???}"; do
    for who in bob@example.org fresh@example.org; do
        hash_of "$who" "'$bad'"
        run 65 mailctl apply hash.yaml --yes
        complains 'password_hash: '
    done
    printf '{"kind":"mailbox","address":"fresh@example.org","password_hash":"%s"}\n' "$bad" >hash.jsonl
    run 65 mailctl import hash.jsonl --yes
    printf 'address,password_hash\nbob@example.org,"%s"\n' "$bad" >hash.csv
    run 65 mailctl import hash.csv --update --yes
done
run 67 mailctl mailbox show fresh@example.org
hash_of bob@example.org null
run 65 mailctl apply hash.yaml
complains 'a record takes no password away'
hash_of ann@example.org null
run 0 mailctl apply hash.yaml
printf 'address,password_hash\nbob@example.org,\n' >hash.csv
run 0 mailctl import hash.csv --update --empty-clears
[ "$(stored_hash bob@example.org)" = "{CRYPT}$body" ] || fail 'an empty cell takes a password away'
ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null <<<"dn: $(mailctl export --domain example.org | sed -n 's/^dn: \(mail=bob@.*\)/\1/p')
changetype: modify
replace: userPassword
userPassword: {SSHA}odd" || fail 'no odd hash'
run 0 mailctl export -o yaml --with-passwords --kind mailbox --domain example.org --out odd.yaml
run 0 mailctl diff odd.yaml --detailed-exitcode
run 0 mailctl apply odd.yaml

# What --hash says of one is said once of all, and of what is there already nothing.
ssha512='{SSHA512}'$(printf '%072d' 0 | base64 -w0)
printf '{"kind":"mailbox","address":"h%s@example.org","password_hash":"%s"}\n' 1 "$ssha512" 2 "$ssha512" 3 '{CRYPT}!' 4 '{CRYPT}*' >hashes.jsonl
run 0 mailctl import hashes.jsonl -n
complains 'no password matches 2 of the hashes: they lock their accounts'
[ "$(grep -c 'slapd checks {SSHA512} with its module pw-sha2 alone' <<<"$err")" = 1 ] || fail "$last: not one note: $err"
run 0 mailctl import <(head -n 1 hashes.jsonl) --format jsonl
run 0 mailctl import <(head -n 1 hashes.jsonl) --format jsonl
[[ $err != *SSHA512* ]] || fail "$last: a note of what is there"
mailctl mailbox remove h1@example.org --now --yes -q

# A domain that is switched off takes what is in it along, and brings that back.
printf '{"version":1,"domains":[{"domain":"example.org","active":false}]}' >off.json
run 64 mailctl apply off.json </dev/null
complains 'and so stop 1 domain'
run 64 mailctl import <(printf '{"kind":"mailbox","address":"past@example.org","expires":"2001-01-01"}\n') --format jsonl </dev/null
complains 'let 1 end in the past'
run 64 mailctl mailbox ensure past@example.org --expires 2001-01-01 --no-password </dev/null
run 67 mailctl mailbox show past@example.org
run 64 mailctl mailbox ensure bob@example.org --expires 2001-01-01 </dev/null
run 0 mailctl apply off.json --yes
run 0 mailctl mailbox show bob@example.org --fields disabled_reason -o name
says domain
printf '{"version":1,"domains":[{"domain":"example.org","active":false,"description":"off and other"}]}' >both.json
sed 's/false/true/; s/off and other/on and other/' both.json >back.json
for file in back both back; do # a record has one outcome, whatever is done for it
	run 0 mailctl apply $file.json --yes -o jsonl
	[ "$(grep -c '"name":"example.org"' <<<"$out")" = 1 ] || fail "$last: not one outcome: $out"
done
run 0 mailctl domain show example.org --fields status,description -o csv
says 'active,on and other'
run 69 mailctl apply both.json --yes --max-changes 0
run 0 mailctl mailbox list --disabled -o name
[ "$out" = ann@example.org ] || fail 'who is disabled when domain and description have changed'
sed 's/false/true/' off.json | run 0 mailctl apply - --format json
run 0 mailctl mailbox list --disabled -o name
[ "$out" = ann@example.org ] || fail 'who is disabled after that'

# ---- what is not in the file goes where that is said, within a cap, and nowhere else
mailctl domain add example.net -q
for n in 1 2 3; do mailctl mailbox add "x$n@example.org" --no-password -q && mailctl alias add "y$n@example.org" --target bob@example.org -q; done
mailctl mailbox add x@example.net --no-password -q
run 0 mailctl diff all.yaml --prune mailbox --domain example.org
says '- mailbox x1@example.org'
[[ $out != *'- alias'* && $out != *example.net* ]] || fail 'more would go than was asked for'
printf 'version: 1\nmailboxes: []\n' >empty.yaml
run 0 mailctl diff empty.yaml --prune alias --domain example.org
says '- alias info@example.org'
[[ $out != *abuse@* && $out != *postmaster@* && $out != *staff* ]] || fail 'role addresses and those of lists would go'
# What sends mail to them is told before, and not what goes as well.
mailctl alias add tells@example.org --target x1@example.org,bob@example.org -q
mailctl alias add tells@example.net --target x1+news@example.org -q
mailctl forward set x2@example.org --target x1@example.org -q
run 0 mailctl diff all.yaml --prune mailbox --domain example.org
complains 'tells@example.org still sends mail to x1@example.org'
complains 'tells@example.net still sends mail to x1@example.org'
[[ $err != *'x2@example.org still sends'* ]] || fail "$last: names what goes"
run 0 mailctl diff all.yaml --prune mailbox,alias --domain example.org
complains 'tells@example.net still sends mail to x1@example.org'
[[ $err != *'tells@example.org still sends'* ]] || fail "$last: names an alias that goes"
mailctl alias remove tells@example.org tells@example.net --yes -q
run 64 mailctl apply all.yaml --prune mailbox --domain example.org
complains 'give --yes'
run 69 mailctl apply all.yaml --prune mailbox --domain example.org --yes --max-changes 2
complains 'nothing was changed'
run 0 mailctl apply all.yaml --prune mailbox,alias --domain example.org --yes
says 'x1@example.org  removed'
says 'y3@example.org  removed'
run 0 mailctl mailbox list --domain example.org --removed -o name
[ "$(wc -l <<<"$out")" = 3 ] || fail 'mailboxes are only marked'
run 0 mailctl alias list --domain example.org -o name
says 'abuse@example.org'
says 'staff-bounces@example.org'
[[ $out != *y1@* ]] || fail 'an alias is left'
run 0 mailctl mailbox show x@example.net
run 64 mailctl apply all.yaml --prune mailbox
run 64 mailctl apply all.yaml --domain example.org
run 64 mailctl apply all.yaml --prune domain --domain example.org
printf 'version: 1\nmailboxes:\n  - address: x1@example.org\n' >removed.yaml
run 73 mailctl apply removed.yaml
complains 'removed.yaml:3: x1@example.org is marked as removed'

# ---- what has no end is read no further than a document may be long
run 65 timeout 60 "$MAILCTL" apply - --format yaml < <(yes "# nothing")
complains "it has more than 256 MiB"

# ---- some of it cannot be done: nothing is, or the rest
cat >half.yaml <<'YAML'
version: 1
mailboxes:
  - address: new@example.org
  - address: new@nowhere.example
YAML
run 67 mailctl apply half.yaml
complains 'half.yaml:4: there is no domain nowhere.example'
run 67 mailctl mailbox show new@example.org
run 1 mailctl apply half.yaml --continue-on-error -o jsonl
says '{"name":"new@example.org","outcome":"created"'
says '"outcome":"failed"'
run 0 mailctl mailbox show new@example.org

# ---- what is new and stopped at once: as after "add" and "disable"
printf '{"version":1,"domains":[{"domain":"off.example","active":false,"disabled_reason":"unpaid","disabled_comment":"bill"}],"mailinglists":[{"address":"crew@off.example","lists_domain":"lists.example","active":false,"disabled_reason":"moved"}],"mailboxes":[{"address":"kim@off.example"}]}' >stopped.json
run 0 mailctl apply stopped.json -n
run 0 mailctl apply stopped.json -o jsonl
[ "$(wc -l <<<"$out")" = 3 ] || fail 'not three things'
says '{"name":"crew@off.example","outcome":"created"'
run 0 mailctl domain show off.example --fields active,disabled_reason,disabled_comment -o csv
says 'no,unpaid,bill'
run 0 mailctl alias show postmaster@off.example --fields active,disabled_reason -o csv
says 'no,domain'
run 0 mailctl mailinglist show crew@off.example --fields active,disabled_reason -o csv
says 'no,moved'
run 0 mailctl alias show crew-bounces@off.example --fields active,disabled_reason -o csv
says 'no,moved'
run 0 mailctl apply stopped.json -o json
says '"changed":false'
run 0 mailctl domain enable off.example
run 0 mailctl alias list --domain off.example --disabled -o name
[[ $out != *postmaster* && $out == *crew@* ]] || fail 'who comes back with the domain'
run 0 mailctl apply stopped.json -q --yes

# ---- bad input: one sentence with its place, and nothing done
seen before.ldif
bad() { # SENTENCE, the file on standard input
	cat >bad.yaml
	run 65 timeout 20 "$MAILCTL" apply bad.yaml
	complains "$1"
	[ "$(grep -cv '^hint:' "$scratch/stderr")" = 1 ] || fail "$last: more than one sentence"
	silent
}
head='version: 1\nmailboxes:\n'
bad 'bad.yaml:3:14: an anchor' < <(printf "$head  - address: &a bob@example.org\n  - address: *a\n")
bad 'bad.yaml:4:12: it is no YAML: the referenced anchor is not defined' < <(printf "$head  - address: bob@example.org\n    quota: *a\n")
bad 'bad.yaml:1:' < <(printf 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n')
bad 'bad.yaml:5:5: "quota" stands there twice' < <(printf "$head  - address: bob@example.org\n    quota: 1G\n    quota: 2G\n")
bad 'bad.yaml:4:1: "mailboxes" stands there twice' < <(printf "$head  - address: bob@example.org\nmailboxes: []\n")
bad 'bad.yaml:4:' < <(printf "$head  - address: bob@example.org\n\tquota: 1G\n")
bad 'bad.yaml:4:11: a value has more than a MiB' < <(printf "$head  - address: bob@example.org\n    name: "; head -c 10000000 /dev/zero | tr '\0' x)
bad 'the tag "tag:yaml.org,2002:binary"' < <(printf "$head  - address: !!binary Ym9i\n")
bad 'the tag "!ruby/object' < <(printf "$head  - !ruby/object:Gem {address: x}\n")
bad 'it tells of dc=other,dc=org, and this directory is dc=example,dc=org' < <(printf 'version: 1\nbase: dc=other,dc=org\nmailboxes: []\n')
bad 'bad.yaml:1:10: this is version "2" of the format' < <(printf 'version: 2\n')
bad 'it does not say "version: 1"' < <(printf 'mailboxes: []\n')
bad 'a second document begins' < <(printf 'version: 1\n---\nversion: 1\n')
bad 'there is a NUL byte' < <(printf 'version: 1\n\0\n')
bad 'it is UTF-16' < <(printf '\xff\xfev\0')
bad 'bad.yaml:2:3: it is not UTF-8' < <(printf 'version: 1\n# \xe8\n')
bad 'is empty' </dev/null
bad '"mailbox" is nothing that a document has, did you mean mailboxes?' < <(printf 'version: 1\nmailbox: []\n')
bad 'bad.yaml:4:5: "qouta" is no field of a record of kind mailbox, did you mean quota?' < <(printf "$head  - address: bob@example.org\n    qouta: 1G\n")
bad 'bad.yaml:4:12: quota: "big" is not a quota' < <(printf "$head  - address: bob@example.org\n    quota: big\n")
bad 'bad.yaml:4:14: expires: a day counted from today' < <(printf "$head  - address: bob@example.org\n    expires: +6m\n")
bad 'a list is expected' < <(printf 'version: 1\naliases:\n  - address: x@example.org\n    targets: bob@example.org\n')
bad 'Bob@example.org is on line 3 already' < <(printf "$head  - address: bob@example.org\n  - address: Bob@example.org\n")
bad 'bad.yaml:1:' < <(head -c 200000 /dev/zero | tr '\0' '[')
bad 'bad.yaml:1:' < <(head -c 200000 /dev/zero | tr '\0' '{')
bad 'bad.yaml:3:7: a key is a word' < <(printf "$head  - ? {a: b}\n    : x\n")
run 64 mailctl apply site.txt
run 64 mailctl apply people.csv
run 66 mailctl apply nowhere.yaml
run 64 mailctl apply site.yaml --format xml
run 64 mailctl diff site.yaml -o ldif
# Whatever is done to a file, it is read or refused.
mkdir odd
python3 - site.yaml <<'PY'
import random, sys
random.seed(20261129)
seed = open(sys.argv[1], "rb").read()
for n in range(120):
    text = bytearray(seed)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(text))
        if random.random() < 0.3: del text[at:at + random.randint(1, 12)]
        else: text[at:at] = random.choice([b"&a ", b"*a", b"!x ", b"[", b"{", b"}", b"- ", b": ", b"\t", b"\n", b"'", b'"', b"|\n", b"? ", b"%", b"\xc3", b"#", b"---\n", b"<<: "])
    open(f"odd/{n}.yaml", "wb").write(text)
PY
for file in odd/*.yaml; do
	status=0
	timeout 20 "$MAILCTL" diff "$file" >/dev/null 2>"$scratch/stderr" || status=$?
	case $status in 0 | 65 | 67 | 69 | 73) ;; *) fail "$file: status $status, $(head -2 "$scratch/stderr")" ;; esac
done
seen after.ldif
cmp -s before.ldif after.ldif || fail 'bad input changed something'

# ---- what a domain is exported without is not made by who reads that
mailctl domain add bare.example half.example -q
run 0 mailctl alias remove postmaster@bare.example abuse@bare.example abuse@half.example --yes
mailctl mailbox add ann@half.example --no-password -q
for format in yaml json csv jsonl; do
	reader=$([[ $format == [cj]s[vo]* && $format != json ]] && echo import || echo apply)
	for domain in bare.example half.example; do
		run 0 mailctl export -o $format --domain $domain --out $domain.$format
		mailctl export --domain $domain | grep -v lastChange >before.ldif
		run 0 mailctl $reader $domain.$format --yes
		cmp before.ldif <(mailctl export --domain $domain | grep -v lastChange) || fail "$domain, $format: to read it made something"
	done
	mailctl mailbox remove ann@half.example --now --yes -q
	mailctl domain remove bare.example half.example --now --yes -q
	for domain in bare.example half.example; do run 0 mailctl $reader $domain.$format --yes; done
	run 0 mailctl alias list --domain bare.example -o name
	silent
	run 0 mailctl alias list --domain half.example -o name
	[ "$out" = postmaster@half.example ] || fail "$format: $out"
	run 0 mailctl $reader $domain.$format --yes
done
grep role_addresses half.example.yaml >/dev/null || fail 'it does not say so'
mailctl domain add whole.example -q
run 0 mailctl export -o yaml --domain whole.example
[[ $out != *role_addresses* ]] || fail 'it says so of one that has them'

# ---- an address that two entries have makes a file that no apply takes: the export says which
mailctl domain add twice.example -q
mailctl mailbox add ann@twice.example --no-password -q
mailctl domain add other.example -q
printf 'dn: mail=ann@twice.example,vd=other.example,o=hosting,dc=example,dc=org\nobjectClass: VirtualMailAlias\nmail: ann@twice.example\ncn: x\nsn: x\nmaildrop: a@example.net\naccountActive: TRUE\nlastChange: 0\n' |
	ldapadd -Q -Y EXTERNAL -H "$socket" >/dev/null || fail 'ldapadd'
for format in yaml csv jsonl; do
	run 1 mailctl export -o $format --out twice.$format
	complains 'ann@twice.example is the address of two entries, mail=ann@twice.example,vd='
done
run 65 mailctl apply twice.yaml --yes
complains ann@twice.example
run 0 mailctl export -o yaml --domain twice.example
finish
