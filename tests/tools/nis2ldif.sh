#!/bin/bash
# nis2ldif on the maps of tests/data/trieste: what it writes, what it says, what it refuses, and whether slapd takes it.
# usage: nis2ldif.sh [PATH-OF-NIS2LDIF]
set -euo pipefail

nis2ldif=$(realpath -- "${1:-${NIS2LDIF:?give the path of nis2ldif}}")
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
maps=$root/tests/data/trieste
dir=$(mktemp -d)
. "$root/tests/support/plain_slapd.bash"
trap 'end_slapd; rm -rf -- "$dir"' EXIT
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1600000000

failures=0
check() { # WHAT WANTED GOT
	[ "$2" = "$3" ] && return
	printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
	failures=$((failures + 1))
}
run() { # ARGS...: sets status; LDIF in $dir/out, report and errors in $dir/err
	status=0
	"$nis2ldif" --domain fis.example.org --base dc=example,dc=org --min-uid 500 "$@" >"$dir/out" 2>"$dir/err" || status=$?
}
count() { grep -c -- "$1" "$2" || true; }

# ---- progress: on a terminal, gone in the end, and not among the entries
on_terminal() { # ARGS...: what the terminal sees
	python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) and 1)' "$nis2ldif" --domain fis.example.org --base dc=example,dc=org "$@" </dev/null || true
}
on_terminal --passwd "$maps/passwd" --out "$dir/seen.ldif" --report "$dir/seen.report" >"$dir/seen"
check 'progress tells of the end' 1 "$(grep -c 'writing: 100 %' "$dir/seen")"
check 'the line of progress goes away' "$(printf '\r\033[K')" "$(tail -c 4 "$dir/seen")"
on_terminal --passwd "$maps/passwd" --report "$dir/seen.report" >"$dir/seen"
check 'no progress between entries' 0 "$(count 'writing:' "$dir/seen")"
run --passwd "$maps/passwd" --out "$dir/seen.ldif"
check 'no progress without a terminal' 0 "$(count 'writing:' "$dir/err")"

# ---- the site's files, with every odd line
cd "$maps"
run --passwd passwd --shadow shadow --group group --netgroup netgroup --aliases aliases --include-root root --with-base --out "$dir/site.ldif" --report "$dir/site.report"
check 'lines were skipped' 1 "$status"
check 'nothing on standard output' '' "$(cat "$dir/out")"
check 'nothing on standard error' '' "$(cat "$dir/err")"
check 'the file is for its owner alone' 600 "$(stat -c %a "$dir/site.ldif")"
check passwd 'passwd: 222 lines = 8 comment/blank + 186 entry + 0 merged + 28 skipped' "$(grep '^passwd: ' "$dir/site.report")"
check shadow 'shadow: 192 lines = 0 comment/blank + 0 entry + 182 merged + 10 skipped' "$(grep '^shadow: ' "$dir/site.report")"
check group 'group: 47 lines = 3 comment/blank + 37 entry + 1 merged + 6 skipped' "$(grep '^group: ' "$dir/site.report")"
check netgroup 'netgroup: 34 lines = 7 comment/blank + 18 entry + 4 merged + 5 skipped' "$(grep '^netgroup: ' "$dir/site.report")"
check aliases 'aliases: 666 lines = 36 comment/blank + 331 entry + 271 merged + 28 skipped' "$(grep '^aliases: ' "$dir/site.report")"
check accounts 186 "$(count '^objectClass: VirtualMailAccount' "$dir/site.ldif")"
check groups 37 "$(count '^objectClass: posixGroup' "$dir/site.ldif")"
check netgroups 18 "$(count '^objectClass: nisNetgroup' "$dir/site.ldif")"
check 'netgroups are counted' 1 "$(count '^written: .* 37 groups, 18 netgroups, ' "$dir/site.report")"
check 'skipped lines of passwd are named' 28 "$(count '^passwd:[0-9]*: SKIP ' "$dir/site.report")"
check 'the first line wins' 1 "$(count '^passwd:90: SKIP duplicate-login: jdoe: line 56 ' "$dir/site.report")"
check 'no hash in the report' '' "$(cut -d: -f2 shadow | awk 'length > 8' | grep -F -f - "$dir/site.report" || true)"
check 'no version line' 0 "$(count '^version:' "$dir/site.ldif")"
check 'no long line' 0 "$(awk 'length > 76' "$dir/site.ldif" | wc -l)"

