"""courier_session.py imap|pop3 COMMAND USER PASSWORD: logs in to the server that COMMAND runs, and prints how many messages there are, with IMAP also the quota
(KiB used, KiB allowed), or why it lets nobody in."""

import imaplib
import re
import subprocess
import sys


def imap(command, user, password):
    client = imaplib.IMAP4_stream(command)
    try:
        client.login(user, password)
    except imaplib.IMAP4.error as error:
        return ["no login:", str(error)]
    _, (messages,) = client.select()
    _, quota = client.getquotaroot("INBOX")
    client.logout()
    return [messages.decode(), *re.findall(r"STORAGE (\d+) (\d+)", str(quota))[:1]]


def pop3(command, user, password):
    server = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    answer = server.stdout.readline()
    for line in (f"USER {user}", f"PASS {password}", "STAT"):
        if not answer.startswith("+OK"):
            return ["no login:", answer.strip()]
        server.stdin.write(f"{line}\r\n")
        answer = server.stdout.readline()
    server.stdin.write("QUIT\r\n")
    return [answer.split()[1]]


def main():
    protocol, command, user, password = sys.argv[1:]
    for word in {"imap": imap, "pop3": pop3}[protocol](command, user, password):
        print(*word) if isinstance(word, tuple) else print(word)


main()
