#!/bin/bash
# What was purged comes back from its archive, entry and mail: the same login, hash, folder and messages; and nothing is believed that should not be.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/mail_folders.bash"
type ldapmodify zstd >/dev/null || exit 77
start_sandbox
mkdir "$scratch/outside"
echo precious >"$scratch/outside/file"
tree_of "$scratch/outside" >"$scratch/outside.before"
mailctl domain add example.org other.example -q
printf 'Blue-Kettle-7261\n' | mailctl mailbox add bob@example.org --password-stdin --name 'Bob Bööb' --quota 2G --expires 2031-12-31 -q
mailctl forward set bob@example.org --target ann@outside.example --keep-copy -q
deliver example.org/bob bob
ln -s "$scratch/outside" "$mail/example.org/bob/.Out"; own
exported() { mailctl export --with-passwords -q 2>/dev/null | sed -n "/^dn: mail=$1,/,/^\$/p" | grep -v '^lastChange\|^$' | sort; }
exported bob@example.org >"$scratch/entry.before"
rm "$mail/example.org/bob/.Out"
tree_of "$mail/example.org/bob" >"$scratch/mail.before"
ln -s "$scratch/outside" "$mail/example.org/bob/.Out"; own
removed bob@example.org 50
run 0 mailctl purge --yes
archive=$(archive_of bob@example.org)

# ---- what it would do, and what it refuses
run 64 mailctl restore
run 64 mailctl restore --archive "$archive" --from "$archive"
run 64 mailctl restore --from "$archive"
run 66 mailctl restore --archive "$scratch/none"
run 65 mailctl restore --archive "$archive" ann@example.org
complains 'the archive is of bob@example.org'
cp "$archive" "$scratch/open.tar.zst" && chmod 666 "$scratch/open.tar.zst"
run 78 mailctl restore --archive "$scratch/open.tar.zst"
run 0 mailctl restore --archive "$archive" --dry-run
says 'mail=bob@example.org'
complains '3 files of mail go to'
[ -z "$(entry_of bob@example.org)" ] && [ ! -e "$mail/example.org/bob" ] || fail 'a dry run did something'
mailctl mailbox add bob@example.org --path example.org/bob2/ --no-password -q
run 73 mailctl restore --archive "$archive"
mailctl mailbox remove bob@example.org --now --yes -q
mailctl mailbox add squatter@example.org --no-password --yes -q
# As another program may have it: no verb gives him what was bob's.
squats_in() { printf 'dn: mail=squatter@example.org,vd=example.org,o=hosting,dc=example,dc=org\nchangetype: modify\nreplace: mailbox\nmailbox: %s\n' "$1" | ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null || fail 'ldapmodify'; }
squats_in example.org/bob/
run 73 mailctl restore --archive "$archive"
complains 'squatter@example.org'
squats_in example.org/squatter/
mailctl mailbox remove squatter@example.org --now --yes -q
deliver example.org/bob 'of somebody'
run 73 mailctl restore --archive "$archive"
complains 'there is mail at'
[ "$(cat "$mail/example.org/bob/cur/1.host:2,S")" = 'of somebody' ] || fail 'it wrote over mail'
rm -r "$mail/example.org/bob"
ln -s "$scratch/outside" "$mail/example.org/bob"; own
run 65 mailctl restore --archive "$archive"
rm "$mail/example.org/bob"
[ -z "$(entry_of bob@example.org)" ] || fail 'an entry without mail is left'

# ---- back
run 0 mailctl restore --archive "$archive" bob@example.org
says restored
tree_of "$mail/example.org/bob" | diff "$scratch/mail.before" - || fail 'other mail came back'
exported bob@example.org | diff "$scratch/entry.before" - || fail 'another entry came back'
run 0 mailctl mailbox show bob@example.org
[ -z "$(ls "$mail/.vmail-trash")" ] || fail "the trash holds $(ls "$mail/.vmail-trash")"
run 73 mailctl restore --archive "$archive"

