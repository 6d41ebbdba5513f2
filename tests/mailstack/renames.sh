#!/bin/bash
# While a mailbox or its domain gets another name, mail for it, and for what leads to it, is taken at every moment. What has been taken and not delivered yet is led on where
# the old address is kept as an alias, and comes back where it is not; where its domain has another name it leaves, as the old one is none of ours any more.
. "$(dirname "$0")/stack.bash"
start_stack

tool domain add example.org one.example three.example --postmaster root@example.net
tool mailbox add {b0,far,loop}@example.org {ann,dan}@one.example eve@three.example --password-file "$password_file"
tool alias add info@example.org --target b0@example.org
tool alias add to-ann@example.org --target ann@one.example

# ---- all the time: what RCPT says, and for who is renamed with an alias also the mail
python3 - "$scratch/enough" >"$scratch/answers" <<'PYTHON' &
import os, smtplib, sys
while not os.path.exists(sys.argv[1]):
    with smtplib.SMTP("192.0.2.1", 25, source_address=("192.0.2.1", 0)) as server:
        server.ehlo()
        for address in ("b0@example.org", "info@example.org", "to-ann@example.org"):
            server.mail("sender@example.com")
            print(address, *server.rcpt(address), flush=True)
            if address.startswith("to-"):
                server.rset()
            else:
                print(address, server.data("Subject: hello\r\n\r\nhello\r\n")[0], flush=True)
PYTHON
asker=$!
renames=0
while [ "$(wc -l <"$scratch/answers")" -lt 150 ] && [ "$renames" -lt 300 ]; do
	tool mailbox rename "b$renames@example.org" "b$((renames + 3))@example.org" --keep-alias
	tool domain rename one.example two.example
	tool domain rename two.example one.example
	renames=$((renames + 3))
done
: >"$scratch/enough"
wait "$asker"
[ "$(wc -l <"$scratch/answers")" -ge 100 ] || fail "in $renames renames no more was asked than $(wc -l <"$scratch/answers") times"
[ "$renames" -ge 12 ] || fail "there were $renames renames"
check 'answers other than yes' '' "$(grep -vE " 250 b'2.1.5 Ok'\$| 250\$" "$scratch/answers" | sort | uniq -c)"
delivered() { find /home/vmail/domains/example.org/b0/new -type f | wc -l; }
flush() { [ -z "$(find /var/spool/postfix/deferred -type f)" ] || postqueue -f; [ -z "$(find /var/spool/postfix/{maildrop,incoming,active,deferred} -type f)" ]; }
wait_for 'an empty queue' flush
check 'mails that were taken, and delivered' "$(grep -c ' 250$' "$scratch/answers")" "$(delivered)"
check 'what came back' '' "$(cat /var/mail/outside 2>/dev/null)"
check 'where mail goes then' $'b0@example.org example.org/b0\ninfo@example.org example.org/b0\nto-ann@example.org one.example/ann' \
	"$(printf '%s\n' b0@example.org info@example.org to-ann@example.org | ask mail)"

# A mailbox that gets its other name between the two questions of Dovecot's LMTP is told to come again.
status_of() { doveadm user -x service=lmtp "$1" >/dev/null 2>&1; echo $?; }
check 'a mailbox, an alias and nobody, to LMTP' '0 75 67' "$(status_of "b$renames@example.org") $(status_of b0@example.org) $(status_of nobody@example.org)"
check 'who is there, to doveadm' "$(printf '%s\n' ann@one.example b$renames@example.org dan@one.example eve@three.example far@example.org loop@example.org)" "$(doveadm user '*' 2>&1 | sort)"

# ---- what waits in the queue has the names of the moment when it came
before=$(delivered)
doveadm stop
# Postfix remembers for half a minute where the last one goes, so that the domain is not the last.
check 'while Dovecot is away' "$(printf '%s\n' eve@three.example\ deferred:eve@three.example "b0@example.org deferred:b$renames@example.org" "b0+news@example.org deferred:b$renames+news@example.org" \
	far@example.org\ deferred:far@example.org dan@one.example\ deferred:dan@one.example loop@example.org\ deferred:loop@example.org to-ann@example.org\ deferred:ann@one.example)" \
	"$(printf '%s\n' eve@three.example b0@example.org b0+news@example.org far@example.org dan@one.example loop@example.org to-ann@example.org | ask mail)"
tool mailbox rename "b$renames@example.org" bob@example.org --keep-alias
tool mailbox rename far@example.org far@one.example --keep-alias
tool mailbox rename dan@one.example dan@example.org --keep-alias
tool forward set dan@example.org --target dan@example.net
tool mailbox rename ann@one.example ada@one.example
tool domain rename three.example four.example
# As another program may write it: an alias that leads to itself gets no mail round and round.
tool mailbox remove loop@example.org --now
tool alias add loop@example.org --target x@example.net
printf 'dn: mail=loop@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nadd: maildrop\nmaildrop: Loop <loop@example.org>\n' "$base" | peer ldapmodify -H "$MAILCTL_URI" >/dev/null || fail 'no loop'
dovecot
wait_for Dovecot listens 143
postqueue -f
comes_back() { wait_for "the bounce of $1" grep "\"from\": \"\".*User doesn't exist: $1" /var/mail/outside; }
comes_back ann@one.example
comes_back loop@example.org
wait_for 'an empty queue' flush
check 'to its new name' 2 "$(($(delivered) - before))"
check 'to another domain' 1 "$(find /home/vmail/domains/example.org/far/new -type f | wc -l)"
check 'to where it is sent on' 1 "$(grep -c '"to": \["dan@example.net"\]' /var/mail/outside)"
check 'to a domain that has another name now, as to any that is none of ours' 1 "$(grep -c '"to": \["eve@three.example"\]' /var/mail/outside)"
check 'what came back' 2 "$(grep -c '"from": ""' /var/mail/outside)"
check 'what went round' 0 "$(grep -c '"to": \["x@example.net"\]' /var/mail/outside)"

verdict "mail is taken and delivered during $renames renames"
