#!/bin/bash
# mbox2maildir: what it makes of the mail of a user, what it says, what a second run does, what it refuses, and what Dovecot reads of it.
# usage: mbox2maildir.sh [PATH-OF-MBOX2MAILDIR]
set -euo pipefail

mbox2maildir=$(realpath -- "${1:-${MBOX2MAILDIR:?give the path of mbox2maildir}}")
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/tests/support/private_dovecot.bash"
dir=$(mktemp -d)
children=()
trap '[ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2>/dev/null || true; end_dovecots; rm -rf -- "$dir"' EXIT
export LC_ALL=C TZ=UTC
chmod 755 "$dir"

failures=0
check() { # WHAT WANTED GOT
	[ "$2" = "$3" ] && return
	printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
	failures=$((failures + 1))
}
run() { # ARGS...: sets status; the report in $dir/err
	status=0
	"$mbox2maildir" "$@" >"$dir/out" 2>"$dir/err" || status=$?
}
said() { grep -c -- "$1" "$dir/err" || true; }
# Names, times, modes and contents of everything; but a directory's time changes with a dotlock in it.
state() { (cd "$1" && find . -type d -printf '%p %m\n' -o -printf '%p %y %s %T@ %m\n' | sort && find . -type f -exec sha256sum {} + | sort) | sha256sum; }
sums() { find "$1/cur" "$1/new" -type f -exec sha256sum {} + | cut -c1-64 | sort | sha256sum | cut -d' ' -f1; }
flags() { (cd "$1" && find cur new -type f | sed 's/^\(...\).*\/.*:2,/\1 /; s/^\(...\)\/.*/\1 -/' | sort | tr '\n' ',') }

# ---- a user of UW-IMAP, with a spool, folders in folders, and things that are no mail
home=$dir/ada
mkdir -p "$home/mail/lists" "$home/mail/old.sbd" "$home/mail/.imap/x" "$home/mail/box"/{cur,new,tmp} "$home/mail/mh"
cat >"$home/spool" <<'M'
From MAILER-DAEMON Thu Nov 20 15:30:00 2003
Date: 20 Nov 2003 15:30:00 +0000
From: Mail System Internal Data <MAILER-DAEMON@example.org>
Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA
X-IMAP: 1064933472 0000000031 work home
Status: RO

This text is part of the internal format of your mail folder, and is not
a real message.

From bob@example.org Thu Nov 20 15:30:00 2003
From: bob@example.org
Subject: seen and answered
Status: RO
X-Status: A
X-Keywords: work
X-UID: 7

>From Rome with love.
>>From deeper down.

From here a sentence goes on.

From carla@example.org Fri Nov 21 09:00:00 2003 +0100
From: carla@example.org
Subject: shown, not read
Status: O
X-UID: 31

carla

From dora@example.org Fri Nov 21 10:00:00 2003
From: dora@example.org
Subject: new

dora

