#!/bin/bash
# The README's recipe for the mail itself: what rsync has taken of a night brings a mailbox back, with the entry of the same night.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/mail_folders.bash"
type rsync >/dev/null || exit 77
start_sandbox
mailctl domain add example.org -q
for who in bob ann; do
	mailctl mailbox add $who@example.org --no-password --name "Who $who" -q
	deliver example.org/$who $who
done
mkdir -p "$mail/.vmail-trash/half" "$mail/example.org/bob/tmp"
echo half >"$mail/example.org/bob/tmp/4.host"; own

# Its lines, in the places of this run.
recipe() { # PATTERN: the one line that has it
	local line
	line=$(grep -E "^    (mailctl|rsync) .*$1" "$SOURCE_DIR/README.md") && [ "$(wc -l <<<"$line")" = 1 ] || fail "the README has not one line of $1"
	line=${line//\/home\/vmail\/domains/$mail}
	line=${line//\/var\/backups\/mailctl\/FILE/$scratch/entries/*}
	line=${line//\/var\/backups\/mailctl/$scratch/entries}
	line=${line//\/var\/backups\/mail/$scratch/kept}
	eval "$line" >/dev/null 2>"$scratch/said" </dev/null || fail "$line: $(cat "$scratch/said")"
}
recipe --keep
recipe --delete
[ ! -e "$scratch/kept/.vmail-trash" ] && [ ! -e "$scratch/kept/example.org/bob/tmp/4.host" ] && [ -d "$scratch/kept/example.org/bob/tmp" ] || fail 'it takes what is under way'
rm "$mail/example.org/bob/tmp/4.host"
tree_of "$mail/example.org/bob" >"$scratch/before"
# The next night: what is read has another name, what went is gone.
mv "$mail/example.org/ann/new/2.host" "$mail/example.org/ann/cur/2.host:2,S"
rm "$mail/example.org/ann/cur/1.host:2,S"
recipe --delete
tree_of "$mail/example.org/ann" | diff - <(tree_of "$scratch/kept/example.org/ann") || fail 'the second night is not the second day'

mailctl mailbox remove bob@example.org --now --yes -q
rm -r "$mail/example.org/bob"
recipe --from
recipe /bob/
tree_of "$mail/example.org/bob" | diff "$scratch/before" - || fail 'other mail came back'
run 0 mailctl mailbox show bob@example.org --fields name -o name
[ "$out" = 'Who bob' ] || fail "another entry: $out"
finish