# ---- cut off in the middle, wherever: the same command finishes
again() { # it came back as it was
	tree_of "$mail/example.org/bob" | diff "$scratch/mail.before" - >/dev/null || fail "$1: other mail"
	exported bob@example.org | diff "$scratch/entry.before" - || fail "$1: another entry"
	[ -z "$(ls "$mail/.vmail-trash")" ] || fail "$1: the trash holds $(ls "$mail/.vmail-trash")"
}
for n in 1 2 3; do
	removed bob@example.org 50
	run 0 mailctl purge --yes
	archive=$(archive_of bob@example.org)
	case $n in
	1) # the entry alone
		mailctl restore --archive "$archive" -q || fail 'no restore'
		mailctl mailbox remove bob@example.org --yes -q
		rm -r "$mail/example.org/bob" ;;
	2) # and its mail, half unpacked
		mailctl restore --archive "$archive" -q || fail 'no restore'
		mailctl mailbox remove bob@example.org --yes -q
		mv "$mail/example.org/bob" "$mail/.vmail-trash/restore.0000000000000000"
		rm "$mail/.vmail-trash/restore.0000000000000000/cur/1.host:2,S"
		mv "$mail/.vmail-trash/restore.0000000000000000" "$mail/.vmail-trash/$(printf 'restore.%s' half)" ;;
	3) # all but the last step
		mailctl restore --archive "$archive" -q || fail 'no restore'
		mailctl mailbox remove bob@example.org --yes -q ;;
	esac
	run 0 mailctl restore --archive "$archive"
	run 0 mailctl purge --yes # which clears what is half unpacked
	again "cut $n"
done

# ---- archives of others: made by hand, with all digests right
forge() { # NAME ENTRY: an archive with that entry and a message
	python3 - "$scratch/$1.tar.zst" "$2" <<'PYTHON'
import hashlib, io, subprocess, sys, tarfile
entry = sys.argv[2].encode()
def info(name, data=b"", kind=tarfile.REGTYPE):
    t = tarfile.TarInfo(name); t.type = kind; t.size = len(data); t.mtime = 1; t.mode = 0o700; return t, data
body = b"evil\n"
mail = hashlib.sha256(b"d3:cur0 1.0 " + b"f5:cur/x%d 1.0 " % len(body) + body).hexdigest()
told = ("vmail-archive: 1\naddress: x\nmail: yes\nfiles: 1\nfolders: 1\nbytes: 5\nothers: 0\nentry-sha256: %s\nmail-sha256: %s\n" % (hashlib.sha256(entry).hexdigest(), mail)).encode()
out = io.BytesIO()
with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
    for m, d in (info("entry.ldif", entry), info("mail", kind=tarfile.DIRTYPE), info("mail/cur", kind=tarfile.DIRTYPE), info("mail/cur/x", body), info("manifest", told)): t.addfile(m, io.BytesIO(d))
open(sys.argv[1], "wb").write(subprocess.run(["zstd", "-q", "-c"], input=out.getvalue(), stdout=subprocess.PIPE, check=True).stdout)
PYTHON
}
account() { # ADDRESS HOME PATH [DN]
	printf 'dn: %s\nobjectClass: top\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAccount\nobjectClass: VirtualForward\nobjectClass: Vacation\ncn: x\nsn: x\nuid: %s\nmail: %s\nvdHome: %s\nmailbox: %s\naccountActive: TRUE\nlastChange: 1\ndelete: FALSE\nforwardActive: FALSE\nvacationActive: FALSE\n' "${4-$(dn_of "$1")}" "${1/@/.}" "$1" "$2" "$3"
}
refused() { # STATUS NAME ENTRY
	forge "$2" "$3"
	run "$1" mailctl restore --archive "$scratch/$2.tar.zst"
	[ -z "$(entry_of eve@example.org)" ] || fail "$2: there is an entry"
}
n=0
while IFS= read -r path; do
	n=$((n + 1))
	refused 65 "path$n" "$(account eve@example.org "$mail" "$path")"
