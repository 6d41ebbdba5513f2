#!/bin/bash
# How much mail there is and who opens it: by maildirsize, by the messages on disk, by a real Dovecot, and by its file of last logins.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
root=$(cd -- "${BASH_SOURCE%/*}/../.." && pwd)
start_sandbox
mail=$scratch/mail
export MAILCTL_MAIL_HOME=$mail
mkdir "$mail"
mailctl domain add example.org -q
mailctl mailbox add kept@example.org torn@example.org bare@example.org new@example.org --no-password --quota 1M -q
mailctl mailbox add free@example.org --no-password --quota none -q
mailctl mailbox add gone@example.org --no-password -q
mailctl mailbox remove gone@example.org --yes -q

maildir() { mkdir -p "$1"/{cur,new,tmp}; }
message() { head -c "$2" /dev/zero >"$mail/example.org/$1"; }
row() { mailctl quota report -o csv --fields address,told_by,used_bytes,used_messages,percent "$@" 2>"$scratch/stderr" | grep "^$who,"; }
is() { # WHO ROW FLAGS...
	local who=$1@example.org wanted=$1@example.org,$2 got
	got=$(row "${@:3}")
	[ "$got" = "$wanted" ] || fail "${*:3}: $got, not $wanted; $(cat "$scratch/stderr")"
}

# Nothing is there at all: that is no answer.
run 1 mailctl quota report -o name
complains "none of 5 mailboxes has a Maildir below $mail"
run 78 env MAILCTL_MAIL_HOME="$scratch/nowhere" "$MAILCTL" quota report
complains "cannot open $scratch/nowhere"

for who in kept torn bare; do maildir "$mail/example.org/$who"; done
maildir "$mail/example.org/free/.Sent"
maildir "$mail/example.org/free"
printf '1048576S\n1000000 4\n-48576 -1\n' >"$mail/example.org/kept/maildirsize"
printf '1048576S\n1000000 4' >"$mail/example.org/torn/maildirsize"
message 'torn/cur/1.x,S=2000:2,S' 1
message torn/new/2.x 500
message 'free/.Sent/cur/1.x,S=5000:2,S' 1

# What is kept is believed; where nothing sound is kept, the messages are; what has no folder is not 0.
run 0 mailctl quota report
complains '1 of 5 mailboxes has no Maildir'
is kept maildirsize,951424,3,90
is torn disk,2500,2,0
is bare disk,0,0,0
is free disk,5000,1,
is new 'no folder,,,'
is kept disk,0,0,0 --from disk
run 1 mailctl quota report --from maildirsize -o csv --fields address,used_bytes
complains 'torn@example.org: maildirsize is damaged: its last line has no end'
complains 'bare@example.org: its Maildir has no file maildirsize'
complains '3 of 5 mailboxes could not be looked at'
says 'torn@example.org,
'

run 0 mailctl quota report --over 90% -o name
[ "$out" = kept@example.org ] || fail "over 90%: $out"
run 0 mailctl quota report --over 91 -o name
silent
run 0 mailctl quota report --sort -used -o name
[ "$(head -1 <<<"$out")" = kept@example.org ] && [ "$(sed -n 2p <<<"$out")" = free@example.org ] || fail "by what is used: $out"
run 0 mailctl quota report --sort quota --limit 1 -o name
run 0 mailctl quota report --over 0 -o csv --fields percent
! grep -qx "" <<<"$out" || fail "what nobody can measure uses no part of its quota: $out"
run 65 mailctl quota report --over much
run 64 mailctl quota report --from hearsay
run 64 mailctl quota report --doveadm true
run 64 mailctl quota report --prometheus - --sort used
run 64 mailctl quota report --prometheus - -o json
run 67 mailctl quota report --domain nowhere.example
run 0 mailctl quota report -o json
parses "$out"
says '"address":"new@example.org","status":"active","quota":"1M","used":null,"percent":null,"told_by":"no folder","used_bytes":null'

