#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/jobs/undo.hpp>
#include <vmail/ldap/session.hpp>

#include "carried_out.hpp"
#include "entries.hpp"
#include "scene.hpp"
#include "support/scratch_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;
using entries::kind_of_failure;

/// Renames that are half done, or done while others are at work.
namespace {

struct fixture {
    ldap::session s{test_directory::shared().as_owner()};
    directory d{s, {.site = scene::site()}};
    domain_name a = unique_domain(), b = unique_domain(), c = unique_domain(), o = unique_domain();

    fixture() {
        scene(s).clear(); // many are put up here: each looks through all that is there
        make_domain(d, a);
        make_domain(d, o);
        for (const std::string user : {"u1", "u2"}) add_mailbox(user, a);
        add_alias("info", o, address::make("u1", a).text());
    }

    void add_mailbox(const std::string& local, const domain_name& where) { d.add_mailbox(mailbox(address::make(local, where))); }
    void add_alias(const std::string& local, const domain_name& where, const std::string& target) { put(alias_to(local, where, target)); }
    static alias alias_to(const std::string& local, const domain_name& where, const std::string& target) {
        alias made(address::make(local, where));
        made.targets = {maildrop::parse(target)};
        return made;
    }
    /// As others write it, who ask nobody.
    void put(const auto& entity) {
        ldap::entry e;
        entity.to_entry(e, d.site());
        s.add(e).success("add", e.dn());
    }

    std::function<void(draft&)> rename_to(const domain_name& to) const {
        return [from = a, to](draft& all) { all.rename(from, to); };
    }
    /// As it is left by a run that was killed after so many requests. Of the six up to where the domain has its new name, the first marks it.
    void rename_half(std::size_t requests = 6) { REQUIRE(cut_after(d, requests, rename_to(b))); }
    void finish() { CHECK(carried_out(d, rename_to(b)).all_good()); }

    std::string refusal(const std::function<void(draft&)>& wanted, error_kind kind = error_kind::conflict) {
        try {
            planned(d, wanted);
        } catch (const error& e) {
            CHECK(e.kind() == kind);
            return e.what();
        }
        FAIL("it was not refused");
        return {};
    }

    /// No entry has an address in the old domain any more, and nothing leads there.
    std::vector<std::string> left_of(const domain_name& old) {
        const auto there = ldap::filter::any_of({ldap::filter::ends_with("mail", '@' + old.text()), ldap::filter::ends_with("maildrop", '@' + old.text()), ldap::filter::equal("vd", old.text())});
        std::vector<std::string> names;
        for (const auto& e : s.search({scene::container(), ldap::scope::subtree, there, ldap::no_attributes()})) names.push_back(e.dn().text());
        return names;
    }
    std::string target_of(const std::string& local, const domain_name& where) { return d.get_alias(address::make(local, where)).value.targets.front().text(); }
};

} // namespace

TEST_CASE("a domain that is half renamed is renamed no further, and finished by the same command") {
    fixture t;
    t.rename_half();
    const std::string under_way = t.b.text() + " is being renamed from " + t.a.text();
    CHECK(t.refusal([&](draft& all) { all.rename(t.b, t.c); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.rename(t.a, t.c); }) == t.a.text() + " is being renamed to " + t.b.text());
    t.finish();
    CHECK(t.left_of(t.a).empty());
    CHECK(t.target_of("info", t.o) == "u1@" + t.b.text());
}

TEST_CASE("a domain that is half renamed is neither removed nor brought back") {
    fixture t;
    t.rename_half();
    const auto d = t.d.get_domain(t.b);
    const std::string under_way = t.b.text() + " is being renamed from " + t.a.text();
    CHECK(t.refusal([&](draft& all) { all.mark_removed(d); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.remove(d); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.restore(d); }) == under_way);
    t.finish();
}

TEST_CASE("what got another name after a removal was planned is not gone, and is not told to be") {
    fixture t;
    const auto m = t.d.get_mailbox(address::make("u1", t.a));
    const plan p = planned(t.d, [&](draft& all) { all.remove(m); });
    CHECK(carried_out(t.d, [&](draft& all) { all.rename(address::make("u1", t.a), address::make("u9", t.a)); }).all_good());
    std::string sentence;
    const auto sum = run(t.d, p, {}, [&](const change_outcome& o) { sentence = o.sentence; });
    CHECK(sum.conflict == 1);
    CHECK(sum.unchanged == 0);
    CHECK(sentence.find("u9@" + t.a.text()) != std::string::npos);
    CHECK(t.d.find_mailbox(address::make("u9", t.a)));
}

TEST_CASE("a domain that is half renamed is given its old name back") {
    for (std::size_t cut = 1; cut < 9; ++cut) {
        CAPTURE(cut);
        fixture t;
        t.rename_half(cut);
        CHECK(carried_out(t.d, [&](draft& all) { all.rename(t.b, t.a); }).all_good());
        CHECK(t.left_of(t.b).empty());
        CHECK(t.d.find_mailbox(address::make("u1", t.a)));
    }
}

