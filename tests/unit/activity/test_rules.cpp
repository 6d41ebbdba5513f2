#include <set>

#include <vmail/activity/finding.hpp>
#include <vmail/error.hpp>

#include <unit/activity/store_rows.hpp>

using namespace activity_test;

namespace {

constexpr std::int64_t now = 1'764'417'600, hour = 3600, day = 86'400;

/// A log of one host, that is looked at by the rules as of now.
class site {
public:
    site() : kept_(store::open_to_write(folder_.store())) {
        add("reader@example.org", now - 40 * day, login{protocol::imap, true}); // the store is forty days old, and somebody reads
        add("reader@example.org", now - day, login{protocol::imap, true});
    }

    void add(const std::string& account, std::int64_t when, decltype(event::what) what, const std::string& client = "192.0.2.1", const std::string& reference = "R",
             const std::string& host = "h") {
        tally_.add({.when = when, .host = host, .account = account, .client = client, .reference = reference, .what = what});
    }
    void send(const std::string& account, std::int64_t when, std::uint64_t recipients, const std::string& client = "192.0.2.1") { add(account, when, submission{recipients, 1000}, client); }

    std::vector<finding> found(const std::string& code, const std::string& others = "") {
        kept_.memory();
        kept_.take(tally_, "");
        tally_.clear();
        thresholds limits({30, 10, 200, 5, 50, 5, 3});
        limits.read(others, "file");
        std::vector<finding> all;
        look({kept_, {hour_of(now - day), hour_of(now) + 1}, now, limits}, {.only = {code}},
             {[&](const finding& f) { all.push_back(f); }, [&](const rule_info&, const std::string& why) { skipped = why; }});
        return all;
    }
    /// Their accounts.
    std::string accounts(const std::string& code, const std::string& others = "") {
        std::string all;
        for (const finding& f : found(code, others)) all += f.account + ' ';
        return all;
    }

    std::string skipped{};

private:
    scratch_folder folder_{};
    store kept_;
    tally tally_{{}};
};

std::string network_of(int n) { return "198.51." + std::to_string(n) + ".7"; }

std::uint64_t figure_of(const finding& f, std::string_view name) {
    for (const figure& g : f.figures)
        if (g.name == name) return g.value;
    return 0;
}

} // namespace

TEST_CASE("who sends and has read nothing for long is told") {
    site s;
    s.send("stolen@example.org", now - hour, 7);
    s.send("stolen@example.org", now - hour, 3);
    s.send("reader@example.org", now - hour, 7);
    s.add("late@example.org", now - 31 * day, login{protocol::pop3, true});
    s.send("late@example.org", now - hour, 1);
    s.add("early@example.org", now - 29 * day, login{protocol::pop3, true});
    s.send("early@example.org", now - hour, 1);
    s.add("sieve@example.org", now - hour, login{protocol::sieve, true}); // edits a filter, and reads nothing
    s.add("sieve@example.org", now - hour, login{protocol::submission, true});
    s.send("sieve@example.org", now - hour, 1);
    s.send("old@example.org", now - 2 * day, 1); // before what is looked at
    s.send("robot@example.org", now - hour, 1);
    s.send("list@news.example", now - hour, 1);
    const auto all = s.found("sends-unread", "robot@example.org unread-days none\nnews.example unread-days none\n");
    REQUIRE(all.size() == 3);
    CHECK(all[0].account == "late@example.org");
    CHECK(all[0].sentence.find("read for the last time at 2025-10-29T12:00:00Z") != std::string::npos);
    CHECK(all[1].account == "sieve@example.org");
    CHECK(all[2].account == "stolen@example.org");
    CHECK(all[2].sentence == "it sent 2 messages to 10 recipients, and no login by IMAP or POP3 is known of it");
    CHECK(figure_of(all[2], "recipients") == 10);
    REQUIRE(all[2].evidence.size() == 1);
    CHECK(all[2].evidence[0].network == "192.0.2.0/24");
    CHECK(all[2].evidence[0].reference == "R");
    CHECK(s.skipped.empty());
}