# ---- the odd lines of the README, one by one: those that it calls SKIP, and no other, are skipped
sed -n 's/^| \([a-z]*:[0-9-]*\) |.*| SKIP |.*/\1/p' README.md |
	awk -F'[:-]' '{ for (i = $2; i <= ($3 ? $3 : $2); ++i) print $1 ":" i }' | sort >"$dir/wanted"
sed -n 's/^\([a-z]*:[0-9-]*\): SKIP .*/\1/p' "$dir/site.report" |
	awk -F'[:-]' '{ for (i = $2; i <= ($3 ? $3 : $2); ++i) print $1 ":" i }' | sort >"$dir/got"
check 'the lines of the README are skipped' '' "$(diff "$dir/wanted" "$dir/got" || true)"

# ---- once more, to standard output: the same bytes
run --passwd passwd --shadow shadow --group group --netgroup netgroup --aliases aliases --include-root root --with-base
check 'the same maps give the same bytes' '' "$(cmp "$dir/out" "$dir/site.ldif" 2>&1)"
check 'the report is the same' '' "$(cmp "$dir/err" "$dir/site.report" 2>&1)"

# ---- as NIS serves them
run --passwd keyed/passwd.byname --shadow keyed/shadow.byname --group keyed/group.byname --netgroup keyed/netgroup --aliases keyed/mail.aliases --out "$dir/keyed.ldif" --with-base
check 'keyed accounts' 186 "$(count '^objectClass: VirtualMailAccount' "$dir/keyed.ldif")"
check 'keyed groups' 30 "$(count '^objectClass: posixGroup' "$dir/keyed.ldif")"
check 'keyed netgroup' 'keyed/netgroup: 24 lines = 2 comment/blank + 18 entry + 0 merged + 4 skipped' "$(grep '^keyed/netgroup: ' "$dir/err")"
check 'keyed passwd' 'keyed/passwd.byname: 202 lines = 4 comment/blank + 186 entry + 0 merged + 12 skipped' "$(grep '^keyed/passwd.byname: [0-9]* lines' "$dir/err")"

