"""ask.py mail|logins [NAME=VALUE...]: asks the mail servers of this machine (stack.bash), as their clients do, for each line of standard input.

mail     sends a mail to each address, from outside, and prints "ADDRESS PLACE...". PLACE is what was found: a folder of /home/vmail/domains that has the mail,
         out:ADDRESS for what the outside world got, relay:ADDRESS where that was the server of a backup domain, list:ADDRESS, bounced:ADDRESS or deferred:ADDRESS for what Postfix gave up or keeps, or the code by which the mail was
         refused at RCPT or after the text (DATA:552). from= is the sender, client= the address that it is sent from (127.0.0.1 is trusted), login= and password=
         log in before that, at port=587; size= is how long the text is, and declare=no says nothing of that in MAIL.
logins   each line is a login; prints "LOGIN OUTCOME...", an outcome for each of ways= (imap,pop3,submission,courier-imap,courier-pop3), with the password=:
         yes, no, or what else there was. A login may have a password of its own behind a tab. There are also getent and pam, which ask for the name that the
         mailbox of an address has as a user of Unix, and radius.
"""

import base64
import concurrent.futures
import imaplib
import json
import poplib
import re
import smtplib
import subprocess
import sys
import time
import uuid
from pathlib import Path

HOMES, OUTSIDE, LOG = Path("/home/vmail/domains"), Path("/var/mail/outside"), Path("/var/log/mail.log")
PATIENCE = 60  # seconds
PAM = Path(__file__).parent.parent / "support/pam_login.py"


# ---- mail

