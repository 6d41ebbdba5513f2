#!/bin/bash
# passwd, shadow, group and netgroup of a size and a shape that nobody has tried, .forward files and lists in great numbers: each takes about a second,
# and would take hours or all memory if any step grew with the square of lines, members or bytes.
set -euo pipefail

nis2ldif=$(realpath -- "${1:-${NIS2LDIF:?give the path of nis2ldif}}")
dir=$(mktemp -d)
trap 'rm -rf -- "$dir"' EXIT
cd -- "$dir"
mkdir home
python3 - <<'PYTHON'
N = 100_000

def write(name, lines):
    with open(name, "w") as out:
        out.writelines(line + "\n" for line in lines)

def user(login, uid, gecos=""):
    return f"{login}:*:{uid}:100:{gecos}:/home/{login}:/bin/sh"

write("passwd", (user(f"u{i}", 1000 + i, "Ada Bressan") for i in range(N)))
write("passwd.one-login", (user("ada", 1000 + i) for i in range(3 * N)))
write("passwd.one-uid", (user(f"u{i}", 1000) for i in range(3 * N)))
write("passwd.one-name", (user(f"u{i}", 1000 + i, "Ada Bressan") for i in range(3 * N)))
for shift in (10, 16, 20, 24):
    write(f"passwd.uids-{shift}", (user(f"u{i}", ((i << shift) + (i >> (32 - shift))) % 2**32) for i in range(3 * N)))
write("passwd.bad-lines", ("+ada:x" for _ in range(N)))
write("passwd.gecos-of-5-MB", [user("ada", 1000, "Ada " * 1_250_000), user("bob", 1001, "\u00e0 " * 1_700_000), user("eve", 1002, "x" * 5_000_000)])
write("passwd.commas-of-5-MB", [user("ada", 1000, "," * 5_000_000), user("bob", 1001, "&" * 5_000_000)])
write("passwd.line-of-10-MB", ["a" * 10_000_000, user("ada", 1000), ":" * 10_000_000, user("a" * 10_000_000, 1001), "+" + "a:" * 5_000_000])
write("passwd.home-of-10-MB", [f"ada:*:1000:100:Ada Bressan:{'/h' * 5_000_000}:{'/s' * 5_000_000}"])
write("shadow.one-login", ("u7:*:1:2:3:4:5:6:" for _ in range(N)))
write("shadow.orphans", (f"nobody{i}:*:1x:2x:3x:4x:5x:6x:7x" for i in range(N)))
write("shadow.backwards", (f"u{i}:*:1x:2x:3x:4x:5x:6x:7x:8:9" for i in reversed(range(N))))
write("shadow.colons", ["u1:*" + ":" * 10_000_000])
write("group.one-name", (f"g:x:100:u{i},x{i}" for i in range(N)))
write("group.one-name-gids", (f"g:x:{i}:u{i}" for i in range(N)))
write("group.same-case", (f"{'g' if i % 2 else 'G'}:x:100:u{i}" for i in range(N)))
write("group.members", ["g:x:100:" + ",".join(f"u{i}" for i in range(10 * N))])
write("group.one-member", ["g:x:100:" + "u1," * (10 * N)])
write("group.commas", ["g:x:100:" + "," * 10_000_000])
write("netgroup.triples", ["g " + " ".join(f"(h{i},u{i},)" for i in range(N))])
write("netgroup.one-triple", ["g " + "(h,u,)" * N])
write("netgroup.open", ["g " + "(" * 5_000_000])
write("netgroup.one-name", (f"g (h{i},,)" for i in range(N)))
write("netgroup.members", ["g " + " ".join(f"m{i}" for i in range(N)), *(f"m{i} (h,,)" for i in range(N))])
write("netgroup.in-comment", ["g # " + " ".join(f"m{i}" for i in range(N)), *(f"m{i} (h,,)" for i in range(N))])
write("netgroup.chain", [*(f"c{i} c{i + 1}" for i in range(N)), f"c{N} (h,,)"])
write("netgroup.cycle", (f"c{i} c{(i + 1) % N}" for i in range(N)))
write("netgroup.continued", ["g \\", *(f"  (h{i},,) \\" for i in range(N)), "  (h,,)"])
write("aliases.claims", (f"Ada.Bressan{i}: u7" for i in range(N)))
write("aliases.claims-of-odd-name", (f"a.b{i}: odd" for i in range(N)))
write("passwd.odd-name", [user("odd", 1000, "\u00c4 B C D E F G H I J")])
write("aliases.lists", (f"l{i}: u{i}, x{i}@example.net\nowner-l{i}: u1" for i in range(N // 10)))
write("forwards.list", (f"u{i} {'home/f' if i % 2 else 'home/missing'}" for i in range(N)))
write("home/f", ["x@example.net"])
PYTHON
chmod 644 home/f

failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
seconds=${NIS_SIZE_SECONDS:-30}
convert() { # NAME ARGUMENT...
	local status=0 name=$1 start=$EPOCHREALTIME
	shift
	(
		ulimit -v 6000000
		timeout "$seconds" "$nis2ldif" --domain example.org --base dc=example,dc=org --plain --out ldif --report report "$@" 2>errors
	) || status=$?
	[ -z "${NIS_SIZE_VERBOSE:-}" ] || echo "$name: $((${EPOCHREALTIME/./} - ${start/./})) us, status $status"
	[ "$status" -le 1 ] || fail "$name ended with $status: $(head -c 300 errors)"
}
for map in passwd.* shadow.* group.* netgroup.*; do
	case $map in
	passwd.*) convert "$map" --passwd "$map" ;;
	*) convert "$map" --passwd passwd "--${map%%.*}" "$map" ;;
	esac
	[ "$(wc -c <report)" -le 100000000 ] || fail "$map: a report of $(wc -c <report) bytes"
done

holds() { # NAME SUM FILE CODE HOW-OFTEN
	grep -x "$3: [0-9]* lines = $2" report >/dev/null || fail "$1: $(grep "^$3: [0-9]* lines" report)"
	[ "$(grep -c " $4:" report)" = "$5" ] || fail "$1: $(grep -c " $4:" report) times $4"
}
convert one-name --passwd passwd --group group.one-name
holds one-name '0 comment/blank + 1 entry + 99999 merged + 0 skipped' group.one-name group-merged 99999
[ "$(grep -c '^memberUid:' ldif)" = 200000 ] || fail "one-name: $(grep -c '^memberUid:' ldif) members"
convert in-comment --netgroup netgroup.in-comment
[ "$(grep -c '^memberNisNetgroup:' ldif)" = 100000 ] || fail "in-comment: $(grep -c '^memberNisNetgroup:' ldif) members"
convert cycle --netgroup netgroup.cycle
holds cycle '0 comment/blank + 100000 entry + 0 merged + 0 skipped' netgroup.cycle netgroup-loop 100000
convert claims --passwd passwd --aliases aliases.claims
convert claims-of-odd-name --passwd passwd.odd-name --aliases aliases.claims-of-odd-name
convert forwards --passwd passwd --forwards forwards.list
convert lists --passwd passwd --aliases aliases.lists --lists mailman --lists-members members
[ "$(find members -name '*.members' | wc -l)" = 10000 ] || fail "lists: $(find members -name '*.members' | wc -l) files of members"
[ "$failures" -eq 0 ] || exit 1
echo 'all maps were converted'
