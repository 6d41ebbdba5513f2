#!/bin/bash
# What was removed long enough ago goes for good: entry and mail, archived before; what came back meanwhile keeps everything.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/mail_folders.bash"
type ldapmodify zstd >/dev/null || exit 77
start_sandbox
mkdir "$scratch/outside"
echo precious >"$scratch/outside/file"
mailctl domain add example.org other.example -q
for name in old older young alive; do
	printf 'Blue-Kettle-%s\n' $RANDOM$RANDOM | mailctl mailbox add $name@example.org --password-stdin -q
	deliver example.org/$name $name
done
removed old@example.org 40
removed older@example.org 60
removed young@example.org 10
tree_of "$mail/example.org/old" >"$scratch/old.before"
tree_of "$scratch/outside" >"$scratch/outside.before"
mailctl export --with-passwords -q >"$scratch/whole.ldif"

# ---- what would be done, and what has to be said before
run 0 mailctl purge --dry-run
says 'changetype: delete'
says 'mail=old@example.org'
[[ $out != *young* ]] && [[ $out != *alive* ]] || fail "too much: $out"
[[ $(grep -n 'dn: mail=older' <<<"$out" | cut -d: -f1) -lt $(grep -n 'dn: mail=old@' <<<"$out" | cut -d: -f1) ]] || fail "not the oldest first: $out"
complains '1 is removed and stays for now'
run 64 mailctl purge --no-input
run 65 mailctl purge --yes --grace soon
run 65 mailctl purge --yes --grace 3
run 64 mailctl purge --yes --plan x --execute y
run 64 mailctl purge --yes --archive-dir "$archives" --no-archive
run 67 mailctl purge --yes --domain nowhere.example
MAILCTL_MAIL_HOME=$scratch/nowhere run 78 mailctl purge --yes
complains 'the mail is not here'
MAILCTL_MAIL_USER=nobody-has-this-name run 78 mailctl purge --yes
MAILCTL_MAIL_USER=root run 78 mailctl purge --yes
complains 'never touched as root'
[ -e "$mail/example.org/old/cur/1.host:2,S" ] || fail 'mail is gone'
[ -n "$(entry_of old@example.org)" ] || fail 'an entry is gone'
run 69 mailctl purge --yes --max-changes 1
mkdir -m 777 "$scratch/open"
run 78 mailctl purge --yes --archive-dir "$scratch/open"
complains 'others may write to it'

# ---- the oldest alone, then the rest
run 0 mailctl purge --yes --most 1
says 'older@example.org'
[ ! -e "$mail/example.org/older" ] && [ -e "$mail/example.org/old" ] || fail 'not the oldest'
run 0 mailctl purge --yes --domain other.example
silent
run 0 mailctl purge --yes
says 'old@example.org'
[ ! -e "$mail/example.org/old" ] || fail 'the mail is still there'
[ -z "$(entry_of old@example.org)" ] || fail 'the entry is still there'
[ -z "$(ls "$mail/.vmail-trash")" ] || fail "the trash holds $(ls "$mail/.vmail-trash")"
for name in young alive; do [ -e "$mail/example.org/$name/new/2.host" ] || fail "the mail of $name is gone"; done
run 0 mailctl purge --yes
silent

# ---- what was archived is all of it, for its owner alone
archive=$(archive_of old@example.org)
[ "$(stat -c %a "$archive")" = 600 ] || fail "the archive is open: $(stat -c %a "$archive")"
[ "$(stat -c %a "$archives")" = 700 ] || fail "the folder of archives is open"
mkdir "$scratch/unpacked"
zstd -dqc "$archive" | tar -x --same-permissions -C "$scratch/unpacked" || fail 'tar does not unpack it'
tree_of "$scratch/unpacked/mail" | diff "$scratch/old.before" - || fail 'the mail in the archive is another'
sed -n '/^dn: mail=old@/,/^$/p' "$scratch/whole.ldif" | sed '/^$/d' | sort >"$scratch/entry.before"
sed '/^$/d' "$scratch/unpacked/entry.ldif" | sort | diff "$scratch/entry.before" - || fail 'the entry in the archive is another'
grep '^userPassword' "$scratch/unpacked/entry.ldif" >/dev/null || fail 'the hash is not archived'
grep -F 'address: old@example.org' "$scratch/unpacked/manifest" >/dev/null || fail 'the manifest does not say whose it is'
run 0 mailctl log
says purged

