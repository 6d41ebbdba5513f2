#!/bin/bash
# Alias maps of a size and a shape that nobody has tried: each takes about a second, and would take hours or all memory if any step grew with the
# square of names, targets or bytes, or with the number of ways through the lists.
set -euo pipefail

nis2ldif=$(realpath -- "${1:-${NIS2LDIF:?give the path of nis2ldif}}")
dir=$(mktemp -d)
trap 'rm -rf -- "$dir"' EXIT
cd -- "$dir"
python3 - <<'PYTHON'
N = 100_000

def write(name, lines):
    with open(name, "w") as out:
        out.writelines(line + "\n" for line in lines)

def outside(n, tag="x"):
    return ", ".join(f"{tag}{i}@example.net" for i in range(n))

write("passwd", (f"u{i}:*:{1000 + i}:100::/home/u{i}:/bin/sh" for i in range(2000)))
write("targets", [f"l: {outside(N)}"])
write("local-targets", ["l: " + ", ".join(f"u{i % 2000}" for i in range(N))])
write("unknown-targets", ["l: " + ", ".join(f"nobody{i}" for i in range(N))])
write("equal-targets", ["l: " + "x@example.net, " * N])
write("line-of-10-MB", [f"l: {outside(430_000, 'member')}"])
write("open-quotes", ["l: " + '"a,' * 3_000_000])
write("open-comments", ["l: " + "(" * 10_000_000])
write("open-brackets", ["l: " + '<"' * 5_000_000])
write("at-signs", ["l: " + "a@" * 5_000_000])
write("backslashes", ["l: " + "\\a" * 5_000_000])
write("colons", ["l: " + "a: " * 3_000_000])
write("long-name", ["a" * 10_000_000 + ": u1"])
write("no-colon", ['"' + "a" * 10_000_000])
write("continuations", ["l: u1", *(f"  ,x{i}@example.net" for i in range(N))])
write("comments-between", ["l: u1", *(f"# c\n  ,x{i}@example.net" for i in range(N))])
write("backslash-newlines", ["l: u1, \\", *(f"x{i}@example.net, \\" for i in range(N)), "u2"])
write("duplicates", (f"l: x{i}@example.net" for i in range(N)))
write("chain", [*(f"c{i}: c{i + 1}" for i in range(N)), f"c{N}: x@example.net"])
write("chain-backwards", [f"c{N}: x@example.net", *(f"c{i}: c{i + 1}" for i in reversed(range(N)))])
write("dead-chain", (f"c{i}: c{i + 1}" for i in range(N)))
write("loop-of-1000", (f"o{i}: o{(i + 1) % 1000}" for i in range(1000)))
write("loop-with-exits", (f"o{i}: o{(i + 1) % N}, x{i}@example.net" for i in range(N)))
write("loop-of-logins", (f"u{i}: u{(i + 1) % 2000}, x{i}@example.net" for i in range(2000)))
write("loop-with-login", ["u0: l0", *(f"l{i}: l{i + 1}, x{i}@example.net" for i in range(N)), f"l{N}: u0"])
write("all-to-all", (f"o{i}: x@example.net, " + ", ".join(f"o{j}" for j in range(1000)) for i in range(1000)))
write("loops", (f"a{i}: b{i}, x@example.net\nb{i}: a{i}, y@example.net" for i in range(N)))
write("lists-of-lists", ["big: " + ", ".join(f"l{i}" for i in range(1000)), *(f"l{i}: {outside(1000, f'x{i}-')}" for i in range(1000))])
write("two-ways-each", [*(f"d{i}: d{i + 1}, e{i + 1}\ne{i}: d{i + 1}, e{i + 1}" for i in range(N)), f"d{N}: x@example.net", f"e{N}: y@example.net"])
PYTHON

failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
convert() { # MAP: sum of the report in $dir/sum
	local status=0
	(
		ulimit -v 4000000
		timeout 30 "$nis2ldif" --domain example.org --base dc=example,dc=org --plain --dialect "$2" --passwd passwd --aliases "$1" --out ldif --report report
	) || status=$?
	[ "$status" -le 1 ] || fail "$1 ended with $status"
	grep "^$1: [0-9]* lines = " report >sum || fail "$1 has no sum"
}
for map in *; do
	[ "$map" = passwd ] || convert "$map" postfix
done

holds() { # MAP SUM [CODE [HOW-OFTEN]]
	convert "$1" sendmail
	[ "$(cut -d= -f2 sum)" = " $2" ] || fail "$1: $(cat sum)"
	[ $# -lt 3 ] || [ "$(grep -c " $3:" report)" = "${4-1}" ] || fail "$1: $(grep -c " $3:" report) times $3"
}
holds targets '0 comment/blank + 1 entry + 0 merged + 0 skipped' big-list
holds chain '0 comment/blank + 100001 entry + 0 merged + 0 skipped'
holds dead-chain '0 comment/blank + 0 entry + 0 merged + 100000 skipped' no-target 100000
holds loop-of-1000 '0 comment/blank + 0 entry + 0 merged + 1000 skipped' loop-only 1000
holds loop-with-exits '0 comment/blank + 100000 entry + 0 merged + 0 skipped' loop 100000
holds duplicates '0 comment/blank + 1 entry + 99999 merged + 0 skipped' duplicate-alias 99999
holds lists-of-lists '0 comment/blank + 1001 entry + 0 merged + 0 skipped' big-list
holds two-ways-each '0 comment/blank + 200002 entry + 0 merged + 0 skipped' big-list 199982
[ "$failures" -eq 0 ] || exit 1
echo 'all maps were converted'
