#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/export_tree.hpp>
#include <vmail/schema.hpp>

#include "carried_out.hpp"
#include "support/foreign_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;

namespace {

/// A directory with one domain of its own.
struct in_a_domain {
    ldap::session session{test_directory::shared().as_owner()};
    domain_name name = unique_domain();
    std::vector<std::string> notices;
    directory subject{session, options()};

    in_a_domain() { make_domain(subject, name); }

    directory_options options() {
        return {.site = {.layout = layout(ldap::dn::parse(test_directory::shared().base()))},
                .on_notice = [this](const std::string& sentence) { notices.push_back(sentence); }};
    }

    address at(const std::string& local_part) const { return address::make(local_part, name); }
    mailbox plain(const std::string& local_part) const { return mailbox(at(local_part)); }
    stored<mailbox> made(const std::string& local_part) { return subject.add_mailbox(plain(local_part)); }
    alias to(const std::string& local_part, std::vector<std::string> targets) const {
        alias a(at(local_part));
        for (const auto& t : targets) a.targets.push_back(maildrop::parse(t));
        return a;
    }
    void limit(const std::function<void(domain&)>& change) {
        auto d = subject.get_domain(name);
        change(d.value);
        subject.update(d);
    }
};

std::string text_of(const in_a_domain& d, const std::string& local_part) { return d.at(local_part).text(); }

} // namespace

TEST_CASE_FIXTURE(in_a_domain, "a new domain comes with postmaster and abuse, and cannot be made twice") {
    CHECK(subject.get_alias(at("postmaster")).source.dn() == subject.site().layout.domain(name).child("cn", "postmaster"));
    for (const char* standing : {"postmaster", "abuse"}) CHECK(subject.get_alias(at(standing)).value.targets.front().text() == "postmaster@localhost");
    CHECK_THROWS_AS(make_domain(subject, name), already_exists);
}

TEST_CASE_FIXTURE(in_a_domain, "postmaster and abuse go where they are told to, but not to themselves") {
    const auto other = unique_domain();
    make_domain(subject, other, maildrop::parse(text_of(*this, "boss")));
    CHECK(subject.get_alias(address::make("postmaster", other)).value.targets.front().text() == text_of(*this, "boss"));

    const auto third = unique_domain();
    CHECK_THROWS_AS(make_domain(subject, third, maildrop(address::make("postmaster", third))), invalid_value);
    CHECK_FALSE(subject.find_domain(third));
}

TEST_CASE_FIXTURE(in_a_domain, "abuse goes where postmaster is told to go, unless somebody gave it a target of its own") {
    const auto lead = [&](const std::string& target) { carried_out(subject, [&](draft& d) { d.set(d.get<domain>(name), maildrop::parse(target)); }); };
    const auto goes_to = [&](const std::string& local_part) { return subject.get_alias(at(local_part)).value.targets.front().text(); };
    lead("boss@example.net");
    CHECK(goes_to("postmaster") == "boss@example.net");
    CHECK(goes_to("abuse") == "boss@example.net");

    auto own = subject.get_alias(at("abuse"));
    own->targets = {maildrop::parse("team@example.net")};
    subject.update(own);
    lead("chief@example.net");
    CHECK(goes_to("postmaster") == "chief@example.net");
    CHECK(goes_to("abuse") == "team@example.net");
}

TEST_CASE_FIXTURE(in_a_domain, "a mailbox is read back as it was made, with what the daemons' filters need") {
    mailbox m = plain("bob");
    m.full_name = "Bob Grünberg";
    m.quota = quota::parse("2G");
    m.password = hash_password(secret("bob's own"));
    subject.add_mailbox(m);

    const auto found = subject.get_mailbox(at("BOB"));

    CHECK(found->full_name == "Bob Grünberg");
    CHECK(found->surname == "Grünberg");
    CHECK(found->quota == quota::parse("2G"));
    CHECK(found->active);
    CHECK(found.source.first("forwardActive") == "FALSE");
    CHECK(found.source.first("vacationActive") == "FALSE");
    CHECK(found.source.first("delete") == "FALSE");
    CHECK(found.source.first("mailbox") == name.text() + "/bob/");
    CHECK(verify_password(secret("bob's own"), *found->password) == true);
}