# ---- a folder of nobody else: shared, nested, of another domain, and where the directory leads elsewhere
hurt() { # NAME ATTRIBUTE VALUE: a removed mailbox whose entry says that
	mailctl mailbox add "$1@example.org" --no-password -q
	removed "$1@example.org" 50
	printf 'dn: %s\nchangetype: modify\nreplace: %s\n%s:: %s\n' "$(dn_of "$1@example.org")" "$2" "$2" "$(printf %s "$3" | base64 -w0)" | change "$1"
}
hurt shared mailbox example.org/alive/
hurt inside mailbox example.org/alive/.Sent/
hurt visible mailbox example.org/alive/cur/
hurt around mailbox example.org/
hurt dots mailbox example.org/x/../alive/
hurt elsewhere mailbox other.example/alive/
hurt absolute mailbox "$scratch/outside/"
hurt climbs mailbox example.org/../../outside/
hurt home vdHome "$scratch/outside"
hurt root vdHome /
hurt empty-home vdHome "$mail/.vmail-trash"
hurt dash mailbox -rf/example.org
ln -s "$scratch/outside" "$mail/example.org/link"; own
hurt link mailbox example.org/link/
mkdir "$mail/example.org/notes"; echo text >"$mail/example.org/notes/file"; own
hurt notes mailbox example.org/notes/
tree_of "$mail/example.org/alive" >"$scratch/alive.before"
run 1 mailctl purge --yes --max-changes none -o json
parses "$out"
for name in shared inside visible around dots elsewhere absolute climbs home root empty-home dash link notes; do
	[ -n "$(entry_of $name@example.org)" ] || fail "the entry of $name is gone"
	grep -F "$name@example.org" <<<"$out" >/dev/null || fail "nothing is said of $name"
done
tree_of "$mail/example.org/alive" | diff "$scratch/alive.before" - || fail 'the mail of somebody else changed'
tree_of "$scratch/outside" | diff "$scratch/outside.before" - || fail 'something outside changed'
[ -e "$mail/example.org/notes/file" ] || fail 'what is no mail is gone'
for name in shared inside visible around dots elsewhere absolute climbs home root empty-home dash link notes; do mailctl mailbox remove $name@example.org --now --yes -q; done
rm "$mail/example.org/link"

# ---- who was brought back meanwhile keeps everything: between the plan and the deletion
mailctl mailbox add back@example.org --no-password -q
deliver example.org/back back
removed back@example.org 50
tree_of "$mail/example.org/back" >"$scratch/back.before"
run 0 mailctl purge --plan "$scratch/plan"
[ "$(stat -c %a "$scratch/plan")" = 600 ] || fail 'the plan is open'
mailctl mailbox restore back@example.org -q
run 75 mailctl purge --execute "$scratch/plan" --yes
complains 'not as it was when the plan was made'
tree_of "$mail/example.org/back" | diff "$scratch/back.before" - || fail 'the mail of one that came back changed'
run 0 mailctl mailbox show back@example.org
# In the middle: its mail is in the trash already, as a purge that was killed has left it, and somebody brings it back where the mail is not.
removed back@example.org 50
directory=$(ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b o=hosting,dc=example,dc=org -s base entryUUID | sed -n 's/^entryUUID: //p')
uuid() { ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b "$(dn_of "$1")" -s base entryUUID | sed -n 's/^entryUUID: //p'; }
mv "$mail/example.org/back" "$mail/.vmail-trash/$directory.$(uuid back@example.org).20260101T000000Z"
MAILCTL_MAIL_HOME=$scratch/nowhere mailctl mailbox restore back@example.org -q
deliver example.org/back 'in between' && rm -r "$mail/example.org/back/cur/1.host:2,S" "$mail/example.org/back/.Sent" "$mail/example.org/back/new/2.host"
echo late >"$mail/example.org/back/new/9.host"; own
run 0 mailctl purge --yes
[ "$(cat "$mail/example.org/back/new/9.host")" = late ] && rm "$mail/example.org/back/new/9.host" || fail 'what came meanwhile is lost'
tree_of "$mail/example.org/back" | diff "$scratch/back.before" - || fail 'the mail did not come back'
# Another directory's trash is no matter of ours.
mkdir -p "$mail/.vmail-trash/00000000-0000-0000-0000-000000000000.$(uuid back@example.org).20260101T000000Z/cur"; own
run 0 mailctl purge --yes
[ -d "$mail/.vmail-trash/00000000-0000-0000-0000-000000000000.$(uuid back@example.org).20260101T000000Z" ] || fail 'what belongs to another directory is gone'
rm -r "$mail/.vmail-trash/"0*