TEST_CASE("the old name of a domain that is half renamed is not given to another one") {
    fixture t;
    make_domain(t.d, t.c);
    t.rename_half();
    const std::string under_way = t.a.text() + " is being renamed to " + t.b.text();
    CHECK(t.refusal([&](draft& all) { all.add(domain(t.a), {}); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.add(backup_domain(t.a)); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.rename(t.c, t.a); }) == under_way);
    t.finish();
    make_domain(t.d, t.a);
}

TEST_CASE("where a domain of the old name was made again, it is told to be in the way, and when it is gone the rename goes on") {
    fixture t;
    t.rename_half();
    t.put(domain(t.a));
    CHECK(t.refusal(t.rename_to(t.b), error_kind::already_exists) == t.b.text() + " is being renamed from " + t.a.text() + ", and there is a domain " + t.a.text() + " again");
    t.s.write(ldap::delete_request{t.d.site().layout.domain(t.a)}).success("remove", {});
    t.finish();
}

TEST_CASE("nothing is added to, or renamed within, into or out of, a domain that is half renamed") {
    fixture t;
    t.add_mailbox("far", t.o);
    t.rename_half();
    const std::string under_way = t.b.text() + " is being renamed from " + t.a.text();
    const auto in = [&](const std::string& local) { return address::make(local, t.b); };
    mailing_list l(in("staff"));
    l.lists_domain = t.c;
    CHECK(t.refusal([&](draft& all) { all.add(mailbox(in("u3"))); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.add(t.alias_to("x", t.b, "x@example.net")); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.add(l); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.rename(in("u1"), in("z1")); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.rename(in("u1"), address::make("z1", t.o)); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.rename(address::make("far", t.o), in("far")); }) == under_way);
    t.finish();
    CHECK(carried_out(t.d, [&](draft& all) { all.rename(in("u1"), in("z1")); }).all_good());
}

TEST_CASE("whoever asks for the old name of a domain that is half renamed is told to come again, and what finishes it") {
    fixture t;
    t.rename_half();
    const std::string under_way = t.a.text() + " is being renamed to " + t.b.text();
    const auto u3 = address::make("u3", t.a);
    CHECK(t.refusal([&](draft& all) { all.add(mailbox(u3)); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.add(t.alias_to("x", t.a, "x@example.net")); }) == under_way);
    CHECK(t.refusal([&](draft& all) { all.get<domain>(t.a); }) == under_way);
    try {
        planned(t.d, [&](draft& all) { all.add(mailbox(u3)); });
    } catch (const conflict& e) {
        CHECK(e.remedy() == remedy::finish_domain_rename);
        CHECK(e.subject() == t.a.text() + ' ' + t.b.text());
    }
    t.finish();
    CHECK(t.refusal([&](draft& all) { all.add(mailbox(u3)); }, error_kind::not_found) == "there is no domain " + t.a.text());
}

TEST_CASE("addresses that others gave in no domain are told to whoever makes a domain of it") {
    fixture t;
    const ldap::dn u1 = t.d.site().layout.mailbox(address::make("u1", t.a));
    t.s.write(ldap::modify_request{u1, {{ldap::change::add, "mail", {"u1@" + t.b.text()}}}, {}}).success("modify", u1);
    const plan p = planned(t.d, [&](draft& all) { all.add(domain(t.b), {}); });
    REQUIRE(p.notices.size() == 1);
    CHECK(p.notices.front().sentence.find("has an address in " + t.b.text() + " already") != std::string::npos);
}

TEST_CASE("a domain that is on its way to another name is left alone, and so is that name, before it has it") {
    for (std::size_t cut = 1; cut < 6; ++cut) {
        CAPTURE(cut);
        fixture t;
        make_domain(t.d, t.c);
        t.add_mailbox("far", t.o);
        t.rename_half(cut);
        const auto d = t.d.get_domain(t.a);
        const auto in = [&](const std::string& local) { return address::make(local, t.a); };
        mailing_list l(in("staff"));
        l.lists_domain = t.c;
        const std::vector<std::function<void(draft&)>> others = {
            [&](draft& all) { all.add(mailbox(in("u3"))); },
            [&](draft& all) { all.add(t.alias_to("x", t.a, "x@example.net")); },
            [&](draft& all) { all.add(l); },
            [&](draft& all) { all.rename(in("u1"), in("z1")); },
            [&](draft& all) { all.rename(in("u1"), address::make("z1", t.o)); },
            [&](draft& all) { all.rename(address::make("far", t.o), in("far")); },
            [&](draft& all) { all.rename(t.a, t.c); },
            [&](draft& all) { all.rename(t.o, t.b); },
            [&](draft& all) { all.add(domain(t.b), {}); },
            [&](draft& all) { all.add(backup_domain(t.b)); },
            [&](draft& all) { all.mark_removed(d); },
            [&](draft& all) { all.remove(d); }};
        for (std::size_t i = 0; i + 6 < others.size(); ++i) CHECK(t.refusal(others[i]) == t.a.text() + " is being renamed to " + t.b.text());
        CHECK_THROWS_AS(planned(t.d, others[6]), error); // that is there
        for (std::size_t i = 7; i < others.size(); ++i) CHECK(t.refusal(others[i]) == t.a.text() + " is being renamed to " + t.b.text());
        t.finish();
        CHECK(t.left_of(t.a).empty());
    }
}

