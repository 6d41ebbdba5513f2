"""dovecot_auth.py SOCKET PASSWORD SERVICE...: asks Dovecot's auth service, as Postfix and the other daemons do, whether it lets in each login of standard input
by each service: a line of yes, no and unavailable for each login."""

import base64
import socket
import sys


def request(number, service, login, password):
    response = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
    return f"AUTH\t{number}\tPLAIN\tservice={service}\tsecured\tresp={response}\n"


def outcome(verdict, fields):
    if verdict == "OK":
        return "yes"
    return "unavailable" if "temp" in fields else "no"


def main():
    place, password, *services = sys.argv[1:]
    asked = [(login, service) for login in sys.stdin.read().splitlines() for service in services]
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(60)
    connection.connect(place)
    stream = connection.makefile("rw", encoding="utf-8", newline="\n")
    stream.write("VERSION\t1\t2\nCPID\t1\n" + "".join(request(i, service, login, password) for i, (login, service) in enumerate(asked, 1)))
    stream.flush()
    told = {}
    while len(told) < len(asked):
        verdict, *fields = stream.readline().rstrip("\n").split("\t")
        if verdict in ("OK", "FAIL"):
            told[int(fields[0])] = outcome(verdict, fields[1:])
        elif not verdict:
            raise SystemExit("dovecot_auth.py: the auth service hung up")
    for i in range(0, len(asked), len(services)):
        print(*(told[i + j] for j in range(1, len(services) + 1)))


main()
