#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/service_change.hpp>

#include "carried_out.hpp"
#include "entries.hpp"
#include "support/foreign_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;
using entries::kind_of_failure;

namespace {

/// A directory with one domain of its own, and a draft.
struct fixture {
    ldap::session s{test_directory::shared().as_owner()};
    directory d{s, {.site = {.layout = entries::layout_of(test_directory::shared().base())}}};
    domain_name name = unique_domain();

    fixture() { make_domain(d, name); }

    directory with_roles(const std::vector<std::string>& local_parts) {
        return {s, {.site = {.layout = entries::layout_of(test_directory::shared().base()), .role_addresses = role_addresses::of(local_parts)}}};
    }

    address at(const std::string& local) const { return address::make(local, name); }
    mailbox plain(const std::string& local) const { return mailbox(at(local)); }
    alias to(const std::string& local, const std::vector<std::string>& targets) const {
        alias a(at(local));
        for (const auto& t : targets) a.targets.push_back(maildrop::parse(t));
        return a;
    }
    void limit(const std::function<void(domain&)>& change) {
        auto e = d.get_domain(name);
        change(e.value);
        d.update(e);
    }
    std::string path(const std::string& local) { return d.get_mailbox(at(local)).source.first("mailbox").value_or(""); }
    std::vector<std::string> targets(const std::string& local) {
        std::vector<std::string> all;
        const auto a = d.get_alias(at(local));
        for (const auto& t : a->targets) all.push_back(t.text());
        return all;
    }
};

} // namespace

TEST_CASE("what a draft was told to expect, and was not asked for, is nobody's answer later") {
    fixture f;
    f.d.add(f.plain("ann"));
    ldap::session other(test_directory::shared().as_owner());
    directory elsewhere(other, {.site = f.d.site()});
    const auto set_name = [&](const std::string& name) {
        auto ann = elsewhere.get_mailbox(f.at("ann"));
        ann->full_name = name;
        elsewhere.update(ann);
    };
    const auto seen = [&] { return f.d.get_mailbox(f.at("ann")).value.full_name; };
    set_name("first");
    {
        draft d(f.d);
        d.expect<mailbox>({f.at("ann")}, expected::present);
        set_name("second");
    }
    CHECK(seen() == "second");
    draft d(f.d);
    d.expect<mailbox>({f.at("ann")}, expected::present);
    set_name("third");
    (void)std::move(d).take();
    CHECK(seen() == "third");
}

TEST_CASE("of two equal names the second finds the first") {
    fixture t;
    draft all(t.d);
    all.add(t.plain("bob"));
    CHECK_THROWS_AS(all.add(t.plain("Bob")), already_exists);
    CHECK_THROWS_AS(all.add(t.to("bob", {"x@example.net"})), already_exists);
    CHECK(all.get<mailbox>(t.at("bob")).value.address == t.at("bob"));
    CHECK_FALSE(all.find<alias>(t.at("bob")));
    const plan p = std::move(all).take();
    CHECK(p.changes.size() == 1); // what throws leaves the plan as it was
    CHECK_FALSE(t.d.find_mailbox(t.at("bob"))); // and a plan changes nothing
}

TEST_CASE("two plans with the same number for an account of Unix: one is out of date, and made anew") {
    fixture t;
    directory d(t.s, {.site = {.layout = entries::layout_of(test_directory::shared().base()), .facets = {facets::posix_account()}}});
    for (const char* const name : {"one", "two"}) d.add_mailbox(t.plain(name));
    const auto planned = [&](const char* name, unix_account& account) {
        draft made(d);
        account = made.add_unix_account(made.get<mailbox>(t.at(name)), {});
        return std::move(made).take();
    };
    unix_account one, two;
    const plan first = planned("one", one), second = planned("two", two);
    CHECK(one.uid_number == two.uid_number);
    CHECK(run(d, first, {}).all_good());
    CHECK_THROWS_AS(run(d, second, {}), conflict);
    CHECK_FALSE(unix_account::is_on(d.get_mailbox(t.at("two")).value));

    plan tried = second;
    int made = 0;
    CHECK(run(d, [&]() -> const plan& { return made++ == 0 ? tried : tried = planned("two", two); }, {}).all_good());
    CHECK(made == 2);
    CHECK(two.uid_number == one.uid_number + 1);
    CHECK(unix_account::of(d.get_mailbox(t.at("two")).value) == two);
}

TEST_CASE("one plan gives no number twice, and takes none for what it refuses") {
    fixture t;
    directory d(t.s, {.site = {.layout = entries::layout_of(test_directory::shared().base()), .facets = {facets::posix_account()}}});
    for (const char* const name : {"one", "two", "three"}) d.add_mailbox(t.plain(name));
    draft all(d);
    const auto box = [&](const char* name) { return all.get<mailbox>(t.at(name)); };
    const auto one = all.add_unix_account(box("one"), {});
    CHECK_THROWS_AS(all.add_unix_account(box("one"), {}), already_exists);
    CHECK_THROWS_AS(all.add_unix_account(box("two"), {.home = "two"}), invalid_value);
    CHECK_THROWS_AS(all.add_unix_account(box("two"), {.uid_number = one.uid_number}), already_exists);
    const auto two = all.add_unix_account(box("two"), {.uid_number = one.uid_number + 1});
    CHECK(all.add_unix_account(box("three"), {}).uid_number == two.uid_number + 1);
    all.remove_unix_account(box("three"));
    CHECK_FALSE(unix_account::is_on(box("three").value));
}

