#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/mailbox.hpp>

#include "refusal.hpp"
#include "tree.hpp"

using tree::attributes;
using tree::lines_of;
using vmail::address;
using vmail::mailbox;
using vmail::maildrop;
using vmail::timestamp;
using vmail::ldap::dn;
using vmail::ldap::entry;

namespace {

const vmail::site site = tree::site();
const timestamp then = timestamp::parse_digits("20260102030405");

vmail::site site_of_days() {
    vmail::site s = tree::site();
    s.expiry_storage = vmail::expiry_storage::mailbox_expiration;
    return s;
}

mailbox bob() {
    mailbox m(address::parse("Bob@example.org"));
    m.created = m.changed = then;
    return m;
}

/// An account as Phamm leaves it, with some attributes replaced or, without values, taken away.
entry stored(const attributes& others = {}) {
    entry e = tree::entry("mail=bob@example.org,vd=example.org",
                          {{"objectClass", {"top", "inetOrgPerson", "VirtualMailAccount", "VirtualForward", "Vacation"}},
                           {"cn", {"Bob Smith"}},
                           {"sn", {"Smith"}},
                           {"mail", {"bob@example.org"}},
                           {"uid", {"bob.example.org"}},
                           {"vdHome", {"/home/vmail/domains"}},
                           {"mailbox", {"example.org/bob/"}},
                           {"accountActive", {"TRUE"}},
                           {"delete", {"FALSE"}},
                           {"lastChange", {"1767323045"}},
                           {"smtpAuth", {"TRUE"}},
                           {"mailAutoreply", {"bob@example.org.autoreply"}},
                           {"forwardActive", {"FALSE"}},
                           {"vacationActive", {"FALSE"}}});
    for (const auto& a : others) e.set(a.name, a.values);
    return e;
}

entry bare() {
    return stored({{"objectClass", {"top", "inetOrgPerson", "VirtualMailAccount"}}, {"forwardActive", {}}, {"vacationActive", {}}, {"mailAutoreply", {}}});
}

entry altered(const std::string& attribute, std::vector<std::string> values) { return stored({{attribute, std::move(values)}}); }

} // namespace

TEST_CASE("a new mailbox is what Phamm makes, with forward and vacation explicitly off") {
    entry e;
    bob().to_entry(e, site);
    CHECK(e.dn() == dn::parse("mail=Bob@example.org,vd=example.org,o=hosting,dc=example,dc=tld"));
    CHECK(tree::lines(e) == lines_of{"objectClass: top", "objectClass: person", "objectClass: organizationalPerson", "objectClass: inetOrgPerson",
                                     "objectClass: VirtualMailAccount", "objectClass: VirtualForward", "objectClass: Vacation", "mail: Bob@example.org",
                                     "cn: Bob", "sn: Bob", "uid: Bob.example.org", "vdHome: /home/vmail/domains", "mailbox: example.org/bob/",
                                     "smtpAuth: TRUE", "otherTransport: phamm:", "createMaildir: TRUE", "mailAutoreply: Bob@example.org.autoreply",
                                     "delete: FALSE", "forwardActive: FALSE", "vacationActive: FALSE", "accountActive: TRUE", "creationDate: 20260102030405",
                                     "lastChange: 1767323045"});
}