# ---- the map files of ypserv themselves, made by its own makedbm: what they give is what makedbm -u prints of them
if ypserv=$("$root/tests/support/unpack-packages" ypserv 2>"$dir/log") && makedbm=$ypserv/usr/lib/yp/makedbm && "$makedbm" --version >"$dir/log" 2>&1; then
	mkdir "$dir/yp"
	for map in passwd shadow group; do sed 's/^\([^:]*\):/\1 &/' "$map" >"$dir/keyed" && "$makedbm" "$dir/keyed" "$dir/yp/$map.byname" 2>"$dir/log"; done
	"$makedbm" --aliases aliases "$dir/yp/mail.aliases" 2>"$dir/log"
	"$makedbm" netgroup "$dir/yp/netgroup" 2>"$dir/log"
	for map in passwd.byname shadow.byname group.byname mail.aliases netgroup; do "$makedbm" -u "$dir/yp/$map" | sort -t "$(printf '\t')" -k 1,1 >"$dir/yp/$map.text"; done
	given() { # SUFFIX: the options
		printf '%s\n' --passwd "$dir/yp/passwd.byname$1" --shadow "$dir/yp/shadow.byname$1" --group "$dir/yp/group.byname$1" --netgroup "$dir/yp/netgroup$1" --aliases "$dir/yp/mail.aliases$1"
	}
	# shellcheck disable=SC2046
	run $(given .text) --keyed --out "$dir/text.ldif" --report "$dir/text.report"
	# shellcheck disable=SC2046
	run $(given '') --with-base --out "$dir/gdbm.ldif" --report "$dir/gdbm.report"
	check 'accounts of the map file' 186 "$(count '^objectClass: VirtualMailAccount' "$dir/gdbm.ldif")"
	check 'netgroups of the map file' 18 "$(count '^objectClass: nisNetgroup' "$dir/gdbm.ldif")"
	# shellcheck disable=SC2046
	run $(given '')
	check 'a map file and its text give the same bytes' '' "$(cmp "$dir/out" "$dir/text.ldif" 2>&1)"
	check 'and the same sums' '' "$(diff <(sed -n 's/^.*: \([0-9]* lines = \)/\1/p' "$dir/err") <(sed -n 's/^.*: \([0-9]* lines = \)/\1/p' "$dir/text.report"))"
	check 'the key is named' 1 "$(count 'passwd.byname:[0-9]*: SKIP bad-uid: nbattist: ' "$dir/gdbm.report")"
	run --passwd - <"$dir/yp/passwd.byname"
	check 'a map file as standard input' 186 "$(count '^objectClass: VirtualMailAccount' "$dir/out")"
	status=0
	cat "$dir/yp/passwd.byname" | "$nis2ldif" --domain fis.example.org --base dc=example,dc=org --passwd - >"$dir/out" 2>"$dir/err" || status=$?
	check 'a map file through a pipe' '65 1' "$status $(count 'not through a pipe' "$dir/err")"
	head -c 9000 "$dir/yp/passwd.byname" >"$dir/short"
else
	echo 'no makedbm: the map files of ypserv were left out'
	printf '\xcf\x9a\x57\x13short' >"$dir/short"
fi

# ---- with the homes: forwards of their owners, one that nobody heeded, one that the alias map overrules
homes=$dir/homes
forward() { # HOME TEXT
	mkdir -p -- "$homes$1" && printf '%s' "$2" >"$homes$1/.forward"
}
forward /users/teoria/rossi $'# in viaggio\n\\rossi, p.rossi@example.net\n'
forward /users/hep/zerjal $'zerjal@example.com\n"|/usr/bin/vacation zerjal"\n'
forward /users/teoria/degrassi $'intruso@example.net\n'
chmod 666 "$homes/users/teoria/degrassi/.forward"
forward /home/petronio $'mai@example.net\n'
run --passwd passwd --shadow shadow --aliases aliases --forwards "$homes" --with-base --out "$dir/homes.ldif"
check 'forwards are counted' 'forwards: 6 lines = 1 comment/blank + 0 entry + 3 merged + 2 skipped' "$(sed -n '/^forwards: [0-9]/p' "$dir/err" )"
check 'a copy is kept' 1 "$(count "^$homes/users/teoria/rossi/.forward:2: WARN kept-copy: " "$dir/err")"
check 'vacation' 1 "$(count "^$homes/users/hep/zerjal/.forward:2: WARN vacation-program: .*mailctl vacation" "$dir/err")"
check 'open to everybody' 1 "$(count "^$homes/users/teoria/degrassi/.forward:1: SKIP forward-ignored: " "$dir/err")"
check 'overruled by the alias map' 1 "$(count "^$homes/home/petronio/.forward:1: SKIP forward-unused: " "$dir/err")"
check 'forwards of the files' 'p.rossi@example.net zerjal@example.com' "$(sed -n 's/^maildrop: \(p.rossi@.*\|zerjal@example.com\)$/\1/p' "$dir/homes.ldif" | sort | xargs)"
check 'the note is gone' 0 "$(count 'were not looked at' "$dir/err")"
printf 'rossi %s\n' "$homes/users/teoria/rossi/.forward" >"$dir/list"
run --passwd passwd --forwards - <"$dir/list"
check 'a list of files' '-: 1 lines = 0 comment/blank + 0 entry + 1 merged + 0 skipped' "$(grep '^-: [0-9]* lines' "$dir/err")"

