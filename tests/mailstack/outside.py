"""outside.py PORT FOLDER: the mail server of all the outside world. It takes every mail and puts it, with its envelope, as a line of JSON into FOLDER/mails."""

import json
import socketserver
import sys
from pathlib import Path


class Mail(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 outside.example ESMTP")
        sender, recipients = None, []
        for line in iter(self.rfile.readline, b""):
            words = line.decode("latin-1").strip()
            verb = words[:4].upper()
            if verb == "EHLO":
                self.say("250-outside.example\r\n250-SIZE 100000000\r\n250 8BITMIME")
            elif verb == "MAIL":
                sender, recipients = address(words), []
                self.say("250 ok")
            elif verb == "RCPT":
                recipients.append(address(words))
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                self.server.keep({"from": sender, "to": recipients, "text": self.text()})
                self.say("250 ok")
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")

    def text(self):
        lines = []
        for line in iter(self.rfile.readline, b".\r\n"):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines).decode("utf-8", "surrogateescape")


def address(words):
    return words[words.index("<") + 1:words.index(">")]


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def keep(self, mail):
        with open(self.folder / "mails", "a") as file:
            file.write(json.dumps(mail) + "\n")


def main():
    with Server(("127.0.0.1", int(sys.argv[1])), Mail) as server:
        server.folder = Path(sys.argv[2])
        server.folder.mkdir(parents=True, exist_ok=True)
        server.serve_forever()


main()
