#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/timestamp.hpp>

#include "refusal.hpp"

using vmail::expiry;
using vmail::time_zone;
using vmail::timestamp;

namespace {

time_zone zone(const std::string& name) { return time_zone::named(name); }

/// TZ for the time of a test.
class tz_setting {
public:
    explicit tz_setting(const char* value) {
        if (const char* const old = std::getenv("TZ")) before_ = old;
        value != nullptr ? setenv("TZ", value, 1) : unsetenv("TZ");
    }
    ~tz_setting() { before_ ? setenv("TZ", before_->c_str(), 1) : unsetenv("TZ"); }
    tz_setting(const tz_setting&) = delete;
    tz_setting& operator=(const tz_setting&) = delete;

private:
    std::optional<std::string> before_;
};

class scratch_folder {
public:
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "zone.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path_ = name;
    }
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace

TEST_CASE("the 14 digits that Phamm stores") {
    struct row {
        std::string text;
        std::int64_t epoch;
    };
    const row rows[] = {
        {"19700101000000", 0},          {"20000229000000", 951782400},  {"20261231235959", 1798761599},
        {"20380119031408", 2147483648}, {"99991231235959", 253402300799},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        CHECK(timestamp::parse_digits(r.text).epoch() == r.epoch);
        CHECK(timestamp::from_epoch(r.epoch).digits() == r.text);
    }
}

TEST_CASE("digits that are no date are refused, never taken for a time long ago") {
    for (const std::string& text :
         {std::string(), std::string("0"), std::string("-1"), std::string("2026123123595"), std::string("202612312359590"), std::string("999999999999999999999999"),
          std::string("1798761599"), std::string("20260230000000"), std::string("20230229000000"), std::string("19000229000000"), std::string("20261301000000"),
          std::string("20260001000000"), std::string("20260100000000"), std::string("20260132000000"), std::string("20261231240000"), std::string("20261231236000"),
          std::string("20261231235960"), std::string("19691231235959"), std::string("00000101000000"), std::string(" 2026123123595"), std::string("20261231235959 "),
          std::string("20261231235959Z"), std::string("2026123123595\0", 14), std::string("+2026123123595"), std::string("2026-12-31T23:"), std::string("２０２６")}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { timestamp::parse_digits(text); })));
        CHECK(is_sentence(refusal([&] { expiry::from_attribute(text); })));
    }
    CHECK(refusal([] { timestamp::parse_digits("20260230000000"); }) ==
          "\"20260230000000\" is not a date and time of the form YYYYMMDDhhmmss: there is no such day");
}

TEST_CASE("generalizedTime as servers write it") {
    struct row {
        std::string text, expected;
    };
    const row rows[] = {
        {"20261231235959Z", "20261231235959Z"}, {"20261231235959.999999Z", "20261231235959Z"}, {"20261231235959,5Z", "20261231235959Z"},
        {"202612312359Z", "20261231235900Z"},   {"2026123123Z", "20261231230000Z"},            {"000001010000Z", "00000101000000Z"},
        {"20270101005959+0100", "20261231235959Z"}, {"20261231190000-05", "20270101000000Z"},  {"19691231235959Z", "19691231235959Z"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        CHECK(timestamp::parse_generalized(r.text).generalized() == r.expected);
    }
    for (const std::string text : {"", "Z", "20261231235959", "20261231235959.Z", "202612312359.5Z", "2026123123595Z", "20261231Z", "20260230000000Z", "20261231235959ZZ",
                                   "20261231235959+1", "20261231235959+01:00", "20261231235959+2400", "20261231 35959Z", "20261231235960Z"}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { timestamp::parse_generalized(text); })));
    }
}

