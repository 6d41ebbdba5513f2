#!/bin/bash
# What mailctl check tells of a server: each fault by its code, what is not shown as unknown, and nothing of one that is as it should be.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
. "${BASH_SOURCE%/*}/../support/checked_slapd.bash"

sha512='{SSHA512}'$(printf 'x%.0s' {1..64} | base64 -w0)
{
	domain example.org
	account bob example.org "userPassword: $sha512"
} >"$scratch/tree.ldif"
reader='access to * by dn.exact="cn=mailctl,'$BASE'" read by * none'
found() { "$MAILCTL" check --server -o csv --fields code,severity "$@" 2>"$scratch/stderr" | tail -n +2 | sort | tr '\n' ' '; }
expect() { # WORDS...
	last="check --server"
	local all
	all=$(found)
	[ "$all" = "${*:+$* }" ] || fail "found $all, and not $*: $(cat "$scratch/stderr")"
}

# As it should be, and shown to us.
modules="unique ppolicy pw-sha2 syncprov"
overlays=$'overlay ppolicy\noverlay unique\nunique_uri "serialize ldap:///o=hosting,'$BASE$'?uid,mailbox?sub?(objectClass=*)"'
configuration=$reader
serve_tree "$scratch/tree.ldif"
expect
run 0 mailctl check
silent
run 0 mailctl check --nagios
says "CHECK OK - nothing found | errors=0"

# One fault after the other.
indices='index objectClass,mail,vd,maildrop,entryUUID,entryCSN eq'
serve_tree "$scratch/tree.ldif"
expect index-missing,warning
run 1 mailctl check --server
says "no index for equality of uid, mailbox"
indices='index objectClass,mail,vd,maildrop,uid,mailbox eq'

modules="unique ppolicy"
serve_tree "$scratch/tree.ldif"
expect password-module-missing,warning
run 1 mailctl check
says "pw-sha2 is not loaded, and 1 passwords need it"
modules="ppolicy pw-sha2 unique"

overlays=$'overlay ppolicy\noverlay unique\nunique_uri "serialize ldap:///?mail?sub"'
serve_tree "$scratch/tree.ldif"
expect unique-over-mail,warning
run 1 mailctl check --server
says "no address can be changed"
overlays=""
modules="pw-sha2 unique"
serve_tree "$scratch/tree.ldif"
expect policy-missing,note
modules="ppolicy pw-sha2 unique"
overlays=$'overlay ppolicy'

sed '/expireDate/,/^$/{/ORDERING/d}' "$SOURCE_DIR/schema/phamm.schema" >"$dir/phamm.schema"
serve_tree "$scratch/tree.ldif"
expect ordering-missing,note
rm "$dir/phamm.schema"

schemas="phamm phamm-vacation"
serve_tree "$scratch/tree.ldif"
expect schema-incomplete,warning
sed -e '/vmailAttribute:12 /,/^$/d' -e 's/vmailNextUidNumber/description/' "$SOURCE_DIR/schema/vmail.schema" >"$dir/vmail.schema"
schemas="phamm phamm-vacation vmail"
serve_tree "$scratch/tree.ldif"
expect schema-incomplete,warning
run 1 mailctl check --server
says "vmail.schema is an older one, without vmailNextUidNumber"
rm "$dir/vmail.schema"

closed=$access
access="access to attrs=userPassword by dn.exact=\"cn=mailctl,$BASE\" write by anonymous auth by * none
access to * by dn.exact=\"cn=mailctl,$BASE\" write by * read"
serve_tree "$scratch/tree.ldif"
expect anonymous-reads,error
run 1 mailctl check --server
says "reads addresses"
access="access to * by dn.exact=\"cn=mailctl,$BASE\" write by * read"
serve_tree "$scratch/tree.ldif"
run 1 mailctl check --server
says "reads hashes of passwords"

# What is above may be hidden, and what is below not.
hidden="access to dn.base=\"$hosting\" by dn.exact=\"cn=mailctl,$BASE\" write by * none
access to dn.base=\"ou=admin,$BASE\" by dn.exact=\"cn=mailctl,$BASE\" write by * none"
{
	cat "$scratch/tree.ldif"
	domain example.net
	account eve example.net
	admin_of matrix example.net 'userPassword: {SSHA}MP1S+lVd2mGbUwjpVGZxx9lBdWRtWkMu'
} >"$scratch/two.ldif"
reads() { # WHAT, WHERE in terms of slapd.access(5)
	access="$hidden
access to $2 by dn.exact=\"cn=mailctl,$BASE\" write by * read
$closed"
	serve_tree "$scratch/two.ldif"
	expect anonymous-reads,error
	run 1 mailctl check --server
	says "reads $1"
}
reads "hashes of passwords" "dn.subtree=\"vd=example.net,$hosting\""
reads "addresses" "dn.subtree=\"vd=example.net,$hosting\" attrs=entry,objectClass,mail"
reads "hashes of passwords" "dn.children=\"vd=example.net,$hosting\" attrs=entry,mail,userPassword"
reads "entries" "dn.base=\"vd=example.net,$hosting\" attrs=entry,vd"
reads "hashes of passwords" "dn.children=\"ou=admin,$BASE\""
access=$closed
limits_before=$limits
limits="$limits"$'\nlimits anonymous time=1 size.unchecked=1'
access="access to attrs=userPassword by dn.exact=\"cn=mailctl,$BASE\" write by anonymous auth by * none
access to * by dn.exact=\"cn=mailctl,$BASE\" write by * read"
serve_tree "$scratch/two.ldif"
expect anonymous-reads,error anonymous-reads,unknown
limits=$limits_before
access=$closed
one=$(bare_domain n0.example)
for n in {1..1001}; do printf '%s\n\n' "${one//n0./n$n.}"; done >"$scratch/many.ldif"
serve_tree "$scratch/many.ldif"
expect anonymous-reads,unknown
run 0 mailctl check --server
says "reads nothing of 1000 domains; the others were not looked at"
access=$closed$'\nrequire authc'
serve_tree "$scratch/two.ldif"
expect
access=$closed

generous=$limits
limits="limits dn.exact=\"cn=mailctl,$BASE\" size.soft=2 size.hard=2 size.prtotal=2"
serve_tree "$scratch/tree.ldif"
run 1 mailctl check --server --only size-limit
says "size-limit"
run 69 mailctl check --only overdue # nothing is told of a part as if it were all
limits=$generous

# A second server that is away, and one that has something else.
serve_tree "$scratch/tree.ldif"
MAILCTL_URI="$MAILCTL_URI ldapi://%2Fnowhere" run 1 mailctl check --server
says "replica-behind"

# What is not shown is unknown, and never right.
configuration=""
serve_tree "$scratch/tree.ldif"
expect index-missing,unknown password-module-missing,unknown unique-over-mail,unknown
run 0 mailctl check
run 0 mailctl check --nagios
says "CHECK OK - 3 things that could not be seen"
run 0 mailctl check --nagios --skip index-missing,unique-over-mail,password-module-missing
run 64 mailctl check --server --domain example.org
finish