TEST_CASE("what changes twice in one plan changes once for each, and neither is a conflict") {
    fixture t;
    t.d.add_mailbox(t.plain("bob"));
    const auto sum = carried_out(t.d, [&](draft& all) {
        auto bob = all.get<mailbox>(t.at("bob"));
        bob->full_name = "Bob";
        all.update(bob, "changed");
        auto again = all.get<mailbox>(t.at("bob"));
        CHECK(again->full_name == "Bob");
        again->quota = quota::parse("1G");
        all.update(again, "changed");
    });
    CHECK(sum.done == 2);
    CHECK(t.d.get_mailbox(t.at("bob")).value.quota == quota::parse("1G"));
    CHECK(t.d.get_mailbox(t.at("bob")).value.full_name == "Bob");
}

TEST_CASE("what cannot be done fails alone, and the rest of the plan is carried out") {
    fixture t;
    draft all(t.d);
    all.attempt("nobody", [&] { all.remove(all.get<mailbox>(t.at("nobody"))); });
    all.attempt("ann", [&] { all.add(t.plain("ann")); });
    all.leave("bob", "it is so already");
    const plan p = std::move(all).take();
    CHECK(p.items() == 3);
    const auto sum = run(t.d, p, {});
    CHECK(sum.failed == 1);
    CHECK(sum.done == 1);
    CHECK(sum.unchanged == 1);
    CHECK(sum.first_fault.value().kind() == error_kind::not_found);
}

TEST_CASE("a limit with one place left has room for one, of mailboxes, aliases and quota") {
    fixture t;
    t.limit([](domain& d) {
        d.max_mailboxes = 1;
        d.max_aliases = 1;
        d.max_quota_mib = 100;
    });
    draft all(t.d);
    mailbox ann = t.plain("ann"), bob = t.plain("bob");
    ann.quota = bob.quota = quota::parse("60M");
    all.add(ann);
    CHECK_THROWS_AS(all.add(bob), limit_exceeded);
    all.add(t.to("info", {"x@example.net"}));
    CHECK_THROWS_AS(all.add(t.to("sales", {"x@example.net"})), limit_exceeded);
    auto planned = all.get<mailbox>(t.at("ann"));
    planned->quota = quota::parse("101M");
    CHECK_THROWS_AS(all.update(planned, "changed"), limit_exceeded);
    const plan p = std::move(all).take();
    REQUIRE(p.claims.size() == 1);
    CHECK(p.claims.front().places == domain_places{1, 1, 60 * 1024 * 1024});
    CHECK(run(t.d, p, {}).done == 2);
}

TEST_CASE("what takes less than before is refused by no limit") {
    fixture t;
    mailbox ann = t.plain("ann");
    ann.quota = quota::parse("60M");
    t.d.add_mailbox(ann);
    t.limit([](domain& d) { d.max_quota_mib = 10; });
    auto m = t.d.get_mailbox(t.at("ann"));
    m->quota = quota::parse("50M");
    CHECK(t.d.update(m));
    m->full_name = "Ann";
    CHECK(t.d.update(m));
    m->quota = quota::parse("51M");
    CHECK_THROWS_AS(t.d.update(m), limit_exceeded);
}

TEST_CASE("a new mailbox gets a folder and a login that nobody has, or had") {
    fixture t;
    directory_options o = t.d.options();
    o.folder_is_taken = [&](const std::string& home, const std::string& path) { return !home.empty() && path == t.name.text() + "/bob-2/"; };
    directory d(t.s, o);
    mailbox first = t.plain("first");
    first.path = t.name.text() + "/bob"; // without a slash it is the same folder
    t.d.add_mailbox(first);
    t.s.modify({t.d.get_mailbox(t.at("first")).source.dn(), {{ldap::change::replace, "uid", {"BOB." + t.name.text()}}}}).success("change", {});

    draft all(d);
    const mailbox made = all.add(t.plain("bob"));
    const plan p = std::move(all).take();
    CHECK(made.path == t.name.text() + "/bob-3/");
    REQUIRE(p.notices.size() == 1);
    CHECK(p.notices.front().sentence.find("belongs to " + t.at("first").text()) != std::string::npos);
    CHECK(run(d, p, {}).all_good());
    CHECK(t.d.get_mailbox(t.at("bob")).source.first("uid") == "bob-2." + t.name.text());
}

TEST_CASE("a folder that is asked for must be nobody's") {
    fixture t;
    t.d.add_mailbox(t.plain("bob"));
    mailbox ann = t.plain("ann");
    ann.path = t.path("bob");
    CHECK_THROWS_AS(t.d.add_mailbox(ann), already_exists);
    draft all(t.d);
    ann.path = t.name.text() + "/both/";
    all.add(ann);
    mailbox cid = t.plain("cid");
    cid.path = t.name.text() + "/both";
    CHECK_THROWS_AS(all.add(cid), already_exists);
}

TEST_CASE("a folder that is asked for leads nowhere else, lies in or around nobody's, and in no other domain's part") {
    fixture t;
    const std::string mine = t.name.text();
    t.d.add_mailbox(t.plain("bob"));
    mailbox deep = t.plain("deep");
    deep.path = mine + "/team/deep";
    t.d.add_mailbox(deep);
    const auto other = unique_domain();
    make_domain(t.d, other);

    const auto fault = [&](const std::string& path) {
        mailbox ann = t.plain("ann");
        ann.path = path;
        return kind_of_failure([&] { t.d.add_mailbox(ann); });
    };
    for (const char* const path : {"/x/y/", "x", "x/", "x//y/", "x/../y/", "x/.y/", "-x/y/", "x/y//", "x/y\nz/"})
        CHECK_MESSAGE(fault(path) == error_kind::invalid_value, path);
    CHECK(fault(mine + "/bob/inside/") == error_kind::already_exists);
    CHECK(fault(mine + "/bob/far/inside") == error_kind::already_exists);
    CHECK(fault(mine + "/team/") == error_kind::already_exists);
    CHECK(fault(other.text() + "/ann/") == error_kind::already_exists);
    CHECK_FALSE(t.d.find_mailbox(t.at("ann")));
    mailbox ann = t.plain("ann");
    ann.path = mine + "/team/deeper/"; // beside, though the names begin alike
    CHECK(t.d.add_mailbox(ann).source.first("mailbox") == ann.path);
}