TEST_CASE_FIXTURE(in_a_domain, "an address exists once, whatever it is") {
    made("bob");
    subject.add_alias(to("info", {text_of(*this, "bob")}));
    CHECK_THROWS_AS(subject.add_mailbox(plain("bob")), already_exists);
    CHECK_THROWS_AS(subject.add_mailbox(plain("Bob")), already_exists);
    CHECK_THROWS_AS(subject.add_mailbox(plain("info")), already_exists);
    CHECK_THROWS_AS(subject.add_mailbox(plain("postmaster")), already_exists);
    CHECK_THROWS_AS(subject.add_alias(to("bob", {"x@example.net"})), already_exists);
}

TEST_CASE_FIXTURE(in_a_domain, "an address that another entry has as a second mail value is taken") {
    auto bob = made("bob");
    ldap::entry odd = bob.source;
    session.modify({bob.source.dn(), {{ldap::change::add, "mail", {text_of(*this, "robert")}}}, {}}).success("change", odd.dn());
    CHECK_THROWS_AS(subject.add_mailbox(plain("robert")), already_exists);
}

TEST_CASE_FIXTURE(in_a_domain, "of two who make one address at once, one wins and the other is told") {
    std::atomic<int> won = 0, lost = 0;
    const auto race = [&](int i) {
        ldap::session own(test_directory::shared().as_owner());
        directory d(own, {.site = subject.site()});
        try {
            if (i % 2 == 0)
                d.add_mailbox(plain("prize"));
            else
                d.add_alias(to("prize", {"x@example.net"}));
            ++won;
        } catch (const already_exists&) {
            ++lost;
        }
    };
    std::vector<std::thread> racers;
    for (int i = 0; i < 6; ++i) racers.emplace_back(race, i);
    for (auto& r : racers) r.join();
    CHECK(won == 1);
    CHECK(lost == 5);
}

TEST_CASE_FIXTURE(in_a_domain, "what is not there is not found, and the domain is named when it is the domain") {
    CHECK_FALSE(subject.find_mailbox(at("nobody")));
    CHECK_THROWS_AS(subject.get_mailbox(at("nobody")), not_found);
    CHECK_THROWS_AS(subject.get_alias(at("nobody")), not_found);
    try {
        subject.add_mailbox(mailbox(address::parse("bob@nowhere.example")));
        FAIL("it was added");
    } catch (const not_found& e) {
        CHECK(std::string(e.what()) == "there is no domain nowhere.example");
    }
    CHECK_THROWS_AS(subject.list_mailboxes({.domain = domain_name::parse("nowhere.example")}), not_found);
}

TEST_CASE_FIXTURE(in_a_domain, "a mailbox is no alias, and an alias is no mailbox") {
    made("bob");
    subject.add_alias(to("info", {"x@example.net"}));
    CHECK_FALSE(subject.find_alias(at("bob")));
    CHECK_FALSE(subject.find_mailbox(at("info")));
}

TEST_CASE_FIXTURE(in_a_domain, "aliases need a target and do not go in a circle of one") {
    CHECK_THROWS_AS(subject.add_alias(to("empty", {})), invalid_value);
    CHECK_THROWS_AS(subject.add_alias(to("circle", {"x@example.net", text_of(*this, "Circle")})), invalid_value);
    subject.add_alias(to("good", {"x@example.net"}));
    auto good = subject.get_alias(at("good"));
    good->targets.push_back(at("good"));
    CHECK_THROWS_AS(subject.update(good), invalid_value);
}

TEST_CASE_FIXTURE(in_a_domain, "a catch-all lives beside the mailboxes") {
    made("bob");
    alias all(alias_address::catch_all(name));
    all.targets = {at("bob")};
    subject.add_alias(all);
    CHECK(subject.get_alias(alias_address::catch_all(name)).value.targets.front().text() == text_of(*this, "bob"));
    CHECK(subject.find_mailbox(at("bob")));
}

TEST_CASE_FIXTURE(in_a_domain, "a full domain takes no more mailboxes, aliases or quota") {
    limit([](domain& d) {
        d.max_mailboxes = 1;
        d.max_aliases = 1;
        d.max_quota_mib = 100;
    });
    CHECK_THROWS_AS(subject.add_mailbox(plain("unlimited")), limit_exceeded);

    mailbox first = plain("first");
    first.quota = quota::parse("60M");
    subject.add_mailbox(first);
    mailbox second = plain("second");
    second.quota = quota::parse("10M");
    CHECK_THROWS_AS(subject.add_mailbox(second), limit_exceeded);

    limit([](domain& d) { d.max_mailboxes = 2; });
    second.quota = quota::parse("41M");
    CHECK_THROWS_AS(subject.add_mailbox(second), limit_exceeded);
    second.quota = quota::parse("40M");
    subject.add_mailbox(second);
    auto found = subject.get_mailbox(at("second"));
    found->quota = quota::parse("40.5M");
    CHECK_THROWS_AS(subject.update(found), limit_exceeded);

    subject.add_alias(to("one", {"x@example.net"}));
    CHECK_THROWS_AS(subject.add_alias(to("two", {"x@example.net"})), limit_exceeded);
}