TEST_CASE("where a domain of the new name was made at the moment of a rename, that is taken back by the opposite one") {
    fixture t;
    t.rename_half(4);
    t.put(domain(t.b));
    t.add_mailbox("u9", t.b);
    t.add_alias("zz", t.o, "u9@" + t.b.text());
    CHECK(t.refusal(t.rename_to(t.b), error_kind::already_exists) == t.a.text() + " is being renamed to " + t.b.text() + ", and there is a domain " + t.b.text() + " by now");
    CHECK(carried_out(t.d, [&](draft& all) { all.rename(t.b, t.a); }).all_good());
    CHECK(t.target_of("zz", t.o) == "u9@" + t.b.text());
    CHECK(t.d.get_domain(t.a).source.find("vd")->size() == 1);
    CHECK(t.left_of(t.b).size() == 3); // the domain, its mailbox, and what leads there
    CHECK(t.d.find_domain(t.b));
}

namespace {

/// Another rename that was planned before that of the domain has marked it, and carried out, or cut after its first request, before one of the domain's.
struct renames_at_once : fixture {
    address u1 = address::make("u1", a), z1 = address::make("z1", a), far = address::make("far", o), l = address::make("l", a), k = address::make("k", a);

    renames_at_once() {
        add_mailbox("far", o);
        mailing_list made(l);
        made.lists_domain = c;
        carried_out(d, [&](draft& all) { all.add(made); });
    }

    /// False when the domain's run has no such request.
    bool meet(std::size_t before, const std::function<void(draft&)>& other, bool is_cut) {
        ldap::session second{test_directory::shared().as_owner()};
        directory others{second, {.site = scene::site()}};
        const plan mine = planned(d, rename_to(b)), theirs = planned(others, other);
        std::size_t sent = 0;
        bool was_met = false;
        struct killed {};
        const auto carry_out_theirs = [&] {
            std::size_t done = 0;
            const auto kill = [&](const ldap::write_request&) {
                if (is_cut && done++ == 1) throw killed();
            };
            try {
                run(others, theirs, {.max_changes = unlimited_changes, .window = 1, .on_write = kill});
            } catch (const killed&) {
            }
        };
        run(d, mine, {.max_changes = unlimited_changes, .window = 1, .on_write = [&](const ldap::write_request&) {
                          if (sent++ != before) return;
                          was_met = true;
                          carry_out_theirs();
                      }});
        return was_met;
    }

    /// Whether it was carried out, or there is nothing to do; it may be refused while the other has to come first.
    bool gives_again(const std::function<void(draft&)>& wanted) {
        try {
            return carried_out(d, wanted).all_good();
        } catch (const error& e) {
            CAPTURE(e.what());
            CHECK((e.kind() == error_kind::conflict || e.kind() == error_kind::not_found));
            return e.kind() == error_kind::not_found;
        }
    }

    std::vector<std::string> with_two_addresses() {
        std::vector<std::string> found;
        for (const auto& e : s.search({scene::container(), ldap::scope::subtree, ldap::filter::present("mail"), ldap::whole_entry()}))
            if (const auto* const all = e.find("mail"); all->size() > 1 && std::any_of(all->begin(), all->end(), [&](const std::string& m) { return is_mine(m); })) found.push_back(e.dn().text());
        return found;
    }
    bool is_mine(const std::string& mail) const { return mail.ends_with(a.text()) || mail.ends_with(b.text()) || mail.ends_with(o.text()); }
};

} // namespace

