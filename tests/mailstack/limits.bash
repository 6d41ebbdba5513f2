# Sourced, after stack.bash, by the tests of how much who may send.

to() { printf 'x%s@example.net\n' $(seq "$1"); } # N: recipients
# sends LOGIN N: one mail to N recipients, and what the server says of each, with how often: "3x250 1x450". What it says beside is in "$scratch/said".
sends() {
	python3 "$stack/send_many.py" "$1" "$password" $(to "$2") 2>"$scratch/said" >"$scratch/codes" || fail "send_many.py $1: $(tail -n 1 "$scratch/said")"
	tr ' ' '\n' <"$scratch/codes" | uniq -c | awk '{ print $1 "x" $2 }' | paste -sd ' '
}
limits=/var/lib/mailctl-limits

# accounts_with_limits ODD: a domain with a limit, and mailboxes of it with others, with none, and of an address that a program may misread.
accounts_with_limits() {
	tool domain add example.org other.example
	tool domain set example.org --send-limit 3/1h
	tool mailbox add {ann,bob,cid,eve,free,Dan}@example.org ann@other.example "$1" --password-file "$password_file"
	tool mailbox set eve@example.org --send-limit 6/1d,5/1h
	tool mailbox set free@example.org --send-limit none
	tool mailbox set "$1" --send-limit 2/1h
}
