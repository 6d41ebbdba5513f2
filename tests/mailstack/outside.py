"""outside.py FILE PORT [LMTP-PORT]: the mail server of all the outside world, and the list server, which takes its mail by LMTP. They take every mail and put it, with its
envelope and the port, as a line of JSON into FILE."""

import json
import socketserver
import sys
import threading


class Mail(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 outside.example ESMTP")
        sender, recipients = None, []
        for line in iter(self.rfile.readline, b""):
            words = line.decode("latin-1").strip()
            verb = words[:4].upper()
            if verb in ("EHLO", "LHLO"):
                self.say("250-outside.example\r\n250-SIZE 100000000\r\n250 8BITMIME")
            elif verb == "MAIL":
                sender, recipients = address(words), []
                self.say("250 ok")
            elif verb == "RCPT":
                recipients.append(address(words))
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                self.server.keep({"port": self.server.server_address[1], "from": sender, "to": recipients, "text": self.text()})
                for _ in recipients if self.server.answers_each else [1]:
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
        with open(sys.argv[1], "a") as file:
            file.write(json.dumps(mail) + "\n")


def main():
    servers = [Server(("127.0.0.1", int(port)), Mail) for port in sys.argv[2:]]
    for server, answers_each in zip(servers, (False, True)):
        server.answers_each = answers_each
        threading.Thread(target=server.serve_forever).start()


main()
