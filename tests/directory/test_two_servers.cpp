#include <chrono>
#include <future>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/ldap/pipeline.hpp>
#include <vmail/ldap/session.hpp>

#include "entries.hpp"
#include "faulty_proxy.hpp"
#include "support/replicated_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail::ldap;
using entries::kind_of_failure;
using vmail::error_kind;
using fault = faulty_proxy::fault;
using kind = replicated_directory::kind;

namespace {

/// Two servers with an empty domain on both, and something between the client and the first one that can fail.
template <kind Kind>
struct two_servers {
    two_servers() {
        direct.add(entries::domain(where, name)).success("add", where.domain(name));
        servers.wait_until_even();
    }
    ~two_servers() { servers.let_go(); }

    static replicated_directory& shared() {
        static replicated_directory servers(Kind);
        return servers;
    }

    replicated_directory& servers = shared();
    faulty_proxy first{servers.first_socket()};
    session direct{servers.at({servers.first()})}, at_second{servers.at({servers.second()})};
    vmail::layout where = entries::layout_of(servers.base());
    vmail::domain_name name = unique_domain();
    entry rossi = entries::mailbox(where, "rossi", name), bianchi = entries::mailbox(where, "bianchi", name);
    std::vector<std::string> notices;

    session_options both() {
        auto o = servers.at({first.uri(), servers.second()});
        o.operation_timeout = std::chrono::milliseconds(2000);
        o.on_notice = [this](const std::string& sentence) { notices.push_back(sentence); };
        return o;
    }

    session connect() { return session(both()); }

    entry add_everywhere(const entry& e) {
        direct.add(e).success("add", e.dn());
        servers.wait_until_even();
        return direct.get(e.dn(), {"*", "entryUUID", "entryCSN"});
    }

    bool is_at_second(const entry& e) { return at_second.find(e.dn()).has_value(); }
};

using mirrors = two_servers<kind::multi_provider>;
using replica = two_servers<kind::provider_and_consumer>;

modify_request set_name(const entry& before, const std::string& cn) {
    return {before.dn(), {{change::replace, "cn", {cn}}}, precondition::unchanged(before)};
}

/// A read whose answer is lost with the server: the session moves to the next one.
void move_to_second(session& s, faulty_proxy& first, const dn& name) {
    first.at_search(1, fault::vanish);
    s.find(name);
    REQUIRE(s.uri() != first.uri());
}

} // namespace

TEST_CASE("a write that moves to another server waits until that one has the last write") {
    mirrors t;
    session s = t.connect();
    std::function<void()> last_write;
    dn written = t.rossi.dn();
    SUBCASE("an add") {
        last_write = [&] { REQUIRE(s.add(t.rossi).outcome == outcome::done); };
    }
    SUBCASE("a change") {
        const entry before = t.add_everywhere(t.rossi);
        last_write = [&, before] { REQUIRE(s.modify(set_name(before, "Rossi")).outcome == outcome::done); };
    }
    SUBCASE("a removal, whose answer names no version") {
        const entry before = t.add_everywhere(t.rossi);
        last_write = [&, before] { REQUIRE(s.remove({before.dn(), precondition::unchanged(before)}).outcome == outcome::done); };
    }
    SUBCASE("a rename") {
        const entry before = t.add_everywhere(t.rossi);
        last_write = [&, before] {
            REQUIRE(s.rename({before.dn(), before.dn().parent().child("mail", "verdi@" + t.name.text()), precondition::unchanged(before)}).outcome == outcome::done);
        };
    }
    t.servers.hold_back_second();
    last_write();
    move_to_second(s, t.first, t.where.domain(t.name));

    CHECK(kind_of_failure([&] { s.add(t.bianchi); }) == error_kind::unavailable);
    CHECK_FALSE(t.is_at_second(t.bianchi));

    t.servers.let_go();
    t.servers.wait_until_even();
    CHECK(s.add(t.bianchi).outcome == outcome::done);
    CHECK(t.is_at_second(t.bianchi));
}

