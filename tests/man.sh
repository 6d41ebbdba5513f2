#!/bin/bash
# Manual pages have no errors, read the same in mandoc and in groff, and every program that is installed has one, which tells of each of its flags and of no
# other.
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

for program in mailctl mailctl-expire mbox2maildir nis2ldif; do
	compgen -G "$program.[18]" >/dev/null || bad "no page of $program"
done
for page in *.[1-8]; do
	[ -e "$page" ] || continue
	mandoc -T lint -W warning "$page" || status=1
	grep -qF "$page" CMakeLists.txt || bad "$page is not installed"
	mandoc -T utf8 "$page" | characters >"$scratch/mandoc"
	groff -ww -mdoc -Tutf8 -rHY=0 -P-cbou "$page" 2>"$scratch/warnings" | characters >"$scratch/groff"
	[ ! -s "$scratch/warnings" ] || bad "$page: $(cat "$scratch/warnings")"
	[ -s "$scratch/groff" ] && cmp -s "$scratch/mandoc" "$scratch/groff" ||
		bad "$page reads differently: $(cmp "$scratch/mandoc" "$scratch/groff" 2>&1)"
done

# What --help and its page say of flags.
in_page() { mandoc -T utf8 -O width=500 "$1" | sed 's/.\x08//g' | grep -oE '(^|[^[:alnum:]-])(-[a-zA-Z]|--[a-z][a-z-]+)\b' | grep -oE -- '-.*' | sort -u; }
explained() { grep -E '^\.It Fl ' "$1" | grep -oE '(Fl|,) -[a-z][a-z-]+' | sed 's/^.* /-/' | sort -u; }
in_help() { grep -oE '^  (-[a-zA-Z]|--[a-z-]+)(,--?[a-z-]+)*' | tr -d ' ' | tr , '\n'; }
all_help() {
	"$@" --help
	[ "${1##*/}" = mailctl ] || return 0
	"$1" help | awk -f ../tests/support/commands.awk >"$scratch/commands"
	# shellcheck disable=SC2086 # words
	while read -r command; do "$1" $command --help; done <"$scratch/commands"
}
for program in "$MAILCTL" "$EXPIRE" "$NIS2LDIF" "$MBOX2MAILDIR"; do
	page=$(echo "${program##*/}".[18])
	all_help "$program" | in_help | sort -u >"$scratch/help"
	[ "$(wc -l <"$scratch/help")" -gt 10 ] || bad "${program##*/} --help names hardly any flag"
	printf '%s\n' -h --help >>"$scratch/help"
	while read -r flag; do bad "$page says nothing of $flag"; done < <(comm -13 <(in_page "$page") <(sort -u "$scratch/help"))
	while read -r flag; do bad "$page tells of $flag, and ${program##*/} has none"; done < <(comm -23 <(explained "$page") <(sort -u "$scratch/help"))
done
exit $status
