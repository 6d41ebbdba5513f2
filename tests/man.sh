#!/bin/bash
# Manual pages have no errors, read the same in mandoc and in groff, and every program that is installed has one, which tells of each of its flags and of no
# other; so has every command of mailctl.
set -euo pipefail
cd "$(dirname "$0")/../man"

command -v mandoc >/dev/null && command -v groff >/dev/null || exit 77
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C.UTF-8 HOME=$scratch MAILCTL_CONFIG=/dev/null
status=0
bad() { echo "$*"; status=1; }

# The characters of a page without what the two lay out in their own way: blanks, hyphenation, dashes, the lines at the top and at the bottom.
characters() { python3 -c '
import re, sys
lines = [line for line in re.sub(".\b", "", sys.stdin.read()).splitlines() if line.strip()]
print(re.sub(r"[\s\u2010-\u2014-]", "", "".join(lines[1:-1])))'; }

for program in mailctl mailctl-expire mailctl-notify mbox2maildir nis2ldif; do
	compgen -G "$program.[18]" >/dev/null || bad "no page of $program"
done
for page in *.[1-8] "$BUILD_DIR"/man/*.1; do
	[ -e "$page" ] || continue
	name=${page##*/}
	if grep -q '^\.so ' "$page"; then # another name of a page
		[ -e "$BUILD_DIR/man/$(sed -n 's|^\.so man1/||p' "$page")" ] || bad "$name leads nowhere"
		continue
	fi
	mandoc -T lint -W warning "$page" || status=1
	[ "$name" != "$page" ] || grep -qF "$page" CMakeLists.txt || bad "$page is not installed"
	mandoc -T utf8 "$page" | characters >"$scratch/mandoc"
	groff -ww -mdoc -Tutf8 -rHY=0 -P-cbou "$page" 2>"$scratch/warnings" | characters >"$scratch/groff"
	[ ! -s "$scratch/warnings" ] || bad "$page: $(cat "$scratch/warnings")"
	[ -s "$scratch/groff" ] && cmp -s "$scratch/mandoc" "$scratch/groff" ||
		bad "$page reads differently: $(cmp "$scratch/mandoc" "$scratch/groff" 2>&1)"
done

# A heading that begins with, or has, what is a macro as well ("An", "In") loses it, and nobody warns.
while read -r line; do bad "a macro is a word of a heading: $line"; done < <(grep -nE '^\.S[sh] (.* )?(A[dnopt]|At|Do|E[mrsx]|Fa|I[cnt]|Li|M[st]|N[dmosx]|O[psx]|Pa|S[motx]|Ta|U[dx])( |$)' ./*.[1-8] ./*.mdoc)

# What --help and its page say of flags.
in_page() { mandoc -T utf8 -O width=500 "$1" | sed 's/.\x08//g' | grep -oE '(^|[^[:alnum:]-])(-[a-zA-Z]|--[a-z][a-z-]+)\b' | grep -oE -- '-.*' | sort -u; }
explained() { sed -n '/^\.It Fl /p' "$1" | { grep -oE 'Fl -?[a-zA-Z][a-z-]*|, -[a-z][a-z-]+' || :; } | sed 's/^.* /-/' | sort -u; } # of some pages nothing
in_help() { { grep -oE '^  (-[a-zA-Z]|--[a-z-]+)(,--?[a-z-]+)*' || :; } | tr -d ' ' | tr , '\n'; }
judge() { # PROGRAM PAGE: the help is in $scratch/help
	[ "$(wc -l <"$scratch/help")" -gt 10 ] || bad "$1 --help names hardly any flag"
	printf '%s\n' -h --help >>"$scratch/help"
	sort -uo "$scratch/help" "$scratch/help"
	while read -r flag; do bad "$2 says nothing of $flag"; done < <(comm -13 <(in_page "$2") "$scratch/help")
	while read -r flag; do bad "$2 tells of $flag, and $1 has none"; done < <(comm -23 <(explained "$2") "$scratch/help")
}
printf '%s\n' --install >"$scratch/all" # of cmake
for program in "$EXPIRE" "$NIS2LDIF" "$MBOX2MAILDIR"; do
	"$program" --help | in_help | sort -u >"$scratch/help"
	judge "${program##*/}" "$(echo "${program##*/}".[18])"
	cat "$scratch/help" >>"$scratch/all"
done

# Of mailctl itself the flags that all commands take, and of each command its own, below its name.
"$MAILCTL" --help | in_help | sort -u >"$scratch/help"
cp "$scratch/help" "$scratch/common"
"$MAILCTL" help | awk -f ../tests/support/commands.awk >"$scratch/commands"
[ "$(wc -l <"$scratch/commands")" -ge 48 ] || bad "only $(wc -l <"$scratch/commands") commands"
below() { awk -v name=".Ss mailctl $2" '/^\.S[sh]/ { inside = $0 == name } inside' "$1"; }
while read -r command; do
	page=$BUILD_DIR/man/mailctl-${command%% *}.1
	# shellcheck disable=SC2086 # words
	"$MAILCTL" $command --help >"$scratch/text"
	grep -qx "Manual: mailctl-${command%% *}(1)" "$scratch/text" || bad "mailctl $command --help does not name its page"
	if grep -q '^\.so ' "$page"; then page=$BUILD_DIR/man/$(sed -n 's|^\.so man1/||p' "$page"); fi
	[ -e "$page" ] || { bad "no page of mailctl $command"; continue; }
	grep -qxF ".Cm ${command// / Cm }" "$page" || bad "${page##*/} has no synopsis of $command"
	below "$page" "$command" >"$scratch/part"
	[ -s "$scratch/part" ] || bad "${page##*/} has nothing of $command"
	sed '/^Flags of all/,$d' "$scratch/text" | in_help | sort -u >"$scratch/own"
	cat "$scratch/own" >>"$scratch/all"
	cmp -s "$scratch/own" <(explained "$scratch/part") || bad "${page##*/} has other flags of $command: $(diff "$scratch/own" <(explained "$scratch/part"))"
done <"$scratch/commands"
"$MAILCTL" --help | in_help | sort -u >"$scratch/help"
while read -r flag; do bad "mailctl.1 says nothing of $flag"; done < <(comm -13 <(in_page mailctl.1) "$scratch/help")
sort -u "$scratch/common" - "$scratch/all" <<<$'-h\n--help' >"$scratch/known"
for page in mailctl.1 "$BUILD_DIR"/man/*.1; do
	while read -r flag; do bad "${page##*/} names $flag, which nothing has"; done < <(comm -23 <(in_page "$page") "$scratch/known")
done
exit $status
