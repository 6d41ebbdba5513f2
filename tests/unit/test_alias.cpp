#include <string>

#include <doctest/doctest.h>

#include <vmail/alias.hpp>

#include "refusal.hpp"
#include "tree.hpp"

using tree::attributes;
using tree::lines_of;
using vmail::address;
using vmail::alias;
using vmail::alias_address;
using vmail::maildrop;
using vmail::ldap::dn;
using vmail::ldap::entry;

namespace {

const vmail::site site = tree::site();
const vmail::timestamp then = vmail::timestamp::parse_digits("20260102030405");

alias make(const std::string& name, const std::vector<std::string>& targets) {
    alias a(alias_address::parse(name));
    for (const auto& text : targets) a.targets.push_back(maildrop::from_attribute(text));
    a.created = a.changed = then;
    return a;
}

entry stored(const std::string& rdn, const attributes& list) {
    attributes all = {{"objectClass", {"top", "inetOrgPerson", "VirtualMailAlias"}}, {"accountActive", {"TRUE"}}, {"lastChange", {"1"}}};
    all.insert(all.end(), list.begin(), list.end());
    return tree::entry(rdn + ",vd=example.org", all);
}

} // namespace

TEST_CASE("a new alias is what Phamm makes, each target once") {
    entry e;
    make("sales@example.org", {"bob@example.org", "x@example.net", "BOB@example.org"}).to_entry(e, site);
    CHECK(e.dn() == dn::parse("mail=sales@example.org,vd=example.org,o=hosting,dc=example,dc=tld"));
    CHECK(tree::lines(e) == lines_of{"objectClass: top", "objectClass: person", "objectClass: organizationalPerson", "objectClass: inetOrgPerson",
                                     "objectClass: VirtualMailAlias", "mail: sales@example.org", "cn: sales", "sn: sales", "maildrop: bob@example.org",
                                     "maildrop: x@example.net", "accountActive: TRUE", "creationDate: 20260102030405", "lastChange: 1767323045"});
}

TEST_CASE("a new catch-all is named @DOMAIN") {
    entry e;
    make("@example.org", {"bob@example.org"}).to_entry(e, site);
    CHECK(e.dn() == dn::parse("mail=@example.org,vd=example.org,o=hosting,dc=example,dc=tld"));
    CHECK(e.first("mail") == "@example.org");
    CHECK(e.first("cn") == "catch-all");
    CHECK(e.first("sn") == "catch-all");
}

TEST_CASE("a new postmaster administers the domain, under a name of its own, and no other alias does") {
    alias a = make("Postmaster@example.org", {"bob@example.org"});
    a.full_name = "Mario Rossi";
    entry e;
    a.to_entry(e, site);
    CHECK(e.dn() == dn::parse("cn=postmaster,vd=example.org,o=hosting,dc=example,dc=tld"));
    CHECK(e.has_value("cn", "postmaster"));
    CHECK(e.has_value("cn", "Mario Rossi"));
    CHECK(e.first("mail") == "Postmaster@example.org");
    CHECK(e.first("editAccounts") == "TRUE");
    CHECK(alias::from_entry(e, site).full_name == "Mario Rossi");

    entry other;
    make("abuse@example.org", {"bob@example.org"}).to_entry(other, site);
    CHECK_FALSE(other.has("editAccounts"));
}

TEST_CASE("postmaster is known by its place in the tree") {
    const entry e = stored("cn=postmaster", {{"cn", {"postmaster"}}, {"sn", {"postmaster"}}, {"mail", {"postmaster@example.org"}}, {"maildrop", {"root@example.org"}}});
    const alias a = alias::from_entry(e, site);
    CHECK(a.address == alias_address::parse("postmaster@example.org"));
    CHECK(a.full_name == "postmaster");
    CHECK(a.problems.empty());

    const entry other = stored("cn=postmaster", {{"cn", {"postmaster"}}, {"mail", {"abuse@example.org"}}, {"maildrop", {"root@example.org"}}});
    CHECK(alias::from_entry(other, site).address == a.address);
    CHECK(alias::from_entry(other, site).has_problem("mail"));
}

TEST_CASE("nothing changed is no difference, whatever an alias holds") {
    const entry rows[] = {
        stored("mail=@example.org", {{"mail", {"@example.org"}}, {"maildrop", {"bob"}}}),
        stored("mail=a@example.org", {{"mail", {"a@example.org"}}}),
        stored("mail=a@example.org", {{"mail", {"a@example.org"}}, {"maildrop", {"bob", "Bob", "bob@EXAMPLE.org"}}}),
        stored("mail=a@example.org", {{"mail", {"a@example.org", "b@example.org"}}, {"maildrop", {"|/bin/x", "/var/mail/x", " x"}}}),
        stored("MAIL=A@Example.org.", {{"MAIL", {"A@Example.org."}}, {"MailDrop", {"x@y.z"}}, {"userpassword", {"clear"}}}),
        stored("cn=postmaster", {{"cn", {"postmaster", "PM"}}, {"mail", {"abuse@example.org"}}, {"maildrop", {"x"}}, {"editAccounts", {"FALSE"}}}),
        stored("cn=other", {{"cn", {"other"}}, {"mail", {"c@example.org"}}, {"maildrop", {"x"}}, {"expireDate", {"0"}}, {"mailsource", {"x"}}}),
        stored("uid=u", {{"uid", {"u"}}, {"mail", {"c@example.org"}}, {"objectClass", {"virtualmailalias", "vmailState", "x-other"}}}),
    };
    for (const entry& e : rows) {
        CAPTURE(e.dn().text());
        CHECK(tree::changes(e, alias::from_entry(e, site), site) == lines_of{});
    }
}

