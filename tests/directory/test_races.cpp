#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include <doctest/doctest.h>

#include <vmail/domain_usage.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/import.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/ldap/ldif_writer.hpp>

#include "mail_view.hpp"
#include "scene.hpp"
#include "support/scratch_directory.hpp"

using namespace vmail;

namespace {

const std::set<std::string> our_domains = {"example.org", "example.net", "example.com"};

address at(const std::string& text) { return address::parse(text); }
domain_name named(const std::string& text) { return domain_name::parse(text); }

/// What became of one of those who race: nothing when it won.
using ending = std::optional<error_kind>;
using racer = std::function<void(directory&)>;

/// Somebody with a session of their own, who keeps it from race to race.
struct contender {
    ldap::session session{test_directory::shared().as_owner()};
    directory own{session, {.site = scene::site()}};
};

class races {
public:
    explicit races(std::size_t count) : contenders_(count) {}

    void prepare(const std::function<void(scene&)>& put_up) {
        scene s(contenders_[0].session);
        s.clear();
        put_up(s);
        s.flush();
    }

    std::vector<ending> run(const std::vector<racer>& all) {
        std::vector<ending> endings(all.size());
        std::atomic<std::size_t> at_the_line = 0;
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < all.size(); ++i)
            threads.emplace_back([&, i] {
                for (++at_the_line; at_the_line < all.size();) std::this_thread::yield();
                try {
                    all[i](contenders_[i].own);
                } catch (const error& e) {
                    endings[i] = e.kind();
                }
            });
        for (auto& t : threads) t.join();
        return endings;
    }

    mail_view look() { return mail_view(contenders_[0].session, scene::container()); }
    directory& subject() { return contenders_[0].own; }

    /// Nothing is there twice, nothing is set aside, nothing leads nowhere.
    void check_order() {
        const mail_view now = look();
        CHECK(now.doubles() == std::vector<std::string>{});
        CHECK(now.leftovers() == std::vector<std::string>{});
        CHECK(now.dangling(our_domains) == std::vector<std::string>{});
    }

private:
    std::vector<contender> contenders_;
};

std::size_t winners(const std::vector<ending>& all) { return static_cast<std::size_t>(std::count(all.begin(), all.end(), std::nullopt)); }

/// All that did not win ended so.
void check_losers(const std::vector<ending>& all, std::initializer_list<error_kind> allowed) {
    for (const auto& e : all) {
        if (!e) continue;
        INFO(std::string(name(*e)));
        CHECK(std::find(allowed.begin(), allowed.end(), *e) != allowed.end());
    }
}

void carry_out(directory& d, draft&& planned) { run(d, std::move(planned).take(), {.job = "race", .max_changes = unlimited_changes}).success(); }

racer planned(const std::function<void(draft&, directory&)>& plan, const std::string& token = "") {
    return [plan, token](directory& d) {
        draft p(d, {.token = token});
        plan(p, d);
        carry_out(d, std::move(p));
    };
}

racer add_mailbox(const std::string& text, const std::string& size = "") {
    return [=](directory& d) {
        mailbox m(at(text));
        if (!size.empty()) m.quota = quota::parse(size);
        d.add_mailbox(m);
    };
}

racer add_alias(const std::string& text) {
    return [=](directory& d) {
        alias a(alias_address::parse(text));
        a.targets = {maildrop::parse("there@elsewhere.example")};
        d.add_alias(a);
    };
}

racer add_many(const std::string& prefix, int count) {
    return planned([=](draft& p, directory&) {
        for (int i = 0; i < count; ++i) p.add(mailbox(at(prefix + std::to_string(i) + "@example.org")));
    });
}

racer raise_quota(const std::string& text, const std::string& size) {
    return [=](directory& d) {
        auto m = d.get_mailbox(at(text));
        m->quota = quota::parse(size);
        d.update(m);
    };
}

std::size_t mailboxes_in(directory& d, const std::string& name) { return d.list_mailboxes({.domain = named(name)}).items.size(); }

} // namespace