TEST_CASE_FIXTURE(in_a_domain, "a removed mailbox makes room, and comes back only where there is room") {
    limit([](domain& d) { d.max_mailboxes = 1; });
    auto old = made("old");
    subject.mark_removed(old);
    subject.add_mailbox(plain("new"));
    CHECK_THROWS_AS(subject.restore(old), limit_exceeded);
    CHECK(subject.list_mailboxes({.domain = name}).items.size() == 1);
    CHECK(subject.list_mailboxes({.domain = name, .removed = true}).items.size() == 2);
}

TEST_CASE_FIXTURE(in_a_domain, "what is marked as removed is stopped for each reader, and comes back as it was") {
    auto bob = made("bob");
    SUBCASE("that worked") {}
    SUBCASE("that a person had stopped") { subject.disable(bob, reason::manual, "until May"); }
    SUBCASE("that the expiry run had stopped") { subject.disable(bob, reason::expired); }
    SUBCASE("that its domain had stopped") { subject.disable(bob, reason::domain); }
    const mailbox before = bob.value;
    subject.mark_removed(bob);
    CHECK_FALSE(bob->active);
    CHECK(bob->disabled.reason == (before.active ? reason::removed : before.disabled.reason));
    subject.restore(bob);
    CHECK(bob->active == before.active);
    CHECK(bob->disabled == before.disabled);
    CHECK_FALSE(bob->removed_at);
}

TEST_CASE_FIXTURE(in_a_domain, "what is marked as removed starts to work by nothing but its return") {
    auto bob = made("bob");
    subject.mark_removed(bob);
    SUBCASE("not by being enabled") { subject.enable(bob); }
    SUBCASE("not by being enabled when a person had stopped it") {
        subject.disable(bob, reason::manual);
        subject.enable(bob);
    }
    SUBCASE("not by another end") {
        subject.disable(bob, reason::expired);
        subject.set_expiry(bob, {}, timestamp::now());
    }
    SUBCASE("not with its domain, in which it comes back then") {
        carried_out(subject, [&](draft& d) { d.disable(d.get<domain>(name), reason::manual, ""); });
        bob = subject.get_mailbox(at("bob"));
        CHECK(bob->disabled.reason == reason::domain);
        auto early = bob;
        subject.restore(early);
        CHECK_FALSE(early->active);
        subject.mark_removed(early);
        carried_out(subject, [&](draft& d) { d.enable(d.get<domain>(name)); });
        bob = subject.get_mailbox(at("bob"));
    }
    CHECK_FALSE(bob->active);
    CHECK(bob->disabled.reason == reason::removed);
    subject.restore(bob);
    CHECK(bob->active);
    CHECK(bob->disabled == disabled_state{});
}

TEST_CASE_FIXTURE(in_a_domain, "an update sends what changed, guarded, and nothing when nothing did") {
    auto bob = made("bob");
    CHECK(planned(subject, [&](draft& d) { d.update(bob, "changed"); }).changes.at(0).requests.empty());
    CHECK_FALSE(subject.update(bob));

    bob->quota = quota::parse("1G");
    const auto p = planned(subject, [&](draft& d) { d.update(bob, "changed"); });
    REQUIRE(p.changes.size() == 1);
    REQUIRE(p.changes.front().requests.size() == 1);
    const auto& wanted = std::get<ldap::modify_request>(p.changes.front().requests.front());
    CHECK(wanted.changes.size() == 2); // quota and lastChange
    CHECK_FALSE(wanted.guard.entry_csn.empty());
    CHECK_FALSE(wanted.guard.entry_uuid.empty());
    CHECK(subject.update(bob));
}

TEST_CASE_FIXTURE(in_a_domain, "what was updated can be updated again") {
    auto bob = made("bob");
    bob->quota = quota::parse("1G");
    CHECK(subject.update(bob));
    CHECK_FALSE(subject.update(bob));
    bob->full_name = "Bob";
    CHECK(subject.update(bob));
    CHECK(subject.get_mailbox(at("bob")).value.full_name == "Bob");
    CHECK(subject.get_mailbox(at("bob")).value.quota == quota::parse("1G"));
}

