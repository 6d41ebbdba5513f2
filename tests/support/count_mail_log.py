#!/usr/bin/env python3
"""count_mail_log.py [--zone=NAME] [--host=NAME] [--now=SECONDS] LOG...: counts what Postfix, Dovecot and Courier log of accounts, by regular expressions and whole lists in memory.

It prints what `activity-events sums` prints, HOST, HOUR, ACCOUNT, KIND and NUMBER with tabs between them, and knows nothing of how that finds it. A LOG is one file of syslog's or Dovecot's
lines, or of journald's JSON; .gz is unpacked; "-" is standard input. Several are read as one log, in this order. A time without a year is one of the last year up to now.
"""

import collections
import datetime
import gzip
import json
import re
import sys
import zoneinfo

MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
DAY = 86400

SYSLOG = re.compile(r"(?P<month>[A-Z][a-z]{2}) (?P<day>[ 0-3]\d) (?P<time>\d\d:\d\d:\d\d)(?:\.\d+)? (?P<rest>.*)\Z", re.S)
RFC3339 = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?:\.\d+)?(?P<offset>Z|[+-]\d\d:?\d\d)? (?P<rest>.*)\Z", re.S)
TAGGED = re.compile(r"(?:(?P<host>\S*[^\s:]) )?(?P<tag>(?P<program>[^\s:\[(<]*)[^\s]*?): (?P<text>.*)\Z", re.S)
REPEATED = re.compile(r"message repeated (?P<times>\d+) times: \[ (?P<text>.*)\]\Z", re.S)

QUEUE_ID = r"(?P<id>[0-9A-Z]{5,30}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,30})"
ADDRESS = r"\[(?P<client>[0-9A-Fa-f.:]*)\]"
CLIENT = re.compile(QUEUE_ID + r": client=[^,\[]*(?:" + ADDRESS + r")?[^,]*(?P<more>.*)\Z")
SASL_USER = re.compile(r", sasl_username=(?P<user>.*?)(?:, (?:sasl_sender|orig_queue_id|orig_client)=.*)?\Z")
PARENT = re.compile(r", orig_queue_id=(?P<parent>\w+)")
QUEUED = re.compile(QUEUE_ID + r": from=<.*>, size=(?P<size>\d+), nrcpt=(?P<recipients>\d+) \(queue active\)\Z")
EXPIRED = re.compile(QUEUE_ID + r": from=<.*>, status=\S+, returned to sender\Z")
REMOVED = re.compile(QUEUE_ID + r": removed\Z")
DELIVERY = re.compile(QUEUE_ID + r": to=<(?P<to>.*?)>, (?:orig_to=<.*?>, )?relay=(?P<relay>[^,]*), .*?status=(?P<status>\w+)(?: \((?P<answer>.*)\))?\Z")
REJECTION = re.compile(QUEUE_ID + r": (?:milter-)?reject: .*?(?:> sasl_username=<(?P<user>[^<> ]*)>)?\Z")
WRONG_PASSWORD = re.compile(r"warning: [^ ]*: SASL \S+ authentication failed: .*?, sasl_username=(?P<user>.+)\Z")
HANDED_ON = re.compile(r"(?:forwarded as (?P<forwarded>\w+)|.*queued as (?P<queued>\w+))\)?\Z")
LOOPBACK = re.compile(r"[^\[]*\[(?:127\.[0-9.]+|::1)\]")

DOVECOT_LOGIN = re.compile(r"(?P<service>imap|pop3|managesieve|submission)-login: (?:Info: )?(?:Login|Logged in): user=<(?P<user>.*)>(?:, method=[^,]*)?, rip=(?P<client>[^,]*)")
DOVECOT_FAILURE = re.compile(r"(?P<service>imap|pop3|managesieve|submission)-login: (?:Info: )?[^<]*?\(auth failed, (?P<attempts>\d+) attempts[^<]*?: user=<(?P<user>.*)>(?:, method=[^,]*)?, rip=")
COURIER = re.compile(r"(?P<how>LOGIN|LOGIN FAILED), user=(?P<user>.+), ip=\[")

PROTOCOLS = {"imap": "imap", "pop3": "pop3", "managesieve": "sieve", "submission": "submission"}
AGENTS = {"smtp", "lmtp", "virtual", "local", "pipe", "error", "retry", "discard"}


def visible(text):
    return "".join(chr(byte) if 0x20 < byte < 0x7f and byte != 0x5c else f"\\x{byte:02x}" for byte in text.encode("utf-8", "surrogateescape"))