TEST_CASE("of two who want the last place of a domain, one gets it and the other is told that it is full") {
    races r(2);
    for (int i = 0; i < 100; ++i) {
        INFO(i);
        std::function<void(domain&)> limit;
        std::vector<racer> both;
        if (i % 3 == 0) {
            limit = [](domain& d) { d.max_mailboxes = 1; };
            both = {add_mailbox("a@example.org"), add_mailbox("b@example.org")};
        } else if (i % 3 == 1) {
            limit = [](domain& d) { d.max_aliases = 1; };
            both = {add_alias("a@example.org"), add_alias("b@example.org")};
        } else {
            limit = [](domain& d) { d.max_quota_mib = 3; };
            both = {add_mailbox("a@example.org", "2M"), add_mailbox("b@example.org", "2M")};
        }
        r.prepare([&](scene& s) { s.domain("example.org", limit); });

        const auto ended = r.run(both);

        CHECK(winners(ended) == 1);
        check_losers(ended, {error_kind::limit_exceeded});
        r.check_order();
    }
}

TEST_CASE("a domain's limit holds among many at once, and among bulk runs") {
    races r(6);
    for (int i = 0; i < 20; ++i) {
        INFO(i);
        r.prepare([](scene& s) { s.domain("example.org", [](domain& d) { d.max_mailboxes = 10; }); });
        const auto ended = r.run({add_many("x", 4), add_many("y", 4), add_many("z", 4), add_mailbox("a@example.org"), add_mailbox("b@example.org"),
                                  add_mailbox("c@example.org")});
        CHECK(mailboxes_in(r.subject(), "example.org") <= 10);
        // What is set aside counts beside what was added of it until the run ends: some may be told too early that the domain is full.
        CHECK(winners(ended) >= 1);
        check_losers(ended, {error_kind::limit_exceeded});
        r.check_order();
    }
}

TEST_CASE("quotas that are raised at once stay within their domain's sum") {
    races r(2);
    for (int i = 0; i < 30; ++i) {
        INFO(i);
        r.prepare([](scene& s) {
            s.domain("example.org", [](domain& d) { d.max_quota_mib = 3; });
            for (const std::string user : {"a", "b"}) s.mailbox(user + "@example.org", {}, [](ldap::entry& e) { e.set("quota", "1048576S"); });
        });
        const auto ended = r.run({raise_quota("a@example.org", "2M"), raise_quota("b@example.org", "2M")});
        CHECK(winners(ended) == 1);
        check_losers(ended, {error_kind::limit_exceeded});
        r.check_order();
    }
}

TEST_CASE("of two who make one mailing list, one wins, and it is whole") {
    races r(2);
    const auto make = planned([](draft& p, directory&) {
        mailing_list l(at("staff@example.org"));
        l.lists_domain = named("lists.elsewhere.example");
        p.add(l);
    });
    for (int i = 0; i < 50; ++i) {
        INFO(i);
        r.prepare([](scene& s) { s.domain("example.org", [](domain& d) { d.max_aliases = 15; }); });
        const auto ended = r.run({make, make});
        CHECK(winners(ended) == 1);
        check_losers(ended, {error_kind::already_exists, error_kind::limit_exceeded});
        CHECK(r.subject().get<mailing_list>(at("staff@example.org")).value.missing.empty());
        r.check_order();
    }
}

TEST_CASE("of two who make one domain, one wins, and it is whole") {
    races r(2);
    const auto make = planned([](draft& p, directory&) { p.add(domain(named("example.org")), std::nullopt); });
    for (int i = 0; i < 50; ++i) {
        INFO(i);
        r.prepare([](scene&) {});
        const auto ended = r.run({make, make});
        // Both may think that they completed what somebody else had begun; then it is the same domain all the same.
        CHECK(winners(ended) >= 1);
        check_losers(ended, {error_kind::already_exists, error_kind::conflict});
        CHECK(r.subject().find_domain(named("example.org")));
        CHECK(r.subject().find_alias(at("postmaster@example.org")));
        CHECK(r.subject().find_alias(at("abuse@example.org")));
        r.check_order();
    }
}