TEST_CASE_FIXTURE(in_a_domain, "of two who change one mailbox, the second gets a conflict and nothing is lost") {
    auto mine = made("bob"), yours = mine;
    mine->quota = quota::parse("1G");
    yours->full_name = "Robert";
    CHECK(subject.update(mine));
    CHECK_THROWS_AS(subject.update(yours), conflict);
    CHECK(subject.get_mailbox(at("bob")).value.quota == quota::parse("1G"));
}

TEST_CASE_FIXTURE(in_a_domain, "what the model does not know survives a change") {
    auto bob = made("bob");
    session
        .modify({bob.source.dn(),
                 {{ldap::change::add, "objectClass", {"posixAccount"}},
                  {ldap::change::add, "uidNumber", {"1001"}},
                  {ldap::change::add, "gidNumber", {"100"}},
                  {ldap::change::add, "homeDirectory", {"/home/bob"}},
                  {ldap::change::add, "cn", {"Bobby"}}},
                 {}})
        .success("change", bob.source.dn());
    bob = subject.get_mailbox(at("bob"));
    bob->quota = quota::parse("1G");
    subject.update(bob);
    const auto after = subject.get_mailbox(at("bob")).source;
    CHECK(after.has_class("posixAccount"));
    CHECK(after.first("uidNumber") == "1001");
    CHECK(after.has_value("cn", "Bobby"));
}

TEST_CASE_FIXTURE(in_a_domain, "disabling records why, by whom and when; enabling forgets it; both are done once") {
    auto bob = made("bob");
    CHECK(subject.disable(bob, reason::compromised, "seen in a dump"));
    CHECK_FALSE(subject.disable(bob, reason::compromised, "seen in a dump"));
    auto off = subject.get_mailbox(at("bob"));
    CHECK_FALSE(off->active);
    CHECK(off->disabled.reason == "compromised");
    CHECK(off->disabled.comment == "seen in a dump");
    CHECK(off->disabled.by == "cn=mailctl," + test_directory::shared().base());
    CHECK(off->disabled.at);

    CHECK(subject.enable(off));
    CHECK_FALSE(subject.enable(off));
    const auto on = subject.get_mailbox(at("bob"));
    CHECK(on->active);
    CHECK(on->disabled == disabled_state{});
    CHECK_FALSE(on.source.has_class("vmailState"));
}

TEST_CASE_FIXTURE(in_a_domain, "extending the end brings back what the expiry run disabled, and never what a person had") {
    const auto now = timestamp::now();
    const expiry next_year(timestamp::from_epoch(now.epoch() + 365 * 86400));
    auto by_run = made("by-run"), by_hand = made("by-hand"), both = made("both");
    subject.disable(by_run, reason::expired);
    subject.disable(by_hand, reason::manual);
    subject.disable(both, reason::expired);
    subject.disable(both, reason::manual);

    for (auto* const m : {&by_run, &by_hand, &both}) subject.set_expiry(*m, next_year, now);

    CHECK(subject.get_mailbox(at("by-run")).value.active);
    CHECK_FALSE(subject.get_mailbox(at("by-hand")).value.active);
    CHECK_FALSE(subject.get_mailbox(at("both")).value.active);
    CHECK(subject.get_mailbox(at("by-run")).value.expires == next_year);
}

TEST_CASE_FIXTURE(in_a_domain, "an end in the past does not bring a mailbox back") {
    auto bob = made("bob");
    subject.disable(bob, reason::expired);
    subject.set_expiry(bob, expiry(timestamp::from_epoch(1000000000)), timestamp::now());
    CHECK_FALSE(subject.get_mailbox(at("bob")).value.active);
}

TEST_CASE_FIXTURE(in_a_domain, "a mailbox moves with all that points to it") {
    mailbox m = plain("bob");
    m.forward.active = true;
    m.forward.targets = {at("bob"), maildrop::parse("bob@example.net")};
    subject.add_mailbox(m);
    subject.add_alias(to("info", {text_of(*this, "bob"), "x@example.net"}));

    const auto sum = carried_out(subject, [&](draft& d) { d.rename(at("bob"), at("robert")); });

    CHECK(sum.done == 1);
    CHECK(sum.parts == 2); // it got its second address, and info@ was led over

    CHECK_FALSE(subject.find_mailbox(at("bob")));
    const auto robert = subject.get_mailbox(at("robert"));
    CHECK(robert.source.first("uid") == "robert." + name.text());
    CHECK(robert.source.first("mailbox") == name.text() + "/bob/"); // the mail stays where it is on disk
    CHECK(robert->forward.keeps_copy(at("robert")));
    CHECK(robert->forward.targets.size() == 2);
    CHECK(subject.references_to(at("bob")).empty());
    CHECK(subject.references_to(at("robert")).size() == 1);
    CHECK_THROWS_AS(carried_out(subject, [&](draft& d) { d.rename(at("robert"), at("info")); }), already_exists);
}