TEST_CASE("of a store that is younger than the days, or that hears of no reader, nobody is told") {
    site s;
    s.send("stolen@example.org", now - hour, 7);
    CHECK(s.accounts("sends-unread", "stolen@example.org unread-days 41").empty());
    CHECK(s.accounts("sends-unread") == "stolen@example.org ");

    const scratch_folder f;
    auto kept = store::open_to_write(f.store());
    tally t({});
    t.add({.when = now - 40 * day, .host = "h", .account = "a", .what = submission{1, 1}});
    t.add({.when = now - hour, .host = "h", .account = "a", .what = submission{1, 1}});
    kept.memory();
    kept.take(t, "");
    const thresholds limits({30, 10, 200, 5, 50, 5, 3});
    std::string skipped;
    look({kept, {hour_of(now - day), hour_of(now) + 1}, now, limits}, {.only = {"sends-unread"}}, {[](const finding&) { CHECK(false); }, [&](const rule_info&, const std::string& why) { skipped = why; }});
    CHECK(skipped.find("no login by IMAP or POP3") != std::string::npos);
}

TEST_CASE("more networks in an hour than people have are told") {
    site s;
    for (int i = 0; i < 11; ++i) {
        s.send("sold@example.org", now - hour + i, 1, network_of(i));
        s.add("mixed@example.org", now - hour + i, login{protocol::imap, true}, network_of(i));
        s.add("tried@example.org", now - hour + i, login{protocol::imap, false}, network_of(i));
        s.add("spread@example.org", now - hour * (i % 2 + 1), login{protocol::imap, true}, network_of(i));
        s.add("near@example.org", now - hour + i, login{protocol::imap, true}, "198.51.1." + std::to_string(i));
        s.add("agency@example.org", now - hour + i, login{protocol::imap, true}, network_of(i));
    }
    s.send("mixed@example.org", now - hour, 1, network_of(0));
    for (int i = 0; i < 10; ++i) s.add("ten@example.org", now - hour + i, login{protocol::imap, true}, network_of(i));
    const auto all = s.found("many-networks", "agency@example.org hour-networks 11");
    REQUIRE(all.size() == 2);
    CHECK(all[0].account == "mixed@example.org");
    CHECK(all[1].account == "sold@example.org");
    CHECK(all[1].sentence == "it logged in or sent from 11 networks in the hour from 2025-11-29T11:00:00Z, and more than 10 are many");
    CHECK(all[1].evidence.size() == 11);
    CHECK(s.accounts("many-networks", "example.org hour-networks 9") == "agency@example.org mixed@example.org sold@example.org ten@example.org ");
}

TEST_CASE("far more recipients than are usual are told") {
    site s;
    for (int i = 2; i < 28; ++i) {
        s.send("busy@example.org", now - i * day, 60);
        s.send("quiet@example.org", now - i * day, 2);
        s.send("once@example.org", now - i * day, 2);
    }
    for (int i = 2; i < 4; ++i) s.send("once@example.org", now - i * day - 5 * hour, 100); // more than one hour in twenty
    s.send("quiet@example.org", now - 5 * day + 3 * hour, 1000);                           // fewer
    for (const auto* const who : {"busy@example.org", "quiet@example.org", "new@example.org", "once@example.org"}) s.send(who, now - hour, 300);
    s.send("least@example.org", now - hour, 200);
    s.send("parts@example.org", now - hour, 150);
    s.send("parts@example.org", now - hour + 60, 150);
    s.send("hours@example.org", now - hour, 150);
    s.send("hours@example.org", now - 2 * hour, 150);
    const auto all = s.found("above-usual");
    REQUIRE(all.size() == 3);
    CHECK(all[0].account == "new@example.org");
    CHECK(all[1].account == "parts@example.org");
    CHECK(all[2].account == "quiet@example.org");
    CHECK(figure_of(all[2], "usual") == 2);
    CHECK(figure_of(all[2], "recipients") == 300);
    CHECK(s.accounts("above-usual", "busy@example.org times-usual 4") == "busy@example.org new@example.org parts@example.org quiet@example.org ");
    CHECK(s.accounts("above-usual", "new@example.org hour-recipients none") == "parts@example.org quiet@example.org ");
}

TEST_CASE("what one account does on several hosts in an hour is one sum") {
    site s;
    for (const auto* const host : {"h1", "h2"}) s.add("spread@example.org", now - hour, submission{150, 1000}, "192.0.2.1", "R", host);
    const auto all = s.found("above-usual");
    REQUIRE(all.size() == 1);
    CHECK(figure_of(all[0], "recipients") == 300);
}