TEST_CASE("a domain that is removed while somebody adds to it never stays in service without a postmaster") {
    races r(2);
    const auto remove = planned([](draft& p, directory& d) { p.remove(d.get_domain(named("example.org"))); });
    for (int i = 0; i < 50; ++i) {
        INFO(i);
        r.prepare([](scene& s) { s.domain("example.org"); });
        const auto ended = r.run({remove, add_mailbox("bob@example.org")});
        const auto left = r.subject().find_domain(named("example.org"));
        const bool in_service = left && left->value.active && !left->value.removed;
        if (in_service) CHECK(r.subject().find_alias(at("postmaster@example.org")));
        if (!left) CHECK(winners(ended) == 1);
        check_losers(ended, {error_kind::not_found, error_kind::invalid_value, error_kind::conflict});
    }
}

TEST_CASE("of two who give a mailbox another address, one wins, and it has one") {
    races r(2);
    const auto to = [](const std::string& text) { return planned([=](draft& p, directory&) { p.rename(at("bob@example.org"), at(text)); }); };
    for (int i = 0; i < 50; ++i) {
        INFO(i);
        r.prepare([](scene& s) {
            s.domain("example.org");
            s.mailbox("bob@example.org");
            s.mailbox("carol@example.org", {"carol@example.org", "bob@example.org"});
            s.alias("info@example.org", {"bob@example.org"});
        });
        const auto ended = r.run({to("robert@example.org"), to("rob@example.org")});
        check_losers(ended, {error_kind::conflict, error_kind::not_found, error_kind::already_exists});
        CHECK(mailboxes_in(r.subject(), "example.org") == 2);
        const auto reached = r.look().reached_by("info@example.org", our_domains);
        CHECK(reached == std::set<std::string>{"example.org/bob/"});
        CHECK(winners(ended) == 1);
        r.check_order();
    }
}

TEST_CASE("an address that is given to a mailbox and to a new one at once is one's in the end") {
    races r(2);
    const auto rename = planned([](draft& p, directory&) { p.rename(at("bob@example.org"), at("robert@example.org")); });
    for (const std::string added : {"robert@example.org", "bob@example.org"})
        for (int i = 0; i < 40; ++i) {
            INFO(added << " " << i);
            r.prepare([](scene& s) {
                s.domain("example.org");
                s.mailbox("bob@example.org");
                s.alias("info@example.org", {"bob@example.org"});
            });
            const auto ended = r.run({rename, add_mailbox(added)});
            check_losers(ended, {error_kind::already_exists, error_kind::conflict});
            CHECK(winners(ended) >= 1);
            CHECK(r.look().doubles() == std::vector<std::string>{});
            CHECK(r.look().leftovers() == std::vector<std::string>{});
        }
}

TEST_CASE("of two who change one entry as they read it, one wins and the other is told") {
    races r(2);
    r.prepare([](scene& s) {
        s.domain("example.org");
        s.mailbox("bob@example.org");
    });
    for (int i = 0; i < 50; ++i) {
        const auto bob = r.subject().get_mailbox(at("bob@example.org"));
        const auto call = [&](const std::string& full_name) {
            return [bob, full_name](directory& d) {
                auto m = bob;
                m->full_name = full_name;
                d.update(m);
            };
        };
        const auto ended = r.run({call("Bob " + std::to_string(i)), call("Robert " + std::to_string(i))});
        CHECK(winners(ended) == 1);
        check_losers(ended, {error_kind::conflict});
    }
}

TEST_CASE("places that a killed run had set aside go to the same command at once, and to others after their time") {
    races r(1);
    const auto leave_behind = [&](const timestamp& when) {
        r.prepare([&](scene& s) { s.domain("example.org", [](domain& d) { d.max_mailboxes = 1; }); });
        const auto d = r.subject().get_domain(named("example.org"));
        ldap::entry after = d.source;
        after.add_class("vmailBookkeeping");
        after.set("vmailReservation", reservation{when, "ours", {.mailboxes = 1}}.text());
        r.subject().session().modify({d.source.dn(), ldap::diff(d.source, after)}).success("change", d.source.dn());
    };
    const auto add_as = [](const std::string& token) {
        return planned([](draft& p, directory&) { p.add(mailbox(at("bob@example.org"))); }, token);
    };

    leave_behind(timestamp::now());
    CHECK(r.run({add_as("others")}).front() == error_kind::limit_exceeded);
    CHECK(r.run({add_as("ours")}).front() == std::nullopt);
    r.check_order();

    leave_behind(timestamp::from_epoch(timestamp::now().epoch() - 16 * 60));
    CHECK(r.run({add_as("others")}).front() == std::nullopt);
    r.check_order();
}