TEST_CASE_FIXTURE(in_a_domain, "what sends mail to an address is found however its target is written, and not what sends to an extension") {
    made("bob");
    made("ann");
    const std::string bob = text_of(*this, "bob"), domain = name.text();
    const auto sends = [&](const std::string& local, const std::string& target) {
        alias a = to(local, {"x@example.net"});
        a.targets = {maildrop::from_attribute(target)};
        ldap::entry e;
        a.to_entry(e, subject.site());
        subject.session().add(e).success("add", e.dn());
    };
    sends("list", "x@example.net, " + bob);
    sends("named", "\"Jones, B\" <" + bob + ">");
    sends("noted", bob + " (the builder)");
    sends("dotted", "BOB@" + domain + ".");
    sends("quoted", "\"bob\"@" + domain);
    sends("extension", "bob+x@" + domain);
    sends("comment", "x@example.net (" + bob + ")");
    sends("other", "jim.bob@" + domain);
    std::set<std::string> found;
    for (const ldap::entry& e : subject.references_to(at("bob"))) found.insert(e.first("mail").value_or(""));
    std::set<std::string> wanted;
    for (const auto* const local : {"list", "named", "noted", "dotted", "quoted"}) wanted.insert(text_of(*this, local));
    CHECK(found == wanted);
}

TEST_CASE_FIXTURE(in_a_domain, "what sends mail to a mailbox from another domain is led over with it") {
    const auto other = unique_domain();
    make_domain(subject, other);
    made("bob");
    alias far(address::make("info", other));
    far.targets = {at("bob")};
    subject.add_alias(far);

    carried_out(subject, [&](draft& d) { d.rename(at("bob"), at("robert")); });

    CHECK(subject.get_alias(far.address).value.targets.front().text() == text_of(*this, "robert"));
}

TEST_CASE_FIXTURE(in_a_domain, "a domain moves with its mailboxes, aliases, catch-all and administrator, and goes") {
    const auto to_name = unique_domain(), other = unique_domain();
    mailbox bob = plain("bob");
    bob.forward.active = true;
    bob.forward.targets = {at("bob"), maildrop::parse("bob@example.net")};
    subject.add_mailbox(bob);
    auto gone = made("gone");
    subject.mark_removed(gone);
    subject.add_alias(to("info", {text_of(*this, "bob"), text_of(*this, "sales")}));
    subject.add_alias(to("sales", {text_of(*this, "bob")}));
    alias all(alias_address::catch_all(name));
    all.targets = {at("bob")};
    subject.add_alias(all);
    make_domain(subject, other, maildrop(at("info")));
    auto administrator = subject.get_alias(at("postmaster"));
    administrator->password = hash_password(secret("admin's own"), password_scheme::ssha);
    subject.update(administrator);
    limit([](domain& d) { d.description = "the old name"; });

    const auto renamed_to = [&](const domain_name& to) { return carried_out(subject, [&](draft& d) { d.rename(name, to); }); };
    CHECK_THROWS_AS(renamed_to(other), already_exists);
    CHECK(renamed_to(to_name).done == 1);

    CHECK_FALSE(subject.find_domain(name));
    CHECK(subject.get_domain(to_name).value.description == "the old name");
    const auto in_new = [&](const char* local) { return address::make(local, to_name); };
    const auto moved = subject.get_mailbox(in_new("bob"));
    CHECK(moved->forward.keeps_copy(in_new("bob")));
    CHECK(moved.source.first("uid") == "bob." + to_name.text());
    CHECK(subject.get_mailbox(in_new("gone")).value.removed);
    std::vector<std::string> info;
    const auto moved_info = subject.get_alias(in_new("info"));
    for (const auto& t : moved_info->targets) info.push_back(t.text());
    CHECK(info == std::vector<std::string>{in_new("bob").text(), in_new("sales").text()});
    CHECK(subject.get_alias(alias_address::catch_all(to_name)).value.targets.front().text() == in_new("bob").text());
    CHECK(subject.get_alias(address::make("abuse", other)).value.targets.front().text() == in_new("info").text());
    const auto postmaster = subject.get_alias(in_new("postmaster"));
    CHECK(postmaster.source.dn() == subject.site().layout.domain(to_name).child("cn", "postmaster"));
    CHECK(postmaster.source.first("mail") == "postmaster@" + to_name.text());
    CHECK(verify_password(secret("admin's own"), *postmaster->password) == true);
    CHECK(subject.references_to(at("bob")).empty());
}