TEST_CASE("a rename that was begun at the same moment as that of its domain is finished before it, or after it, by the same commands") {
    struct one {
        std::string name;
        std::function<void(renames_at_once&, draft&)> plan;
        std::function<void(renames_at_once&, draft&)> later; ///< when the domain has its new name
    };
    const auto in_b = [](renames_at_once& t, const std::string& local) { return address::make(local, t.b); };
    const std::vector<one> all = {
        {"within it", [](auto& t, draft& p) { p.rename(t.u1, t.z1); }, [&](auto& t, draft& p) { p.rename(in_b(t, "u1"), in_b(t, "z1")); }},
        {"with an alias", [](auto& t, draft& p) { p.rename(t.u1, t.z1, {.keep_alias = true}); }, [&](auto& t, draft& p) { p.rename(in_b(t, "u1"), in_b(t, "z1"), {.keep_alias = true}); }},
        {"out of it", [](auto& t, draft& p) { p.rename(t.u1, address::make("z1", t.o)); }, [&](auto& t, draft& p) { p.rename(in_b(t, "u1"), address::make("z1", t.o)); }},
        {"into it", [](auto& t, draft& p) { p.rename(t.far, address::make("far", t.a)); }, [&](auto& t, draft& p) { p.rename(t.far, in_b(t, "far")); }},
        {"a list", [](auto& t, draft& p) { p.rename_list(t.l, t.k); }, [&](auto& t, draft& p) { p.rename_list(in_b(t, "l"), in_b(t, "k")); }}};
    for (const one& o : all)
        for (const bool is_cut : {false, true})
            for (const std::size_t before : std::initializer_list<std::size_t>{0, 1, 3, 8, 12, 14, 15, 16, 19}) { // of the domain's requests; the 15th gives it the name
                CAPTURE(o.name);
                CAPTURE(is_cut);
                CAPTURE(before);
                renames_at_once t;
                const auto same = [&](draft& p) { o.plan(t, p); };
                const auto later = [&](draft& p) { o.later(t, p); };
                REQUIRE(t.meet(before, same, is_cut));
                bool is_renamed = false;
                for (int attempt = 0; attempt < 3; ++attempt) {
                    t.gives_again(same);
                    is_renamed = t.gives_again(t.rename_to(t.b));
                    if (is_renamed) t.gives_again(later);
                }
                CHECK(is_renamed);
                CHECK(t.left_of(t.a).empty());
                CHECK(t.with_two_addresses().empty());
            }
}

TEST_CASE("a mailbox that was removed in the middle of its rename has one address when the same command is given again") {
    fixture t;
    const auto u1 = address::make("u1", t.a), z1 = address::make("z1", t.a);
    const auto rename = [&](draft& all) { all.rename(u1, z1); };
    REQUIRE(cut_after(t.d, 1, rename));
    carried_out(t.d, [&](draft& all) {
        auto m = t.d.get_mailbox(z1);
        m->removed = true;
        all.update(m, "removed");
    });
    CHECK(carried_out(t.d, rename).all_good());
    const auto m = t.d.get_mailbox(z1);
    CHECK(m->removed);
    CHECK(m.source.find("mail")->size() == 1);
    CHECK(t.refusal([&](draft& all) { all.rename(z1, u1); }, error_kind::not_found).ends_with("it is marked as removed"));
}

TEST_CASE("who changes what is being renamed has that told as what it is: half done") {
    fixture t;
    const plan p = planned(t.d, [&](draft& all) { all.rename(address::make("u1", t.a), address::make("z1", t.a)); });
    std::size_t sent = 0;
    std::vector<std::string> said;
    run(t.d, p, {.window = 1, .on_write = [&](const ldap::write_request& request) {
                     if (++sent != p.changes.size()) return;
                     ldap::session other{test_directory::shared().as_owner()};
                     other.write(ldap::modify_request{ldap::target(request), {{ldap::change::replace, "description", {"else"}}}}).success("modify", {});
                 }},
        [&](const change_outcome& o) { if (o.fault) said.push_back(o.fault->what()); });
    REQUIRE(said.size() == 1);
    CHECK(said.front() == "u1@" + t.a.text() + ": somebody changed it meanwhile, in the middle of it: the same command, given again, goes on");
}

TEST_CASE("of a mailing list that is made while its domain gets another name all is there or nothing") {
    for (std::size_t before = 1; before < 10; ++before) {
        CAPTURE(before);
        fixture t;
        mailing_list made(address::make("l", t.a));
        made.lists_domain = t.c;
        const plan addition = planned(t.d, [&](draft& all) { all.add(made); });
        ldap::session other{test_directory::shared().as_owner()};
        directory others{other, {.site = scene::site()}};
        std::size_t sent = 0;
        const auto sum = run(t.d, addition, {.window = 1, .on_write = [&](const ldap::write_request&) {
                                                 if (sent++ == before) carried_out(others, t.rename_to(t.b));
                                             }});
        CHECK_FALSE(sum.all_good());
        CHECK(t.s.search({scene::container(), ldap::scope::subtree, ldap::filter::contains("maildrop", '@' + t.c.text()), ldap::no_attributes()}).empty());
    }
}