# The directory may be written to by others: no path leads out, and no link is followed.
mkdir -p "$scratch/outside/x" && maildir "$scratch/outside/x/y"
message ../../outside/x/y/cur/1.x,S=777777:2,S 1
mailctl mailbox add linked@example.org beside@example.org climbs@example.org far@example.org sub@example.org --no-password -q
with_path() { # WHO ATTRIBUTE VALUE
	ldapmodify -Q -Y EXTERNAL -H "$socket" >/dev/null <<-LDIF || fail 'ldapmodify'
		dn: mail=$1@example.org,vd=example.org,o=hosting,dc=example,dc=org
		changetype: modify
		replace: $2
		$2: $3
	LDIF
}
ln -s "$scratch/outside/x/y" "$mail/example.org/linked"
ln -s kept "$mail/example.org/beside" # and none to what is somebody else's
with_path climbs mailbox ../outside/x/y/
with_path far vdHome "$scratch/outside"
with_path sub vdHome "$mail/example.org/"
with_path sub mailbox deeper/box/
maildir "$mail/example.org/deeper/box"
message deeper/box/new/1.x 30
run 1 mailctl quota report -o csv --fields address,used_bytes
complains 'linked@example.org: cannot open its folder "example.org/linked/"'
complains 'beside@example.org: cannot open its folder "example.org/beside/"'
complains 'climbs@example.org: "../outside/x/y/" is no folder below'
complains "far@example.org: its mail lies below \"$scratch/outside\", which is not below $mail"
says 'sub@example.org,30'
out+=$'\n' # of the last one, too
for who in linked beside climbs far; do says "$who@example.org,
"; done
[[ $out != *777777* ]] || fail 'a look outside'
mailctl mailbox remove linked@example.org beside@example.org climbs@example.org far@example.org sub@example.org --now --yes -q

# Sums, for the report and for Prometheus.
run 0 mailctl report --used -o csv --fields used_bytes,not_measured,never_used,idle,use_unknown
says '958924,1,0,0,0'
run 0 mailctl quota report --prometheus "$scratch/quota.prom" --over 50
for line in 'mailctl_quota_used_bytes{domain="example.org"} 958924' 'mailctl_quota_mailboxes_over{domain="example.org"} 1' 'mailctl_quota_mailboxes_not_measured{domain="example.org"} 1'; do
	grep -qxF "$line" "$scratch/quota.prom" || fail "no $line in $(cat "$scratch/quota.prom")"
done
! grep -q @ "$scratch/quota.prom" || fail 'names of mailboxes without --each'
run 0 mailctl quota report --prometheus - --each
says 'mailctl_mailbox_used_bytes{mailbox="kept@example.org"} 951424'
says 'mailctl_mailbox_quota_bytes{mailbox="kept@example.org"} 1048576'
[[ $out != *'quota_bytes{mailbox="free'* ]] || fail 'a quota of one that has none'
run 0 mailctl report --used --prometheus -
says 'mailctl_used_bytes{domain="example.org"} 958924'

# Who opens it. A mailbox of today is not judged; with --idle 0 all are.
run 0 mailctl report --unused -o name
silent
run 0 mailctl report --unused --idle 0 -o csv --fields address,last_use,told_by
says 'bare@example.org,,maildir'
says 'new@example.org,,no folder'
[[ $out != *gone@* ]] || fail 'one that is removed is told as unused'
touch -d '2026-01-02 03:04:05 UTC' "$mail/example.org/torn/cur"
run 0 mailctl report --unused --idle 0 -o csv --fields address,last_use,told_by
says 'torn@example.org,2026-01-02T03:04:05Z,maildir'
mailctl mailbox add old@example.org --no-password -q
maildir "$mail/example.org/old"
message old/cur/1.x,S=1:2,S 1
touch -d '2020-01-02 UTC' "$mail/example.org/old/cur"
for who in old kept bare; do with_path $who creationDate 20190101000000; done
run 0 mailctl report --unused -o csv --fields address,last_use
says 'old@example.org,2020-01-02T00:00:00Z'
says 'bare@example.org,
'
[ "$(wc -l <<<"$out")" = 4 ] || fail "others than old, kept and bare: $out"
run 0 mailctl report --used -o csv --fields never_used,idle
says '2,1'

# By the file of last logins, and by that alone.
printf 'shared/last-login/Bare@example.org\n%s\nshared/last-login/kept@example.org\n1500000000\n' "$(date +%s)" >"$scratch/last-login"
run 0 mailctl report --unused --logins "$scratch/last-login" -o csv --fields address,last_use,told_by
says 'kept@example.org,2017-07-14T02:40:00Z,logins'
says 'old@example.org,,logins'
[[ $out != *bare@* ]] || fail "who logged in just now is told as unused: $out"
run 66 mailctl report --unused --logins "$scratch/nowhere"
printf 'nonsense\n' >"$scratch/bad"
run 65 mailctl report --unused --logins "$scratch/bad"
run 64 mailctl report --logins "$scratch/last-login"
run 64 mailctl report --unused --used
run 64 mailctl report --from disk
run 64 mailctl report --used --by month

