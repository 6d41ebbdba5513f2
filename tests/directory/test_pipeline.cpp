#include <chrono>
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/ldap/pipeline.hpp>
#include <vmail/ldap/session.hpp>

#include <sandbox/sandbox.hpp>

#include "entries.hpp"
#include "faulty_proxy.hpp"
#include "support/test_directory.hpp"

using namespace vmail::ldap;
using entries::kind_of_failure;
using vmail::error_kind;
using fault = faulty_proxy::fault;

namespace {

/// What became of each request, and how often that was said.
struct answers {
    std::map<std::string, std::vector<write_result>> by_name;

    pipeline::on_answer collect() {
        return [this](const write_request& q, const write_result& r) { by_name[target(q).key()].push_back(r); };
    }
    std::size_t count(outcome what) const {
        std::size_t n = 0;
        for (const auto& [name, all] : by_name) n += all.front().outcome == what ? 1U : 0U;
        return n;
    }
    bool once_each() const {
        for (const auto& [name, all] : by_name)
            if (all.size() != 1) return false;
        return true;
    }
};

struct fixture {
    test_directory& server = test_directory::shared();
    faulty_proxy proxy{std::string(server.dir() / "ldapi")};
    session direct{server.as_owner()};
    session s = [this] {
        auto o = server.as_owner();
        o.uris = {proxy.uri()};
        o.operation_timeout = std::chrono::milliseconds(2000);
        return session(std::move(o));
    }();
    vmail::layout where = entries::layout_of(server.base());
    vmail::domain_name name = unique_domain();
    answers got;

    write_request make_domain() const { return add_request{entries::domain(where, name)}; }
    write_request make(int i) const { return add_request{entries::mailbox(where, "user" + std::to_string(i), name)}; }
    std::size_t stored() { return direct.search({where.domain(name), scope::one}).size(); }
};

} // namespace

TEST_CASE("a parent and its children are submitted in one go, and each is answered once") {
    fixture t;
    pipeline p(t.s);
    p.submit(t.make_domain(), t.got.collect());
    for (int i = 0; i < 200; ++i) p.submit(t.make(i), t.got.collect());
    p.drain();

    CHECK(t.got.count(outcome::done) == 201);
    CHECK(t.got.once_each());
    CHECK(t.stored() == 200);
}

TEST_CASE("an entry waits for its parent, and a parent that is removed for its children, until they are answered") {
    fixture t;
    t.proxy.answer_late();
    pipeline p(t.s);
    p.submit(t.make_domain(), t.got.collect());
    p.submit(t.make(1), t.got.collect());
    p.submit(delete_request{target(t.make(1))}, {});
    p.submit(delete_request{t.where.domain(t.name)}, {});
    p.drain();
    CHECK(t.proxy.most_writes_in_flight() == 1);
    CHECK(t.got.count(outcome::done) == 2);
    CHECK_FALSE(t.direct.find(t.where.domain(t.name)));
}

TEST_CASE("changes of one entry keep their order, and children go before their parent") {
    fixture t;
    pipeline p(t.s);
    p.submit(t.make_domain(), {});
    p.submit(t.make(1), {});
    const dn name = target(t.make(1));
    for (int i = 0; i <= 40; ++i) p.submit(modify_request{name, {{change::replace, "cn", {std::to_string(i)}}}}, t.got.collect());
    p.drain();
    CHECK(t.direct.get(name).first("cn") == "40");

    p.submit(delete_request{name}, t.got.collect());
    p.submit(delete_request{name.parent()}, t.got.collect());
    p.drain();
    CHECK_FALSE(t.direct.find(name.parent()));
}

TEST_CASE("the journal is flushed before anything of a batch leaves") {
    fixture t;
    pipeline p(t.s);
    int flushes = 0, submitted = 0, seen_at_flush = 0;
    p.before_sending([&] {
        ++flushes;
        seen_at_flush = submitted;
        CHECK(t.proxy.writes_seen() < submitted);
    });
    p.submit(t.make_domain(), {});
    ++submitted;
    p.drain();
    for (int i = 0; i < 100; ++i) {
        ++submitted;
        p.submit(t.make(i), t.got.collect());
    }
    p.drain();
    CHECK(seen_at_flush == 101);
    CHECK(flushes < 12); // one for many
}

TEST_CASE("a journal that cannot be written stops the run: its batch is told to have stayed, what is in flight is answered") {
    fixture t;
    pipeline p(t.s);
    REQUIRE(t.direct.write(t.make_domain()).outcome == outcome::done);
    int flushes = 0;
    p.before_sending([&] {
        if (++flushes == 3) throw vmail::unavailable("the disk is full");
    });
    const auto run = [&] {
        for (int i = 0; i < 100; ++i) p.submit(t.make(i), t.got.collect());
    };
    CHECK(kind_of_failure(run) == error_kind::unavailable);

    const auto done = t.got.count(outcome::done);
    CHECK(t.got.once_each());
    CHECK(done > 0);
    CHECK(t.got.count(outcome::not_sent) > 0);
    CHECK(done + t.got.count(outcome::not_sent) == t.got.by_name.size());
    CHECK(t.stored() == done);
    p.drain();
    CHECK(t.stored() == done);
}

