#!/bin/bash
# Somebody who may write where the mail is swaps folders and links all the time, while a purge and a restore are at work: nothing outside changes.
#
#     VMAIL_RACE_SECONDS=60 mailctl_purge_race.sh    longer than in each run of the tests
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/mail_folders.bash"
type ldapmodify zstd >/dev/null || exit 77
start_sandbox
mailctl domain add example.org -q
mkdir -p "$scratch"/outside/{cur,new,tmp,bob/cur,example.org/bob/cur}
echo precious >"$scratch/outside/cur/file"
echo precious >"$scratch/outside/bob/cur/file"
echo precious >"$scratch/outside/example.org/bob/cur/file"
[ "$(id -u)" != 0 ] || chown -R "$MAILCTL_MAIL_USER:$MAILCTL_MAIL_GROUP" "$scratch/outside"
tree_of "$scratch/outside" >"$scratch/outside.before"
mailctl mailbox add bob@example.org --no-password -q
deliver example.org/bob bob

# The mailbox, its parts, its domain and the trash are folders, and links to what lies outside, in turn.
python3 - "$mail" "$scratch/outside" <<'PYTHON' &
import os, random, sys
mail, outside = sys.argv[1:]
random.seed(4711)
places = [("example.org/bob", ""), ("example.org/bob/cur", "cur"), ("example.org", ""), ("example.org", "example.org"), ("example.org/bob", "bob"), (".vmail-trash", "")]
aside = os.path.join(mail, "aside")
def attempt(f, *a):
    try: f(*a)
    except OSError: pass
while os.getppid() > 1:
    place, target = random.choice(places)
    at = os.path.join(mail, place)
    attempt(os.rename, at, aside)
    attempt(os.symlink, os.path.join(outside, target), at)
    if os.path.islink(at): attempt(os.unlink, at)
    if os.path.isdir(at) and os.path.isdir(aside):  # somebody made it anew meanwhile
        attempt(os.rename, at, os.path.join(mail, "example.org.%d" % random.getrandbits(40)))
    attempt(os.rename, aside, at)
PYTHON
racer=$!
trap 'kill $racer 2>/dev/null; "$MAILCTL" sandbox stop -q >/dev/null 2>&1; rm -rf "$scratch"' EXIT

# What delivers here follows links, which mail daemons do not.
deliver_beneath() {
	kill -STOP $racer
	until grep -q '^State:.T' "/proc/$racer/status" 2>/dev/null || ! kill -0 $racer 2>/dev/null; do sleep 0.01; done
	if [ ! -L "$mail/example.org" ] && [ ! -L "$mail/$1" ] && [ ! -L "$mail/$1/cur" ]; then deliver "$1" bob 2>/dev/null; fi
	kill -CONT $racer
}

purged=0 restored=0 refused=0
end=$((SECONDS + ${VMAIL_RACE_SECONDS-6}))
while [ "$SECONDS" -lt "$end" ]; do
	mailctl mailbox remove bob@example.org --yes -q >/dev/null 2>&1
	rm -f "$archives"/*
	if mailctl purge --yes --grace 0h >/dev/null 2>&1; then purged=$((purged + 1)); else refused=$((refused + 1)); fi
	archive=$(archive_of bob@example.org)
	if [ -n "$archive" ] && [ -z "$(entry_of bob@example.org)" ]; then
		for try in 1 2 3 4 5 6 7 8; do
			if mailctl restore --archive "$archive" >/dev/null 2>&1; then restored=$((restored + 1)); break; else refused=$((refused + 1)); fi
		done
	fi
	[ -n "$(entry_of bob@example.org)" ] || { mailctl mailbox add bob@example.org --path "example.org/bob/" --no-password --yes -q >/dev/null 2>&1; }
	[ -d "$mail/example.org/bob/cur" ] || deliver_beneath example.org/bob
done
kill $racer
wait $racer 2>/dev/null
echo "$purged purges, $restored restores, $refused refused"
[ "$((purged + restored + refused))" -gt 0 ] || fail 'nothing was tried'
tree_of "$scratch/outside" | diff "$scratch/outside.before" - || fail 'something outside changed'
finish
