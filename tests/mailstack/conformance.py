"""conformance.py FOLDER [--phamm]: the table of states and daemons, in Markdown, from what conformance.sh found: rows (address, doings, heading, wanted answers, wanted place), mails,
logins, unix, mailboxes (as "mailctl mailbox list -o json" has them), traces (as "mailctl trace -o jsonl") and folders (folder, address). With --phamm it is
the rows in which the filters of Phamm do otherwise, from phamm/mails and phamm/logins.

Ends with 1, and says why, where a daemon does what the row does not say, or what mailctl does not say without that one of the notes names the row."""

import json
import sys
from pathlib import Path

DAEMONS = ("IMAP", "POP3", "submission", "Courier IMAP", "Courier POP3")
OF_UNIX = ("getent", "PAM", "RADIUS")

# What no filter can do, and what is no state: the rows where mailctl and the daemons part, each with the number of its note.
NOTES = (
    ("A filter sees an entry, and not the domain above it: what is added to a domain that is stopped, and all of one that another program has written that into, and no more, "
     "still logs in and sends. mailctl tells of both (`mailctl check`), and nothing of it gets mail.", ("late@off.example", "ada@alone.example")),
    ("The end of a mailbox is what the next run of `mailctl-expire` goes by; no daemon looks at it.", ("ended@example.org",)),
    ("Its password is another one, or there is none; of that mailctl sees the hash alone.", ("lost@example.org", "nopass@example.org")),
)
# What mailctl says as well.
REMARKS = (
    ("`--no-login` is about reading mail: an account of Unix is a thing of its own.", ("nologin@example.org",)),
    ("Postfix looks no further than an alias when it is asked at RCPT: it takes the mail, and it comes back.", ("into@example.org", "todead@example.org", "toclosed@example.org")),
    ("A catch-all takes what no mailbox in service takes.", ("off@all.example", "noreceive@all.example")),
    ("Debian's smtpd_relay_restrictions (`defer_unauth_destination`) tell senders to come again, here as for any domain that is none of ours.",
     ("ada@before.example", "ann@past.example")),
)


def read(folder, name):
    return [line.split("\t") for line in (folder / name).read_text().splitlines()]


def says_of_login(box):
    """What mailctl says of the ways in: reading, sending."""
    if box is None or box["status"] != "active":
        return False, False
    return box["may_log_in"], box["smtp_auth"]


def says_of_unix(box):
    return ["yes" if box is not None and box["status"] == "active" else "no"] * len(OF_UNIX)


def wanted_of_unix(address, imap):
    """By the answer of IMAP: whom getent knows, and whose password is right."""
    if address == "nologin@example.org":
        return ["yes"] * len(OF_UNIX)
    return ["yes" if address in NOTES[2][1] else imap, imap, imap]


def says_of_mail(trace):
    """The places by mailctl's trace, or none where the mail is refused."""
    if trace["outcome"] == "refused":
        return set()
    if trace["outcome"] == "outside":
        return None
    kinds = {"mailbox": "", "outside": "out:", "backup": "relay:", "list server": "list:"}
    return {kinds[d["kind"]] + d["recipient"] for d in trace["destinations"]} | {"bounced:" + loss["address"] for loss in trace["losses"]}


def place_of(word, address, folders):
    """In the words of the table of states."""
    place = folders.get(word, word)
    return "mailbox" if place.lower() == address.lower() else place


def told(doings):
    """What was done, as people read it."""
    other = {"expire": "`mailctl-expire`", "disable_alone %": "another program writes `accountActive: FALSE` into `%`", "": "", "-": ""}
    return ", ".join(other.get(doing, f"`{doing}`") for doing in doings.split("; "))


def in_words(place, address):
    if place == "mailbox":
        return "its mailbox"
    if place.isdigit():
        return f"refused ({place})"
    kind, _, rest = place.rpartition(":")
    return {"": f"mailbox of {rest}", "out": rest, "relay": "the server of that domain", "list": "the list server", "bounced": "comes back"}[kind]