namespace {

racer add_at_path(const std::string& text, const std::string& path) {
    return planned([=](draft& p, directory&) {
        mailbox m(at(text));
        m.path = path;
        p.add(m);
    });
}

/// By the library's own function for one.
racer add_by_call(const std::string& text, const std::string& path) {
    return [=](directory& d) {
        mailbox m(at(text));
        m.path = path;
        d.add_mailbox(m);
    };
}

racer move_to_path(const std::string& text, const std::string& path) {
    return planned([=](draft& p, directory& d) {
        auto m = d.get_mailbox(at(text));
        m->path = path;
        p.update(m, "changed");
    });
}

/// As "mailctl import" does it.
racer import_at_path(const std::string& text, const std::string& path) {
    return [=](directory& d) {
        const scratch_directory scratch;
        mailbox m(at(text));
        m.path = path;
        ldap::entry e;
        m.to_entry(e, d.site());
        {
            std::ofstream out(scratch.path() / "input.ldif");
            ldap::ldif_writer(out).write(e);
        }
        const auto summary = import_ldif(d, scratch.path() / "input.ldif", {.run = {.max_changes = unlimited_changes}}, {});
        summary.success();
    };
}

/// With the plan made anew while others write what it rests on.
racer take_number(const std::string& text, std::uint32_t n) {
    return [=](directory& of_mail) {
        site with_unix = of_mail.site();
        with_unix.facets = {facets::posix_account()};
        directory d(of_mail.session(), {.site = with_unix});
        plan p;
        const auto make = [&]() -> const plan& {
            draft planned(d);
            planned.add_unix_account(d.get_mailbox(at(text)), {.uid_number = n});
            return p = std::move(planned).take();
        };
        run(d, make, {.job = "race", .max_changes = unlimited_changes}).success();
    };
}

std::size_t entries_with(directory& d, const char* attribute, const std::string& value) {
    return d.session().search({scene::container(), ldap::scope::subtree, ldap::filter::equal(attribute, value), ldap::no_attributes()}).size();
}

} // namespace

TEST_CASE("of two who choose one folder at once, one gets it, and the other leaves nothing behind") {
    races r(2);
    const std::vector<std::vector<racer>> all = {
        {add_at_path("a@example.org", "example.org/one/"), add_at_path("b@example.org", "example.org/one")},
        {add_at_path("a@example.org", "example.org/one/"), import_at_path("b@example.org", "example.org/one/")},
        {add_at_path("one@example.org", ""), add_at_path("b@example.org", "example.org/one/")},
        {add_by_call("a@example.org", "example.org/one/"), add_by_call("b@example.org", "example.org/one/")},
        {move_to_path("bob@example.org", "example.org/one/"), add_at_path("b@example.org", "example.org/one/")},
        {move_to_path("bob@example.org", "example.org/one/"), move_to_path("ann@example.org", "example.org/one/")},
        {add_at_path("a@example.org", "example.org/one/"), add_at_path("b@example.org", "example.org/one/two/")},
    };
    std::size_t won = 0;
    for (std::size_t i = 0; i < 15 * all.size(); ++i) {
        INFO("case " << (i % all.size()) << " " << i);
        r.prepare([](scene& s) {
            s.domain("example.org");
            s.mailbox("bob@example.org");
            s.mailbox("ann@example.org");
        });
        const auto ended = r.run(all[i % all.size()]);
        won += winners(ended);
        const bool may_evade = i % all.size() == 2; // to the next folder that is free
        CHECK(winners(ended) <= (may_evade ? 2 : 1)); // none: each found the other one, and took its own back
        check_losers(ended, {error_kind::already_exists});
        const std::size_t there = entries_with(r.subject(), "mailbox", "example.org/one/") + entries_with(r.subject(), "mailbox", "example.org/one") + entries_with(r.subject(), "mailbox", "example.org/one/two/");
        if (may_evade) CHECK(there <= 1);
        else CHECK(there == winners(ended));
        const bool moves = i % all.size() == 4 || i % all.size() == 5;
        CHECK(entries_with(r.subject(), "mailbox", "example.org/bob/") + entries_with(r.subject(), "mailbox", "example.org/ann/") + there >= (moves ? 2 : 0));
        r.check_order();
    }
    CHECK(won > 7 * all.size());
}

