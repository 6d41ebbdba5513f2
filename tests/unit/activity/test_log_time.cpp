#include <vmail/activity/log_time.hpp>

using namespace vmail;
using namespace vmail::activity;

namespace {

std::int64_t at(const std::string& utc) { return timestamp::parse(utc, time_zone::named("UTC")).epoch(); }

/// The times of lines of one log, as UTC; "-" for a line without one.
std::vector<std::string> times(const std::vector<std::string>& lines, const std::string& zone = "UTC", const std::string& latest = "2026-11-29T15:00:00Z") {
    log_time time(time_zone::named(zone), at(latest), std::nullopt);
    std::vector<std::string> all;
    for (const std::string& line : lines) {
        std::string_view rest = line;
        const auto found = time.take(rest);
        CHECK(rest == (found ? "host x" : line));
        all.push_back(found ? timestamp::from_epoch(*found).rfc3339() : "-");
    }
    return all;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("syslog's time is in the zone, and of the last year that is possible") {
    CHECK(times({"Nov 29 14:51:09 host x"}) == texts{"2026-11-29T14:51:09Z"});
    CHECK(times({"Nov  9 14:51:09 host x", "Nov 09 14:51:60 host x", "Nov 29 14:51:09.123456 host x"}) == texts{"2026-11-09T14:51:09Z", "2026-11-09T14:52:00Z", "2026-11-29T14:51:09Z"});
    CHECK(times({"Nov 29 14:51:09 host x"}, "Europe/Rome") == texts{"2026-11-29T13:51:09Z"});
    CHECK(times({"Dec 24 00:00:00 host x"}) == texts{"2025-12-24T00:00:00Z"});
    CHECK(times({"Nov 30 14:00:00 host x"}) == texts{"2026-11-30T14:00:00Z"}); // a clock that is a little ahead
    CHECK(times({"Feb 29 00:00:00 host x"}) == texts{"2024-02-29T00:00:00Z"});
}

TEST_CASE("December is followed by the January of the next year") {
    CHECK(times({"Dec 31 23:59:59 host x", "Jan  1 00:00:00 host x", "Dec 31 23:59:59 host x", "Jan  1 00:00:01 host x", "Mar  1 00:00:01 host x"}) ==
          texts{"2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z", "2026-03-01T00:00:01Z"});
    // A log of little traffic: half a year later is later.
    CHECK(times({"Jan  5 00:00:00 host x", "Nov  1 00:00:00 host x"}) == texts{"2026-01-05T00:00:00Z", "2026-11-01T00:00:00Z"});
}

TEST_CASE("what was read before says the year") {
    log_time time(time_zone::named("UTC"), at("2026-11-29T15:00:00Z"), at("2024-12-31T23:00:00Z"));
    std::string_view line = "Jan  1 01:00:00 host x";
    CHECK(time.take(line) == at("2025-01-01T01:00:00Z"));
    CHECK(time.last() == at("2025-01-01T01:00:00Z"));
}

TEST_CASE("no time without a year is in the future") {
    // A clock that was wrong for a while does not take the log with it into the next year.
    CHECK(times({"Jun  1 00:00:00 host x", "Dec 31 00:00:00 host x", "Jun  1 00:00:01 host x"}) == texts{"2026-06-01T00:00:00Z", "2025-12-31T00:00:00Z", "2026-06-01T00:00:01Z"});
}

TEST_CASE("RFC 3339 with what it allows") {
    CHECK(times({"2026-11-29T14:51:09Z host x", "2026-11-29T14:51:09.123456+01:00 host x", "2026-11-29T14:51:09-0130 host x", "2026-11-29 14:51:09 host x"}, "Europe/Rome") ==
          texts{"2026-11-29T14:51:09Z", "2026-11-29T13:51:09Z", "2026-11-29T16:21:09Z", "2026-11-29T13:51:09Z"});
    CHECK(times({"2036-01-01T00:00:00Z host x"}) == texts{"2036-01-01T00:00:00Z"}); // what is to be thought of it the reader says
}

TEST_CASE("the hour that the clocks show twice is told by the order") {
    const texts lines = {"Oct 25 01:59:59 host x", "Oct 25 02:00:00 host x", "Oct 25 02:59:58 host x", "Oct 25 02:59:50 host x",
                         "Oct 25 02:00:01 host x", "Oct 25 02:30:00 host x", "Oct 25 02:59:59 host x", "Oct 25 03:00:00 host x"};
    CHECK(times(lines, "Europe/Rome") == texts{"2026-10-24T23:59:59Z", "2026-10-25T00:00:00Z", "2026-10-25T00:59:58Z", "2026-10-25T00:59:50Z",
                                               "2026-10-25T01:00:01Z", "2026-10-25T01:30:00Z", "2026-10-25T01:59:59Z", "2026-10-25T02:00:00Z"});
    // Half an hour, in April.
    CHECK(times({"Apr  5 01:50:00 host x", "Apr  5 01:40:00 host x"}, "Australia/Lord_Howe") == texts{"2026-04-04T14:50:00Z", "2026-04-04T15:10:00Z"});
}

TEST_CASE("an hour that the clocks skip is the moment at which they do") {
    CHECK(times({"Mar 29 01:59:59 host x", "Mar 29 02:30:00 host x", "Mar 29 03:00:00 host x"}, "Europe/Rome") ==
          texts{"2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"});
}

TEST_CASE("what is no time is left as it is") {
    for (const std::string line : {"", "x", "Nov 29 14:51:09", "Nov 29 14:51:09\thost", "Nov 29 24:00:00 host x", "Nov 29 14:60:00 host x", "Nov 29 14:51:61 host x", "Nov 31 14:51:09 host x",
                                   "Nov 00 14:51:09 host x", "Now 29 14:51:09 host x", "anF 29 14:51:09 host x", "Nov-29 14:51:09 host x", "Nov 29 1 :51:09 host x", "Nov 29 14:51: 9 host x", "2026-11-29T14:51:09",
                                   "2026-11-29X14:51:09Z host x", "2026-02-30T14:51:09Z host x", "2026-11-29T14:51:09+25:00 host x", "2026-11-29T14:51:09+0 host x", "2026-11-29T14:51:09+01:0 host x",
                                   "1969-12-31T14:51:09Z host x", "2026-1 -29T14:51:09Z host x", "Feb 29 1", "\xff\xff\xff 29 14:51:09 host x"})
        CHECK(times({line}) == texts{"-"});
}
