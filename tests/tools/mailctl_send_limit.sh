#!/bin/bash
# How much who may send: set, shown, exported and given back, checked, and written for postfwd and Rspamd. That mail keeps to it: tests/mailstack/postfwd.sh and rspamd.sh.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
eval "$(mailctl sandbox env)"
cd "$scratch" || exit 1
limit_of() { mailctl mailbox show "$1" --fields send_limit -o name; }
stored() { ldapsearch -LLL -Q -Y EXTERNAL -H "$LDAPURI" -b "$1,o=hosting,$LDAPBASE" -s base objectClass vmailSendLimit; }

mailctl domain add example.org --send-limit 200/1h -q
mailctl domain add other.example -q
mailctl mailbox add {ann,bob,cid}@example.org eve@other.example --no-password -q
[ "$(limit_of ann@example.org)" = domain ] || fail 'a new mailbox has a limit of its own'
run 0 mailctl mailbox set ann@example.org --send-limit 1000/1d,100/60m
[ "$(limit_of ann@example.org)" = 100/1h,1000/1d ] || fail 'its own'
run 0 mailctl mailbox set ann@example.org --send-limit 100/1h,1000/1d
says unchanged
run 0 mailctl mailbox set bob@example.org --send-limit none
[ "$(limit_of bob@example.org)" = none ] || fail 'none is no limit of its own'
run 0 mailctl mailbox add dan@example.org --no-password --send-limit 9/10s
run 0 mailctl mailbox list --filter '(vmailSendLimit=*)' -o name
[ "$out" = $'ann@example.org\nbob@example.org\ndan@example.org' ] || fail "who has one of his own: $out"
run 0 mailctl domain show example.org --fields send_limit -o name
says 200/1h
run 0 mailctl domain show other.example --fields send_limit -o name
says none
for wrong in '' 200 200/1w 0/1h -1/1h 200/40d 200/1h,100/1h 'none,1/1h' unlimited '200/1h;id=x'; do
	run 65 mailctl mailbox set ann@example.org --send-limit "$wrong"
	silent
	run 65 mailctl domain set example.org --send-limit "$wrong"
	silent
done
run 65 mailctl domain set example.org --send-limit domain
run 65 mailctl mailbox set ann@example.org --set vmailSendLimit=5/1h
complains 'is none of the other attributes'
stored mail=ann@example.org,vd=example.org | grep -qx 'objectClass: vmailSending' || fail 'no class'