TEST_CASE("a mailbox may get a folder inside of its own, and its own in another spelling") {
    fixture t;
    t.d.add_mailbox(t.plain("bob"));
    for (const char* const path : {"/bob", "/bob/inside/", "/bob/"}) {
        auto bob = t.d.get_mailbox(t.at("bob"));
        bob->path = t.name.text() + path;
        CHECK(t.d.update(bob));
        CHECK(t.path("bob") == t.name.text() + path);
    }
}

TEST_CASE("an update cannot give another address") {
    fixture t;
    t.d.add_mailbox(t.plain("bob"));
    t.d.add_alias(t.to("info", {"x@example.net"}));
    auto bob = t.d.get_mailbox(t.at("bob"));
    bob->address = t.at("rob");
    CHECK(kind_of_failure([&] { t.d.update(bob); }) == error_kind::invalid_value);
    auto info = t.d.get_alias(t.at("info"));
    info->address = t.at("news");
    CHECK(kind_of_failure([&] { t.d.update(info); }) == error_kind::invalid_value);
    auto d = t.d.get_domain(t.name);
    d->name = unique_domain();
    CHECK(kind_of_failure([&] { t.d.update(d); }) == error_kind::invalid_value);
    for (const char* const local : {"bob", "info"}) CHECK(t.d.session().find(t.d.site().layout.alias(t.at(local)), ldap::whole_entry()));
}

TEST_CASE("mail that would run in a circle is refused, as planned and as it is there") {
    fixture t;
    t.d.add_alias(t.to("first", {t.at("second").text()}));
    CHECK(kind_of_failure([&] { t.d.add_alias(t.to("second", {t.at("first").text()})); }) == error_kind::invalid_value);
    t.d.add_mailbox(t.plain("ann"));
    t.d.add_alias(t.to("second", {t.at("ann+lists").text()}));
    auto ann = t.d.get_mailbox(t.at("ann"));
    ann->forward = {.active = true, .targets = {t.at("first")}};
    CHECK(kind_of_failure([&] { t.d.update(ann); }) == error_kind::invalid_value);
    ann->forward.active = false; // asleep it sends nothing
    CHECK(t.d.update(ann));
    ann = t.d.get_mailbox(t.at("ann"));
    ann->forward.active = true;
    CHECK(kind_of_failure([&] { t.d.update(ann); }) == error_kind::invalid_value);
    ann->forward.set_keep_copy(t.at("ann"), true);
    CHECK(t.d.update(ann));

    draft all(t.d);
    all.add(t.to("third", {t.at("fourth").text()}));
    CHECK(kind_of_failure([&] { all.add(t.to("fourth", {t.at("third").text()})); }) == error_kind::invalid_value);
    CHECK(kind_of_failure([&] { all.set(all.get<domain>(t.name), maildrop(t.at("fifth"))); all.add(t.to("fifth", {t.at("postmaster").text()})); }) == error_kind::invalid_value);
}

TEST_CASE("a target to which no mail gets is told when it is set") {
    fixture t;
    const auto sentences = [&](const std::function<void(draft&)>& act) {
        std::vector<std::string> all;
        for (const auto& n : planned(t.d, act).notices) all.push_back(n.sentence.substr(n.sentence.find(" sends mail to ") + 15));
        return all;
    };
    using list = std::vector<std::string>;
    const auto away = unique_domain();
    make_domain(t.d, away);
    auto shut = t.d.get_domain(away);
    carried_out(t.d, [&](draft& d) { d.disable(shut, reason::manual, ""); });
    t.d.add_mailbox(t.plain("off"));
    auto off = t.d.get_mailbox(t.at("off"));
    service_change(t.d).disable(off.value, reason::manual, "");
    t.d.update(off);
    t.d.add_mailbox(t.plain("ann"));

    const std::string nobody = t.at("nobody").text(), disabled = t.at("off").text(), elsewhere = "x@example.net", login = "root", in_shut = "postmaster@" + away.text();
    CHECK(sentences([&](draft& d) { d.add(t.to("info", {nobody, disabled, elsewhere, t.at("ann+x").text(), in_shut})); }) ==
          list{nobody + ", which is not there", disabled + ", which is disabled", in_shut + ", whose domain is disabled"});
    CHECK(sentences([&](draft& d) { d.add(t.plain("nobody")); d.add(t.to("info", {nobody})); }).empty());
    CHECK(sentences([&](draft& d) { d.remove(d.get<mailbox>(t.at("ann"))); d.add(t.to("info", {t.at("ann").text()})); }) == list{t.at("ann").text() + ", which is not there"});

    t.d.add_alias(t.to("info", {elsewhere, disabled}));
    CHECK(sentences([&](draft& d) { auto a = d.get<alias>(t.at("info")); a->targets.push_back(maildrop::parse(nobody)); d.update(a, "changed"); }) == list{nobody + ", which is not there"});
    CHECK(sentences([&](draft& d) { auto m = d.get<mailbox>(t.at("ann")); m->forward = {true, {maildrop::parse(nobody)}}; d.update(m, "changed"); }) == list{nobody + ", which is not there"});
    t.d.add_alias([&] { alias all(alias_address::catch_all(t.name)); all.targets = {t.at("ann")}; return all; }());
    CHECK(sentences([&](draft& d) { d.add(t.to("sales", {nobody})); }).empty()); // the catch-all gets it
}

