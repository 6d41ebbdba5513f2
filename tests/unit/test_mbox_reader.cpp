#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include <vmail/error.hpp>

#include "mbox_case.hpp"
#include "refusal.hpp"

using namespace mbox_case;
using namespace std::string_literals;
using list = std::vector<std::string>;

namespace {

// In pieces, so that the tables show what matters.
const std::string from = "From a@b Thu Nov 20 15:30:00 2003\n";
const std::string head = "Subject: x\n\n";

} // namespace

TEST_CASE("messages of an mbox, byte for byte") {
    struct row {
        const char* what;
        std::string mbox;
        list messages;
    };
    const row rows[] = {
        {"nothing", "", {}},
        {"blank lines only", "\n\n", {}},
        {"one", from + head + "one\n\n", {head + "one\n"}},
        {"two", from + head + "one\n\n" + from + head + "two\n\n", {head + "one\n", head + "two\n"}},
        {"blank lines before the first", "\n\n" + from + head + "one\n\n", {head + "one\n"}},
        {"no blank line at the end", from + head + "one\n", {head + "one\n"}},
        {"no end of line at the end", from + head + "one", {head + "one"}},
        {"blank lines that are the message's", from + head + "one\n\n\n\n" + from + head + "\n\n\n", {head + "one\n\n\n", head + "\n\n"}},
        {"an empty body", from + "Subject: x\n\n\n" + from + "Subject: y\n\n\n", {"Subject: x\n\n", "Subject: y\n\n"}},
        {"no body at all", from + "Subject: x\n\n" + from + "Subject: y\n", {"Subject: x\n", "Subject: y\n"}},
        {"no header", from + "\none\n\n" + from + "\ntwo\n\n", {"\none\n", "\ntwo\n"}},
        {"nothing but From_ lines", from + "\n" + from + "\n" + from, {"", "", ""}},
        {"a From_ line without its end", from + head + "one\n\nFrom a@b Thu Nov 20 15:30:00 2003", {head + "one\n", ""}},
        {"CR LF",
         "From a@b Thu Nov 20 15:30:00 2003\r\nSubject: x\r\n\r\none\r\n\r\nFrom a@b Thu Nov 20 15:30:00 2003\r\nSubject: y\r\n\r\ntwo\r\n\r\n",
         {"Subject: x\r\n\r\none\r\n", "Subject: y\r\n\r\ntwo\r\n"}},
        {"a sentence that begins with From", from + head + "one\n\nFrom here on it is easy\n\n", {head + "one\n\nFrom here on it is easy\n"}},
        {"a From_ line without a blank line before it", from + head + "one\n" + from + "two\n\n", {head + "one\n" + from + "two\n"}},
        {"NUL, 8-bit, bare CR, form feed", from + head + "a\0b\xE9\rc\f\n\n"s, {head + "a\0b\xE9\rc\f\n"s}},
        {"quoting is undone once",
         from + head + ">From one\n>>From two\n> From three\n>Frome\n\n",
         {head + "From one\n>>From two\n> From three\n>Frome\n"}},
        {"a header is not quoted",
         from + ">From uucp Thu Nov 20 15:30:00 2003\n" + head + "one\n\n",
         {">From uucp Thu Nov 20 15:30:00 2003\n" + head + "one\n"}},
    };
    for (const row& r : rows) {
        CAPTURE(r.what);
        CHECK(texts(r.mbox) == r.messages);
    }
}

