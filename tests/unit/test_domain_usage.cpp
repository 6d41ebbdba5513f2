#include <limits>

#include <doctest/doctest.h>

#include <vmail/domain_usage.hpp>
#include <vmail/error.hpp>

#include "tree.hpp"

using namespace vmail;

namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t mib = 1024 * 1024;

domain_places sum(domain_places a, const domain_places& b) { return a += b; }

domain limited() {
    domain d(domain_name::parse("example.org"));
    d.max_mailboxes = 2;
    d.max_aliases = 1;
    d.max_quota_mib = 100;
    return d;
}

/// What it says, or "" where there is room.
std::string fullness(const domain& d, const domain_places& there, const domain_places& more) {
    try {
        require_room(d, there, more);
    } catch (const limit_exceeded& e) {
        CHECK(e.subject() == d.name.text());
        return e.what();
    }
    return "";
}

const auto now = timestamp::parse_digits("20261231120000");

} // namespace

TEST_CASE("sums that would not fit stay at the largest number") {
    CHECK(sum({1, 2, 3}, {10, 20, 30}) == domain_places{11, 22, 33});
    CHECK(sum({most, most - 1, most}, {1, 1, most}) == domain_places{most, most, most});
    CHECK(sum({most - 1, 0, 0}, {2, 0, 0}).mailboxes == most);
}

TEST_CASE("quota that would not fit in a number is more than any limit") {
    CHECK_FALSE(fullness(limited(), {0, 0, most}, {1, 0, most}).empty());
    domain endless = limited();
    endless.max_quota_mib = most; // its bytes would not fit
    CHECK(fullness(endless, {0, 0, 5 * mib}, {1, 0, 5 * mib}).empty());
}

TEST_CASE("a domain is full when what is there and what comes are more than its limit") {
    const auto d = limited();
    CHECK(fullness(d, {1, 0, 0}, {1, 0, 0}).empty());
    CHECK(fullness(d, {1, 0, 0}, {2, 0, 0}) == "the domain example.org is full: its limit is 2 mailboxes");
    CHECK(fullness(d, {0, 1, 0}, {0, 1, 0}) == "the domain example.org is full: its limit is 1 alias");
    CHECK(fullness(d, {0, 0, 60 * mib}, {0, 0, 40 * mib}).empty());
    CHECK(fullness(d, {0, 0, 60 * mib}, {0, 0, 40 * mib + 1}) == "the domain example.org is full: its mailboxes would have 101 MiB together, and share 100");
}

TEST_CASE("what is over its limit already may still change what the limit is not about") {
    CHECK(fullness(limited(), {5, 5, 500 * mib}, {}).empty());
    CHECK(fullness(limited(), {5, 0, 0}, {0, 1, 0}).empty());
}

TEST_CASE("a domain without limits is never full") { CHECK(fullness(domain(domain_name::parse("example.org")), {most, most, most}, {1, 1, 1}).empty()); }

TEST_CASE("a reservation is read as it was written") {
    const reservation r{now, "00ff00ff", {25, 1, 53687091200}};
    CHECK(r.text() == "20261231120000 00ff00ff 25 1 53687091200");
    const auto again = reservation::parse(r.text());
    REQUIRE(again);
    CHECK(again->made == r.made);
    CHECK(again->token == r.token);
    CHECK(again->places == r.places);
    CHECK(reservation::parse("20261231120000  1 0 0")->token.empty());
    CHECK(reservation::parse("20261231120000 t 18446744073709551615 0 0")->places.mailboxes == most);
}

TEST_CASE("what is no reservation is none") {
    for (const char* text : {"", " ", "20261231120000", "20261231120000 t 1 0", "20261231120000 t 1 0 0 0", "20261231120000 t 1 0 0 ", "20261331120000 t 1 0 0", "now t 1 0 0",
                             "20261231120000 t -1 0 0", "20261231120000 t 1 x 0", "20261231120000 t 1 0 18446744073709551616", "20261231120000 t 1 0 1G"}) {
        CAPTURE(text);
        CHECK_FALSE(reservation::parse(text));
    }
}

TEST_CASE("a reservation counts for a quarter of an hour") {
    const reservation r{now, "t", {}};
    CHECK_FALSE(r.is_stale(timestamp::from_epoch(now.epoch() + 15 * 60)));
    CHECK(r.is_stale(timestamp::from_epoch(now.epoch() + 15 * 60 + 1)));
    CHECK_FALSE(r.is_stale(timestamp::from_epoch(now.epoch() - 3600))); // of a machine whose clock is ahead
    CHECK_FALSE(r.is_stale(timestamp::from_epoch(now.epoch() - 86400)));
    CHECK(r.is_stale(timestamp::from_epoch(now.epoch() - 86401))); // of nobody who means well
}

TEST_CASE("what others have set aside counts; one's own, old ones and nonsense do not") {
    const std::string mine = reservation{now, "mine", {1, 0, 0}}.text(), theirs = reservation{now, "theirs", {2, 0, 0}}.text();
    const std::string old = reservation{timestamp::from_epoch(now.epoch() - 1000), "gone", {4, 0, 0}}.text();
    const auto e = tree::entry("vd=example.org", {{"vmailReservation", {mine, "nonsense", theirs, old}}});

    const auto all = reservations::of(e, "mine", now);

    REQUIRE(all.standing.size() == 1);
    CHECK(all.standing.front().text() == theirs);
    CHECK(all.obsolete == std::vector<std::string>{mine, "nonsense", old});
    CHECK(reservations::of(tree::entry("vd=example.org", {}), "mine", now).standing.empty());
}

TEST_CASE("postmaster and abuse are the role addresses of a site that says nothing") {
    const role_addresses roles;
    for (const char* local : {"postmaster", "Postmaster", "abuse", "ABUSE"}) CHECK(roles.has(local));
    for (const char* local : {"", "postmaster+x", "hostmaster", "abuse2"}) CHECK_FALSE(roles.has(local));
}

TEST_CASE("postmaster is a role address whether it is named or not, and is made last") {
    const auto name = domain_name::parse("example.org");
    for (const auto& named : {std::vector<std::string>{"noc", "postmaster", "hostmaster"}, {"noc", "hostmaster"}}) {
        const auto roles = role_addresses::of(named);
        CHECK_FALSE(roles.has("abuse"));
        std::string made;
        for (const address& a : roles.in(name)) made += a.text() + " ";
        CHECK(made == "noc@example.org hostmaster@example.org postmaster@example.org ");
    }
    CHECK(role_addresses::of({}).in(name).size() == 1);
}

TEST_CASE("a role address is a local part, and is named once") {
    for (const std::vector<std::string>& named : {std::vector<std::string>{"a@b"}, {"a b"}, {""}, {"@"}, {"\"noc\""}, {"noc", "NOC"}}) {
        CAPTURE(named.front());
        CHECK_THROWS_AS(role_addresses::of(named), invalid_value);
    }
}