TEST_CASE("a moment as people write it") {
    const time_zone rome = zone("Europe/Rome");
    struct row {
        std::string text, expected;
    };
    const row rows[] = {
        {"2026-12-31", "2026-12-30T23:00:00Z"},           {"2026-12-31 14:30", "2026-12-31T13:30:00Z"},      {"2026-12-31T14:30:15", "2026-12-31T13:30:15Z"},
        {"2026-07-01 14:30", "2026-07-01T12:30:00Z"},     {"2026-07-01T14:30:00Z", "2026-07-01T14:30:00Z"},  {"2026-07-01t14:30z", "2026-07-01T14:30:00Z"},
        {"2026-07-01T14:30:00.25Z", "2026-07-01T14:30:00Z"}, {"2026-07-01 14:30:00+05:30", "2026-07-01T09:00:00Z"}, {"2026-07-01T14:30-09:30", "2026-07-02T00:00:00Z"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        CHECK(timestamp::parse(r.text, rome).rfc3339() == r.expected);
    }
    const auto now = timestamp::parse("now", rome);
    CHECK(timestamp::now().epoch() - now.epoch() >= 0);
    CHECK(timestamp::now().epoch() - now.epoch() < 60);
}

TEST_CASE("what is no moment is refused") {
    const time_zone rome = zone("Europe/Rome");
    for (const std::string& text :
         {std::string(), std::string(" 2026-12-31"), std::string("2026-12-31 "), std::string("2026-12-31\n"), std::string("2026-2-3"), std::string("31.12.2026"),
          std::string("2026-02-30"), std::string("2025-02-29"), std::string("2026-13-01"), std::string("2026-12-31Z"), std::string("2026-12-31 24:00"), std::string("2026-12-31 23:60"),
          std::string("2026-12-31 23:59:60"), std::string("2026-12-31 9:00"), std::string("2026-12-31T"), std::string("2026-12-31T12"), std::string("2026-12-31T12:00:00."),
          std::string("2026-12-31T12:00+01"), std::string("2026-12-31T12:00+0100"), std::string("2026-12-31T12:00+24:00"), std::string("2026-12-31T12:00ZZ"), std::string("NOW"),
          std::string("tomorrow"), std::string("2026-12-31\0", 11), std::string("1970-01-01"), std::string("0000-01-01"), std::string("9999-12-31T23:59:59-00:01"), std::string("20261231")}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { timestamp::parse(text, rome); })));
    }
}