TEST_CASE("a domain is not renamed while a mailbox in it, or on its way into it or out of it, has two addresses") {
    for (const bool is_inside : {true, false}) {
        for (const bool is_to : {true, false}) {
            CAPTURE(is_inside);
            CAPTURE(is_to);
            fixture t;
            t.add_mailbox("far", t.o);
            const auto u1 = address::make("u1", t.a), w1 = address::make(is_inside ? "w1" : "u1", is_inside ? t.a : t.o), far = address::make("far", t.o);
            const auto from = is_to ? u1 : is_inside ? address::make("u2", t.a) : far, to = is_to ? w1 : address::make("w2", t.a);
            const auto rename = [&](draft& all) { all.rename(from, to); };
            REQUIRE(cut_after(t.d, 1, rename));
            CHECK(t.refusal(t.rename_to(t.b)) == from.text() + " is being renamed to " + to.text() + ", or is another address of it");
            carried_out(t.d, rename);
            t.finish();
            CHECK(t.left_of(t.a).empty());
        }
    }
}

TEST_CASE("a mailing list that is half renamed is neither removed nor renamed further") {
    for (std::size_t cut = 1; cut < 20; ++cut) {
        CAPTURE(cut);
        fixture t;
        const auto l = address::make("l", t.a), k = address::make("k", t.o);
        mailing_list made(l);
        made.lists_domain = t.c;
        carried_out(t.d, [&](draft& all) { all.add(made); });
        const auto rename = [&](draft& all) { all.rename_list(l, k); };
        REQUIRE(cut_after(t.d, cut, rename));
        for (const address& name : {l, k})
            if (const auto found = t.d.find<mailing_list>(name))
                CHECK(t.refusal([&](draft& all) { all.remove(*found); }).find(" is being renamed to ") != std::string::npos);
        const auto third = address::make("m", t.o);
        for (const address& name : {l, k}) CHECK(t.refusal([&](draft& all) { all.rename_list(name, third); }).find(" is being renamed to ") != std::string::npos);
        CHECK(t.refusal(t.rename_to(t.b)).find(" is being renamed to ") != std::string::npos);
        carried_out(t.d, rename);
        CHECK(t.d.find<mailing_list>(k)->value.missing.empty());
        t.finish();
    }
}

namespace {

/// Two changes of one mailing list that were planned from the same tree: the second is carried out whole before a request of the first.
struct two_on_a_list : fixture {
    address l = address::make("l", a), k = address::make("k", o), m = address::make("m", o);
    bool was_met = false; ///< the first run got as far

    two_on_a_list() {
        mailing_list made(l);
        made.lists_domain = c;
        carried_out(d, [&](draft& all) { all.add(made); });
    }

    run_summary met(const plan& first, std::size_t before, const plan& second) {
        ldap::session other{test_directory::shared().as_owner()};
        directory others{other, {.site = scene::site()}};
        std::size_t sent = 0;
        const auto meet = [&](const ldap::write_request&) {
            if (sent++ != before) return;
            was_met = true;
            run(others, second, {.max_changes = unlimited_changes});
        };
        return run(d, first, {.max_changes = unlimited_changes, .window = 1, .on_write = meet});
    }

    plan renaming(const address& to) {
        return planned(d, [&](draft& all) { all.rename_list(l, to); });
    }
    plan removal() {
        return planned(d, [&](draft& all) { all.remove(d.get<mailing_list>(l)); });
    }
    std::vector<std::string> addresses() {
        std::vector<std::string> all;
        for (const auto& e : s.search({scene::container(), ldap::scope::subtree, ldap::filter::contains("maildrop", '@' + c.text()), ldap::whole_entry()}))
            for (const std::string& mail : *e.find("mail")) all.push_back(mail);
        return all;
    }
    bool is_whole(const address& name) {
        const auto found = d.find<mailing_list>(name);
        return found && found->value.missing.empty() && addresses().size() == mailing_list::addresses_of(name).size();
    }
};

} // namespace

TEST_CASE("a mailing list that one removes and another renames is gone or renamed, and no address of it is left between") {
    for (const bool removal_is_met : {true, false})
        for (std::size_t before = 0;; ++before) {
            CAPTURE(removal_is_met);
            CAPTURE(before);
            two_on_a_list t;
            const plan removal = t.removal(), renaming = t.renaming(t.k);
            t.met(removal_is_met ? removal : renaming, before, removal_is_met ? renaming : removal);
            if (!t.was_met) break;
            CHECK((t.addresses().empty() || t.is_whole(t.k)));
        }
}

TEST_CASE("of two who give a mailing list another address, one does") {
    for (std::size_t before = 0;; ++before) {
        CAPTURE(before);
        two_on_a_list t;
        const plan to_k = t.renaming(t.k), to_m = t.renaming(t.m);
        const auto sum = t.met(to_k, before, to_m);
        if (!t.was_met) break;
        CHECK(sum.all_good() == (before > 0));
        CHECK(t.is_whole(before > 0 ? t.k : t.m));
    }
}

