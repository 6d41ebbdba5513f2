#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include <mbox/from_line.hpp>

#include "mbox_case.hpp"

using namespace mbox_case;
using list = std::vector<std::string>;

namespace {

const std::string from = "From a@b Thu Nov 20 15:30:00 2003\n";
const std::string one = "Subject: x\n\none\n";
const std::string two = "Subject: y\n\ntwo\n";

} // namespace

TEST_CASE("what a line that begins with From looks like") {
    struct row {
        from_form form;
        std::vector<std::string_view> lines;
    };
    const row rows[] = {
        {from_form::dated,
         {"From a Thu Nov 20 15:30:00 2003", "From - Fri Feb 30 15:30:00 2003", "From a Thu Nov 20 24:00:00 2003", "From a Thu Nov 00 15:30 2003",
          "From a Thu Nov 20 15:60 2003", "From a Thu Nov 20 15:30:00 1900", "From a Thu Nov 20 15:30:00 1969", "From a gio nov 20 15:30:00 2003",
          "From a jeu. f\xC3\xA9vr. 20 15:30:00 2003", "From a Thu Nov 20 15:30:00 GMT+0100 2012", "From a Thu Nov 20 15:30:00 2012 (CEST)",
          "From a Thu Nov 20 15:30:00 2003 and so on", "From a Thu Nov 20 08:00:00 PM CET 2003", "From a Thu, 31 Nov 2003 15:30:00 +0100"}},
        {from_form::bare, {"From ", "From -", "From \r\n", "From   "}},
        {from_form::sender, {"From nobody", "From a@b\n", "From a@b "}},
        {from_form::other_date, {"From a Mon Oct 16 2023 23:18:56-0700", "From a 2003-11-20 15:30:00", "From a 20/11/2003 15:30"}},
        {from_form::words, {"From me to you", "From here on 15:30 counts", "From 2003 on", "From a Thu Nov 20 15:30:00"}},
        {from_form::none, {"", "From", "From: a", ">From a Thu Nov 20 15:30:00 2003", "from a Thu Nov 20 15:30:00 2003"}},
    };
    for (const row& r : rows)
        for (const std::string_view line : r.lines) {
            CAPTURE(line);
            CHECK(form_of(line) == r.form);
        }
    CHECK(form_of("From " + std::string(1000, 'a') + " Thu Nov 20 15:30:00 2003") == from_form::words);
}

TEST_CASE("what begins with a field of a header") {
    for (const std::string_view text : {"Received: x", "return-path:<>", "X-Anything: y", "Subject : x", "Content-Type: a"}) {
        CAPTURE(text);
        CHECK(next_line_of(text) == next_line::mail_field);
    }
    for (const std::string_view text : {"Note: x", "Tel:", "Foo_bar.baz: x"}) {
        CAPTURE(text);
        CHECK(next_line_of(text) == next_line::field);
    }
    for (const std::string_view text : {"", "\n", ": x", "a b: c", "12:30", "http://x", "From a", "Subject", "-- :", ">From x: y"}) {
        CAPTURE(text);
        CHECK(next_line_of(text) == next_line::other);
    }
    CHECK(next_line_of(std::string(200, 'a') + ": x") == next_line::other);
}

TEST_CASE("a line without a date splits behind a blank line and before a header") {
    for (const std::string line :
         {"From ", "From -", "From nobody", "From a@b ", "From a Mon Oct 16 2023 23:18:56-0700", "From - Fri Feb 30 15:30:00 2003"})
        for (const std::string end : {"\n", "\r\n"}) {
            CAPTURE(line);
            CHECK(texts(from + one + "\n" + line + end + two) == list{one, two});
            CHECK(texts(line + end + one + "\n" + line + end + two) == list{one, two}); // it may be the first as well
            CHECK(texts(from + "Content-Length: 4\n\none\n" + line + end + two).size() == 2);
        }
}

TEST_CASE("what splits nothing, and may have to, is counted") {
    struct row {
        std::string mbox;
        std::size_t late, odd;
    };
    const row rows[] = {
        {from + one + "\nFrom me to you\nSubject: y\n", 0, 1}, // a sentence?
        {from + one + "\nFrom me to you\nNote: y\n", 0, 1},
        {from + one + "\nFrom nobody\nNote: y\n", 0, 1},
        {from + one + "\nFrom \n\n", 0, 1},
        {from + one + "\nFrom a 2003-11-20 15:30:00\ntext\n", 0, 1},
        {from + one + from + two, 1, 0},
        {from + one + "From - Fri Feb 30 15:30:00 2003\ntext\n", 1, 0},
        {from + one + "From \nReceived: x\n\n", 1, 0},
        {from + "Subject: x\n" + from + "\none\n", 1, 0},
        {from + "Subject: x\nFrom nobody\nSubject: y\n\none\n", 1, 0},
    };
    for (const row& r : rows) {
        CAPTURE(r.mbox);
        const auto messages = read_all(r.mbox, options_for(dialect::detect));
        REQUIRE(messages.size() == 1);
        CHECK(messages[0].found.late_from == r.late);
        CHECK(messages[0].found.odd_from == r.odd);
        message_options all = options_for(dialect::detect);
        all.splitting.at_doubtful = true;
        CHECK(read_all(r.mbox, all).size() == 2);
    }
    for (const std::string text :
         {"\nFrom me to you\nhttp://x\n", "\nFrom nobody\n\n", "From nobody\nNote: x\n", "From me to you\nSubject: y\n", "\nFrom: x\nSubject: y\n"}) {
        CAPTURE(text);
        const auto messages = read_all(from + one + text, options_for(dialect::detect));
        REQUIRE(messages.size() == 1);
        CHECK(messages[0].found.late_from + messages[0].found.odd_from == 0);
    }
}

TEST_CASE("a mail that was cut off in its header ends where the next one begins") {
    const std::string cut = "Received: by x\nSubject: cut";
    for (const std::string& line : {from, std::string("From - Fri Feb 30 15:30:00 2003\n"), std::string("From \n")}) {
        CAPTURE(line);
        CHECK(texts(from + cut + "\n" + line + two) == list{cut + "\n", two});
    }
    CHECK(texts(from + from + two) == list{"", two});
    CHECK(texts(from + ">" + from + two) == list{">" + from + two}); // of UUCP
}

TEST_CASE("a line looks the same wherever a batch ends") {
    const std::size_t batch = 2 * 1024 * 1024;
    const std::string tail = "\nFrom \nReceived: x\n\n1\n\nFrom me to you\nSubject: y\n\nFrom \nSubject: cut\n" + from + "Subject: z\n\n2\n";
    for (std::size_t before = 1; before <= tail.size() + 2; ++before) {
        CAPTURE(before);
        const std::string first = "Subject: x\n\n" + std::string(batch - from.size() - 13 - before, 'x') + "\n";
        const auto messages = read_all(from + first + tail, options_for(dialect::mboxrd));
        REQUIRE(messages.size() == 4);
        CHECK((messages[0].text == first));
        CHECK(messages[1].text == "Received: x\n\n1\n\nFrom me to you\nSubject: y\n");
        CHECK(messages[1].found.odd_from == 1);
        CHECK(messages[2].text == "Subject: cut\n");
    }
}