TEST_CASE("what a mailbox says is read back from what is written") {
    mailbox m = bob();
    m.full_name = "Niccolò d'Aosta";
    m.given_name = "Niccolò";
    m.quota = vmail::quota::parse("50M");
    m.password = vmail::password_hash::from_attribute("{SSHA}abc");
    m.expires = vmail::expiry::from_attribute("20270101000000");
    m.smtp_auth = m.active = false;
    m.removed = true;
    m.removed_at = then;
    m.disabled.reason = vmail::reason::expired;
    m.forward = {.active = true, .targets = {maildrop::parse("x@example.net"), maildrop(m.address)}};
    m.vacation = {.active = true, .start = vmail::local_minute::parse("2026-08-01"), .end = vmail::local_minute::parse("2026-08-31 12:00"), .subject = "Ferie",
                  .message = "Torno\nil 31\n"};
    m.home = "/srv/mail";
    m.path = "b/bob/";

    entry e;
    m.to_entry(e, site);
    const mailbox read = mailbox::from_entry(e, site);

    CHECK(read.problems.empty());
    CHECK(read.address == m.address);
    CHECK(read.full_name == m.full_name);
    CHECK(read.surname == "d'Aosta");
    CHECK(read.given_name == m.given_name);
    CHECK(read.quota == m.quota);
    CHECK(read.password->to_attribute() == "{SSHA}abc");
    CHECK(read.expires == m.expires);
    CHECK(read.smtp_auth == m.smtp_auth);
    CHECK(read.active == m.active);
    CHECK(read.removed == m.removed);
    CHECK(read.removed_at == m.removed_at);
    CHECK(read.created == m.created);
    CHECK(read.changed == m.changed);
    CHECK(read.disabled == m.disabled);
    CHECK(read.forward == m.forward);
    CHECK(read.vacation == m.vacation);
    CHECK(read.home == m.home);
    CHECK(read.path == m.path);
    CHECK(e.has_class("vmailState"));
    CHECK(e.first("quota") == "52428800S");
}

TEST_CASE("names are never written empty") {
    struct row {
        std::string full_name, surname;
    };
    const row rows[] = {{"", "Bob"}, {"Smith", "Smith"}, {"Bob Smith", "Smith"}, {"Bob Smith  ", "Smith"}, {"   ", "Bob"}};
    for (const auto& r : rows) {
        CAPTURE(r.full_name);
        mailbox m = bob();
        m.full_name = r.full_name;
        entry e;
        m.to_entry(e, site);
        CHECK(e.first("cn") == (r.full_name.empty() ? "Bob" : r.full_name));
        CHECK(e.first("sn") == r.surname);
    }
    mailbox m = mailbox::from_entry(stored(), site);
    m.full_name = m.surname = "";
    CHECK(tree::changes(stored(), m, site) == lines_of{"replace cn: bob", "replace sn: bob"});
}

TEST_CASE("what a caller has put into a new entry stays where the mailbox says nothing") {
    entry e;
    e.set("uid", "bsmith");
    e.set("gecos", "Bob");
    e.set("givenName", "Bob");
    bob().to_entry(e, site);
    CHECK(e.first("uid") == "bsmith");
    CHECK(e.first("gecos") == "Bob");
    CHECK(e.first("givenName") == "Bob");
}

TEST_CASE("a mailbox named postmaster takes the only name there is for it") {
    mailbox m(address::parse("postmaster@example.org"));
    m.full_name = "Mario Rossi";
    entry e;
    m.to_entry(e, site);
    CHECK(e.dn() == dn::parse("cn=postmaster,vd=example.org,o=hosting,dc=example,dc=tld"));
    CHECK(e.first("mail") == "postmaster@example.org");
    CHECK(e.has_value("cn", "postmaster"));
    const mailbox read = mailbox::from_entry(e, site);
    CHECK(read.address == m.address);
    CHECK(read.full_name == "Mario Rossi");
    CHECK(tree::changes(e, read, site) == lines_of{});
}

