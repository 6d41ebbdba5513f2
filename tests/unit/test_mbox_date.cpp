#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include <mbox/mail_date.hpp>

using namespace vmail::mbox;

namespace {

/// Seconds since 1970, of a wall clock that shows UTC where the line says nothing else.
std::optional<std::int64_t> seconds(std::string_view line) {
    const auto written = parse_from_line(line);
    if (!written) return {};
    return instant_of(*written, vmail::time_zone::named("UTC")).epoch();
}

} // namespace

TEST_CASE("From_ lines of all sorts of programs") {
    struct row {
        std::string_view line;
        std::int64_t seconds;
    };
    const row rows[] = {
        {"From ada@example.org  Thu Nov 20 15:30:00 2003", 1069342200},
        {"From ada@example.org Thu Nov 20 15:30:00 2003", 1069342200},
        {"From ada Mon Jan  5 10:20:30 1998", 883995630},
        {"From - Thu Nov 20 15:30:00 2003", 1069342200},                   // Mozilla
        {"From  Thu Nov 20 15:30:00 2003", 1069342200},                    // a bounce, without a sender
        {"From ada@example.org Thu Nov 20 15:30 2003", 1069342200},        // no seconds
        {"From ada@example.org Thu Nov 20 15:30:00 MET 2003", 1069338600}, // System V
        {"From ada@example.org Thu Nov 20 15:30:00 MET DST 2003", 1069335000},
        {"From ada@example.org Thu Nov 20 15:30:00 2003 MET", 1069338600},
        {"From ada@example.org Thu Nov 20 15:30:00 2003 +0100", 1069338600},
        {"From ada@example.org Thu Nov 20 15:30:00 -0500 2003", 1069360200},
        {"From ada@example.org Thu Nov 20 15:30:00 03", 1069342200},
        {"From ada Mon Jan  5 10:20:30 98", 883995630},
        {"From ada Tue Jan  5 10:20:30 103", 1041762030},                        // tm_year taken for a year
        {"From host!ada Thu Nov 20 15:30:00 2003 remote from host", 1069342200}, // UUCP
        {"From ada Thu Nov 20 15:30 MET 2003 remote from host.example.org", 1069338600},
        {"From ada@example.org Thu, 20 Nov 2003 15:30:00 +0100", 1069338600},
        {"From ada@example.org Thu Nov 20 15:30:00 2003 XYZ", 1069342200}, // a zone that nobody knows
        {"From \"Ada B\"@example.org Thu Nov 20 15:30:00 2003", 1069342200},
        {"From Mon Thu Nov 20 15:30:00 2003", 1069342200}, // a sender named like a day
        {"From MAILER-DAEMON thu nov 20 15:30:00 2003", 1069342200},
        {"From ada Thu Nov 20 15:30:60 2003", 1069342260}, // a leap second
    };
    for (const row& r : rows) {
        CAPTURE(r.line);
        CHECK(seconds(r.line) == r.seconds);
    }
}

TEST_CASE("what only begins like one is no From_ line") {
    for (const std::string_view line :
         {"", "From", "From ", "From me to you", "From: ada@example.org", "from ada Thu Nov 20 15:30:00 2003", ">From ada Thu Nov 20 15:30:00 2003",
          "From ada Thu Nov 20", "From ada Thu Nov 20 15:30:00", "From ada Thu Nov 20 25:30:00 2003", "From ada Thu Nov 31 15:30:00 2003",
          "From ada Thu Feb 29 15:30:00 2003", "From ada Thu Nov 20 15:30:00 2003 and so on, he said", "From ada Thu Nov 20 1530 2003",
          "From ada Thu Nov 20 15:30:00 1969", "From ada Thu Nov 20 15:30:00 2003 +9", "From the Mon Nov we had"}) {
        CAPTURE(line);
        CHECK_FALSE(parse_from_line(line));
    }
    CHECK_FALSE(parse_from_line("From " + std::string(2000, 'a') + " Thu Nov 20 15:30:00 2003"));
}

TEST_CASE("a time without a zone is one of the site, also in summer") {
    const auto rome = vmail::time_zone::named("Europe/Rome");
    CHECK(instant_of(*parse_from_line("From a Thu Nov 20 15:30:00 2003"), rome).epoch() == 1069338600);
    CHECK(instant_of(*parse_from_line("From a Sun Jul 20 15:30:00 2003"), rome).epoch() == 1058707800);
    CHECK(instant_of(*parse_from_line("From a Thu Nov 20 15:30:00 2003 GMT"), rome).epoch() == 1069342200);
}

TEST_CASE("dates of header fields") {
    const auto utc = vmail::time_zone::named("UTC");
    for (const std::string_view value :
         {" Thu, 20 Nov 2003 15:30:00 +0100", " 20 Nov 2003 15:30:00 +0100\r\n", " Thu, 20 Nov 2003 14:30:00 GMT (a (nested) comment)",
          " from mx by host (Postfix; really) with ESMTP id 4711\n\tfor <ada@example.org>; Thu, 20 Nov 2003 15:30:00 +0100 (CET)\n"}) {
        CAPTURE(value);
        const auto date = parse_header_date(value);
        REQUIRE(date);
        CHECK(instant_of(*date, utc).epoch() == 1069338600);
    }
    CHECK_FALSE(parse_header_date(" yesterday"));
    CHECK_FALSE(parse_header_date(""));
}
