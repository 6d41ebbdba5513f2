#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/ldap/pipeline.hpp>
#include <vmail/ldap/session.hpp>

#include <sandbox/sandbox.hpp>

#include "entries.hpp"
#include "faulty_proxy.hpp"
#include "support/foreign_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail::ldap;
using entries::kind_of_failure;
using vmail::error_kind;
using fault = faulty_proxy::fault;

namespace {

std::string socket_of(const test_directory& d) { return d.dir() / "ldapi"; }

/// A session through the proxy, a second one past it, and a domain to work in.
struct behind_proxy {
    test_directory& server = test_directory::shared();
    faulty_proxy proxy{socket_of(server)};
    session_options options = [this] {
        auto o = server.as_owner();
        o.uris = {proxy.uri()};
        o.operation_timeout = std::chrono::milliseconds(2000);
        return o;
    }();
    session direct{server.as_owner()};
    vmail::layout where = entries::layout_of(server.base());
    vmail::domain_name name = unique_domain();
    entry rossi = entries::mailbox(where, "rossi", name);

    behind_proxy() { REQUIRE(direct.add(entries::domain(where, name)).outcome == outcome::done); }

    session connect() const {
        session_options o;
        o.uris = options.uris;
        o.credentials = external_bind{};
        o.operation_timeout = options.operation_timeout;
        return session(std::move(o));
    }

    entry stored() { return direct.get(rossi.dn(), {"*", "entryUUID", "entryCSN"}); }
};

modify_request set_name(const entry& before, const std::string& cn, bool guarded) {
    modify_request r{before.dn(), {{change::replace, "cn", {cn}}}};
    if (guarded) r.guard = precondition::unchanged(before);
    return r;
}

} // namespace

TEST_CASE("a session knows who the server takes it for") {
    session s(test_directory::shared().as_owner());
    CHECK(s.identity() == "dn:cn=mailctl," + test_directory::shared().base());
    CHECK(s.tls_version().empty());
}

TEST_CASE("what goes wrong at the login has a kind of its own") {
    auto& server = test_directory::shared();
    const auto open = [](session_options o) { return kind_of_failure([&] { session s(std::move(o)); }); };
    auto options = server.as_daemon();

    SUBCASE("a wrong password") {
        std::get<simple_bind>(options.credentials).password = vmail::secret("wrong");
        CHECK(open(std::move(options)) == error_kind::denied);
    }
    SUBCASE("an empty password, which a server would take for an anonymous bind") {
        std::get<simple_bind>(options.credentials).password = vmail::secret();
        CHECK(open(std::move(options)) == error_kind::denied);
    }
    SUBCASE("no server") {
        options.uris = {"ldapi://%2Fnowhere%2Fldapi"};
        CHECK(open(std::move(options)) == error_kind::unavailable);
    }
    SUBCASE("no URI") {
        options.uris = {};
        CHECK(open(std::move(options)) == error_kind::configuration);
    }
    SUBCASE("a URI that is none") {
        options.uris = {"server.example.org"};
        CHECK(open(std::move(options)) == error_kind::configuration);
    }
    SUBCASE("a password on a clear connection") {
        options.uris = {"ldap://192.0.2.1"};
        CHECK(open(std::move(options)) == error_kind::configuration);
    }
}

TEST_CASE("the next server is tried when the first does not answer") {
    auto options = test_directory::shared().as_owner();
    options.uris.insert(options.uris.begin(), "ldapi://%2Fnowhere%2Fldapi");
    int notices = 0;
    options.on_notice = [&](const std::string&) { ++notices; };
    session s(std::move(options));
    CHECK(s.uri() == test_directory::shared().uri());
    CHECK(notices == 1);
}

TEST_CASE("what is not there is nothing to find_, an error to get_, and never an empty list") {
    auto& server = test_directory::shared();
    session s(server.as_owner());
    const dn nowhere = entries::layout_of(server.base()).domain(unique_domain());
    CHECK_FALSE(s.find(nowhere));
    CHECK(kind_of_failure([&] { s.get(nowhere); }) == error_kind::not_found);
    CHECK(kind_of_failure([&] { s.search({nowhere}); }) == error_kind::not_found);
}