class Clock:
    """Turns the time of a line into seconds since 1970, with what was read before."""

    def __init__(self, zone, now):
        self.zone, self.now, self.last = zoneinfo.ZoneInfo(zone), now, None

    def read(self, line):
        found = SYSLOG.match(line)
        if found and found["month"] in MONTHS:
            seconds = self.without_year(MONTHS[found["month"]], int(found["day"]), found["time"])
        else:
            found = RFC3339.match(line)
            if not found:
                return None, None
            seconds = self.with_year(found["date"], found["time"], found["offset"])
        if seconds is not None:
            self.last = seconds
        return seconds, found["rest"]

    def with_year(self, date, time, offset):
        try:
            shown = datetime.datetime.fromisoformat(f"{date}T{time}")
        except ValueError:
            return None
        if offset is None:
            return self.in_zone(shown)
        if offset == "Z":
            offset = "+00:00"
        sign = -1 if offset[0] == "-" else 1
        return int(shown.replace(tzinfo=datetime.timezone.utc).timestamp()) - sign * (int(offset[1:3]) * 3600 + int(offset[-2:]) * 60)

    def without_year(self, month, day, time):
        possible = []
        this_year = datetime.datetime.fromtimestamp(self.now, datetime.timezone.utc).year
        for year in range(this_year - 9, this_year + 2):
            try:
                shown = datetime.datetime.fromisoformat(f"{year}-{month:02}-{day:02}T{time}")
            except ValueError:
                continue
            if shown.replace(tzinfo=datetime.timezone.utc).timestamp() <= self.now + DAY:
                possible.append(shown)
        if self.last is not None:
            later = [shown for shown in possible if abs(shown.year - datetime.datetime.fromtimestamp(self.last, datetime.timezone.utc).year) < 2
                     and shown.replace(tzinfo=datetime.timezone.utc).timestamp() >= self.last - 31 * DAY]
            possible = later[:1] or possible
        return self.in_zone(possible[-1]) if possible else None

    def in_zone(self, shown):
        first, second = (int(shown.replace(tzinfo=self.zone, fold=fold).timestamp()) for fold in (0, 1))
        return second if second > first and self.last is not None and first < self.last - 300 else first


