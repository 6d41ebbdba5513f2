#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/mailbox.hpp>

#include "refusal.hpp"
#include "tree.hpp"

using tree::lines_of;
using vmail::address;
using vmail::facet;
using vmail::mailbox;
using vmail::value_syntax;
using vmail::ldap::entry;

namespace {

/// A class of somebody's own with all that a row can say.
facet badge(bool for_new = false) {
    return {.name = "badge",
            .classes = {"institutePerson"},
            .rows = {{.attribute = "badgeNumber", .syntax = value_syntax::integer, .initial = "0"},
                     {.attribute = "badgeHost", .syntax = value_syntax::ascii, .initial = "{user}.{domain}"},
                     {.attribute = "badgeRoom", .several = true},
                     {.attribute = "badgeValid", .syntax = value_syntax::flag},
                     {.attribute = "badgeUntil", .syntax = value_syntax::time}},
            .for_new = for_new};
}

vmail::site site_with(std::vector<facet> facets) {
    vmail::site s = tree::site();
    s.facets = std::move(facets);
    return s;
}

const vmail::site posix = site_with({vmail::facets::posix_account()});

entry stored(const tree::attributes& others = {}) {
    entry e;
    mailbox(address::parse("bob@example.org")).to_entry(e, tree::site());
    for (const auto& a : others) e.set(a.name, a.values);
    return e;
}

entry unix_user() {
    entry e =
        stored({{"uid", {"bob"}}, {"uidNumber", {"1001"}}, {"gidNumber", {"100"}}, {"homeDirectory", {"/home/bob"}}, {"loginShell", {"/bin/false"}}});
    e.add_class("posixAccount");
    return e;
}

} // namespace

TEST_CASE("a facet is read and written back, and nothing is no change") {
    const entry e = unix_user();
    mailbox m = mailbox::from_entry(e, posix);
    CHECK(m.problems.empty());
    CHECK(m.facets ==
          vmail::facet_values{
              {"uid", {"bob"}}, {"uidNumber", {"1001"}}, {"gidNumber", {"100"}}, {"homeDirectory", {"/home/bob"}}, {"loginShell", {"/bin/false"}}});
    CHECK(tree::changes(e, m, posix) == lines_of{});
    m.facets["loginShell"] = {"/bin/sh"};
    m.facets["gecos"] = {"Bob"};
    CHECK(tree::changes(e, m, posix) == lines_of{"replace loginShell: /bin/sh", "add gecos: Bob"});
}

TEST_CASE("the class comes with the first value of a facet and goes with the last") {
    const entry plain = stored();
    mailbox m = mailbox::from_entry(plain, posix);
    m.facets["uidNumber"] = {"1001"};
    m.facets["gidNumber"] = {"100"};
    entry e = plain;
    m.to_entry(e, posix);
    CHECK(tree::changes(plain, e) ==
          lines_of{"add objectClass: posixAccount", "add uidNumber: 1001", "add gidNumber: 100", "add homeDirectory: /home/example.org/bob"});

    m = mailbox::from_entry(e, posix);
    vmail::erase(m.facets, posix.facets.front());
    CHECK(tree::changes(e, m, posix) == lines_of{"remove uidNumber", "remove gidNumber", "remove homeDirectory", "remove objectClass: posixAccount"});
}

TEST_CASE("an attribute that other classes have, too, neither brings the class nor goes") {
    const entry e = stored();
    mailbox m = mailbox::from_entry(e, posix);
    m.facets["uid"] = {"bsmith"};
    CHECK(tree::changes(e, m, posix) == lines_of{"replace uid: bsmith"});
    m.facets.erase("uid");
    CHECK(tree::changes(e, m, posix) == lines_of{});
}

