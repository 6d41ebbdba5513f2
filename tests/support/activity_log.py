#!/usr/bin/env python3
# Writes a mail log as of now, for stories: each argument is one thing that somebody did, "WHEN WHAT ACCOUNT ARGUMENT...", with so many minutes ago.
#
#     30 imap ann@example.org 192.0.2.1              a good login; also pop3, and fail for one that was refused
#     30 send ann@example.org 192.0.2.1 3 [bounced]  a message to three recipients, through a submission with a password
#     30 get ann@example.org 1200                    one that came, of so many bytes
import datetime
import sys

now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
lines = []


def say(minutes, program, text):
    moment = now - datetime.timedelta(minutes=float(minutes))
    lines.append((moment, f"{moment.isoformat()} mail {program}: {text}"))


for number, thing in enumerate(sys.argv[1:]):
    minutes, what, account, *rest = thing.split(" ")
    queue_id = f"4Zq{number:05d}xyzK"
    if what in ("imap", "pop3"):
        say(minutes, f"dovecot", f"{what}-login: Login: user=<{account}>, method=PLAIN, rip={rest[0]}, lip=192.0.2.250, mpid=77, TLS, session=<s{number}>")
    elif what == "fail":
        say(minutes, "dovecot", f"imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<{account}>, method=PLAIN, rip={rest[0]}, lip=192.0.2.250, TLS, session=<s{number}>")
    elif what == "send":
        client, recipients = rest[0], int(rest[1])
        say(minutes, "postfix/submission/smtpd[11]", f"{queue_id}: client=unknown[{client}], sasl_method=PLAIN, sasl_username={account}")
        say(minutes, "postfix/cleanup[12]", f"{queue_id}: message-id=<{number}@example.org>")
        say(minutes, "postfix/qmgr[13]", f"{queue_id}: from=<{account}>, size=1000, nrcpt={recipients} (queue active)")
        say(minutes, "postfix/submission/smtpd[11]", f"disconnect from unknown[{client}] ehlo=2 auth=1 mail=1 rcpt={recipients} data=1 quit=1 commands=6")
        status = rest[2] if len(rest) > 2 else "sent"
        dsn = {"sent": "2.0.0", "bounced": "5.1.1", "deferred": "4.4.1"}[status]
        for n in range(recipients):
            say(minutes, "postfix/smtp[14]", f"{queue_id}: to=<r{n}@elsewhere.example>, relay=mx.elsewhere.example[203.0.113.9]:25, delay=1, delays=0/0/0/1, dsn={dsn}, status={status} (as it is)")
        if status != "deferred":
            say(minutes, "postfix/qmgr[13]", f"{queue_id}: removed")
    elif what == "get":
        say(minutes, "postfix/smtpd[21]", f"{queue_id}: client=mx.elsewhere.example[203.0.113.9]")
        say(minutes, "postfix/qmgr[13]", f"{queue_id}: from=<somebody@elsewhere.example>, size={rest[0]}, nrcpt=1 (queue active)")
        say(minutes, "postfix/lmtp[22]", f"{queue_id}: to=<{account}>, relay=mail[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Saved)")
        say(minutes, "postfix/qmgr[13]", f"{queue_id}: removed")
    else:
        sys.exit(f"nobody does {what}")
for _, line in sorted(lines, key=lambda l: l[0]):
    print(line)