TEST_CASE("a pipeline does not go on at a server that is late") {
    mirrors t;
    session s = t.connect();
    pipeline p(s);
    int done = 0, not_sent = 0;
    const auto count = [&](const write_request&, const write_result& r) {
        done += r.outcome == outcome::done ? 1 : 0;
        not_sent += r.outcome == outcome::not_sent ? 1 : 0;
    };
    t.servers.hold_back_second();
    p.submit(add_request{t.rossi}, count);
    p.drain();
    REQUIRE(done == 1);
    move_to_second(s, t.first, t.where.domain(t.name));
    const auto go_on = [&] {
        p.submit(add_request{t.bianchi}, count);
        p.drain();
    };
    CHECK(kind_of_failure(go_on) == error_kind::unavailable);
    CHECK(not_sent == 1);
    CHECK_FALSE(t.is_at_second(t.bianchi));

    t.servers.let_go();
    t.servers.wait_until_even();
    go_on();
    CHECK(done == 2);
    CHECK(t.is_at_second(t.bianchi));
}

TEST_CASE("what a late server does not have is no proof that a write was not carried out, nor that it was") {
    mirrors t;
    t.servers.hold_back_second();
    session s = t.connect();

    SUBCASE("an add that only the first server has") {
        t.first.at_write(1, fault::vanish);
        CHECK(s.add(t.rossi).outcome == outcome::unknown);
        CHECK(t.direct.find(t.rossi.dn()));
        CHECK_FALSE(t.is_at_second(t.rossi)); // not sent there either: that would make two entries with one name
    }
    SUBCASE("a removal that never reached the first server, of an entry that the second one does not have yet") {
        t.direct.add(t.rossi).success("add", t.rossi.dn());
        const entry stored = t.direct.get(t.rossi.dn(), {"*", "entryUUID", "entryCSN"});
        t.first.at_write(1, fault::vanish_early);
        CHECK(s.remove({stored.dn(), precondition::unchanged(stored)}).outcome == outcome::unknown);
        CHECK(t.direct.find(t.rossi.dn()));
    }
    SUBCASE("the same, when somebody added it while the session was at work") {
        t.servers.let_go();
        REQUIRE(s.add(t.bianchi).outcome == outcome::done);
        t.servers.wait_until_even();
        t.servers.hold_back_second();
        t.direct.add(t.rossi).success("add", t.rossi.dn());
        const entry stored = t.direct.get(t.rossi.dn(), {"*", "entryUUID", "entryCSN"});
        t.first.at_write(1, fault::vanish_early);
        CHECK(s.remove({stored.dn(), precondition::unchanged(stored)}).outcome == outcome::unknown);
        CHECK(t.direct.find(t.rossi.dn()));
    }
    SUBCASE("a removal without a guard") {
        t.direct.add(t.rossi).success("add", t.rossi.dn());
        t.first.at_write(1, fault::vanish_early);
        CHECK(s.remove({t.rossi.dn()}).outcome == outcome::unknown);
    }
}

TEST_CASE("an older version in which the goal held is not taken for the outcome of a change") {
    mirrors t;
    const entry first_version = t.add_everywhere(t.rossi); // cn: rossi
    session s = t.connect();
    SUBCASE("of before the session's first write") { t.servers.hold_back_second(); }
    SUBCASE("of after it") {
        REQUIRE(s.add(t.bianchi).outcome == outcome::done);
        t.servers.wait_until_even();
        t.servers.hold_back_second();
    }
    REQUIRE(t.direct.modify(set_name(first_version, "somebody else's")).outcome == outcome::done);
    const entry now = t.direct.get(t.rossi.dn(), {"*", "entryUUID", "entryCSN"});
    t.first.at_write(1, fault::vanish_early);

    CHECK(s.modify(set_name(now, "rossi")).outcome == outcome::unknown);
    CHECK(t.direct.get(t.rossi.dn()).first("cn") == "somebody else's");
}