TEST_CASE("what an extension is, is for the daemons of the site to say") {
    fixture t;
    t.d.add_mailbox(t.plain("ann"));
    const auto notices = [&](const std::string& delimiter, const std::string& local) {
        directory d(t.s, {.site = {.layout = t.d.site().layout, .recipient_delimiter = delimiter}});
        return planned(d, [&](draft& all) { all.add(t.to("info", {t.at(local).text()})); }).notices.size();
    };
    CHECK(notices("+", "ann+x") == 0);
    CHECK(notices("+", "ann-x") == 1);
    CHECK(notices("-", "ann-x") == 0);
    CHECK(notices("+-", "ann-x+y") == 0);
    CHECK(notices("", "ann+x") == 1);
}

TEST_CASE("a circle that is left when a target goes is told") {
    fixture t;
    t.d.add_mailbox(t.plain("ann"));
    t.d.add_alias(t.to("first", {t.at("ann").text()}));
    t.d.add_alias(t.to("second", {t.at("first").text()}));
    auto first = t.d.session().find(t.d.site().layout.alias(t.at("first")), ldap::whole_entry()).value();
    t.d.session().write(ldap::modify_request{first.dn(), {{ldap::change::add, "maildrop", {t.at("second").text()}}}}).success("add", first.dn()); // as others do
    const auto told = planned(t.d, [&](draft& d) { d.remove(d.get<mailbox>(t.at("ann")), true); });
    REQUIRE(told.notices.size() == 2);
    CHECK(told.notices.front().sentence == t.at("first").text() + " will send no more mail to " + t.at("ann").text());
    CHECK(told.notices.back().sentence.find("in a circle") != std::string::npos);
}

TEST_CASE("a circle that two have made at once is refused by the next who changes one of its targets and leaves it") {
    fixture t;
    t.d.add_alias(t.to("first", {"x@example.net"}));
    t.d.add_alias(t.to("second", {"x@example.net"}));
    const auto leads = [&](const std::string& from, const std::vector<std::string>& to) {
        return [&t, from, to](draft& all) {
            auto a = all.get<alias>(t.at(from));
            a->targets.clear();
            for (const auto& target : to) a->targets.push_back(maildrop::parse(target));
            all.update(a, "changed");
        };
    };
    const std::string first = t.at("first").text(), second = t.at("second").text();
    const plan one = planned(t.d, leads("first", {second})), other = planned(t.d, leads("second", {first}));
    CHECK(run(t.d, one, {}).done == 1);
    CHECK(run(t.d, other, {}).done == 1);
    CHECK(kind_of_failure([&] { planned(t.d, leads("first", {second, "y@example.net"})); }) == error_kind::invalid_value);
    CHECK(carried_out(t.d, leads("first", {"y@example.net"})).done == 1);
}

TEST_CASE("a limit that is passed already is told when it is set") {
    fixture t;
    mailbox ann = t.plain("ann");
    ann.quota = quota::parse("1500K");
    t.d.add_mailbox(ann);
    t.d.add_mailbox(t.plain("bob"));
    t.d.add_alias(t.to("info", {"x@example.net"}));
    const auto told = [&](const std::function<void(domain&)>& change) {
        auto d = t.d.get_domain(t.name);
        change(d.value);
        const auto notices = planned(t.d, [&](draft& all) { all.set(d, {}); }).notices;
        return notices.empty() ? "" : notices.front().sentence.substr(t.name.text().size() + 1);
    };
    CHECK(told([](domain& d) { d.max_mailboxes = 2; d.max_aliases = 1; d.max_quota_mib = 2; }).empty());
    CHECK(told([](domain& d) { d.max_mailboxes = 1; }) == "has 2 mailboxes, more than its limit of 1");
    CHECK(told([](domain& d) { d.max_aliases = 0; }) == "has 1 alias, more than its limit of 0");
    CHECK(told([](domain& d) { d.max_quota_mib = 1; }) == "has 2 MiB of quota, more than its limit of 1");
    t.limit([](domain& d) { d.max_mailboxes = 1; });
    CHECK(told([](domain& d) { d.description = "x"; }).empty()); // it was told before
}

TEST_CASE("what a mailbox may not do is kept where the server can keep it, and refused where it cannot") {
    fixture t;
    t.d.add_mailbox(t.plain("ann"));
    auto ann = t.d.get_mailbox(t.at("ann"));
    ann->may_log_in = ann->may_receive = false;
    CHECK(t.d.update(ann));
    CHECK(t.d.get_mailbox(t.at("ann")).source.first("vmailMayLogIn") == "FALSE");
    CHECK(planned(t.d, [&](draft& d) { d.add(t.to("info", {t.at("ann").text()})); }).notices.front().sentence.ends_with("which is closed to mail"));

    foreign_directory server;
    ldap::session s(server.as_service());
    directory old(s, {.site = {.layout = entries::layout_of(server.base())}});
    const auto name = unique_domain();
    make_domain(old, name);
    mailbox bob(address::make("bob", name));
    old.add_mailbox(bob);
    auto there = old.get_mailbox(bob.address);
    there->may_receive = false;
    CHECK(kind_of_failure([&] { old.update(there); }) == error_kind::configuration);
    bob = mailbox(address::make("eve", name));
    bob.may_log_in = false;
    CHECK(kind_of_failure([&] { old.add_mailbox(bob); }) == error_kind::configuration);
    bob = mailbox(address::make("cid", name));
    bob.send_limits = send_limits::parse("9/1h");
    CHECK(kind_of_failure([&] { old.add_mailbox(bob); }) == error_kind::configuration);
    there = old.get_mailbox(address::make("bob", name));
    there->send_limits = send_limits();
    CHECK(kind_of_failure([&] { old.update(there); }) == error_kind::configuration);
    there->send_limits = std::nullopt;
    there->description = "x";
    CHECK(old.update(there));
    auto d = old.get_domain(name);
    d->send_limits = send_limits::parse("9/1h");
    CHECK(kind_of_failure([&] { planned(old, [&](draft& changes) { changes.set(d, {}); }); }) == error_kind::configuration);
}