# ---- a plan, carried out where the mail is
removed back@example.org 50
MAILCTL_MAIL_USER=nobody-has-this-name run 0 mailctl purge --plan "$scratch/plan"
run 0 mailctl purge --execute "$scratch/plan" --yes
[ ! -e "$mail/example.org/back" ] && [ -z "$(entry_of back@example.org)" ] || fail 'the plan was not carried out'
# What is done is as it should be, however often it is asked for.
run 0 mailctl purge --execute "$scratch/plan" --yes -o json
says '"outcome":"unchanged"'
run 65 mailctl purge --execute "$scratch/whole.ldif" --yes
run 66 mailctl purge --execute "$scratch/none" --yes
run 64 mailctl purge --execute "$scratch/plan" --grace 40d --yes
chmod o+w "$scratch/plan"
run 78 mailctl purge --execute "$scratch/plan" --yes
complains 'others may write to it'

# ---- what could mean all mail of a site: no number, a home that is not there, a clock, a sandbox with the mail of the site
run 65 mailctl purge --yes --most -1
run 65 mailctl purge --yes --most 0
mailctl mailbox add late@example.org --no-password -q
removed late@example.org 50
mv "$mail" "$scratch/elsewhere"
mkdir "$mail"
own
run 75 mailctl purge --yes
complains 'mounted'
rmdir "$mail"
mv "$scratch/elsewhere" "$mail"
run 69 faketime -f +40d "$MAILCTL" purge --yes
complains 'the clock of this machine'
run 69 faketime -f -40d "$MAILCTL" purge --yes
# So is the clock of the first purge of all, which has only what changed last to go by; and what is kept, and makes no sense, is none of a run.
kept=$(ls "$MAILCTL_SANDBOX"/state/mailctl-purge-*.state)
mv "$kept" "$scratch/kept"
run 69 faketime -f +40d "$MAILCTL" purge --yes
complains 'nothing in the directory was changed since'
echo nonsense >"$kept"
run 69 faketime -f +40d "$MAILCTL" purge --yes
complains 'made no sense, and is mailctl-purge-'
[ "$(cat "$kept".damaged-*)" = nonsense ] || fail 'what made no sense is not kept'
mv "$scratch/kept" "$kept"
printf 'mail-home = %s\nmail-user = %s\nmail-group = %s\n' "$mail" "$MAILCTL_MAIL_USER" "$MAILCTL_MAIL_GROUP" >"$scratch/site.conf"
run 78 env -u MAILCTL_MAIL_HOME MAILCTL_CONFIG="$scratch/site.conf" "$MAILCTL" purge --yes
complains 'is not that of the sandbox'
run 78 env -u MAILCTL_MAIL_HOME MAILCTL_CONFIG="$scratch/site.conf" "$MAILCTL" mailbox make-maildir late@example.org
[ -n "$(entry_of late@example.org)" ] || fail 'it was purged'
run 0 mailctl purge --orphans --domain nowhere.example
silent
run 0 faketime -f +40d "$MAILCTL" purge --yes --accept-clock
[ -z "$(entry_of late@example.org)" ] || fail 'it was not purged'
rm "$MAILCTL_SANDBOX"/state/mailctl-purge-* # which has seen that clock

# ---- after a rename its mail lies in the folder of the old domain
mailctl mailbox add moved@other.example --no-password -q
deliver other.example/moved moved
mailctl mailbox rename moved@other.example moved@example.org --yes -q
removed moved@example.org 50
run 65 mailctl purge --yes
complains 'the name of another domain'
run 0 mailctl purge --yes --other-domains
[ ! -e "$mail/other.example/moved" ] || fail 'it is still there'

# ---- a domain, whole: its aliases and lists, its mailboxes one after the other, its role addresses, and itself at last
long_ago() { backdate "vd=$1,o=hosting,dc=example,dc=org" 2020-01-01Z; }
for name in ann zoe; do
	mailctl mailbox add $name@other.example --no-password -q
	deliver other.example/$name $name
