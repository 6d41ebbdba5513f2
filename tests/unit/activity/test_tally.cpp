#include <map>

#include <vmail/activity/account_name.hpp>
#include <vmail/activity/tally.hpp>

using namespace vmail::activity;

namespace {

constexpr std::int64_t noon = 1'764'417'600; // 2025-11-29T12:00:00Z

event by(std::string_view account, std::int64_t when, std::string_view client, decltype(event::what) what, std::string_view reference = "ref") {
    return {.when = when, .host = "mail.example.org", .account = account, .client = client, .reference = reference, .what = what};
}

struct heard {
    std::map<row_key, hour_counts> counts{};
    std::vector<sighting> sightings{};
    std::vector<last_use> uses{};

    explicit heard(const tally& t) {
        t.each({[&](const count_row& r) { counts[r.of].add(r.counts); }, [&](const sighting& r) { sightings.push_back(r); }, [&](const last_use& r) { uses.push_back(r); }});
    }
    std::uint64_t of(const std::string& account, measure m) const {
        std::uint64_t sum = 0;
        for (const auto& [key, c] : counts)
            if (key.account == account) sum += c[m];
        return sum;
    }
};

} // namespace

TEST_CASE("an account is counted by the hour, by whatever name the log has in capitals") {
    tally t({});
    t.add(by("Ann@Example.ORG", noon, "192.0.2.1", login{protocol::imap, true}));
    t.add(by("ann@example.org", noon + 3599, "192.0.2.2", login{protocol::imap, true}));
    t.add(by("ann@example.org", noon + 3600, "192.0.2.2", login{protocol::pop3, true}));
    t.add(by("ann@example.org", noon, "192.0.2.1", submission{3, 1000}));
    t.add(by("ann@example.org", noon, "192.0.2.1", submission{2, 500}));
    t.add(by("ann@example.org", noon, "", dispatch{fate::bounced}));
    t.add(by("ann@example.org", noon, "", dispatch{fate::sent}));
    t.add(by("ann@example.org", noon, "", dispatch{fate::deferred}));
    t.add(by("ann@example.org", noon, "192.0.2.9", login{protocol::submission, false}));
    t.add(by("ann@example.org", noon, "192.0.2.9", rejection{}));
    t.add(by("ann@example.org", noon, "", delivery{fate::sent, 700}));
    t.add(by("ann@example.org", noon, "", delivery{fate::bounced, 900}));
    const heard h(t);
    CHECK(h.counts.size() == 2);
    const auto& first = h.counts.at({hour_of(noon), "ann@example.org", "mail.example.org"});
    CHECK(first.numbers == std::array<std::uint64_t, measures>{2, 0, 0, 0, 1, 2, 5, 1500, 1, 1, 1, 1, 1, 700, 0, 1});
    CHECK(h.of("ann@example.org", measure::logins_pop3) == 1);
}

TEST_CASE("where from is noted once for each network, with the first time, the last, and by what the lines are found") {
    tally t({});
    t.add(by("ann", noon + 20, "192.0.2.7", login{protocol::imap, false}, "second"));
    t.add(by("ann", noon + 10, "192.0.2.8", login{protocol::imap, false}, "first"));
    t.add(by("ann", noon + 30, "192.0.2.9", login{protocol::imap, false}, "third"));
    t.add(by("ann", noon + 30, "198.51.100.1", login{protocol::imap, false}, std::string(200, 'x')));
    t.add(by("ann", noon + 30, "nowhere", login{protocol::imap, false}, "a\nb"));
    auto found = heard(t).sightings;
    std::sort(found.begin(), found.end(), [](const sighting& a, const sighting& b) { return a.network < b.network; });
    REQUIRE(found.size() == 3);
    CHECK(found[0].network.empty());
    CHECK(found[0].reference.empty());
    CHECK(found[1].network == "192.0.2.0/24");
    CHECK(found[1].first == noon + 10);
    CHECK(found[1].last == noon + 30);
    CHECK(found[1].number == 3);
    CHECK(found[1].reference == "first");
    CHECK(found[2].reference.empty());
}

TEST_CASE("the last use is that of the latest line, in whatever order they come") {
    tally t({.delimiters = "+-"});
    t.add(by("ann@example.org", noon + 50, "", login{protocol::imap, true}));
    t.add(by("ann@example.org", noon + 10, "", login{protocol::pop3, true}));
    t.add(by("ann@example.org", noon + 90, "", login{protocol::sieve, true}));
    t.add(by("ann@example.org", noon + 95, "", login{protocol::imap, false}));
    t.add(by("ann+lists@example.org", noon + 60, "", delivery{fate::sent, 1}));
    t.add(by("ann-x+y@example.org", noon + 61, "", delivery{fate::deferred, 1}));
    const heard h(t);
    REQUIRE(h.uses.size() == 2);
    for (const auto& u : h.uses) {
        CHECK(u.account == "ann@example.org");
        CHECK(u.when == (u.kind == use::read ? noon + 50 : noon + 60));
    }
    CHECK(h.of("ann@example.org", measure::received_deferred) == 1);
}

TEST_CASE("what nobody is called is counted in one place") {
    using namespace std::string_view_literals;
    tally t({});
    for (const auto name : {"a\nb"sv, "a\x1b[31m"sv, "a\0b"sv, "\xff"sv, "\xc0\x80"sv, "\x7f"sv}) t.add(by(name, noon, "192.0.2.1", login{protocol::imap, false}));
    t.add(by(std::string(255, 'a'), noon, "192.0.2.1", login{protocol::imap, false}));
    const heard h(t);
    CHECK(h.counts.size() == 1);
    CHECK(h.of(std::string(unreadable_name), measure::failures) == 7);
    CHECK(account_name(std::string(254, 'A')) == std::string(254, 'a'));
    CHECK(account_name("Žiga'; DROP TABLE counts; --") == "Žiga'; drop table counts; --");
}

TEST_CASE("an extension is what follows the first delimiter behind the beginning") {
    struct row {
        std::string_view text, delimiters, name;
    };
    for (const row& r : std::vector<row>{{"Bob+x+y@example.org", "+", "bob@example.org"}, {"bob-x@example.org", "+", "bob-x@example.org"}, {"bob-x@example.org", "+-", "bob@example.org"},
                                         {"+x@example.org", "+", "+x@example.org"}, {"bob@a+b.org", "+", "bob@a+b.org"}, {"bob+x", "+", "bob+x"}, {"bob+x@example.org", "", "bob+x@example.org"},
                                         {"@example.org", "+", "@example.org"}, {"", "+", "unreadable"}}) {
        CAPTURE(r.text);
        CHECK(recipient_name(r.text, r.delimiters) == r.name);
    }
}

TEST_CASE("numbers that no message has do not turn over") {
    hour_counts c;
    for (int i = 0; i < 5; ++i) c.add(by("a", noon, "", submission{~std::uint64_t{0}, ~std::uint64_t{0}}));
    CHECK(c[measure::bytes] == most_counted);
    CHECK(c[measure::messages] == 5);
    CHECK(hour_of(-1) == -1);
    CHECK(hour_of(-3600) == -1);
    CHECK(hour_of(-3601) == -2);
    CHECK(hour_of(3599) == 0);
}
