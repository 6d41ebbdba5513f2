#!/bin/bash
# Who is over quota gets no more mail, and its sender is told at RCPT; however the quota is written, and whatever plugins the administrator gives Dovecot beside.
. "$(dirname "$0")/stack.bash"
start_stack

tool domain add example.org
tool mailbox add {bob,plain,count,none,zero,sent,kept,sieve,over}@example.org --password-file "$password_file"
tool quota set {bob,sent,kept,sieve,over}@example.org --quota 100K
tool quota set none@example.org --quota none
tool forward set sent@example.org --target x@example.net
tool forward set kept@example.org --target x@example.net --keep-copy
env MAILCTL_QUOTA_DIALECT=plain "$MAILCTL" quota set plain@example.org --quota 100K -q --yes >/dev/null || fail 'no plain quota'
write_quota() { printf 'dn: mail=%s@example.org,vd=example.org,o=hosting,%s\nchangetype: modify\nreplace: quota\nquota: %s\n' "$1" "$base" "$2" | peer ldapmodify -H "$MAILCTL_URI" >/dev/null; }
write_quota count 102400S,3C
write_quota zero 0S
check 'the plain one' 'quota: 102400' "$(search "$MAILCTL_URI" '(mail=plain@example.org)' quota | grep ^quota)"
quota_of() { doveadm -f flow quota get -u "$1@example.org" | sed -n 's/.*Type=STORAGE Value=\([0-9]*\) Limit=\([0-9-]*\) .*/\1 \2/p'; }
for who in bob plain count; do check "the limit of $who" '0 100' "$(quota_of $who)"; done
for who in none zero; do check "the limit of $who" '0 -' "$(quota_of $who)"; done

mails() { # "NAME=VALUE..." USER...: one after the other, as each delivery changes what the next finds
	local user
	# shellcheck disable=SC2086 # several words
	for user in "${@:2}"; do ask mail $1 <<<"$user@example.org"; done
}
check 'what is too much by itself is refused at RCPT' $'bob@example.org 552\nplain@example.org 552\ncount@example.org 552\nnone@example.org example.org/none\nzero@example.org example.org/zero' \
	"$(mails size=200000 bob plain count none zero)"
check 'what fits is taken' $'bob@example.org example.org/bob\nplain@example.org example.org/plain\ncount@example.org example.org/count' "$(mails size=90000 bob plain count)"
check 'and then no more' $'bob@example.org 552\nplain@example.org 552\ncount@example.org 552' "$(mails size=90000 bob plain count)"
check 'nor by an extension' 'bob+news@example.org 552' "$(mails size=90000 bob+news)"
check 'a small one fits' 'bob@example.org example.org/bob' "$(mails size=100 bob)"
check 'three are enough for who has three' $'count@example.org example.org/count\ncount@example.org example.org/count\ncount@example.org 552' "$(mails size=100 count count count)"
tool quota set bob@example.org --quota 1M
check 'a quota that was raised' 'bob@example.org example.org/bob' "$(mails size=90000 bob)"

# Who does not say how much it is is told when it is too late: the mail comes back, by Dovecot's own refusal, and is not kept.
check 'without SIZE' $'over@example.org example.org/over\nover@example.org bounced:over@example.org' "$(mails 'size=90000 declare=no' over over)"
check 'by an alias' 'full@example.org bounced:over@example.org' "$(tool alias add full@example.org --target over@example.org; mails size=90000 full)"

# A forward has nothing to fill, but where it keeps a copy.
check 'a forward' 'sent@example.org out:x@example.net' "$(mails size=200000 sent)"
check 'a forward with a copy' 'kept@example.org 552' "$(mails size=200000 kept)"

# As Debian's dovecot-sieve wants to be switched on, in a file that is read before ours.
sed -i 's/#mail_plugins = .*/mail_plugins = $mail_plugins sieve/' /etc/dovecot/conf.d/20-lmtp.conf
doveconf -f protocol=lmtp -h mail_plugins 2>/dev/null | grep 'sieve.*quota' >/dev/null || fail "lmtp has $(doveconf -f protocol=lmtp -h mail_plugins 2>/dev/null)"
doveadm reload
wait_for Dovecot listens 143
check 'with sieve, too' $'sieve@example.org example.org/sieve\nsieve@example.org bounced:sieve@example.org' "$(mails 'size=90000 declare=no' sieve sieve)"

# While Dovecot is away nothing is lost, and nothing refused.
doveadm stop
echo bob@example.org | ask mail size=100 >"$scratch/away"
check 'without Dovecot' 'bob@example.org deferred:bob@example.org' "$(cat "$scratch/away")"

verdict 'quotas hold, and senders are told'