done <<'PATHS'
/etc/cron.d/
../outside/
example.org/../../outside/
example.org/../../../../../../tmp/evil/
example.org/./eve/
example.org//eve/
/example.org/eve/
-rf/example.org/eve/
example.org/-rf/
example.org
example.org/
.vmail-trash/eve/
example.org/.eve/
other.example/eve/
eve/
.
..
/
PATHS
refused 65 home1 "$(account eve@example.org /etc example.org/eve/)"
refused 65 home2 "$(account eve@example.org / etc/example.org/eve/)"
refused 65 home3 "$(account eve@example.org "$mail/../outside" example.org/eve/)"
refused 65 home4 "$(account eve@example.org "$mail/.vmail-trash" example.org/eve/)"
refused 65 home5 "$(account eve@example.org '' example.org/eve/)"
refused 73 folder1 "$(account eve@example.org "$mail" example.org/bob/)"
refused 65 folder2 "$(account eve@example.org "$mail" example.org/bob/cur/)"
refused 65 two "$(account eve@example.org "$mail" example.org/eve/)"$'\n\n'"$(account mallory@example.org "$mail" example.org/mallory/)"
refused 65 elsewhere "$(account eve@example.org "$mail" example.org/eve/ "mail=eve@example.org,o=hosting,dc=example,dc=org")"
refused 65 other-base "$(account eve@example.org "$mail" example.org/eve/ "mail=eve@example.org,vd=example.org,o=hosting,dc=evil")"
refused 65 admin "$(printf 'dn: cn=evil,ou=admin,dc=example,dc=org\nobjectClass: VirtualAdmin\nmail: eve@example.org\ncn: evil\nsn: evil\nmaxDomain: 0\naccountActive: TRUE\nlastChange: 1\nvd: example.org\n')"
refused 65 identity "$(printf 'dn: cn=phamm,o=hosting,dc=example,dc=org\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: phamm\nuserPassword: {SSHA}x\n')"
refused 65 delete "$(printf 'dn: %s\nchangetype: delete\n' "$(dn_of bob@example.org)")"
refused 65 clear "$(account eve@example.org "$mail" example.org/eve/)"$'\nclearPassword: secret'
ln -s "$scratch/outside" "$mail/example.org/eve"; own
refused 65 link "$(account eve@example.org "$mail" example.org/eve/)"
rm "$mail/example.org/eve"
ln -s "$scratch/outside" "$mail/link.example"; own
mailctl domain add link.example -q
refused 65 domain-link "$(account eve@link.example "$mail" link.example/eve/)"
rm "$mail/link.example"
tree_of "$scratch/outside" | diff "$scratch/outside.before" - || fail 'something outside changed'
forge fine "$(account eve@example.org "$mail" example.org/eve/)"
run 0 mailctl restore --archive "$scratch/fine.tar.zst"
[ "$(cat "$mail/example.org/eve/cur/x")" = evil ] || fail 'one of another machine is not restored'

# ---- brought back by hand between entry and mail, and no room
mailctl mailbox add gap@example.org --no-password -q
deliver example.org/gap gap
tree_of "$mail/example.org/gap" >"$scratch/gap.before"
removed gap@example.org 50
run 0 mailctl purge --yes
mailctl mailbox add small@example.org --no-password -q
deliver example.org/small small
head -c 40000 /dev/urandom >"$mail/example.org/small/cur/9.host:2,S"; own
removed small@example.org 50
run 0 mailctl purge --yes
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k,mode=755 none "$mail" 2>/dev/null; then
	mkdir "$mail/example.org"
	head -c 60000 /dev/zero >"$mail/example.org/full"; own
	run 75 mailctl restore --archive "$(archive_of small@example.org)"
	complains 'there is no room for its mail: it has 400'
	[ -z "$(entry_of small@example.org)" ] && [ -z "$(ls -A "$mail/.vmail-trash" 2>/dev/null)" ] || fail 'something is made where there is no room'
	umount "$mail"
