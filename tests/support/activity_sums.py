#!/usr/bin/env python3
"""activity_sums.py SUMS EXPORT: whether what count_mail_log.py has counted and what "mailctl activity export" has written are the same, to the number, by host, hour and account.

activity_sums.py --findings TRUTH FOUND: of each rule how many planted accounts there are, how many were found, and how many others were. FOUND is what "mailctl activity check -o json" writes.
The status is 1 where one is missed or somebody else is told.
"""

import collections
import json
import re
import sys

MEASURES = {"messages": "messages", "recipients": "recipients", "bytes": "bytes", "rejections": "rejected", "delivery-sent": "received", "delivery-sent-bytes": "received_bytes",
            "delivery-deferred": "received_deferred", "delivery-bounced": "received_bounced", "dispatch-sent": "sent", "dispatch-deferred": "deferred", "dispatch-bounced": "bounced"}


def measure(kind):
    if kind.startswith("failure-"):
        return "failures"
    return f"logins_{kind[6:]}" if kind.startswith("login-") else MEASURES.get(kind)


def name(text):
    """As lib/vmail/activity/account_name.hpp says it."""
    raw = re.sub(rb"\\x(..)", lambda m: bytes([int(m[1], 16)]), text.encode())
    try:
        known = raw.decode()
    except UnicodeDecodeError:
        return "unreadable"
    if not raw or len(raw) > 254 or re.search("[\x00-\x1f\x7f]", known):
        return "unreadable"
    return "".join(c.lower() if c.isascii() else c for c in known)


def recipient(text):
    known = name(text)
    local, at, domain = known.rpartition("@")
    plus = local.find("+", 1)
    return known if not at or plus < 0 else local[:plus] + at + domain


def counted(file):
    rows = collections.Counter()
    for line in open(file):
        host, hour, account, kind, number = line.rstrip("\n").split("\t")
        if what := measure(kind):
            whose = recipient(account) if kind.startswith("delivery") else name(account)
            rows[name(host), int(hour), whose, what] += int(number)
    return +rows


def exported(file):
    rows = collections.Counter()
    for row in map(json.loads, open(file)):
        if row.get("row") == "counts":
            for what, number in row.items():
                if what not in ("row", "hour", "account", "host"):
                    rows[row["host"], row["hour"], row["account"], what] += number
    return +rows


def judge(truth, found):
    told = collections.defaultdict(set)
    for item in json.load(open(found))["items"]:
        told[item["code"]].add(item["account"])
    status = 0
    for rule, accounts in json.load(open(truth))["planted"].items():
        right, others = told[rule] & set(accounts), told[rule] - set(accounts)
        print(f"{rule}: {len(accounts)} planted, {len(right)} found, {len(others)} others")
        status |= len(right) < len(accounts) or bool(others)
    return int(status)


if sys.argv[1] == "--findings":
    sys.exit(judge(*sys.argv[2:]))
one, other = counted(sys.argv[1]), exported(sys.argv[2])
for key in sorted(one.keys() | other.keys()):
    if one[key] != other[key]:
        sys.exit(f"{key}: {one[key]} by the counter, {other[key]} in the store")
print(f"{len(one)} sums are the same")
if len(one) < 1000:
    sys.exit("too few")
