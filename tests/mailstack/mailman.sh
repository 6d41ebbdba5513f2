#!/bin/bash
# Mail for a mailing list that mailctl has made comes to Debian's Mailman 3, by LMTP, and from there to its members.
more_packages=('mailman3 python3-aiosmtpd python3-alembic python3-authheaders python3-authres python3-click python3-colorama python3-dateutil python3-dkim python3-falcon python3-mimeparse python3-nacl'
	'python3-flufl.bounce python3-flufl.i18n python3-flufl.lock python3-gunicorn python3-importlib-resources python3-lazr.config python3-lazr.delegates python3-more-itertools python3-zipp'
	'python3-certifi python3-chardet python3-charset-normalizer python3-greenlet python3-idna python3-mako python3-passlib python3-psutil python3-publicsuffix2 python3-requests python3-sqlalchemy python3-urllib3'
	'python3-cbor2 python3-msgpack python3-public python3-rapidjson python3-zope.component python3-zope.configuration python3-zope.event python3-zope.hookable python3-zope.i18nmessageid python3-zope.interface python3-zope.schema')
. "$(dirname "$0")/stack.bash"

# ---- Mailman, with as many of its processes as this takes
configure_mailman() {
	echo 'list:x:38:38::/var/lib/mailman3:/bin/sh' >>/etc/passwd
	echo 'list:x:38:' >>/etc/group
	install -d -o list -g list /etc/mailman3 /var/lib/mailman3 /var/log/mailman3 /run/mailman3 /var/spool/mailman3
	{
		cat <<-'CONF'
			[mailman]
			layout: here
			site_owner: ann@example.org
			[paths.here]
			var_dir: /var/lib/mailman3
			queue_dir: /var/spool/mailman3
			log_dir: /var/log/mailman3
			lock_dir: /run/mailman3
			pid_file: /run/mailman3/master.pid
			bin_dir: /usr/lib/mailman3/bin
			[mta]
			incoming: mailman.mta.null.NullMTA
			lmtp_host: 127.0.0.1
			lmtp_port: 8024
		CONF
		printf '[runner.%s]\nstart: no\n' archive bounces command digest nntp rest retry
	} >/etc/mailman3/mailman.cfg
}
# What it has compiled is kept for its other processes.
as_list() { setpriv --reuid=list --regid=list --clear-groups env HOME=/var/lib/mailman3 PYTHONPYCACHEPREFIX=/var/lib/mailman3/compiled "$@"; }
# As schema/README.md says, and its members.
make_list() {
	as_list /usr/bin/python3 - <<-'PYTHON'
		from mailman.core.initialize import initialize
		initialize("/etc/mailman3/mailman.cfg")
		from mailman.app.lifecycle import create_list
		from mailman.config import config
		from mailman.interfaces.domain import IDomainManager
		from mailman.interfaces.usermanager import IUserManager
		from mailman.utilities.datetime import now
		from zope.component import getUtility
		getUtility(IDomainManager).add("lists.example.org")
		staff = create_list("staff@lists.example.org", ["ann@example.org"])
		staff.require_explicit_destination = False
		for member in ("ann@example.org", "bob@example.org"):
		    address = next(iter(getUtility(IUserManager).make_user(member).addresses))
		    address.verified_on = now()
		    staff.subscribe(address)
		config.db.commit()
	PYTHON
}

make_certificate
configure_daemons
start_directory
python3 "$stack/outside.py" /var/mail/outside 2525 &
pids+=($!)
start_postfix
start_dovecot
configure_mailman
make_list || die 'no list'
as_list mailman -C /etc/mailman3/mailman.cfg start >"$scratch/mailman" 2>&1 || die "Mailman does not start: $(cat "$scratch/mailman")"

tool domain add example.org
tool mailbox add {ann,bob}@example.org --password-file "$password_file"
tool mailinglist add staff@example.org --owner ann@example.org
# Python takes its time on a machine that has other things to do.
for _ in {1..5}; do (wait_for Mailman listens 8024) 2>/dev/null && break; done
wait_for Mailman listens 8024

send() { printf 'From: %s\nTo: %s\nSubject: %s\n\nhello\n' "$1" "$2" "$3" | sendmail -f "$1" "$2"; } # FROM TO SUBJECT
has() { grep -qrs "^Subject: .*$2" "/home/vmail/domains/example.org/$1/new"; }                    # USER SUBJECT
come() { # WHAT USER SUBJECT
	for _ in {1..3}; do (wait_for "$1" has "$2" "$3") 2>/dev/null && return; done
	wait_for "$1" has "$2" "$3"
}
send ann@example.org staff@example.org 'to all of us'
come 'the post, to another member' bob 'to all of us'
grep -rqs '^List-Id: .*staff.lists.example.org' /home/vmail/domains/example.org/bob/new || fail 'it did not come through Mailman'
send bob@example.org staff-owner@example.org 'to the owner'
come 'mail to the owner' ann 'to the owner'
check 'mail to what is no list' 'nolist@example.org 550' "$(echo nolist@example.org | ask mail)"
as_list mailman -C /etc/mailman3/mailman.cfg stop >/dev/null 2>&1

verdict 'a mailing list of the directory is one of Mailman'