# ---- a real Dovecot
. "$root/tests/support/private_dovecot.bash"
can_run_dovecot || { finish; exit 0; }
chmod 755 "$scratch" "$mail"
trap 'end_dovecots; "$MAILCTL" sandbox stop -q >/dev/null 2>&1; rm -rf "$scratch"' EXIT
cat >"$scratch/dovecot.conf" <<CONF
mail_location = maildir:$mail/%d/%n
mail_plugins = quota
protocol imap {
  mail_plugins = \$mail_plugins last_login
}
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=2M
  last_login_dict = file:$mail/last-login
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = passwd-file
  args = $scratch/users
}
CONF
mailctl mailbox add read@example.org unread@example.org -q --no-password --quota domain
for who in read unread; do with_path $who creationDate 20190101000000; done
for who in kept torn bare free read unread; do printf '%s@example.org::%s:%s::%s/home/%s::\n' "$who" "$mail_uid" "$mail_gid" "$mail" "$who"; done >"$scratch/users"
chmod 644 "$scratch/users"
give_to_dovecot "$mail"
serve_settings "$scratch/dovecot.conf"
deliver() { # WHO SIZE
	python3 - "$dovecot_lmtp" "$1@example.org" "$2" <<'PYTHON'
import smtplib, socket, sys
class Local(smtplib.LMTP):
    def _get_socket(self, host, port, timeout):
        s = socket.socket(socket.AF_UNIX)
        s.connect(sys.argv[1])
        return s
s = Local("x", 1)
s.sendmail("", [sys.argv[2]], "Subject: x\r\n\r\n" + ("x" * 70 + "\r\n") * (int(sys.argv[3]) // 72))
PYTHON
}
deliver read 500000 && deliver read 100000 && deliver unread 90000 || fail 'no delivery'
python3 - "$dovecot_imap" <<'PYTHON' || fail 'no login'
import imaplib, socket, sys
class Local(imaplib.IMAP4):
    def open(self, *ignored, **more):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(sys.argv[1])
        self.file = self.sock.makefile("rb")
i = Local()
i.login("read@example.org", "secret")
assert i.select("INBOX")[1] == [b"2"]
i.logout()
PYTHON

# The three sources agree, as far as doveadm tells them: in KiB.
sizes() { mailctl quota report --from "$1" "${@:2}" -o csv --fields address,used_bytes,used_messages 2>/dev/null | grep -E '^(un)?read@'; }
printf '#!/bin/sh\nexec doveadm -c %q "$@"\n' "$dovecot_dir/dovecot.conf" >"$scratch/doveadm"
chmod 755 "$scratch/doveadm"
on_disk=$(sizes disk)
[ "$(wc -l <<<"$on_disk")" = 2 ] && [[ $on_disk != *,0,* ]] || fail "on disk: $on_disk"
[ "$(sizes maildirsize)" = "$on_disk" ] || fail "maildirsize: $(sizes maildirsize), on disk $on_disk"
in_kib=$(awk -F, -v OFS=, '{ $2 = int(($2 + 1023) / 1024) * 1024; print }' <<<"$on_disk")
[ "$(sizes doveadm --doveadm "$scratch/doveadm")" = "$in_kib" ] || fail "doveadm: $(sizes doveadm --doveadm "$scratch/doveadm"), not $in_kib"
# A mailbox that the directory gives no quota has the one that Dovecot noted; whom Dovecot does not know is told.
run 1 mailctl quota report --from doveadm --doveadm "$scratch/doveadm" -o csv --fields address,limit_bytes,told_by
says "read@example.org,2097152,doveadm"
complains 'old@example.org: doveadm does not tell'
is read "maildirsize,$(grep ^read <<<"$on_disk" | cut -d, -f2,3),$(($(grep ^read <<<"$on_disk" | cut -d, -f2) * 100 / 2097152))"
run 78 mailctl quota report --from doveadm --doveadm "$scratch/nothing"
printf '#!/bin/sh\necho Fatal: no such thing >&2\nexit 64\n' >"$scratch/broken"
chmod 755 "$scratch/broken"
run 75 mailctl quota report --from doveadm --doveadm "$scratch/broken"
complains 'tells no quotas: Fatal: no such thing'

# A delivery is no use, a login that opens the INBOX is: so say the Maildir and the plugin.
for flags in "" "--logins $mail/last-login"; do
	# shellcheck disable=SC2086 # words
	run 0 mailctl report --unused $flags -o name
	says unread@example.org
	[[ $'\n'$out != *$'\n'read@* ]] || fail "$flags: who has just looked counts as unused"
done
finish
