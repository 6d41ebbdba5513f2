#!/usr/bin/env python3
"""Makes the mail of an old server: mboxes as UW-IMAP leaves them, the same ones each time.

usage: make_old_mail.py ROOT LOGIN HOME [LATER]

ROOT/var/mail/LOGIN is the INBOX; ROOT/HOME/mail holds folders, and ROOT/HOME/.mailboxlist those that are subscribed. With LATER, what came
afterwards is appended to the INBOX: that many messages without a UID, unseen.

Prints what an IMAP server has to show, a line for each message: FOLDER UID FLAGS DATE SIZE SHA256, as imap.py does.
"""
import datetime
import hashlib
import os
import sys

FOLDERS = [("INBOX", None, 5), ("sent-mail", "sent-mail", 3), ("Lavoro.progetti", "Lavoro/progetti", 2), ("Amici", "Amici", 1)]
STATES = [("RO", "", "\\Seen"), ("O", "", "-"), ("RO", "A", "\\Answered \\Seen"), ("RO", "F", "\\Flagged \\Seen"), ("RO", "AF", "\\Answered \\Flagged \\Seen")]
BODIES = [
    "A plain text.\n",
    "From here on the line begins like that of a message.\n\nFrom the end.\n> From a reply\n",
    "Citt\xe0 e universit\xe0, in Latin-1.\n",
    "\nA blank line first, and no line end at the last line",
    "x" * 2000 + "\n",
]


def quoted(body):
    return "".join(">" + line if line.startswith("From ") else line for line in body.splitlines(keepends=True))


def message(login, folder, number, status_lines):
    header = f"From: sender{number}@example.net\nTo: {login}@fis.example.org\nSubject: {folder} {number}\nMessage-ID: <{login}.{folder}.{number}@example.net>\n"
    return header + status_lines + "\n"


def delivered(number):
    return datetime.datetime(2017, 3, 1 + number, 9, 30, number, tzinfo=datetime.timezone.utc)


def in_mbox(text, body, when):
    whole = text + quoted(body)
    return f"From sender@example.net {when.strftime('%a %b %e %H:%M:%S %Y')}\n" + whole + ("" if whole.endswith("\n") else "\n") + "\n"


def shown(folder, uid, flags, text, body, when):
    whole = (text + body + ("" if body.endswith("\n") else "\n")).encode("latin-1").replace(b"\n", b"\r\n")
    print(folder, uid, flags, when.strftime("%Y-%m-%dT%H:%M:%SZ"), len(whole), hashlib.sha256(whole).hexdigest(), sep="\t")


def folder_text(login, folder, count):
    mbox = ""
    for i in range(count):
        status, more, flags = STATES[i % len(STATES)]
        lines = f"X-IMAPbase: {1500000000 + count} {count:010}\n" if i == 0 else ""
        lines += f"Status: {status}\n" + (f"X-Status: {more}\n" if more else "") + f"X-UID: {i + 1}\n"
        text, body, when = message(login, folder, i + 1, lines), BODIES[i % len(BODIES)], delivered(i)
        mbox += in_mbox(text, body, when)
        shown(folder, i + 1, flags, text, body, when)
    return mbox


def later_text(login, first, count):
    mbox = ""
    for i in range(first, first + count):
        text, body, when = message(login, "INBOX", i + 1, ""), BODIES[i % len(BODIES)], delivered(i)
        mbox += in_mbox(text, body, when)
        shown("INBOX", i + 1, "-", text, body, when)
    return mbox


def write(path, text, mode):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode, encoding="latin-1", newline="") as file:
        file.write(text)


def main(root, login, home, later="0"):
    if int(later):
        write(f"{root}/var/mail/{login}", later_text(login, FOLDERS[0][2], int(later)), "a")
        return
    for name, path, count in FOLDERS:
        write(f"{root}/var/mail/{login}" if path is None else f"{root}{home}/mail/{path}", folder_text(login, name, count), "w")
    write(f"{root}{home}/.mailboxlist", "INBOX\nmail/sent-mail\nmail/Lavoro/progetti\n", "w")


if __name__ == "__main__":
    main(*sys.argv[1:])
