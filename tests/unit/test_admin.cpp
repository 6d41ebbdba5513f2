#include <doctest/doctest.h>

#include <vmail/admin.hpp>
#include <vmail/error.hpp>
#include <vmail/schema.hpp>

#include "tree.hpp"

using namespace vmail;
using namespace vmail::schema;

TEST_CASE("an administrator is called by a name, or as the postmaster of a domain") {
    CHECK(admin_name::parse("matrix").text() == "matrix");
    CHECK_FALSE(admin_name::parse("matrix").postmaster_of());
    CHECK(admin_name::parse("Mario Rossi") == admin_name::parse("mario rossi"));
    CHECK(admin_name::parse("PostMaster@A.org").text() == "postmaster@a.org");
    CHECK(admin_name::parse("postmaster@a.org").postmaster_of()->text() == "a.org");
    CHECK_FALSE(admin_name::parse("bob@a.org").postmaster_of()); // others name them by their address
    for (const std::string name : {"", " a", "a ", "a\nb", "postmaster@", "postmaster@a b", "\xff"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(admin_name::parse(name), invalid_value);
    }
    CHECK_NOTHROW(admin_name::parse(std::string(64, 'x')));
    CHECK_THROWS_AS(admin_name::parse(std::string(65, 'x')), invalid_value);
}

TEST_CASE("what others wrote into the entry of an administrator is told, and stays until it is set anew") {
    const site s{.layout = layout(ldap::dn::parse("dc=example,dc=org"))};
    ldap::entry e(ldap::dn::parse("cn=matrix,ou=admin,dc=example,dc=org"));
    e.set(attr::object_class, std::string(cls::admin));
    e.set(attr::account_active, std::string("TRUE"));
    e.set(attr::max_domain, std::string("-1"));
    e.set(attr::vd, {"A.org", "not a domain", "b.org"});
    admin a = admin::from_entry(e, s);
    CHECK(a.active);
    CHECK_FALSE(a.max_domains);
    CHECK_FALSE(a.edit_accounts); // absent is FALSE, to the access rules as well
    CHECK(a.has_problem(attr::vd));
    CHECK(a.domains.size() == 2);
    a.edit_accounts = true;
    a.to_entry(e, s);
    CHECK(e.first(attr::edit_accounts) == "TRUE");
    CHECK(e.find(attr::vd)->size() == 3);
    CHECK(e.first(attr::max_domain) == "-1");
}
