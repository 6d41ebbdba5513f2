#!/usr/bin/env python3
"""Writes an mbox such as a mail server has them, the same bytes every time.

usage: make_mbox.py [--messages N] [--bytes TOTAL] [--style mboxo|mboxcl2|dovecot] FILE

Sizes are spread as in real mailboxes: most messages are small text, a few carry most of the bytes as base64.
"""
import argparse
import base64
import random
import time

WORDS = """the of and to a in that is was for on with as by at from this mail server user message folder quota meeting attached regards
please find report university physics department seminar monday tuesday deadline reply thank you dear professor results data""".split()


def text_lines(rng, size):
    lines = []
    while size > 0:
        line = " ".join(rng.choice(WORDS) for _ in range(rng.randint(4, 12)))
        if rng.random() < 0.002:
            line = "From " + line
        if rng.random() < 0.1:
            line = ""
        lines.append(line)
        size -= len(line) + 1
    return lines


def body_of(rng, size):
    if size < 20000:
        return "\n".join(text_lines(rng, size)) + "\n"
    return base64.encodebytes(rng.randbytes(size * 57 // 77)).decode()


def header_of(rng, number, when, size):
    host = rng.choice(["mx1.example.org", "mail.example.net", "relay.example.com"])
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(when))
    fields = [
        f"Return-Path: <user{rng.randint(1, 500)}@example.net>",
        f"Received: from {host} ({host} [192.0.2.{rng.randint(1, 254)}])",
        f"\tby mail.example.org (Postfix) with ESMTP id {rng.randbytes(5).hex().upper()}",
        f"\tfor <ada@example.org>; {date}",
        f"Message-ID: <{number}.{rng.randbytes(8).hex()}@{host}>",
        f"Date: {date}",
        f"From: Somebody {number} <user{rng.randint(1, 500)}@example.net>",
        "To: Ada <ada@example.org>",
        "Subject: " + " ".join(rng.choice(WORDS) for _ in range(5)),
        "MIME-Version: 1.0",
        "Content-Type: " + ("text/plain; charset=utf-8" if size < 20000 else "application/octet-stream"),
    ]
    if size >= 20000:
        fields.append("Content-Transfer-Encoding: base64")
    return fields


def quoted(body):
    return "\n".join(">" + line if line.startswith("From ") else line for line in body.split("\n"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=20000)
    parser.add_argument("--bytes", type=int, default=205_000_000)
    parser.add_argument("--style", choices=["mboxo", "mboxcl2", "dovecot"], default="mboxo")
    parser.add_argument("file")
    args = parser.parse_args()
    rng = random.Random(4711)
    weights = [min(rng.lognormvariate(8, 1.5), 3_000_000) for _ in range(args.messages)]
    scale = (args.bytes / args.messages - 700) * args.messages / sum(weights)
    when = 1_000_000_000
    with open(args.file, "w", newline="") as out:
        for number, weight in enumerate(weights, 1):
            size = max(20, int(weight * scale))
            when += rng.randint(1, 20000)
            body = body_of(rng, size)
            fields = header_of(rng, number, when, size)
            if args.style == "mboxo":
                body = quoted(body)
                fields.append("Status: " + rng.choice(["RO", "RO", "O"]))
            else:
                fields.append(f"Content-Length: {len(body)}")
            if args.style == "dovecot":
                if number == 1:
                    fields.append(f"X-IMAPbase: 1000000000 {args.messages:010} $Forwarded work")
                fields += [f"X-UID: {number}", "Status: RO", "X-Keywords: " + rng.choice(["", "work", "$Forwarded"]) + " " * 20]
            stamp = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(when))
            out.write(f"From user@example.net  {stamp}\n" + "\n".join(fields) + "\n\n" + body + "\n")


main()
