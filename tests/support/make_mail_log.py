#!/usr/bin/env python3
"""make_mail_log.py LINES [--seed=N] [--days=N] [--end=SECONDS] [--zone=NAME] [--form=syslog|rfc3339|json] [--truth=FILE]: the log of a mail site, about so many lines in the order of
their times, up to this moment.

Some of its accounts are used by others in the last day. The truth, a file of JSON, says which, by the rule that is to find them, and beside them which come near to that and are not to be found:

    sends-unread   sends each day and never reads                        near: reads once a day
    many-networks  logs in from 14 networks within an hour               near: from 3
    above-usual    sends to 1200 recipients within an hour               near: to 300, as it does each day
    many-bounces   120 of 200 recipients are none, over ten hours        near: 5 of 200
    guessed        fails from 25 networks, then logs in from another     near: then logs in from where it always does
    stopped-tries  fails 40 times, from one network: it is disabled      near: 2 times

What is no log is in it, too: lines that are binary, long, or forged by names that somebody typed.
"""

import datetime
import json
import random
import sys
import zoneinfo

DAY, HOUR = 86400, 3600
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LINES_OF_ACCOUNT = 60  # in a day
PLANTED = 4            # of each incident
LONG_ID = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy"


class Account:
    def __init__(self, number, dice):
        self.name = f"user{number}@{('example.org', 'example.net', 'lab.example.edu')[number % 3]}"
        self.home = f"10.{number >> 8 & 255}.{number & 255}."
        self.away = f"10.{128 + (number >> 8 & 127)}.{number & 255}."
        self.mx = f"mx{number % 2 + 1}"
        self.is_of_courier = number % 10 == 7
        self.dice = dice

    def client(self):
        return (self.home if self.dice.random() < 0.8 else self.away) + str(self.dice.randint(2, 5))


