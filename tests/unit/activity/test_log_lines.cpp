#include "told.hpp"

using told::lines;

namespace {

/// Lines of Postfix on one host, without what is the same in all.
lines of_postfix(const std::vector<std::string>& texts) {
    std::string log;
    for (const std::string& text : texts) log += "Nov 29 14:51:09 mx postfix/" + text + "\n";
    return told::by(log).lines;
}

lines of_dovecot(const std::string& text) { return told::by("Nov 29 14:51:09 mx dovecot: " + text + "\n").lines; }
lines of_courier(const std::string& text) { return told::by("Nov 29 14:51:09 mx " + text + "\n").lines; }

} // namespace

TEST_CASE("a message by Postfix from who logged in, to its end") {
    CHECK(of_postfix({"submission/smtpd[12]: connect from unknown[192.0.2.7]",
                      "submission/smtpd[12]: 4Xk2Zq1s7Nz9vBd: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=Ann@example.org",
                      "cleanup[13]: 4Xk2Zq1s7Nz9vBd: message-id=<1@x>",
                      "qmgr[14]: 4Xk2Zq1s7Nz9vBd: from=<ann@example.org>, size=1234, nrcpt=3 (queue active)",
                      "lmtp[15]: 4Xk2Zq1s7Nz9vBd: to=<bob@example.org>, relay=mx[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <bob@example.org> x Saved)",
                      "smtp[16]: 4Xk2Zq1s7Nz9vBd: to=<x@example.com>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to example.com[192.0.2.9]:25: Connection timed out)",
                      "qmgr[14]: 4Xk2Zq1s7Nz9vBd: from=<ann@example.org>, size=1234, nrcpt=3 (queue active)",
                      "smtp[16]: 4Xk2Zq1s7Nz9vBd: to=<x@example.com>, relay=m.example.com[192.0.2.9]:25, delay=30, delays=0/0/30/0, dsn=5.1.1, status=bounced (host said: 550 5.1.1 no such user (in reply to RCPT TO command))",
                      "bounce[17]: 4Xk2Zq1s7Nz9vBd: sender non-delivery notification: 4Xk2Zr0000z9vBf",
                      "qmgr[14]: 4Xk2Zq1s7Nz9vBd: removed",
                      "smtp[16]: 4Xk2Zq1s7Nz9vBd: to=<y@example.com>, relay=x[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"}) ==
          lines{"submission login Ann@example.org 192.0.2.7 4Xk2Zq1s7Nz9vBd", "submission of 3, 1234 Ann@example.org 192.0.2.7 4Xk2Zq1s7Nz9vBd", "delivery sent, 1234 bob@example.org - 4Xk2Zq1s7Nz9vBd",
                "dispatch sent Ann@example.org 192.0.2.7 4Xk2Zq1s7Nz9vBd", "dispatch deferred Ann@example.org 192.0.2.7 4Xk2Zq1s7Nz9vBd", "dispatch bounced Ann@example.org 192.0.2.7 4Xk2Zq1s7Nz9vBd"});
}

TEST_CASE("mail from outside is a delivery alone") {
    CHECK(of_postfix({"smtpd[1]: 3F2A1B9C0D: client=mail.example.net[2001:db8::5]:4711", "qmgr[2]: 3F2A1B9C0D: from=<a@example.net>, size=99, nrcpt=2 (queue active)",
                      "lmtp[3]: 3F2A1B9C0D: to=<bob@example.org>, orig_to=<info@example.org>, relay=mx[private/lmtp], delay=1, delays=0/0/0/1, dsn=4.2.2, status=deferred (host mx said: 452 4.2.2 Quota exceeded)",
                      "lmtp[3]: 3F2A1B9C0D: to=<eve@example.org>, relay=mx[private/lmtp], conn_use=2, delay=1, delays=0/0/0/1, dsn=5.2.2, status=bounced (host mx said: 552 5.2.2 Quota exceeded)"}) ==
          lines{"delivery deferred, 99 bob@example.org - 3F2A1B9C0D", "delivery bounced, 99 eve@example.org - 3F2A1B9C0D"});
}