class Counter:
    def __init__(self, zone, host, now):
        self.clock, self.host, self.now = Clock(zone, now), host, now
        self.sums = collections.Counter()
        self.messages = {}  # (host, queue ID): {"account", "size", "told"}
        self.sessions = {}  # (host, process): who is logged in
        self.journal = set()

    def read(self, lines):
        for line in lines:
            if not line.endswith("\n"):
                return
            line = line[:-1].removesuffix("\r")
            if len(line.encode("utf-8", "surrogateescape")) > 65536 or "\0" in line:
                continue
            if line.startswith("{"):
                self.take_entry(line)
            else:
                self.take_line(line)

    def take_entry(self, line):
        try:
            entry = json.loads(line)
        except ValueError:
            return
        message = entry.get("MESSAGE")
        if isinstance(message, list):
            message = bytes(message).decode("utf-8", "surrogateescape")
        if not message or "\0" in message or entry["__CURSOR"] in self.journal:
            return
        self.journal.add(entry["__CURSOR"])
        program = entry.get("SYSLOG_IDENTIFIER", "")
        self.process = program, entry.get("SYSLOG_PID") or entry.get("_PID")
        self.take(int(entry["__REALTIME_TIMESTAMP"]) // 1000000, entry.get("_HOSTNAME", ""), program, message)

    def take_line(self, line):
        seconds, rest = self.clock.read(line)
        tagged = TAGGED.match(rest) if seconds is not None else None
        if tagged:
            self.process = tagged["tag"]
            self.take(seconds, tagged["host"] or "", tagged["program"], tagged["text"])

    def take(self, seconds, host, program, text):
        if seconds > self.now + DAY:
            return
        times = 1
        repeated = REPEATED.match(text)
        if repeated:
            times, text = int(repeated["times"]), repeated["text"]
        for _ in range(times):
            self.dispatch(seconds, host, program, text)

    def dispatch(self, seconds, host, program, text):
        self.hour, self.on = seconds // 3600, host or self.host
        if program.startswith("dovecot"):
            self.dovecot(text)
        elif not host and program.endswith("-login"):
            self.dovecot(f"{program}: {text}")
        elif program.startswith("postfix"):
            self.postfix(program.rpartition("/")[2], text)
        elif re.fullmatch(r"(courier-)?(imapd|pop3d)(-ssl)?", program):
            self.courier("pop3" if "pop3d" in program else "imap", text)

    def add(self, account, kind, number=1):
        if account:
            self.sums[self.on, self.hour, account, kind] += number

    # ---- daemons

    def dovecot(self, text):
        login = DOVECOT_LOGIN.match(text)
        if login:
            self.add(login["user"], "login-" + PROTOCOLS[login["service"]])
        failure = DOVECOT_FAILURE.match(text)
        if failure:
            self.add(failure["user"], "failure-" + PROTOCOLS[failure["service"]], min(max(int(failure["attempts"]), 1), 100))

    def courier(self, protocol, text):
        found = COURIER.match(text)
        if found:
            self.add(found["user"], ("login-" if found["how"] == "LOGIN" else "failure-") + protocol)

    def message(self, queue_id):
        return self.messages.setdefault((self.on, queue_id), {"account": "", "size": 0, "told": False})

    def account_of(self, queue_id):
        return self.messages.get((self.on, queue_id), {"account": ""})["account"]

    def postfix(self, service, text):
        if re.match("(dis)?connect from ", text):
            self.sessions.pop((self.on, self.process), None)
        wrong = WRONG_PASSWORD.match(text)
        if wrong and wrong["user"] != "(unavailable)":
            self.add(wrong["user"], "failure-submission")
        for pattern, take in ((CLIENT, self.client), (QUEUED, self.queued), (EXPIRED, self.expired), (REMOVED, self.removed), (REJECTION, self.rejection), (DELIVERY, self.delivery)):
            found = pattern.match(text)
            if found:
                return take(service, found)

    def client(self, service, found):
        if service != "smtpd" or found["id"] == "NOQUEUE":
            return
        user, parent = SASL_USER.search(found["more"]), PARENT.search(found["more"])
        self.messages.pop((self.on, found["id"]), None)
        message = self.message(found["id"])
        if user:
            message["account"] = self.sessions[self.on, self.process] = user["user"]
            self.add(user["user"], "login-submission")
        elif parent and (self.on, parent["parent"]) in self.messages:
            self.follow(found["id"], self.account_of(parent["parent"]))

    def follow(self, child, account):
        message = self.message(child)
        message["account"], message["told"] = account, True

    def queued(self, service, found):
        if service != "qmgr":
            return
        message = self.message(found["id"])
        message["size"] = int(found["size"])
        if message["account"] and not message["told"]:
            message["told"] = True
            self.add(message["account"], "messages")
            self.add(message["account"], "recipients", int(found["recipients"]))
            self.add(message["account"], "bytes", message["size"])

    def expired(self, service, found):
        if service == "qmgr":
            self.add(self.account_of(found["id"]), "dispatch-bounced")

    def removed(self, service, found):
        self.messages.pop((self.on, found["id"]), None)

    def rejection(self, service, found):
        of_others = self.sessions.get((self.on, self.process), "") if found["id"] == "NOQUEUE" else self.account_of(found["id"])
        self.add(found["user"] or of_others, "rejections")

    def delivery(self, service, found):
        how = {"sent": "sent", "deferred": "deferred", "bounced": "bounced", "expired": "bounced"}.get(found["status"])
        if service not in AGENTS or not how:
            return
        answer = found["answer"] or ""
        known = self.messages.get((self.on, found["id"]))
        here = service == "virtual" or service == "local" and not answer.startswith("forwarded as ") or service == "lmtp" and "queued as " not in answer \
            or service == "pipe" and re.match("dovecot|maildrop|cyrus|courier", found["relay"])
        if here:
            self.add(found["to"], "delivery-" + how)
            self.add(found["to"], f"delivery-{how}-bytes", known["size"] if known else 0)
        if not known or not known["account"]:
            return
        on = HANDED_ON.match(answer) if how == "sent" else None
        child = on and (on["forwarded"] or LOOPBACK.match(found["relay"]) and on["queued"])
        if child:
            self.follow(child, known["account"])
        else:
            self.add(known["account"], "dispatch-" + how)


def lines_of(name):
    decoding = {"encoding": "utf-8", "errors": "surrogateescape", "newline": "\n"}
    if name == "-":
        sys.stdin.reconfigure(**decoding)
        return sys.stdin
    return gzip.open(name, "rt", **decoding) if name.endswith(".gz") else open(name, **decoding)


def main():
    options, logs = {"zone": "UTC", "host": "", "now": str(int(datetime.datetime.now().timestamp()))}, []
    for word in sys.argv[1:]:
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            options[name] = value
        else:
            logs.append(word)
    counter = Counter(options["zone"], options["host"], int(options["now"]))
    for log in logs:
        counter.read(lines_of(log))
    rows = sorted((visible(host), hour, visible(account), kind, number) for (host, hour, account, kind), number in counter.sums.items() if number)
    sys.stdout.writelines("\t".join(map(str, row)) + "\n" for row in rows)


main()