TEST_CASE("nothing changed is no difference, whatever an account holds") {
    const std::vector<entry> rows = {
        stored(),
        bare(),
        altered("objectClass", {"VIRTUALMAILACCOUNT", "top", "amavisAccount", "sambaSamAccount", "x-unknown"}),
        altered("objectClass", {"virtualMailAccount", "vmailState"}),
        altered("vmailDisabledReason", {"manual"}),
        altered("vmailDisabledAt", {"yesterday"}),
        altered("cn", {"Zoe", "Bob Smith", "bob"}),
        altered("cn", {"\xFF"}),
        altered("cn", {}),
        altered("sn", {}),
        altered("CN;lang-it", {"Roberto"}),
        altered("mail", {"bob@example.org", "robert@example.org"}),
        altered("mail", {"BOB@example.org"}),
        altered("mail", {"bob@example.org."}),
        altered("mail", {}),
        altered("accountActive", {"true"}),
        altered("accountActive", {"yes"}),
        altered("accountActive", {}),
        altered("delete", {}),
        altered("smtpAuth", {}),
        altered("smtpAuth", {"1"}),
        altered("forwardActive", {}),
        altered("forwardActive", {"TRUE"}), // without a target
        altered("maildrop", {"bob", "BOB", "|/bin/vacation", "x@y.z.autoreply", " x", std::string(300, 'a')}),
        altered("quota", {"52428800"}),
        altered("quota", {"0"}),
        altered("quota", {"0S"}),
        altered("quota", {"NOQUOTA"}),
        altered("quota", {"052428800S"}),
        altered("quota", {"20000S,3C"}),
        altered("quota", {"50M"}),
        altered("quota", {"1S", "2S"}),
        altered("expireDate", {"0"}),
        altered("expireDate", {"-1"}),
        altered("expireDate", {"20260230000000"}),
        altered("expireDate", {"20261231235959"}),
        altered("mailboxExpiration", {"20000"}),
        altered("mailboxExpiration", {"0"}),
        altered("mailboxExpiration", {"never"}),
        altered("creationDate", {"2004"}),
        altered("lastChange", {"x"}),
        altered("lastChange", {"-5"}),
        altered("lastChange", {}),
        altered("userPassword", {"clear text"}),
        altered("userPassword", {"{SSHA}a", "{SSHA}b"}),
        altered("clearPassword", {"clear text"}),
        altered("vdHome", {"/home/vmail/domains/"}),
        altered("vdHome", {"/caff\xC3\xA8"}),
        altered("vdHome", {}),
        altered("mailbox", {"../../etc/passwd"}),
        altered("mailbox", {"a/", "b/"}),
        altered("mailbox", {}),
        altered("vacationActive", {"TRUE"}),
        altered("vacationInfo", {"line\r\nline\rline\n"}),
        altered("vacationInfo", {std::string("\x1b[31m\0\xE8", 7)}),
        altered("vacationStart", {"20260801"}),
        altered("vacationEnd", {"202608311200"}),
        altered("vacationForward", {"x@y.z"}),
        altered("sambaNTPassword", {"0123"}),
        altered("amavisSpamTagLevel", {"3.5"}),
        altered("mailAutoreply", {}),
        tree::entry("MAIL=Bob@Example.ORG.,VD=Example.ORG", {{"objectclass", {"VirtualMailAccount"}}, {"MAIL", {"Bob@Example.ORG."}}}),
        tree::entry("uid=bob,vd=example.org", {{"objectClass", {"VirtualMailAccount"}}, {"uid", {"bob"}}, {"mail", {"\"a/b\"@example.org"}}}),
        tree::entry("mail=-rf@example.org,vd=example.org", {{"objectClass", {"VirtualMailAccount"}}, {"mail", {"-rf@example.org"}}}),
        tree::entry("mail=bob@example.org+uid=bob,vd=example.org", {{"objectClass", {"VirtualMailAccount"}}, {"mail", {"bob@example.org"}}}),
        tree::entry("cn=postmaster,vd=example.org", {{"objectClass", {"VirtualMailAccount"}}, {"cn", {"Postmaster"}}, {"mail", {"x@example.org"}}}),
    };
    for (const vmail::site& s : {site, site_of_days()})
        for (const entry& e : rows) {
            CAPTURE(e.dn().text());
            CAPTURE(e.attributes().back().name);
            const mailbox m = mailbox::from_entry(e, s);
            CHECK(tree::changes(e, m, s) == lines_of{});
            for (const auto& p : m.problems) CHECK(is_sentence(p.sentence));
        }
}