TEST_CASE("a mailbox here is the end of lmtp, virtual, local, and of some pipes") {
    const auto by = [](const std::string& agent, const std::string& relay, const std::string& answer) {
        return of_postfix({agent + ": 3F2A1B9C0D: to=<b@x>, relay=" + relay + ", delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (" + answer + ")"});
    };
    const lines here = {"delivery sent, 0 b@x - 3F2A1B9C0D"};
    CHECK(by("virtual[1]", "virtual", "delivered to maildir") == here);
    CHECK(by("local[1]", "local", "delivered to mailbox") == here);
    CHECK(by("local[1]", "local", "forwarded as 3F2A1B9C0E").empty());
    CHECK(by("pipe[1]", "dovecot", "delivered via dovecot service") == here);
    CHECK(by("pipe[1]", "mailman", "delivered via mailman service").empty());
    CHECK(by("lmtp[1]", "127.0.0.1[127.0.0.1]:10024", "250 2.0.0 Ok: queued as 3F2A1B9C0E").empty());
    CHECK(by("smtp[1]", "m[192.0.2.1]:25", "250 ok").empty());
}

TEST_CASE("what a filter hands in again belongs to who handed it in first") {
    const std::string in = "smtpd[1]: 3F2A1B9C0D: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=ann", queued = "qmgr[2]: 3F2A1B9C0D: from=<a@x>, size=99, nrcpt=1 (queue active)";
    const std::string bounced = "smtp[5]: 4A00000001: to=<c@y>, relay=y[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (no)";
    const lines wanted = {"submission login ann 192.0.2.7 3F2A1B9C0D", "submission of 1, 99 ann 192.0.2.7 3F2A1B9C0D", "dispatch bounced ann 192.0.2.7 4A00000001"};
    const std::string handed = "amavis/smtp[3]: 3F2A1B9C0D: to=<c@y>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4A00000001)";
    const std::string again = "qmgr[2]: 4A00000001: from=<a@x>, size=150, nrcpt=1 (queue active)";
    CHECK(of_postfix({in, queued, "smtpd[4]: 4A00000001: client=localhost[127.0.0.1]", again, handed, bounced}) == wanted);
    CHECK(of_postfix({in, queued, "smtpd[4]: 4A00000001: client=localhost[127.0.0.1], orig_queue_id=3F2A1B9C0D, orig_client=unknown[192.0.2.7]", again, bounced, handed}) == wanted);
    CHECK(of_postfix({in, queued, "local[4]: 3F2A1B9C0D: to=<c@y>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as 4A00000001)", bounced}) == wanted);
    // Another server's queue ID is none of ours.
    CHECK(of_postfix({in, queued, "smtp[4]: 3F2A1B9C0D: to=<c@y>, relay=y[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4A00000001)", bounced}) ==
          lines{wanted[0], wanted[1], "dispatch sent ann 192.0.2.7 3F2A1B9C0D"});
}

TEST_CASE("what is not taken from who is logged in") {
    CHECK(of_postfix({"smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <x@y>: Relay access denied; from=<a@x> to=<x@y> proto=ESMTP helo=<[10.0.0.1]> sasl_username=<ann@example.org>"}) ==
          lines{"rejection ann@example.org 192.0.2.7 postfix/smtpd[1]"});
    CHECK(of_postfix({"smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <x@y>: Relay access denied; from=<a@x> to=<x@y> proto=ESMTP helo=<x>"}).empty());
    const std::string in = "smtpd[1]: 3F2A1B9C0D: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=ann, sasl_sender=<a@x>";
    CHECK(of_postfix({in, "cleanup[2]: 3F2A1B9C0D: milter-reject: END-OF-MESSAGE from unknown[192.0.2.7]: 5.7.1 Spam; from=<a@x> to=<b@x> proto=ESMTP helo=<x>"}) ==
          lines{"submission login ann 192.0.2.7 3F2A1B9C0D", "rejection ann 192.0.2.7 3F2A1B9C0D"});
    CHECK(of_postfix({in, "smtpd[1]: 3F2A1B9C0D: reject: RCPT from unknown[192.0.2.7]: 550 5.1.1 <x@y>: no; from=<a@x> to=<x@y> proto=ESMTP helo=<x> sasl_username=<ann>"}) ==
          lines{"submission login ann 192.0.2.7 3F2A1B9C0D", "rejection ann 192.0.2.7 3F2A1B9C0D"});
    CHECK(of_postfix({in, "smtpd[1]: 3F2A1B9C0D: reject_warning: RCPT from unknown[192.0.2.7]: 550 no; from=<a@x> to=<x@y> proto=ESMTP helo=<x> sasl_username=<ann>"}).size() == 1);
}

