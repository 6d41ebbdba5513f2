#!/bin/bash
# Includes point down and never up; libraries of others are seen only where they belong.
#
#   4 tools  3 jobs  2 directory  1 entities  0 values; ldap stands beside the entities, which use it, and knows the values only.
set -euo pipefail
cd "$(dirname "$0")/.."

grep -rnoE '^ *# *include +[<"][^>"]+[>"]' --include=*.hpp --include=*.cpp lib tools migration |
	sed -E 's/^([^:]+):([0-9]+): *# *include +[<"]([^>"]+)[>"]$/\1 \2 \3/' |
	awk '
	# The layer of a file or of an include: "" for what is not ours.
	function layer(path,    name) {
		if (path ~ /^tools\//) return "tools"
		if (path ~ /^migration\//) return "migration"
		sub(/^lib\//, "", path)
		if (path !~ /^vmail\//) return ""
		if (path ~ /^vmail\/jobs\//) return "jobs"
		if (path ~ /^vmail\/ldap\/(session|pipeline|wire)/) return "server"
		if (path ~ /^vmail\/ldap\//) return "ldap"
		name = path
		sub(/^vmail\//, "", name)
		sub(/\.[a-z]+$/, "", name)
		if (name ~ /^directory/) return "directory"
		if (name ~ /^(address|ascii|domain_name|error|export|password|printable|quota|secret|timestamp|utf8)$/) return "values"
		return "entities"
	}
	function complain(why) { print $1 ":" $2 ": " $3 ": " why; bad = 1 }
	BEGIN {
		below["values"] = " values "
		below["ldap"] = " values ldap server "
		below["server"] = " values ldap server "
		below["entities"] = " values ldap entities "
		below["directory"] = " values ldap server entities directory "
		below["jobs"] = " values ldap server entities directory jobs "
		below["migration"] = " values ldap entities migration "
		below["tools"] = " values ldap server entities directory jobs migration tools "
		allowed["ldap"] = "^lib/vmail/ldap/(.*\\.cpp|wire/.*)$"
		allowed["openssl"] = "^lib/vmail/(password|secret)[a-z_]*\\.cpp$"
		allowed["date"] = "^lib/vmail/timestamp\\.cpp$"
		allowed["fmt"] = "\\.cpp$|^tools/"
		allowed["cli or json"] = "^tools/"
	}
	{
		files++
		from = layer($1)
		to = layer($3)
		library = $3 ~ /^(ldap|lber|ldap_schema)\.h$/ ? "ldap" : $3 ~ /^openssl\// ? "openssl" : $3 ~ /^date\// ? "date" : \
			$3 ~ /^fmt\// ? "fmt" : $3 ~ /^(CLI|nlohmann)\// ? "cli or json" : ""
		if (to != "" && index(below[from], " " to " ") == 0) complain(from " must not include " to)
		if (library != "" && $1 !~ allowed[library]) complain("not the place for " library)
	}
	END {
		if (files < 100) { print "only " files + 0 " includes found"; bad = 1 }
		exit bad
	}'

# A public header includes the standard library and public headers.
public=$(sed -n '/^set(public_headers/,/)/p' lib/CMakeLists.txt | grep -oE 'vmail/[a-z_/0-9]+\.hpp')
status=0
for header in $public; do
	for included in $(sed -nE 's/^ *# *include +[<"]([^>"]+)[>"].*/\1/p' "lib/$header"); do
		case $included in
			*/*) grep -qxF "$included" <<<"$public" || { echo "lib/$header: $included is not installed"; status=1; } ;;
			*.*) echo "lib/$header: $included is not of the standard library"; status=1 ;;
		esac
	done
done
exit $status