TEST_CASE("the same lines in each dialect") {
    // 41 bytes of body, and what each dialect makes of it.
    const std::string body = "one\n\n" + from + ">From x\n>>From y\n";
    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\n\n";
    const std::string mbox = from + length + body + "\n";
    const std::string undone = "one\n\n" + from + "From x\n>>From y\n";
    CHECK(texts(mbox, dialect::detect) == list{length + body}); // with an unquoted From_ line in it, nothing was quoted
    CHECK(texts(mbox, dialect::mboxcl2) == list{length + body});
    CHECK(texts(mbox, dialect::mboxcl) == list{length + undone});
    CHECK(texts(mbox, dialect::mboxo) == list{length + "one\n", ">From x\n>>From y\n"}); // the second is all header
    const std::string quoted = from + head + ">From x\n>>From y\n>>>From z\n\n";
    CHECK(texts(quoted, dialect::mboxo) == list{head + "From x\n>>From y\n>>>From z\n"});
    CHECK(texts(quoted, dialect::mboxrd) == list{head + "From x\n>From y\n>>From z\n"});
    CHECK(texts(quoted, dialect::mboxcl2) == list{head + ">From x\n>>From y\n>>>From z\n"});
}

TEST_CASE("Content-Length is believed only where it proves right") {
    const auto with = [&](std::string_view length, std::string_view rest) {
        return from + "Content-Length: " + std::string(length) + "\n\n" + std::string(rest);
    };
    struct row {
        const char* what;
        std::string mbox;
        std::size_t messages;
        length_claim first;
    };
    const std::string next = from + "Subject: y\n\ntwo\n\n";
    const row rows[] = {
        {"right", with("4", "one\n\n" + next), 2, length_claim::right},
        {"right, at the end of the file", with("4", "one\n"), 1, length_claim::right},
        {"right, with a blank line at the end of the file", with("4", "one\n\n"), 1, length_claim::right},
        {"counts the blank line", with("5", "one\n\n" + next), 2, length_claim::right},
        {"no blank line is between", with("4", "one\n" + next), 2, length_claim::right},
        {"too short", with("3", "one\n\n" + next), 2, length_claim::wrong},
        {"too long", with("9", "one\n\n" + next), 2, length_claim::wrong},
        {"beyond the end", with("99999999999999999", "one\n\n" + next), 2, length_claim::wrong},
        {"more than a number holds", with("99999999999999999999999999", "one\n\n" + next), 2, length_claim::none},
        {"negative", with("-4", "one\n\n" + next), 2, length_claim::none},
        {"no number", with("four", "one\n\n" + next), 2, length_claim::none},
        {"zero, and there is a body", with("0", "one\n\n" + next), 2, length_claim::wrong},
        {"zero, and there is none", with("0", "\n" + next), 2, length_claim::right},
        {"it covers From_ lines", with(std::to_string(5 + from.size()), "one\n\n" + from + "\n" + next), 2, length_claim::right},
    };
    for (const row& r : rows) {
        CAPTURE(r.what);
        const auto messages = read_all(r.mbox, options_for(dialect::detect));
        CHECK(messages.size() == r.messages);
        CHECK(messages.front().found.length == r.first);
    }
}

TEST_CASE("what is no mbox is refused with a sentence") {
    for (const std::string& bytes :
         {"hello\n"s, "From me to you\n"s, "\0\0\0\0"s, "<html>\n"s, std::string(100000, '\n'), "FROM a@b Thu Nov 20 15:30:00 2003\n"s}) {
        const std::string sentence = refusal([&] { texts(bytes); });
        CHECK(is_sentence(sentence));
        CHECK(sentence.find("test.mbox") != std::string::npos);
    }
}

TEST_CASE("messages larger than what is read at once, and lines without end") {
    const std::string large = head + std::string(9'000'000, 'x') + "\n";
    const std::string lines = head + [] {
        std::string text;
        while (text.size() < 5'000'000) text += "a line of a text that goes on for a while\n";
        return text;
    }();
    const auto messages = texts(from + head + "one\n\n" + from + large + "\n" + from + lines + "\n" + from + head + "last\n\n");
    REQUIRE(messages.size() == 4);
    CHECK(messages[0] == head + "one\n");
    CHECK((messages[1] == large)); // not printed
    CHECK((messages[2] == lines));
    CHECK(messages[3] == head + "last\n");
}