M
message() { printf 'From x@example.org Sat Nov 22 10:00:00 2003\nFrom: x@example.org\nSubject: %s\n%s\n%s\n\n' "$1" "${3-}" "$2"; }
{ message 'a list' one 'Status: RO
'; message 'a list' two; message 'a list' two; } >"$home/mail/lists/staff"
message old text >"$home/mail/old"
message older text >"$home/mail/old.sbd/older"
message dotted text >"$home/mail/v1.2"
message 'Entwürfe' text >"$home/mail/Entwürfe"
printf 'Subject: mh\n\ntext\n' >"$home/mail/mh/1"
: >"$home/mail/empty"
: >"$home/mail/v1_2"
printf '\177ELF\0\0' >"$home/mail/program"
ln -s ../spool "$home/mail/link"
mkfifo "$home/mail/pipe"
printf 'mail/lists/staff\nmail/empty\nmail/gone\nINBOX\n' >"$home/.mailboxlist"
find "$home" -exec touch -h -d '2004-01-01 UTC' {} +
before=$(state "$home")

maildir=$dir/Maildir
run --dry-run --inbox "$home/spool" "$home/mail" "$maildir"
check 'a dry run skips the same' 1 "$status"
check 'a dry run counts' 'all 7 folders: 10 found = 9 converted + 0 there already + 1 internal' "$(tail -n 1 "$dir/err")"
check 'a dry run writes nothing' no "$([ -e "$maildir" ] && echo yes || echo no)"
run --quota 1M --inbox "$home/spool" "$home/mail" "$maildir"
check 'some files were no mailboxes' 1 "$status"
check 'the same as the dry run said' 'all 7 folders: 10 found = 9 converted + 0 there already + 1 internal' "$(tail -n 1 "$dir/err")"
check 'the mboxes are as they were' "$before" "$(state "$home")"
for word in link:symbolic-link pipe:special-file box:other-mailbox mh:other-mailbox program:not-mbox v1.2:name-taken; do
	check "SKIP of $word" 1 "$(said "mail/${word%:*}: SKIP ${word#*:}: ")"
done
check 'nothing else was skipped' 6 "$(said ' SKIP ')"
check 'hidden files' 1 "$(said 'mail/.imap: INFO hidden-file')"
check 'a subscribed folder that is gone' 1 "$(said '^gone: INFO not-subscribed')"
check 'lines that may be mboxrd' 1 "$(said '^INBOX: WARN deeper-quoting: .*(1 lines)')"
check 'folders' '. .Entw&APw-rfe .empty .lists.staff .old .old.older .v1_2' "$(cd "$maildir" && find . -name cur -printf '%h\n' | sed 's/^\.\///' | sort | tr '\n' ' ' | sed 's/ $//')"
check 'folders know that they are' 6 "$(find "$maildir" -name maildirfolder | wc -l)"
check 'directories are private' '' "$(find "$maildir" -type d ! -perm 700)"
check 'files are private' '' "$(find "$maildir" -type f ! -perm 600)"
check 'nothing is left in tmp' '' "$(cd "$maildir" && find . -path '*/tmp/*')"
check 'flags' 'cur ,cur RSa,new -,' "$(flags "$maildir")"
check 'keywords' '0 work' "$(cat "$maildir/dovecot-keywords")"
check 'UIDs are kept, and go on' '3 V1064933472 N33,7,31,32,' "$(cut -d' ' -f1-3 "$maildir/dovecot-uidlist" | sed 's/ :.*//' | tr '\n' ',')"
check 'the quota file' '1048576S' "$(head -n 1 "$maildir/maildirsize")"
check 'counts everything' "$(find "$maildir" -path '*/cur/*' -o -path '*/new/*' | xargs -d '\n' cat | wc -c) 9" "$(sed -n 2p "$maildir/maildirsize")"
check 'subscribed: what was, and is there' 'INBOX empty lists.staff' "$(sort "$maildir/subscriptions" | tr '\n' ' ' | sed 's/ $//')"
check 'for Courier too' 'INBOX INBOX.empty INBOX.lists.staff' "$(sort "$maildir/courierimapsubscribed" | tr '\n' ' ' | sed 's/ $//')"
for folder in '' .lists.staff '.Entw&APw-rfe' .empty; do
	name=${folder#.}
	check "the sum of ${name:-INBOX}, as the manual says" "$(sums "$maildir/$folder")" "$(sed -n "s/^${name:-INBOX}: sha256 //p" "$dir/err")"
done
find "$maildir" -path '*/cur/*' -o -path '*/new/*' | while read -r file; do
	size=$(stat -c %s "$file") lines=$(wc -l <"$file")
	[[ $file = *",S=$size,W=$((size + lines))"* ]] || echo "$file is $size bytes"
done >"$dir/sizes"
check 'names say the sizes' '' "$(cat "$dir/sizes")"
check 'a message, byte for byte but for the quoting' 'From: bob@example.org
Subject: seen and answered
Status: RO
X-Status: A
X-Keywords: work
X-UID: 7

From Rome with love.
>>From deeper down.

From here a sentence goes on.' "$(cat "$maildir"/cur/*:2,RSa)"
check 'times' '1069342200 1069401600 1069408800' "$(find "$maildir/cur" "$maildir/new" -type f -printf '%Ts\n' | sort | tr '\n' ' ' | sed 's/ $//')"

# ---- once more: nothing
before=$(state "$maildir")
run --quota 1M --inbox "$home/spool" "$home/mail" "$maildir"
check 'all is there already' 'all 7 folders: 10 found = 0 converted + 9 there already + 1 internal' "$(tail -n 1 "$dir/err")"
check 'a second run writes nothing' "$before" "$(state "$maildir")"

# ---- the user has read, moved and deleted mail here, and some has come there
mv "$maildir"/new/* "$maildir/.old/cur/"
rm "$maildir"/cur/*:2,RSa "$maildir"/.lists.staff/new/*P2Q*
rm -r "$maildir/.empty"
sed -i 's/^Status: O$/Status: RO/' "$home/spool"
message 'even newer' text >>"$home/spool"
cp "$maildir/dovecot-uidlist" "$dir/uidlist"
run --inbox "$home/spool" "$home/mail" "$maildir"
check 'only what is new is converted' 'all 7 folders: 11 found = 1 converted + 9 there already + 1 internal' "$(tail -n 1 "$dir/err")"
check 'one message came' 'cur ,new -,' "$(flags "$maildir")"
check 'what was deleted stays so' 0 "$(find "$maildir/.lists.staff" -name '*P2Q*' | wc -l)"
check 'and so does a folder' no "$([ -e "$maildir/.empty" ] && echo yes || echo no)"
check 'the list of UIDs goes on where it ended' "$(sed -n '1s/ N33$/ N34/p' "$dir/uidlist")" "$(head -n 1 "$maildir/dovecot-uidlist")"
check 'behind what was there' "$(sed 1d "$dir/uidlist"),33" "$(sed '1d; $d' "$maildir/dovecot-uidlist"),$(tail -n 1 "$maildir/dovecot-uidlist" | cut -d' ' -f1)"
check 'the quota file gets a line' 3 "$(wc -l <"$maildir/maildirsize")"

# ---- a run that was broken off: files that are whole, that are not, and in tmp; and no ledger
whole=$dir/whole
run "$home/spool" "$whole"
cp -a "$whole" "$dir/broken"
rm "$dir/broken/mbox2maildir-ledger" "$dir/broken/dovecot-uidlist"
for file in "$dir"/broken/cur/*:2,RSa; do truncate -s 10 "$file"; done
for file in "$dir"/broken/new/*; do mv "$file" "$dir/broken/tmp/"; done
run "$home/spool" "$dir/broken"
check 'what is whole stays, the others come' 'INBOX: 5 found = 3 converted + 1 there already + 1 internal' "$(grep found "$dir/err" | head -n 1)"
check 'the same files as without the break' "$(cd "$whole" && find cur new tmp -type f -exec sha256sum {} + | sort)" "$(cd "$dir/broken" && find cur new tmp -type f -exec sha256sum {} + | sort)"
check 'the same UIDs' '' "$(cmp "$whole/dovecot-uidlist" "$dir/broken/dovecot-uidlist" 2>&1)"

# ---- a run that is killed, at any moment, any number of times
for i in $(seq 400); do message "$i" "$i" "X-Keywords: k$((i % 5))
Status: RO
"; done >"$dir/many"
run "$dir/many" "$dir/unbroken"
for moment in 0.001 0.005 0.01 0.015 0.02 0.03 0.05; do
	"$mbox2maildir" -q "$dir/many" "$dir/killed" 2>"$dir/err2" &
	sleep "$moment"
	kill -KILL $! 2>/dev/null || true
	wait $! 2>/dev/null || true
done
run --lock-timeout 5 "$dir/many" "$dir/killed"
check 'no lock is in the way of the next' 0 "$status"
names() { (cd "$1" && find cur new tmp -type f | sort); }
check 'the same files as when it was never killed' "$(names "$dir/unbroken")" "$(names "$dir/killed")"
check 'with the same bytes' "$(sums "$dir/unbroken")" "$(sums "$dir/killed")"
check 'and the same UIDs' "$(sed 1d "$dir/unbroken/dovecot-uidlist")" "$(sed 1d "$dir/killed/dovecot-uidlist")"
check 'and no lock is left' '' "$(find "$dir/killed" "$dir" -maxdepth 1 -name '*.lock')"

# ---- what is refused: one sentence, the right status, and nothing made
refused() { # STATUS WORD ARGS...
	local wanted=$1 word=$2
	shift 2
	run "$@" "$dir/none"
	check "status of $*" "$wanted" "$status"
	check "sentence of $*" 1 "$(said "error: .*$word")"
	check "nothing is made of $*" '' "$(find "$dir" -maxdepth 1 -name 'none*')"
}
refused 65 'is no mbox' "$home/mail/program"
refused 65 'is no mbox' "$home/spool" "$home/mail/program"
refused 66 'No such file' "$dir/missing"
refused 66 'neither a file' "$home/mail/pipe"
refused 64 'is a directory' --inbox "$home/mail" "$home/spool"
refused 64 'is a directory' --folder x "$home/mail"
as() { printf "$1%.0s" $(seq "$2"); }
for name in "$(as x 255)" "$(as x 127)/$(as x 127)" "$(as ü 100)" "$(as ' &' 100)"; do
	refused 64 'folder: .* 255 is the most' --folder "$name" "$home/spool"
	refused 64 'folder: .* 255 is the most' --dry-run --folder "$name" "$home/spool"
done
run --folder "$(as x 126)/$(as x 127)" "$home/spool" "$dir/longest"
check 'the longest name of a folder' '0 255' "$status $(($(basename "$(dirname "$(find "$dir/longest" -mindepth 2 -name cur)")" | wc -c) - 1))"
refused 64 format --format mbox "$home/spool"
refused 64 time-zone --time-zone Nowhere "$home/spool"
refused 64 owner --owner nobody-of-this-name "$home/spool"
refused 64 quota --quota 0 "$home/spool"
refused 64 'no mbox was named'
refused 64 '--nonsense' --nonsense "$home/spool"
run "$home/spool" "$dir/no/such/place"
check 'no place for a Maildir' 78 "$status"
run --nonsense
check 'a typing error is named, and not what it hides' 1 "$(said 'error: there is no option --nonsense')"
run --report "$dir/no/such/place" "$home/spool" "$dir/none"
check 'no place for the report' 78 "$status"
check 'is found before anything is converted' '' "$(find "$dir" -maxdepth 1 -name 'none*')"

# ---- a report takes the place of no mail
reported=$dir/in-the-way
mkdir -p "$reported/tree/deep" "$reported/Maildir/cur"
message one text | tee "$reported/mbox" >"$reported/tree/box"
printf 'box\n' | tee "$reported/.mailboxlist" >"$reported/list"
ln "$reported/mbox" "$reported/same"
ln -s mbox "$reported/link"
ln -s tree/new "$reported/link-to-nothing"
ln -s tree "$reported/link-to-tree"
before=$(state "$reported")
would='would replace .*, which is to be read'
lies='lies in .*, which is to be read'
for dry in '' --dry-run; do
	for name in mbox ./mbox same link tree/../mbox; do
		refused 64 "$would" $dry --report "$reported/$name" "$reported/mbox"
		refused 64 "$would" $dry --report "$reported/$name" --inbox "$reported/link" "$reported/tree"
	done
	for name in tree/box tree/new tree/deep/new link-to-tree/new link-to-nothing; do
		refused 64 "$lies" $dry --report "$reported/$name" "$reported/tree"
		refused 64 "$lies" $dry --report "$reported/$name" "$reported/link-to-tree/"
	done
	refused 64 "$would" $dry --report "$reported/list" --subscriptions "$reported/list" "$reported/tree"
	refused 64 "$would" $dry --report "$reported/.mailboxlist" "$reported/tree"
	run $dry --report "$reported/Maildir/cur/new" "$reported/mbox" "$reported/Maildir"
	check 'no report among the messages' '64 1' "$status $(said 'lies in the Maildir')"
	status=0
	"$mbox2maildir" $dry --report - "$reported/mbox" "$dir/none" >>"$reported/mbox" 2>"$dir/err" || status=$?
	check 'standard output that is the mbox' '64 1' "$status $(said "$would")"
done
check 'all of it is as it was' "$before" "$(state "$reported")"
run --dry-run --report "$reported/beside" "$reported/tree" "$dir/none"
check 'a report beside a tree' '0 yes' "$status $([ -s "$reported/beside" ] && echo yes)"
cd "$reported"
run --dry-run --report tree.report tree "$dir/none"
check 'and by a relative name' '0 yes' "$status $([ -s tree.report ] && echo yes)"
run --report tree/report tree "$dir/none"
check 'refused by a relative name' '64 1' "$status $(said "$lies")"
cd "$OLDPWD"

mkfifo "$dir/reader"
cat "$dir/reader" >"$dir/read" &
reading=$!
run -q --report "$dir/reader" "$home/spool" "$dir/reported"
wait "$reading"
check 'a report that goes to a pipe' 1 "$(grep -c '^all 1 folders' "$dir/read")"
check 'does not take its place (it might be /dev/null)' yes "$([ -p "$dir/reader" ] && echo yes)"
: >"$dir/file"
run "$home/spool" "$dir/file"
check 'a file is no Maildir' 78 "$status"
mkdir -p "$dir/papers" "$dir/hidden/.Sent/cur" "$dir/half/tmp" "$dir/room"
echo x >"$dir/papers/thesis.tex"
for other in papers hidden; do
	before=$(state "$dir/$other")
	for dry in '' --dry-run; do
		run $dry "$home/spool" "$dir/$other"
		check "a directory of something else ($other $dry)" '78 1' "$status $(said "error: .*$other is no Maildir: it is not empty")"
	done
	check "stays as it is ($other)" "$before" "$(state "$dir/$other")"
done
cd "$dir/papers"
run "$home/spool" .
check 'the Maildir forgotten' '78 thesis.tex' "$status $(ls -A)"
cd "$OLDPWD"
for name in half room; do
	run "$home/spool" "$dir/$name"
	check "a place for a Maildir ($name)" '0 4' "$status $(find "$dir/$name/cur" "$dir/$name/new" -type f | wc -l)"
done
mkdir "$dir/odd"
ln -s "$dir/elsewhere" "$dir/odd/cur"
mkdir "$dir/elsewhere"
run "$home/spool" "$dir/odd"
check 'a link in the Maildir is not followed' 77 "$status"
check 'and nothing is written behind it' '' "$(ls -A "$dir/elsewhere")"

# ---- a directory is what it is, by whatever name
mkdir -p "$dir/around/mail/sub"
message one text | tee "$dir/around/mail/box" >"$dir/around/mail/sub/deep"
message two text >"$dir/around/mail/other"
printf 'mail/box\nmail/sub/deep\n' >"$dir/around/.mailboxlist"
ln -s . "$dir/around/mail/sub/here"
ln -s mail "$dir/around/link"
cd "$dir/around/mail"
for name in . ./ ./. sub/.. sub/../. ../mail .. ../link "$dir/around/mail/." sub/here sub/here/; do
	run "$name" "$dir/by-name"
	case $name in
	..) wanted='.mail.box .mail.other .mail.sub.deep' ;;
	sub/here*) wanted=.deep ;;
	*) wanted='.box .other .sub.deep' ;;
	esac
	check "folders of $name" "$wanted" "$(cd "$dir/by-name" && find . -mindepth 2 -name cur -printf '%h\n' | sed 's/^\.\///' | sort | tr '\n' ' ' | sed 's/ $//')"
	rm -rf "$dir/by-name"
done
run . "$dir/by-name"
check 'the list beside it counts' 'box sub.deep' "$(sort "$dir/by-name/subscriptions" | tr '\n' ' ' | sed 's/ $//')"
cd "$OLDPWD"

# ---- mail is mail, also where a list of subscribed folders is looked for
for name in .subscriptions .mailboxlist; do
	mkdir -p "$dir/listed/mail"
	message one text | tee "$dir/listed/mail/box" >"$dir/listed/mail/$name"
	run "$dir/listed/mail" "$dir/listed/Maildir"
	check "mail in $name" '0 1' "$status $(find "$dir/listed/Maildir/.${name/./_}/new" -type f | wc -l)"
	check "is no list ($name)" 2 "$(wc -l <"$dir/listed/Maildir/subscriptions")"
	refused 65 'is an mbox and no list of folders' --subscriptions "$dir/listed/mail/$name" "$dir/listed/mail"
	rm -rf "$dir/listed"
	mkdir -p "$dir/listed/mail/$name"
	message one text | tee "$dir/listed/mail/box" >"$dir/listed/mail/$name/box"
	run "$dir/listed/mail" "$dir/listed/Maildir"
	check "mail below $name" '1 1' "$status $(said "$name/box: SKIP hidden-mailbox")"
	rm -rf "$dir/listed"
	mkdir -p "$dir/listed/mail"
	message one text | tee "$dir/listed/mail/box" >"$dir/listed/other"
	ln -s ../other "$dir/listed/mail/$name"
	run "$dir/listed/mail" "$dir/listed/Maildir"
	check "mail behind a link $name" '1 1' "$status $(said "$name: SKIP symbolic-link")"
	rm -rf "$dir/listed"
done

# ---- what a reader does to the mbox between two runs makes no new mail
printf 'From x Sat Nov 22 10:00:00 2003\nSubject: a\n\none\n\nFrom x Sat Nov 22 10:00:00 2003\nSubject: b\n\ntwo' >"$dir/edited"
run "$dir/edited" "$dir/twice"
for edit in '$a\' 's/^Subject: .*/&\nX-Length: 99\nX-UID: 1/' 's/^Subject: /X-Identity-Key: id1\n&/'; do
	sed -i "$edit" "$dir/edited"
	run "$dir/edited" "$dir/twice"
	check "there already, after $edit" '0 all 1 folders: 2 found = 0 converted + 2 there already + 0 internal' "$status $(tail -n 1 "$dir/err")"
done
{ echo; message three text; } >>"$dir/edited"
run "$dir/edited" "$dir/twice"
check 'and what is new comes' 3 "$(find "$dir/twice/new" -type f | wc -l)"

# ---- locks
cp "$home/spool" "$dir/locked"
: >"$dir/locked.lock"
run --lock-timeout 0 "$dir/locked" "$dir/none"
check 'a dotlock' 75 "$status"
check 'is named' 1 "$(said "locked.lock is there")"
check 'and left' yes "$([ -e "$dir/locked.lock" ] && echo yes)"
check 'and nothing is made' '' "$(find "$dir" -maxdepth 1 -name 'none*')"
touch -d '10 minutes ago' "$dir/locked.lock"
run --lock-timeout 0 "$dir/locked" "$dir/forgotten"
check 'a forgotten dotlock' 0 "$status"
check 'is left alone' yes "$([ -e "$dir/locked.lock" ] && echo yes)"
rm "$dir/locked.lock"
mkfifo "$dir/ready"
python3 -c 'import fcntl, sys, time
f = open(sys.argv[1], "r+b")
fcntl.lockf(f, fcntl.LOCK_EX)
open(sys.argv[2], "w").close()
time.sleep(600)' "$dir/locked" "$dir/ready" &
children+=($!)
cat "$dir/ready"
run --lock-timeout 0 "$dir/locked" "$dir/none"
check 'a lock of fcntl' 75 "$status"
check 'and who has it' 1 "$(said "process ${children[-1]} has a lock on it")"
check 'our dotlock is gone' no "$([ -e "$dir/locked.lock" ] && echo yes || echo no)"
"$mbox2maildir" -q --lock-timeout 600 "$dir/locked" "$dir/waited" 2>"$dir/err2" &
waiting=$!
children+=("$waiting")
# Until it is mbox2maildir, and no shell any more, that would be told of SIGTERM (bit 14).
until [ "/proc/$waiting/exe" -ef "$mbox2maildir" ] && [ $((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$waiting/status") & 0x4000)) -ne 0 ]; do sleep 0.05; done
kill -TERM "$waiting"
status=0
wait "$waiting" || status=$?
check 'a signal ends the waiting' 130 "$status"
check 'and leaves no lock' no "$([ -e "$dir/locked.lock" ] && echo yes || echo no)"
(trap '' HUP && exec "$mbox2maildir" -q --lock-timeout 600 "$dir/locked" "$dir/waited") 2>"$dir/err2" &
waiting=$!
children+=("$waiting")
until [ "/proc/$waiting/exe" -ef "$mbox2maildir" ] && [ $((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$waiting/status") & 0x4000)) -ne 0 ]; do sleep 0.05; done
check 'nohup stays in force (bit 0)' 1 $((0x$(awk '/^SigIgn/ { print $2 }' "/proc/$waiting/status") & 1))
kill -TERM "$waiting"
wait "$waiting" || true
"$mbox2maildir" -q --lock-timeout 600 "$dir/locked" "$dir/waited" 2>"$dir/err2" &
waiting=$!
kill "${children[0]}"
status=0
wait "$waiting" || status=$?
check 'when the lock is given back, it goes on' '0 4' "$status $(find "$dir/waited/cur" "$dir/waited/new" -type f | wc -l)"
exec 9<"$dir/waited"
flock 9
run --lock-timeout 0 "$dir/locked" "$dir/waited"
check 'one converter at a time' 75 "$status"
exec 9<&-

# ---- reports
run --report "$dir/report" --report-format json "$home/mail" "$dir/json"
check 'nothing on standard error' '' "$(cat "$dir/err")"
check 'JSON tells the same' '6 6 0' "$(python3 -c 'import json, sys
r = json.load(sys.stdin)
print(len(r["folders"]), sum(f["found"] for f in r["folders"]), sum(f["already_there"] for f in r["folders"]))' <"$dir/report")"
mkfifo "$dir/reports"
cat "$dir/reports" >"$dir/from-pipe" &
children+=($!)
run --report "$dir/reports" "$home/spool" "$dir/piped"
wait "${children[-1]}"
unset 'children[-1]'
check 'a report into a pipe' '0 pipe 1' "$status $([ -p "$dir/reports" ] && echo pipe) $(grep -c '^all 1 folders' "$dir/from-pipe")"
ln -s from-link "$dir/link-to-report"
run --report "$dir/link-to-report" "$home/spool" "$dir/piped"
check 'or through a link, which stays one' 'link 1' "$([ -L "$dir/link-to-report" ] && echo link) $(grep -c '^all 1 folders' "$dir/from-link")"
run -q "$home/spool" "$dir/quiet"
check 'a quiet run that leaves nothing out says nothing' '' "$(cat "$dir/err")"

# ---- as root, for a user who is no friend
if [ "$(id -u)" -eq 0 ]; then
	hostile=$dir/hostile
	mkdir -p "$hostile/mail" "$dir/victim"
	message secret text >"$dir/victim/mbox"
	chmod -R go= "$dir/victim"
	message mine text >"$hostile/mail/mine"
	ln "$dir/victim/mbox" "$hostile/mail/stolen"
	ln -s "$dir/victim/mbox" "$hostile/mail/linked"
	ln -s "$dir/victim" "$hostile/dirlink"
	chown -h nobody:nogroup "$hostile" "$hostile/mail" "$hostile/mail/mine" "$hostile/mail/linked" "$hostile/dirlink"
	run "$hostile/mail" "$dir/none"
	check 'root has to say whose it shall be' 64 "$status"
	run --owner nobody "$hostile/mail" "$hostile/Maildir"
	check 'links to the mail of others are left out' "1 1 1" "$status $(said 'stolen: SKIP foreign-owner') $(said 'linked: SKIP symbolic-link')"
	check 'his own mail is converted' 1 "$(said '^all 1 folders: 1 found = 1 converted')"
	check 'and all of it is his' '' "$(find "$hostile/Maildir" ! -user nobody)"
	run --owner nobody "$hostile/mail/stolen" "$hostile/Maildir"
	check 'nor are they when they are named' 77 "$status"
	run --owner nobody "$hostile/dirlink/mbox" "$hostile/Maildir"
	check 'a link of his on the way' 77 "$status"
	ln -s "$dir/victim/report" "$hostile/report"
	chown -h nobody "$hostile/report"
	run --owner nobody --report "$hostile/report" "$hostile/mail" "$hostile/Maildir"
	check 'a report is not written behind a link of his' 'mbox regular file' "$(ls "$dir/victim") $(stat -c %F "$hostile/report")"
	mkdir "$dir/rootonly"
	run --owner nobody "$hostile/mail/mine" "$dir/rootonly/Maildir"
	check 'a place where only root may make it' "0 nobody" "$status $(stat -c %U "$dir/rootonly/Maildir")"
	ln -s "$dir/victim" "$hostile/Maildir/.mine2"
	run --owner nobody --folder mine2 "$hostile/mail/mine" "$hostile/Maildir"
	check 'a link in his Maildir' 77 "$status"
	check 'nothing was written behind it' 'mbox' "$(ls -A "$dir/victim")"
	run "$dir/victim/mbox" "$hostile/Maildir"
	check 'not his without --owner' 77 "$status"
fi

# ---- what begins with a From_ line is mail, whatever its name
names=$dir/names
mkdir -p "$names"/{.work.directory/.sub.directory,.imap/INBOX,.old/2003,dovecot.list,Inbox.sbd,.box/{cur,new,tmp}}
for file in work .work.directory/sub .work.directory/.sub.directory/deep .Trash dovecot.announce saved.msf saved.lock dovecot.list/a Inbox.sbd/child Inbox .old/2003/may; do
	message "$file" text >"$names/$file"
done
message saved text >"$names/saved"
printf 'index' | tee "$names/.work.index" "$names/work.msf" "$names/dovecot.index" "$names/work.lock" >"$names/.imap/INBOX/dovecot.index"
find "$names" -exec touch -d '1 hour ago' {} + # a lock would hold for five minutes
run "$names" "$dir/of-names"
check 'mail with odd names is converted' '. .INBOX.child ._Trash .dovecot_announce .dovecot_list.a .saved .saved_lock .saved_msf .work .work.sub .work.sub.deep' \
	"$(cd "$dir/of-names" && find . -path '*/new/*' -printf '%h\n' | sed 's/\/new$//; s/^\.\///' | sort | tr '\n' ' ' | sed 's/ $//')"
check 'or left out with a word' '1 1 1' "$status $(said 'names/.old/2003/may: SKIP hidden-mailbox: ') $(said 'names/.box: SKIP other-mailbox')"
check 'and nothing else is' 2 "$(said ' SKIP ')"
check 'what is no mail is told' '.box .imap .old .work.index|dovecot.index work.msf|work.lock|' \
	"$(for code in hidden-file index-file lock-file; do sed -n "s|^$names/\(.*\): INFO $code: .*|\1|p" "$dir/err" | tr '\n' ' ' | sed 's/ $/|/'; done)"
rm -r "$names"/{.old,.box}
run "$names" "$dir/of-names"
check 'then nothing is left out' 0 "$status"

# ---- From_ lines that are not as asctime(3) writes them
printf 'From - Tue Apr 28 16:18:00 2020\nSubject: a\n\nx\n\nFrom \nSubject: b\n\ny\n' >"$dir/bare"
run "$dir/bare" "$dir/of-bare"
check 'lines of Thunderbird, old and new' '0 1' "$status $(said '^INBOX: 2 found = 2 converted')"
printf 'From - Thu Jan 01 00:00:00 1970\nSubject: a\n\nx\n\nFrom - Fri Dec 31 23:59:59 9999\nDate: 5 Jan 1998 10:20:30 +0000\n\ny\n' >"$dir/never"
touch -d '1960-01-01 UTC' "$dir/never"
for zone in Europe/Rome America/New_York; do
	run --time-zone "$zone" "$dir/never" "$dir/of-never-${zone%/*}"
	check "dates that cannot be stored, $zone" '0 1' "$status $(said '^INBOX: 2 found = 2 converted')"
	check "they are told, $zone" '1 1' "$(said ': WARN other-time: .*that of the header or of the mbox was taken (1 messages, that of the mbox)') $(said ': WARN future-time: .*(1 messages)')"
done
printf 'From a Thu Nov 20 15:30:00 1969\nDate: 5 Jan 1998 10:20:30 +0000\n\nx\n' >"$dir/early"
run --dry-run "$dir/early" "$dir/of-early"
check 'a time before 1971 is told, and where the time is from' '0 1 0' "$status $(said ': WARN other-time: .*(1 messages, that of the header)') $(said future-time)"
{ message one text; printf 'From x@example.org Sat Nov 22 10:00:00 2003\nSubject: cut\n'; message two text; } >"$dir/cut"
run "$dir/cut" "$dir/of-cut"
check 'a mail that was cut off in its header' '0 1' "$status $(said '^INBOX: 3 found = 3 converted')"
{ message one 'text, and no blank line' | sed '$d'; message two $'text\n\nFrom me to you\nSubject: three'; } >"$dir/late"
run "$dir/late" "$dir/of-late"
check 'what may have been left out is told' '1 1 1 1' "$status $(said ': WARN late-from: .*--split-doubtful (1 lines)') $(said ': WARN odd-from: .*(1 lines)') $(said '^INBOX: 1 found')"
run -q "$dir/late" "$dir/of-late"
check 'also by a quiet run' 1 "$(said ' late-from: ')"
run --split-doubtful "$dir/late" "$dir/of-doubtful"
check 'until it is split there' '0 1' "$status $(said '^INBOX: 3 found = 3 converted')"

# ---- mutt flags a message between two runs, and writes Lines and Content-Length into every one behind it
if command -v mutt >/dev/null; then
	for subject in one two three four; do message "$subject" $'text\n\n>From Rome with love\n\nFrom here on'; done >"$dir/muttbox"
	touch -d '1 hour ago' "$dir/muttbox"
	run "$dir/muttbox" "$dir/of-mutt"
	cat >"$dir/muttrc" <<-'M'
		set mbox_type=mbox quit=yes move=no folder=~
		push "<first-entry><next-entry><flag-message><sync-mailbox><quit>"
	M
	HOME=$dir TERM=xterm timeout 60 python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) != 0)' \
		mutt -n -F "$dir/muttrc" -f "$dir/muttbox" >"$dir/out" 2>&1 </dev/null || true
	check 'mutt has written' '1 yes' "$(grep -c '^X-Status: F' "$dir/muttbox") $(grep -q '^Lines: ' "$dir/muttbox" && echo yes)"
	run "$dir/muttbox" "$dir/of-mutt"
	check 'and the mail is the same' '0 1' "$status $(said '^INBOX: 4 found = 0 converted + 4 there already')"
fi

# ---- a disk that is full
{ message small text; message big "$(head -c 4000 /dev/zero | tr '\0' x)"; } >"$dir/bigger"
status=0
(ulimit -f 1 && exec "$mbox2maildir" "$dir/bigger" "$dir/full") >"$dir/out" 2>"$dir/err" || status=$?
check 'no room for a message' "75 1" "$status $(said 'error: cannot write .*File too large')"
check 'nothing of it is left' 0 "$(find "$dir/full" -type f | wc -l)"
run "$dir/bigger" "$dir/full"
check 'with room again' "0 2" "$status $(find "$dir/full/new" -type f | wc -l)"

# ---- a message of 60 MB, and one line of it
{
	message large text
	printf 'From x@example.org Sat Nov 22 10:00:00 2003\nSubject: one line\n\n'
	head -c 60000000 /dev/zero
	printf '\n\n'
	message last text
} >"$dir/large"
run "$dir/large" "$dir/LargeMaildir"
check 'a line of 60 MB, of NULs' 'INBOX: 3 found = 3 converted + 0 there already + 0 internal' "$(grep found "$dir/err" | head -n 1)"
check 'is there' 60000020 "$(find "$dir/LargeMaildir" -size +50M -printf '%s\n')"

[ "$failures" -eq 0 ] || exit 1
can_run_dovecot || { echo 'without Dovecot: what IMAP shows of it was not looked at' >&2; exit 77; }

# ---- Dovecot shows what was converted
read_imap() { python3 "$root/tests/support/imap.py" "$dovecot_imap" "$@"; }
crlf_sum() { sed 's/$/\r/' | sha256sum | cut -d' ' -f1; }
serve_maildirs
box=$dovecot_mail/ada
sed -i 's/^Status: RO$/Status: O/' "$home/spool"
"$mbox2maildir" -q --quota 1M --inbox "$home/spool" "$home/mail" "$box" 2>/dev/null || [ $? -eq 1 ]
give_to_dovecot "$box"
read_imap messages ada secret INBOX >"$dir/inbox"
check 'UIDs, flags and times' 'INBOX 7 \Answered work 2003-11-20T15:30:00Z,INBOX 31 - 2003-11-21T08:00:00Z,INBOX 32 - 2003-11-21T10:00:00Z,INBOX 33 - 2003-11-22T10:00:00Z,' \
	"$(cut -f1-4 "$dir/inbox" | tr '\t\n' ' ,')"
cat "$box"/cur/*:2,Ra | crlf_sum >"$dir/sum"
check 'the bytes of a message' "$(cat "$dir/sum")" "$(sed -n 1p "$dir/inbox" | cut -f6)"
check 'UIDVALIDITY' $'INBOX\t1064933472\t34' "$(read_imap uidvalidity ada secret INBOX)"
check 'folders' 'list Entw&APw-rfe,list INBOX,list empty,list lists,list lists.staff,list old,list old.older,list v1_2,lsub INBOX,lsub empty,lsub lists.staff,' \
	"$(read_imap folders ada secret | cut -f1,2 | tr '\t\n' ' ,')"
check 'messages of a folder, in their order' '1 a list,2 a list,3 a list,' "$(read_imap messages ada secret lists.staff | cut -f2 | sed 's/$/ a list/' | tr '\n' ',')"

# ---- the second run, after days in which Dovecot has read the first one: the old server has numbered what was new, and so is it here
box=$dovecot_mail/eva
old_box() { # LAST-UID UID...
	printf 'From x@example.org Sat Nov 22 10:00:00 2003\nSubject: DON%sT DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 777 %010d\n\nx\n\n' \' "$1"
	shift
	for uid; do
		[ "$uid" -gt 0 ] && message "m$uid" text "X-UID: $uid"$'\n' || message "m${uid#-}" text
	done
}
uids() { read_imap messages "$1" secret INBOX | cut -f2 | tr '\n' ' '; }
old_box 5 2 5 -6 >"$dir/eva"
"$mbox2maildir" -q --owner "$mail_user" "$dir/eva" "$box"
check 'the first run' '2 5 6 ' "$(uids eva)"
guid=$(head -n 1 "$box/dovecot-uidlist" | grep -o 'G[0-9a-f]*')
old_box 12 2 5 6 8 9 -13 >"$dir/eva" # and 12 was deleted
"$mbox2maildir" -q --owner "$mail_user" "$dir/eva" "$box"
check 'the folder is the same' "$guid" "$(head -n 1 "$box/dovecot-uidlist" | grep -o 'G[0-9a-f]*')"
check 'the second run' '2 5 6 8 9 13 ' "$(uids eva)"
check 'its UIDVALIDITY' $'INBOX\t777\t14' "$(read_imap uidvalidity eva secret INBOX)"
check 'which message has which UID' 'm2 m5 m6 m8 m9 m13 ' "$(sed 1d "$box/dovecot-uidlist" | sort -n | while read -r uid rest; do
	sed -n 's/^Subject: //p' "$box"/*/"${rest##*:}"*; done | tr '\n' ' ')"
old_box 20 2 5 6 8 9 13 >"$dir/eva" # there came mail, and went
"$mbox2maildir" -q --owner "$mail_user" "$dir/eva" "$box"
check 'the next UID' 'N21' "$(head -n 1 "$box/dovecot-uidlist" | grep -o 'N[0-9]*')"
printf 'Subject: new here\n\nx\n' >"$box/new/1.new.here"
give_to_dovecot "$box"
# STATUS would not do: Dovecot answers it from memory while no message came or went.
check 'what the old server had is given to no other message' '2 5 6 8 9 13 21 ' "$(uids eva)"
old_box 21 2 5 6 8 9 13 21 >"$dir/eva"
run --owner "$mail_user" "$dir/eva" "$box"
check 'too late' '1 1' "$(said ': WARN uids-differ: ') $(said 'INBOX: 8 found = 1 converted')"
check 'it goes behind' '2 5 6 8 9 13 21 22 ' "$(uids eva)"
check 'Dovecot has nothing to say about it' '' "$(grep -E 'Error|Warning' "$dovecot_log" || true)"

# ---- Dovecot takes the quota file for what it says
box=$dovecot_mail/ada
cat >"$dir/quota.conf" <<CONF
mail_location = maildir:$dovecot_mail/%u
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = maildir:User quota
  quota_rule = *:bytes=1048576
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = home=$dir allow_all_users=yes
}
CONF
sed -n 1p "$box/maildirsize" >"$dir/quota"
used=$(($(sed -n 2p "$box/maildirsize" | cut -d' ' -f1) + 100000))
echo "$used 9" >>"$dir/quota"
cp "$dir/quota" "$box/maildirsize" # a number that only the file can tell
give_to_dovecot "$box"
serve_settings "$dir/quota.conf"
check 'used and limit in KiB' "User quota	STORAGE	$(((used + 1023) / 1024))	1024" "$(read_imap quota ada secret | grep STORAGE)"
stop_dovecot

# ---- and what Dovecot itself wrote into mboxes: both ways show the same mail
cat >"$dir/mbox.conf" <<CONF
mail_location = mbox:$dir/dovecot/mail:INBOX=$dir/dovecot/inbox
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = home=$dir/dovecot allow_all_users=yes
}
CONF
mkdir -p "$dir/dovecot/mail"
: >"$dir/dovecot/inbox"
give_to_dovecot "$dir/dovecot"
serve_settings "$dir/mbox.conf"
python3 - "$dovecot_imap" "$root/tests/support" <<'P'
import sys
sys.path.insert(0, sys.argv[2])
import imap
client, _ = imap.log_in(sys.argv[1], "ada", "secret")
head = "From: ada@example.org\r\nSubject: %s\r\n"
mails = [
    ("INBOX", r"(\Seen \Answered work $Forwarded)", "20-Nov-2003 15:30:00 +0100", head % "one" + "\r\none\r\n\r\nFrom me Thu Nov 20 15:30:00 2003\r\n>From you\r\n"),
    ("INBOX", r"(\Flagged)", "21-Nov-2003 15:30:00 +0100", head % "two" + "\r\nFrom the start\r\n"),
    ("INBOX", "()", "22-Jul-2003 15:30:00 +0200", head % "three" + "\r\n"),
    ("INBOX", r"(\Draft \Deleted)", "23-Nov-2003 15:30:00 +0000", head % "four" + "\r\n\r\n\r\nfour\r\n\r\n\r\n"),
    ("a/b", r"(\Seen work)", "24-Nov-2003 15:30:00 +0000", head % "five" + "\r\nfive\r\n"),
]
for folder in ("a/b", "v1_2", "Entw&APw-rfe", "a/c"):
    client.ask("create", imap.quoted(folder))
for folder in ("a/b", "Entw&APw-rfe"):
    client.ask("subscribe", imap.quoted(folder))
for number, (folder, flags, date, text) in enumerate(mails):
    client.ask("append", imap.quoted(folder), flags, '"' + date + '"', text.encode())
    if number == 1:  # a UID that is missing
        client.ask("append", "INBOX", "()", None, b"Subject: gone\r\n\r\ngone\r\n")
client.ask("select", "INBOX")
client.ask("store", "3", "+FLAGS", r"(\Deleted)")
client.ask("uid", "STORE", "5", "-FLAGS", r"(\Deleted)")
client.ask("expunge")
client.ask("uid", "STORE", "5", "+FLAGS", r"(\Deleted home)")
client.ask("append", "INBOX", "()", '"25-Nov-2003 15:30:00 +0000"', b"Subject: five\r\n\r\nfive\r\n")
client.logout()
P
# SIZE and SUM of a message in an mbox are without the fields that Dovecot keeps there.
read_imap messages ada secret | cut -f1-4 | sed 's/^a\//a./' | sort >"$dir/of-mbox"
read_imap uidvalidity ada secret | sed 's/^a\//a./' | sort >"$dir/uids-of-mbox"
read_imap messages ada secret | cut -f1-2,5- | sed 's/^a\//a./' | sort >"$dir/bodies-of-mbox"
stop_dovecot
serve_maildirs
"$mbox2maildir" --strip-status --inbox "$dir/dovecot/inbox" --owner "$mail_user" "$dir/dovecot/mail" "$dovecot_mail/ada" 2>"$dir/err" || cat "$dir/err"
check 'the same UIDs, flags, keywords and times' '' "$(read_imap messages ada secret | cut -f1-4 | sort | diff "$dir/of-mbox" - || true)"
check 'the same sizes and bytes' '' "$(read_imap messages ada secret | cut -f1-2,5- | sort | diff "$dir/bodies-of-mbox" - || true)"
check 'the same UIDVALIDITY where there was mail' '' "$(read_imap uidvalidity ada secret INBOX a.b | diff <(grep -E '^(INBOX|a\.b)	' "$dir/uids-of-mbox") - || true)"
check 'the same subscriptions' 'lsub Entw&APw-rfe,lsub a.b,' "$(read_imap folders ada secret | grep ^lsub | cut -f1,2 | tr '\t\n' ' ,')"

[ "$failures" -eq 0 ]
