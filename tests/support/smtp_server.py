"""smtp_server.py FOLDER: a mail server at a port of its own on 127.0.0.1, which it writes into FOLDER/port. It keeps each message as FOLDER/N.ADDRESS, with who sent it in its first line, and answers
as FOLDER/answers says at that moment, a line for each: COMMAND or an address, a code and words ("MAIL 451 later"). "COMMAND silent" never answers, "COMMAND gone" hangs up."""

import itertools
import socketserver
import sys
from pathlib import Path

folder = Path(sys.argv[1])
numbers = itertools.count()


def wanted(*names):
    """What is to be answered to one of these, if anything else than yes."""
    try:
        lines = [line.split(" ", 1) for line in (folder / "answers").read_text().splitlines() if line]
    except FileNotFoundError:
        return None
    return next((said for name, said in lines if name in names), None)


class Conversation(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def answer(self, otherwise, *names):
        said = wanted(*names)
        if said == "silent":
            while self.rfile.readline():
                pass
            raise ConnectionError
        if said == "gone":
            raise ConnectionError
        self.say(said or otherwise)
        return not said or said[0] in "23"

    def handle(self):
        with open(folder / "connections", "a") as f:
            print("one", file=f)
        try:
            self.talk()
        except ConnectionError:
            pass

    def talk(self):
        sender, to = None, None
        if not self.answer("220 here", "CONNECT"):
            return
        while line := self.rfile.readline():
            command = line.decode().strip()
            verb = command[:4].upper()
            address = command[command.find("<") + 1 : command.find(">")] if "<" in command else ""
            if verb == "MAIL":
                sender = address if self.answer("250 yes", "MAIL") else None
            elif verb == "RCPT":
                to = address if self.answer("250 yes", "RCPT", address) else None
            elif verb == "DATA":
                if self.answer("354 go on", "DATA"):
                    self.take(sender, to)
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.answer("250 here", verb)

    def take(self, sender, to):
        text = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionError
            assert line.endswith(b"\r\n"), line
            text += line[1:] if line.startswith(b".") else line
        if wanted("MESSAGE", f"message-to-{to}") is None:
            (folder / f"{next(numbers)}.{to}").write_bytes(f"from: {sender}\n".encode() + text)
        self.answer("250 taken", "MESSAGE", f"message-to-{to}")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Conversation) as server:
    (folder / "port.new").write_text(str(server.server_address[1]))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()