TEST_CASE("an address with a star is not taken for a catch-all") {
    fixture t;
    CHECK(kind_of_failure([&] { t.d.add_alias(t.to("*", {"x@example.net"})); }) == error_kind::invalid_value);
    CHECK(kind_of_failure([&] { t.d.add_mailbox(t.plain("*")); }) == error_kind::invalid_value);
}

TEST_CASE("a mailbox is renamed to another spelling of its address, once") {
    fixture t;
    t.d.add_mailbox(t.plain("Bob"));
    t.d.add_alias(t.to("info", {t.at("Bob").text()}));
    const auto before = t.d.get_mailbox(t.at("bob"));
    CHECK(carried_out(t.d, [&](draft& d) { d.rename(t.at("bob"), t.at("bob")); }).done == 1);
    const auto after = t.d.get_mailbox(t.at("bob"));
    CHECK(after->address.local_part() == "bob");
    CHECK(after.source.dn().text().starts_with("mail=bob@"));
    CHECK(*after.source.find("mail") == std::vector<std::string>{t.at("bob").text()});
    CHECK(after.source.first("entryUUID") == before.source.first("entryUUID"));
    CHECK(t.targets("info") == std::vector<std::string>{t.at("Bob").text()});
    const auto again = carried_out(t.d, [&](draft& d) { d.rename(t.at("Bob"), t.at("bob")); });
    CHECK(again.unchanged == 1);
    CHECK(again.done == 0);
}

TEST_CASE("nothing is renamed into an address that is taken, or to where there is no room") {
    fixture t;
    for (const char* local : {"ann", "bob"}) t.d.add_mailbox(t.plain(local));
    draft all(t.d);
    CHECK_THROWS_AS(all.rename(t.at("ann"), t.at("bob")), already_exists);
    CHECK_THROWS_AS(all.rename(t.at("ann"), t.at("postmaster")), already_exists);
    CHECK_THROWS_AS(all.rename(t.at("ann"), address::parse("ann@nowhere.example")), not_found);
    CHECK_THROWS_AS(all.rename(t.at("nobody"), t.at("somebody")), not_found);
    const auto full = unique_domain();
    make_domain(t.d, full);
    auto e = t.d.get_domain(full);
    e->max_mailboxes = 0;
    t.d.update(e);
    CHECK_THROWS_AS(all.rename(t.at("ann"), address::make("ann", full)), limit_exceeded);
    CHECK(std::move(all).take().empty());
}

TEST_CASE("a mailbox answers to both addresses while it is renamed, and an alias can be kept") {
    fixture t;
    t.d.add_mailbox(t.plain("bob"));
    t.d.add_alias(t.to("info", {t.at("bob").text(), "BOB+lists@" + t.name.text()}));
    const auto renaming = [&](draft& all) { all.rename(t.at("bob"), t.at("robert"), {.keep_alias = true}); };
    REQUIRE(cut_after(t.d, 1, renaming));
    CHECK(t.d.find_mailbox(t.at("bob")));
    CHECK(t.d.find_mailbox(t.at("robert")));

    carried_out(t.d, renaming);

    CHECK_FALSE(t.d.find_mailbox(t.at("bob")));
    CHECK(t.targets("bob") == std::vector<std::string>{t.at("robert").text()});
    CHECK(t.targets("info") == std::vector<std::string>{t.at("robert").text(), "robert+lists@" + t.name.text()});
    CHECK(t.d.get_mailbox(t.at("robert")).source.find("mail")->size() == 1);
}

TEST_CASE("what sends mail to what goes is told, or led nowhere before it") {
    fixture t;
    for (const char* local : {"ann", "bob"}) t.d.add_mailbox(t.plain(local));
    t.d.add_alias(t.to("both", {t.at("ann").text(), t.at("bob").text()}));
    t.d.add_alias(t.to("alone", {t.at("bob").text()}));
    auto ann = t.d.get_mailbox(t.at("ann"));
    ann->forward.active = true;
    ann->forward.targets = {t.at("bob")};
    t.d.update(ann);

    const plan told = planned(t.d, [&](draft& all) { all.remove(all.get<mailbox>(t.at("bob"))); });
    CHECK(told.notices.size() == 3);
    CHECK(told.changes.size() == 1);

    const auto sum = carried_out(t.d, [&](draft& all) { all.remove(all.get<mailbox>(t.at("bob")), true); });
    CHECK(sum.done == 1);
    CHECK(sum.parts == 3);
    CHECK(t.targets("both") == std::vector<std::string>{t.at("ann").text()});
    CHECK_FALSE(t.d.find_alias(t.at("alone"))); // an alias that leads nowhere is none
    CHECK_FALSE(t.d.get_mailbox(t.at("ann")).value.forward.active);
    CHECK_FALSE(t.d.find_mailbox(t.at("bob")));
}