TEST_CASE_FIXTURE(in_a_domain, "mailboxes that forward to one another move together") {
    const auto to_name = unique_domain();
    for (const auto& [local, target] : {std::pair("ann", "bob"), std::pair("bob", "ann")}) {
        mailbox m = plain(local);
        m.forward.active = true;
        m.forward.targets = {at(target), at(local)}; // with a copy kept
        subject.add_mailbox(m);
    }

    carried_out(subject, [&](draft& d) { d.rename(name, to_name); });

    const auto forward_of = [&](const char* local) { return subject.get_mailbox(address::make(local, to_name)).value.forward.targets.front().text(); };
    CHECK(forward_of("ann") == address::make("bob", to_name).text());
    CHECK(forward_of("bob") == address::make("ann", to_name).text());
}

TEST_CASE_FIXTURE(in_a_domain, "a renaming that was cut short at any point is finished by the same command") {
    for (std::size_t sent = 1;; ++sent) {
        const auto from = unique_domain(), to = unique_domain();
        make_domain(subject, from);
        for (const char* const local : {"ann", "bob"}) subject.add_mailbox(mailbox(address::make(local, from)));
        alias info(address::make("info", from));
        info.targets = {address::make("ann", from)};
        subject.add_alias(info);

        const bool was_cut = cut_after(subject, sent, [&](draft& d) { d.rename(from, to); });
        CHECK((subject.find_mailbox(address::make("ann", from)) || subject.find_mailbox(address::make("ann", to)))); // at any time

        if (was_cut) carried_out(subject, [&](draft& d) { d.rename(from, to); });
        CHECK(subject.list_mailboxes({.domain = to}).items.size() == 2);
        CHECK(subject.get_alias(address::make("info", to)).value.targets.front().text() == address::make("ann", to).text());
        CHECK(subject.get_alias(address::make("postmaster", to)).source.first("mail") == "postmaster@" + to.text());
        CHECK_FALSE(subject.find_domain(from));
        CHECK_FALSE(subject.find_mailbox(address::make("ann", from)));
        if (!was_cut) break;
    }
}

TEST_CASE_FIXTURE(in_a_domain, "a mailbox's renaming that was cut short at any point is finished by the same command") {
    for (std::size_t sent = 1;; ++sent) {
        const std::string bob = "bob" + std::to_string(sent), robert = "robert" + std::to_string(sent);
        made(bob);
        subject.add_alias(to("info" + std::to_string(sent), {text_of(*this, bob)}));
        const bool was_cut = cut_after(subject, sent, [&](draft& d) { d.rename(at(bob), at(robert)); });
        if (was_cut) carried_out(subject, [&](draft& d) { d.rename(at(bob), at(robert)); });
        CHECK_FALSE(subject.find_mailbox(at(bob)));
        CHECK(subject.get_mailbox(at(robert)).source.first("mail") == text_of(*this, robert));
        CHECK(subject.references_to(at(robert)).size() == 1);
        if (!was_cut) break;
    }
}

TEST_CASE_FIXTURE(in_a_domain, "a domain goes only when it is empty, and takes postmaster and abuse along") {
    made("bob");
    const auto remove_domain = [&] { carried_out(subject, [&](draft& d) { d.remove(d.get<domain>(name)); }); };
    CHECK_THROWS_AS(remove_domain(), error);
    CHECK(subject.find_alias(at("postmaster")));
    subject.remove(subject.get_mailbox(at("bob")));
    remove_domain();
    CHECK_FALSE(subject.find_domain(name));
}

TEST_CASE_FIXTURE(in_a_domain, "a domain that is marked as removed takes no mailboxes") {
    auto d = subject.get_domain(name);
    subject.mark_removed(d);
    CHECK_THROWS_AS(subject.add_mailbox(plain("bob")), not_found);
    subject.restore(d);
    subject.add_mailbox(plain("bob"));
}