TEST_CASE("an add whose answer was lost is found to be done") {
    behind_proxy t;
    session s = t.connect();
    t.proxy.at_write(1, fault::lose_answer);

    const auto r = s.add(t.rossi);

    CHECK(r.outcome == outcome::done);
    CHECK(r.settled);
    CHECK(t.proxy.writes_seen() == 1);
    CHECK(t.stored().has_class("VirtualMailAccount"));
}

TEST_CASE("an add that was lost on its way is sent again") {
    behind_proxy t;
    session s = t.connect();
    t.proxy.at_write(1, fault::lose_request);

    const auto r = s.add(t.rossi);

    CHECK(r.outcome == outcome::done);
    CHECK(r.settled);
    CHECK(t.proxy.writes_seen() == 2);
    CHECK(t.stored().first("cn") == "rossi");
}

TEST_CASE("an add that was lost is not ours when somebody else's entry is there") {
    behind_proxy t;
    session s = t.connect();
    entry theirs = t.rossi;
    theirs.set("cn", "somebody else");
    REQUIRE(t.direct.add(theirs).outcome == outcome::done);
    t.proxy.at_write(1, fault::lose_answer);

    const auto r = s.add(t.rossi);

    CHECK(r.outcome == outcome::not_done);
    CHECK(r.result.code == 68);
    CHECK(t.stored().first("cn") == "somebody else");
}

TEST_CASE("a change whose answer was lost is found to be done") {
    behind_proxy t;
    session s = t.connect();
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    bool guarded = false;
    SUBCASE("guarded by the version that it changes") { guarded = true; }
    SUBCASE("without a guard") {}
    t.proxy.at_write(1, fault::lose_answer);

    const auto r = s.modify(set_name(t.stored(), "Rossi", guarded));

    CHECK(r.outcome == outcome::done);
    CHECK(r.settled);
    CHECK(t.stored().first("cn") == "Rossi");
}

TEST_CASE("a guarded change that was lost on its way is sent again, one without a guard is in doubt") {
    behind_proxy t;
    session s = t.connect();
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    t.proxy.at_write(1, fault::lose_request);
    SUBCASE("guarded") {
        CHECK(s.modify(set_name(t.stored(), "Rossi", true)).outcome == outcome::done);
        CHECK(t.stored().first("cn") == "Rossi");
    }
    SUBCASE("without a guard") {
        const auto r = s.modify(set_name(t.stored(), "Rossi", false));
        CHECK(r.outcome == outcome::unknown);
        CHECK(kind_of_failure([&] { r.success("change", t.rossi.dn()); }) == error_kind::in_doubt);
        CHECK(t.stored().first("cn") == "rossi");
    }
}

TEST_CASE("a removal and a rename whose answers were lost are found to be done") {
    behind_proxy t;
    session s = t.connect();
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    const auto guard = precondition::unchanged(t.stored());
    t.proxy.at_write(1, fault::lose_answer);
    SUBCASE("removal") {
        CHECK(s.remove({t.rossi.dn(), guard}).outcome == outcome::done);
        CHECK_FALSE(t.direct.find(t.rossi.dn()));
    }
    SUBCASE("rename") {
        const dn to = t.rossi.dn().parent().child("mail", "bianchi@" + t.name.text());
        CHECK(s.rename({t.rossi.dn(), to, guard}).outcome == outcome::done);
        CHECK(t.direct.find(to));
        CHECK_FALSE(t.direct.find(t.rossi.dn()));
    }
}

TEST_CASE("a removal that was lost on its way is sent again, under its guard") {
    behind_proxy t;
    session s = t.connect();
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    t.proxy.at_write(1, fault::lose_request);
    CHECK(s.remove({t.rossi.dn(), precondition::unchanged(t.stored())}).outcome == outcome::done);
    CHECK_FALSE(t.direct.find(t.rossi.dn()));
}

