"""send_many.py LOGIN PASSWORD RECIPIENT...: sends one mail by port 587, and prints the code of each RCPT, and DATA:CODE where the mail itself is refused.

The sentences of refusals go to standard error.
"""

import smtplib
import sys

login, password, *recipients = sys.argv[1:]
with smtplib.SMTP("192.0.2.1", 587, "client.example.com", timeout=60) as server:
    server.ehlo()
    server.starttls()
    server.ehlo()
    server.login(login, password)
    server.mail("sender@example.org")
    codes, said = [], set()
    for recipient in recipients:
        code, sentence = server.rcpt(recipient)
        codes.append(str(code))
        if code != 250:
            said.add(f"{code} {sentence.decode()}")
    if "250" in codes:
        code, sentence = server.data("Subject: hello\r\n\r\nhello\r\n")
        if code != 250:
            codes.append(f"DATA:{code}")
            said.add(f"{code} {sentence.decode()}")
print(*codes)
print(*sorted(said), sep="\n", file=sys.stderr)