TEST_CASE("what sends mail to an extension, or to the address in quotes, is told of and led nowhere as well, by the delimiter of the site") {
    fixture t;
    for (const char* local : {"ann", "bob"}) t.d.add_mailbox(t.plain(local));
    const std::string at = '@' + t.name.text();
    const auto as_others_do = [&](const std::string& local, const std::string& target) {
        const auto name = t.d.site().layout.alias(t.at(local));
        t.s.write(ldap::modify_request{name, {{ldap::change::add, "maildrop", {target}}}}).success("change", name);
    };
    for (const char* local : {"plus", "minus", "quoted", "both", "other"}) t.d.add_alias(t.to(local, {"x@example.net"}));
    as_others_do("plus", "BOB+x" + at);
    as_others_do("minus", "bob-x" + at);
    as_others_do("quoted", "\"bob\"" + at);
    as_others_do("both", "bob+x" + at);
    as_others_do("both", "bob" + at);
    as_others_do("other", "ann+x" + at);
    const auto told = [&](const std::string& delimiter) {
        directory d(t.s, {.site = {.layout = t.d.site().layout, .recipient_delimiter = delimiter}});
        std::set<std::string> all;
        const plan p = planned(d, [&](draft& one) { one.remove(one.get<mailbox>(t.at("bob"))); });
        for (const auto& n : p.notices) CHECK(all.insert(n.sentence.substr(0, n.sentence.find('@'))).second); // each once
        return all;
    };
    CHECK(told("+") == std::set<std::string>{"plus", "quoted", "both"});
    CHECK(told("+-") == std::set<std::string>{"plus", "minus", "quoted", "both"});
    CHECK(told("") == std::set<std::string>{"quoted", "both"});
    carried_out(t.d, [&](draft& d) { d.remove(d.get<mailbox>(t.at("bob")), true); });
    for (const char* local : {"plus", "quoted", "both"}) CHECK(t.targets(local) == std::vector<std::string>{"x@example.net"});
    CHECK(t.targets("minus").size() == 2);
    CHECK(t.targets("other").size() == 2);
}

TEST_CASE("several that go together take their common references along, each once") {
    fixture t;
    for (const char* local : {"ann", "bob"}) t.d.add_mailbox(t.plain(local));
    t.d.add_alias(t.to("both", {t.at("ann").text(), t.at("bob").text()}));
    const auto sum = carried_out(t.d, [&](draft& all) {
        for (const char* local : {"ann", "bob"}) all.remove(all.get<mailbox>(t.at(local)), true);
    });
    CHECK(sum.done == 2);
    CHECK_FALSE(t.d.find_alias(t.at("both")));
}

TEST_CASE("a domain that was cut at any point while it was made is completed by the same command") {
    fixture t;
    directory d = t.with_roles({"hostmaster", "abuse", "postmaster", "noc"});
    for (std::size_t sent = 1;; ++sent) {
        const auto name = unique_domain();
        domain wanted(name);
        wanted.description = "what it is for";
        const bool was_cut = cut_after(d, sent, [&](draft& all) { all.add(wanted, {}); });
        if (!was_cut) break;
        CHECK_THROWS_AS(make_domain(d, name), already_exists); // another command: these values are somebody's
        carried_out(d, [&](draft& all) { all.add(wanted, {}); });
        CHECK(d.get_domain(name).value.description == "what it is for");
        for (const char* role : {"hostmaster", "abuse", "postmaster", "noc"}) CHECK(d.find_alias(address::make(role, name)));
        CHECK_THROWS_AS(make_domain(d, name), already_exists);
    }
}

TEST_CASE("role addresses take no place of a domain, follow its postmaster, and go with it") {
    fixture t;
    directory d = t.with_roles({"hostmaster", "noc"});
    const auto name = unique_domain();
    const auto at = [&](const char* local) { return address::make(local, name); };
    domain full(name);
    full.max_aliases = 0;
    carried_out(d, [&](draft& all) { all.add(full, {}); });
    CHECK_FALSE(d.find_alias(at("abuse")));

    d.remove(d.get_alias(at("noc")));
    alias own(at("noc"));
    own.targets = {maildrop::parse("team@example.net")};
    d.add_alias(own); // there is room, as it is one of them
    carried_out(d, [&](draft& all) { all.set(all.get<domain>(name), maildrop::parse("boss@example.net")); });
    CHECK(d.get_alias(at("hostmaster")).value.targets.front().text() == "boss@example.net");
    CHECK(d.get_alias(at("noc")).value.targets.front().text() == "team@example.net");

    CHECK_THROWS_AS(carried_out(t.d, [&](draft& all) { all.remove(all.get<domain>(name)); }), error); // to a site without them they are aliases
    carried_out(d, [&](draft& all) { all.remove(all.get<domain>(name)); });
    CHECK_FALSE(d.find_domain(name));
}

TEST_CASE("a domain that lacks postmaster and holds something is none that was half made") {
    fixture t;
    t.d.remove(t.d.get_alias(t.at("postmaster")));
    t.d.add_mailbox(t.plain("bob"));
    CHECK_THROWS_AS(make_domain(t.d, t.name), already_exists);
}

TEST_CASE("a domain whose making is refused half way leaves nothing behind") {
    fixture t;
    const auto name = unique_domain();
    plan p = planned(t.d, [&](draft& all) { all.add(domain(name), {}); });
    std::get<ldap::add_request>(p.changes.front().requests.back()).entry.erase("accountActive"); // refused by the schema
    CHECK(run(t.d, p, {}).failed == 1);
    CHECK_FALSE(t.d.find_domain(name));
}

namespace {

mailing_list list_at(const fixture& t, const std::string& local) {
    mailing_list l(t.at(local));
    l.lists_domain = domain_name::parse("lists.elsewhere.example");
    return l;
}

} // namespace