TEST_CASE("answers that are lost now and then cost nothing but time") {
    fixture t;
    REQUIRE(t.direct.write(t.make_domain()).outcome == outcome::done);
    pipeline p(t.s);
    fault what = fault::lose_answer;
    SUBCASE("answers") {}
    SUBCASE("requests") { what = fault::lose_request; }
    t.proxy.at_write(40, what, 6); // what is sent again is not lost again
    for (int i = 0; i < 300; ++i) p.submit(t.make(i), t.got.collect());
    p.drain();

    CHECK(t.got.count(outcome::done) == 300);
    CHECK(t.got.once_each());
    CHECK(t.stored() == 300);
    CHECK(t.proxy.connections_seen() > 4);
}

TEST_CASE("guarded changes whose answers are lost are done once") {
    fixture t;
    REQUIRE(t.direct.write(t.make_domain()).outcome == outcome::done);
    pipeline p(t.s);
    for (int i = 0; i < 100; ++i) p.submit(t.make(i), {});
    p.drain();
    const auto before = t.s.search({t.where.domain(t.name), scope::one, filter::present("objectClass"), {"entryUUID", "entryCSN"}});
    t.proxy.at_write(15, fault::lose_answer, 5);
    for (const entry& e : before) p.submit(modify_request{e.dn(), {{change::replace, "cn", {"changed"}}}, precondition::unchanged(e)}, t.got.collect());
    p.drain();

    CHECK(t.got.count(outcome::done) == 100);
    CHECK(t.direct.search({t.where.domain(t.name), scope::one, filter::equal("cn", "changed")}).size() == 100);
}

TEST_CASE("three answers in a row of a server that is busy stop the run") {
    fixture t;
    REQUIRE(t.direct.write(t.make_domain()).outcome == outcome::done);
    pipeline p(t.s);
    t.proxy.at_write(1, fault::refuse_busy, 1000);
    const auto run = [&] {
        for (int i = 0; i < 200; ++i) p.submit(t.make(i), t.got.collect());
        p.drain();
    };
    CHECK(kind_of_failure(run) == error_kind::unavailable);
    CHECK(t.proxy.writes_seen() <= 32);
    CHECK(t.got.count(outcome::not_done) == t.got.by_name.size());
    CHECK(t.stored() == 0);
}

TEST_CASE("no more than a window is in flight") {
    fixture t;
    REQUIRE(t.direct.write(t.make_domain()).outcome == outcome::done);
    t.proxy.answer_late();
    pipeline_options options;
    int most = 32;
    SUBCASE("of 32, which is the most") { options.window = 1000; }
    SUBCASE("of 8") { options.window = static_cast<std::size_t>(most = 8); }
    SUBCASE("of a few kilobytes") {
        options.window_bytes = 2000;
        most = 10;
    }
    pipeline p(t.s, options);
    for (int i = 0; i < 100; ++i) p.submit(t.make(i), t.got.collect());
    p.drain();
    CHECK(t.proxy.most_writes_in_flight() > 1);
    CHECK(t.proxy.most_writes_in_flight() <= most);
    CHECK(t.stored() == 100);
}

TEST_CASE("a child of fork() cannot go on with what its parent has in flight") {
    fixture t;
    REQUIRE(t.direct.write(t.make_domain()).outcome == outcome::done);
    pipeline p(t.s);
    p.submit(t.make(1), t.got.collect());
    const pid_t child = fork();
    if (child == 0) {
        try {
            p.drain();
        } catch (const vmail::error& e) {
            _exit(e.kind() == error_kind::internal ? 0 : 1);
        }
        _exit(2);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
    p.drain();
    CHECK(t.got.count(outcome::done) == 1);
}

TEST_CASE("one busy answer here and there does not") {
    fixture t;
    REQUIRE(t.direct.write(t.make_domain()).outcome == outcome::done);
    pipeline p(t.s);
    t.proxy.at_write(40, fault::refuse_busy, 3); // never two of them in flight at once
    for (int i = 0; i < 130; ++i) p.submit(t.make(i), t.got.collect());
    p.drain();
    CHECK(t.got.count(outcome::done) == 127);
    CHECK(t.got.count(outcome::not_done) == 3);
}

TEST_CASE("a server that is killed in the middle: each request is done, in doubt, or never left, and a second run ends the job") {
    test_directory server;
    const vmail::tools::sandbox control(server.dir());
    session s(server.as_owner());
    const auto where = entries::layout_of(server.base());
    const auto name = unique_domain();
    const auto make = [&](int i) { return add_request{entries::mailbox(where, "user" + std::to_string(i), name)}; };
    REQUIRE(s.add(entries::domain(where, name)).outcome == outcome::done);
    answers first;
    {
        pipeline p(s);
        const auto run = [&] {
            for (int i = 0; i < 300; ++i) {
                if (i == 150) kill(control.status().pid, SIGKILL);
                p.submit(make(i), first.collect());
            }
            p.drain();
        };
        CHECK(kind_of_failure(run) == error_kind::unavailable);
    }
    CHECK(first.once_each());
    CHECK(first.by_name.size() < 300);

    vmail::tools::sandbox again(server.dir(), vmail::tools::server_lifetime::of_starting_thread);
    REQUIRE(again.start());
    std::size_t there_already = 0;
    answers second;
    pipeline p(s);
    for (int i = 0; i < 300; ++i) p.submit(make(i), second.collect());
    p.drain();
    for (const auto& [key, all] : second.by_name) {
        const bool done = all.front().outcome == outcome::done;
        CHECK((done || all.front().result.code == 68));
        there_already += done ? 0U : 1U;
        if (first.by_name.contains(key) && first.by_name.at(key).front().outcome == outcome::done) CHECK_FALSE(done); // what was acknowledged is there
    }
    CHECK(there_already >= first.count(outcome::done));
    CHECK(s.search({where.domain(name), scope::one}).size() == 300);
}