TEST_CASE("a number that two accounts of Unix are to have at once is one's") {
    races r(2);
    std::size_t won = 0;
    for (std::uint32_t i = 0; i < 50; ++i) {
        INFO(i);
        r.prepare([](scene& s) {
            s.domain("example.org");
            s.mailbox("bob@example.org");
            s.mailbox("ann@example.org");
        });
        const std::uint32_t n = 20000 + i / 2; // new, and given before
        const auto ended = r.run({take_number("bob@example.org", n), take_number("ann@example.org", n)});
        won += winners(ended);
        CHECK(winners(ended) <= 1);
        check_losers(ended, {error_kind::already_exists, error_kind::conflict});
        CHECK(entries_with(r.subject(), "uidNumber", std::to_string(n)) == winners(ended));
        CHECK(entries_with(r.subject(), "objectClass", "posixAccount") == winners(ended));
    }
    CHECK(won > 25);
}

namespace {

/// As "mailctl mailbox ensure" does it.
racer ensure_mailbox(const std::string& text, const std::string& name) {
    return [=](directory& d) {
        const auto make = [&] {
            draft p(d);
            p.attempt(text, [&] {
                auto there = p.find<mailbox>(at(text));
                mailbox m = there ? there->value : mailbox(at(text));
                m.full_name = name;
                if (!there) return void(p.add(m));
                there->value = m;
                p.update(*there, "changed");
            });
            return std::move(p).take();
        };
        const plan first = make();
        plan later;
        const second_look again = [&](const std::vector<std::string>& subjects) -> const plan& {
            CHECK(subjects == std::vector<std::string>{text});
            return later = make();
        };
        const auto sum = run(d, first, again, {.job = "race", .max_changes = unlimited_changes});
        CHECK(sum.changes == 1);
        sum.success();
    };
}

const std::string staff = "staff@example.org";

racer add_staff() {
    return planned([](draft& p, directory&) {
        mailing_list l(at(staff));
        l.lists_domain = named("lists.elsewhere.example");
        p.add(l);
    });
}

/// With what has come meanwhile, as "mailctl mailinglist remove" does it.
racer remove_staff() {
    return [](directory& d) {
        for (int look = 0;; ++look) {
            draft p(d);
            const auto there = p.find<mailing_list>(at(staff));
            if (!there && look == 0) throw not_found("there is no list yet");
            if (!there) return;
            p.remove(*there);
            carry_out(d, std::move(p));
        }
    };
}

/// Again while it is told that it cannot for this reason, and for longer than any other racer takes.
racer as_soon_as_it_can(const racer& act, error_kind not_yet) {
    return [=](directory& d) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        for (;;) try {
                return act(d);
            } catch (const error& e) {
                if (e.kind() != not_yet || std::chrono::steady_clock::now() > end) throw;
            }
    };
}

} // namespace

TEST_CASE("of two who want the same to be so, both have it") {
    races r(2);
    for (int i = 0; i < 50; ++i) {
        INFO(i);
        r.prepare([](scene& s) { s.domain("example.org"); });
        CHECK(winners(r.run({ensure_mailbox("bob@example.org", "Bob"), ensure_mailbox("bob@example.org", "Bob")})) == 2);
        CHECK(winners(r.run({ensure_mailbox("bob@example.org", "Robert"), ensure_mailbox("bob@example.org", "Robert")})) == 2);
        CHECK(r.subject().get_mailbox(at("bob@example.org")).value.full_name == "Robert");
        r.check_order();
    }
}