TEST_CASE("the public address of a mailing list comes last, and goes first") {
    fixture t;
    const plan made = planned(t.d, [&](draft& all) { all.add(list_at(t, "staff")); });
    REQUIRE(made.changes.size() == 1);
    REQUIRE(made.changes.front().requests.size() == 10);
    CHECK(ldap::target(made.changes.front().requests.back()) == t.d.site().layout.alias(t.at("staff")));
    CHECK(run(t.d, made, {}).done == 1);
    for (const bool away : {true, false}) {
        const plan stopped = planned(t.d, [&](draft& all) {
            const auto l = all.get<mailing_list>(t.at("staff"));
            away ? all.remove(l) : all.disable(l, reason::manual, "");
        });
        REQUIRE(stopped.changes.size() == 10);
        for (const planned_change& c : stopped.changes) CHECK((c.stage == 0) == (c.subject == t.at("staff").text()));
        CHECK(stopped.drastic() == 1);
    }
}

TEST_CASE("a mailing list whose making is refused half way leaves nothing behind") {
    fixture t;
    plan p = planned(t.d, [&](draft& all) { all.add(list_at(t, "staff")); });
    std::get<ldap::add_request>(p.changes.front().requests.back()).entry.erase("accountActive"); // refused by the schema
    CHECK(run(t.d, p, {}).failed == 1);
    CHECK_FALSE(t.d.find<mailing_list>(t.at("staff")));
    CHECK_FALSE(t.d.find_alias(t.at("staff-bounces")));
}

TEST_CASE("one plan makes, changes and takes away a mailing list") {
    fixture t;
    draft all(t.d);
    all.add(list_at(t, "staff"));
    CHECK_THROWS_AS(all.add(list_at(t, "staff")), already_exists);
    CHECK_THROWS_AS(all.add(t.to("staff-request", {"x@example.net"})), already_exists);
    auto l = all.get<mailing_list>(t.at("staff"));
    CHECK(l->missing.empty());
    l->description = "all of us";
    all.set(l);
    all.rename_list(t.at("staff"), t.at("team"));
    CHECK_FALSE(all.find<mailing_list>(t.at("staff")));
    CHECK(all.get<mailing_list>(t.at("team")).value.description == "all of us");
    run(t.d, std::move(all).take(), {}).success();
    CHECK(t.d.get<mailing_list>(t.at("team")).value.missing.empty());
    CHECK_FALSE(t.d.find<mailing_list>(t.at("staff")));
    CHECK(t.d.get_alias(t.at("team-owner")).source.first("maildrop") == "team-owner@lists.elsewhere.example");
}

TEST_CASE("a removal of a domain that was cut is finished by the same command, and nobody adds to it meanwhile") {
    fixture t;
    const auto removal = [&](draft& all) { all.remove(all.get<domain>(t.name)); };
    REQUIRE(cut_after(t.d, 2, removal)); // marked, and one of its aliases gone
    CHECK_THROWS_AS(t.d.add_mailbox(t.plain("bob")), not_found);
    SUBCASE("finished") {
        carried_out(t.d, removal);
        CHECK_FALSE(t.d.find_domain(t.name));
    }
    SUBCASE("taken back") {
        carried_out(t.d, [&](draft& all) { all.restore(all.get<domain>(t.name)); });
        CHECK(t.d.find_alias(t.at("postmaster")));
        CHECK(t.d.find_alias(t.at("abuse")));
        t.d.add_mailbox(t.plain("bob"));
    }
}

TEST_CASE("a domain's own change is one thing, what is in it are parts that count against no cap") {
    fixture t;
    for (int i = 0; i < 15; ++i) t.d.add_mailbox(t.plain("u" + std::to_string(i)));
    const plan p = planned(t.d, [&](draft& all) { all.disable(all.get<domain>(t.name), reason::manual, ""); });
    CHECK(p.items() == 1);
    CHECK(p.drastic() == 1);
    const auto sum = run(t.d, p, {.max_changes = 1});
    CHECK(sum.done == 1);
    CHECK(sum.parts == 17); // postmaster and abuse, too
    CHECK(run(t.d, planned(t.d, [&](draft& all) { all.disable(all.get<domain>(t.name), reason::manual, ""); }), {}).anything_changed() == false);
}

namespace {

void disable(directory& d, const domain_name& name) {
    carried_out(d, [&](draft& all) { all.disable(all.get<domain>(name), reason::manual, ""); });
}

mailbox mailbox_at(directory& d, const address& a) { return d.get_mailbox(a).value; }

std::vector<std::string> sentences(const plan& p) {
    std::vector<std::string> all;
    for (const auto& n : p.notices) all.push_back(n.sentence);
    return all;
}

} // namespace

TEST_CASE("what comes back in a domain that is not in service is told") {
    fixture t;
    t.d.add_mailbox(t.plain("bob"));
    t.d.add_alias(t.to("info", {"x@example.net"}));
    const service_change service(t.d);
    const auto enable = [&](draft& all) {
        auto bob = all.get<mailbox>(t.at("bob"));
        auto info = all.get<alias>(t.at("info"));
        service.enable(bob.value);
        service.enable(info.value);
        all.update(bob, "enabled");
        all.update(info, "enabled");
    };
    using list = std::vector<std::string>;
    const std::string of_bob = ": mail to it is refused, and its owner can log in all the same", of_info = ": mail to it is refused";
    const auto told = [&](const std::string& word) {
        const std::string is = " is " + word;
        return list{"the domain of " + t.at("bob").text() + is + of_bob, "the domain of " + t.at("info").text() + is + of_info};
    };
    disable(t.d, t.name);
    CHECK(sentences(planned(t.d, enable)) == told("disabled"));
    carried_out(t.d, enable);
    CHECK(sentences(planned(t.d, enable)).empty()); // it works already
    carried_out(t.d, [&](draft& all) { all.mark_removed(all.get<domain>(t.name)); });
    CHECK(sentences(planned(t.d, enable)) == told("removed"));
    carried_out(t.d, [&](draft& all) { all.restore(all.get<domain>(t.name)); });
    auto bob = t.d.get_mailbox(t.at("bob"));
    service.enable(bob.value);
    service.mark_removed(bob.value);
    t.d.update(bob);
    CHECK(sentences(planned(t.d, [&](draft& all) {
              auto m = all.get<mailbox>(t.at("bob"));
              service.restore(m.value);
              all.update(m, "restored");
          })) == list{told("disabled").front()});
}

