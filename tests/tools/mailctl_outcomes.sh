#!/bin/bash
# What became of each item is said in every format, and the words, the numbers and the exit status agree.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org -q
for who in ann bob; do mailctl mailbox add "$who@example.org" --no-password -q; done
both=(bob@example.org nobody@example.org)

# An item that failed is not missing from standard output.
again() { mailctl mailbox enable bob@example.org -q; }
run 1 mailctl mailbox disable "${both[@]}"
says 'nobody@example.org  failed'
says 'bob@example.org  disabled'
again
run 1 mailctl mailbox disable "${both[@]}" -o csv
[ "$out" = $'address,outcome,message\nnobody@example.org,failed,there is no mailbox nobody@example.org\nbob@example.org,disabled,' ] || fail "CSV"
again
run 1 mailctl mailbox disable "${both[@]}" -o json
says '"address":"nobody@example.org","outcome":"failed"'
says '"address":"bob@example.org","outcome":"disabled"'
again
run 1 mailctl mailbox disable "${both[@]}" -o ldif
says '# nobody@example.org failed: there is no mailbox nobody@example.org'
says '# bob@example.org disabled'
again
run 1 mailctl mailbox disable "${both[@]}" -o name
[ "$out" = bob@example.org ] || fail "-o name lists what is not as it should be"
again
run 67 mailctl mailbox disable nobody@example.org
silent

# What is printed once is in each format that has a place for it, in the column of its name.
run 1 mailctl mailbox add cat@example.org bob@example.org --generate-password -o csv
[ "$(head -n 1 <<<"$out")" = address,outcome,password,message ] || fail "the header of CSV"
python3 - "$out" <<'CHECK' || fail "a CSV that others cannot read"
import csv, io, sys
rows = {row["address"]: row for row in csv.DictReader(io.StringIO(sys.argv[1]))}
assert rows["cat@example.org"]["outcome"] == "created" and len(rows["cat@example.org"]["password"]) > 8, rows
assert rows["bob@example.org"]["outcome"] == "failed" and rows["bob@example.org"]["password"] == "", rows
assert "mail=bob@example.org,vd=example.org" in rows["bob@example.org"]["message"]
CHECK
if run 0 mailctl mailbox password cat@example.org --generate-password --server-side -o csv; then
	[ "$(head -n 1 <<<"$out")" = address,outcome,password,message ] || fail "the header of one that the server made"
fi

# -o ldif says what was sent: given to another server of the same contents, it does the same.
mailctl mailbox set ann@example.org --name "Ann B" -o ldif >"$scratch/sent.ldif"
says_file() { grep -qxF -- "$1" "$scratch/sent.ldif" || fail "the LDIF of a change does not say: $1"; }
says_file 'changetype: modify'
says_file 'replace: cn'
mailctl mailbox set ann@example.org --name "Ann C" -q
run 0 mailctl import "$scratch/sent.ldif"
run 0 mailctl mailbox show ann@example.org --fields name -o name
[ "$out" = "Ann B" ] || fail "the LDIF of a change does not change"
run 0 mailctl mailbox add dan@example.org --generate-password -o ldif
[[ $out != *'userPassword:'* ]] || fail "a hash in LDIF"
says 'changetype: add'
run 0 mailctl mailbox rename dan@example.org don@example.org -o ldif
says 'newrdn: mail=don@example.org'
run 0 mailctl mailbox remove don@example.org --now --yes -o ldif
says 'changetype: delete'
run 0 mailctl mailbox disable ann@example.org -o ldif -q
silent
mailctl mailbox set ann@example.org --name "Ann C" -q
run 0 mailctl import "$scratch/sent.ldif" -o ldif
says 'replace: cn'
printf 'dn: mail=gone@example.org,vd=example.org,o=hosting,dc=example,dc=org\nchangetype: modify\nreplace: cn\ncn: x\n-\n' >"$scratch/gone.ldif"
run 67 mailctl import "$scratch/gone.ldif" -o csv
says 'mail=gone@example.org'
says ',failed,'
run 67 mailctl import "$scratch/gone.ldif" -o json
says '"exit_status":67'