# ---- the lists to a list server: none of their members is lost
run --passwd passwd --aliases aliases --include-root root --lists mailman --lists-members "$dir/lists" --with-base --out "$dir/lists.ldif"
check 'the folder is for its owner alone' 700 "$(stat -c %a "$dir/lists")"
check 'so are the files' 600 "$(stat -c %a "$dir/lists"/*.members | sort -u)"
check 'the lists of the README are there' '' "$(LC_ALL=C awk -F: '/^[^ \t#]/ { name[$1] } END { for (n in name) if (("owner-" n) in name) print n }' aliases |
	while read -r list; do grep -qx "maildrop: $list@lists.fis.example.org" "$dir/lists.ldif" || echo "$list"; done)"
members_of() { sed -n "/^mail: $1@/,/^\$/s/^maildrop: //p" "$2" | sort; }
run --passwd passwd --aliases aliases --include-root root --out "$dir/plain.ldif"
for list in spin rivelatore telescopio; do
	check "the members of $list are the targets that it had" '' "$(diff <(sort "$dir/lists/$list.members") <(members_of "$list" "$dir/plain.ldif"))"
	check "the owners of $list" '' "$(diff <(sort "$dir/lists/$list.owners") <(members_of "owner-$list" "$dir/plain.ldif"))"
done

# ---- from standard input, as JSON, and a conversion without a word
run --passwd - --report-format json <passwd
check 'JSON names the map' 1 "$(count '"file":"-","lines":222,"blank":8,"entry":186,"merged":0,"skipped":28' "$dir/err")"
! command -v python3 >/dev/null || check 'JSON is JSON' 0 "$(python3 -c 'import json, sys; json.load(sys.stdin)' <"$dir/err" >&2; echo $?)"
printf 'ada:*:1001:100:Ada Bressan:/home/ada:/bin/sh\n' >"$dir/one"
run --passwd "$dir/one"
check 'nothing was skipped' 0 "$status"

# ---- what is refused: one sentence, the right status, and no file
refused() { # STATUS WORD ARGS...
	local wanted=$1 word=$2
	shift 2
	run --out "$dir/none.ldif" "$@"
	check "status of $*" "$wanted" "$status"
	check "sentence of $*" 1 "$(count "error: .*$word" "$dir/err")"
	check "no file of $*" '' "$(find "$dir" -name 'none.ldif*')"
}
head -c 20 passwd | gzip >"$dir/gzip"
iconv -f latin1 -t utf-16 passwd >"$dir/utf16"
iconv -f latin1 -t utf-16le passwd >"$dir/utf16le"
tr '\n' '\r' <group >"$dir/cr"
head -c 5000 "$nis2ldif" >"$dir/program"
refused 66 'No such file' --passwd "$dir/missing"
refused 66 'Is a directory' --passwd "$dir"
refused 65 gzip --passwd "$dir/gzip"
refused 65 UTF-16 --passwd "$dir/utf16"
refused 65 'gdbm file is damaged' --passwd "$dir/short"
printf '%12s\x61\x15\x06\x00%500s' '' '' | tr ' ' '\0' >"$dir/aliases.db"
refused 65 postalias --aliases "$dir/aliases.db"
check 'what to give instead' 1 "$(count 'hint: .*postalias -s.*makemap -u' "$dir/err")"
refused 65 binary --passwd "$dir/utf16le"
refused 65 CR --group "$dir/cr"
refused 65 program --aliases "$dir/program"
if [ "$(id -u)" -ne 0 ]; then
	cp passwd "$dir/locked" && chmod 0 "$dir/locked"
	refused 66 'Permission denied' --passwd "$dir/locked"
