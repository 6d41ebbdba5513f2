#include <string>

#include <doctest/doctest.h>

#include <vmail/layout.hpp>

#include "refusal.hpp"

using vmail::address;
using vmail::alias_address;
using vmail::domain_name;
using vmail::layout;
using vmail::ldap::dn;

TEST_CASE("a base named o=hosting is the container itself, any other is above it") {
    struct row {
        std::string given, base, container;
    };
    const row rows[] = {
        {"dc=example,dc=tld", "dc=example,dc=tld", "o=hosting,dc=example,dc=tld"},
        {"o=hosting,dc=example,dc=tld", "dc=example,dc=tld", "o=hosting,dc=example,dc=tld"},
        {"O=Hosting, dc=example, dc=tld", "dc=example,dc=tld", "O=Hosting,dc=example,dc=tld"},
        {"o=hosting", "", "o=hosting"},
        {"", "", "o=hosting"},
        {"o=mail,dc=tld", "o=mail,dc=tld", "o=hosting,o=mail,dc=tld"},
        {"ou=hosting,dc=tld", "ou=hosting,dc=tld", "o=hosting,ou=hosting,dc=tld"},
        {"o=hosting+l=Trieste,dc=tld", "o=hosting+l=Trieste,dc=tld", "o=hosting,o=hosting+l=Trieste,dc=tld"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.given);
        const layout l(dn::parse(r.given));
        CHECK(l.base() == dn::parse(r.base));
        CHECK(l.container() == dn::parse(r.container));
    }
}

TEST_CASE("one address is one entry below its domain") {
    const layout l(dn::parse("dc=tld"));
    const std::string below = ",vd=example.org,o=hosting,dc=tld";
    CHECK(l.domain(domain_name::parse("Example.ORG")) == dn::parse("vd=example.org,o=hosting,dc=tld"));
    CHECK(l.mailbox(address::parse("Bob@example.org")) == dn::parse("mail=Bob@example.org" + below));
    CHECK(l.alias(address::parse("bob@example.org")) == l.mailbox(address::parse("bob@example.org")));
    CHECK(l.alias(alias_address::parse("@example.org")) == dn::parse("mail=@example.org" + below));
}

TEST_CASE("postmaster has a name of its own, as alias and as mailbox") {
    const layout l(dn::parse("dc=tld"));
    const dn expected = dn::parse("cn=postmaster,vd=example.org,o=hosting,dc=tld");
    for (const std::string local : {"postmaster", "Postmaster", "POSTMASTER", "\"postmaster\""}) {
        CAPTURE(local);
        CHECK(l.mailbox(address::parse(local + "@example.org")) == expected);
        CHECK(l.alias(address::parse(local + "@example.org")) == expected);
    }
    CHECK(l.alias(address::parse("postmaster2@example.org")) != expected);
}

TEST_CASE("what has a meaning in a name is bare in the DN and escaped in its text") {
    const layout l(dn::parse("dc=tld"));
    const address odd = address::parse("\"a,b=c+d <e>\"@example.org");
    const dn name = l.mailbox(odd);
    CHECK(name.depth() == 4);
    CHECK(name.rdns().front().front().value == odd.text());
    CHECK(dn::parse(name.text()) == name);
}

TEST_CASE("a Maildir is DOMAIN/USER/ in lower case") {
    CHECK(vmail::maildir_path(address::parse("John.Doe@Example.org")) == "example.org/john.doe/");
    CHECK(vmail::maildir_path(address::parse("a+b@example.org")) == "example.org/a+b/");
    CHECK(vmail::maildir_path(address::parse("a-b@example.org")) == "example.org/a-b/");
}

TEST_CASE("a local part that cannot be a folder's name is refused with the reason") {
    struct row {
        std::string text, reason;
    };
    const row rows[] = {
        {"a/b@example.org", "it holds a slash"},
        {"/@example.org", "it holds a slash"},
        {"-rf@example.org", "it begins with a hyphen"},
        {"\"..\"@example.org", "it is quoted"},
        {"\"../../etc\"@example.org", "it is quoted"},
        {"\"a b\"@example.org", "it is quoted"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        const std::string sentence = refusal([&] { vmail::maildir_path(address::parse(r.text)); });
        CHECK(sentence.find(r.reason) != std::string::npos);
        CHECK(is_sentence(sentence));
    }
}