TEST_CASE("values that make no sense are problems, by attribute") {
    struct row {
        entry e;
        std::string attribute;
    };
    const row rows[] = {
        {altered("mail", {"bob@example.org", "robert@example.org"}), "mail"},
        {altered("mail", {"robert@example.org"}), "mail"},
        {altered("accountActive", {"yes"}), "accountActive"},
        {altered("accountActive", {}), "accountActive"},
        {altered("delete", {}), "delete"},
        {altered("quota", {"50M"}), "quota"},
        {altered("quota", {"1S", "2S"}), "quota"},
        {altered("expireDate", {"0"}), "expireDate"},
        {altered("userPassword", {"clear text"}), "userPassword"},
        {altered("maildrop", {" x"}), "maildrop"},
        {altered("vacationStart", {"20260801"}), "vacationStart"},
        {altered("vacationInfo", {"\xE8"}), "vacationInfo"},
        {altered("mailbox", {"a/", "b/"}), "mailbox"},
        {altered("vmailDisabledAt", {"x"}), "vmailDisabledAt"},
        {altered("lastChange", {"x"}), "lastChange"},
        {altered("creationDate", {"2004"}), "creationDate"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.attribute);
        const mailbox m = mailbox::from_entry(r.e, site);
        REQUIRE(m.problems.size() == 1);
        CHECK(m.problems.front().attribute == r.attribute);
        CHECK(m.problems.front().sentence.find("clear") == std::string::npos);
    }
    CHECK(mailbox::from_entry(stored(), site).problems.empty());
    CHECK(mailbox::from_entry(bare(), site).problems.empty());
}

TEST_CASE("an attribute with a problem is written when it is set, or when the problem is forgotten") {
    struct row {
        entry e;
        std::string attribute;
        std::function<void(mailbox&)> set;
        lines_of when_set, when_forgotten;
    };
    const row rows[] = {
        {altered("quota", {"50M"}), "quota", [](mailbox& m) { m.quota = vmail::quota::parse("1K"); }, {"replace quota: 1024S"}, {"remove quota"}},
        {altered("expireDate", {"0"}), "expireDate", [](mailbox& m) { m.expires = vmail::expiry::from_attribute("20270101000000"); },
         {"replace expireDate: 20270101000000"}, {"remove expireDate"}},
        {altered("accountActive", {"yes"}), "accountActive", [](mailbox& m) { m.active = true; }, {"replace accountActive: TRUE"}, {"replace accountActive: FALSE"}},
        {altered("mail", {"bob@example.org", "x@example.org"}), "mail", [](mailbox&) {}, {}, {"remove mail: x@example.org"}},
        {altered("cn", {"\xFF"}), "cn", [](mailbox& m) { m.full_name = "Bob"; }, {"replace cn: Bob"}, {"replace cn: bob"}},
        {altered("mailbox", {"a/", "b/"}), "mailbox", [](mailbox& m) { m.path = "b/"; }, {"remove mailbox: a/"},
         {"remove mailbox: a/ b/", "add mailbox: example.org/bob/"}},
        {altered("userPassword", {"clear"}), "userPassword", [](mailbox& m) { m.password = vmail::password_hash::from_attribute("{SSHA}a"); },
         {"replace userPassword: {SSHA}a"}, {}},
        {altered("vacationStart", {"x"}), "vacationStart", [](mailbox& m) { m.vacation.start = vmail::local_minute::parse("2026-08-01"); },
         {"replace vacationStart: 202608010000"}, {"remove vacationStart"}},
        {altered("lastChange", {"x"}), "lastChange", [](mailbox& m) { m.changed = then; }, {}, {}},
    };
    for (const auto& r : rows) {
        CAPTURE(r.attribute);
        mailbox m = mailbox::from_entry(r.e, site);
        REQUIRE(m.has_problem(r.attribute));
        r.set(m);
        CHECK(tree::changes(r.e, m, site) == r.when_set);
        m = mailbox::from_entry(r.e, site);
        m.forget_problem(r.attribute);
        CHECK(tree::changes(r.e, m, site) == r.when_forgotten);
    }
}