fi
refused 64 'no map' --with-base
refused 64 'standard input' --passwd - --group -
refused 64 'need --passwd' --shadow shadow
refused 64 domain --passwd passwd --domain 'not a domain'
refused 64 base --passwd passwd --base 'not a dn'
refused 64 quota --passwd passwd --quota lots
refused 64 expires --passwd passwd --expires 2026-02-30
run --passwd passwd --expires 2020-01-01 --time-zone UTC
check 'an end that is past is told' 1 "$(count '^note: --expires is past (2020-01-01): the first expiry run disables all accounts$' "$dir/err")"
run --passwd passwd --expires 2999-01-01 --time-zone UTC
check 'one that lies ahead is not' 0 "$(count 'is past' "$dir/err")"
refused 64 charset --passwd passwd --charset ebcdic
refused 64 netgroups --netgroup netgroup --only mail
refused 65 gzip --netgroup "$dir/gzip"
refused 65 UTF-16 --netgroup "$dir/utf16"
refused 65 CR --netgroup "$dir/cr"
refused 66 'No such file' --netgroup "$dir/missing"
printf 'fonda.* sistemisti,backup\n' >"$dir/netgroup.byuser"
refused 65 netgroup.byuser --netgroup "$dir/netgroup.byuser"
run --netgroup - --no-domain <netgroup
check 'netgroup from standard input' '-: 34 lines = 7 comment/blank + 18 entry + 4 merged + 5 skipped' "$(grep '^-: [0-9]* lines' "$dir/err")"
refused 64 'needs --passwd' --aliases aliases --forwards "$dir"
refused 64 forwards --passwd passwd --forwards "$dir" --only unix
refused 64 'standard input' --passwd - --forwards -
refused 66 'No such file' --passwd passwd --forwards "$dir/missing"
refused 65 gzip --passwd passwd --forwards "$dir/gzip"
refused 64 'needs --aliases' --passwd passwd --lists mailman --lists-members "$dir/lists"
refused 64 'needs --lists-members' --aliases aliases --lists mailman
refused 64 'need --lists mailman' --aliases aliases --lists-members "$dir/lists"
refused 64 'domain of their own' --aliases aliases --lists mailman --lists-members "$dir/lists" --lists-domain FIS.example.org
refused 78 'cannot make' --aliases aliases --lists mailman --lists-members "$dir/none/none"
refused 64 nonsense --passwd passwd --nonsense

# ---- an output takes the place of no input, and of no other output
state() { (cd "$1" && find . -printf '%p %y %s %T@\n' | sort && find . -type f -exec sha256sum {} + | sort) | sha256sum; }
mkdir -p "$dir/way/homes/home/ada" "$dir/way/root/etc" "$dir/way/lists"
for map in passwd shadow group netgroup aliases; do cp "$map" "$dir/way/$map"; done
: >"$dir/way/adjunct"
printf 'ada /home/ada/.forward\n' >"$dir/way/forwards"
printf 'bob@example.net\n' >"$dir/way/homes/home/ada/.forward"
cp aliases "$dir/way/lists/all.members"
ln "$dir/way/passwd" "$dir/way/same"
ln -s passwd "$dir/way/link"
ln -s homes "$dir/way/link-to-homes"
ln -s homes/new "$dir/way/link-to-nothing"
before=$(state "$dir/way")
in_the_way() { # WORD ARGS...: refused, and nothing of it is touched
	run "${@:2}"
	check "status of ${*:2}" 64 "$status"
	check "sentence of ${*:2}" 1 "$(count "error: .*$1" "$dir/err")"
	check "nothing is touched by ${*:2}" "$before" "$(state "$dir/way")"
}
cd "$dir/way"
for output in --out --report; do
	for map in shadow adjunct group netgroup aliases; do
		in_the_way 'would replace' --passwd passwd "--$map" "$map" $output "$map"
	done
	for name in passwd ./passwd same link homes/../passwd "$dir/way/passwd"; do
		in_the_way 'would replace' --passwd passwd $output "$name"
		in_the_way 'would replace' --passwd link $output "$name"
	done
	in_the_way 'would replace' --passwd passwd --forwards forwards $output forwards
	for name in homes/home/ada/.forward homes/new link-to-homes/new link-to-nothing; do
		in_the_way 'lies in' --passwd passwd --forwards homes $output "$name"
	done
	in_the_way 'lies in' --passwd passwd --aliases aliases --include-root root $output root/etc/new
	in_the_way 'may be named as a list' --passwd passwd --aliases aliases --lists mailman --lists-members lists $output lists/new.owners