TEST_CASE_FIXTURE(in_a_domain, "a domain takes its accounts along, and brings back exactly those") {
    auto by_hand = made("by-hand");
    subject.disable(by_hand, reason::manual);
    made("bob");
    subject.add_alias(to("info", {"x@example.net"}));
    for (const bool removal : {false, true}) {
        carried_out(subject, [&](draft& d) { removal ? d.mark_removed(d.get<domain>(name)) : d.disable(d.get<domain>(name), reason::manual, ""); });

        CHECK_FALSE(subject.get_domain(name).value.active);
        const auto bob = subject.get_mailbox(at("bob"));
        CHECK_FALSE(bob->active);
        CHECK(bob->disabled.reason == reason::domain);
        CHECK_FALSE(subject.get_alias(at("info")).value.active);
        CHECK_FALSE(subject.get_alias(at("postmaster")).value.active);
        CHECK(subject.get_mailbox(at("by-hand")).value.disabled.reason == reason::manual);

        carried_out(subject, [&](draft& d) { removal ? d.restore(d.get<domain>(name)) : d.enable(d.get<domain>(name)); });

        CHECK(subject.get_domain(name).value.active);
        CHECK(subject.get_mailbox(at("bob")).value.active);
        CHECK(subject.get_alias(at("info")).value.active);
        CHECK(subject.get_alias(at("postmaster")).value.active);
        CHECK_FALSE(subject.get_mailbox(at("by-hand")).value.active);
    }
}

TEST_CASE_FIXTURE(in_a_domain, "a second mailbox at a freed address gets another folder while the first one's is somebody's") {
    made("bob");
    carried_out(subject, [&](draft& d) { d.rename(at("bob"), at("robert")); });

    const auto second = made("bob");

    CHECK(second.source.first("mailbox") == name.text() + "/bob-2/");
    CHECK(second.source.first("uid") == "bob." + name.text());
    REQUIRE(notices.size() == 1);
    CHECK(notices.front().find("belongs to " + text_of(*this, "robert")) != std::string::npos);
}

TEST_CASE_FIXTURE(in_a_domain, "a dry run shows every write and sends none") {
    std::size_t writes = 0;
    const run_options dry{.dry_run = true, .on_write = [&](const ldap::write_request&) { ++writes; }};
    const auto p = planned(subject, [&](draft& d) {
        d.add(plain("bob"));
        d.add(domain(unique_domain()), {});
    });
    run(subject, p, dry).success();
    CHECK(writes == 4);
    CHECK_FALSE(subject.find_mailbox(at("bob")));
}

TEST_CASE_FIXTURE(in_a_domain, "an entry that cannot be read is reported, and the others are listed") {
    made("bob");
    auto odd = made("odd");
    session.modify({odd.source.dn(), {{ldap::change::replace, "quota", {"a lot"}}, {ldap::change::replace, "expireDate", {"0"}}}, {}})
        .success("change", odd.source.dn());
    const auto all = subject.list_mailboxes({.domain = name});
    CHECK(all.items.size() == 2);
    auto found = subject.get_mailbox(at("odd"));
    CHECK(found->problems.size() == 2);

    // Changing something else leaves the odd values alone; setting a date mends that one.
    subject.set_expiry(found, expiry(timestamp::from_epoch(4000000000)), timestamp::now());
    const auto mended = subject.get_mailbox(at("odd"));
    CHECK(mended->problems.size() == 1);
    CHECK(mended.source.first("quota") == "a lot");
}

TEST_CASE_FIXTURE(in_a_domain, "names alone are those of the list, the one that cannot be read is reported there, too") {
    made("bob");
    auto removed = made("gone");
    subject.mark_removed(removed);
    const auto bad = made("bad").source;
    ldap::entry odd(subject.site().layout.domain(name).child("mail", "no address"));
    for (const auto& a : bad.attributes())
        if (a.name != "mail" && a.name != "entryUUID" && a.name != "entryCSN") odd.set(a.name, a.values);
    odd.set("mail", "no address");
    odd.set("mailbox", name.text() + "/odd/");
    odd.erase("uid");
    REQUIRE(session.add(odd).result.ok());

    const auto names_of_mailboxes = [&](const list_options& o) {
        std::vector<std::string> names;
        std::size_t unreadable = 0;
        subject.for_each_name<mailbox>(o, [&](address&& a) { names.push_back(a.text()); }, [&](unreadable_entry&& e) { unreadable += e.dn == odd.dn() ? 1U : 0U; });
        CHECK(unreadable == 1);
        std::sort(names.begin(), names.end()); // the server has an order of its own
        return names;
    };
    CHECK(names_of_mailboxes({.domain = name}) == std::vector{text_of(*this, "bad"), text_of(*this, "bob")});
    CHECK(names_of_mailboxes({.domain = name, .removed = true}).size() == 3);

    std::vector<std::string> aliases;
    subject.for_each_name<alias>({.domain = name}, [&](alias_address&& a) { aliases.push_back(a.text()); }, [](unreadable_entry&&) {});
    std::sort(aliases.begin(), aliases.end());
    CHECK(aliases == std::vector{text_of(*this, "abuse"), text_of(*this, "postmaster")});
}

