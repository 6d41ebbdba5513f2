#!/bin/bash
# Mail for a domain that is disabled or removed is refused at once, to its mailboxes, aliases and catch-all, whoever sends it, and nothing leaves for the outside that was led
# into it. A domain in service has the transport that it was given.
. "$(dirname "$0")/stack.bash"
start_stack

# As where another program writes into the domain, and no more.
disable_alone() { printf 'dn: vd=%s,o=hosting,%s\nchangetype: modify\nreplace: accountActive\naccountActive: FALSE\n' "$1" "$base" | peer ldapmodify -H "$MAILCTL_URI" >/dev/null; }
domains=(off gone alone back)
tool domain add example.org "${domains[@]/%/.example}"
tool domain add way.example --transport 'smtp:[127.0.0.1]:2525'
tool mailbox add bob@example.org ada@way.example --password-file "$password_file"
for domain in "${domains[@]}"; do
	tool mailbox add "ada@$domain.example" --password-file "$password_file"
	tool alias add "info@$domain.example" --target x@example.net
	tool alias add "@$domain.example" --target bob@example.org
	tool alias add "to$domain@example.org" --target "ada@$domain.example"
	tool forward set "ada@$domain.example" --target x@example.net --keep-copy
done
tool domain disable off.example back.example
tool domain remove gone.example
disable_alone alone.example
tool domain enable back.example

mapfile -t asked < <(printf '%s\n' {ada,info,any,postmaster}@{off,gone,alone}.example)
refused=$(printf '%s 550\n' "${asked[@]}")
# What its own entry says is in service sends its mail on: a filter does not see the domain above, and mailctl would have stopped it with the domain.
led=$(printf '%s\n' 'tooff@example.org bounced:ada@off.example' 'togone@example.org bounced:ada@gone.example' 'toalone@example.org bounced:ada@alone.example out:x@example.net')
works=$(printf '%s\n' 'ada@back.example back.example/ada out:x@example.net' 'info@back.example out:x@example.net' 'any@back.example example.org/bob' \
	'toback@example.org back.example/ada out:x@example.net' 'ada@way.example out:ada@way.example')
for way in client=192.0.2.1 client=127.0.0.1 login=bob@example.org; do
	check "domains that are stopped, by $way" "$refused" "$(printf '%s\n' "${asked[@]}" | ask mail "$way")"
	check "what leads into them, by $way" "$led" "$(printf '%s\n' tooff@example.org togone@example.org toalone@example.org | ask mail "$way")"
	check "others, by $way" "$works" "$(printf '%s\n' {ada,info,any}@back.example toback@example.org ada@way.example | ask mail "$way")"
done

# What a program of the machine itself sends is not asked at RCPT.
sendmail -f local@example.net ada@off.example tooff@example.org <<<$'Subject: hello\n\nhello'
wait_for 'the bounce' grep '"from": "", "to": \["local@example.net"\].*ada@off.example.*not in service' /var/mail/outside
leaked=$(grep -o '"to": \["[^"]*@\(off\|gone\|alone\).example"' /var/mail/outside) && fail "mail for a domain that is stopped leaves: $leaked"
# The text tells the sender why.
check 'the reason' '550 5.1.2 <ada@off.example>: Recipient address rejected: the domain off.example is not in service' "$(python3 - <<-'PYTHON'
	import smtplib
	with smtplib.SMTP("127.0.0.1", 25) as server:
	    server.ehlo()
	    server.mail("x@example.net")
	    code, said = server.rcpt("ada@off.example")
	    print(code, said.decode())
PYTHON
)"
tool domain set way.example --transport none
check 'without a transport of its own' 'ada@way.example way.example/ada' "$(ask mail <<<ada@way.example)"

verdict 'a domain that is stopped gets nothing and loses nothing'