TEST_CASE("a message looks the same wherever a batch ends") {
    // A batch is 2 MiB: one more byte in the first message moves all that follows by one across its end.
    const std::size_t batch = 2 * 1024 * 1024;
    const std::string tail = "\n" + from + head + ">From one\n\n" + from + head + "two\n\n";
    for (std::size_t before = 1; before <= tail.size() + 2; ++before) {
        const std::string first = head + std::string(batch - from.size() - head.size() - before, 'x') + "\n";
        const auto messages = texts(from + first + tail);
        CAPTURE(before);
        REQUIRE(messages.size() == 3);
        CHECK((messages[0] == first));
        CHECK(messages[1] == head + "From one\n");
        CHECK(messages[2] == head + "two\n");
    }
}

TEST_CASE("sizes with every LF as CR LF") {
    const auto sizes = [](std::string_view mbox) {
        std::vector<std::uint64_t> all;
        for (const auto& m : read_all(mbox, options_for(dialect::detect))) all.push_back(m.crlf_size);
        return all;
    };
    CHECK(sizes(from + head + "one\n\n") == std::vector<std::uint64_t>{head.size() + 2 + 5});
    CHECK(sizes(from + "Subject: x\r\n\none\r\r\ntwo\n\r\n" + from + "\n\n") == std::vector<std::uint64_t>{12 + 2 + 6 + 5, 2});
    CHECK(sizes(from + head + ">From one\n\n") == std::vector<std::uint64_t>{head.size() + 2 + 10});
    message_options strip = options_for(dialect::detect);
    strip.strip_status = true;
    const auto stripped = read_all(from + "Status: RO\nX-Keywords: a\n b\nSubject: x\n\none\n\n", strip);
    REQUIRE(stripped.size() == 1);
    CHECK(stripped[0].text == head + "one\n");
    CHECK(stripped[0].crlf_size == head.size() + 2 + 5);
    const std::string folded = "A: b\r\nStatus: RO\r\n\tx\nX-Keywords: a\r\n b\r\nC: d\r\n\r\nx\r\n";
    CHECK(read_all(from + folded, strip)[0].crlf_size == std::string("A: b\r\nC: d\r\n\r\nx\r\n").size());
}

TEST_CASE("the identity is that of the mail, not of what a reader noted in it") {
    const auto one = [](std::string_view header) { return read_all(from + std::string(header) + "\none\n\n", options_for(dialect::detect)).at(0); };
    const auto plain = one("Subject: x\n");
    for (const char* header :
         {"Status: RO\nSubject: x\n", "Subject: x\nX-Status: A\nX-UID: 7\nX-Keywords: a\n\tb\n", "X-IMAPbase: 1 2\nSubject: x\nContent-Length: 4\n",
          "X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\nSubject: x\nX-Mozilla-Keys: a\n", "Subject: x\nContent-Length: 4\nLines: 1\n",
          "X-Evolution: 00000001-0010\nX-Evolution-Source: a\nSubject: x\n", "X-KMail-EncryptionState: N\nX-KMail-MDN-Sent:\nSubject: x\n",
          "X-VM-v5-Data: ([nil nil]\n\t[\"x\"])\nSubject: x\nX-VM-Bookmark: 1\n", "X-RMAIL-ATTRIBUTES: --------\nSubject: x\n",
          "X-Account-Key: account1\nX-UIDL: 7\nSubject: x\n", "X-Identity-Key: id1\nSubject: x\n", "Subject: x\nX-Length: 1234\nX-UID: 7\n", "x-gnus-mail-source: file\nSubject: x\nXref: a b:1\n", "Subject: x\nX-Label: a\nlines: 1\n"}) {
        CAPTURE(header);
        CHECK(one(header).identity == plain.identity);
        CHECK(one(header).content != plain.content);
    }
    CHECK(one("Subject: y\n").identity != plain.identity);
    CHECK(one("X-Evolved: 1\nSubject: x\n").identity != plain.identity);
    const std::string body = "From here on\n>From x\n>>From y\n";
    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\n";
    const auto before = read_all(from + "Subject: x\n\n" + body, options_for(dialect::detect)).at(0);
    const auto after = read_all(from + "Subject: x\n" + length + "\n" + body, options_for(dialect::detect)).at(0);
    CHECK(before.text != "Subject: x\n\n" + body);
    CHECK(after.text == "Subject: x\n" + length + "\n" + body); // with this field, nothing was quoted
    CHECK(before.identity == after.identity);
}