fi
run 0 mailctl restore --archive "$(archive_of small@example.org)"
mailctl domain set example.org --max-mailboxes "$(mailctl mailbox list --domain example.org -o name | wc -l)" -q
run 69 mailctl restore --archive "$(archive_of gap@example.org)"
[ -z "$(entry_of gap@example.org)" ] && [ ! -e "$mail/example.org/gap" ] || fail 'something is made in a domain that is full'
mailctl domain set example.org --max-mailboxes none -q
printf 'dn: %s\nchangetype: add\n%s\n' "$(dn_of gap@example.org)" "$(tar -xOf "$(archive_of gap@example.org)" entry.ldif | sed -n '/^objectClass/,$p' | grep -v '^$')" | change
run 0 mailctl mailbox restore gap@example.org
run 0 mailctl restore --archive "$(archive_of gap@example.org)"
tree_of "$mail/example.org/gap" | diff "$scratch/gap.before" - || fail 'its mail did not come'
run 73 mailctl restore --archive "$(archive_of gap@example.org)"

# ---- a domain, with what was in it
mailctl mailbox add ann@other.example --no-password -q
deliver other.example/ann ann
mailctl alias add sales@other.example --target ann@other.example -q
mailctl alias add @other.example --target ann@other.example -q
mailctl domain set other.example --postmaster ann@other.example -q
mailctl alias set abuse@other.example --add-target security@example.org -q
printf 'Blue-Kettle-8262\n' | mailctl admin add postmaster@other.example --password-stdin -q
exported_role() { ldapsearch -Q -LLL -o ldif-wrap=no -Y EXTERNAL -H "$socket" -b "vd=other.example,o=hosting,dc=example,dc=org" "(cn=$1)" | grep -v ^lastChange | sort; }
for role in postmaster abuse; do exported_role $role >"$scratch/$role.before"; done
[ "$(grep -c . "$scratch/postmaster.before")" -gt 8 ] || fail 'no postmaster'
mailctl domain remove other.example --yes -q
backdate vd=other.example,o=hosting,dc=example,dc=org 2020-01-01Z
run 0 mailctl purge --yes --max-changes none
run 67 mailctl restore --archive "$(archive_of ann@other.example)"
run 0 mailctl restore --archive "$(archive_of other.example)"
complains "ann@other.example went with it: bring it back with \"mailctl restore --archive $(archive_of ann@other.example)\""
complains "postmaster@other.example went with it"
[[ $err != *bob* ]] || fail "too much is told: $err"
run 0 mailctl restore --archive "$(archive_of ann@other.example)"
# Who ran it had a password, and others got its mail: what the domain has now is the site's own.
for role in postmaster abuse; do
	run 0 mailctl restore --archive "$(archive_of $role@other.example)"
	says restored
	exported_role $role | diff "$scratch/$role.before" - || fail "$role is another"
	run 73 mailctl restore --archive "$(archive_of $role@other.example)"
done
run 0 mailctl restore --archive "$(archive_of sales@other.example)"
run 0 mailctl restore --archive "$(archive_of @other.example)"
for what in postmaster sales; do run 0 mailctl alias show $what@other.example; done
# What was stopped with its domain works with it, and has no reason any more.
for what in 'mailbox show ann' 'alias show sales' 'alias show '; do
	run 0 mailctl ${what% *} "${what##* }@other.example" --fields status,disabled_reason -o csv
	[ "${out##*$'\n'}" = active, ] || fail "it is not in service: $what"
done
[ "$(cat "$mail/other.example/ann/cur/1.host:2,S")" = ann ] || fail 'its mail is not back'
# And what worked goes with a domain that is stopped by now.
removed ann@other.example 50
run 0 mailctl purge --yes
mailctl domain disable other.example --yes -q
run 0 mailctl restore --archive "$(find "$archives" -name "ann@other.example.*" | sort | tail -1)"
complains 'comes back when other.example is enabled'
run 0 mailctl mailbox show ann@other.example --fields disabled_reason -o name
[ "$out" = domain ] || fail 'it works in a domain that is stopped'
mailctl domain enable other.example -q
run 0 mailctl mailbox show ann@other.example --fields status -o name
[ "$out" = active ] || fail 'it does not come back with its domain'
finish
