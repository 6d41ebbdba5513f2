#!/bin/bash
# The schema loads as slapd.conf, by slapadd into cn=config and by ldapadd into a running server; the
# three publish the same definitions, and these are the ones of the table below. The same holds for
# access rules, limits and indices.
. "$(dirname "$0")/server.sh"

# OID, name, syntax, equality, ordering, substrings, single (S) or many (-). Typed in by hand from
# Phamm's definitions, not derived from our files.
attribute_table() {
	cat <<'TABLE'
1.3.6.1.4.1.22339.1.1.1 postfixTransport IA5{20} caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.2 accountActive Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.3 lastChange INTEGER - - - S
1.3.6.1.4.1.22339.1.1.4 vd IA5 caseIgnoreIA5Match - caseIgnoreIA5SubstringsMatch -
1.3.6.1.4.1.22339.1.1.5 mailbox IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.6 quota IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.7 clearPassword OctetString{128} octetStringMatch - - -
1.3.6.1.4.1.22339.1.1.8 maildrop IA5{256} caseIgnoreIA5Match - caseIgnoreIA5SubstringsMatch -
1.3.6.1.4.1.22339.1.1.9 mailsource IA5 caseIgnoreIA5Match - caseIgnoreIA5SubstringsMatch -
1.3.6.1.4.1.22339.1.1.10 editAliases Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.11 editAccounts Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.12 editAV Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.13 delete Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.14 forwardActive Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.15 maxDomain IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.16 maxMail IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.17 maxAlias IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.18 maxQuota IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.19 adminID IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.20 vdHome IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.21 otherTransport IA5{20} caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.22 creationDate INTEGER{14} integerMatch - - S
1.3.6.1.4.1.22339.1.1.23 otherPath IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.24 createMaildir Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.25 smtpAuth Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.26 expireDate INTEGER{14} integerMatch integerOrderingMatch - S
1.3.6.1.4.1.22339.1.1.27 mailAutoreply IA5{256} caseIgnoreIA5Match - caseIgnoreIA5SubstringsMatch -
1.3.6.1.4.1.22339.1.1.28 bypassGreyListing Boolean booleanMatch - - S
1.3.6.1.4.1.22339.1.1.29 phammGroup DirectoryString{256} caseIgnoreMatch - caseIgnoreSubstringsMatch -
1.3.6.1.4.1.22339.1.1.30 maxSmtpAuth IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.31 maxAntivirus IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.32 maxAntiSpam IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.1.1.33 maxGreyList IA5 caseExactIA5Match - - S
1.3.6.1.4.1.22339.2.1.1 vacationActive Boolean booleanMatch - - S
1.3.6.1.4.1.22339.2.1.2 vacationInfo OctetString octetStringMatch - - S
1.3.6.1.4.1.22339.2.1.3 vacationStart OctetString octetStringMatch - - S
1.3.6.1.4.1.22339.2.1.4 vacationEnd OctetString octetStringMatch - - S
1.3.6.1.4.1.22339.2.1.5 vacationForward IA5{256} caseIgnoreIA5Match - caseIgnoreIA5SubstringsMatch -
1.3.6.1.4.1.22339.2.1.6 vacationSubject OctetString octetStringMatch - - S
1.3.6.1.4.1.22339.2.1.7 vacationReminder OctetString octetStringMatch - - S
2.25.203715108896770410924833133022123067765.1.1 vmailDisabledReason DirectoryString caseIgnoreMatch - - S
2.25.203715108896770410924833133022123067765.1.2 vmailDisabledBy DirectoryString caseIgnoreMatch - - S
2.25.203715108896770410924833133022123067765.1.3 vmailDisabledAt GeneralizedTime generalizedTimeMatch generalizedTimeOrderingMatch - S
2.25.203715108896770410924833133022123067765.1.4 vmailDisabledComment DirectoryString caseIgnoreMatch - caseIgnoreSubstringsMatch S
2.25.203715108896770410924833133022123067765.1.5 vmailRemovedAt GeneralizedTime generalizedTimeMatch generalizedTimeOrderingMatch - S
2.25.203715108896770410924833133022123067765.1.7 vmailReservation IA5 caseExactIA5Match - - -
2.25.203715108896770410924833133022123067765.1.8 vmailMayLogIn Boolean booleanMatch - - S
2.25.203715108896770410924833133022123067765.1.9 vmailMayReceive Boolean booleanMatch - - S
2.25.203715108896770410924833133022123067765.1.11 vmailDefaultQuota IA5 caseExactIA5Match - - S
2.25.203715108896770410924833133022123067765.1.10 vmailListOwner IA5 caseIgnoreIA5Match - caseIgnoreIA5SubstringsMatch -
2.25.203715108896770410924833133022123067765.1.12 vmailNextUidNumber INTEGER integerMatch integerOrderingMatch - S
2.25.203715108896770410924833133022123067765.1.13 vmailSendLimit IA5 caseExactIA5Match - - -
TABLE
}