TEST_CASE("a mailbox that is moved to another domain stops and comes back with that one") {
    fixture t;
    const auto other = unique_domain();
    make_domain(t.d, other);
    t.d.add_mailbox(t.plain("bob"));
    const auto there = address::make("bob", other);
    SUBCASE("out of a disabled one") {
        disable(t.d, t.name);
        carried_out(t.d, [&](draft& all) { all.rename(t.at("bob"), there); });
        CHECK(mailbox_at(t.d, there).active);
        CHECK(mailbox_at(t.d, there).disabled == disabled_state{});
    }
    SUBCASE("from one disabled one to another") {
        disable(t.d, t.name);
        disable(t.d, other);
        carried_out(t.d, [&](draft& all) { all.rename(t.at("bob"), there); });
        CHECK_FALSE(mailbox_at(t.d, there).active);
        CHECK(mailbox_at(t.d, there).disabled.reason == reason::domain);
    }
    SUBCASE("into a disabled one, also where it was cut in between") {
        disable(t.d, other);
        const auto move = [&](draft& all) { all.rename(t.at("bob"), there); };
        CHECK(sentences(planned(t.d, move)) == std::vector<std::string>{there.text() + " is disabled with its domain, and comes back when " + other.text() + " is enabled"});
        REQUIRE(cut_after(t.d, 1, move));
        carried_out(t.d, move);
        CHECK(mailbox_at(t.d, there).disabled.reason == reason::domain);
        carried_out(t.d, [&](draft& all) { all.enable(all.get<domain>(other)); });
        CHECK(mailbox_at(t.d, there).active);
    }
    SUBCASE("but what a person stopped stays so") {
        auto bob = t.d.get_mailbox(t.at("bob"));
        service_change(t.d).disable(bob.value, reason::manual, "");
        t.d.update(bob);
        carried_out(t.d, [&](draft& all) { all.rename(t.at("bob"), there); });
        CHECK(mailbox_at(t.d, there).disabled.reason == reason::manual);
    }
}

namespace {

/// When each of them begins, by its subject; a part that comes to nothing is none.
std::map<std::string, std::size_t> stages(const plan& p) {
    std::map<std::string, std::size_t> all;
    for (const auto& c : p.changes) all[c.subject] = c.stage;
    return all;
}

} // namespace

TEST_CASE("a domain stops before what is in it, and comes back after its mailboxes, and those before the aliases to them") {
    fixture t;
    t.d.add_mailbox(t.plain("bob"));
    t.d.add_alias(t.to("info", {t.at("bob").text()}));
    const std::string bob = t.at("bob").text(), info = t.at("info").text(), whole = t.name.text();
    const auto stops = [&](const auto& act) {
        auto at = stages(planned(t.d, act));
        CHECK(at.size() == 5); // postmaster and abuse, too
        CHECK(at.at(whole) < at.at(bob));
        CHECK(at.at(whole) < at.at(info));
    };
    const auto comes_back = [&](const auto& act) {
        auto at = stages(planned(t.d, act));
        CHECK(at.size() == 5);
        CHECK(at.at(bob) < at.at(info));
        CHECK(at.at(info) < at.at(whole));
    };
    SUBCASE("disabled") {
        const auto stop = [&](draft& d) { d.disable(d.get<domain>(t.name), reason::manual, ""); };
        stops(stop);
        carried_out(t.d, stop);
        comes_back([&](draft& d) { d.enable(d.get<domain>(t.name)); });
    }
    SUBCASE("removed") {
        const auto stop = [&](draft& d) { d.mark_removed(d.get<domain>(t.name)); };
        stops(stop);
        carried_out(t.d, stop);
        comes_back([&](draft& d) { d.restore(d.get<domain>(t.name)); });
    }
}

TEST_CASE("what is added to a domain between the plan to remove it and the removal stays, and is told; either way goes on from there") {
    fixture t;
    const plan removal = planned(t.d, [&](draft& all) { all.remove(all.get<domain>(t.name)); });
    const plan addition = planned(t.d, [&](draft& all) { all.add(t.plain("bob")); });
    run_summary removed, added;
    SUBCASE("added before it is marked") {
        added = run(t.d, addition, {});
        removed = run(t.d, removal, {});
    }
    SUBCASE("added while it is marked") {
        bool once = false;
        removed = run(t.d, removal, {.on_write = [&](const ldap::write_request& r) {
            if (std::holds_alternative<ldap::delete_request>(r) && !std::exchange(once, true)) added = run(t.d, addition, {});
        }});
    }
    CHECK(added.done == 1);
    CHECK(removed.failed == 1);
    REQUIRE(removed.first_fault);
    CHECK(std::string(removed.first_fault->what()).find(t.name.text()) != std::string::npos);
    CHECK(t.d.get_domain(t.name).value.removed); // nobody else adds to it
    CHECK_THROWS_AS(t.d.add_mailbox(t.plain("eve")), not_found);
    CHECK(kind_of_failure([&] { planned(t.d, [&](draft& all) { all.remove(all.get<domain>(t.name)); }); }) == error_kind::invalid_value);
    carried_out(t.d, [&](draft& all) { all.restore(all.get<domain>(t.name)); });
    CHECK(t.d.find_mailbox(t.at("bob")));
    CHECK(t.d.find_alias(t.at("postmaster")));
}
