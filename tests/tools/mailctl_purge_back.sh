#!/bin/bash
# What a purge took away, or had begun to, comes back with its mail, and whoever brings it back is told of what does not.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/mail_folders.bash"
type ldapmodify zstd >/dev/null || exit 77
start_sandbox
mailctl domain add example.org other.example -q
directory=$(ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b o=hosting,dc=example,dc=org -s base entryUUID | sed -n 's/^entryUUID: //p')
uuid() { ldapsearch -Q -LLL -Y EXTERNAL -H "$socket" -b "$(dn_of "$1")" -s base entryUUID | sed -n 's/^entryUUID: //p'; }
account() { # ADDRESS: with mail
	printf 'Blue-Kettle-%s\n' $RANDOM$RANDOM | mailctl mailbox add "$1" --password-stdin -q
	deliver "${1#*@}/${1%@*}" "$1"
	tree_of "$mail/${1#*@}/${1%@*}" >"$scratch/$1.before"
}
has_its_mail() { tree_of "$mail/${1#*@}/${1%@*}" | diff "$scratch/$1.before" - >/dev/null || fail "the mail of $1 is another"; }

# ---- a purge is not undone by an entry without mail, and what it left in the journal stands in the way of no archive
account bob@example.org
removed bob@example.org 50
run 0 mailctl purge --yes
run 65 mailctl undo "$(latest)" --yes
complains "hint: mailctl restore --archive $(archive_of bob@example.org)"
[ -z "$(entry_of bob@example.org)" ] || fail 'an entry without its mail is back'
run 65 mailctl undo "$(latest)" --dry-run
run 0 mailctl restore --archive "$(archive_of bob@example.org)"
has_its_mail bob@example.org
rm "$archives"/bob@example.org.* # of two of one mailbox the name of the latest is told
# Where there is none, the entry is what there is; with an archive that turns up later its mail comes back as well.
removed bob@example.org 50
run 0 mailctl purge --yes
purged=$(latest)
mv "$archives" "$scratch/elsewhere"
run 0 mailctl undo "$purged" --yes
complains 'no archive of it is there'
mv "$scratch/elsewhere" "$archives"
run 0 mailctl restore --archive "$(archive_of bob@example.org)"
has_its_mail bob@example.org
run 0 mailctl mailbox show bob@example.org

# ---- a purge that was killed has the mail in the trash: whoever is brought back has it at once
removed bob@example.org 50
mkdir -p "$mail/.vmail-trash"
mv "$mail/example.org/bob" "$mail/.vmail-trash/$directory.$(uuid bob@example.org).20260101T000000Z"
own
run 0 mailctl mailbox restore bob@example.org --dry-run
[ ! -e "$mail/example.org/bob" ] || fail 'a dry run moves mail'
run 0 mailctl mailbox restore bob@example.org
complains 'the mail of bob@example.org was in the trash of a purge, and is back'
has_its_mail bob@example.org
# So it is with a domain, and others have nothing to do with it.
account ann@other.example
account zoe@other.example
removed bob@example.org 50
mailctl domain remove other.example --yes -q
for name in bob@example.org ann@other.example; do mv "$mail/${name#*@}/${name%@*}" "$mail/.vmail-trash/$directory.$(uuid $name).20260101T000000Z"; done
own
run 0 mailctl domain restore other.example
complains 'the mail of ann@other.example was in the trash'
has_its_mail ann@other.example
[ ! -e "$mail/example.org/bob" ] || fail 'mail of somebody else was moved'
run 0 mailctl mailbox restore bob@example.org
has_its_mail bob@example.org

# ---- removed by hand and undone it is another entry to the server, and of its mail in the trash nothing is destroyed
account ida@example.org
removed ida@example.org 50
mark=$(python3 - "$mail/example.org/ida" <<'PY'
import sys
h = 0xcbf29ce484222325
for c in sys.argv[1].lower().encode():
    h = (h ^ c) * 0x100000001b3 & 0xffffffffffffffff
print(f"{h:016x}")
PY
)
gone=$directory.$(uuid ida@example.org).20260101T000000Z.$mark
mv "$mail/example.org/ida" "$mail/.vmail-trash/$gone"
own
run 0 mailctl mailbox remove ida@example.org --now --yes
run 0 mailctl undo "$(latest)" --yes
run 0 mailctl mailbox restore ida@example.org
run 1 mailctl purge --yes
complains "$gone in the trash is mail of a mailbox that is gone"
complains 'lay where that of ida@example.org lies now'
mv "$mail/.vmail-trash/$gone" "$mail/example.org/ida"
has_its_mail ida@example.org
run 0 mailctl purge --yes
# Nobody's it goes, as its entry did.
removed ida@example.org 50
gone=$directory.$(uuid ida@example.org).20260101T000000Z.$mark
mv "$mail/example.org/ida" "$mail/.vmail-trash/$gone"
own
mailctl mailbox remove ida@example.org --now --yes -q
run 0 mailctl purge --yes
[ ! -e "$mail/.vmail-trash/$gone" ] || fail 'the trash keeps what nobody has'

# ---- a domain that a purge had begun with tells what is gone, and how it comes back
mailctl mailbox remove ann@other.example --yes -q
backdate "$(dn_of ann@other.example)" 2020-01-01Z
run 0 mailctl purge --yes
mailctl domain remove other.example --yes -q
backdate vd=other.example,o=hosting,dc=example,dc=org 2020-01-01Z
run 0 mailctl domain restore other.example
complains "ann@other.example was purged already: bring it back with \"mailctl restore --archive $(archive_of ann@other.example)\""
[[ $err != *zoe* ]] && [[ $err != *bob* ]] || fail "too much is told: $err"
run 0 mailctl restore --archive "$(archive_of ann@other.example)"
has_its_mail ann@other.example
# What went before the domain did is no part of that.
mailctl domain remove other.example --yes -q
run 0 mailctl domain restore other.example
[ -z "$err" ] || fail "a domain of which nothing was purged: $err"

# ---- what a person has to see to is told by address
mkdir -p "$mail/.vmail-trash/$directory.$(uuid bob@example.org).20260101T000000Z.newcomer/cur"; own
run 1 mailctl purge --yes
complains 'holds what came into bob@example.org while its mail was away'
finish