# Standard input is read from where it stands, and to its end.
entry() { printf '%s\n' "dn: mail=$1@example.org,vd=example.org,o=hosting,dc=example,dc=org" 'changetype: modify' 'replace: cn' "cn: $1 read" - ''; }
{ echo 'this is no LDIF'; entry ann; entry bob; } >"$scratch/rest"
run 0 bash -c '{ read -r; "$MAILCTL" import - -o csv; cat; } <"$0"' "$scratch/rest"
complains '2 records: 2 changed'
[ "$(grep -c '^"mail=.*,changed,$' <<<"$out")" = 2 ] && [ "$(wc -l <<<"$out")" = 3 ] || fail "something is left of it"
run 65 bash -c '"$MAILCTL" import - <"$0"' "$scratch/rest"
complains 'standard input:1'
run 0 bash -c '{ read -r; cat | "$MAILCTL" import -; } <"$0"' "$scratch/rest"

# One is one.
run 0 mailctl import "$scratch/sent.ldif"
complains '1 record: '
MAILCTL_JOURNAL_DIR=/dev/null/x run 78 mailctl mailbox enable ann@example.org
complains '1 mailbox: 1 skipped'
# What ends a run is said once, for however many items.
for names in ann@example.org "ann@example.org cat@example.org"; do
	# shellcheck disable=SC2086 # one word each
	MAILCTL_JOURNAL_DIR=/dev/null/x run 78 mailctl mailbox set $names --quota 7G
	[ "$(grep -c 'cannot make the folder' <<<"$err")" = 1 ] || fail "$names: what ended it is said more than once"
	complains 'hint: name another folder'
	# shellcheck disable=SC2086
	MAILCTL_JOURNAL_DIR=/dev/null/x run 78 mailctl mailbox set $names --quota 7G -o json
	[ "$(grep -c '"error"' <<<"$err")" = 1 ] || fail "$names: what ended it is said more than once in JSON"
	says '"outcome":"failed"'
done

# Where JSON names the status that the program ends with, it is that.
agrees() { # COMMAND...: of one thing, or one that something ended
	local status=0
	out=$("$@" -o json 2>"$scratch/stderr") || status=$?
	err=$(cat "$scratch/stderr") last="$*"
	python3 - "$status" "$out" "$err" <<'CHECK' || fail "$last: JSON and the exit status $status differ"
import json, sys
status = int(sys.argv[1])
said = [json.loads(line)["error"]["exit_status"] for line in sys.argv[3].splitlines() if '"error"' in line]
if sys.argv[2]:
    document = json.loads(sys.argv[2])
    said += [document["exit_status"]] if "exit_status" in document else [i["exit_status"] for i in document["items"] if "exit_status" in i]
assert said and all(s == status for s in said), said
CHECK
}
agrees mailctl mailbox enable nobody@example.org
agrees mailctl mailbox add bob@example.org --no-password
agrees mailctl mailbox set bob@example.org --quota nonsense
agrees mailctl mailbox set --nonsense
agrees mailctl nonsense
agrees mailctl mailbox show nobody@example.org
agrees mailctl import "$scratch/gone.ldif"
agrees mailctl import "$scratch/nowhere.ldif"
agrees mailctl mailbox remove bob@example.org --no-input
agrees mailctl --sandbox="$scratch/nowhere" whoami
MAILCTL_JOURNAL_DIR=/dev/null/x agrees mailctl mailbox set bob@example.org --quota 8G

# A number is a number, and what is not there is null, of every noun, whatever is in force.
mailctl domain add small.example --max-mailboxes 3 --max-aliases 4 --max-quota 5G -q
mailctl mailbox add sue@small.example --name "Sue" --surname Small --given-name Sue --quota 1G --expires 2099-12-31 --no-password -q
mailctl mailbox set ann@example.org --quota none
mailctl alias add all@example.org --target ann@example.org -q
mailctl forward set bob@example.org --target bob@example.net -q
mailctl vacation set bob@example.org --subject away --message-file - -q <<<'I am away.'
for noun in domain mailbox alias expiry; do mailctl "$noun" list -o jsonl --fields "$(mailctl "$noun" list --fields no 2>&1 | sed -n 's/^hint: the fields are //p' | tr ' ' ,)"; done >"$scratch/items"
for noun in forward vacation quota; do mailctl "$noun" show ann@example.org bob@example.org sue@small.example -o jsonl; done >>"$scratch/items"
mailctl domain show small.example example.org -o jsonl >>"$scratch/items"
mailctl sandbox status -o jsonl | sed 's/"created"/"is_created"/' >>"$scratch/items"
mailctl whoami -o jsonl >>"$scratch/items"
mailctl log -o jsonl >>"$scratch/items"
MAILCTL_JOURNAL_DAYS=none MAILCTL_JOURNAL_SIZE=none mailctl config show -o jsonl | sed 's/{"setting":"\([a-z-]*\)","value":/{"\1":/' >>"$scratch/items"
mailctl config show -o jsonl | sed 's/{"setting":"\([a-z-]*\)","value":/{"\1":/' >>"$scratch/items"
python3 - "$scratch/items" <<'CHECK' || fail "a field has more than one type"
import json, sys
types = {}
words = {"quota": {"none", "domain"}, "send_limit": {"none", "domain"}, "sasl": set()}
for line in open(sys.argv[1]):
    for name, value in json.loads(line).items():
        if value is None: continue
        types.setdefault(name, set()).add(type(value))
        if isinstance(value, str):
            assert value != "" and value not in {"yes", "no", "?", "true", "false"}, (name, value)
            assert value != "none" or "none" in words.get(name, ()), (name, value)
            assert not value.isdigit() or name == "maildir-mode", (name, value) # octal
mixed = {name: found for name, found in types.items() if len(found) > 1}
assert not mixed, mixed
for name in ("max_mailboxes", "max_aliases", "max_quota_mib", "quota_bytes", "entries", "pid", "page-size", "journal-days"): assert types[name] == {int}, name
for name in ("active", "starttls", "allow-clear-bind", "running", "expired"): assert types[name] == {bool}, name
CHECK
run 0 mailctl domain list --fields domain,max_aliases -o csv
says example.org,none

# CSV has a header, also of nothing, and lines that a shell can take apart.
run 0 mailctl mailbox list --disabled --filter '(mail=none@*)' -o csv
[ "$out" = address,status,quota,expires,name ] || fail "the CSV of an empty list"
run 0 mailctl mailbox list --fields address,status -o csv
[ "$(head -n 1 <<<"$out")" = address,status ] || fail "no header"
[[ $out != *$'\r'* ]] || fail "a carriage return"
run 0 mailctl whoami -o csv
says identity,uri,base,tls

# One field, for a script.
run 0 mailctl mailbox show ann@example.org -o name --fields quota
[ "$out" = none ] || fail "-o name --fields"
run 64 mailctl mailbox show ann@example.org -o name --fields quota,name

# A flag that would be ignored is refused.
for format in name table; do run 64 mailctl export -o "$format"; done
complains 'mailctl export writes LDIF, CSV, JSONL, JSON and YAML and no other format'
silent
run 0 mailctl export -o ldif
run 0 mailctl export
for format in json ldif table; do run 64 mailctl sandbox env -o "$format"; done
for verb in "mailbox set bob@example.org --quota 1G" "mailbox add zoe@example.org --no-password" "domain disable example.org --yes" "import $scratch/sent.ldif" export "sandbox start"; do
	# shellcheck disable=SC2086 # words
	run 64 mailctl $verb --fields address
	complains '--fields'
done
run 67 mailctl mailbox show zoe@example.org
run 0 mailctl whoami --fields base,uri -o csv
[ "$(head -n 1 <<<"$out")" = base,uri ] || fail "whoami --fields"
run 0 mailctl sandbox status --fields running -o jsonl
[ "$out" = '{"running":true}' ] || fail "sandbox status --fields"
run 0 mailctl config show --fields setting,value -o csv --origin
[ "$(head -n 1 <<<"$out")" = setting,value ] || fail "config show --fields"
run 64 mailctl whoami --fields nothing

# A dry run of what the sandbox does does nothing.
run 0 mailctl sandbox reset -n
complains 'reset (dry run)'
run 0 mailctl mailbox show ann@example.org
run 0 mailctl sandbox stop -n
run 0 mailctl whoami
run 0 mailctl sandbox start -n --dir "$scratch/other"
[ ! -e "$scratch/other" ] || fail "sandbox start -n made a folder"

# What is shown for a shell can be given to one, whatever the folder is called.
blank="$scratch/a folder's name"
run 0 mailctl sandbox start --dir "$blank"
command=$(sed -n 's/.*or for this shell: //p' <<<"$err")
(unset MAILCTL_SANDBOX; mailctl() { "$MAILCTL" "$@"; }; eval "$command" && [ "$MAILCTL_SANDBOX" = "$blank" ]) || fail "cannot be pasted: $command"
run 0 mailctl sandbox stop --dir "$blank"
run 75 mailctl --sandbox="$blank" whoami
command=$(sed -n 's/^hint: //p' <<<"$err")
eval "$command" >/dev/null 2>&1 || fail "cannot be pasted: $command"
mailctl sandbox stop --dir "$blank" -q

# A reader that is gone, or a full disk, ends a run between things and not in the middle of one, in LDIF as well.
run 0 mailctl domain add parts.example
for who in ann bob cid; do run 0 mailctl mailbox add "$who@parts.example" --no-password; done
run 0 mailctl alias add info@parts.example --target ann@parts.example
run 75 bash -c '"$MAILCTL" domain rename parts.example moved.example --yes -o ldif >/dev/full'
run 67 mailctl domain show parts.example
run 0 mailctl alias show info@moved.example --fields targets -o csv
says ann@moved.example
run 0 mailctl domain show moved.example -o ldif
[ "$(grep -c '^vd:' <<<"$out")" = 1 ] || fail 'the domain is left with two names'

finish