TEST_CASE("a new mailbox gets a facet with its first value, or always where the site says so") {
    mailbox m(address::parse("Bob@example.org"));
    entry without, given, always;
    m.to_entry(without, site_with({badge()}));
    CHECK_FALSE(without.has_class("institutePerson"));
    CHECK_FALSE(without.has("badgeHost"));
    m.to_entry(always, site_with({badge(true)}));
    CHECK(always.has_class("institutePerson"));
    CHECK(always.first("badgeNumber") == "0");
    CHECK(always.first("badgeHost") == "Bob.example.org");
    m.facets["badgeRoom"] = {"12", "13"};
    m.facets["badgeNumber"] = {"7"};
    m.to_entry(given, site_with({badge()}));
    CHECK(given.has_class("institutePerson"));
    CHECK(given.first("badgeNumber") == "7");
    CHECK(given.first("badgeHost") == "Bob.example.org");
    CHECK(mailbox::from_entry(given, site_with({badge()})).facets ==
          vmail::facet_values{{"badgeHost", {"Bob.example.org"}}, {"badgeNumber", {"7"}}, {"badgeRoom", {"12", "13"}}});
}

TEST_CASE("a facet that the site does not have, and attributes of nobody, survive") {
    entry e = unix_user();
    e.add_class("amavisAccount");
    e.set("amavisSpamTagLevel", "3.5");
    for (const vmail::site& s : {tree::site(), site_with({badge()}), posix}) {
        mailbox m = mailbox::from_entry(e, s);
        m.smtp_auth = false;
        CHECK(tree::changes(e, m, s) == lines_of{"replace smtpAuth: FALSE"});
    }
    entry class_alone = stored();
    class_alone.add_class("posixAccount");
    mailbox m = mailbox::from_entry(class_alone, posix);
    m.smtp_auth = false;
    CHECK(tree::changes(class_alone, m, posix) == lines_of{"replace smtpAuth: FALSE"});
}

TEST_CASE("a value that its row cannot have is a problem when it is read, and refused when it is written") {
    struct row {
        std::string attribute;
        std::vector<std::string> values;
    };
    const row rows[] = {{"badgeNumber", {"x"}},      {"badgeNumber", {""}},        {"badgeNumber", {"1", "2"}}, {"badgeNumber", {"-"}},
                        {"badgeHost", {"\xC3\xA8"}}, {"badgeRoom", {"1", "\xE8"}}, {"badgeValid", {"yes"}},     {"badgeUntil", {"2026"}}};
    const vmail::site s = site_with({badge()});
    for (const auto& r : rows) {
        CAPTURE(r.attribute);
        entry e = stored({{r.attribute, r.values}});
        e.add_class("institutePerson");
        mailbox m = mailbox::from_entry(e, s);
        REQUIRE(m.problems.size() == 1);
        CHECK(m.problems.front().attribute == r.attribute);
        CHECK(is_sentence(m.problems.front().sentence));
        CHECK(tree::changes(e, m, s) == lines_of{});
        m.forget_problem(r.attribute);
        entry cleaned = e;
        m.to_entry(cleaned, s);
        CHECK_FALSE(cleaned.has(r.attribute));
        CHECK_FALSE(cleaned.has_class("institutePerson"));

        mailbox wrong = mailbox::from_entry(stored(), s);
        wrong.facets[r.attribute] = r.values;
        entry after = stored();
        CHECK(refusal([&] { wrong.to_entry(after, s); }).starts_with(r.attribute + ": "));
        CHECK(tree::changes(stored(), after) == lines_of{});
    }
}

TEST_CASE("a value that no facet of the site would write is refused, and so is a template of nothing") {
    mailbox m = mailbox::from_entry(stored(), posix);
    m.facets["badgeNumber"] = {"1"};
    entry after = stored();
    CHECK(refusal([&] { m.to_entry(after, posix); }) == "badgeNumber: it is in no facet of this site");
    const auto filled = [](const std::string& text) {
        return vmail::initial_value({.attribute = "x", .initial = text}, address::parse("bob@example.org"));
    };
    CHECK(refusal([&] { filled(""); }) == "x: \"\" is no text in UTF-8");
    CHECK(filled("{address}{user}-") == "bob@example.orgbob-");
    for (const std::string text : {"{", "{}", "{user", "{users}", "a{\x1b}"}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { filled(text); })));
        CHECK(refusal([&] { filled(text); }).starts_with("x: "));
    }
}
