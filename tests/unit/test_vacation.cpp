#include <string>

#include <doctest/doctest.h>

#include <vmail/vacation.hpp>

#include "refusal.hpp"

using vmail::local_minute;

TEST_CASE("a local minute is read from what people write and from what Phamm stores") {
    struct row {
        std::string given, digits, text;
    };
    const row rows[] = {
        {"2026-08-01", "202608010000", "2026-08-01 00:00"},
        {"2026-08-01 14:30", "202608011430", "2026-08-01 14:30"},
        {"2028-02-29 23:59", "202802292359", "2028-02-29 23:59"},
        {"1970-01-01", "197001010000", "1970-01-01 00:00"},
        {"1969-12-31 23:59", "196912312359", "1969-12-31 23:59"},
        {"0001-01-01", "000101010000", "0001-01-01 00:00"},
        {"9999-12-31 23:59", "999912312359", "9999-12-31 23:59"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.given);
        const local_minute m = local_minute::parse(r.given);
        CHECK(m.digits() == r.digits);
        CHECK(m.text() == r.text);
        CHECK(local_minute::parse_digits(r.digits) == m);
        CHECK(local_minute::parse(r.text) == m);
    }
}

TEST_CASE("local minutes are ordered in time") {
    CHECK(local_minute::parse("2026-08-01") < local_minute::parse("2026-08-01 00:01"));
    CHECK(local_minute::parse("1969-12-31 23:59") < local_minute::parse("1970-01-01"));
    CHECK(local_minute::parse("2026-12-31 23:59") < local_minute::parse("2027-01-01"));
}

TEST_CASE("stored digits that are no minute of the calendar are refused") {
    const std::string rows[] = {"",
                                "0",
                                "20260801",
                                "20260801000",
                                "2026080100000",
                                "20260801000000",
                                "202608010000 ",
                                " 20260801000",
                                "2026080100a0",
                                "202613010000",
                                "202600010000",
                                "202602290000",
                                "202604310000",
                                "202608002400",
                                "202608012400",
                                "202608010060",
                                "-02608010000",
                                std::string("20260801\0" "000", 12)};
    for (const auto& text : rows) {
        CAPTURE(text);
        const std::string sentence = refusal([&] { local_minute::parse_digits(text); });
        CHECK(is_sentence(sentence));
        CHECK(sentence.find("(accepted)") == std::string::npos);
    }
}

TEST_CASE("a moment that nobody writes so is refused") {
    for (const std::string text : {"", "tomorrow", "2026-8-1", "2026-08-01T14:30", "2026-08-01 14:30:00", "2026-08-01 ", "2026-08-01  4:30", "2026-08-01 24:00",
                                   "2026-02-30", "2026-08-01 14.30", "01-08-2026", "202608011430"}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { local_minute::parse(text); })));
    }
    CHECK(refusal([] { local_minute::parse("2026-02-30"); }) == "\"2026-02-30\" is not a day that exists");
    CHECK(refusal([] { local_minute::parse("2026-02-03 25:00"); }) == "\"2026-02-03 25:00\" has no such time of day: it goes from 00:00 to 23:59");
}
