#!/bin/bash
# Backups of the tree: complete, for their owner alone, and so many of them; and one mailbox taken back to one.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org -q
printf 'Blue-Kettle-7261\n' | mailctl mailbox add bob@example.org --password-stdin --name 'Bob Bööb' --quota 2G -q
mailctl mailbox add ann@example.org --no-password -q
mailctl admin add matrix --domain example.org --no-password -q 2>/dev/null
dir=$scratch/backups
mkdir -m 755 "$dir"

for number in 0 -1 0x10 1e3 "" 99999999999999999999 many; do run 64 mailctl backup --dir "$dir" --keep="$number"; done
run 64 mailctl backup --dir "$dir" -o json
run 0 mailctl backup --dir "$dir" --dry-run
[ -z "$(ls -A "$dir")" ] || fail 'a dry run wrote something'
run 0 mailctl backup --dir "$dir"
backup=$out
[ "$(stat -c %a "$backup")" = 600 ] || fail "it is open: $(stat -c %a "$backup")"
grep -F 'dn: mail=bob@example.org' "$backup" >/dev/null && grep '^userPassword' "$backup" >/dev/null || fail 'it is not all'
mailctl export --with-passwords -q >"$scratch/export" 2>/dev/null
grep -v '^#' "$backup" | head -n "$(wc -l <"$scratch/export")" | diff - "$scratch/export" || fail 'it is not what an export has'
chmod 777 "$dir"
run 78 mailctl backup --dir "$dir"
chmod 755 "$dir"
(ulimit -f 1; "$MAILCTL" backup --dir "$dir" >/dev/null 2>&1) && fail 'a full disk is none'
[ "$(ls -A "$dir" | wc -l)" = 1 ] || fail "a part is left: $(ls -A "$dir")"

# ---- what a run has left that was killed as it gave a file its name goes; what may be one under way stays, and so does what is none
touch -d '2 hours ago' "$dir/.bob@example.org.20200101T000000Z.x.tar.zst.part" "$dir/.mine" "$dir/mine.part"
touch "$dir/.ann@example.org.20200101T000000Z.x.tar.zst.part"
run 0 mailctl backup --dir "$dir"
rm "$out"
[ "$(find "$dir" -name '*.part' -o -name .mine | sort | xargs -n 1 basename | xargs)" = '.ann@example.org.20200101T000000Z.x.tar.zst.part .mine mine.part' ] || fail "what a killed run left: $(ls -A "$dir")"
rm "$dir"/.[am]* "$dir/mine.part"

# ---- rotation: the oldest go, and nothing else
for day in 01 02 03 04 05; do echo old >"$dir/tree-202001${day}T000000Z.ldif"; done
echo mine >"$dir/tree-notes.ldif"
echo mine >"$dir/other.ldif"
run 0 mailctl backup --dir "$dir" --keep 3
[ "$(find "$dir" -name 'tree-2*' | wc -l)" = 3 ] || fail "other backups: $(ls "$dir")"
[ -e "$dir/tree-notes.ldif" ] && [ -e "$dir/other.ldif" ] && [ ! -e "$dir/tree-20200101T000000Z.ldif" ] || fail "something else went: $(ls "$dir")"
[ -e "$backup" ] || fail 'the newest went'
# A clock that was wrong, and a disk that was full: what has just been made stays, and what is empty is none.
later=$dir/tree-99980101T000000Z.ldif empty=$dir/tree-20200106T000000Z.ldif
echo later >"$later"
: >"$empty"
run 0 mailctl backup --dir "$dir" --keep 3
[ -s "$out" ] || fail 'what it has just made went'
complains "$later lies in the future"
[ -e "$later" ] && [ -e "$empty" ] || fail "it took what it does not know the age of, or what is none: $(ls "$dir")"
[ "$(find "$dir" -name 'tree-20*' -size +0 | wc -l)" = 3 ] || fail "what is empty, or lies in the future, took a place: $(ls "$dir")"
rm "$later" "$empty"

