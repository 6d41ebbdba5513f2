#!/bin/bash
# While a mailbox or its domain gets another name, mail for it, and for what leads to it, is taken at every moment. What has been taken and not delivered yet comes back.
. "$(dirname "$0")/stack.bash"
start_stack

tool domain add example.org one.example --postmaster root@example.net
tool mailbox add b0@example.org ann@one.example --password-file "$password_file"
tool alias add info@example.org --target b0@example.org
tool alias add to-ann@example.org --target ann@one.example

# ---- at RCPT, all the time
python3 - "$scratch/enough" >"$scratch/answers" <<'PYTHON' &
import os, smtplib, sys
while not os.path.exists(sys.argv[1]):
    with smtplib.SMTP("192.0.2.1", 25, source_address=("192.0.2.1", 0)) as server:
        server.ehlo()
        for address in ("b0@example.org", "info@example.org", "to-ann@example.org"):
            server.mail("sender@example.com")
            print(address, *server.rcpt(address), flush=True)
            server.rset()
PYTHON
asker=$!
renames=0
while [ "$(wc -l <"$scratch/answers")" -lt 60 ] && [ "$renames" -lt 300 ]; do
	tool mailbox rename "b$renames@example.org" "b$((renames + 3))@example.org" --keep-alias
	tool domain rename one.example two.example
	tool domain rename two.example one.example
	renames=$((renames + 3))
done
: >"$scratch/enough"
wait "$asker"
[ "$(wc -l <"$scratch/answers")" -ge 30 ] || fail "in $renames renames no more was asked than $(wc -l <"$scratch/answers") times"
[ "$renames" -ge 12 ] || fail "there were $renames renames"
check 'answers other than yes' '' "$(grep -v " 250 b'2.1.5 Ok'\$" "$scratch/answers" | sort | uniq -c)"
check 'where mail goes then' $'b0@example.org example.org/b0\ninfo@example.org example.org/b0\nto-ann@example.org one.example/ann' \
	"$(printf '%s\n' b0@example.org info@example.org to-ann@example.org | ask mail)"

# ---- what waits in the queue has the names of the moment when it came
doveadm stop
check 'while Dovecot is away' "b0@example.org deferred:b$renames@example.org"$'\nto-ann@example.org deferred:ann@one.example' "$(printf '%s\n' b0@example.org to-ann@example.org | ask mail)"
tool mailbox rename "b$renames@example.org" bob@example.org --keep-alias
tool mailbox rename ann@one.example ada@one.example
dovecot
wait_for Dovecot listens 143
postqueue -f
wait_for 'the bounce' grep "\"from\": \"\".*User doesn't exist: b$renames@example.org" /var/mail/outside
wait_for 'the other bounce' grep "\"from\": \"\".*User doesn't exist: ann@one.example" /var/mail/outside

verdict "mail is taken during $renames renames"