done
mailctl alias add sales@other.example --target ann@other.example -q
MAILCTL_LISTS_DOMAIN=lists.example.org mailctl ml add news@other.example --owner ann@other.example -q
mailctl domain remove other.example --yes -q
run 0 mailctl purge --yes
[ -e "$mail/other.example/ann" ] || fail 'a domain that was just removed is purged'
long_ago other.example
everything=$(ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b vd=other.example,o=hosting,dc=example,dc=org dn | sed -n 's/^dn: [a-z]*=\([^,]*\),.*/\1/p' | sort | xargs)
run 0 mailctl purge --dry-run --max-changes none
[ "$(sed -n 's/^dn: [a-z]*=\([^,]*\),.*/\1/p' <<<"$out" | sort | xargs)" = "$everything" ] || fail "a dry run shows something else: $out"
[ "$(sed -n 's/^dn: [a-z]*=\([^,]*\),.*/\1/p' <<<"$out" | grep -vE '^(news|sales)' | xargs | sed 's/postmaster abuse@other.example/abuse@other.example postmaster/')" = 'ann@other.example zoe@other.example abuse@other.example postmaster other.example' ] || fail "another order: $out"
run 0 mailctl purge --plan "$scratch/plan"
[ "$(sed -n 's/^dn: [a-z]*=\([^,]*\),.*/\1/p' "$scratch/plan" | sort | xargs)" = "$everything" ] || fail "a plan holds something else: $(cat "$scratch/plan")"
# One that cannot go keeps all of it, and none of the others.
printf 'dn: %s\nchangetype: modify\nreplace: mailbox\nmailbox: example.org/alive/\n' "$(dn_of zoe@other.example)" | change zoe
run 65 mailctl purge --yes --max-changes none --other-domains
complains 'other.example: nothing of it is purged: zoe@other.example: nothing is done to the folder'
run 65 mailctl purge --yes --max-changes none
complains 'other.example: nothing of it is purged: zoe@other.example: the folder'
[ "$(ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b vd=other.example,o=hosting,dc=example,dc=org dn | sed -n 's/^dn: [a-z]*=\([^,]*\),.*/\1/p' | sort | xargs)" = "$everything" ] || fail 'a part of it is gone'
run 75 mailctl purge --execute "$scratch/plan" --yes --max-changes none
printf 'dn: %s\nchangetype: modify\nreplace: mailbox\nmailbox: other.example/zoe/\n' "$(dn_of zoe@other.example)" | change zoe
# Nor does anything go when one of all cannot be archived.
mkdir "$mail/other.example/zoe/cur/folder"; own
chmod 0 "$mail/other.example/zoe/cur/1.host:2,S"
run 75 mailctl purge --yes --max-changes none
complains 'zoe@other.example: cannot read'
[ "$(ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b vd=other.example,o=hosting,dc=example,dc=org dn | sed -n 's/^dn: [a-z]*=\([^,]*\),.*/\1/p' | sort | xargs)" = "$everything" ] || fail 'a part of it is gone though zoe cannot be archived'
chmod 600 "$mail/other.example/zoe/cur/1.host:2,S"
# A domain of more than are to go at once is told, and what is behind it goes.
mailctl mailbox add behind@example.org --no-password -q
removed behind@example.org 50
run 1 mailctl purge --yes --most 3
complains 'other.example: nothing of it is purged: it is '
complains 'purge it with --domain other.example, without --most'
[ -z "$(entry_of behind@example.org)" ] || fail 'it keeps others from going'
run 0 mailctl purge --plan "$scratch/plan"
run 0 mailctl purge --yes --max-changes none
[ ! -e "$mail/other.example/ann" ] && [ ! -e "$mail/other.example/zoe" ] || fail 'the mail of a removed domain is still there'
run 67 mailctl domain show other.example --removed
for what in ${everything/ postmaster / postmaster@other.example }; do [ -n "$(archive_of $what)" ] || fail "$what is not archived"; done
run 0 mailctl purge --execute "$scratch/plan" --yes

# ---- what fails at the front stops nothing behind it
for name in first second third; do
	mailctl mailbox add $name@example.org --no-password -q
	deliver example.org/$name $name