TEST_CASE("a recipient that is refused before there is a message is that of who handed in one before, in the same session") {
    const std::string in = "smtpd[1]: 3F2A1B9C0D: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=ann", end = "smtpd[1]: disconnect from unknown[192.0.2.7] ehlo=2", begin = "smtpd[1]: connect from x[192.0.2.8]";
    const std::string refused = "smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 550 5.1.1 <x@y>: no; from=<a@x> to=<x@y> proto=ESMTP helo=<x>";
    const lines wanted = {"submission login ann 192.0.2.7 3F2A1B9C0D", "rejection ann 192.0.2.7 postfix/smtpd[1]"};
    CHECK(of_postfix({begin, in, refused}) == wanted);
    CHECK(of_postfix({in, end, refused}).size() == 1);
    CHECK(of_postfix({in, begin, refused}).size() == 1);
    CHECK(of_postfix({in, "smtpd[2]" + refused.substr(8)}).size() == 1);
    const auto first = told::by("Nov 29 14:51:09 mx postfix/" + in + "\n");
    CHECK(told::by("Nov 29 14:51:09 mx postfix/" + refused + "\n", first.memory).lines == lines{wanted[1]});
}

TEST_CASE("a wrong password by submission, where Postfix names who") {
    CHECK(of_postfix({"submission/smtpd[9]: warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=ann@example.org"}) ==
          lines{"submission failure ann@example.org 192.0.2.7 postfix/submission/smtpd[9]"});
    for (const std::string text : {"authentication failed: UGFzc3dvcmQ6", "authentication failed: x, sasl_username=(unavailable)", "authentication failed: x, sasl_username="})
        CHECK(of_postfix({"smtpd[9]: warning: unknown[192.0.2.7]: SASL LOGIN " + text}).empty());
}

TEST_CASE("a message that is given back after days") {
    CHECK(of_postfix({"smtpd[1]: 3F2A1B9C0D: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=ann", "qmgr[2]: 3F2A1B9C0D: from=<ann@x>, status=expired, returned to sender"}) ==
          lines{"submission login ann 192.0.2.7 3F2A1B9C0D", "dispatch bounced ann 192.0.2.7 3F2A1B9C0D"});
}

TEST_CASE("texts of others do not speak for Postfix") {
    // A sender's address with fields in it, a recipient's, and a greeting.
    CHECK(of_postfix({"smtpd[1]: 3F2A1B9C0D: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=ann", R"x(qmgr[2]: 3F2A1B9C0D: from=<"x>, size=1, nrcpt=900 (queue active)"@y>, size=77, nrcpt=2 (queue active))x"}) ==
          lines{"submission login ann 192.0.2.7 3F2A1B9C0D", "submission of 2, 77 ann 192.0.2.7 3F2A1B9C0D"});
    CHECK(of_postfix({R"x(smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 no; from=<"x sasl_username=<victim>"@y> to=<b@x> proto=ESMTP helo=<h>)x"}).empty());
    CHECK(of_postfix({"smtpd[9]: warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: x, sasl_username=eve, sasl_username=victim"}) ==
          lines{"submission failure eve, sasl_username=victim 192.0.2.7 postfix/smtpd[9]"});
}

