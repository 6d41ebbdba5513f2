#!/usr/bin/env python3
"""Makes mboxes that have a line of some form in the middle, and compares who splits them there.

usage: from_lines.py make DIR SEED COUNT     DIR/NNNN, one mbox each, and DIR.list: what it is
       from_lines.py compare DIR REPORT SOCKET USER PASSWORD MODE

REPORT is that of mbox2maildir over DIR, in JSON. At SOCKET is an IMAP server that has DIR for its mailboxes; the other judge is Python's mailbox module. MODE is
doubtful where mbox2maildir was to split at doubtful lines, too. Prints each case that is wrong, and the counts. Exit status 1: some were wrong.
"""
import json
import mailbox
import os
import random
import sys

import imap

SENDERS = ["a@b.example", "-", "", "MAILER-DAEMON", "nobody", "host!ada", '"Ada B"@example.org', "ada@example.org ", "ada b", "???@???"]
WEEKDAYS = ["Mon", "Thu", "Sun", "gio", "jeu.", "Do", "mié", "Xyz", "Thu,", "thu"]
MONTHS = ["Jan", "Feb", "Nov", "Dec", "nov", "févr.", "Mai", "Okt", "Foo"]
DAYS = ["1", "01", " 5", "20", "28", "30", "31", "00", "32"]
CLOCKS = ["15:30:00", "15:30", "00:00:00", "24:00:00", "15:60", "15:30:61", "08:00:00", "8:00:00", "08:00:00 PM", "08:00:00 am"]
YEARS = ["2003", "1970", "1969", "1900", "0000", "9999", "2038", "03", "70", "103"]
ZONES = ["", "", "", "MET", "+0100", "-0500", "GMT+0100", "(CEST)", "(+0700)", "-07:00", "CET DST", "XYZ", "and so on", "remote from host"]
SENTENCES = ["me to you", "here on it is easy", "the desk of Ada", "Rome to Paris", "10:00 to 12:00 on 3 May 2012 we are closed", "2003 on", "Monday 20 on"]
BEFORE = {"blank": "\n", "blanks": "\n\n\n", "body": "", "header": None}
AFTER = {
    "mail field": "Subject: b\n\ny\n",
    "mozilla": "X-Mozilla-Status: 0001\nFrom: b\n\ny\n",
    "received": "Received: from x by y;\n\tThu, 20 Nov 2003 15:30:00 +0100\nSubject: b\n\ny\n",
    "field": "Note: b\n\ny\n",
    "blank": "\ny\n",
    "text": "and so the text goes on\n",
    "url": "http://www.example.org/\n",
    "end": "",
}


def dated(dice):
    """A date as asctime writes it, or nearly so."""
    words = [dice.choice(WEEKDAYS), dice.choice(MONTHS), dice.choice(DAYS), dice.choice(CLOCKS)]
    zone = dice.choice(ZONES)
    return " ".join(words + ([zone, dice.choice(YEARS)] if zone and dice.random() < 0.3 else [dice.choice(YEARS)] + [zone] * bool(zone)))


def other_date(dice):
    year, clock = dice.choice(YEARS[:6]), dice.choice(CLOCKS)
    return dice.choice([
        f"Mon Oct 16 {year} {clock}-0700", f"{year}-11-20 {clock}", f"20 Nov {year} {clock} +0100", f"Thu, 31 Nov {year} {clock} +0100",
        f"Thu Nov {year} {clock}", f"Thu Nov 20 {clock}", f"Nov 20 {clock} {year}", f"20/11/{year} {clock}",
    ])


def from_line(dice):
    form = dice.random()
    if form < 0.6:
        return f"From {dice.choice(SENDERS)} {dated(dice)}"
    if form < 0.75:
        return f"From {dice.choice(SENDERS)} {other_date(dice)}"
    if form < 0.9:
        return f"From {dice.choice(SENDERS)}{dice.choice(['', '', ' '])}"
    return f"From {dice.choice(SENTENCES)}"


def make(directory, seed, count):
    dice = random.Random(int(seed))
    os.makedirs(directory)
    with open(directory + ".list", "w", encoding="utf-8") as table:
        for number in range(int(count)):
            line, before, after = from_line(dice), dice.choice(list(BEFORE) + ["blank"] * 3), dice.choice(list(AFTER) + ["mail field"] * 2)
            first = "Subject: a\n" + ("" if BEFORE[before] is None else "\nx\n" + BEFORE[before])
            text = "From a@b Thu Nov 20 15:30:00 2003\n" + first + line + "\n" + AFTER[after]
            with open(f"{directory}/{number:04}", "wb") as file:
                file.write(text.replace("\n", dice.choice(["\n", "\n", "\r\n"])).encode())
            print(f"{number:04}", before, after, line, sep="\t", file=table)


def counts_of_server(client, names):
    """Of messages; 0 where it fails: Dovecot does, with some mails that are cut off in their header."""
    counts = {}
    for name in names:
        status, data = client.select(name, True)
        counts[name] = int(data[0]) if status == "OK" else 0
    return counts


def compare(directory, report, place, user, password, mode):
    with open(report, encoding="utf-8") as file:
        told = json.load(file)
    ours = {folder["folder"]: folder["found"] for folder in told["folders"]}
    warned = {finding["where"] for finding in told["findings"] if finding["code"] in ("late-from", "odd-from")}
    with open(directory + ".list", encoding="utf-8") as table:
        cases = [line.rstrip("\n").split("\t") for line in table]
    client, _ = imap.log_in(place, user, password)
    server = counts_of_server(client, [case[0] for case in cases])
    client.logout()
    wrong, seen = 0, {}
    for name, before, after, line in cases:
        python = len(mailbox.mbox(f"{directory}/{name}", create=False))
        found, told_so = ours.get(name, 0), name in warned
        begins_mail = after in ("mail field", "mozilla", "received", "field")
        problems = []
        if not 1 <= found <= python:
            problems.append("nobody splits there")
        if found < server[name] and not told_so:
            problems.append("the server splits, and we are silent")
        if found < server[name] and mode == "doubtful":
            problems.append("the server splits, and we do not")
        if found < python and (before.startswith("blank") and begins_mail or before == "header" and begins_mail and after != "field") and not told_so:
            problems.append("a mail begins, and we are silent")
        if found < server[name] and before.startswith("blank"):
            problems.append("the server splits behind a blank line, and we do not")
        outcome = "split" if found == 2 else "warned" if told_so else "text"
        seen[outcome] = seen.get(outcome, 0) + 1
        if problems:
            wrong += 1
            print(name, before, after, repr(line), f"ours {found} server {server[name]} python {python}", *problems, sep="; ")
    print(len(cases), "cases:", *(f"{count} {what}" for what, count in sorted(seen.items())), f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        sys.exit(compare(*sys.argv[2:]))