done
removed first@example.org 90
removed second@example.org 80
removed third@example.org 70
chmod 0 "$mail/example.org/first/cur/1.host:2,S"
hurt visible mailbox example.org/alive/cur/
run 1 mailctl purge --yes --most 1
complains first@example.org
complains visible@example.org
[ -z "$(entry_of second@example.org)" ] && [ -n "$(entry_of third@example.org)" ] && [ -n "$(entry_of first@example.org)" ] || fail 'the one behind what is stuck does not go, or more than one does'
chmod 600 "$mail/example.org/first/cur/1.host:2,S"
mailctl mailbox remove visible@example.org --now --yes -q
run 0 mailctl purge --yes

# ---- without an archive, and Maildirs without an entry
mailctl mailbox add none@example.org --no-password -q
deliver example.org/none none
removed none@example.org 50
run 0 mailctl purge --yes --no-archive
[ ! -e "$mail/example.org/none" ] && [ -z "$(archive_of none@example.org)" ] || fail 'an archive that nobody wanted'
deliver example.org/orphan orphan
deliver gone.example/deep/er orphan
mailctl domain add part.example -q
printf 'Blue-Kettle-8262\n' >"$scratch/password" && chmod 600 "$scratch/password"
mailctl admin add postmaster@part.example --password-stdin -q <"$scratch/password"
run 77 mailctl -D cn=postmaster,vd=part.example,o=hosting,dc=example,dc=org -y "$scratch/password" purge --orphans
complains 'cannot be told from what is hidden'
mailctl domain remove part.example --now --yes -q
run 0 mailctl purge --orphans -o name
[ "$(sort <<<"$out")" = $'example.org/orphan\ngone.example/deep/er' ] || fail "other orphans: $out"
[ -e "$mail/example.org/orphan/new/2.host" ] || fail 'something is done to an orphan'

# ---- the moment: where the server does not record it, the last change counts
mailctl mailbox add unknown@example.org --no-password -q
mailctl mailbox remove unknown@example.org --yes -q
printf 'dn: %s\nchangetype: modify\ndelete: vmailRemovedAt\n' "$(dn_of unknown@example.org)" | change
run 0 mailctl purge --yes
[ -n "$(entry_of unknown@example.org)" ] || fail 'one that was just removed is purged'
run 0 mailctl purge --yes --grace 0h
[ -z "$(entry_of unknown@example.org)" ] || fail 'it is not purged'

