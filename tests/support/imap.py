#!/usr/bin/env python3
"""Reads mailboxes over IMAP and prints them line by line, for tests to compare.

usage: imap.py SOCKET logins           USER PASSWORD on each line of standard input; prints USER OUTCOME
       imap.py SOCKET messages USER PASSWORD [FOLDER...]     FOLDER UID FLAGS DATE SIZE SHA256 of each message
       imap.py SOCKET folders USER PASSWORD                  list|lsub NAME of each folder, and its \\attributes
       imap.py SOCKET quota USER PASSWORD [FOLDER]           ROOT RESOURCE USED LIMIT
       imap.py SOCKET uidvalidity USER PASSWORD [FOLDER...]  FOLDER UIDVALIDITY UIDNEXT

SOCKET is a path, or HOST:PORT. Without FOLDER it is all of them. Fields are separated by tabs. FLAGS are sorted, separated by blanks,
without \\Recent, and - where there are none. DATE is INTERNALDATE in UTC. SIZE and SHA256 are of what the server sends: with CR LF.

OUTCOME is ok, refused (the server knows no such user with this password) or unavailable (anything else: it is down, or cannot tell). The
exit status of the other commands is 0, 1 for refused, 2 for unavailable and 3 when the server fails in a request.
"""
import concurrent.futures
import datetime
import hashlib
import imaplib
import re
import socket
import sys


class Client(imaplib.IMAP4):
    """One connection, to a socket in the file system or to HOST:PORT."""

    def __init__(self, place):
        self.place = place
        super().__init__(timeout=60)

    def _create_socket(self, timeout):
        if "/" not in self.place:
            host, port = self.place.rsplit(":", 1)
            return socket.create_connection((host, int(port)), timeout)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(self.place)
        return connection

    def ask(self, command, *arguments):
        """The data of an answer that must be OK."""
        try:
            status, data = getattr(self, command)(*arguments)
        except imaplib.IMAP4.error as error:
            status, data = "BAD", error
        if status != "OK":
            print(f"imap.py: {command} {' '.join(map(str, arguments))}: {status} {data}", file=sys.stderr)
            raise SystemExit(3)
        return data


def log_in(place, user, password):
    """A client and "ok", or None and why not."""
    try:
        client = Client(place)
    except (OSError, imaplib.IMAP4.error):
        return None, "unavailable"
    try:
        client.login(f'"{user}"', password)  # imaplib quotes the password alone, and { begins a literal
        return client, "ok"
    except imaplib.IMAP4.abort:
        return None, "unavailable"
    except imaplib.IMAP4.error as error:
        client.shutdown()
        return None, "refused" if "[AUTHENTICATIONFAILED]" in str(error) else "unavailable"


def quoted(folder):
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_listed(item):
    """Attributes and name from a line of LIST or LSUB, or from its two parts when the name is a literal."""
    head, name = item if isinstance(item, tuple) else (item, None)
    attributes, rest = re.fullmatch(rb'\(([^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (.*)', head, re.S).groups()
    if name is None:
        name = re.sub(rb"\\(.)", rb"\1", rest[1:-1]) if rest.startswith(b'"') else rest
    return attributes.decode(), name.decode()


def listed(client, command):
    items = [item for item in client.ask(command) if item not in (None, b"", b")")]
    return sorted(parse_listed(item)[::-1] for item in items)


def folders_of(client, wanted):
    return wanted or [name for name, attributes in listed(client, "list") if "\\Noselect" not in attributes]


def print_messages(client, wanted):
    for folder in folders_of(client, wanted):
        client.ask("select", quoted(folder), True)
        for item in client.ask("uid", "FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"):
            if isinstance(item, tuple):
                print(folder, *message_fields(*item), sep="\t")
            elif item not in (None, b")"):
                print(f"imap.py: {folder}: cannot read {item!r}", file=sys.stderr)
                raise SystemExit(3)


def message_fields(head, body):
    uid, flags, date, size = re.search(rb'UID (\d+) FLAGS \(([^)]*)\) INTERNALDATE "([^"]*)" RFC822.SIZE (\d+) BODY\[\] ', head).groups()
    kept = sorted(flag for flag in flags.decode().split() if flag != "\\Recent")
    when = datetime.datetime.strptime(date.decode().strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(datetime.timezone.utc)
    return uid.decode(), " ".join(kept) or "-", when.strftime("%Y-%m-%dT%H:%M:%SZ"), size.decode(), hashlib.sha256(body).hexdigest()


def print_folders(client, _):
    for command in ("list", "lsub"):
        for name, attributes in listed(client, command):
            print(command, name, attributes, sep="\t")


def print_quota(client, wanted):
    _, quotas = client.ask("getquotaroot", quoted(wanted[0] if wanted else "INBOX"))
    for line in filter(None, quotas):
        root, resources = re.fullmatch(r'("(?:\\.|[^"])*"|\S+) \((.*)\)', line.decode()).groups()
        words = resources.split()
        for name, used, limit in zip(words[::3], words[1::3], words[2::3]):
            print(root.strip('"'), name, used, limit, sep="\t")


def print_uidvalidity(client, wanted):
    for folder in folders_of(client, wanted):
        answer = client.ask("status", quoted(folder), "(UIDVALIDITY UIDNEXT)")[-1].decode()
        print(folder, *(re.search(rf"{word} (\d+)", answer).group(1) for word in ("UIDVALIDITY", "UIDNEXT")), sep="\t")


def try_login(place, line):
    user, password = line.split()
    client, outcome = log_in(place, user, password)
    if client:
        client.logout()
    return user, outcome


def try_logins(place):
    # Several at a time: Dovecot lets a refusal wait for up to half a second.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for user, outcome in pool.map(lambda line: try_login(place, line), sys.stdin):
            print(user, outcome, sep="\t")


def main(arguments):
    printers = {"messages": print_messages, "folders": print_folders, "quota": print_quota, "uidvalidity": print_uidvalidity}
    if arguments[1:] == ["logins"]:
        return try_logins(arguments[0])
    if len(arguments) < 4 or arguments[1] not in printers:
        print(__doc__, file=sys.stderr)
        return 64
    place, command, user, password, *wanted = arguments
    client, outcome = log_in(place, user, password)
    if not client:
        print(f"imap.py: {user}: {outcome}", file=sys.stderr)
        return {"refused": 1}.get(outcome, 2)
    printers[command](client, wanted)
    client.logout()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