TEST_CASE("a line end that is missing at the end of an mbox makes no other mail") {
    const auto last = [](const std::string& text) { return read_all(from + text, options_for(dialect::detect)).back(); };
    for (const char* text : {"Subject: x\n\none", "Subject: x\n\none\n>From two", "Subject: x", "Subject: x\nStatus: RO", "Subject: x\n\none\n\n two"}) {
        CAPTURE(text);
        const auto cut = last(text);
        CHECK(cut.text.back() != '\n');
        for (const std::string end : {"\n", "\n\n"}) CHECK(last(text + end).identity == cut.identity);
        CHECK(read_all(from + text + "\n\n" + from + "Subject: y\n\n", options_for(dialect::detect)).front().identity == cut.identity);
        CHECK(last(std::string("A: b\n") + text).identity != cut.identity);
    }
    CHECK(last("Subject: x\r\n\r\none").identity == last("Subject: x\r\n\r\none\r\n").identity);
    CHECK(last("Subject: x\n\none\r").identity != last("Subject: x\n\none").identity);
}

TEST_CASE("the time of delivery comes from the From_ line, or from the header, or is that of the file") {
    const auto time_of = [](const std::string& line, const std::string& header) {
        message_options o = options_for(dialect::detect);
        o.fallback = vmail::timestamp::from_epoch(4711);
        return read_all("From a " + line + "\n" + header + "\none\n\n", o).at(0).delivered;
    };
    const std::string never = "Thu Jan  1 00:00:00 1970";
    CHECK(time_of("Thu Nov 20 15:30:00 2003", "Date: Mon, 5 Jan 1998 10:20:30 +0000\n") == 1069342200);
    CHECK(time_of(never, "Date: Mon, 5 Jan 1998 10:20:30 +0000\n") == 883995630);
    CHECK(time_of(never, "Received: by x; Thu, 20 Nov 2003 15:30:00 +0000\nReceived: by y; nonsense\nDate: Mon, 5 Jan 1998 10:20:30 +0000\n") ==
          1069342200);
    CHECK(time_of(never, "Date: tomorrow\n") == 4711);
    CHECK(time_of("Fri Feb 30 00:00:00 2003", "Date: Mon, 5 Jan 1998 10:20:30 +0000\n") == 883995630);
    CHECK(time_of("gio nov 20 15:30:00 2003", "Date: Mon, 5 Jan 1998 10:20:30 +0000\n") == 883995630);
    CHECK(time_of(never, "Received: by x; Thu, 1 Jan 1970 00:00:00 +0000\nDate: Mon, 5 Jan 1998 10:20:30 +0000\n") == 883995630);
}

TEST_CASE("a date that cannot be stored costs no more than itself") {
    message_options o = options_for(dialect::detect);
    o.fallback = vmail::timestamp::from_epoch(4711);
    for (const char* const zone : {"Europe/Rome", "America/New_York", "Asia/Tokyo", "UTC"})
        for (const char* const date : {"Thu Jan 01 00:00:00 1970", "Wed Dec 31 23:59:59 1969", "Fri Dec 31 23:59:60 9999", "Sat Jan 01 00:00:00 0000"}) {
            CAPTURE(zone);
            CAPTURE(date);
            o.zone = vmail::time_zone::named(zone);
            const auto messages = read_all(from + head + "one\n\nFrom - " + date + "\n" + head + "two\n\n" + from + head + "three\n", o);
            REQUIRE(messages.size() == 3);
            const bool future = std::string_view(date).ends_with("9999");
            CHECK(messages[1].delivered >= 4711);
            CHECK((messages[1].delivered == 4711) != future);
        }
}

