#!/usr/bin/python3
"""Stands between a program and slapd, and writes down what is asked.

    request_log.py LISTEN SERVER LOG      paths of two Unix sockets and of a file

The log gets a line for each request, "TRIP REQUEST": a trip begins where nothing is left to be answered. Answers are held back for as long as the program goes on
asking, so that what is sent without waiting has one number, but where the machine lets the program wait. A search is "search SCOPE ATTRIBUTE,... BASE FILTER"; an extended operation has its OID. A line "new" begins a connection.
"""
import os
import selectors
import socket
import sys

OPERATIONS = {0x60: 'bind', 0x42: 'unbind', 0x63: 'search', 0x66: 'modify', 0x68: 'add', 0x4a: 'delete', 0x6c: 'modrdn', 0x6e: 'compare', 0x50: 'abandon', 0x77: 'extended'}


QUIET = 0.005  # seconds
PARTS_OF_ANSWERS = {0x64: 'entry', 0x73: 'reference', 0x79: 'intermediate'}


def element(data, at=0):
    """(tag, where its contents begin, where they end), or None when it is not all there."""
    if len(data) < at + 2:
        return None
    length, begin = data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7f
        if len(data) < begin + size:
            return None
        length, begin = int.from_bytes(data[begin:begin + size], 'big'), begin + size
    return (data[at], begin, begin + length) if len(data) >= begin + length else None


def parts(data, begin, end):
    while begin < end:
        tag, first, last = element(data, begin)
        yield tag, data[first:last]
        begin = last


def messages_of(data):
    """Those that are whole, and what is left."""
    messages = []
    while (whole := element(data)) is not None:
        messages.append(data[:whole[2]])
        data = data[whole[2]:]
    return messages, data


def filter_text(tag, body):
    """Near to RFC 4515: for people."""
    inner = list(parts(body, 0, len(body))) if tag & 0x20 else []
    if tag in (0xa0, 0xa1, 0xa2):
        return '(' + '&|!'[tag - 0xa0] + ''.join(filter_text(*each) for each in inner) + ')'
    if tag == 0x87:
        return f'({body.decode()}=*)'
    sign = {0xa3: '=', 0xa5: '>=', 0xa6: '<=', 0xa8: '~='}.get(tag)
    if sign:
        return f'({inner[0][1].decode()}{sign}{inner[1][1].decode(errors="replace")})'
    return f'({inner[0][1].decode(errors="replace")}...)' if inner else '(?)'


def described(message):
    (_, _), (tag, body), *controls = parts(message, *element(message)[1:])
    words = [OPERATIONS.get(tag, hex(tag))]
    if tag == 0x63:
        fields = list(parts(body, 0, len(body)))
        attributes = [name.decode() for _, name in parts(fields[7][1], 0, len(fields[7][1]))]
        words += [('base', 'one', 'sub', 'children')[fields[1][1][0]], ','.join(attributes) or '*', fields[0][1].decode() or '""', filter_text(*fields[6])]
    if tag == 0x77:
        words.append(next(parts(body, 0, len(body)))[1].decode())
    for _, all_controls in controls:
        for _, control in parts(all_controls, 0, len(all_controls)):
            words.append('+' + next(parts(control, 0, len(control)))[1].decode())
    return ' '.join(words)


class Talk:
    def __init__(self, client, server, log):
        self.client, self.server, self.log = client, server, log
        self.trip, self.unanswered, self.asked, self.told, self.held = 0, 0, b'', b'', b''
        log.write('new\n')

    def from_client(self, data):
        messages, self.asked = messages_of(self.asked + data)
        for message in messages:
            text = described(message)
            if text not in ('unbind', 'abandon'):
                self.trip += self.unanswered == 0
                self.unanswered += 1
            self.log.write(f'{self.trip} {text}\n')
        self.log.flush()
        self.server.sendall(data)

    def from_server(self, data):
        self.held += data

    def answer(self):
        data, self.held = self.held, b''
        messages, self.told = messages_of(self.told + data)
        for message in messages:
            _, (tag, _), *_ = parts(message, *element(message)[1:])
            self.unanswered -= tag not in PARTS_OF_ANSWERS
        if data:
            self.client.sendall(data)


def serve(listening, target, log):
    with selectors.DefaultSelector() as ready:
        ready.register(listening, selectors.EVENT_READ, None)
        talks = set()
        while True:
            events = ready.select(QUIET if any(t.held for t in talks) else None)
            if not events:
                for talk in talks:
                    talk.answer()
            for key, _ in events:
                if key.data is None:
                    client, _ = listening.accept()
                    server = socket.socket(socket.AF_UNIX)
                    server.connect(target)
                    talk = Talk(client, server, log)
                    talks.add(talk)
                    ready.register(client, selectors.EVENT_READ, (talk, client, server, talk.from_client))
                    ready.register(server, selectors.EVENT_READ, (talk, client, server, talk.from_server))
                    continue
                talk, client, server, take = key.data
                if client.fileno() < 0:
                    continue
                try:
                    data = key.fileobj.recv(1 << 16)
                    if data:
                        take(data)
                        continue
                    talk.answer()
                except ConnectionError:
                    pass
                talks.discard(talk)
                for each in (client, server):
                    ready.unregister(each)
                    each.close()


def main():
    where, target, log = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as listening, open(log, 'w') as out:
        listening.bind(where + '.new')
        listening.listen(16)
        os.rename(where + '.new', where)
        serve(listening, target, out)


main()