TEST_CASE("the rename of a mailing list that somebody has taken the public address from is finished by the same command, which tells of it") {
    for (std::size_t cut = 2; cut < 19; ++cut) {
        CAPTURE(cut);
        two_on_a_list t;
        const auto rename = [&](draft& all) { all.rename_list(t.l, t.k); };
        REQUIRE(cut_after(t.d, cut, rename));
        t.s.remove({t.d.site().layout.alias(t.k)}).success("remove", t.d.site().layout.alias(t.k));
        const plan rest = planned(t.d, rename);
        REQUIRE(rest.notices.size() == 1);
        CHECK(rest.notices.front().sentence == t.k.text() + " is half removed: its public address went while it was renamed");
        CHECK(run(t.d, rest, {.max_changes = unlimited_changes}).all_good());
        const auto found = t.d.find<mailing_list>(t.k);
        REQUIRE(found);
        CHECK(found->value.missing.size() == 1);
        CHECK(t.addresses().size() == mailing_list::addresses_of(t.k).size() - 1);
        carried_out(t.d, [&](draft& all) { all.remove(*found); });
        CHECK(t.addresses().empty());
    }
}

TEST_CASE("what was added to a domain between the plan and the first write of its rename is renamed by a second look, or by the same command") {
    for (const bool is_by_look : {true, false}) {
        CAPTURE(is_by_look);
        fixture t;
        const plan before = planned(t.d, t.rename_to(t.b));
        t.add_mailbox("late", t.a);
        t.add_alias("all", t.o, address::make("late", t.a).text());
        CHECK(run(t.d, before, {.max_changes = unlimited_changes}).all_good());
        CHECK(!t.left_of(t.a).empty());
        if (is_by_look) CHECK(carried_out(t.d, [&](draft& all) { all.lead_over_latecomers(t.a, t.b); }).all_good());
        else t.finish();
        CHECK(t.left_of(t.a).empty());
        CHECK(t.target_of("all", t.o) == "late@" + t.b.text());
        CHECK(planned(t.d, [&](draft& all) { all.lead_over_latecomers(t.a, t.b); }).empty());
        CHECK(t.refusal(t.rename_to(t.b), error_kind::not_found).ends_with("it may have been renamed already"));
    }
}

TEST_CASE("what was added under an old name does not take an address that somebody has under the new one") {
    fixture t;
    t.finish();
    mailbox stranded(address::make("u1", t.a));
    ldap::entry e;
    stranded.to_entry(e, t.d.site());
    e.set_dn(t.d.site().layout.domain(t.b).child("mail", stranded.address.text()));
    t.s.add(e).success("add", e.dn());
    CHECK(t.refusal(t.rename_to(t.b), error_kind::already_exists).find("has the address u1@" + t.b.text() + " already") != std::string::npos);
}

TEST_CASE("what others have led to an old address while it was renamed is led over by a second look, unless somebody else has the address by then") {
    fixture t;
    const auto u1 = address::make("u1", t.a), z1 = address::make("z1", t.a), l = address::make("l", t.a), k = address::make("k", t.o);
    mailing_list made(l);
    made.lists_domain = t.c;
    carried_out(t.d, [&](draft& all) { all.add(made); });
    const plan of_mailbox = planned(t.d, [&](draft& all) { all.rename(u1, z1, {.keep_alias = true}); }), of_list = planned(t.d, [&](draft& all) { all.rename_list(l, k); }),
               of_domain = planned(t.d, [&](draft& all) { all.rename(t.o, t.b); });
    t.add_alias("zz", t.o, u1.text());
    t.add_alias("yy", t.a, "l-request@" + t.a.text());
    CHECK(run(t.d, of_mailbox, {}).all_good());
    CHECK(run(t.d, of_list, {}).all_good());
    carried_out(t.d, [&](draft& all) { all.lead_over_latecomers(u1, z1); });
    carried_out(t.d, [&](draft& all) { all.lead_over_latecomers_of_list(l, k); });
    CHECK(t.target_of("zz", t.o) == z1.text());
    CHECK(t.target_of("yy", t.a) == "k-request@" + t.o.text());
    t.add_mailbox("l", t.a);
    t.add_alias("xx", t.a, l.text());
    CHECK(planned(t.d, [&](draft& all) { all.lead_over_latecomers_of_list(l, k); }).empty());
}

TEST_CASE("references that others have made to a domain while it was renamed are led over by a second look, unless the name is a domain again") {
    fixture t;
    const plan before = planned(t.d, t.rename_to(t.b));
    const auto look = [&](draft& all) { all.lead_over_latecomers(t.a, t.b); };
    t.add_alias("zz", t.o, "u1@" + t.a.text());
    CHECK(run(t.d, before, {.max_changes = unlimited_changes}).all_good());
    CHECK(carried_out(t.d, look).all_good());
    CHECK(t.target_of("zz", t.o) == "u1@" + t.b.text());
    make_domain(t.d, t.a);
    t.add_alias("yy", t.o, "postmaster@" + t.a.text());
    CHECK(planned(t.d, look).empty());
}