namespace {

/// Numbers that look random and are the same in every run.
class dice {
public:
    explicit dice(std::uint32_t seed) : state_(seed) {}
    std::size_t roll(std::size_t sides) {
        state_ = state_ * 1664525U + 1013904223U;
        return (state_ >> 8) % sides;
    }

private:
    std::uint32_t state_;
};

/// Of the lines that make trouble in an mbox.
std::string odd_message(dice& d) {
    const std::vector<std::string> lines = {"",
                                            "text",
                                            "From me to you",
                                            ">From x",
                                            ">>From x",
                                            "From a@b Thu Nov 20 15:30:00 2003",
                                            ">",
                                            "> From",
                                            "F",
                                            "\r",
                                            std::string("a\0b", 3),
                                            ".",
                                            "\xE9",
                                            "From: x",
                                            "FROM x",
                                            ">From a@b Thu Nov 20 15:30:00 2003"};
    std::string text = "Subject: " + std::to_string(d.roll(1000)) + "\n\n";
    for (std::size_t i = d.roll(8); i > 0; --i) text += lines[d.roll(lines.size())] + "\n";
    return text;
}

std::string quoted(const std::string& message, bool every_depth) {
    const std::size_t body = message.find("\n\n") + 2;
    std::string text = message.substr(0, body);
    for (std::size_t at = body; at < message.size();) {
        const std::size_t end = message.find('\n', at) + 1;
        const std::string line = message.substr(at, end - at);
        const std::size_t depth = every_depth ? line.find_first_not_of('>') : 0;
        if (depth != std::string::npos && line.compare(depth, 5, "From ") == 0) text += '>';
        text += line;
        at = end;
    }
    return text;
}

std::string with_length(const std::string& message) {
    const std::size_t body = message.find("\n\n") + 2;
    return "Content-Length: " + std::to_string(message.size() - body) + "\n" + message;
}

} // namespace

TEST_CASE("lines of a body are found and counted wherever they stand") {
    // Round the size of what is looked at at once, with line ends of both kinds.
    for (std::size_t before = 100; before < 400; ++before) {
        CAPTURE(before);
        std::string filler;
        while (filler.size() + 40 < before) filler += filler.size() % 2 == 0 ? "short\r\n" : "a line that is longer, From \n";
        filler += std::string(before - filler.size() - 1, '.') + '\n';
        const std::string one = from + "A: b\n\n" + filler + ">From a\n>>From b\nFrom c\n" + from + "\r\n";
        const auto messages = read_all(one + from + "A: b\n\n" + filler + "\n" + from + "\n", options_for(dialect::mboxo));
        REQUIRE(messages.size() == 3);
        const found_message& f = messages[0].found;
        CHECK(f.body_from.quoted == 1);
        CHECK(f.body_from.deeper == 1);
        CHECK(f.body_from.naked == 2);
        CHECK(f.late_from == 1);
        CHECK(f.next == one.size());
        CHECK(f.lf == static_cast<std::size_t>(std::count(one.begin(), one.end(), '\n')) - 2);
        std::size_t crlf = 0;
        for (std::size_t at = filler.find("\r\n"); at != std::string::npos; at = filler.find("\r\n", at + 1)) ++crlf;
        CHECK(f.crlf == crlf);
        CHECK(messages[1].text == "A: b\n\n" + filler);
    }
}

TEST_CASE("what a writer of each dialect writes is read back to the byte") {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        dice d(seed);
        list messages, lengths;
        std::string rd, cl2;
        for (std::size_t i = d.roll(6) + 1; i > 0; --i) {
            messages.push_back(odd_message(d));
            lengths.push_back(with_length(messages.back()));
            rd += from + quoted(messages.back(), true) + "\n";
            cl2 += from + lengths.back() + "\n";
        }
        CHECK((texts(rd, dialect::mboxrd) == messages));
        CHECK((texts(cl2, dialect::mboxcl2) == lengths));
        // mboxo cannot tell what was quoted before; but it splits at the same places, and adds or loses nothing else.
        CHECK(texts(rd, dialect::detect).size() == messages.size());
    }
}