# ---- whoever sees less, takes nothing of more away: hashes that he may not read, entries that he may not see
sight=$scratch/sight
mkdir "$sight"
run 0 mailctl backup --dir "$sight"
full=$out
grep -x '# passwords: 1' "$full" >/dev/null || fail "it does not tell how much it has: $(tail -4 "$full")"
daemon=(-D cn=phamm,o=hosting,dc=example,dc=org -y "$MAILCTL_SANDBOX/phamm.password" -H "$socket" -b dc=example,dc=org)
run 0 env -u MAILCTL_SANDBOX "$MAILCTL" "${daemon[@]}" backup --dir "$sight" --keep 1
[ -e "$full" ] || fail 'one with hashes went, for one without'
complains '1 older backup of more entries or passwords than'
complains 'cn=phamm'
# In the end one of as much takes its place, and what has less goes.
run 0 mailctl backup --dir "$sight" --keep 1
[ "$(ls "$sight")" = "${out##*/}" ] || fail "other backups: $(ls "$sight")"
# Of the same identity: what goes every day is nothing, half of all is.
for n in $(seq 30); do echo n$n@example.org; done | mailctl mailbox add - --no-password -q
run 0 mailctl backup --dir "$sight" --keep 1
full=$out
for n in $(seq 9); do echo n$n@example.org; done | mailctl mailbox remove - --now --yes -q
run 0 mailctl backup --dir "$sight" --keep 1
[ ! -e "$full" ] || fail 'some that went keep all older backups'
full=$out
for n in $(seq 10 30); do echo n$n@example.org; done | mailctl mailbox remove - --now --yes --max-changes none -q
run 0 mailctl backup --dir "$sight" --keep 1
[ -e "$full" ] || fail 'one of many entries went for one of few'

# ---- many in one second: each is kept, and each is one
many=$scratch/many
mkdir "$many"
made=0
for n in 1 2 3 4 5 6 7 8; do "$MAILCTL" backup --dir "$many" >>"$scratch/names" 2>/dev/null & done
for job in $(jobs -p); do wait "$job" && made=$((made + 1)); done
[ "$made" = 8 ] && [ "$(find "$many" -name 'tree-2*' | wc -l)" = 8 ] && [ "$(sort -u "$scratch/names" | wc -l)" = 8 ] || fail "$made made: $(ls "$many")"
run 0 mailctl backup --dir "$many" --keep 2
[ "$(find "$many" -name 'tree-2*' | wc -l)" = 2 ] && [ -e "$out" ] || fail "other backups: $(ls "$many")"
echo later >"$many/${later##*/}"
run 0 mailctl backup --dir "$many" --keep 1
[ -s "$out" ] && [ "$(find "$many" -name 'tree-20*' | wc -l)" = 1 ] || fail "not the one alone that it has made: $(ls "$many")"

# ---- one mailbox back, and that alone
state() { mailctl export --with-passwords -q 2>/dev/null | grep -v '^lastChange\|^$' | sort; }
state >"$scratch/before"
mailctl mailbox set bob@example.org --quota 5G --name 'Somebody Else' -q
mailctl forward set bob@example.org --target thief@outside.example -q
mailctl mailbox disable bob@example.org -q
printf 'Other-Word-9911\n' | mailctl mailbox password bob@example.org --password-stdin -q
run 0 mailctl restore --from "$backup" --mailbox bob@example.org --dry-run
says 'mail=bob@example.org'
[ "$(mailctl mailbox show bob@example.org --fields quota -o name)" != 2G ] || fail 'a dry run did it'
run 64 mailctl restore --from "$backup" --mailbox bob@example.org --no-input
run 0 mailctl restore --from "$backup" --mailbox bob@example.org --yes
complains 'forwardActive'
state | diff "$scratch/before" - || fail 'it is not what it was'
run 0 mailctl restore --from "$backup" --mailbox bob@example.org --yes
says unchanged
# One that is gone; one that was never there; and others that changed stay as they are.
mailctl mailbox set ann@example.org --quota 1G -q
state >"$scratch/with-ann"
mailctl mailbox remove bob@example.org --now --yes -q
run 0 mailctl restore --from "$backup" --mailbox bob@example.org
state | diff "$scratch/with-ann" - || fail 'it is not what it was, or somebody else changed'
run 67 mailctl restore --from "$backup" --mailbox nobody@example.org
run 66 mailctl restore --from "$scratch/none" --mailbox bob@example.org
run 65 mailctl restore --from "$backup" --mailbox nonsense
chmod 666 "$backup"
run 78 mailctl restore --from "$backup" --mailbox bob@example.org --yes
chmod 600 "$backup"
# One that was cut, wherever, takes nothing away; neither does the copy of it under another name, nor an export in the middle of a record.
state >"$scratch/with-ann"
part=$dir/tree-20250101T000000Z.ldif
size=$(stat -c %s "$backup")
end=$(grep -b '^dn: mail=bob@' "$backup" | cut -d: -f1)
for bytes in $((end + 200)) $((end + 600)) $((size - 1)) $((size - 8)) $((size - 40)); do
	for file in "$part" "$scratch/part.ldif"; do
		head -c "$bytes" "$backup" >"$file"
		run 65 mailctl restore --from "$file" --mailbox bob@example.org --yes
	done