done
in_the_way 'would replace the LDIF' --passwd passwd --out new --report new
in_the_way 'would replace the LDIF' --passwd passwd --out homes/../new --report ./new
in_the_way 'may be named as a list' --passwd passwd --aliases lists/all.members --lists mailman --lists-members lists
in_the_way 'lies in' --passwd passwd --aliases aliases --include-root root --lists mailman --lists-members root/etc
in_the_way 'lies in' --passwd passwd --aliases aliases --include-root root --lists mailman --lists-members root/new/
"$nis2ldif" --domain example.org --base dc=example,dc=org --passwd passwd --report /dev/stdout >"$dir/both" 2>"$dir/err" && status=0 || status=$?
check 'standard output under two names' '64 1' "$status $(count 'would replace the LDIF' "$dir/err")"
run --passwd passwd --out /dev/null --report /dev/null
check 'devices are not replaced' 1 "$status"
run --passwd passwd --forwards / --out "$dir/of-this-machine"
check 'the tree may be that of this machine' yes "$([ -s "$dir/of-this-machine" ] && echo yes)"
cd "$maps"

run --passwd passwd --out "$dir/no/such/folder"
check 'an output folder that is missing' 78 "$status"
if [ -w /dev/full ]; then
	run --passwd passwd --out /dev/full
	check 'a full disk' 75 "$status"
fi
run --passwd passwd --domian example.org
check 'a typing error is named, and not what it hides' 1 "$(count 'there is no option --domian' "$dir/err")"
printf 'old\n' >"$dir/kept"
run --passwd "$dir/gzip" --out "$dir/kept"
check 'a failed run leaves the old file' old "$(cat "$dir/kept")"

# ---- three ways into a directory
have_slapd || { echo 'no slapadd: the loads were left out'; exit $((failures > 0)); }
for ldif in site keyed homes lists; do
	entries=$(count '^dn:' "$dir/$ldif.ldif")
	fresh
	check "$ldif: slapadd" 0 "$("$slapadd" -f "$dir/slapd.conf" -l "$dir/$ldif.ldif" >"$dir/log" 2>&1; echo $?)"
	fresh
	check "$ldif: slapadd with value check" 0 "$("$slapadd" -o value-check=yes -f "$dir/slapd.conf" -l "$dir/$ldif.ldif" >"$dir/log" 2>&1; echo $?)"
	serve
	status=0
	ldapadd "${manager[@]}" -f "$dir/$ldif.ldif" >"$dir/added" 2>"$dir/log" || status=$?
	check "$ldif: ldapadd" 0 "$status"
	check "$ldif: every entry was added" "$entries" "$(count '^adding new entry' "$dir/added")"
	if [ "$ldif" = site ]; then
		bind() { # LOGIN PASSWORD: the status of a simple bind
			local dn
			dn=$(ldapsearch -LLL -o ldif-wrap=no -x -H "$socket" -b dc=example,dc=org "(uid=$1)" dn | sed -n 's/^dn: //p')
			local rc=0
			ldapwhoami -x -H "$socket" -D "$dn" -w "$2" >/dev/null 2>&1 || rc=$?
			echo "$rc"
		}
		# DES, DES with ageing in passwd, extended DES, $1$, $2y$, $5$, $6$, $y$, {SSHA}
		for login in degrassi lsaba webmaster furlan rstarec gcok mlegisa pjones gridadm; do
			check "$login logs in with the old password" 0 "$(bind "$login" "pw-$login")"
		done
		check 'a wrong password' 49 "$(bind furlan pw-rossi)"
		for login in lonzar tamaro hofer hepsw jdoe xiaoli wiki; do check "$login is locked" 49 "$(bind "$login" "pw-$login")"; done
	fi
	end_slapd
done

[ "$failures" -eq 0 ] || { printf '%s checks failed\n' "$failures"; exit 1; }
echo 'all checks passed'