TEST_CASE("one change is one modification, and nothing else moves") {
    struct row {
        std::string what;
        std::function<void(mailbox&)> set;
        lines_of expected;
    };
    const row rows[] = {
        {"disable", [](mailbox& m) { m.active = false; }, {"replace accountActive: FALSE"}},
        {"remove", [](mailbox& m) { m.removed = true; }, {"replace delete: TRUE"}},
        {"no sending", [](mailbox& m) { m.smtp_auth = false; }, {"replace smtpAuth: FALSE"}},
        {"quota", [](mailbox& m) { m.quota = vmail::quota::parse("1K"); }, {"add quota: 1024S"}},
        {"unlimited", [](mailbox& m) { m.quota = vmail::quota::none(); }, {"add quota: 0S"}},
        {"name", [](mailbox& m) { m.full_name = "Bob Jones"; }, {"replace cn: Bob Jones"}},
        {"password", [](mailbox& m) { m.password = vmail::password_hash::from_attribute("{SSHA}a"); }, {"replace userPassword: {SSHA}a"}},
        {"expiry", [](mailbox& m) { m.expires = vmail::expiry::from_attribute("20270101000000"); }, {"add expireDate: 20270101000000"}},
        {"forward", [](mailbox& m) { m.forward = {.active = true, .targets = {maildrop::parse("x@y.zz")}}; }, {"replace forwardActive: TRUE", "add maildrop: x@y.zz"}},
        {"vacation", [](mailbox& m) { m.vacation = {.active = true, .message = "a\nb"}; }, {"replace vacationActive: TRUE", "add vacationInfo: a\nb"}},
        {"path", [](mailbox& m) { m.path = "x/bob/"; }, {"replace mailbox: x/bob/"}},
        {"lastChange is the directory's", [](mailbox& m) { m.changed = timestamp::now(); }, {}},
    };
    for (const auto& r : rows) {
        CAPTURE(r.what);
        const entry e = stored({{"amavisSpamTagLevel", {"3.5"}}, {"objectClass", {"top", "VirtualMailAccount", "VirtualForward", "Vacation", "amavisAccount"}}});
        mailbox m = mailbox::from_entry(e, site);
        r.set(m);
        CHECK(tree::changes(e, m, site) == r.expected);
    }
}

TEST_CASE("a quota keeps the dialect of the entry") {
    struct row {
        std::string before;
        vmail::quota_dialect site;
        std::string set, after;
    };
    using enum vmail::quota_dialect;
    const row rows[] = {
        {"1024", maildir, "2K", "2048"},       {"1024", maildir, "1K", "1024"},      {"1024S", plain, "2K", "2048S"}, {"1024S,3C", plain, "2K", "2048S"},
        {"1024", maildir, "none", "0"},        {"1024S", plain, "none", "0S"},       {"0", maildir, "none", "0"},     {"NOQUOTA", maildir, "none", "NOQUOTA"},
        {"NOQUOTA", plain, "1K", "1024"},      {"NOQUOTA", maildir, "1K", "1024S"},  {"3C", plain, "4C", "4C"},       {"1024", maildir, "1024S,3C", "1024S,3C"},
        {"nonsense", maildir, "1K", "1024S"},  {"nonsense", plain, "1K", "1024"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.before);
        CAPTURE(r.set);
        vmail::site s = site;
        s.quota_dialect = r.site;
        entry e = altered("quota", {r.before});
        mailbox m = mailbox::from_entry(e, s);
        m.quota = r.set == "none" ? vmail::quota::none() : vmail::quota::parse(r.set);
        m.to_entry(e, s);
        CHECK(e.first("quota") == r.after);
    }
}

TEST_CASE("a bare account has nothing forwarded, and gets the classes that the daemons need with its first change") {
    const entry e = bare();
    mailbox m = mailbox::from_entry(e, site);
    CHECK_FALSE(m.forward.active);
    CHECK_FALSE(m.vacation.active);
    m.smtp_auth = false;
    CHECK(tree::changes(e, m, site) == lines_of{"add objectClass: VirtualForward Vacation", "replace smtpAuth: FALSE", "add forwardActive: FALSE", "add vacationActive: FALSE"});
    m = mailbox::from_entry(e, site);
    m.vacation.active = true;
    CHECK(tree::changes(e, m, site) == lines_of{"add objectClass: VirtualForward Vacation", "add vacationActive: TRUE", "add forwardActive: FALSE",
                                                "add mailAutoreply: bob@example.org.autoreply"});
}