TEST_CASE("on a server without our schema things work, and what cannot be recorded is said") {
    foreign_directory foreign;
    ldap::session s(foreign.as_service());
    std::vector<std::string> notices;
    directory d(s, {.site = {.layout = layout(ldap::dn::parse(foreign.base()))}, .on_notice = [&](const std::string& n) { notices.push_back(n); }});
    const auto name = unique_domain();
    make_domain(d, name);
    auto bob = d.add_mailbox(mailbox(address::make("bob", name)));
    CHECK(d.disable(bob, reason::manual));
    CHECK(notices.size() == 1);
    CHECK_FALSE(d.disable(bob, reason::manual));
    CHECK_FALSE(d.get_mailbox(address::make("bob", name)).value.active);
    CHECK(d.mark_removed(bob));
    CHECK(d.restore(bob));
    CHECK_FALSE(bob->active);
    CHECK(d.enable(bob));
    CHECK(d.mark_removed(bob));
    CHECK(bob->active); // who knew afterwards that it did
    CHECK(d.restore(bob));
}

TEST_CASE("clearPassword is never read, whatever is asked for and however it comes") {
    foreign_directory foreign; // which hides nothing from us
    ldap::session others(foreign.as_service());
    ldap::session s(foreign.as_service());
    directory d(s, {.site = {.layout = layout(ldap::dn::parse(foreign.base()))}});
    const auto name = unique_domain();
    make_domain(d, name);
    const auto bob = d.add_mailbox(mailbox(address::make("bob", name))).source.dn();
    const std::vector<ldap::modification> phamms = {{ldap::change::add, "objectClass", {"extensibleObject"}},
                                                    {ldap::change::replace, "clearPassword", {"secret"}},
                                                    {ldap::change::replace, "clearPassword;lang-de", {"secret"}}};
    const auto is_read = [](const std::optional<ldap::entry>& e) {
        REQUIRE(e);
        CHECK(e->has("mail"));
        return e->has("clearPassword") || e->has("clearPassword;lang-de");
    };
    const auto change = [&](ldap::session& by, std::string text) { return by.modify({bob, {{ldap::change::replace, "description", {std::move(text)}}}}).result; };
    REQUIRE(others.modify({bob, phamms}).result.ok());

    CHECK(is_read(others.find(bob)));
    CHECK(is_read(change(others, "a").pre_read));
    CHECK_FALSE(is_read(s.find(bob)));
    CHECK_FALSE(is_read(s.find(bob, {"mail", "clearPassword", "clearPassword;lang-de"})));
    CHECK_FALSE(is_read(s.search({bob, ldap::scope::base, ldap::filter::present("mail"), {"*", "+"}})[0]));
    CHECK_FALSE(is_read(d.get_mailbox(address::make("bob", name)).source));
    const auto changed = change(s, "b");
    CHECK_FALSE(is_read(changed.pre_read));
    CHECK_FALSE(is_read(changed.post_read));
    export_tree(others, d.site().layout, {.passwords = true}, [&](const ldap::entry_view& e) { CHECK_FALSE(e.has("clearPassword")); });
    // Where it is not read it is not touched either.
    ldap::session third(foreign.as_service());
    CHECK(is_read(third.find(bob)));
    CHECK_FALSE(is_read(s.remove({bob}).result.pre_read));
}

TEST_CASE("a list that the server cuts short is an error, never a list") {
    foreign_directory foreign;
    ldap::session s(foreign.as_service());
    directory d(s, {.site = {.layout = layout(ldap::dn::parse(foreign.base()))}});
    const auto name = unique_domain();
    make_domain(d, name);
    for (int i = 0; i < 501; ++i) d.add_mailbox(mailbox(address::make("u" + std::to_string(i), name)));
    CHECK_THROWS_AS(d.list_mailboxes(), limit_exceeded);
    std::size_t delivered = 0;
    CHECK_THROWS_AS(d.for_each<mailbox>(
                        {}, [&](stored<mailbox>&&) { ++delivered; }, [](unreadable_entry&&) {}),
                    limit_exceeded);
    CHECK(delivered <= 500);
}