TEST_CASE("an older entry of the same content is not taken for the one that was added") {
    mirrors t;
    const entry before = t.add_everywhere(t.rossi);
    t.servers.hold_back_second();
    session s = t.connect();
    SUBCASE("removed by the session itself") { REQUIRE(s.remove({before.dn(), precondition::unchanged(before)}).outcome == outcome::done); }
    SUBCASE("removed by an earlier run") { REQUIRE(t.direct.remove({before.dn(), precondition::unchanged(before)}).outcome == outcome::done); }
    t.first.at_write(1, fault::vanish_early);

    CHECK(s.add(t.rossi).outcome == outcome::unknown);
    CHECK_FALSE(t.direct.find(t.rossi.dn()));
}

TEST_CASE("another server settles what it positively shows") {
    mirrors t;
    const entry before = t.add_everywhere(t.bianchi);
    session s = t.connect();
    // The first server's own copy is written to, and the answer gets lost only when both have it.
    const auto lose_answer_when_even = [&](auto write) {
        t.first.at_write(1, fault::vanish_early);
        write(t.direct);
        t.servers.wait_until_even();
        return write(s);
    };
    SUBCASE("an add") {
        CHECK(lose_answer_when_even([&](session& by) { return by.add(t.rossi); }).outcome == outcome::done);
    }
    SUBCASE("a guarded change") {
        CHECK(lose_answer_when_even([&](session& by) { return by.modify(set_name(before, "Bianchi")); }).outcome == outcome::done);
    }
    SUBCASE("a guarded removal") {
        CHECK(lose_answer_when_even([&](session& by) { return by.remove({before.dn(), precondition::unchanged(before)}); }).outcome == outcome::done);
    }
    SUBCASE("a guarded rename") {
        const dn to = before.dn().parent().child("mail", "verdi@" + t.name.text());
        CHECK(lose_answer_when_even([&](session& by) { return by.rename({before.dn(), to, precondition::unchanged(before)}); }).outcome == outcome::done);
    }
    CHECK(s.uri() == t.servers.second());
}

TEST_CASE("before its first write a session finds the server that is ahead") {
    mirrors t;
    t.servers.hold_back_first();
    t.servers.hold_back_second();
    REQUIRE(t.at_second.add(t.rossi).outcome == outcome::done); // an earlier run, while the first server was away
    session s = t.connect();
    REQUIRE(s.uri() == t.first.uri());

    CHECK(s.add(t.rossi).result.code == 68); // not added again
    CHECK(s.uri() == t.servers.second());
    CHECK_FALSE(t.direct.find(t.rossi.dn()));
    REQUIRE(t.notices.size() == 1);
    CHECK(t.notices.front().find("ahead") != std::string::npos);
}

TEST_CASE("when each server has what the other one has not, the first write waits") {
    mirrors t;
    t.servers.hold_back_first();
    t.servers.hold_back_second();
    REQUIRE(t.at_second.add(t.rossi).outcome == outcome::done);
    REQUIRE(t.direct.add(t.bianchi).outcome == outcome::done);
    session s = t.connect();
    const entry verdi = entries::mailbox(t.where, "verdi", t.name);

    CHECK(kind_of_failure([&] { s.add(verdi); }) == error_kind::unavailable);
    CHECK_FALSE(t.direct.find(verdi.dn()));

    t.servers.let_go();
    t.servers.wait_until_even();
    CHECK(s.add(verdi).outcome == outcome::done);
    CHECK(t.direct.find(t.rossi.dn()));
}

TEST_CASE("the servers are compared once in a session, and not at all for reading or with one URI") {
    mirrors t;
    faulty_proxy second(t.servers.second_socket());
    auto options = t.both();
    options.uris.back() = second.uri();
    session s(std::move(options));
    s.find(t.where.domain(t.name));
    CHECK(second.connections_seen() == 0);
    s.add(t.rossi);
    CHECK(second.connections_seen() == 1);
    s.add(t.bianchi);
    CHECK(second.connections_seen() == 1);
}

TEST_CASE("a server that is away is left out of the comparison, and that is said") {
    mirrors t;
    auto options = t.both();
    SUBCASE("the last in the list, when the servers are compared") { options.uris.push_back("ldapi://%2Fnowhere%2Fldapi"); }
    SUBCASE("the first, at the start and not again") { options.uris.insert(options.uris.begin(), "ldapi://%2Fnowhere%2Fldapi"); }
    session s(std::move(options));
    CHECK(s.add(t.rossi).outcome == outcome::done);
    REQUIRE(t.notices.size() == 1);
    CHECK(t.notices.front().find("nowhere") != std::string::npos);
}