TEST_CASE("absent attributes are what the daemons' filters make of them") {
    const mailbox m = mailbox::from_entry(tree::entry("mail=bob@example.org,vd=example.org", {{"objectClass", {"VirtualMailAccount"}}}), site);
    CHECK_FALSE(m.active);
    CHECK_FALSE(m.smtp_auth);
    CHECK_FALSE(m.removed);
    CHECK_FALSE(m.quota.has_value());
    CHECK_FALSE(m.expires.has_value());
    CHECK_FALSE(m.password.has_value());
}

TEST_CASE("setting a password replaces all there are; not setting one leaves them") {
    const entry e = altered("userPassword", {"{SSHA}a", "{SSHA}b"});
    mailbox m = mailbox::from_entry(e, site);
    m.password.reset();
    CHECK(tree::changes(e, m, site) == lines_of{});
    m.password = vmail::password_hash::from_attribute("{SSHA}c");
    CHECK(tree::changes(e, m, site) == lines_of{"replace userPassword: {SSHA}c"});
}

TEST_CASE("why a mailbox is disabled comes and goes with the class that holds it") {
    const entry plain = stored();
    mailbox m = mailbox::from_entry(plain, site);
    m.disabled.reason = vmail::reason::compromised;
    m.removed_at = then;
    entry noted = plain;
    m.to_entry(noted, site);
    CHECK(tree::changes(plain, noted) == lines_of{"add objectClass: vmailState", "add vmailDisabledReason: compromised", "add vmailRemovedAt: 20260102030405Z"});

    m = mailbox::from_entry(noted, site);
    m.disabled = {};
    CHECK(tree::changes(noted, m, site) == lines_of{"remove vmailDisabledReason"});
    m.removed_at.reset();
    CHECK(tree::changes(noted, m, site) == lines_of{"remove vmailDisabledReason", "remove vmailRemovedAt", "remove objectClass: vmailState"});
}

TEST_CASE("the end of a mailbox is in the attribute of the site, and the other one is nobody's") {
    const entry both = stored({{"expireDate", {"20270101000000"}}, {"mailboxExpiration", {"20000"}}});
    mailbox m = mailbox::from_entry(both, site);
    CHECK(m.expires->at().digits() == "20270101000000");
    m.expires.reset();
    CHECK(tree::changes(both, m, site) == lines_of{"remove expireDate"});

    const vmail::site days = site_of_days();
    m = mailbox::from_entry(both, days);
    CHECK(m.expires->at().digits() == "20241004000000");
    m.expires = vmail::expiry::from_attribute("20241005000001");
    CHECK(tree::changes(both, m, days) == lines_of{"replace mailboxExpiration: 20002"});
    m.expires.reset();
    CHECK(tree::changes(both, m, days) == lines_of{"remove mailboxExpiration"});

    entry e;
    mailbox fresh = bob();
    fresh.expires = vmail::expiry::from_attribute("20241004000000");
    fresh.to_entry(e, days);
    CHECK(e.first("mailboxExpiration") == "20000");
    CHECK_FALSE(e.has("expireDate"));
}

TEST_CASE("an entry becomes that of no other mailbox") {
    const entry e = stored();
    mailbox m = mailbox::from_entry(e, site);
    m.address = address::parse("robert@example.net");
    entry after = e;
    CHECK(is_sentence(refusal([&] { m.to_entry(after, site); })));
    CHECK(tree::changes(e, after) == lines_of{});
}

TEST_CASE("another spelling of the same address is no change") {
    mailbox m = mailbox::from_entry(stored(), site);
    m.address = address::parse("BOB@example.org");
    CHECK(tree::changes(stored(), m, site) == lines_of{});
}