TEST_CASE("targets are changed one by one: others keep their spelling, and what is no target stays until it is forgotten") {
    const entry e = stored("mail=a@example.org", {{"mail", {"a@example.org"}}, {"maildrop", {"Bob@Example.org", " blank", "x@example.net"}}});
    alias a = alias::from_entry(e, site);
    CHECK(a.has_problem("maildrop"));
    REQUIRE(a.targets.size() == 2);

    a.targets = {maildrop::parse("bob@example.org"), maildrop::parse("new@example.net")};
    CHECK(tree::changes(e, a, site) == lines_of{"remove maildrop: x@example.net", "add maildrop: new@example.net"});

    a.forget_problem("maildrop");
    CHECK(tree::changes(e, a, site) == lines_of{"remove maildrop: Bob@Example.org  blank x@example.net", "add maildrop: bob@example.org new@example.net"});
}

TEST_CASE("targets equal but for case are one") {
    const entry e = stored("mail=a@example.org", {{"mail", {"a@example.org"}}, {"maildrop", {"Bob", "x@example.net", "bob"}}});
    const alias a = alias::from_entry(e, site);
    REQUIRE(a.targets.size() == 2);
    CHECK(a.targets.front().text() == "Bob");
    CHECK(a.problems.empty());
}

TEST_CASE("a different order of the targets is no difference") {
    const entry e = stored("mail=a@example.org", {{"mail", {"a@example.org"}}, {"maildrop", {"x@example.net", "y@example.net"}}});
    alias a = alias::from_entry(e, site);
    std::swap(a.targets[0], a.targets[1]);
    CHECK(tree::changes(e, a, site) == lines_of{});
}

TEST_CASE("an alias needs a target, and cannot be marked as removed") {
    entry e;
    CHECK(refusal([&] { make("a@example.org", {}).to_entry(e, site); }) == "maildrop: the alias a@example.org has no target");
    CHECK(e.attributes().empty());

    e = stored("mail=a@example.org", {{"mail", {"a@example.org"}}, {"maildrop", {"x@example.net"}}});
    alias a = alias::from_entry(e, site);
    a.targets.clear();
    CHECK(is_sentence(refusal([&] { a.to_entry(e, site); })));
    a = alias::from_entry(e, site);
    a.removed = true;
    CHECK(is_sentence(refusal([&] { a.to_entry(e, site); })));
}

TEST_CASE("an alias becomes that of no other address") {
    const entry e = stored("mail=a@example.org", {{"mail", {"a@example.org"}}, {"cn", {"a"}}, {"sn", {"a"}}, {"maildrop", {"x@example.net"}}});
    alias a = alias::from_entry(e, site);
    a.address = alias_address::parse("b@example.net");
    entry after = e;
    CHECK(is_sentence(refusal([&] { a.to_entry(after, site); })));
    CHECK(tree::changes(e, after) == lines_of{});
}

TEST_CASE("a disabled alias can say why") {
    const entry e = stored("mail=a@example.org", {{"mail", {"a@example.org"}}, {"maildrop", {"x@example.net"}}});
    alias a = alias::from_entry(e, site);
    a.active = false;
    a.disabled = {.reason = std::string(vmail::reason::manual), .by = "cn=admin", .at = then, .comment = "perché sì"};
    CHECK(tree::changes(e, a, site) == lines_of{"add objectClass: vmailState", "replace accountActive: FALSE", "add vmailDisabledReason: manual",
                                                "add vmailDisabledBy: cn=admin", "add vmailDisabledAt: 20260102030405Z", "add vmailDisabledComment: perché sì"});
}

TEST_CASE("whom to ask about a mailing list brings its class, which goes with the last of them") {
    alias a = make("staff@example.org", {"staff@lists.example.org"});
    entry e;
    a.to_entry(e, site);
    CHECK_FALSE(e.has_class("vmailMailingList"));
    const entry before = e;
    a.list_owners = {maildrop::from_attribute("bob@example.org")};
    a.to_entry(e, site);
    CHECK(tree::changes(before, e) == lines_of{"add objectClass: vmailMailingList", "add vmailListOwner: bob@example.org"});
    alias read = alias::from_entry(e, site);
    CHECK(read.list_owners == a.list_owners);
    read.list_owners.clear();
    read.to_entry(e, site);
    CHECK(tree::changes(before, e).empty());
}

TEST_CASE("the class of a list that has no owners stays when something else changes") {
    const entry before = stored("mail=staff@example.org", {{"objectClass", {"top", "VirtualMailAlias", "vmailMailingList"}}, {"mail", {"staff@example.org"}}, {"maildrop", {"staff@lists.example.org"}}});
    alias a = alias::from_entry(before, site);
    a.description = "all of us";
    CHECK(tree::changes(before, a, site) == lines_of{"add description: all of us"});
}