TEST_CASE("a mailing list that is made while somebody removes it is what both are told") {
    races r(2);
    for (int i = 0; i < 60; ++i) {
        const bool is_there = i % 2 == 0;
        INFO(i);
        r.prepare([](scene& s) { s.domain("example.org"); });
        if (is_there) add_staff()(r.subject());
        const auto ended = is_there ? r.run({as_soon_as_it_can(add_staff(), error_kind::already_exists), remove_staff()}) : r.run({add_staff(), as_soon_as_it_can(remove_staff(), error_kind::not_found)});
        check_losers(ended, {error_kind::conflict, error_kind::already_exists, error_kind::not_found});
        const auto left = r.subject().find<mailing_list>(at(staff));
        const std::size_t addresses = left ? left->value.entries.size() : 0;
        const bool is_made = !ended[0], is_removed = !ended[1];
        INFO(addresses << (is_made ? " made" : "") << (is_removed ? " removed" : ""));
        if (is_made && !is_removed) CHECK(addresses == 10);
        if (is_removed && !is_made) CHECK(addresses == 0);
        if (is_made && is_removed) CHECK((addresses == 0 || addresses == 10));
    }
}

TEST_CASE("a domain is whole when somebody else makes one of its role addresses at the same moment") {
    races r(2);
    const auto make = planned([](draft& p, directory&) { p.add(domain(named("example.org")), std::nullopt); });
    for (int i = 0; i < 60; ++i) {
        INFO(i);
        r.prepare([](scene&) {});
        const std::string role = i % 2 == 0 ? "postmaster@example.org" : "abuse@example.org";
        const auto ended = r.run({make, as_soon_as_it_can(add_alias(role), error_kind::not_found)});
        CHECK(!ended[0]);
        check_losers(ended, {error_kind::already_exists});
        CHECK(r.subject().find_domain(named("example.org")));
        CHECK(r.subject().find_alias(at("abuse@example.org")));
        CHECK(r.subject().find_alias(at("postmaster@example.org")));
        const auto kept = r.subject().find_alias(at(role));
        if (!ended[1] && kept) CHECK(kept->value.targets == std::vector<maildrop>{maildrop::parse("there@elsewhere.example")});
    }
}

namespace {

bool adds(const ldap::write_request& request, const std::string& text) {
    const auto* const add = std::get_if<ldap::add_request>(&request);
    return add != nullptr && add->entry.first("mail") == text;
}

/// Ours, with what somebody else does right before the request that makes an address.
run_summary with_others_before(directory& d, const std::string& text, const std::function<void()>& act, const std::function<void(draft&)>& ours) {
    draft p(d);
    ours(p);
    const plan planned = std::move(p).take();
    return run(d, planned, {.job = "race", .max_changes = unlimited_changes, .on_write = [&](const ldap::write_request& request) {
                                if (adds(request, text)) act();
                            }});
}

} // namespace

TEST_CASE("what somebody else does between the plan and the write, or between two requests, is seen after it") {
    races r(1);
    contender other;
    const auto postmaster = at("postmaster@example.org");
    for (const std::string role : {"abuse@example.org", "postmaster@example.org"}) {
        INFO(role);
        r.prepare([](scene&) {});
        const auto made = with_others_before(r.subject(), role, [&] { add_alias(role)(other.own); }, [](draft& p) { p.add(domain(named("example.org")), std::nullopt); });
        CHECK(made.all_good());
        CHECK(r.subject().find_alias(at("abuse@example.org")));
        CHECK(r.subject().find_alias(postmaster));
        CHECK(r.subject().get_alias(at(role)).value.targets.front() == maildrop::parse("there@elsewhere.example"));
    }

    const auto first = at("staff-admin@example.org");
    const auto lost = with_others_before(r.subject(), staff, [&] { other.own.remove(other.own.get_alias(first)); }, [](draft& p) {
        mailing_list l(at(staff));
        l.lists_domain = named("lists.elsewhere.example");
        p.add(l);
    });
    CHECK(lost.conflict == 1);
    CHECK_FALSE(r.subject().find<mailing_list>(at(staff)));

    const auto taken = with_others_before(r.subject(), "b@example.org", [&] { add_at_path("a@example.org", "example.org/one/")(other.own); }, [](draft& p) {
        mailbox m(at("b@example.org"));
        m.path = "example.org/one";
        p.add(m);
    });
    CHECK(taken.failed == 1);
    CHECK(taken.first_fault.value().kind() == error_kind::already_exists);
    CHECK_FALSE(r.subject().find_mailbox(at("b@example.org")));
    CHECK(r.subject().find_mailbox(at("a@example.org")));
}