TEST_CASE("a line that somebody sets has no line break or other control character; one that is there stays as it is") {
    using set = std::function<void(mailbox&, const std::string&)>;
    const std::pair<std::string, set> lines[] = {
        {"cn", [](mailbox& m, const std::string& v) { m.full_name = v; }},
        {"sn", [](mailbox& m, const std::string& v) { m.surname = v; }},
        {"givenName", [](mailbox& m, const std::string& v) { m.given_name = v; }},
        {"vacationSubject", [](mailbox& m, const std::string& v) { m.vacation.subject = v; }},
        {"vdHome", [](mailbox& m, const std::string& v) { m.home = v; }},
        {"vmailDisabledComment", [](mailbox& m, const std::string& v) { m.disabled.comment = v; }},
        {"vmailDisabledReason", [](mailbox& m, const std::string& v) { m.disabled.reason = v; }},
    };
    for (const auto& one : lines)
        for (const char control : {'\n', '\r', '\t', '\0', '\x1b', '\x7f'}) {
            const std::string value = std::string("a") + control + "b";
            mailbox m = bob();
            one.second(m, value);
            entry e;
            CAPTURE(one.first);
            CHECK(refusal([&] { m.to_entry(e, site); }).starts_with(one.first + ": "));

            const entry old = stored({{one.first, {value}}});
            mailbox kept = mailbox::from_entry(old, site);
            kept.quota = vmail::quota::parse("3G");
            CHECK(tree::changes(old, kept, site).size() == 1);
            one.second(kept, "c" + value);
            entry after = old;
            CHECK(is_sentence(refusal([&] { kept.to_entry(after, site); })));
        }
}

TEST_CASE("a vacation message has lines, and no other control characters") {
    mailbox m = bob();
    entry e;
    m.vacation.message = "One\n\ttwo\r\nthree";
    m.to_entry(e, site);
    for (const char control : {'\0', '\x1b', '\x07', '\x7f'}) {
        m.vacation.message = std::string("One") + control;
        CHECK(refusal([&] { m.to_entry(e, site); }).starts_with("vacationInfo: "));
    }
}

TEST_CASE("what somebody writes for people is no longer than people read; what is there and longer stays") {
    using set = std::function<void(mailbox&, const std::string&)>;
    struct text {
        std::string attribute;
        std::size_t most;
        set put;
    };
    const text texts[] = {
        {"description", 1024, [](mailbox& m, const std::string& v) { m.description = v; }},
        {"vmailDisabledComment", 1024, [](mailbox& m, const std::string& v) { m.disabled.comment = v; }},
        {"vacationSubject", 1024, [](mailbox& m, const std::string& v) { m.vacation.subject = v; }},
        {"title", 1024, [](mailbox& m, const std::string& v) { m.other["title"] = {v}; }},
        {"vacationInfo", 16384, [](mailbox& m, const std::string& v) { m.vacation.message = v; }},
    };
    for (const text& one : texts) {
        CAPTURE(one.attribute);
        mailbox m = bob();
        one.put(m, std::string(one.most, 'a'));
        entry e;
        m.to_entry(e, site);
        one.put(m, std::string(one.most + 1, 'a'));
        CHECK(refusal([&] { m.to_entry(e, site); }) == one.attribute + ": it has " + std::to_string(one.most + 1) + " bytes, and may have " + std::to_string(one.most));

        const entry old = stored({{one.attribute, {std::string(one.most + 1, 'a')}}});
        mailbox kept = mailbox::from_entry(old, site);
        kept.quota = vmail::quota::parse("3G");
        CHECK(tree::changes(old, kept, site).size() == 1);
    }
}

TEST_CASE("what a mailbox may do is on where nothing is said, and its class goes with the last switch that is off") {
    const entry plain = stored();
    mailbox m = mailbox::from_entry(plain, site);
    CHECK((m.may_log_in && m.may_receive));
    m.may_log_in = false;
    CHECK(tree::changes(plain, m, site) == lines_of{"add objectClass: vmailState", "add vmailMayLogIn: FALSE"});
    const entry shut = stored({{"objectClass", {"top", "inetOrgPerson", "VirtualMailAccount", "VirtualForward", "Vacation", "vmailState"}}, {"vmailMayLogIn", {"FALSE"}}, {"vmailMayReceive", {"TRUE"}}});
    m = mailbox::from_entry(shut, site);
    CHECK_FALSE(m.may_log_in);
    CHECK(m.may_receive);
    CHECK(tree::changes(shut, m, site) == lines_of{});
    m.may_log_in = true;
    CHECK(tree::changes(shut, m, site) == lines_of{"remove vmailMayLogIn"});
    const entry odd = stored({{"vmailMayReceive", {"perhaps"}}});
    m = mailbox::from_entry(odd, site);
    CHECK(m.has_problem("vmailMayReceive"));
    CHECK(m.may_receive); // as to the filters of the daemons
}