TEST_CASE("many recipients that are not reached are told, but not the few of a list") {
    site s;
    const auto lose = [&](const std::string& who, std::uint64_t recipients, int bounced, int rejected) {
        s.send(who, now - hour, recipients);
        for (int i = 0; i < bounced; ++i) s.add(who, now - hour, dispatch{fate::bounced}, "", "Q" + std::to_string(i));
        for (int i = 0; i < rejected; ++i) s.add(who, now - hour, rejection{});
    };
    lose("bought@example.org", 100, 51, 0);
    lose("refused@example.org", 1, 0, 51);
    lose("both@example.org", 300, 30, 30);
    lose("list@example.org", 10'000, 60, 0);
    lose("fifty@example.org", 60, 50, 0);
    const auto all = s.found("many-bounces");
    REQUIRE(all.size() == 3);
    CHECK(all[0].account == "both@example.org");
    CHECK(all[1].sentence == "of 100 recipients 51 were not reached, and 0 more were not taken");
    CHECK(all[1].evidence.at(0).reference == "Q0");
    CHECK(all[2].account == "refused@example.org");
}

TEST_CASE("a password that was guessed is told, and nobody who comes from where he always does") {
    site s;
    const auto guess_at = [&](const std::string& who, int networks, std::int64_t when) {
        for (int i = 0; i < networks; ++i) s.add(who, when + i, login{protocol::submission, false}, network_of(i), "G" + std::to_string(i));
    };
    for (const auto* const who : {"guessed", "home", "few", "before", "long"}) s.add(who, now - 20 * day, login{protocol::imap, true}, "203.0.113.5");
    guess_at("guessed", 5, now - 2 * hour);
    s.add("guessed", now - hour, login{protocol::submission, true}, "203.0.200.5");
    guess_at("home", 5, now - 2 * hour);
    s.add("home", now - hour, login{protocol::imap, true}, "203.0.113.9");
    guess_at("few", 4, now - 2 * hour);
    s.add("few", now - hour, login{protocol::imap, true}, "203.0.200.5");
    s.add("before", now - 3 * hour, login{protocol::imap, true}, "203.0.200.5");
    guess_at("before", 5, now - 2 * hour);
    guess_at("long", 5, now - 3 * day); // of another day
    s.add("long", now - hour, login{protocol::imap, true}, "203.0.200.5");
    guess_at("never", 5, now - 2 * hour); // nobody knows from where it comes, but it was never seen in forty days
    s.add("never", now - hour, login{protocol::imap, true}, "203.0.200.5");
    const auto all = s.found("guessed");
    REQUIRE(all.size() == 2);
    CHECK(all[0].account == "guessed");
    CHECK(all[0].sentence == "after 5 logins from 5 networks had failed, one at 2025-11-29T11:00:00Z from 203.0.200.0/24 did not, where it never came from before");
    CHECK(all[0].evidence.size() == 6);
    CHECK(all[1].account == "never");
    CHECK(s.accounts("guessed", "few guess-networks 4\nguessed guess-networks none") == "few never ");
}

TEST_CASE("who cannot ask the directory says so, and a rule that is not there is told") {
    site s;
    CHECK(s.found("stopped-tries").empty());
    CHECK(s.skipped == "the directory cannot be asked which accounts are stopped");
    CHECK_THROWS_AS(s.found("many-nothing"), vmail::invalid_value);
}

TEST_CASE("every rule has a code of its own and says what it is about") {
    std::set<std::string_view> codes;
    for (const rule_info& r : rules()) {
        CHECK(codes.insert(r.code).second);
        CHECK(r.explanation.ends_with('.'));
        CHECK(find_rule(r.code)->code == r.code);
    }
    CHECK(codes.size() == 6);
}

TEST_CASE("thresholds are those of the account, of its domain, or of the site") {
    thresholds t({30, 10, 200, 5, 50, 5, std::nullopt});
    t.read("# who has others\n\n  Example.ORG  hour-networks 20\r\nann@example.org hour-networks none\nann@example.org bounces 3\n", "file");
    CHECK(t.of(threshold::hour_networks, "ann@example.org") == limit_number{});
    CHECK(t.of(threshold::hour_networks, "bob@example.org") == 20);
    CHECK(t.of(threshold::hour_networks, "bob@sub.example.org") == 10);
    CHECK(t.of(threshold::bounces, "ann@example.org") == 3);
    CHECK(t.of(threshold::stopped_tries, "ann") == limit_number{});
    CHECK(t.least(threshold::hour_networks) == 10);
    CHECK(t.least(threshold::bounces) == 3);
    CHECK(t.least(threshold::stopped_tries) == limit_number{});
    for (const std::string text : {"a b", "a bounces 3 4", "a nothing 3", "a bounces -1", "a bounces 1x", "a bounces", "a bounces 1\na bounces 2", "a bounces 99999999999999999999"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(thresholds({}).read(text, "file"), vmail::invalid_value);
    }
}
