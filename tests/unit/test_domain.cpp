#include <string>

#include <doctest/doctest.h>

#include <vmail/domain.hpp>

#include "refusal.hpp"
#include "tree.hpp"

using tree::attributes;
using tree::lines_of;
using vmail::domain;
using vmail::domain_name;
using vmail::ldap::dn;
using vmail::ldap::entry;

namespace {

const vmail::site site = tree::site();
const vmail::timestamp then = vmail::timestamp::parse_digits("20260102030405");

entry stored(const attributes& more = {}) {
    attributes all = {{"objectClass", {"top", "VirtualDomain"}}, {"vd", {"example.org"}}, {"accountActive", {"TRUE"}},
                      {"lastChange", {"1767323045"}},            {"delete", {"FALSE"}}};
    all.insert(all.end(), more.begin(), more.end());
    return tree::entry("vd=example.org", all);
}

} // namespace

TEST_CASE("a new domain is what Phamm makes") {
    domain d(domain_name::parse("Example.org"));
    d.description = "Università di Trieste";
    d.max_mailboxes = 0;
    d.max_quota_mib = 1024;
    d.created = d.changed = then;
    entry e;
    d.to_entry(e, site);
    CHECK(e.dn() == dn::parse("vd=example.org,o=hosting,dc=example,dc=tld"));
    CHECK(tree::lines(e) == lines_of{"objectClass: top", "objectClass: VirtualDomain", "vd: example.org", "description: Università di Trieste", "maxMail: 0",
                                     "maxQuota: 1024", "delete: FALSE", "accountActive: TRUE", "creationDate: 20260102030405", "lastChange: 1767323045"});
}

TEST_CASE("a new domain without dates gets the present ones, which the schema demands") {
    entry e;
    domain(domain_name::parse("example.org")).to_entry(e, site);
    CHECK(e.has("lastChange"));
    CHECK(vmail::timestamp::parse_digits(e.first("creationDate").value()) <= vmail::timestamp::now());
}

TEST_CASE("a domain is read") {
    const domain d = domain::from_entry(stored({{"maxMail", {"10"}}, {"maxAlias", {"20"}}, {"maxQuota", {"18446744073709551615"}}, {"postfixTransport", {"maildrop:"}},
                                                {"creationDate", {"20260102030405"}}}),
                                        site);
    CHECK(d.name.text() == "example.org");
    CHECK(d.active);
    CHECK_FALSE(d.removed);
    CHECK(d.max_mailboxes == 10);
    CHECK(d.max_aliases == 20);
    CHECK(d.max_quota_mib == 18446744073709551615U);
    CHECK(d.transport == "maildrop:");
    CHECK(d.created == then);
    CHECK(d.changed == then);
    CHECK(d.problems.empty());
}

TEST_CASE("limits of old trees that mean none are none, and stay; what is no number is a problem") {
    struct row {
        std::string value, sentence;
    };
    const row rows[] = {
        {"", ""},
        {"-1", ""},
        {"-", "\"-\" is not a number"},
        {"ten", "\"ten\" is not a number"},
        {"1 ", "\"1 \" is not a number"},
        {"+1", "\"+1\" is not a number"},
        {"0x10", "\"0x10\" is not a number"},
        {"18446744073709551616", "\"18446744073709551616\" is not a number"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.value);
        const entry e = stored({{"maxMail", {r.value}}});
        domain d = domain::from_entry(e, site);
        CHECK_FALSE(d.max_mailboxes.has_value());
        CHECK(d.has_problem("MAXMAIL") == !r.sentence.empty());
        if (!d.problems.empty()) CHECK(d.problems.front().sentence == r.sentence);
        CHECK(tree::changes(e, d, site) == lines_of{});
        d.max_mailboxes = 5;
        CHECK(tree::changes(e, d, site) == lines_of{"replace maxMail: 5"});
    }
}

TEST_CASE("what is missing or wrong in a domain is as off for us as for the daemons") {
    const entry e = tree::entry("vd=example.org", {{"objectClass", {"VirtualDomain"}}, {"vd", {"example.org"}}, {"delete", {"maybe"}}});
    domain d = domain::from_entry(e, site);
    CHECK_FALSE(d.active);
    CHECK_FALSE(d.removed);
    CHECK(d.has_problem("accountActive"));
    CHECK(d.has_problem("delete"));
    CHECK(tree::changes(e, d, site) == lines_of{});
    d.active = true;
    CHECK(tree::changes(e, d, site) == lines_of{"add accountActive: TRUE"});
    d.forget_problem("delete");
    CHECK(tree::changes(e, d, site) == lines_of{"replace delete: FALSE", "add accountActive: TRUE"});
}

TEST_CASE("a limit is taken away, the rest survives") {
    const entry e = stored({{"maxMail", {"10"}}, {"adminID", {"matrix"}}});
    domain d = domain::from_entry(e, site);
    d.max_mailboxes.reset();
    CHECK(tree::changes(e, d, site) == lines_of{"remove maxMail"});
}

TEST_CASE("an entry becomes that of no other domain") {
    const entry e = stored();
    domain d = domain::from_entry(e, site);
    d.name = domain_name::parse("example.net");
    entry after = e;
    CHECK(is_sentence(refusal([&] { d.to_entry(after, site); })));
    CHECK(tree::changes(e, after) == lines_of{});
}

TEST_CASE("what is no domain is refused") {
    CHECK(is_sentence(refusal([] { domain::from_entry(tree::entry("vd=example.org", {{"objectClass", {"VirtualBackupDomain"}}, {"vd", {"example.org"}}}), site); })));
    CHECK(is_sentence(refusal([] { domain::from_entry(tree::entry("vd=localhost", {{"objectClass", {"VirtualDomain"}}}), site); })));
    CHECK(is_sentence(refusal([] { domain::from_entry(tree::entry("cn=x", {{"objectClass", {"VirtualDomain"}}}), site); })));
}

TEST_CASE("a transport outside ASCII is refused by name, and the entry stays as it was") {
    const entry e = stored();
    domain d = domain::from_entry(e, site);
    d.description = "x";
    d.transport = "caffè:";
    entry after = e;
    const std::string sentence = refusal([&] { d.to_entry(after, site); });
    CHECK(sentence.starts_with("postfixTransport: "));
    CHECK(is_sentence(sentence));
    CHECK(tree::changes(e, after) == lines_of{});
}
