#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/unix_account.hpp>

#include "tree.hpp"

using vmail::address;
using vmail::is_unix_name;
using vmail::mailbox;
using vmail::number_range;
using vmail::unix_account;
using vmail::unix_number::parse;
using vmail::unix_number::parse_range;

namespace {

const unix_account bob{.uid_number = 10000, .gid_number = 100, .home = "/home/bob", .shell = "/bin/sh", .gecos = "Bob, Room 3"};

unix_account with(std::string unix_account::*member, const std::string& value) {
    unix_account a = bob;
    a.*member = value;
    return a;
}

} // namespace

TEST_CASE("a number is decimal, fits, and has no meaning of its own") {
    CHECK(parse("1") == 1);
    CHECK(parse("10000") == 10000);
    CHECK(parse("65533") == 65533);
    CHECK(parse("65536") == 65536);
    CHECK(parse("4294967293") == 4294967293U);
    for (const char* const text : {"", "0", "00", "-1", "+1", " 1", "1 ", "0x10", "1e3", "65534", "65535", "4294967294", "4294967295", "4294967296", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse(text), vmail::invalid_value);
    }
}

TEST_CASE("a range holds its ends") {
    const number_range r = parse_range("10000-59999");
    CHECK(r == number_range{10000, 59999});
    CHECK(r.holds(10000));
    CHECK(r.holds(59999));
    CHECK_FALSE(r.holds(9999));
    CHECK_FALSE(r.holds(60000));
    CHECK(parse_range("5-5").holds(5));
    for (const char* const text : {"", "-", "1", "1-", "-1", "0-9", "9-1", "1-2-3", "1 - 2", "a-b", "1-65535", "65534-70000"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_range(text), vmail::invalid_value);
    }
}

TEST_CASE("a line of passwd(5) holds an account") {
    bob.check();
    with(&unix_account::shell, "").check();
    with(&unix_account::gecos, "").check();
    with(&unix_account::home, "/").check();
    with(&unix_account::home, "/home/..bob").check();
    for (const char* const text : {"", "home/bob", "/home/../root", "/..", "/home/bob/..", "/home:/bob", "/home/bob\n", "/home/\xC3\xA9", "/home/\x7F"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(with(&unix_account::home, text).check(), vmail::invalid_value);
    }
    for (const char* const text : {"sh", "/bin/../sh", "/bin/s:h", "/bin/sh\r"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(with(&unix_account::shell, text).check(), vmail::invalid_value);
    }
    for (const char* const text : {"a:b", "a\nb", "M\xC3\xBCller", "a\tb"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(with(&unix_account::gecos, text).check(), vmail::invalid_value);
    }
    CHECK_THROWS_AS(with(&unix_account::gecos, std::string("a\0b", 3)).check(), vmail::invalid_value);
}

TEST_CASE("an account is put on a mailbox as it is, and taken from it again") {
    mailbox m(address::parse("bob@example.org"));
    m.facets["uid"] = {"bob.example.org"};
    CHECK_FALSE(unix_account::of(m));
    bob.put_on(m);
    CHECK(unix_account::of(m) == bob);
    unix_account::take_from(m);
    CHECK_FALSE(unix_account::is_on(m));
    CHECK(m.facets == vmail::facet_values{{"uid", {"bob.example.org"}}});
    bob.put_on(m);
    m.facets["uidNumber"] = {"-1"};
    CHECK_THROWS_AS(unix_account::of(m), vmail::invalid_value);
}

TEST_CASE("names are what nslcd takes") {
    for (const char* const text : {"bob", "bob.example.org", "b", "Bob-2.example.org", "b@example.org", "b ob", "b\\ob", "bob~", "bob-", "(bob)", "$", "_"}) {
        CAPTURE(text);
        CHECK(is_unix_name(text));
    }
    for (const char* const text : {"", "-bob", "~bob", " bob", "bob ", "bob\\", "o'hara", "bob+x", "b=b", "b:b", "b/b", "b\xC3\xA9", "b\nb"}) {
        CAPTURE(text);
        CHECK_FALSE(is_unix_name(text));
    }
}

TEST_CASE("a home is filled in") {
    CHECK(vmail::unix_home({}, address::parse("bob@example.org")) == "/home/example.org/bob");
    CHECK(vmail::unix_home({.home = "/home/{user}"}, address::parse("bob@example.org")) == "/home/bob");
    CHECK_THROWS_AS(vmail::unix_home({.home = "/home/{login}"}, address::parse("bob@example.org")), vmail::invalid_value);
    CHECK_THROWS_AS(vmail::unix_home({}, address::parse("a/b@example.org")), vmail::invalid_value);
}
