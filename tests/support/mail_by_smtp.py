"""mail_by_smtp.py PACKAGES FOLDER MAPS LMTP ADDRESS...: a Postfix with the maps of MAPS is sent mail from outside to each address, and delivers to the Dovecot
that listens at LMTP. Prints each address and the code by which RCPT was refused, or where its mail went: "mailbox" is the mailbox of that address, another
address is the mailbox of that, and out:, relay: and list: is mail that leaves for there. FOLDER is made. Needs root, as Postfix does."""

import re
import smtplib
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import postfix_with_maps


class Client(smtplib.SMTP):
    """To a socket in the file system, which Postfix takes for a client at 127.0.0.1."""

    def _get_socket(self, host, port, timeout):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(host)
        return connection


class Postfix(postfix_with_maps.Postfix):
    services = postfix_with_maps.Postfix.services + "outside unix n - n - - smtpd\nanvil unix - - n - 1 anvil\n"

    def offer(self, address):
        """The code of a refusal, or the queue's name of the mail."""
        with Client(str(self.dir / "queue/public/outside"), timeout=30) as client:
            client.ehlo("client.example.com")
            client.mail("sender@example.com")
            code, _ = client.rcpt(address)
            if code != 250:
                return str(code), None
            _, said = client.data(f"Subject: for {address}\r\n\r\nhello\r\n")
            return None, re.search(rb"queued as (\w+)", said)[1].decode()

    def deliveries(self, mails):
        """What the log says of mails, until it has said all: queue name -> [(recipient, status, why)]."""
        found, removed = {mail: [] for mail in mails}, set()
        while not removed.issuperset(mails):
            for line in self._new_lines():
                if m := re.search(r" postfix/\w+\[\d+\]: (\w+): removed$", line):
                    removed.add(m[1])
                elif (m := re.search(r" postfix/\w+\[\d+\]: (\w+): to=<(.*?)>, .*status=(\w+) \((.*)\)", line)) and m[1] in found:
                    found[m[1]].append(m.groups()[1:])
        return found


def place(asked, recipient, status, why):
    if status != "sent":
        return f"{status}:{recipient}"
    if why in ("out", "relay", "list"):
        return f"{why}:{recipient}"
    return "mailbox" if recipient.lower() == asked.lower() else recipient


def main():
    packages, folder, maps, lmtp, *addresses = sys.argv[1:]
    ways = {"default_transport": "discard:out", "relay_transport": "discard:relay", "virtual_transport": f"lmtp:unix:{lmtp}", "mynetworks": "127.0.0.2",
            "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination", "smtpd_error_sleep_time": "0"}
    mta = Postfix(packages, folder, "mail.example", Path(maps), **ways)
    try:
        offered = {address: mta.offer(address) for address in addresses}
        told = mta.deliveries([mail for _, mail in offered.values() if mail])
        for address, (refusal, mail) in offered.items():
            print(address, refusal or ",".join(sorted(place(address, *delivery) for delivery in told[mail])))
    finally:
        mta.close()


if __name__ == "__main__":
    main()