TEST_CASE("instances, other names and a host of its own for each message") {
    CHECK(told::by("Nov 29 14:51:09 a postfix-out/submission/smtpd[1]: 3F2A1B9C0D: client=u[192.0.2.7], sasl_method=PLAIN, sasl_username=ann\n"
                   "Nov 29 14:51:09 b postfix-out/qmgr[1]: 3F2A1B9C0D: from=<a@x>, size=1, nrcpt=1 (queue active)\n"
                   "Nov 29 14:51:09 a postfix-out/qmgr[1]: 3F2A1B9C0D: from=<a@x>, size=2, nrcpt=2 (queue active)\n")
              .lines == lines{"submission login ann 192.0.2.7 3F2A1B9C0D", "submission of 2, 2 ann 192.0.2.7 3F2A1B9C0D"});
}

TEST_CASE("logins by Dovecot, before 2.4 and since") {
    const std::string fields = "user=<ann@example.org>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, mpid=12, TLS, session=<a+/b>";
    for (const std::string word : {"Login: ", "Logged in: ", "Info: Login: "}) CHECK(of_dovecot("imap-login: " + word + fields) == lines{"imap login ann@example.org 192.0.2.7 a+/b"});
    CHECK(of_dovecot("pop3-login: Login: user=<ann>, method=PLAIN, rip=2001:db8::7, lip=::1, mpid=12, secured") == lines{"pop3 login ann 2001:db8::7 dovecot"});
    CHECK(of_dovecot("managesieve-login: Login: " + fields) == lines{"sieve login ann@example.org 192.0.2.7 a+/b"});
    CHECK(of_dovecot("submission-login: Logged in: " + fields) == lines{"submission login ann@example.org 192.0.2.7 a+/b"});
    // Into a file of its own.
    CHECK(told::by("Nov 29 14:51:09 imap-login: Info: Login: " + fields + "\n").lines == lines{"imap login ann@example.org 192.0.2.7 a+/b"});
}

TEST_CASE("wrong passwords by Dovecot count as often as they were tried") {
    const lines once = {"imap failure ann 192.0.2.7 s"};
    const std::string fields = "user=<ann>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, TLS, session=<s>";
    for (const std::string reason : {"Aborted login (auth failed, 1 attempts in 2 secs): ", "Disconnected (auth failed, 1 attempts in 2 secs): ", "Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): ",
                                     "Login aborted: Connection closed (auth failed, 1 attempts in 2 secs) (auth_failed): ", "Disconnected: Inactivity (auth failed, 1 attempts): "})
        CHECK(of_dovecot("imap-login: " + reason + fields) == once);
    CHECK(of_dovecot("imap-login: Disconnected (auth failed, 3 attempts in 9 secs): " + fields) == lines{once[0], once[0], once[0]});
    CHECK(of_dovecot("imap-login: Disconnected (auth failed, 999999999 attempts in 9 secs): " + fields).size() == 100);
    for (const std::string reason : {"Aborted login (no auth attempts in 0 secs): ", "Disconnected (tried to use disallowed plaintext auth): ", "Disconnected (client didn't finish SASL auth, waited 1 secs): ", "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10): "})
        CHECK(of_dovecot("imap-login: " + reason + fields).empty());
    CHECK(of_dovecot("imap-login: Aborted login (auth failed, 1 attempts in 2 secs): user=<>, rip=192.0.2.7, lip=192.0.2.1").empty());
}

TEST_CASE("what is typed as a user's name does not speak for Dovecot") {
    CHECK(of_dovecot("imap-login: Aborted login (auth failed, 1 attempts in 2 secs): user=<x>, method=PLAIN, rip=203.0.113.9, lip=1.1.1.1, session=<f>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, session=<s>") ==
          lines{"imap failure x>, method=PLAIN, rip=203.0.113.9, lip=1.1.1.1, session=<f 192.0.2.7 s"});
    CHECK(of_dovecot("imap-login: Login aborted: Logged out (auth failed, 1 attempts in 2 secs): user=<x imap-login: Logged in: user=<victim>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, session=<s>") ==
          lines{"imap failure x imap-login: Logged in: user=<victim 192.0.2.7 s"});
}