TEST_CASE("a mailbox has limits of its own, none at all, or those of its domain, and their class goes with them") {
    const entry plain = stored();
    mailbox m = mailbox::from_entry(plain, site);
    CHECK_FALSE(m.send_limits);
    m.send_limits = vmail::send_limits::parse("1000/1d,200/1h");
    CHECK(tree::changes(plain, m, site) == lines_of{"add objectClass: vmailSending", "add vmailSendLimit: 200/1h 1000/1d"});
    const entry limited = stored({{"objectClass", {"top", "inetOrgPerson", "VirtualMailAccount", "VirtualForward", "Vacation", "vmailSending"}}, {"vmailSendLimit", {"1000/24h", "200/1h"}}});
    m = mailbox::from_entry(limited, site);
    CHECK(m.send_limits == vmail::send_limits::parse("200/1h,1000/1d"));
    m.send_limits = vmail::send_limits::parse("200/1h,1000/1d");
    CHECK(tree::changes(limited, m, site) == lines_of{}); // 24h is 1d
    m.send_limits = vmail::send_limits();
    CHECK(tree::changes(limited, m, site) == lines_of{"remove vmailSendLimit: 1000/24h 200/1h", "add vmailSendLimit: none"});
    m.send_limits = std::nullopt;
    CHECK(tree::changes(limited, m, site) == lines_of{"remove vmailSendLimit", "remove objectClass: vmailSending"});
    for (const std::vector<std::string>& wrong : {std::vector<std::string>{"many"}, {"none", "200/1h"}, {"200/1h", "300/60m"}}) {
        const entry odd = stored({{"vmailSendLimit", wrong}});
        m = mailbox::from_entry(odd, site);
        CHECK(m.has_problem("vmailSendLimit"));
        CHECK_FALSE(m.send_limits);
    }
}

TEST_CASE("a value that its attribute cannot hold is refused by name, and the entry stays as it was") {
    struct row {
        std::string attribute;
        std::function<void(mailbox&)> set;
    };
    const row rows[] = {
        {"vdHome", [](mailbox& m) { m.home = "/caffè"; }},
        {"mailbox", [](mailbox& m) { m.path = "caffè/"; }},
        {"cn", [](mailbox& m) { m.full_name = "\xE8"; }},
        {"sn", [](mailbox& m) { m.surname = "\xE8"; }},
        {"vacationInfo", [](mailbox& m) { m.vacation.message = "\xE8"; }},
        {"forwardActive", [](mailbox& m) { m.forward.active = true; }},
    };
    for (const auto& r : rows) {
        CAPTURE(r.attribute);
        for (const entry& e : {stored(), entry()}) {
            mailbox m = e.has("mail") ? mailbox::from_entry(e, site) : bob();
            m.active = false;
            r.set(m);
            entry after = e;
            const std::string sentence = refusal([&] { m.to_entry(after, site); });
            CHECK(sentence.starts_with(r.attribute + ": "));
            CHECK(is_sentence(sentence));
            CHECK(tree::changes(e, after) == lines_of{});
        }
    }
    entry e;
    CHECK(is_sentence(refusal([&] { mailbox(address::parse("a/b@example.org")).to_entry(e, site); })));
}

TEST_CASE("what is no mailbox is refused") {
    CHECK(is_sentence(refusal([] { mailbox::from_entry(altered("objectClass", {"top", "VirtualMailAlias"}), site); })));
    CHECK(is_sentence(refusal([] { mailbox::from_entry(tree::entry("cn=x", {{"objectClass", {"VirtualMailAccount"}}}), site); })));
    CHECK(is_sentence(refusal([] { mailbox::from_entry(tree::entry("mail=x", {{"objectClass", {"VirtualMailAccount"}}}), site); })));
    CHECK(is_sentence(refusal([] { mailbox::from_entry(entry(), site); })));
}