class Site:
    def __init__(self, lines, seed, days, end):
        self.dice = random.Random(seed)
        self.days, self.begin = days, end - days * DAY
        self.end = end
        self.log = []  # (seconds, order, host, program, pid, text)
        self.id_number = 0
        planted = 12 * PLANTED
        self.accounts = [Account(number, self.dice) for number in range(max(2 * planted, lines // (LINES_OF_ACCOUNT * days)))]
        names = ["sends-unread", "many-networks", "above-usual", "many-bounces", "guessed", "stopped-tries"]
        self.planted = {name: self.accounts[i * PLANTED:(i + 1) * PLANTED] for i, name in enumerate(names)}
        self.near = {name: self.accounts[(i + 6) * PLANTED:(i + 7) * PLANTED] for i, name in enumerate(names)}
        self.others = self.accounts[planted:]
        self.lines = lines

    def truth(self):
        return {kind: {rule: [a.name for a in accounts] for rule, accounts in some.items()} for kind, some in (("planted", self.planted), ("near", self.near))}

    def say(self, when, host, program, text, pid=None):
        self.log.append((when, len(self.log), host, program, pid or 100 + hash_of(program + host) % 900, text))

    def queue_id(self):
        self.id_number += 1
        if self.id_number % 2:
            return f"{self.id_number * 7919 % 0xFFFFFFFFF:09X}"
        value, text = self.id_number * 104729, ""
        for _ in range(11):
            value, digit = divmod(value, len(LONG_ID))
            text += LONG_ID[digit]
        return "4" + text + "z" + LONG_ID[value % 40]

    # ---- what happens

    def read(self, when, account, client=None):
        client = client or account.client()
        if account.is_of_courier:
            program = self.dice.choice(["imapd", "imapd-ssl", "pop3d"])
            port = self.dice.randint(1024, 65535)
            self.say(when, "old1", program, f"Connection, ip=[::ffff:{client}], port=[{port}]")
            return self.say(when, "old1", program, f"LOGIN, user={account.name}, ip=[::ffff:{client}], port=[{port}], protocol=IMAP")
        service = "imap" if self.dice.random() < 0.85 else "pop3"
        session, pid = self.session(), self.dice.randint(1000, 99999)
        word = self.dice.choice(["Login", "Logged in"])
        self.say(when, "imap1", "dovecot", f"{service}-login: {word}: user=<{account.name}>, method=PLAIN, rip={client}, lip=10.255.0.1, mpid={pid}, TLS, session=<{session}>")
        self.say(when + self.dice.randint(1, 300), "imap1", "dovecot", f"{service}({account.name})<{pid}><{session}>: Disconnected: Logged out in=1234 out=56789 deleted=0 expunged=1 trashed=0 hdr_count=3 hdr_bytes=1021 body_count=2 body_bytes=43210")

    def session(self):
        return "".join(self.dice.choices(LONG_ID, k=16))

    def fail(self, when, name, client, attempts=None):
        attempts = attempts or self.dice.choice([1, 1, 1, 2, 3])
        way = self.dice.random()
        if way < 0.15:
            return self.say(when, "mx1", "postfix/submission/smtpd", f"warning: unknown[{client}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username={name}", self.dice.randint(1000, 9999))
        if way < 0.25:
            return self.say(when, "old1", "imapd", f"LOGIN FAILED, user={name}, ip=[::ffff:{client}], port=[{self.dice.randint(1024, 65535)}]")
        reason = self.dice.choice(["Disconnected: Connection closed (auth failed, {} attempts in 6 secs)", "Aborted login (auth failed, {} attempts in 2 secs)", "Login aborted: Connection closed (auth failed, {} attempts in 14 secs) (auth_failed)"])
        self.say(when, "imap1", "dovecot", f"{self.dice.choice(['imap', 'pop3'])}-login: {reason.format(attempts)}: user=<{name}>, method=PLAIN, rip={client}, lip=10.255.0.1, TLS, session=<{self.session()}>")

    def send(self, when, account, recipients, bounced=0, client=None):
        """To addresses outside, but for one; those that come first are none."""
        host, queue_id, pid = account.mx, self.queue_id(), self.dice.randint(1000, 9999)
        client, size = client or account.client(), self.dice.randint(500, 200000)
        smtpd = "postfix/submission/smtpd"
        self.say(when, host, smtpd, f"connect from unknown[{client}]", pid)
        self.say(when, host, smtpd, f"{queue_id}: client=unknown[{client}], sasl_method=PLAIN, sasl_username={account.name}", pid)
        if self.dice.random() < 0.02:
            self.say(when, host, smtpd, f"NOQUEUE: reject: RCPT from unknown[{client}]: 550 5.1.1 <nobody@example.org>: Recipient address rejected; from=<{account.name}> to=<nobody@example.org> proto=ESMTP helo=<pc>", pid)
        self.say(when, host, "postfix/cleanup", f"{queue_id}: message-id=<{queue_id}@{host}>")
        self.say(when, host, "postfix/qmgr", f"{queue_id}: from=<{account.name}>, size={size}, nrcpt={recipients} (queue active)")
        self.say(when + 1, host, smtpd, f"disconnect from unknown[{client}] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8", pid)
        if host == "mx2":
            queue_id = self.filter(when + 1, host, queue_id, account.name, client, size, recipients)
        for number in range(recipients):
            self.dispatch(when + 2, host, queue_id, number < bounced, number == bounced and recipients > 1)
        self.say(when + 3 if bounced == 0 else when + 4, host, "postfix/qmgr", f"{queue_id}: removed")

    def filter(self, when, host, queue_id, sender, client, size, recipients):
        child = self.queue_id()
        forwarded = f", orig_queue_id={queue_id}, orig_client=unknown[{client}]" if self.dice.random() < 0.5 else ""
        self.say(when, host, "postfix/amavis/smtpd", f"{child}: client=localhost[127.0.0.1]{forwarded}", 77)
        self.say(when, host, "postfix/cleanup", f"{child}: message-id=<{queue_id}@{host}>")
        self.say(when, host, "postfix/qmgr", f"{child}: from=<{sender}>, size={size + 600}, nrcpt={recipients} (queue active)")
        for number in range(recipients):
            self.say(when, host, "postfix/amavis/smtp", f"{queue_id}: to=<p{number}@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {child})")
        self.say(when, host, "postfix/qmgr", f"{queue_id}: removed")
        return child

    def dispatch(self, when, host, queue_id, is_bounced, is_local):
        to = f"p{self.dice.randint(0, 99999)}@example.com"
        if is_local:
            return self.deliver(when, host, queue_id, self.dice.choice(self.others))
        relay = f"relay=mx.example.com[203.0.113.{self.dice.randint(1, 250)}]:25, delay=1.2, delays=0.1/0/0.4/0.7"
        if is_bounced:
            return self.say(when, host, "postfix/smtp", f"{queue_id}: to=<{to}>, {relay}, dsn=5.1.1, status=bounced (host mx.example.com said: 550 5.1.1 <{to}>: user unknown (in reply to RCPT TO command))")
        if self.dice.random() < 0.03:
            self.say(when, host, "postfix/smtp", f"{queue_id}: to=<{to}>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to mx.example.com[203.0.113.9]:25: Connection timed out)")
        self.say(when, host, "postfix/smtp", f"{queue_id}: to=<{to}>, {relay}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {self.session()})")

    def deliver(self, when, host, queue_id, account):
        session = self.session()
        how = self.dice.random()
        if how < 0.01:
            status = "dsn=4.2.2, status=deferred (host imap1[10.255.0.2] said: 452 4.2.2 Quota exceeded (mailbox for user is full))"
        elif how < 0.015:
            status = "dsn=5.2.2, status=bounced (host imap1[10.255.0.2] said: 552 5.2.2 Quota exceeded (mailbox for user is full))"
        else:
            status = f"dsn=2.0.0, status=sent (250 2.0.0 <{account.name}> {session} Saved)"
            self.say(when, "imap1", "dovecot", f"lmtp({account.name})<{self.dice.randint(100, 999)}><{session}>: msgid=<{queue_id}@{host}>: saved mail to INBOX")
        original = "orig_to=<info@example.org>, " if self.dice.random() < 0.1 else ""
        self.say(when, host, "postfix/lmtp", f"{queue_id}: to=<{account.name}>, {original}relay=imap1[10.255.0.2]:24, delay=0.2, delays=0.1/0/0/0.1, {status}")

    def receive(self, when, account):
        host, queue_id, pid = account.mx, self.queue_id(), self.dice.randint(1000, 9999)
        client = f"mail.example.com[203.0.113.{self.dice.randint(1, 250)}]"
        self.say(when, host, "postfix/smtpd", f"connect from {client}", pid)
        self.say(when, host, "postfix/smtpd", f"{queue_id}: client={client}", pid)
        self.say(when, host, "postfix/cleanup", f"{queue_id}: message-id=<{self.session()}@example.com>")
        self.say(when, host, "postfix/qmgr", f"{queue_id}: from=<someone@example.com>, size={self.dice.randint(900, 90000)}, nrcpt=1 (queue active)")
        self.deliver(when + 1, host, queue_id, account)
        self.say(when + 1, host, "postfix/smtpd", f"disconnect from {client} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5", pid)
        self.say(when + 2, host, "postfix/qmgr", f"{queue_id}: removed")

    def spam(self, when, account):
        client, pid = f"unknown[198.51.100.{self.dice.randint(1, 250)}]", self.dice.randint(1000, 9999)
        self.say(when, account.mx, "postfix/smtpd", f"connect from {client}", pid)
        self.say(when, account.mx, "postfix/smtpd", f"NOQUEUE: reject: RCPT from {client}: 554 5.7.1 Service unavailable; Client host blocked using bl.example.com; from=<x@example.com> to=<{account.name}> proto=ESMTP helo=<x sasl_username?{account.name}>", pid)
        self.say(when, account.mx, "postfix/smtpd", f"disconnect from {client} ehlo=1 mail=1 rcpt=0/1 commands=2/3", pid)

    def rubbish(self, when):
        kind = self.dice.randint(0, 5)
        forged = f"x>, method=PLAIN, rip=203.0.113.9, lip=1.1.1.1, session=<f"
        if kind == 0:
            self.fail(when, forged, "198.18.0.9", 1)
        elif kind == 1:
            self.say(when, "old1", "imapd", "LOGIN FAILED, user=x, ip=[203.0.113.9], port=[1], ip=[::ffff:198.18.0.9], port=[4711]")
        elif kind == 2:
            self.say(when, "imap1", "dovecot", "imap-login: Login: user=<\0\x01>, method=PLAIN, rip=198.18.0.9, lip=10.255.0.1")
        elif kind == 3:
            self.say(when, "mx1", "cron", "x" * self.dice.choice([300, 70000]))
        elif kind == 4:
            self.say(when, "mx1", "postfix/submission/smtpd", "message repeated 3 times: [ warning: unknown[198.18.0.9]: SASL LOGIN authentication failed: x, sasl_username=t\u00e4st \x1b[31m]")
        else:
            self.say(when, "mx1", "sshd", "Failed password for invalid user admin from 198.18.0.9 port 4711 ssh2")

    # ---- a day

    def at(self, day, hours=range(24)):
        hours = [hour for hour in hours for _ in range(1 + 5 * (7 <= hour <= 18))]
        return self.begin + day * DAY + self.dice.choice(hours) * HOUR + self.dice.randint(0, HOUR - 400)

    def live(self, account, day):
        for _ in range(self.dice.randint(3, 9)):
            self.read(self.at(day), account)
        for _ in range(self.dice.choice([0, 1, 2, 3])):
            self.send(self.at(day), account, self.dice.choice([1, 1, 1, 2, 3]), int(self.dice.random() < 0.01))
        self.get(account, day)
        if self.dice.random() < 0.1:
            self.fail(self.at(day), account.name, account.client(), 1)

    def get(self, account, day):
        for _ in range(self.dice.randint(1, 4)):
            self.receive(self.at(day), account)
        for _ in range(self.dice.randint(0, 4)):
            self.spam(self.at(day), account)

    def pass_day(self, day):
        for account in self.others:
            self.live(account, day)
        for some in (self.planted, self.near):
            for rule, accounts in some.items():
                for account in accounts:
                    self.get(account, day)
                    if rule != "stopped-tries" and (rule != "sends-unread" or some is self.near):
                        self.read(self.at(day), account)
                    if rule == "sends-unread":
                        for _ in range(3):
                            self.send(self.at(day), account, 2)
        for account in self.near["above-usual"]:
            self.many(self.begin + day * DAY + 9 * HOUR, account, 75, 4)
        for _ in range(len(self.others) // 10 + 1):  # guesses at names that nobody has
            self.fail(self.at(day), f"{self.dice.choice(['admin', 'info', 'test'])}{self.dice.randint(0, 99)}@example.org", self.attacker())
        for _ in range(5):
            self.rubbish(self.at(day))

    def attacker(self, number=None):
        number = self.dice.randint(0, 400) if number is None else number
        return f"198.{18 + number // 256}.{number % 256}.{self.dice.randint(2, 250)}"

    def many(self, when, account, messages, recipients, bounced=0, client=None):
        for number in range(messages):
            self.send(when + number * 3000 // messages, account, recipients, bounced, client)

    def plant(self):
        last = self.end - DAY
        for rule, networks in (("many-networks", 14), ("near", 3)):
            for account in self.planted[rule] if rule in self.planted else self.near["many-networks"]:
                for number in range(networks):
                    self.read(last + 5 * HOUR + number * 200, account, self.attacker(number + 20) if number else account.home + "2")
        for account in self.planted["above-usual"]:
            self.many(last + 3 * HOUR, account, 300, 4)
        for some, bounced in ((self.planted, 12), (self.near, 0.5)):
            for account in some["many-bounces"]:
                for hour in range(8, 18):
                    self.many(last + hour * HOUR, account, 1, 20, int(bounced) if bounced > 1 else hour % 2)
        for some in (self.planted, self.near):
            for account in some["guessed"]:
                for number in range(25):
                    self.fail(last + 2 * HOUR + number * 120, account.name, self.attacker(number + 100), 1)
                self.read(last + 4 * HOUR, account, self.attacker(300) if some is self.planted else account.home + "2")
        for some, tries in ((self.planted, 40), (self.near, 2)):
            for account in some["stopped-tries"]:
                for number in range(tries):
                    self.fail(last + 6 * HOUR + number * 60, account.name, account.home + "2", 1)

    def pass_time(self):
        for day in range(self.days):
            self.pass_day(day)
        self.plant()
        return sorted(line for line in self.log if line[0] <= self.end)


def hash_of(text):
    return sum(ord(c) * 31 ** (i % 7) for i, c in enumerate(text))


class Writer:
    def __init__(self, form, zone):
        self.form, self.zone, self.number, self.minute = form, zoneinfo.ZoneInfo(zone), 0, {}

    def line(self, when, host, program, pid, text):
        self.number += 1
        if self.form == "json":
            message = text if "\0" not in text and "\x1b" not in text else list(text.encode())
            return json.dumps({"__CURSOR": f"s=5eed;i={self.number:x};b=1;m=1;t=1;x=1", "__REALTIME_TIMESTAMP": str(when * 1000000 + 123456), "_HOSTNAME": host, "PRIORITY": "6", "SYSLOG_FACILITY": "2",
                               "SYSLOG_IDENTIFIER": program, "_PID": str(pid), "_TRANSPORT": "syslog", "_MACHINE_ID": "805d6c186f0c440da500ee8a8f661ebb", "_UID": "0", "MESSAGE": message})
        return f"{self.time(when)} {host} {program}[{pid}]: {text}"

    def time(self, when):
        minute, second = divmod(when, 60)
        if minute not in self.minute:
            self.minute = {minute: datetime.datetime.fromtimestamp(minute * 60, self.zone)}
        shown = self.minute[minute]
        if self.form == "syslog":
            return f"{MONTHS[shown.month - 1]} {shown.day:2} {shown.hour:02}:{shown.minute:02}:{second:02}"
        offset = shown.strftime("%z")
        return f"{shown.year}-{shown.month:02}-{shown.day:02}T{shown.hour:02}:{shown.minute:02}:{second:02}.{self.number % 1000000:06}{offset[:3]}:{offset[3:]}"


def main():
    options, lines = {"seed": "1", "days": "14", "end": "1795964400", "zone": "UTC", "form": "syslog", "truth": ""}, 0
    for word in sys.argv[1:]:
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            options[name] = value
        else:
            lines = int(word)
    site = Site(lines, int(options["seed"]), int(options["days"]), int(options["end"]))
    writer = Writer(options["form"], options["zone"])
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.writelines(writer.line(when, host, program, pid, text) + "\n" for when, _, host, program, pid, text in site.pass_time())
    if options["truth"]:
        with open(options["truth"], "w", encoding="utf-8") as file:
            json.dump(site.truth(), file, indent=1)


main()
