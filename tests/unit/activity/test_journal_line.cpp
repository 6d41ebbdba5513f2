#include <vmail/activity/journal_line.hpp>

#include "told.hpp"

using namespace vmail::activity;
using told::lines;

namespace {

std::string entry(int number, const std::string& message, const std::string& journal = "ab") {
    return R"({"__CURSOR":"s=)" + journal + ";i=" + std::to_string(number) + R"(;b=1;m=1;t=1;x=1","__REALTIME_TIMESTAMP":"1795961469000000","_HOSTNAME":"mx","SYSLOG_IDENTIFIER":"imapd","_PID":"7","MESSAGE":)" + message + "}\n";
}

std::string message_in(const std::string& json) {
    journal_line line;
    return line.parse(json) ? line.message() : "-";
}

const std::string front = R"({"__CURSOR":"c","__REALTIME_TIMESTAMP":"1795961469000000","MESSAGE":)";

} // namespace

TEST_CASE("an entry of journald is what syslog would have") {
    journal_line line;
    REQUIRE(line.parse(R"( { "A" : null, "_PID":"5","SYSLOG_PID":"7", "B":[["x","]"],1,"\"]"], "SYSLOG_IDENTIFIER":"postfix/smtpd","_HOSTNAME":"mx", "__CURSOR":"s=ab;i=1f","__REALTIME_TIMESTAMP":"1795961469123456" , "MESSAGE":"connect"})"));
    CHECK(line.seconds() == 1'795'961'469);
    CHECK(line.host() == "mx");
    CHECK(line.program() == "postfix/smtpd");
    CHECK(line.tag() == "postfix/smtpd[7]");
    CHECK(line.message() == "connect");
    CHECK(place_of(line.cursor()).id == "ab");
    CHECK(place_of(line.cursor()).sequence == 31);
}

TEST_CASE("a message may be text with escapes, or bytes") {
    CHECK(message_in(front + R"("a\"b\\c\/\n\t\u00e9\ud83d\ude00"})") == "a\"b\\c/\n\té😀");
    CHECK(message_in(front + "[97, 255,98]}") == "a\xff"
                                                 "b");
    CHECK(message_in(front + R"("x","MESSAGE":"y"})") == "y");
}

TEST_CASE("what is no entry is none") {
    for (const std::string text : {"", "{", "{}", "[]", "{\"MESSAGE\":\"x\"}", "{\"MESSAGE\"", "{\"MESSAGE\":", "nonsense"}) CHECK(message_in(text) == "-");
    for (const std::string value : {"null}", "\"\"}", "\"x\"", "\"x\" \"y\"}", "\"x}", "\"\\\"}", "\"\\x\"}", "\"\\u12\"}", "\"\\ud800\"}", "\"\\ud800\\u0041\"}", "\"\\udc00\"}", "[97", "[97]", "[[[[[[[[[[1]]]]]]]]]]}", "{\"a\":1}}", "}"})
        CHECK(message_in(front + value) == "-");
    for (const std::string cursor : {"", "i=", "i=x", "s=ab", "s=ab;i=zz", "i=11111111111111111", ";;;i"}) CHECK(place_of(cursor).sequence == 0);
}

TEST_CASE("an entry is read once, by its cursor and whatever its time") {
    const std::string good = R"("LOGIN, user=ann, ip=[::1], port=[5]")";
    const auto first = told::by(entry(5, good) + entry(6, good) + entry(5, good));
    CHECK(first.lines == lines{"imap login ann ::1 port=[5]", "imap login ann ::1 port=[5]"});
    CHECK(first.counts.seen_before == 1);
    const auto second = told::by(entry(6, good) + entry(7, good) + entry(1, good, "cd"), first.memory);
    CHECK(second.lines.size() == 2);
    CHECK(second.counts.seen_before == 1);
    CHECK(told::by(entry(7, good) + entry(1, good, "cd"), second.memory).lines.empty());
}

TEST_CASE("a message of journald is one line, whatever is in it") {
    CHECK(told::by(entry(1, R"("Connection, x\nNov 29 14:51:09 mx imapd: LOGIN, user=ann, ip=[::1]")")).lines.empty());
    CHECK(told::by(entry(1, R"("LOGIN, user=a\u0000b, ip=[::1]")")).counts.binary == 1);
    CHECK(told::by(entry(1, "\"x") + entry(2, "\"y\"")).counts.undated == 1);
    CHECK(told::by(R"({"__CURSOR":"c","__REALTIME_TIMESTAMP":"1795961469000000","MESSAGE":"x"})"
                   "\n")
              .counts.undated == 1);
}