TEST_CASE("a replica that takes no writes refuses them, and names the server that does") {
    replica t;
    const auto r = t.at_second.add(t.rossi);
    CHECK(r.outcome == outcome::not_done);
    CHECK(r.result.code == 10);
    CHECK_FALSE(t.direct.find(t.rossi.dn())); // and was not followed there
}

TEST_CASE("a session that reads from a late replica does not call a removal done there") {
    replica t;
    t.servers.hold_back_second();
    t.direct.add(t.rossi).success("add", t.rossi.dn());
    const entry stored = t.direct.get(t.rossi.dn(), {"*", "entryUUID", "entryCSN"});
    session s = t.connect();
    t.first.at_write(1, fault::vanish_early);

    const auto r = s.remove({stored.dn(), precondition::unchanged(stored)});

    CHECK(r.outcome == outcome::unknown);
    CHECK(kind_of_failure([&] { r.success("remove", stored.dn()); }) == error_kind::in_doubt);
    CHECK(t.direct.find(t.rossi.dn()));
}

TEST_CASE("our own entry is not called somebody else's because we may not read who made it") {
    mirrors t;
    auto options = t.servers.at({t.first.uri()}, "blind");
    SUBCASE("where creatorsName may not be read") {}
    SUBCASE("where the server does not tell who we are") {
        options = t.servers.at({t.first.uri()});
        t.first.answer_whoami_with(std::nullopt);
    }
    SUBCASE("where it does not, and we wrote our name in another way than it does") {
        options = t.servers.at({t.first.uri()}, "half-blind");
        std::get<simple_bind>(options.credentials).dn = dn::parse("2.5.4.3=half-blind," + t.servers.base());
        t.first.answer_whoami_with(std::nullopt);
    }
    SUBCASE("where a value may not be read") {
        options = t.servers.at({t.first.uri()}, "half-blind");
        t.rossi.set("description", "not for the eyes of those who write it");
    }
    session s(std::move(options));
    t.first.at_write(1, fault::lose_answer);

    CHECK(s.add(t.rossi).outcome == outcome::unknown);
    CHECK(t.direct.find(t.rossi.dn()));
}

TEST_CASE("an equal entry that somebody else made is not ours") {
    mirrors t;
    session somebody(t.servers.at({t.servers.first()}, "blind"));
    REQUIRE(somebody.add(t.rossi).outcome == outcome::done);
    session s(t.servers.at({t.first.uri()}));
    t.first.at_write(1, fault::lose_answer);

    const auto r = s.add(t.rossi);

    CHECK(r.outcome == outcome::not_done);
    CHECK(r.result.code == 68);
}

TEST_CASE("a server that does not show what it has is neither ahead nor behind, and that is said") {
    mirrors t;
    auto options = t.both();
    SUBCASE("the first") { options.credentials = t.servers.at({}, "blind-at-1").credentials; }
    SUBCASE("another one") { options.credentials = t.servers.at({}, "blind-at-2").credentials; }
    session s(std::move(options));

    CHECK(s.add(t.rossi).outcome == outcome::done);
    CHECK(s.uri() == t.first.uri());
    REQUIRE(t.notices.size() == 1);
    CHECK(t.notices.front().find("contextCSN") != std::string::npos);
    t.servers.wait_until_even();
}

TEST_CASE("servers none of which shows what it has are written to in the order in which they are named") {
    auto& server = test_directory::shared(); // it is not replicated
    faulty_proxy another(server.dir() / "ldapi");
    auto options = server.as_owner();
    options.uris = {another.uri(), server.uri()};
    std::string notices;
    options.on_notice = [&](const std::string& sentence) { notices += sentence; };
    session s(std::move(options));
    const auto where = entries::layout_of(server.base());
    CHECK(s.add(entries::domain(where, unique_domain())).outcome == outcome::done);
    CHECK(s.uri() == another.uri());
    CHECK(notices.empty());
}
