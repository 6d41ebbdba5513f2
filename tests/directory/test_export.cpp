#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/jobs/export_tree.hpp>
#include <vmail/ldap/pipeline.hpp>
#include <vmail/ldap/session.hpp>

#include "entries.hpp"
#include "support/test_directory.hpp"

using namespace vmail;
using entries::kind_of_failure;

namespace {

struct fixture {
    ldap::session s{test_directory::shared().as_owner()};
    vmail::layout where = entries::layout_of(test_directory::shared().base());
    domain_name name = unique_domain();

    void add(const ldap::entry& e) { s.add(e).success("add", e.dn()); }

    std::vector<ldap::entry> run(const export_options& options) {
        std::vector<ldap::entry> all;
        told = export_tree(s, where, options, [&](const ldap::entry_view& e) { all.push_back(e.to_entry()); });
        CHECK(told.entries == all.size());
        return all;
    }

    export_summary told;
};

bool parents_come_first(const std::vector<ldap::entry>& all) {
    std::set<std::string> seen{all.at(0).dn().parent().key()};
    for (const auto& e : all) {
        if (!seen.contains(e.dn().parent().key())) return false;
        seen.insert(e.dn().key());
    }
    return true;
}

} // namespace

TEST_CASE("a domain is exported whole, however many pages it takes, without what is the server's") {
    fixture t;
    t.add(entries::domain(t.where, t.name));
    ldap::pipeline all(t.s);
    for (int i = 0; i < 1200; ++i) all.submit(ldap::add_request{entries::mailbox(t.where, "user" + std::to_string(i), t.name)}, {});
    all.drain();

    const auto got = t.run({.domain = t.name});

    CHECK(got.size() == 1201);
    CHECK(parents_come_first(got));
    for (const auto& e : got)
        for (const char* name : {"hasSubordinates", "entryUUID", "entryCSN"}) REQUIRE_FALSE(e.has(name));
}

TEST_CASE("parents come first where a younger one has taken over an older child") {
    fixture t;
    const auto old_home = entries::domain(t.where, t.name);
    const auto new_home = entries::domain(t.where, unique_domain());
    t.add(old_home);
    t.add(entries::mailbox(t.where, "rossi", t.name));
    t.add(new_home);
    const auto rossi = entries::mailbox(t.where, "rossi", t.name).dn();
    t.s.rename({rossi, new_home.dn().child("mail", "rossi@" + t.name.text())}).success("rename", rossi);

    const auto got = t.run({});

    CHECK(got.front().dn() == t.where.container());
    CHECK(parents_come_first(got));
}

TEST_CASE("password hashes are left out unless they are asked for, clear ones always") {
    fixture t;
    t.add(entries::domain(t.where, t.name));
    auto rossi = entries::mailbox(t.where, "rossi", t.name);
    rossi.set("userPassword", "{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    t.add(rossi);
    t.add(entries::mailbox(t.where, "verdi", t.name));
    CHECK_FALSE(t.run({.domain = t.name}).at(1).has("userPassword"));
    CHECK(t.told.mailboxes == 2);
    CHECK(t.told.without_password == 2);
    CHECK(t.run({.domain = t.name, .passwords = true}).at(1).has("userPassword"));
    CHECK(t.told.mailboxes == 2);
    CHECK(t.told.without_password == 1);
}

TEST_CASE("a domain that is not there is not an empty export") {
    fixture t;
    CHECK(kind_of_failure([&] { t.run({.domain = t.name}); }) == error_kind::not_found);
}