TEST_CASE("clocks that are put forward or back") {
    struct row {
        std::string zone, local, instant;
    };
    const row rows[] = {
        {"Europe/Rome", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
        {"Europe/Rome", "2026-03-29 02:00:00", "2026-03-29T01:00:00Z"}, // skipped: the instant of the change
        {"Europe/Rome", "2026-03-29 02:59:59", "2026-03-29T01:00:00Z"},
        {"Europe/Rome", "2026-03-29 03:00:00", "2026-03-29T01:00:00Z"},
        {"Europe/Rome", "2026-10-25 01:59:59", "2026-10-24T23:59:59Z"},
        {"Europe/Rome", "2026-10-25 02:00:00", "2026-10-25T00:00:00Z"}, // twice: the first
        {"Europe/Rome", "2026-10-25 02:59:59", "2026-10-25T00:59:59Z"},
        {"Europe/Rome", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"},
        {"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},          // the day begins at 01:00
        {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},    // so does this one
        {"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"},    // the hour before it comes twice
        {"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},       // midnight comes twice
        {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},         // no such day there
        {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"},
        {"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z"}, // half an hour
        {"Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z"},
        {"UTC", "2026-01-01", "2026-01-01T00:00:00Z"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.zone);
        CAPTURE(r.local);
        CHECK(timestamp::parse(r.local, zone(r.zone)).rfc3339() == r.instant);
    }
}

TEST_CASE("the local time of an instant") {
    struct row {
        std::string zone, instant, local;
    };
    const row rows[] = {
        {"Europe/Rome", "2026-03-29T00:59:59Z", "2026-03-29 01:59:59"},
        {"Europe/Rome", "2026-03-29T01:00:00Z", "2026-03-29 03:00:00"},
        {"Europe/Rome", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00"},
        {"Europe/Rome", "2026-10-25T01:30:00Z", "2026-10-25 02:30:00"},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29 23:59:59"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31 00:00:00"},
        {"UTC", "9999-12-31T23:59:59Z", "9999-12-31 23:59:59"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.zone);
        CAPTURE(r.instant);
        CHECK(timestamp::parse(r.instant, zone("UTC")).local_text(zone(r.zone)) == r.local);
    }
}

TEST_CASE("summer time goes on after 2037, where the tables of the zone files end") {
    struct row {
        std::string zone, local, instant; // as glibc has them
    };
    const row rows[] = {
        {"Europe/Rome", "2037-07-01 00:00:00", "2037-06-30T22:00:00Z"},   {"Europe/Rome", "2038-01-15 00:00:00", "2038-01-14T23:00:00Z"},
        {"Europe/Rome", "2038-07-01 00:00:00", "2038-06-30T22:00:00Z"},   {"Europe/Rome", "2040-02-29 00:00:00", "2040-02-28T23:00:00Z"},
        {"Europe/Rome", "2040-03-25 01:00:00", "2040-03-25T00:00:00Z"},   {"Europe/Rome", "2040-03-25 03:00:00", "2040-03-25T01:00:00Z"},
        {"Europe/Rome", "2040-10-28 04:00:00", "2040-10-28T03:00:00Z"},   {"Europe/Rome", "2040-12-31 23:59:59", "2040-12-31T22:59:59Z"},
        {"Europe/Rome", "2099-07-31 12:00:00", "2099-07-31T10:00:00Z"},   {"Europe/Rome", "2100-03-01 12:00:00", "2100-03-01T11:00:00Z"},
        {"America/New_York", "2044-03-13 03:00:00", "2044-03-13T07:00:00Z"}, {"America/New_York", "2044-11-06 12:00:00", "2044-11-06T17:00:00Z"},
        {"Pacific/Auckland", "2050-01-01 00:00:00", "2049-12-31T11:00:00Z"}, {"Pacific/Auckland", "2050-06-01 00:00:00", "2050-05-31T12:00:00Z"},
        {"Europe/Dublin", "2050-07-01 00:00:00", "2050-06-30T23:00:00Z"}, {"America/Nuuk", "2050-07-01 00:00:00", "2050-07-01T01:00:00Z"},
        {"Asia/Kolkata", "2050-07-01 00:00:00", "2050-06-30T18:30:00Z"},  {"Europe/Rome", "9999-07-01 00:00:00", "9999-06-30T22:00:00Z"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.zone);
        CAPTURE(r.local);
        CHECK(timestamp::parse(r.local, zone(r.zone)).rfc3339() == r.instant);
        CHECK(timestamp::parse(r.instant, zone("UTC")).local_text(zone(r.zone)) == r.local);
    }
}

TEST_CASE("a count of seconds that no calendar holds stays at the end of the years") {
    CHECK(timestamp::from_epoch(std::numeric_limits<std::int64_t>::max()).rfc3339() == "9999-12-31T23:59:59Z");
    CHECK(timestamp::from_epoch(std::numeric_limits<std::int64_t>::min()).rfc3339() == "0000-01-01T00:00:00Z");
    CHECK(timestamp::from_epoch(std::numeric_limits<std::int64_t>::max()).digits() == "99991231235959");
    CHECK(is_sentence(refusal([] { (void)timestamp::from_epoch(-1).digits(); })));
}

TEST_CASE("what the clocks of a zone show, counted as if it were UTC") {
    const auto at = [](std::int64_t shown, const std::string& name) {
        return timestamp::from_local(std::chrono::sys_seconds{std::chrono::seconds{shown}}, zone(name)).epoch();
    };
    CHECK(at(1069342200, "UTC") == 1069342200);
    CHECK(at(1069342200, "Europe/Rome") == 1069342200 - 3600);
    CHECK(at(0, "Europe/Rome") == -3600);              // no error: it was so
    CHECK(at(1048991400, "Europe/Rome") == 1048986000); // 02:30 on the day that has none: when the clocks skip it
    CHECK(at(std::numeric_limits<std::int64_t>::max() / 4, "Europe/Rome") == timestamp::from_epoch(std::numeric_limits<std::int64_t>::max()).epoch() - 3600);
}

TEST_CASE("a zone is one of the database") {
    CHECK(zone("Europe/Rome").name() == "Europe/Rome");
    CHECK(zone("UTC").name() == "UTC");
    for (const std::string& name : {std::string(), std::string("Mars/Olympus"), std::string("europe/rome"), std::string("../../etc/passwd"), std::string("/etc/localtime"), std::string("Europe/Rome\0", 12), std::string("\x1B[31m")}) {
        CAPTURE(name);
        try {
            zone(name);
            FAIL("accepted");
        } catch (const vmail::error& e) {
            CHECK(e.kind() == vmail::error_kind::configuration);
            CHECK(is_sentence(e.what()));
            CHECK(is_sentence(e.hint()));
        }
    }
}

TEST_CASE("the machine's zone is what TZ says") {
    struct row {
        const char* value;
        std::string name;
    };
    const row rows[] = {
        {"Europe/Rome", "Europe/Rome"},
        {":Europe/Rome", "Europe/Rome"},
        {"/usr/share/zoneinfo/Europe/Vienna", "Europe/Vienna"},
        {":/usr/share/zoneinfo/Europe/Vienna", "Europe/Vienna"},
        {"posix/Europe/Rome", "Europe/Rome"},
        {"/usr/share/zoneinfo/posix/Europe/Rome", "Europe/Rome"},
        {"/usr/share/zoneinfo/posixrules", "America/New_York"},
        {"", "UTC"},
        {":", "UTC"},
        {"UTC0", "UTC"},
        {"GMT+00:00", "UTC"},
        {"CET-1", "Etc/GMT-1"},
        {"EST+05", "Etc/GMT+5"},
        {"<+0330>-03:00", "Etc/GMT-3"},
        {"EST5EDT", "EST5EDT"}, // a name of the database as well
    };
    for (const auto& r : rows) {
        CAPTURE(r.value);
        const tz_setting setting(r.value);
        CHECK(time_zone::local().name() == r.name);
    }
}

TEST_CASE("TZ that names no zone is refused, and never UTC in silence") {
    for (const char* const value :
         {"CET-1CEST", ":CET-1CEST", "CET-1CEST,M3.5.0,M10.5.0/3", "Mars/Olympus", "europe/rome", "/nowhere", "/etc/passwd", "/etc", "IST-5:30", "CET-25",
          "<x>-1", "<", "UTC0x", "../../etc/passwd", "zone.tab", "\x1B[31m"}) {
        CAPTURE(value);
        const tz_setting setting(value);
        try {
            time_zone::local();
            FAIL("accepted");
        } catch (const vmail::error& e) {
            CHECK(e.kind() == vmail::error_kind::configuration);
            CHECK(is_sentence(e.what()));
            CHECK(is_sentence(e.hint()));
        }
    }
}

TEST_CASE("a copy of a file of the database is known by its bytes") {
    const scratch_folder folder;
    for (const char* const name : {"Europe/Rome", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Chatham", "UTC"}) {
        CAPTURE(name);
        const auto copy = folder.path() / "localtime";
        std::filesystem::copy_file(std::filesystem::path("/usr/share/zoneinfo") / name, copy, std::filesystem::copy_options::overwrite_existing);
        const tz_setting setting(copy.c_str());
        const auto found = time_zone::local(); // or another name of the same
        for (const char* const moment : {"1975-01-15 12:00", "1999-07-15 12:00", "2026-01-15 12:00", "2026-07-15 12:00", "2050-07-15 12:00"})
            CHECK(timestamp::parse(moment, found) == timestamp::parse(moment, zone(name)));
    }
}

TEST_CASE("without TZ, and with TZ=:/etc/localtime, it is the one of /etc/localtime") {
    std::string by_file;
    {
        const tz_setting setting(":/etc/localtime");
        by_file = time_zone::local().name();
    }
    const tz_setting setting(nullptr);
    CHECK(time_zone::local().name() == by_file);
    CHECK_FALSE(by_file.empty());
}

TEST_CASE("a mailbox that expires on a day works through that day") {
    struct row {
        std::string zone, day, instant;
    };
    const row rows[] = {
        {"Europe/Rome", "2026-12-31", "2026-12-31T23:00:00Z"},
        {"Europe/Rome", "2026-03-29", "2026-03-29T22:00:00Z"},          // 23 hours long
        {"Europe/Rome", "2026-10-25", "2026-10-25T23:00:00Z"},          // 25 hours long
        {"Asia/Beirut", "2026-03-28", "2026-03-28T22:00:00Z"},          // the next day begins at 01:00
        {"America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00:00Z"},    // so does this one
        {"America/Sao_Paulo", "2018-02-17", "2018-02-18T03:00:00Z"},    // its last hour comes twice
        {"America/Havana", "2026-10-31", "2026-11-01T04:00:00Z"},       // the next midnight comes twice: the first
        {"Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z"},         // the next day is left out
        {"UTC", "2028-02-28", "2028-02-29T00:00:00Z"},
        {"America/New_York", "9999-12-30", "9999-12-31T05:00:00Z"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.zone);
        CAPTURE(r.day);
        const expiry e = expiry::parse(r.day, zone(r.zone), timestamp::from_epoch(0));
        CHECK(e.at().rfc3339() == r.instant);
        CHECK(e.text(zone(r.zone)) == r.day);
        CHECK_FALSE(e.passed(timestamp::from_epoch(e.at().epoch() - 1)));
        CHECK(e.passed(e.at()));
        CHECK(expiry::from_attribute(e.to_attribute()) == e);
    }
}

TEST_CASE("a span counts from today in the zone") {
    struct row {
        std::string now, span, last_day;
    };
    const row rows[] = {
        {"2026-01-31T12:00:00Z", "+0d", "2026-01-31"},
        {"2026-01-31T12:00:00Z", "+1d", "2026-02-01"},
        {"2026-01-31T12:00:00Z", "+30d", "2026-03-02"},
        {"2026-01-31T12:00:00Z", "+6w", "2026-03-14"},
        {"2026-01-31T12:00:00Z", "+1m", "2026-02-28"},
        {"2028-01-31T12:00:00Z", "+1m", "2028-02-29"},
        {"2026-01-31T12:00:00Z", "+3m", "2026-04-30"},
        {"2026-01-31T12:00:00Z", "+11m", "2026-12-31"},
        {"2026-01-31T12:00:00Z", "+12m", "2027-01-31"},
        {"2028-02-29T12:00:00Z", "+1y", "2029-02-28"},
        {"2028-02-29T12:00:00Z", "+4y", "2032-02-29"},
        {"2026-01-31T22:59:59Z", "+1d", "2026-02-01"}, // 23:59:59 in Rome
        {"2026-01-31T23:00:00Z", "+1d", "2026-02-02"}, // already tomorrow there
    };
    const time_zone rome = zone("Europe/Rome");
    for (const auto& r : rows) {
        CAPTURE(r.now);
        CAPTURE(r.span);
        CHECK(expiry::parse(r.span, rome, timestamp::parse(r.now, rome)).text(rome) == r.last_day);
    }
}

TEST_CASE("an end is extended from itself, by calendar months, and stays the end of a day or at its time") {
    const auto rome = time_zone::named("Europe/Rome");
    const auto later = [&](const char* end, const char* by) { return expiry::parse(end, rome, timestamp::now()).extended(by, rome).text(rome); };
    CHECK(later("2026-12-31", "6m") == "2027-06-30");
    CHECK(later("2026-12-31", "+6m") == "2027-06-30");
    CHECK(later("2026-01-31", "1m") == "2026-02-28");
    CHECK(later("2026-03-28", "1d") == "2026-03-29"); // the clocks are put forward on that day
    CHECK(later("2026-10-24", "1d") == "2026-10-25");
    CHECK(later("2026-12-31", "1y") == "2027-12-31");
    CHECK(later("2026-12-31", "2w") == "2027-01-14");
    CHECK(later("2026-05-31 12:30", "1m") == "2026-06-30 12:30:00");
    // At the time that the clocks show, also where the day has 23 hours or 25; where they skip it, as one that is set.
    CHECK(later("2026-03-29 12:30", "1d") == "2026-03-30 12:30:00");
    CHECK(later("2026-03-28 12:30", "1d") == "2026-03-29 12:30:00");
    CHECK(later("2026-10-24 12:30", "1d") == "2026-10-25 12:30:00");
    CHECK(later("2026-03-28 02:30", "1d") == expiry::parse("2026-03-29 02:30", rome, timestamp::now()).text(rome));
    for (const char* const by : {"", "m", "6", "-6m", "6 m", "6h", "9999y", "+"}) CHECK(is_sentence(refusal([&] { later("2026-12-31", by); })));
}

TEST_CASE("a full time is taken as it is, and shown as a time") {
    const time_zone rome = zone("Europe/Rome");
    const expiry e = expiry::parse("2026-12-31 14:30", rome, timestamp::from_epoch(0));
    CHECK(e.at().rfc3339() == "2026-12-31T13:30:00Z");
    CHECK(e.text(rome) == "2026-12-31 14:30:00");
    CHECK(expiry::parse("2026-12-31T23:00:00Z", rome, timestamp::from_epoch(0)).text(rome) == "2026-12-31");
}

TEST_CASE("what is no expiry is refused") {
    const time_zone utc = zone("UTC");
    for (const std::string text : {"", "+", "+d", "+1", "+1h", "+-1d", "+1.5d", "+ 1d", "+1dd", "-1d", "1d", "+999999999999999999999d", "+1000000d", "+999999y", "+999999m", "+999999w", "+7974y", "+65536y", "+786432m",
                                   "9999-12-31", "2026-02-30", "2026-12-31 25:00", "never", "1969-12-30"}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { expiry::parse(text, utc, timestamp::from_epoch(1767225600)); })));
    }
}

TEST_CASE("days since 1970, as the first generation stores them") {
    struct row {
        std::string zone, days, instant;
    };
    const row rows[] = {
        {"UTC", "1", "1970-01-02T00:00:00Z"},
        {"UTC", "20819", "2027-01-01T00:00:00Z"},
        {"Europe/Rome", "20819", "2026-12-31T23:00:00Z"},
        {"America/New_York", "20819", "2027-01-01T05:00:00Z"},
        {"Asia/Beirut", "20541", "2026-03-28T22:00:00Z"},
        {"UTC", "2932896", "9999-12-31T00:00:00Z"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.zone);
        CAPTURE(r.days);
        const expiry e = expiry::from_days(r.days, zone(r.zone));
        CHECK(e.at().rfc3339() == r.instant);
        CHECK(e.to_days(zone(r.zone)) == r.days);
    }
    for (const std::string text : {"", "0", "000", "-1", " 1", "1 ", "1.5", "0x10", "2932897", "99999999", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { expiry::from_days(text, zone("UTC")); })));
    }
}

TEST_CASE("days are rounded up, never early") {
    const time_zone rome = zone("Europe/Rome");
    const auto days_at = [&](const std::string& local) { return expiry(timestamp::parse(local, rome)).to_days(rome); };
    CHECK(days_at("2027-01-01 00:00:00") == "20819");
    CHECK(days_at("2027-01-01 00:00:01") == "20820");
    CHECK(days_at("2026-12-31 23:59:59") == "20819");
    CHECK(expiry(timestamp::from_epoch(-1)).to_days(zone("UTC")) == "1");
    CHECK(expiry(timestamp::from_epoch(-86400)).to_days(zone("UTC")) == "1");
}
TEST_CASE("an end in an hour that the clocks show twice is written so that it is read as the same") {
    const auto vienna = time_zone::named("Europe/Vienna");
    for (const char* const digits : {"20261025000000", "20261025003000", "20261025005959", "20261025010000", "20261025013000", "20261025015959", "20261025020000", "20260329010000",
                                     "20260329005959", "19700101000000"}) {
        CAPTURE(digits);
        const auto end = vmail::expiry::from_attribute(digits);
        CHECK(vmail::expiry::parse(end.text(vienna), vienna, vmail::timestamp::now()) == end);
    }
    CHECK(vmail::expiry::from_attribute("20261025003000").text(vienna) == "2026-10-25 02:30:00");
    CHECK(vmail::expiry::from_attribute("20261025013000").text(vienna) == "2026-10-25T01:30:00Z");
}
