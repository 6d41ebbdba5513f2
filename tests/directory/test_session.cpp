#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <vmail/descriptor.hpp>
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

    /// So many mailboxes, and a session that gets two of them in a page.
    session list_of(int mailboxes) {
        for (int i = 0; i < mailboxes; ++i) {
            const entry e = entries::mailbox(where, "user" + std::to_string(i), name);
            direct.add(e).success("add", e.dn());
        }
        auto o = server.as_owner();
        o.uris = options.uris;
        o.operation_timeout = options.operation_timeout;
        o.page_size = 2;
        o.few = 0;
        return session(std::move(o));
    }
    search_request mailboxes() const { return {where.domain(name), scope::one}; }

    entry stored() { return direct.get(rossi.dn(), {"*", "entryUUID", "entryCSN"}); }
};

/// Runs something in a child of fork() and returns its exit status: 0 when it returned true.
int in_child(const std::function<bool()>& what) {
    const pid_t child = fork();
    if (child == 0) {
        bool good = false;
        try {
            good = what();
        } catch (...) {
            _exit(2);
        }
        _exit(good ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// How often this process has asked the kernel to read something.
std::size_t reads_so_far() {
    std::ifstream io("/proc/self/io");
    for (std::string line; std::getline(io, line);)
        if (line.starts_with("syscr: ")) return std::stoul(line.substr(7));
    return 0;
}

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

TEST_CASE("what is asked for ahead is answered once, as it was, and forgotten by a write") {
    behind_proxy t;
    t.direct.add(t.rossi).success("add", t.rossi.dn());
    session s = t.connect();
    const std::vector<std::string> wanted{"sn"};
    const dn nobody = t.where.mailbox(vmail::address::make("nobody", t.name));
    const auto ask = [&] { return s.look_ahead({session::request_for(t.rossi.dn(), wanted), session::request_for(nobody, wanted)}); };
    const auto change = [&](const std::string& text) {
        t.direct.modify({t.rossi.dn(), {{change::replace, "sn", {text}}}}).success("change", t.rossi.dn());
    };
    const auto seen = [&] { return s.get(t.rossi.dn(), wanted).first("sn"); };

    change("first");
    CHECK(ask() == std::vector<bool>{true, false});
    change("second");
    CHECK(seen() == "first");
    CHECK(seen() == "second");
    CHECK_FALSE(s.find(nobody, wanted));

    CHECK(ask() == std::vector<bool>{true, false});
    change("third");
    CHECK(s.get(t.rossi.dn(), {"sn", "cn"}).first("sn") == "third"); // another question
    s.forget_ahead();
    CHECK(seen() == "third");
    ask();
    s.modify({t.rossi.dn(), {{change::replace, "givenName", {"Giuseppe"}}}}).success("change", t.rossi.dn());
    change("fourth");
    CHECK(seen() == "fourth");
}

TEST_CASE("many are asked for ahead, more than the server takes at once") {
    behind_proxy t;
    session s = t.list_of(3);
    std::vector<search_request> all;
    for (int i = 0; i < 400; ++i) all.push_back(session::request_for(t.where.mailbox(vmail::address::make("user" + std::to_string(i), t.name)), {"mail"}));
    const auto there = s.look_ahead(all);
    CHECK(std::count(there.begin(), there.end(), true) == 3);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(s.find(all[i].base, {"mail"}).has_value() == there[i]);
    // What the server refuses is asked again by who wants it, and told then.
    const dn hidden = t.where.domain(t.name).child("cn", "no such class");
    CHECK(s.look_ahead({{hidden, scope::base, filter::present("objectClass"), {"mail"}}}) == std::vector<bool>{false});
    CHECK_FALSE(s.find(hidden, {"mail"}));
}

TEST_CASE("a search whose connection breaks is asked once more") {
    behind_proxy t;
    session s = t.connect();
    t.proxy.at_search(1, fault::lose_answer);
    CHECK(s.search({t.where.domain(t.name)}).size() == 1);
    CHECK(t.proxy.connections_seen() == 2);
}

TEST_CASE("the kernel is asked once for many entries") {
    behind_proxy t;
    t.list_of(300);
    t.direct.search(t.mailboxes()); // connected
    const auto before = reads_so_far();
    CHECK(t.direct.search(t.mailboxes()).size() == 300);
    CHECK(reads_so_far() - before < 400); // the server may send them one by one, but the length of each is not read on its own
}

TEST_CASE("a call to a server that stalls in the middle of an answer ends by its deadline") {
    behind_proxy t;
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
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}

TEST_CASE("a server that stalls in the first bytes of an answer, where libldap's own timeouts do not hold, is left at the deadline") {
    test_directory::shared(); // ends with the thread that starts it
    std::vector<std::thread> all;
    std::atomic<int> left_in_time = 0;
    for (std::size_t bytes = 1; bytes <= 8; ++bytes)
        all.emplace_back([&left_in_time, bytes] {
            behind_proxy t;
            session s = t.connect();
            t.proxy.stall_after(bytes);
            t.proxy.at_search(1, fault::stall_answer);
            try {
                s.find(t.where.domain(t.name));
            } catch (const vmail::unavailable&) {
                ++left_in_time;
            }
        });
    for (auto& thread : all) thread.join();
    CHECK(left_in_time == 8);
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

TEST_CASE("a login to a server that hangs up is no SIGPIPE") {
    std::signal(SIGPIPE, SIG_DFL);
    behind_proxy t;
    t.proxy.go_away();
    for (int i = 0; i < 50; ++i) CHECK(kind_of_failure([&] { t.connect(); }) == error_kind::unavailable);
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

TEST_CASE("a server that takes us for somebody else is not worked with") {
    behind_proxy t;
    const auto open_as_daemon = [&] {
        auto o = t.server.as_daemon();
        o.uris = {t.proxy.uri()};
        return session(std::move(o));
    };
    SUBCASE("for another one") {
        t.proxy.answer_whoami_with("dn:cn=other");
        CHECK(kind_of_failure(open_as_daemon) == error_kind::configuration);
    }
    SUBCASE("for nobody") {
        t.proxy.answer_whoami_with("");
        CHECK(kind_of_failure(open_as_daemon) == error_kind::denied);
    }
    SUBCASE("but one that cannot say is: its answer to the login counts") {
        t.proxy.answer_whoami_with(std::nullopt);
        CHECK(open_as_daemon().identity() == "dn:cn=phamm,o=hosting," + t.server.base());
    }
}

TEST_CASE("a name that is spelled in another way than the server does is the same at the login") {
    auto& server = test_directory::shared();
    for (const std::string type : {"cn", "CN", "commonName", "2.5.4.3"}) {
        CAPTURE(type);
        auto options = server.as_daemon();
        auto& who = std::get<simple_bind>(options.credentials).dn;
        who = dn::parse(type + "=phamm, organizationName=hosting , " + server.base());
        CHECK(session(std::move(options)).identity() == "dn:cn=phamm,o=hosting," + server.base());
    }
}

namespace {

struct loopback_listener {
    vmail::descriptor fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    int port = 0;
    loopback_listener() {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        REQUIRE(bind(fd.get(), reinterpret_cast<sockaddr*>(&at), size) == 0);
        REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
        REQUIRE(listen(fd.get(), 8) == 0); // and nobody ever says anything
        port = ntohs(at.sin_port);
    }
};

std::string failure_at(const std::string& uri, bool starttls = false) {
    session_options o;
    o.uris = {uri};
    o.starttls = starttls;
    o.connect_timeout = o.operation_timeout = std::chrono::milliseconds(1500);
    try {
        session s(std::move(o));
        return "none";
    } catch (const vmail::error& e) {
        return std::string(name(e.kind())) + ": " + e.what();
    }
}

bool says(const std::string& failure, const std::string& kind, const std::string& part) {
    return failure.starts_with(kind + ": ") && failure.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a handshake that stalls ends by its deadline, and takes no processor time meanwhile") {
    const loopback_listener silent;
    const auto begin = std::clock(); // of all threads of the process
    const std::string failure = failure_at("ldaps://127.0.0.1:" + std::to_string(silent.port));
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    CAPTURE(failure);
    CHECK(says(failure, "unavailable", "no answer within 1.5 s"));
    CHECK(seconds < 0.3);
}

TEST_CASE("each way in which a server cannot be reached has a sentence of its own") {
    const loopback_listener silent;
    int gone = 0;
    {
        const loopback_listener closed;
        gone = closed.port;
    }
    const struct {
        std::string uri, kind, part;
    } rows[] = {
        {"ldap://127.0.0.1:" + std::to_string(gone), "unavailable", "Connection refused"},
        {"ldaps://127.0.0.1:" + std::to_string(gone), "unavailable", "Connection refused"},
        {"ldap://127.0.0.1:" + std::to_string(silent.port), "unavailable", "did not answer within 1.5 s"},
        {"ldap://nosuch.invalid", "unavailable", "the name \"nosuch.invalid\""},
        {"ldaps://nosuch.invalid", "unavailable", "the name \"nosuch.invalid\""},
        {"ldapi://%2Fnowhere%2Fldapi", "unavailable", "No such file or directory"},
        {"ldapi://%2Fetc%2Fhostname", "unavailable", "Connection refused"},
        {"http://127.0.0.1", "configuration", "is not an LDAP URI"},
        {"127.0.0.1", "configuration", "is not an LDAP URI"},
    };
    for (const auto& row : rows) {
        const std::string failure = failure_at(row.uri);
        CAPTURE(failure);
        CHECK(says(failure, row.kind, row.part));
    }
    CHECK(says(failure_at("ldap://127.0.0.1:" + std::to_string(silent.port), true), "unavailable", "answer within 1.5 s")); // of two deadlines that end together either may be told
}

TEST_CASE("a referral is an error, and nobody goes there") {
    behind_proxy t;
    faulty_proxy elsewhere(socket_of(t.server));
    t.proxy.refer_to(elsewhere.uri());
    session s = t.connect();
    SUBCASE("in the place of a list") {
        t.proxy.at_search(1, fault::refer);
        CHECK(kind_of_failure([&] { s.search({t.where.domain(t.name)}); }) == vmail::kind_of_ldap_code(10));
    }
    SUBCASE("in the place of a part of a list") {
        t.proxy.at_search(1, fault::reference);
        CHECK(kind_of_failure([&] { s.search({t.where.domain(t.name)}); }) == vmail::kind_of_ldap_code(10));
    }
    SUBCASE("in the place of a part of an answer without pages") {
        t.proxy.at_search(1, fault::reference);
        CHECK(kind_of_failure([&] { s.find(t.where.domain(t.name)); }) == vmail::kind_of_ldap_code(10));
    }
    SUBCASE("to a write") {
        t.proxy.at_write(1, fault::refer);
        CHECK(s.add(t.rossi).result.code == 10);
    }
    CHECK(elsewhere.connections_seen() == 0);
}

TEST_CASE("a page that does not say whether there are more is no answer") {
    behind_proxy t;
    session s = t.list_of(3);
    const auto list = [&] { s.search(t.mailboxes()); };
    SUBCASE("without the control") { t.proxy.at_search(1, fault::page_no_control, 9); }
    SUBCASE("without the control's value, which liblber asserts") { t.proxy.at_search(1, fault::page_empty_control, 9); }
    SUBCASE("in the middle of a list") { t.proxy.at_search(2, fault::page_no_control); }
    CHECK(kind_of_failure(list) == error_kind::unavailable);
}

TEST_CASE("empty pages without end are an error") {
    behind_proxy t;
    session s = t.list_of(3);
    int most = 0;
    SUBCASE("with a cookie that comes again") {
        t.proxy.at_search(1, fault::page_again, 100000);
        most = 2;
    }
    SUBCASE("with another one each time") {
        t.proxy.at_search(1, fault::page_next, 100000);
        most = 200;
    }
    const int before = t.proxy.searches_seen();
    CHECK(kind_of_failure([&] { s.search(t.mailboxes()); }) == error_kind::unavailable);
    CHECK(t.proxy.searches_seen() - before <= most);
}

TEST_CASE("a list may take its time in all, and what is done with its entries does not count") {
    behind_proxy t;
    session s = t.list_of(5);
    auto options = t.server.as_owner();
    options.page_size = 2;
    options.few = 0;
    SUBCASE("what takes longer is cut short") {
        options.list_timeout = std::chrono::milliseconds(0);
        session hurried(std::move(options));
        CHECK(kind_of_failure([&] { hurried.search(t.mailboxes()); }) == error_kind::unavailable);
    }
    SUBCASE("a visitor that is slow cuts nothing") {
        options.list_timeout = std::chrono::milliseconds(2000);
        session patient(std::move(options));
        CHECK(patient.for_each(t.mailboxes(), [](entry&&) { std::this_thread::sleep_for(std::chrono::milliseconds(500)); }) == 5);
    }
}

TEST_CASE("signals do not disturb a call") {
    behind_proxy t;
    session s = t.connect();
    static std::atomic<int> caught;
    caught = 0;
    struct sigaction count {}, before {};
    count.sa_handler = [](int) { ++caught; }; // without SA_RESTART
    REQUIRE(sigaction(SIGUSR1, &count, &before) == 0);
    t.proxy.hold();
    std::thread others([&, victim = pthread_self()] {
        while (caught < 50) {
            pthread_kill(victim, SIGUSR1);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        t.proxy.let_go();
    });
    CHECK(s.find(t.where.domain(t.name)));
    others.join();
    sigaction(SIGUSR1, &before, nullptr);
    CHECK(t.proxy.connections_seen() == 1);
}

TEST_CASE("what a visitor throws comes through as it is, and the session goes on") {
    behind_proxy t;
    session s = t.list_of(5);
    int seen = 0;
    SUBCASE("an error that a search knows, too") {
        const auto visit = [&](entry&&) { if (++seen == 3) throw vmail::not_found("the visitor's own"); };
        CHECK_THROWS_WITH_AS(s.for_each(t.mailboxes(), visit), "the visitor's own", vmail::not_found);
    }
    SUBCASE("an exception of others") {
        const auto visit = [&](entry&&) { if (++seen == 3) throw std::out_of_range("the visitor's own"); };
        CHECK_THROWS_WITH_AS(s.for_each(t.mailboxes(), visit), "the visitor's own", std::out_of_range);
    }
    CHECK(seen == 3);
    CHECK(s.search(t.mailboxes()).size() == 5);
    for (int i = 0; i < 50; ++i) { // the page that was under way leaves nothing behind at the server
        CHECK_THROWS_AS(s.for_each(t.mailboxes(), [](entry&&) { throw std::out_of_range("the visitor's own"); }), std::out_of_range);
        REQUIRE(s.search(t.mailboxes()).size() == 5);
    }
    CHECK(t.proxy.connections_seen() == 1);
}

TEST_CASE("a visitor may use the session of its list") {
    behind_proxy t;
    session s = t.list_of(5);
    std::size_t seen = 0;
    SUBCASE("to read the entry again") {
        s.for_each(t.mailboxes(), [&](entry&& e) { seen += s.find(e.dn()).has_value() ? 1U : 0U; });
        CHECK(t.proxy.connections_seen() == 1);
    }
    SUBCASE("to write") {
        s.for_each(t.mailboxes(), [&](entry&& e) { seen += s.modify({e.dn(), {{change::replace, "cn", {"changed"}}}}).outcome == outcome::done ? 1U : 0U; });
        CHECK(t.proxy.connections_seen() == 1);
    }
    SUBCASE("for another list of several pages") {
        std::size_t inner = 0;
        const auto count_inner = [&](entry&&) { ++inner; };
        s.for_each(t.mailboxes(), [&](entry&&) {
            ++seen;
            s.for_each(t.mailboxes(), count_inner);
        });
        CHECK(inner == 25);
    }
    CHECK(seen == 5);
    CHECK(s.search(t.mailboxes()).size() == 5);
}

TEST_CASE("the server works on the next page while a visitor has one") {
    behind_proxy t;
    session s = t.list_of(5);
    const int before = t.proxy.searches_seen();
    const auto seen = [&] { return t.proxy.searches_seen() - before; };
    const auto await = [&](int searches) {
        for (int i = 0; i < 10000 && seen() < searches; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return seen();
    };
    std::vector<int> asked;
    SUBCASE("one page ahead, and no more") {
        s.for_each(t.mailboxes(), [&](entry&&) { asked.push_back(await(asked.size() < 2 ? 2 : 3)); });
        CHECK(asked == std::vector{2, 2, 3, 3, 3});
    }
    SUBCASE("also where the visitor uses the session meanwhile, by which all of it comes") {
        s.for_each(t.mailboxes(), [&](entry&& e) {
            REQUIRE(s.modify({e.dn(), {{change::replace, "cn", {"changed"}}}}).outcome == outcome::done);
            asked.push_back(await(2));
        });
        CHECK(asked.size() == 5);
    }
    CHECK(s.search(t.mailboxes()).size() == 5);
    CHECK(t.proxy.connections_seen() == 1);
}

TEST_CASE("a list whose connection breaks is cut short, also when a visitor's own call broke it and was served by another one") {
    behind_proxy t;
    session s = t.list_of(5);
    std::size_t seen = 0;
    const auto list = [&](const std::function<void(entry&&)>& visit) { return kind_of_failure([&] { s.for_each(t.mailboxes(), visit); }); };
    SUBCASE("between two pages") {
        t.proxy.at_search(2, fault::lose_answer);
        CHECK(list([&](entry&&) { ++seen; }) == error_kind::unavailable);
        CHECK(seen == 2);
    }
    SUBCASE("in a visitor's call") {
        t.proxy.at_search(2, fault::lose_answer);
        CHECK(list([&](entry&& e) { seen += s.find(e.dn()).has_value() ? 1U : 0U; }) == error_kind::unavailable);
        CHECK(seen == 2);
        CHECK(t.proxy.connections_seen() == 2);
    }
    CHECK(s.search(t.mailboxes()).size() == 5);
}

TEST_CASE("after fork() a session is used on both sides, each with a connection of its own") {
    behind_proxy t;
    session s = t.connect();
    CHECK(in_child([&] { return s.find(t.where.domain(t.name)).has_value() && s.add(t.rossi).outcome == outcome::done; }) == 0);
    CHECK(t.proxy.connections_seen() == 2);
    CHECK(s.find(t.rossi.dn())); // the child's end did not end the parent's connection
    CHECK(t.proxy.connections_seen() == 2);
}

TEST_CASE("a child of fork() that ends a session leaves its parent's alone") {
    behind_proxy t;
    auto s = std::make_unique<session>(t.connect());
    CHECK(in_child([&] {
              s.reset();
              return true;
          }) == 0);
    CHECK(s->find(t.where.domain(t.name)));
    CHECK(t.proxy.connections_seen() == 1);
}

TEST_CASE("a deadline holds in a child of fork(), too") {
    behind_proxy t;
    session s = t.connect(); // the guard's thread runs now, in the parent
    REQUIRE(s.find(t.where.domain(t.name)));
    t.proxy.at_search(1, fault::stall_answer, 9);
    CHECK(in_child([&] { return kind_of_failure([&] { s.find(t.where.domain(t.name)); }) == error_kind::unavailable; }) == 0);
}

TEST_CASE("a guarded removal or rename meets somebody else's change: 122, and the entry stays") {
    behind_proxy t;
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    const entry read_early = t.stored();
    REQUIRE(t.direct.modify(set_name(read_early, "theirs", true)).outcome == outcome::done);
    const auto guard = precondition::unchanged(read_early);
    SUBCASE("removal") { CHECK(t.direct.remove({t.rossi.dn(), guard}).result.code == 122); }
    SUBCASE("rename") { CHECK(t.direct.rename({t.rossi.dn(), t.rossi.dn().parent().child("mail", "verdi@" + t.name.text()), guard}).result.code == 122); }
    CHECK(t.stored().first("cn") == "theirs");
}

TEST_CASE("the answer to a write brings the entry before it and after it") {
    behind_proxy t;
    const auto added = t.direct.add(t.rossi);
    REQUIRE(added.result.post_read);
    CHECK(added.result.post_read->first("entryUUID") == t.stored().first("entryUUID"));
    CHECK(added.result.post_read->first("entryCSN") == t.stored().first("entryCSN"));
    const auto changed = t.direct.modify(set_name(t.stored(), "Rossi", true));
    REQUIRE((changed.result.pre_read && changed.result.post_read));
    CHECK(changed.result.pre_read->first("cn") == "rossi");
    CHECK(changed.result.post_read->first("cn") == "Rossi");
    const auto removed = t.direct.remove({t.rossi.dn()});
    REQUIRE(removed.result.pre_read);
    CHECK(removed.result.pre_read->first("vdHome") == t.rossi.first("vdHome"));
    CHECK(removed.result.pre_read->has("entryUUID"));
}

TEST_CASE("a rename goes where it says, and keeps the old value only when asked to") {
    behind_proxy t;
    const auto other = unique_domain();
    REQUIRE(t.direct.add(entries::domain(t.where, other)).outcome == outcome::done);
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    const std::string address = "verdi@" + other.text();
    const dn to = t.where.domain(other).child("mail", address);
    bool keep = false;
    SUBCASE("the old value goes") {}
    SUBCASE("the old value stays") { keep = true; }
    CHECK(t.direct.rename({.dn = t.rossi.dn(), .new_dn = to, .keep_old_value = keep}).outcome == outcome::done);
    const entry moved = t.direct.get(to);
    CHECK(moved.has_value("mail", address));
    CHECK(moved.find("mail")->size() == (keep ? 2 : 1));
    CHECK_FALSE(t.direct.find(t.rossi.dn()));
}

TEST_CASE("an alias of the directory is read as it is, and leads nowhere") {
    behind_proxy t;
    entry pointer(t.where.domain(t.name).child("mail", "pointer@" + t.name.text()));
    pointer.set("objectClass", std::vector<std::string>{"top", "alias", "extensibleObject"});
    pointer.set("mail", "pointer@" + t.name.text());
    pointer.set("aliasedObjectName", t.where.domain(t.name).text());
    REQUIRE(t.direct.add(pointer).outcome == outcome::done);
    CHECK(t.direct.get(pointer.dn()).has("aliasedObjectName"));
}

TEST_CASE("a removal that was lost is done when somebody else's entry has the name by now") {
    behind_proxy t;
    session s = t.connect();
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    const auto guard = precondition::unchanged(t.stored());
    REQUIRE(t.direct.remove({t.rossi.dn(), guard}).outcome == outcome::done);
    REQUIRE(t.direct.add(t.rossi).outcome == outcome::done);
    t.proxy.at_write(1, fault::lose_request);
    CHECK(s.remove({t.rossi.dn(), guard}).outcome == outcome::done);
    CHECK(t.direct.find(t.rossi.dn()));
}

TEST_CASE("libldap reads no file and no environment of others") { CHECK(std::string(std::getenv("LDAPNOINIT") ? std::getenv("LDAPNOINIT") : "") == "1"); }
