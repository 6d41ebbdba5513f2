#!/bin/bash
# Includes point down and never up; libraries of others are seen only where they belong.
#
#   4 tools  3 jobs  2 directory  1 entities  0 values; ldap stands beside the entities, which use it, and knows of the values only
#   those that any C++ program could use: it works without the mail model.
set -euo pipefail
cd "$(dirname "$0")/.."

grep -rnoE '^ *# *include +[<"][^>"]+[>"]' --include=*.hpp --include=*.cpp lib tools migration |
	sed -E 's/^([^:]+):([0-9]+): *# *include +[<"]([^>"]+)[>"]$/\1 \2 \3/' |
	awk -v tools="$(cd tools && echo */)" -v migration="$(cd migration && echo */)" '
	# The layer of a file or of an include: "" for what is not ours. <cli/output.hpp> is tools/cli/output.hpp.
	function layer(path,    name, folder) {
		folder = " " path
		sub(/\/.*/, "/", folder)
		if (path ~ /^tools\// || index(" " tools, folder)) return "tools"
		if (path ~ /^migration\// || index(" " migration, folder)) return "migration"
		if (path ~ /^lib\/examples\//) return "examples"
		sub(/^lib\//, "", path)
		if (path !~ /^vmail\//) return ""
		if (path ~ /^vmail\/(jobs|check|activity)\//) return "jobs"
		if (path ~ /^vmail\/ldap\/(session|pipeline|wire)/) return "server"
		if (path ~ /^vmail\/ldap\//) return "ldap"
		name = path
		sub(/^vmail\//, "", name)
		sub(/\.[a-z]+$/, "", name)
		if (name ~ /^(directory|configuration|draft|plan|references|domain_usage|domain_rooms|mail_folder|login|claim_keeper|rivals|service_change|standing|unix_numbers)/) return "directory"
		if (name ~ /^(ascii|charset|charset_table|descriptor|error|export|fold|fold_table|nearest|person_name|printable|remedy|resolved_open|secret|settings|user_path|utf8|zone_file)$/) return "plain"
		if (name ~ /^(address|domain_name|local_alias|password|password_form|quota|timestamp)$/) return "values"
		return "entities"
	}
	# NIS and mbox know nothing of each other, and each has its tool.
	function half(path) {
		return path ~ /^(migration\/)?nis\/|^tools\/nis2ldif\// ? "nis" : path ~ /^(migration\/)?mbox\/|^tools\/mbox2maildir\// ? "mbox" : ""
	}
	function complain(why) { print $1 ":" $2 ": " $3 ": " why; bad = 1 }
	BEGIN {
		below["plain"] = " plain "
		below["values"] = below["plain"] "values "
		below["ldap"] = below["server"] = below["plain"] "ldap server "
		below["entities"] = below["values"] "ldap entities "
		below["directory"] = below["entities"] "server directory "
		below["jobs"] = below["directory"] "jobs "
		below["examples"] = below["jobs"]
		below["migration"] = below["entities"] "migration "
		below["tools"] = below["jobs"] "migration tools "
		allowed["ldap"] = "^lib/vmail/ldap/(.*\\.cpp|wire/.*)$"
		allowed["openssl"] = "^(lib/vmail/(password|secret)[a-z_]*|lib/vmail/ldap/wire/(peer_certificate|certificate_fault)|lib/vmail/mail_store/digest|migration/mbox/checksum)\\.cpp$"
		allowed["pwquality"] = "^lib/vmail/password_policy\\.cpp$"
		allowed["archive"] = "^(tools/mailctl-store/archive_(reader|writer)|lib/vmail/activity/log_source)\\.cpp$"
		allowed["sqlite"] = "^lib/vmail/activity/database\\.cpp$"
		allowed["gdbm"] = "^migration/nis/gdbm_map\\.cpp$"
		allowed["date"] = "^lib/vmail/timestamp\\.cpp$"
		allowed["fmt"] = "\\.cpp$|^tools/"
		allowed["yaml"] = "^tools/mailctl/yaml_reader\\.cpp$"
		allowed["cli or json"] = "^tools/|^lib/vmail/exchange/json[a-z_]*\\.cpp$"
	}
	{
		files++
		from = layer($1)
		to = layer($3)
		library = $3 ~ /^(ldap|lber|ldap_schema|openldap)\.h$/ ? "ldap" : $3 ~ /^openssl\/|^crypt\.h$/ ? "openssl" : $3 ~ /^date\// ? "date" : $3 == "gdbm.h" ? "gdbm" : $3 == "sqlite3.h" ? "sqlite" : $3 ~ /^archive(_entry)?\.h$/ ? "archive" : $3 == "pwquality.h" ? "pwquality" : $3 ~ /^yaml-cpp\// ? "yaml" : \
			$3 ~ /^fmt\// ? "fmt" : $3 ~ /^(CLI|nlohmann)\// ? "cli or json" : ""
		if ($3 ~ /\.\./) complain("a path that climbs")
		if (to != "" && index(below[from], " " to " ") == 0) complain(from " must not include " to)
		if (to == "migration" && half($3) != half($1)) complain("not the place for " half($3))
		if (library != "" && from == "examples") complain("an example needs the library alone")
		if (library != "" && $1 !~ allowed[library]) complain("not the place for " library)
	}
	END {
		if (files < 100) { print "only " files + 0 " includes found"; bad = 1 }
		exit bad
	}'

# A public header includes the standard library and public headers.
public=$(sed -n '/^set(public_headers/,/)/p' lib/CMakeLists.txt | grep -oE 'vmail/[a-z_/0-9]+\.hpp')
status=0
# The library knows nothing of the commands and flags of our tools: they word its remedies. A path may be named as they are.
while IFS=: read -r file number literal; do
	sed -E 's,/?mailctl/[a-z./]*,,g' <<<"$literal" | grep -qE '\bmailctl\b|--[a-z]' || continue
	echo "$file:$number: $literal: words of the tools"
	status=1
done < <(grep -rnE '"' --include=*.hpp --include=*.cpp lib/vmail | sed -E 's,[[:space:]:]//.*,,' |
	grep -oE '^[^:]+:[0-9]+:|"([^"\\]|\\.)*"' | awk '/^[^"]*:[0-9]+:$/ { at = $0; next } { print at $0 }')
for header in $public; do
	for included in $(sed -nE 's/^ *# *include +[<"]([^>"]+)[>"].*/\1/p' "lib/$header"); do
		case $included in
			vmail/*) grep -qxF "$included" <<<"$public" || { echo "lib/$header: $included is not installed"; status=1; } ;;
			*/* | *.*) echo "lib/$header: $included is not of the standard library"; status=1 ;;
		esac
	done
done
exit $status