# OID, name, superior, kind, then what must and what may be there.
class_table() {
	cat <<'TABLE'
1.3.6.1.4.1.22339.1.2.1 VirtualMailAccount inetOrgPerson STRUCTURAL must mail vdHome mailbox accountActive lastChange delete may quota otherTransport editAccounts creationDate createMaildir smtpAuth expireDate mailAutoreply bypassGreyListing phammGroup
1.3.6.1.4.1.22339.1.2.2 VirtualMailAlias inetOrgPerson STRUCTURAL must mail maildrop accountActive lastChange may mailsource editAccounts creationDate smtpAuth expireDate bypassGreyListing
1.3.6.1.4.1.22339.1.2.3 VirtualDomain top STRUCTURAL must vd accountActive lastChange delete may postfixTransport description maxMail maxAlias maxQuota editAV adminID creationDate bypassGreyListing maxSmtpAuth maxAntivirus maxAntiSpam maxGreyList
1.3.6.1.4.1.22339.1.2.4 VirtualForward top AUXILIARY must forwardActive may maildrop
1.3.6.1.4.1.22339.1.2.5 VirtualAdmin inetOrgPerson STRUCTURAL must mail maxDomain accountActive lastChange may vd editAccounts
1.3.6.1.4.1.22339.1.2.6 VirtualBackupDomain top STRUCTURAL must vd accountActive lastChange delete may description
1.3.6.1.4.1.22339.1.2.7 VirtualBackupMail top STRUCTURAL must mail accountActive lastChange may description
1.3.6.1.4.1.22339.1.2.8 Yap top AUXILIARY must otherPath may
1.3.6.1.4.1.22339.2.2.1 Vacation top AUXILIARY must vacationActive may vacationInfo vacationStart vacationEnd vacationForward vacationSubject vacationReminder
2.25.203715108896770410924833133022123067765.2.1 vmailState top AUXILIARY must may vmailDisabledReason vmailDisabledBy vmailDisabledAt vmailDisabledComment vmailRemovedAt vmailMayLogIn vmailMayReceive
2.25.203715108896770410924833133022123067765.2.2 vmailBookkeeping top AUXILIARY must may vmailReservation
2.25.203715108896770410924833133022123067765.2.4 vmailDomain top AUXILIARY must may vmailDefaultQuota
2.25.203715108896770410924833133022123067765.2.3 vmailMailingList top AUXILIARY must may vmailListOwner
2.25.203715108896770410924833133022123067765.2.5 vmailNumbers top AUXILIARY must may vmailNextUidNumber
2.25.203715108896770410924833133022123067765.2.6 vmailVacationWaits top AUXILIARY must may
2.25.203715108896770410924833133022123067765.2.7 vmailSending top AUXILIARY must may vmailSendLimit
TABLE
}

# published DIR: every definition below our OIDs, as the running server publishes it.
published() {
	peer ldapsearch -LLL -o ldif-wrap=no -H "$(uri "$1")" -s base -b cn=Subschema \
		attributeTypes objectClasses |
		grep -E '^[a-zA-Z]+: \( (1\.3\.6\.1\.4\.1\.22339\.|2\.25\.203715108896770410924833133022123067765\.)' | sort
}

attribute_rows() {
	sed -n 's/^attributeTypes: //p' "$1" | awk '{
		name = $4; gsub("\047", "", name)
		equality = ordering = substr_ = "-"; single = "-"
		# Past the description, whose words could be taken for keywords.
		sub(/DESC \047[^\047]*\047/, "")
		for (i = 5; i <= NF; i++) {
			if ($i == "EQUALITY") equality = $(i + 1)
			if ($i == "ORDERING") ordering = $(i + 1)
			if ($i == "SUBSTR") substr_ = $(i + 1)
			if ($i == "SYNTAX") syntax = $(i + 1)
			if ($i == "SINGLE-VALUE") single = "S"
		}
		sub(/^1\.3\.6\.1\.4\.1\.1466\.115\.121\.1\.26/, "IA5", syntax)
		sub(/^1\.3\.6\.1\.4\.1\.1466\.115\.121\.1\.7/, "Boolean", syntax)
		sub(/^1\.3\.6\.1\.4\.1\.1466\.115\.121\.1\.27/, "INTEGER", syntax)
		sub(/^1\.3\.6\.1\.4\.1\.1466\.115\.121\.1\.40/, "OctetString", syntax)
		sub(/^1\.3\.6\.1\.4\.1\.1466\.115\.121\.1\.15/, "DirectoryString", syntax)
		sub(/^1\.3\.6\.1\.4\.1\.1466\.115\.121\.1\.24/, "GeneralizedTime", syntax)
		print $2, name, syntax, equality, ordering, substr_, single
	}'
}