TEST_CASE("a domain is not renamed to where its mail would run in a circle") {
    struct one {
        std::string name;
        std::function<void(fixture&)> prepare;
        std::string why;
    };
    const auto at = [](const std::string& local, const domain_name& d) { return local + '@' + d.text(); };
    const std::vector<one> all = {
        {"to itself", [&](fixture& t) { t.add_alias("x", t.a, at("x", t.b)); }, "would be sent to itself"},
        {"by another domain", [&](fixture& t) {
             t.add_alias("x", t.a, at("y", t.o));
             t.add_alias("y", t.o, at("x", t.b));
         }, "would run in a circle"},
        {"by the catch-all", [&](fixture& t) {
             t.put([&] { alias c(alias_address::catch_all(t.a)); c.targets = {maildrop::parse(at("y", t.o))}; return c; }());
             t.add_alias("y", t.o, at("nobody", t.b));
         }, "would run in a circle"},
        {"a mailing list", [&](fixture& t) {
             mailing_list made(address::make("l", t.a));
             made.lists_domain = t.b;
             carried_out(t.d, [&](draft& d) { d.add(made); });
         }, "would be sent to itself"}};
    for (const one& o : all) {
        CAPTURE(o.name);
        fixture t;
        o.prepare(t);
        CHECK(t.refusal(t.rename_to(t.b), error_kind::invalid_value).find(o.why) != std::string::npos);
    }
    fixture t; // what led out of the site before, and arrives here from now on
    t.add_alias("x", t.o, at("u1", t.b));
    t.add_alias("y", t.a, at("u1", t.b));
    t.finish();
}

namespace {

/// As a journal tells it.
change_record record_of(directory& d, const scratch_directory& scratch, const std::function<void(draft&)>& wanted) {
    const auto done = run(d, planned(d, wanted), {.job = "test", .journal_folder = scratch.path(), .max_changes = unlimited_changes});
    REQUIRE(done.all_good());
    return read_journal(done.journal);
}

} // namespace

TEST_CASE("of the rename of a domain all is undone or nothing") {
    fixture t;
    const scratch_directory scratch;
    const auto done = record_of(t.d, scratch, t.rename_to(t.b));
    for (const std::string& part : {"u1@" + t.a.text(), "u1@" + t.b.text(), "info@" + t.o.text(), "postmaster@" + t.a.text()}) {
        CAPTURE(part);
        auto one = done;
        CHECK(kind_of_failure([&] { keep_only(one, part); }) == error_kind::invalid_value);
    }
    for (const domain_name& name : {t.a, t.b}) {
        auto all = done;
        keep_only(all, name.text());
        CHECK(all.records.size() == done.records.size());
    }
    CHECK(run(t.d, plan_undo(t.d, done), {.max_changes = unlimited_changes}).all_good());
    CHECK(t.left_of(t.b).empty());
}

TEST_CASE("of several things that were removed or renamed, one is undone with all that belongs to it") {
    fixture t;
    const scratch_directory scratch;
    for (const std::string name : {"l", "k"}) {
        mailing_list made(address::make(name, t.a));
        made.lists_domain = t.c;
        carried_out(t.d, [&](draft& all) { all.add(made); });
    }
    const auto l = address::make("l", t.a), k = address::make("k", t.a), u1 = address::make("u1", t.a);
    const auto done = record_of(t.d, scratch, [&](draft& all) {
        all.remove(*all.find<mailing_list>(l));
        all.remove(*all.find<mailing_list>(k));
        all.rename(u1, address::make("z1", t.a));
    });
    auto of_list = done, of_mailbox = done, of_reference = done, of_other = done;
    keep_only(of_list, l.text());
    CHECK(of_list.records.size() == 10);
    keep_only(of_mailbox, "z1@" + t.a.text());
    CHECK(of_mailbox.records.size() == 3);
    CHECK(kind_of_failure([&] { keep_only(of_reference, "info@" + t.o.text()); }) == error_kind::invalid_value);
    CHECK(kind_of_failure([&] { keep_only(of_other, "u2@" + t.a.text()); }) == error_kind::not_found);
    CHECK(run(t.d, plan_undo(t.d, of_list), {.max_changes = unlimited_changes}).all_good());
    CHECK(t.d.find<mailing_list>(l)->value.missing.empty());
    CHECK_FALSE(t.d.find<mailing_list>(k));
}