class Sender:
    def __init__(self, given):
        self.sender = given.get("from", "sender@example.com")
        self.client = given.get("client", "192.0.2.1")
        self.login, self.password = given.get("login"), given.get("password")
        self.port = int(given.get("port", 587 if self.login else 25))
        self.encrypts = self.port == 587
        self.size = int(given.get("size", 10))
        self.declares = given.get("declare", "yes") == "yes"

    def offer(self, address):
        """The mark of the mail and its name in the queue, or the mark and the code that it was refused with."""
        mark = uuid.uuid4().hex
        text = f"From: {self.sender or 'nobody@example.com'}\r\nTo: {address}\r\nX-Mark: {mark}\r\nSubject: hello\r\n\r\n" + (70 * "x" + "\r\n") * (self.size // 72 + 1)
        with smtplib.SMTP(self.client, self.port, "client.example.com", timeout=PATIENCE, source_address=(self.client, 0)) as server:
            server.ehlo()
            if self.encrypts:
                server.starttls()
                server.ehlo()
            if self.login:
                try:
                    server.login(self.login, self.password)
                except smtplib.SMTPAuthenticationError as refusal:
                    return mark, None, f"AUTH:{refusal.smtp_code}"
            code, said = server.mail(self.sender, [f"size={len(text)}"] if self.declares else [])
            if code != 250:
                return mark, None, f"MAIL:{code}"
            code, said = server.rcpt(address)
            if code != 250:
                return mark, None, str(code)
            code, said = server.data(text)
            if code != 250:
                return mark, None, f"DATA:{code}"
            return mark, re.search(rb"queued as (\w+)", said)[1].decode(), None


def settled(mails):
    """What the log says of mails, once it has said all of each: name in the queue -> [(program, status, recipient)]."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        told, gone = {mail: [] for mail in mails}, set()
        for line in LOG.read_text(errors="replace").splitlines():
            if m := re.search(r" postfix/\w+\[\d+\]: (\w+): removed$", line):
                gone.add(m[1])
            elif (m := re.search(r" postfix/([\w/]+)\[\d+\]: (\w+): to=<(.*?)>, .*status=(\w+) ", line)) and m[2] in told:
                told[m[2]].append((m[1], m[4], m[3]))
                if m[4] == "deferred":
                    gone.add(m[2])
        if gone.issuperset(mails):
            return told
        time.sleep(0.05)
    raise SystemExit(f"ask.py: Postfix does not go on with {set(mails) - gone}")


def found():
    """Where there are mails by now: mark -> places."""
    places = {}
    for folder in HOMES.glob("*/*"):
        for file in [*folder.glob("new/*"), *folder.glob("cur/*")]:
            if mark := re.search(rb"^X-Mark: (\w+)", file.read_bytes()[:8192], re.M):
                places.setdefault(mark[1].decode(), []).append(str(folder.relative_to(HOMES)))
    if OUTSIDE.exists():
        for mail in map(json.loads, OUTSIDE.read_text().splitlines()):
            # The text of a bounce has the mark of what came back.
            if mail["from"] and (mark := re.search(r"^X-Mark: (\w+)", mail["text"], re.M)):
                places.setdefault(mark[1], []).extend(f"{'list' if mail['port'] == 8024 else 'out'}:{to}" for to in mail["to"])
    return places


def mail(given):
    sender, addresses = Sender(given), sys.stdin.read().split()
    offered = [sender.offer(address) for address in addresses]
    told = settled([mail for _, mail, _ in offered if mail])
    places = found()
    for address, (mark, mail, refusal) in zip(addresses, offered):
        relayed = {f"out:{to}" for program, _, to in told.get(mail, ()) if program == "relay/smtp"}
        there = [place.replace("out:", "relay:") if place in relayed else place for place in places.get(mark, [])]
        lost = [f"{status}:{to}" for _, status, to in told.get(mail, ()) if status != "sent"]
        print(address, *([refusal] if refusal else sorted(there + lost) or ["nowhere"]))


# ---- logins

def by_imap(port, login, password):
    client = imaplib.IMAP4("127.0.0.1", port, timeout=PATIENCE)
    try:
        client.login('"' + re.sub(r'(["\\])', r"\\\1", login) + '"', password)
        return "yes"
    except imaplib.IMAP4.error as error:
        return refusal(str(error), r"\[AUTHENTICATIONFAILED\]|Login failed")
    finally:
        client.shutdown()


def by_pop3(port, login, password):
    client = poplib.POP3("127.0.0.1", port, timeout=PATIENCE)
    try:
        client.user(login)
        client.pass_(password)
        return "yes"
    except poplib.error_proto as error:
        return refusal(str(error), r"\[AUTH\]|Login failed")
    finally:
        client.close()


def by_submission(port, login, password):
    """Postfix waits ten seconds for Dovecot, and says 454 then: who is told to come again does, as a busy machine is no answer."""
    for _ in range(6):
        said = submission_once(port, login, password)
        if not said.startswith("454"):
            break
    return said


def submission_once(port, login, password):
    with smtplib.SMTP("127.0.0.1", port, "client.example.com", timeout=PATIENCE) as client:
        client.ehlo()
        client.starttls()
        client.ehlo()
        code, said = client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0{login}\0{password}".encode()).decode())
        return "yes" if code == 235 else refusal(f"{code} {said}", "^535")


def unix_name(login):
    return login.replace("@", ".")


def by_getent(_, login, __):
    status = subprocess.run(["getent", "passwd", unix_name(login)], stdout=subprocess.DEVNULL).returncode
    return {0: "yes", 2: "no"}.get(status, str(status))


def by_pam(service, login, password):
    told = subprocess.run([sys.executable, PAM, service], input=f"{unix_name(login)} {password}\n", capture_output=True, text=True).stdout.split()
    return "no" if told[1] != "0" else "yes" if told[2] == "0" else "account:" + told[2]


def by_radius(port, login, password):
    asked = f'User-Name = "{login}", User-Password = "{password}"\n'
    told = subprocess.run(["radclient", "-x", "-r", "3", "-t", "10", f"127.0.0.1:{port}", "auth", "between-us"], input=asked, capture_output=True, text=True).stdout
    answer = re.search(r"^Received Access-(\w+) ", told, re.M)
    return {"Accept": "yes", "Reject": "no"}.get(answer[1]) if answer else "silence"


def refusal(said, pattern):
    return "no" if re.search(pattern, said) else said.replace(" ", "_")


WAYS = {"imap": (by_imap, 143), "pop3": (by_pop3, 110), "submission": (by_submission, 587), "courier-imap": (by_imap, 1143), "courier-pop3": (by_pop3, 1110),
        "getent": (by_getent, None), "pam": (by_pam, "mail-test"), "radius": (by_radius, 1812)}
USUAL = "imap,pop3,submission,courier-imap,courier-pop3"


def logins(given):
    ways = given.get("ways", USUAL).split(",")
    asked = [line.partition("\t") for line in sys.stdin.read().splitlines()]
    # Courier lets who is refused wait for five seconds. Dovecot has the directory check one password after the other, and Postfix waits ten seconds for it.
    with concurrent.futures.ThreadPoolExecutor(48) as courier, concurrent.futures.ThreadPoolExecutor(8) as others:
        pools = {way: courier if way.startswith("courier") else others for way in WAYS}
        told = [[pools[way].submit(*WAYS[way], login, own or given["password"]) for way in ways] for login, _, own in asked]
        for (login, _, _), outcomes in zip(asked, told):
            print(login, *(outcome.result() for outcome in outcomes))


def main():
    command, *given = sys.argv[1:]
    {"mail": mail, "logins": logins}[command](dict(word.split("=", 1) for word in given))


main()