TEST_CASE("a search whose connection breaks is asked once more") {
    behind_proxy t;
    session s = t.connect();
    t.proxy.at_search(1, fault::lose_answer);
    CHECK(s.search({t.where.domain(t.name)}).size() == 1);
    CHECK(t.proxy.connections_seen() == 2);
}

TEST_CASE("a call to a server that stalls in the middle of an answer ends by its deadline") {
    behind_proxy t;
    t.options.operation_timeout = std::chrono::milliseconds(500);
    session s = t.connect();
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    const auto begin = std::chrono::steady_clock::now();
    SUBCASE("search") {
        t.proxy.at_search(1, fault::stall_answer, 9);
        CHECK(kind_of_failure([&] { s.search({t.where.domain(t.name)}); }) == error_kind::unavailable);
    }
    SUBCASE("write") {
        t.proxy.at_write(1, fault::stall_answer, 9);
        const auto r = s.modify(set_name(t.stored(), "Rossi", true));
        CHECK(r.outcome == outcome::done); // a new connection to the same server shows it
        CHECK(r.settled);
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("a guarded change meets somebody else's: 122, and nothing is lost") {
    behind_proxy t;
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    const entry read_early = t.stored();
    REQUIRE(t.direct.modify(set_name(read_early, "theirs", true)).outcome == outcome::done);

    const auto r = t.direct.modify(set_name(read_early, "ours", true));

    CHECK(r.outcome == outcome::not_done);
    CHECK(r.result.code == 122);
    CHECK(kind_of_failure([&] { r.success("change", t.rossi.dn()); }) == error_kind::conflict);
    CHECK(t.stored().first("cn") == "theirs");
}

TEST_CASE("of eight that make one address at once exactly one does") {
    behind_proxy t;
    for (int round = 0; round < 5; ++round) {
        const entry wanted = entries::mailbox(t.where, "race" + std::to_string(round), t.name);
        std::atomic<int> winners = 0, losers = 0;
        std::vector<std::thread> all;
        for (int i = 0; i < 8; ++i)
            all.emplace_back([&] {
                session s(t.server.as_owner());
                const auto r = s.add(wanted);
                if (r.outcome == outcome::done) ++winners;
                if (r.outcome == outcome::not_done && r.result.code == 68) ++losers;
            });
        for (auto& thread : all) thread.join();
        CHECK(winners == 1);
        CHECK(losers == 7);
    }
}

TEST_CASE("a write to a server that went away is no SIGPIPE, and a session finds the server again") {
    std::signal(SIGPIPE, SIG_DFL);
    test_directory server;
    const vmail::tools::sandbox control(server.dir());
    session s(server.as_owner());
    const auto where = entries::layout_of(server.base());
    const auto name = unique_domain();
    REQUIRE(kill(control.status().pid, SIGKILL) == 0);

    const entry wanted = entries::domain(where, name);
    CHECK(s.add(wanted).outcome == outcome::unknown);
    CHECK(kind_of_failure([&] { s.find(where.container()); }) == error_kind::unavailable);

    vmail::tools::sandbox again(server.dir(), vmail::tools::server_lifetime::of_starting_thread);
    REQUIRE(again.start());
    CHECK(s.find(where.container()));
    CHECK(s.add(wanted).outcome == outcome::done);
}

TEST_CASE("a list that the server cuts short is an error, not a list") {
    foreign_directory server;
    session s(server.as_service());
    const auto where = entries::layout_of(server.base());
    const auto name = vmail::domain_name::parse("many.example");
    int failures = 0;
    pipeline all(s);
    const auto count_failures = [&](const write_request&, const write_result& r) { failures += r.outcome == outcome::done ? 0 : 1; };
    all.submit(add_request{entries::domain(where, name)}, count_failures);
    for (int i = 0; i < 600; ++i) all.submit(add_request{entries::mailbox(where, "user" + std::to_string(i), name)}, count_failures);
    all.drain();
    REQUIRE(failures == 0);

    CHECK(kind_of_failure([&] { s.search({where.domain(name)}); }) == error_kind::limit_exceeded);
    CHECK(s.find(where.domain(name)));
}