namespace {

/// As the journal tells it that a run leaves which is killed after so many requests; all of it, where it has no more.
change_record record_of_cut(directory& d, const plan& p, std::size_t requests) {
    struct killed {};
    const scratch_directory scratch;
    std::size_t sent = 0;
    const auto kill = [&](const ldap::write_request&) {
        if (sent++ == requests) throw killed();
    };
    try {
        run(d, p, {.job = "test", .journal_folder = scratch.path(), .max_changes = unlimited_changes, .window = 1, .on_write = kill});
    } catch (const killed&) {
    }
    for (const auto& file : std::filesystem::directory_iterator(scratch.path()))
        if (file.path().extension() == ".journal") return read_journal(file.path());
    FAIL("it has left no journal");
    return {};
}

/// All of the domains, without what every write changes.
std::set<std::string> tree(fixture& t) {
    std::set<std::string> lines;
    for (const domain_name& domain : {t.a, t.b, t.o}) {
        const ldap::dn name = t.d.site().layout.domain(domain);
        if (!t.s.find(name, ldap::no_attributes())) continue;
        for (const auto& e : t.s.search({name, ldap::scope::subtree, ldap::filter::present("objectClass"), ldap::whole_entry()}))
            for (const auto& a : e.attributes())
                for (const std::string& v : a.values)
                    if (a.name != "lastChange" && !ldap::is_kept_by_server(a.name)) lines.insert(e.dn().text() + ' ' + a.name + ": " + v);
    }
    return lines;
}

bool undoes(directory& d, const change_record& what) { return run(d, plan_undo(d, what), {.max_changes = unlimited_changes}).all_good(); }

std::size_t writes_of(const plan& p) {
    std::size_t all = 0;
    for (const planned_change& c : p.changes) all += c.requests.size();
    return all;
}

/// Renames that are of interest to who undoes them.
std::vector<std::function<void(draft&)>> renames_of(const fixture& t) {
    const auto u1 = address::make("u1", t.a);
    return {t.rename_to(t.b), [=](draft& all) { all.rename(u1, address::make("z1", u1.domain()), {.keep_alias = true}); },
            [=, o = t.o](draft& all) { all.rename(u1, address::make("z1", o), {.keep_alias = true}); }};
}

} // namespace

TEST_CASE("what was done since, and taken back, keeps nothing from being undone") {
    fixture t;
    const scratch_directory scratch;
    const auto give = [&](const char* quota) {
        return record_of(t.d, scratch, [&](draft& all) {
            auto m = t.d.get_mailbox(address::make("u1", t.a));
            m->quota = quota::parse(quota);
            all.update(m, "changed");
        });
    };
    const auto before = tree(t);
    const auto first = give("2G");
    const auto between = tree(t);
    const auto second = give("3G");
    CHECK_FALSE(undoes(t.d, first));
    CHECK(undoes(t.d, second));
    CHECK(tree(t) == between);
    CHECK(undoes(t.d, first));
    CHECK(tree(t) == before);
}

TEST_CASE("a rename that was cut, and finished by the same command, is undone in two steps, and the half between is told") {
    for (std::size_t which = 0; which < 3; ++which)
        for (std::size_t cut = 1;; ++cut) {
            CAPTURE(which);
            CAPTURE(cut);
            fixture t;
            const auto rename = renames_of(t).at(which);
            const auto before = tree(t);
            const plan whole = planned(t.d, rename);
            if (cut >= writes_of(whole)) break;
            const auto first = record_of_cut(t.d, whole, cut);
            const auto half = tree(t);
            const auto second = record_of_cut(t.d, planned(t.d, rename), unlimited_changes);
            const plan back = plan_undo(t.d, second);
            REQUIRE(back.notices.size() == 1);
            CHECK(back.notices.front().sentence.find(" is half renamed then, as an earlier run had left it") != std::string::npos);
            CHECK(run(t.d, back, {.max_changes = unlimited_changes}).all_good());
            CHECK(tree(t) == half);
            CHECK(plan_undo(t.d, first).notices.empty());
            CHECK(undoes(t.d, first));
            CHECK(tree(t) == before);
        }
}

TEST_CASE("the undoing of a rename, cut at any write, is finished by the same command, or undone itself") {
    for (std::size_t which = 0; which < 3; ++which)
        for (const bool goes_on : {true, false})
            for (std::size_t cut = 1;; ++cut) {
                CAPTURE(which);
                CAPTURE(goes_on);
                CAPTURE(cut);
                fixture t;
                const auto rename = renames_of(t).at(which);
                const auto before = tree(t);
                const auto done = record_of_cut(t.d, planned(t.d, rename), unlimited_changes);
                const auto renamed = tree(t);
                const plan back = plan_undo(t.d, done);
                if (cut >= writes_of(back)) break;
                const auto half = record_of_cut(t.d, back, cut);
                if (!goes_on) {
                    CHECK(undoes(t.d, half));
                    CHECK(tree(t) == renamed);
                }
                CHECK(undoes(t.d, done));
                CHECK(tree(t) == before);
            }
}
