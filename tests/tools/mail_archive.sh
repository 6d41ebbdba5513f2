#!/bin/bash
# Mail that is archived and comes back, and archives that nobody should believe: by the program that works on mail alone.
set -uo pipefail
: "${MAILCTL:?the path of mailctl}"
store=${MAILCTL%/*}/../libexec/mailctl/mailctl-store
here=${BASH_SOURCE%/*}
scratch=$(mktemp -d)
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
mkdir "$scratch/mail" "$scratch/archives" "$scratch/outside"
# As root it has to become somebody else; anybody else works on what is his.
user=$(id -u) group=$(id -g)
[ "$user" != 0 ] || user=12345 group=12346
own() { [ "$(id -u)" != 0 ] || chown -hR "$user:$group" "$scratch/mail"; }

failures=0
fail() { echo "FAIL: $*" >&2; failures=$((failures + 1)); }
ask() { "$store" 0 "$scratch/mail" "$user" "$group" "$@"; } # VERB WORD...
expect() { # STATUS SENTENCE COMMAND...
	local expected=$1 sentence=$2 status=0 said
	shift 2
	said=$("$@" 2>&1) || status=$?
	[ "$status" = "$expected" ] || fail "$*: status $status, not $expected: $said"
	[[ $said == *"$sentence"* ]] || fail "$*: does not say $sentence: $said"
}
tree_of() { (cd "$1" && find . -printf '%y %P %s %T@ %m %l\n' | sed 's/^d \(.*\) [0-9]* [0-9.]* \([0-9]*\) $/d \1 \2/' | sort; find . -type f -exec sha256sum {} + | sort); }
plant() { # a Maildir with what one may have
	local box=$scratch/mail/example.org/bob
	mkdir -p "$box"/{cur,new,tmp} "$box"/.Sent/{cur,new,tmp}
	printf 'hello\n' >"$box/cur/1.host:2,S"
	head -c 300000 /dev/urandom >"$box/cur/2.host:2,"
	: >"$box/new/3.host"
	printf 'sent\n' >"$box/.Sent/cur/4.host:2,S"
	printf 'x' >"$box/cur/$(printf 'b\366b')" # a name that is no UTF-8
	mkdir "$box/.$(printf 'Entw\303\274rfe')"
	touch -d '2019-03-01 10:00:00.123456789' "$box/cur/1.host:2,S"
	chmod 640 "$box/cur/2.host:2,"
	own
}
archive() { printf 'address: bob@example.org\n\ndn: mail=bob@example.org\nmail: bob@example.org\n' | ask archive example.org/bob/ example.org 3>"$1"; } # FILE

# ---- there and back
plant
tree_of "$scratch/mail/example.org/bob" >"$scratch/before"
told=$(archive "$scratch/one.tar.zst") || fail 'it cannot be archived'
[[ $told == *$'files: 5\n'* ]] || fail "other counts: $told"
inventory=$(sed -n 's/^inventory: //p' <<<"$told")
zstd -dqc "$scratch/one.tar.zst" | tar -t >"$scratch/members" 2>/dev/null || fail 'tar and zstd do not read it'
grep -Fx 'mail/cur/1.host:2,S' "$scratch/members" >/dev/null || fail "tar sees something else: $(cat "$scratch/members")"
[ "$(ask take example.org/bob/ example.org one "$inventory")" = 'done' ] || fail 'it is not what was archived'
[ ! -e "$scratch/mail/example.org/bob" ] || fail 'it is still there'
digest=$(ask check <"$scratch/one.tar.zst" | sed -n 's/^mail-sha256: //p')
ask extract back "$digest" <"$scratch/one.tar.zst" || fail 'it cannot be unpacked'
[ "$(ask holds example.org/bob example.org <"$scratch/one.tar.zst")" = absent ] || fail 'it is there already'
ask release back example.org/bob/ example.org || fail 'it does not get its place'
tree_of "$scratch/mail/example.org/bob" >"$scratch/after"
diff "$scratch/before" "$scratch/after" || fail 'something else came back'
[ "$(ask holds example.org/bob example.org <"$scratch/one.tar.zst")" = yes ] || fail 'what came back is not what was archived'
rm "$scratch/mail/example.org/bob/new/3.host"
[ "$(ask holds example.org/bob example.org <"$scratch/one.tar.zst")" = no ] || fail 'what is missing is not missed'
ask extract again "$digest" <"$scratch/one.tar.zst"
expect 73 'already' ask release again example.org/bob/ example.org
ask empty one >/dev/null && ask empty again >/dev/null
[ -z "$(ask names)" ] || fail "the trash holds $(ask names)"
expect 65 'changes while it is read' ask extract back 0000 <"$scratch/one.tar.zst"

# ---- a disk that is full
(ulimit -f 100; archive "$scratch/full.tar.zst" >"$scratch/said" 2>&1); [ $? = 75 ] || fail 'a file that may grow no more'
grep 'cannot write the archive: .*File too large' "$scratch/said" >/dev/null || fail "a file that may grow no more: $(cat "$scratch/said")"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	unshare -m bash -c 'mount -t tmpfs -o size=64k none "$1/archives" && printf "address: x\n\ndn: x\n" | "${@:2}" 3>"$1/archives/full"' - "$scratch" "$store" 0 "$scratch/mail" "$user" "$group" archive example.org/bob example.org 2>"$scratch/said"
	grep 'No space left' "$scratch/said" >/dev/null || fail "a full file system: $(cat "$scratch/said")"
	# ---- another file system within a Maildir, and in the place of one
	for expected in x ''; do
		unshare -m bash -c 'mount -t tmpfs none "$1/mail/example.org/bob/new" && "${@:2}"' - "$scratch" "$store" 0 "$scratch/mail" "$user" "$group" take example.org/bob example.org two "$expected" 2>"$scratch/said" && fail 'what is mounted in it is no reason'
	done
	[ -e "$scratch/mail/example.org/bob/cur" ] || fail 'it was taken with what is mounted in it'
	unshare -m bash -c 'mount --bind "$1/mail/example.org/bob" "$1/mail/example.org/bob" && "${@:2}"' - "$scratch" "$store" 0 "$scratch/mail" "$user" "$group" take example.org/bob example.org two '' 2>"$scratch/said"
	grep 'another file system' "$scratch/said" >/dev/null || fail "a mount in its place: $(cat "$scratch/said")"
fi

# ---- a message that comes while it is archived: later than the inventory, so that nothing of it is taken
inventory=$(archive /dev/null | sed -n 's/^inventory: //p')
printf 'late\n' >"$scratch/mail/example.org/bob/new/5.host"; own
expect 75 'changed meanwhile' ask take example.org/bob example.org one "$inventory"
[ -s "$scratch/mail/example.org/bob/new/5.host" ] || fail 'mail is lost'

# ---- who may
expect 78 'never touched as root' "$store" 0 "$scratch/mail" 0 0 names
[ "$(id -u)" != 0 ] || expect 77 'this runs as user' setpriv --reuid=1 --regid=1 --clear-groups "$store" 0 "$scratch/mail" "$user" "$group" names
expect 64 'for mailctl' "$store"
expect 64 'for mailctl' "$store" --help
if [ "$(id -u)" = 0 ]; then
	chown -R 4711 "$scratch/mail/example.org/bob"
	expect 77 'belongs to user 4711' ask take example.org/bob example.org one ''
	own
fi

# ---- archives that nobody should believe
python3 "$here/make_archives.py" "$scratch/archives" || fail 'the archives cannot be made'
echo precious >"$scratch/outside/file"
tree_of "$scratch/outside" >"$scratch/before"
digest=$(ask check <"$scratch/archives/good.tar.zst" | sed -n 's/^mail-sha256: //p')
ask extract good "$digest" <"$scratch/archives/good.tar.zst" || fail 'the good one is refused'
[ "$(cat "$scratch/mail/.vmail-trash/good/cur/1.host:2,S")" = hello ] || fail 'the good one is not unpacked'
count=0
for archive in "$scratch"/archives/hostile-*.tar.zst; do
	count=$((count + 1))
	expect 65 "$(cat "${archive%.tar.zst}.says")" ask extract bad 0000 <"$archive"
	case $archive in
	*-twice.tar.zst | *-through-* | *-no-folder.*) ;; # seen as it is unpacked
	*) expect 65 "$(cat "${archive%.tar.zst}.says")" ask check <"$archive" ;;
	esac
done
[ "$count" -ge 45 ] || fail "only $count hostile archives"
digest=$(ask check <"$scratch/archives/links.tar.zst" | sed -n 's/^mail-sha256: //p')
ask extract links "$digest" <"$scratch/archives/links.tar.zst" || fail 'a symbolic link keeps the mail away'
[ -z "$(find "$scratch/mail" -type l)" ] || fail 'a symbolic link was made'
tree_of "$scratch/outside" >"$scratch/after"
diff "$scratch/before" "$scratch/after" || fail 'something outside changed'
[ "$(ls -A "$scratch/mail" | sort | tr '\n' ' ')" = '.vmail-trash example.org ' ] || fail "there is more: $(ls -A "$scratch/mail")"

# ---- nobody waits for it any more
expect 130 "whoever asked is gone" "$store" 1 "$scratch/mail" "$user" "$group" names

# ---- whoever loads libarchive
ldd "$MAILCTL" | grep libarchive && fail 'each start of mailctl loads libarchive'
[ "$failures" = 0 ] || { echo "$failures failures" >&2; exit 1; }