# ---- and where it does, but a page, an undo or a backup brought it back and away again since, or took it away without a word
change_of() { printf 'dn: %s\nchangetype: modify\nreplace: delete\ndelete: %s\n-\nreplace: lastChange\nlastChange: %s\n' "$(dn_of "$1")" "$2" "$(date +%s)" | change; } # as a page does
for name in page undone backed; do mailctl mailbox add $name@example.org --no-password -q; done
for name in page undone backed; do removed $name@example.org 50; done
mailctl backup --dir "$scratch/backups" -q >/dev/null
change_of page@example.org FALSE
change_of page@example.org TRUE
mailctl mailbox restore undone@example.org backed@example.org -q
mailctl undo "$(latest)" --yes -q
[ -n "$(mailctl mailbox show undone@example.org --removed --fields removed_at -o name)" ] || fail 'it was not undone'
mailctl mailbox restore backed@example.org -q
mailctl restore --from "$scratch"/backups/* --mailbox backed@example.org --yes -q
run 0 mailctl purge --yes
for name in page undone backed; do [ -n "$(entry_of $name@example.org)" ] || fail "$name was away for a moment, and is purged"; done
run 0 mailctl purge --yes --grace 0h

# ---- a folder that its owner cannot write to
mailctl mailbox add still@example.org --no-password -q
deliver example.org/still still
chmod 500 "$mail/example.org/still/cur" "$mail/example.org/still/.Sent"
removed still@example.org 50
run 0 mailctl purge --yes
[ -z "$(ls -A "$mail/.vmail-trash")" ] || fail "the trash holds $(find "$mail/.vmail-trash")"

# ---- a domain that has another name on disk as well: what is one's by a link is another's
mailctl domain add linked.example -q
ln -s "$mail/example.org" "$mail/linked.example"
ln -s here "$mail/example.org/there"; chown -h 12345:12346 "$mail/linked.example" "$mail/example.org/there"
for name in both here free; do
	mailctl mailbox add $name@example.org --no-password -q
	deliver example.org/$name $name
	removed $name@example.org 50
done
mailctl mailbox add both@linked.example --no-password -q
mailctl mailbox add there@example.org --no-password -q
# As another program may have made them: no verb gives them a folder in which mail lies.
for name in both@linked.example there@example.org; do printf 'dn: %s\nchangetype: modify\nreplace: mailbox\nmailbox: %s/%s/\n' "$(dn_of $name)" "${name#*@}" "${name%@*}" | change; done
run 1 mailctl purge --yes
complains 'both@example.org: nothing is done to the folder "example.org/both": both@linked.example has it, too, by the symbolic link "linked.example"'
complains 'there@example.org has it, too, by the symbolic link "example.org/there"'
[ -e "$mail/example.org/both/cur/1.host:2,S" ] && [ -e "$mail/example.org/here/cur/1.host:2,S" ] && [ ! -e "$mail/example.org/free" ] || fail 'another has lost his mail, or nobody goes any more'
rm "$mail/linked.example" "$mail/example.org/there"
mailctl mailbox remove both@linked.example there@example.org --now --yes -q
run 0 mailctl purge --yes
mailctl domain remove linked.example --now --yes -q

# ---- a plan by a clock that is ahead
mailctl mailbox add ahead@example.org --no-password -q
mailctl mailbox remove ahead@example.org --yes -q
MAILCTL_STATE_DIR=$scratch/far run 69 faketime -f +60d "$MAILCTL" purge --plan "$scratch/ahead"
[ ! -e "$scratch/ahead" ] || fail 'a plan by a wrong clock'
MAILCTL_STATE_DIR=$scratch/far run 0 faketime -f +60d "$MAILCTL" purge --plan "$scratch/ahead" --accept-clock
MAILCTL_STATE_DIR=$scratch/far run 69 mailctl purge --execute "$scratch/ahead" --yes --accept-clock
complains 'which is ahead'
[ -n "$(entry_of ahead@example.org)" ] || fail 'what was removed a moment ago is purged'

# ---- a full disk
mailctl mailbox add big@example.org --no-password -q
deliver example.org/big big
head -c 3000000 /dev/urandom >"$mail/example.org/big/cur/4.host:2,S"; own
removed big@example.org 50
(ulimit -f 1000; "$MAILCTL" purge --yes >/dev/null 2>"$scratch/said"); [ $? = 75 ] || fail 'a full disk'
grep 'cannot write the archive' "$scratch/said" >/dev/null || fail "a full disk: $(cat "$scratch/said")"
[ -n "$(entry_of big@example.org)" ] && [ -e "$mail/example.org/big/cur/4.host:2,S" ] && [ -z "$(find "$archives" -name '*big*')" ] || fail 'a full disk, and something is gone or left'

# ---- as its timer starts it: with the rights that the unit leaves to root, and a home of all mail that only the user whose it is may enter
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	run 0 env MAILCTL_ARCHIVE_DIR="$archives" "$MAILCTL" config systemd mailctl-purge.service
	read -ra started <<<"$(sed -n 's/^ExecStart=//p' <<<"$out")"
	rights=$(sed -n 's/^CapabilityBoundingSet=//p' <<<"$out" | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
	rm "$mail/example.org/big/cur/4.host:2,S"
	chmod 700 "$mail"
	run 0 setpriv --no-new-privs --bounding-set="-all,$rights" "${started[@]}"
	silent
	[ -z "$(entry_of big@example.org)" ] && [ ! -e "$mail/example.org/big" ] && [ -n "$(archive_of big@example.org)" ] || fail 'what the timer starts purges nothing'
	chmod 755 "$mail"
fi

# ---- two at once: one goes, the other is told
for n in 1 2 3 4 5 6; do
	mailctl mailbox add two$n@example.org --no-password -q
	deliver example.org/two$n two
	removed two$n@example.org 50
done
"$MAILCTL" purge --yes >"$scratch/one" 2>&1 & one=$!
"$MAILCTL" purge --yes >"$scratch/two" 2>&1 & two=$!
wait $one; first=$?
wait $two; second=$?
case "$first $second" in '0 75' | '75 0' | '0 0') ;; *) fail "two at once: $first $second: $(cat "$scratch/one" "$scratch/two")" ;; esac
for n in 1 2 3 4 5 6; do [ ! -e "$mail/example.org/two$n" ] && [ -n "$(archive_of two$n@example.org)" ] || fail "two$n"; done
tree_of "$scratch/outside" | diff "$scratch/outside.before" - || fail 'something outside changed'
finish