class Table:
    def __init__(self, folder):
        self.folder, self.faults = folder, []
        self.folders = dict(read(folder, "folders"))
        self.boxes = {box["address"].lower(): box for box in json.loads((folder / "mailboxes").read_text())["items"]}
        self.traces = {trace["address"]: trace for trace in map(json.loads, (folder / "traces").open())}
        self.mails = {words[0]: words[1:] for words in (line.split() for line in (folder / "mails").open())}
        self.logins = {words[0]: words[1:] for words in (line.split() for line in (folder / "logins").open())}
        self.unix = {words[0]: words[1:] for words in (line.split() for line in (folder / "unix").open())}

    def fault(self, address, *words):
        self.faults.append(f"{address}: " + " ".join(map(str, words)))

    def row(self, address, doings, wanted, wanted_place):
        logins, unix = self.logins[address], self.unix[address]
        places = [place_of(word, address, self.folders) for word in self.mails.get(address, ["-"])]
        if (logins, ",".join(places)) != (wanted, wanted_place):
            self.fault(address, "wanted", wanted, wanted_place, "got", logins, places)
        if unix != wanted_of_unix(address, wanted[0]):
            self.fault(address, "wanted", wanted_of_unix(address, wanted[0]), "got", unix)
        reads, sends = says_of_login(self.boxes.get(address.lower()))
        parts = logins != ["yes" if may else "no" for may in (reads, reads, sends, reads, reads)] or not self.mail_agrees(address, places)
        parts = parts or unix != says_of_unix(self.boxes.get(address.lower()))
        noted = [n for n, (_, rows) in enumerate(NOTES, 1) if address in rows]
        if parts != bool(noted):
            self.fault(address, "mailctl and the daemons", "differ, which no note tells" if parts else "do not differ, as a note tells")
        marks = noted + [n for n, (_, rows) in enumerate(REMARKS, len(NOTES) + 1) if address in rows]
        mail = ", ".join(dict.fromkeys(in_words(place, address) for place in places)) if places != ["-"] else ""
        return f"| {address} | {told(doings)} | {mail} | {' | '.join(logins + unix)} | {' '.join(f'[{n}](#{n})' for n in marks)} |"

    def mail_agrees(self, address, places):
        if places == ["-"]:
            return True
        said = says_of_mail(self.traces[address])
        refused = len(places) == 1 and places[0].isdigit()
        return refused if not said else {address if place == "mailbox" else place.lower() for place in places} == {place.lower() for place in said}

    def print(self):
        heading = None
        for address, doings, group, wanted, place in read(self.folder, "rows"):
            if group != heading:
                heading = group
                print(f"\n### {group[:1].upper()}{group[1:] or 'Nothing done'}\n\n| address | what was done | its mail goes to | {' | '.join(DAEMONS + OF_UNIX)} | note |")
                print("| --- | --- | --- |" + " :-: |" * len(DAEMONS + OF_UNIX) + " --- |")
            print(self.row(address, doings, wanted.split(), place))


class Differences(Table):
    """What other filters make of the same rows, where that is something else."""

    ways = (0, 1, 3, 4)

    def __init__(self, folder):
        super().__init__(folder)
        self.theirs = {words[0]: words[1:] for words in (line.split() for line in (folder / "phamm/mails").open())}
        self.their_logins = {words[0]: words[1:] for words in (line.split() for line in (folder / "phamm/logins").open())}

    def places(self, mails, address):
        return ", ".join(dict.fromkeys(in_words(place_of(word, address, self.folders), address) for word in mails.get(address, ())))

    def print(self):
        print(f"\n| address | what was done | its mail goes to | {' | '.join(DAEMONS[n] for n in self.ways)} |")
        print("| --- | --- | --- |" + " :-: |" * len(self.ways))
        for address, doings, *_ in read(self.folder, "rows"):
            ours = [self.places(self.mails, address)] + [self.logins[address][n] for n in self.ways]
            theirs = [self.places(self.theirs, address)] + [word if word in ("yes", "no") else "error" for word in self.their_logins[address]]
            if ours != theirs:
                print(f"| {address} | {told(doings)} | " + " | ".join("" if a == b else b for a, b in zip(ours, theirs)) + " |")


def main():
    if sys.argv[2:]:
        return Differences(Path(sys.argv[1])).print()
    table = Table(Path(sys.argv[1]))
    table.print()
    print("\n### Notes\n")
    for n, (text, _) in enumerate(NOTES + REMARKS, 1):
        print(f'{n}. <a id="{n}"></a>{text}')
    print(*table.faults, sep="\n", end="\n" if table.faults else "", file=sys.stderr)
    sys.exit(bool(table.faults))


main()