class_rows() {
	sed -n 's/^objectClasses: //p' "$1" | awk '
	function list(keyword,    i, words) {
		for (i = 5; i <= NF && $i != keyword; i++) ;
		if (i > NF) return ""
		if ($(++i) != "(") return " " $i
		for (i++; $i != ")"; i++) if ($i != "$") words = words " " $i
		return words
	}
	{
		name = $4; gsub("\047", "", name)
		sub(/DESC \047[^\047]*\047/, "")
		for (i = 5; $i != "SUP"; i++) ;
		print $2, name, $(i + 1), $(i + 2), "must" list("MUST"), "may" list("MAY")
	}'
}

# settings DIR: access rules, limits and indices of a slapd.conf, in the words that slapd uses
# when it writes them itself.
settings() {
	mkdir -p "$1/converted"
	slaptest -Q -f "$1/slapd.conf" -F "$1/converted" || die "slaptest -F of $1"
	config_entry "$1/converted" 'olcDatabase={1}mdb' |
		grep -E '^olc(Access|Limits|DbIndex|AddContentAcl):' |
		awk '/^olcDbIndex/ { print | "sort"; next } { print }' # in the order of addresses in memory
	config_entry "$1/converted" 'olcOverlay={0}constraint' | grep '^olcConstraintAttribute:'
}

# undo DIR: what ldapmodify put into cn=config of a server, as the files of a slapd.conf again.
undo() {
	config_entry "$1/slapd.d" 'olcDatabase={1}mdb' >"$1/database"
	configure "$1"
	{
		sed -n 's/^olcAddContentAcl: TRUE/add_content_acl on/p' "$1/database"
		sed -n 's/^olcAccess: {[0-9]*}/access /p' "$1/database"
	} >"$1/acl.conf"
	sed -n 's/^olcLimits: {[0-9]*}/limits /p' "$1/database" >"$1/limits.conf"
	sed -n 's/^olcDbIndex:/index/p' "$1/database" >"$1/indices.conf"
	{
		printf 'moduleload constraint\noverlay constraint\n'
		config_entry "$1/slapd.d" 'olcOverlay={0}constraint' | sed -n 's/^olcConstraintAttribute:/constraint_attribute/p'
	} >"$1/texts.conf"
	sed -i "s|\"$schema/indices.conf\"|\"$1/indices.conf\"|" "$1/slapd.conf"
}

ours=("$schema"/{phamm,phamm-vacation,vmail}.ldif)

file=$scratch/file offline=$scratch/offline online=$scratch/online
configure "$file"
slaptest -Q -u -f "$file/slapd.conf" || die "slaptest refuses the sandbox's configuration"
serve "$file"

mkdir -p "$offline/slapd.d" "$offline/data" "$online/slapd.d" "$online/data" "$online/accesslog"
config_ldif "$offline" "${ours[@]}" >"$offline/config.ldif"
slapadd -n 0 -F "$offline/slapd.d" -l "$offline/config.ldif" || die "slapadd -n 0 of the schema"
serve "$offline"

config_ldif "$online" >"$online/config.ldif"
slapadd -n 0 -F "$online/slapd.d" -l "$online/config.ldif" || die "slapadd -n 0 without the schema"
serve "$online"
for ldif in "${ours[@]}"; do
	peer ldapadd -H "$(uri "$online")" -f "$ldif" >/dev/null || die "ldapadd $ldif"
done
for ldif in "$schema"/{indices,limits,acl,texts,accesslog}.ldif; do
	fill "$ldif" "$online" | peer ldapmodify -H "$(uri "$online")" >/dev/null || die "ldapmodify $ldif"
done

for server in "$file" "$offline" "$online"; do
	published "$server" >"$server/published"
done
definitions=$(($(attribute_table | wc -l) + $(class_table | wc -l)))
[ "$(wc -l <"$file/published")" -eq "$definitions" ] || fail "$(wc -l <"$file/published") definitions, not $definitions"
diff "$file/published" "$offline/published" || fail "slapadd gives another schema than slapd.conf"
diff "$file/published" "$online/published" || fail "ldapadd gives another schema than slapd.conf"
diff <(attribute_table | sort) <(attribute_rows "$file/published" | sort) || fail "attribute types"
diff <(class_table | sort) <(class_rows "$file/published" | sort) || fail "object classes"

undo "$online"
settings "$file" >"$file/settings"
settings "$online" >"$online/settings"
[ "$(grep -c ^olcAccess "$file/settings")" -gt 20 ] || fail "no access rules to compare"
[ "$(grep -c ^olcConstraintAttribute "$file/settings")" -eq 2 ] || fail "no limits of texts to compare"
grep -q '^olcAddContentAcl: TRUE' "$file/settings" || fail "adds are not checked by attribute"
diff "$file/settings" "$online/settings" ||
	fail "cn=config gives other rules, limits, texts or indices than slapd.conf"

verdict "one schema, loaded three ways"
