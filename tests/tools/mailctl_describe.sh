#!/bin/bash
# What describe tells is so: the names are those that show tells, the attributes and who may write them those that the server lets write, and the manual has all of it.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
source_dir=${BASH_SOURCE%/*}/../..
start_sandbox

run 0 mailctl describe
says 'mailinglist'
run 0 mailctl describe mailbox
says 'keep_copy'
run 0 mailctl describe mailbox quota
says 'a size such as 500M or 2G, none, or domain'
run 0 mailctl describe domain default_quota
says 'a size such as 500M or 2G, none, or server'
run 0 mailctl describe alias targets -o json
parses "$out"
says '"attributes":["maildrop"]'
run 65 mailctl describe mailbx
complains '"mailbx" is no kind of record, did you mean mailbox?'
run 65 mailctl describe mailbox qouta
complains '"qouta" is no field of a record of kind mailbox, did you mean quota?'
run 64 mailctl describe mailbox --json-schema
run 0 mailctl describe --json-schema
parses "$out"

# ---- one vocabulary: what can be written is shown under the same name
mailctl domain add example.org -q
mailctl mailbox add bob@example.org --no-password -q
mailctl alias add info@example.org --target bob@example.org -q
mailctl backup-domain add example.net -q
mailctl backup-mail add ann@example.net -q
mailctl mailinglist add staff@example.org --lists-domain lists.example.org -q 2>/dev/null
mailctl admin add matrix --mail bob@example.org --domain example.org --no-password -q 2>/dev/null
fields=0
while read -r noun name; do
	mailctl "$noun" show "$name" -o jsonl >"$scratch/shown"
	[ "$noun" != mailbox ] || mailctl vacation show "$name" -o jsonl >>"$scratch/shown"
	while read -r field; do
		fields=$((fields + 1))
		grep -q "\"$field\":" "$scratch/shown" || [ "$field" = password_hash ] || [ "$field" = role_addresses ] || fail "$noun show tells of no $field"
	done < <(mailctl describe "$noun" -o name)
done <<'NOUNS'
domain example.org
mailbox bob@example.org
alias info@example.org
backup-domain example.net
backup-mail ann@example.net
mailinglist staff@example.org
admin matrix
NOUNS
[ "$fields" -ge 60 ] || fail "only $fields fields"

# ---- who may write, as the server has it
cells() { # WRITER
	case $1 in
	owner) echo '--++--+--+--' ;;
	editor) echo '--++-.+-.-.-' ;;
	administrator) echo '--+++-++----' ;;
	himself) echo '--+++++++++-' ;;
	site) echo '--+---------' ;;
	esac
}
compare() { # NOUN ENTRY...
	local noun=$1 field writer attributes attribute entry row asked
	shift
	while IFS=$'\t' read -r field writer attributes; do
		for attribute in $attributes; do
			for entry in "$@"; do
				row=$(awk -F '\t' -v e="$entry" -v a="$attribute" '$3 == e && $4 == a && ($2 == "replace" || $2 == "add") && $5 ~ /^[^|\/:]*$/ && $5 !~ /%|two.test|expired/ { print $6; exit }' "$source_dir/tests/schema/rights.tsv")
				[ -n "$row" ] || continue
				compared=$((compared + 1))
				asked=$(cells "$writer")
				[ "$row" = "$asked" ] || fail "$noun $field: $writer may write $attribute, says describe, which is $asked, and the server $row"
			done
		done
	done < <(mailctl describe "$noun" -o jsonl | python3 -c '
import json, sys
for line in sys.stdin:
    f = json.loads(line)
    if (f["kind"], f["field"]) != ("admin", "password_hash") and f["attributes"] not in (["mail"], ["vd"], ["cn"]) or f["field"] in ("name", "domains", "mail"): print(f["field"], f["writer"], " ".join(f["attributes"]), sep="\t")')
}
compared=0
compare domain domain
compare mailbox ann
compare alias alias
compare mailinglist alias
compare admin third
own=$(awk -F '\t' '$3 == "self" && $4 == "userPassword" && $2 == "replace" { print $6 }' "$source_dir/tests/schema/rights.tsv")
[ "$own" = "$(cells "$(mailctl describe admin password_hash --fields writer -o name)")" ] || fail "who may write the password of an administrator: $own"
[ "$compared" -ge 40 ] || fail "only $compared compared"

# ---- and the manual
page=$source_dir/man/mailctl-exchange.5
for noun in $(mailctl describe -o name); do
	grep -q "^\.Ss Fields of $noun\$" "$page" || fail "the manual has no fields of $noun"
	told=$(sed -n "/^\.Ss Fields of $noun\$/,/^\.S[sh] /p" "$page" | sed -n 's/^\.It Cm \([a-z_]*\) Pq \([a-z]*\)$/\1 \2/p')
	[ "$told" = "$(mailctl describe "$noun" --fields field,form -o csv | sed '1d; s/,/ /')" ] || fail "the manual has other fields of $noun: $told"
done
finish
