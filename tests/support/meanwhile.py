#!/usr/bin/env python3
"""meanwhile.py [--before N] SOCKET SERVER-SOCKET COMMAND...: a way to a server on which somebody else is always faster. Before a request that
changes an entry is handed on, COMMAND (an ldapmodify) changes that entry; with --before, any command, once, before the Nth of them. It ends
when it is told to."""
import itertools
import socket
import subprocess
import sys
import threading

MODIFY, DELETE, RENAME = 0x66, 0x4A, 0x6C


def length_at(data, at):
    """The length that BER says there, and where what it measures begins; nothing while bytes are missing."""
    if len(data) <= at:
        return None
    if data[at] < 0x80:
        return data[at], at + 1
    size = data[at] & 0x7F
    if len(data) < at + 1 + size:
        return None
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


def messages(source):
    data = b""
    while True:
        found = length_at(data, 1)
        while found is None or len(data) < found[0] + found[1]:
            more = source.recv(65536)
            if not more:
                return
            data += more
            found = length_at(data, 1)
        end = found[0] + found[1]
        yield data[:end], found[1]
        data = data[end:]


def changed_entry(message, at):
    """The DN that the request names; nothing where it changes no entry that is there."""
    size, start = length_at(message, at + 1)
    kind = message[start + size]
    size, start = length_at(message, start + size + 1)
    if kind in (MODIFY, RENAME):
        size, start = length_at(message, start + 1)
    return message[start : start + size] if kind in (MODIFY, RENAME, DELETE) else None


def hand_on(client, server, command, turns):
    for message, at in messages(client):
        dn = changed_entry(message, at)
        if dn and next(turns):
            change = b"dn: %s\nchangetype: modify\nreplace: lastChange\nlastChange: 7\n" % dn
            subprocess.run(command, input=change, stdout=subprocess.DEVNULL, check=False)
        server.sendall(message)
    server.shutdown(socket.SHUT_WR)


def hand_back(server, client):
    while data := server.recv(65536):
        client.sendall(data)
    client.close()


def quietly(act, *arguments):
    try:
        act(*arguments)
    except OSError:
        pass  # one of the two has gone


def main():
    given, turns = sys.argv[1:], itertools.repeat(True)
    if given[0] == "--before":
        turns = map(int(given[1]).__eq__, itertools.count(1))
        given = given[2:]
    path, target, *command = given
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    while True:
        client, _ = listener.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(target)
        threading.Thread(target=quietly, args=(hand_on, client, server, command, turns), daemon=True).start()
        threading.Thread(target=quietly, args=(hand_back, server, client), daemon=True).start()


main()