done
lines=$(grep -n '^dn: mail=bob@' "$backup" | cut -d: -f1)
for n in 12 20 30; do
	head -n $((lines + n)) "$backup" >"$part"
	run 65 mailctl restore --from "$part" --mailbox bob@example.org --yes
	complains 'is not whole'
	grep -v '^#' "$part" >"$scratch/part.ldif"
	run 65 mailctl restore --from "$scratch/part.ldif" --mailbox bob@example.org --yes
	complains 'may have been cut'
done
{ sed '/^dn: mail=ann@/,/^$/d' "$backup"; } >"$part" # a record in the middle, and the last line is there
run 65 mailctl restore --from "$part" --mailbox bob@example.org --yes
state | diff "$scratch/with-ann" - || fail 'a part of a backup changed something'
cp "$backup" "$part"
run 0 mailctl restore --from "$part" --mailbox bob@example.org --yes
mailctl export --with-passwords -q >"$scratch/export.ldif" 2>/dev/null
chmod 600 "$scratch/export.ldif"
run 0 mailctl restore --from "$scratch/export.ldif" --mailbox bob@example.org --yes
run 0 mailctl import "$backup" --dry-run
# One without passwords takes none away, and brings the rest back.
mailctl export -q >"$scratch/export.ldif" 2>/dev/null
mailctl mailbox set bob@example.org --quota 5G -q
run 0 mailctl restore --from "$scratch/export.ldif" --mailbox bob@example.org --yes
complains 'the password stays, the backup has none'
state | diff "$scratch/with-ann" - || fail 'the password is gone, or something else is not back'
run 0 mailctl restore --from "$scratch/export.ldif" --mailbox bob@example.org --yes
says unchanged
# A backup of a day on which its domain was stopped stops nothing in a domain that is in service, nor does one of before start it.
mailctl domain disable example.org --yes -q
run 0 mailctl backup --dir "$dir"
stopped=$out
run 0 mailctl restore --from "$backup" --mailbox bob@example.org --yes
says unchanged
mailctl domain enable example.org -q
run 0 mailctl restore --from "$stopped" --mailbox bob@example.org --yes
says unchanged
mailctl mailbox remove bob@example.org --now --yes -q
run 0 mailctl restore --from "$stopped" --mailbox bob@example.org
run 0 mailctl mailbox show bob@example.org --fields status,disabled_reason -o csv
[ "${out##*$'\n'}" = active, ] || fail 'it is stopped in a domain that is in service'
# What it would be again takes more than its domain has left.
mailctl mailbox set bob@example.org --quota 1G -q
mailctl domain set example.org --max-quota 2G -q
run 69 mailctl restore --from "$backup" --mailbox bob@example.org --yes
run 0 mailctl mailbox show bob@example.org --fields quota -o name
[ "$out" = 1G ] || fail "it went past the limit of its domain: $out"
mailctl domain set example.org --max-quota none -q
# Its folder is somebody else's by now.
mailctl mailbox set bob@example.org --path example.org/bob2/ -q
mailctl mailbox add eve@example.org --no-password --yes -q
# As another program may have it: no verb gives her what was his.
printf 'dn: mail=eve@example.org,vd=example.org,o=hosting,dc=example,dc=org\nchangetype: modify\nreplace: mailbox\nmailbox: example.org/bob/\n' | ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null || fail 'ldapmodify'
run 73 mailctl restore --from "$backup" --mailbox bob@example.org --yes
complains eve@example.org
finish