# ---- what is written for who counts
run 0 mailctl config postfwd
says 'sasl_username=~^(bob@example\.org)$'
says 'id=vmail-100-1h-1000-1d'
says 'sasl_username=~@(example\.org)$'
[[ $out != *cid@* && $out != *other.example* ]] || fail 'there is a rule for who has no limit of his own'
run 0 mailctl config rspamd limits.map
says '@example.org 200/1h'
says 'ann@example.org 100/1h,1000/1d'
says 'bob@example.org none'
says 'dan@example.org 9/10s'
mkdir files
run 0 mailctl config postfwd --out files
says "files/limits.cf  written"
run 0 mailctl config rspamd --out files -q
run 0 mailctl config postfwd --out files
says unchanged
run 0 mailctl mailbox set cid@example.org --send-limit 200/1h
run 0 mailctl config postfwd --out files
says unchanged # the same as its domain's
run 0 mailctl mailbox set cid@example.org --send-limit 7/1h
run 0 mailctl config postfwd --out files --diff
says '+	sasl_username=~^(cid@example\.org)$'
run 2 mailctl config postfwd --out files -n --detailed-exitcode
run 0 mailctl config postfwd --out files
says replaced
run 0 mailctl config rspamd limits.map --out files
grep -qx 'cid@example.org 7/1h' files/limits.map || fail 'the map has no cid'
[ "$(stat -c %a files/limits.cf)" = 644 ] || fail 'postfwd cannot read it'
before=$(cksum files/*)
run 75 env MAILCTL_SANDBOX= MAILCTL_URI="ldapi://$(printf %s "$scratch/nobody" | sed 's,/,%2F,g')" MAILCTL_BASE="$LDAPBASE" "$MAILCTL" config postfwd --out files
[ "$before" = "$(cksum files/*)" ] || fail 'without a server the files are others'

# ---- records, and an export that is given back
printf 'address,send_limit\ncid@example.org,domain\nbob@example.org,"50/1h,60/1d"\nfay@example.org,8/1h\n' >limits.csv
run 73 mailctl import limits.csv
complains 'bob@example.org is there with another send_limit'
printf 'version: 1\ndomains:\n  - domain: other.example\n    send_limit: 300/1h\nmailboxes:\n  - {address: cid@example.org, send_limit: domain}\n  - {address: bob@example.org, send_limit: "50/1h,60/1d"}\n' >limits.yaml
run 0 mailctl apply limits.yaml --yes
[ "$(limit_of cid@example.org) $(limit_of bob@example.org)" = 'domain 50/1h,60/1d' ] || fail 'apply'
run 0 mailctl apply limits.yaml -n --detailed-exitcode
run 0 mailctl export -o json --out all.json
run 0 mailctl apply all.json -n --detailed-exitcode
run 0 mailctl export --out all.ldif
grep -qx 'vmailSendLimit: 60/1d' all.ldif || fail 'LDIF without limits'
for wrong in 5 '"x"' '["1/1h"]' '"1/1h "'; do
	printf '{"version":1,"mailboxes":[{"address":"bob@example.org","send_limit":%s}]}' "$wrong" >wrong.json
	run 65 mailctl apply wrong.json
	complains send_limit
done

# ---- what is taken back, and a name that is another one
run 0 mailctl undo "$(mailctl log cid@example.org --limit 1 --fields id -o name)" --yes
[ "$(limit_of cid@example.org) $(limit_of bob@example.org)" = '7/1h none' ] || fail 'undo'
run 0 mailctl mailbox rename bob@example.org ben@example.org --yes
[ "$(limit_of ben@example.org)" = none ] || fail 'a rename loses the limit'
run 0 mailctl mailbox set cid@example.org --send-limit domain
stored mail=cid@example.org,vd=example.org | grep vmailSend && fail 'the class stays behind'
run 0 mailctl domain set example.org --send-limit none
stored vd=example.org | grep vmailSend && fail 'the class of the domain stays behind'

# ---- what others have written, and who does not see all
ldapmodify -Q -Y EXTERNAL -H "$LDAPURI" >/dev/null <<LDIF || fail 'no odd limits'
dn: mail=cid@example.org,vd=example.org,o=hosting,$LDAPBASE
changetype: modify
add: objectClass
objectClass: vmailSending
-
add: vmailSendLimit
vmailSendLimit: many
vmailSendLimit: none
LDIF
run 1 mailctl check
says value-malformed
says cid@example.org
run 0 mailctl config postfwd -q
complains 'cid@example.org: vmailSendLimit: "many" is no limit of what is sent'
complains 'it does not count'
[[ $out == *dan@example* && $out != *cid@* ]] || fail 'the others'
run 0 mailctl mailbox set cid@example.org --send-limit 3/1h
[ "$(limit_of cid@example.org)" = 3/1h ] || fail 'it is not mended'
printf 'Right-horse-7\n' >password
chmod 600 password
mailctl admin add boss --domain example.org --mail cid@example.org --password-file password -q
boss=(-D "cn=boss,ou=admin,$LDAPBASE" -y password)
run 77 mailctl "${boss[@]}" config postfwd
complains 'does not see all limits'
silent
run 77 mailctl "${boss[@]}" mailbox set cid@example.org --send-limit none
[ "$(limit_of cid@example.org)" = 3/1h ] || fail 'an administrator of the domain has lifted the limit'
run 0 mailctl "${boss[@]}" mailbox set cid@example.org --name Cid
run 0 mailctl describe mailbox send_limit
says 'limits such as 200/1h or 200/1h,1000/1d, none, or domain'
finish