TEST_CASE("a delivery is Postfix' and not Dovecot's") {
    CHECK(of_dovecot("lmtp(ann@example.org)<12><x>: msgid=<1@x>: saved mail to INBOX").empty());
    CHECK(told::by("Nov 29 14:51:09 mx dovecot: lmtp(ann@example.org)<12><x>: msgid=<1@x>: saved mail to INBOX\n").counts.unknown.empty());
}

TEST_CASE("logins by Courier") {
    CHECK(of_courier("imapd: LOGIN, user=ann@example.org, ip=[::ffff:192.0.2.7], port=[4711], protocol=IMAP") == lines{"imap login ann@example.org ::ffff:192.0.2.7 port=[4711]"});
    CHECK(of_courier("pop3d-ssl[7]: LOGIN, user=ann, ip=[2001:db8::7]") == lines{"pop3 login ann 2001:db8::7 pop3d-ssl[7]"});
    CHECK(of_courier("imapd-ssl: LOGIN FAILED, user=ann, ip=[::ffff:192.0.2.7], port=[4711]") == lines{"imap failure ann ::ffff:192.0.2.7 port=[4711]"});
    for (const std::string text : {"LOGIN FAILED, method=PLAIN, ip=[::ffff:192.0.2.7], port=[4711]", "Connection, ip=[::1], port=[1]", "LOGOUT, user=ann, ip=[::1], port=[1], headers=0", "LOGIN, user=, ip=[::1]"})
        CHECK(of_courier("imapd: " + text).empty());
    // What is typed as a name does not speak for Courier.
    CHECK(of_courier("imapd: LOGIN FAILED, user=x, ip=[203.0.113.9], port=[1], ip=[::ffff:192.0.2.7], port=[4711]") == lines{"imap failure x, ip=[203.0.113.9], port=[1] ::ffff:192.0.2.7 port=[4711]"});
}

TEST_CASE("a line that stands for several") {
    const std::string line = "message repeated 2 times: [ warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: x, sasl_username=ann]";
    CHECK(of_postfix({"smtpd[9]: " + line}).size() == 2);
    CHECK(of_postfix({"smtpd[9]: message repeated 99999999999 times: [ warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: x, sasl_username=ann]"}).size() == 10'000);
    CHECK(of_postfix({"smtpd[9]: message repeated x times: [ warning: x]", "smtpd[9]: message repeated 2 times: [ ", "smtpd[9]: message repeated 3 times: "}).empty());
}

TEST_CASE("what is not known is counted by its program") {
    const auto all = told::by("Nov 29 14:51:09 mx sshd[1]: Accepted publickey for root\nNov 29 14:51:09 mx sshd[2]: bye\nNov 29 14:51:09 mx postfix/smtpd[1]: it rains\n"
                              "Nov 29 14:51:09 mx postfix/smtpd[1]: connect from x\nNov 29 14:51:09 mx no tag here\nno time here\n2036-01-01T00:00:00Z mx imapd: LOGIN, user=a, ip=[::1]\n\n");
    CHECK(all.lines.empty());
    CHECK(all.counts.lines == 8);
    CHECK(all.counts.undated == 2);
    CHECK(all.counts.future == 1);
    CHECK(all.counts.unknown == std::map<std::string, std::uint64_t, std::less<>>{{"", 1}, {"postfix/smtpd", 1}, {"sshd", 2}});
    std::string many;
    for (int i = 0; i < 300; ++i) many += "Nov 29 14:51:09 mx p" + std::to_string(i) + ": x\n";
    const auto programs = told::by(many).counts.unknown;
    CHECK(programs.size() == 201);
    CHECK(programs.at("other") == 100);
}
