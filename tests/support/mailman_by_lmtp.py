"""mailman_by_lmtp.py PACKAGES FOLDER MAPS ADDRESS...: a Postfix with the maps of MAPS delivers mail to each address, and a listener in the place of Mailman
takes it by LMTP. Prints each address and the recipient that Mailman was told, or what became of it. FOLDER is made. Needs root, as Postfix does."""

import socketserver
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import postfix_with_maps


class Mailman(socketserver.StreamRequestHandler):
    """As much of RFC 2033 as Postfix needs; the subject says which mail it is."""

    told = {}

    def handle(self):
        self.say("220 lists LMTP")
        recipients = []
        for line in self.rfile:
            word = line.decode().strip()
            verb = word.upper()
            if verb.startswith("RCPT TO:"):
                recipients.append(word[8:].split(">")[0].strip(" <"))
            if verb == "DATA":
                self.say("354 go on")
                self.read_mail(recipients)
                for _ in recipients:
                    self.say("250 taken")
                recipients = []
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 so it is")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def read_mail(self, recipients):
        for line in iter(self.rfile.readline, b".\r\n"):
            if line.startswith(b"Subject: for "):
                self.told.setdefault(line[13:].decode().strip(), []).extend(recipients)


class Postfix(postfix_with_maps.Postfix):
    def send(self, address):
        self._run("sendmail", "-f", "<>", "-oi", "--", address, input=f"Subject: for {address}\n\nhello\n".encode())
        return [f"{status}: {why}" for _, _, _, status, why in self._deliveries()]


def main():
    packages, folder, maps, *addresses = sys.argv[1:]
    maps = Path(maps)
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailman)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    lists = maps / "lists"
    lists.write_text(lists.read_text().replace("[127.0.0.1]:8024", f"[127.0.0.1]:{server.server_address[1]}"))
    nowhere = {"relay_transport": "error:no transport", "default_transport": "error:no transport", "virtual_transport": "error:a mailbox"}
    mta = Postfix(packages, folder, "example.org", maps, **nowhere)
    try:
        for address in addresses:
            became = mta.send(address)
            print(address, " ".join(Mailman.told.get(address, became)))
    finally:
        mta.close()


main()
