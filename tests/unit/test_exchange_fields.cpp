#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/exchange/noun.hpp>

#include "refusal.hpp"
#include "tree.hpp"

using namespace vmail::exchange;
using vmail::address;
using vmail::alias;
using vmail::mailbox;
using vmail::maildrop;
using texts = std::vector<std::string>;

namespace {

const conversion in_rome{vmail::time_zone::named("Europe/Rome"), vmail::timestamp::parse_digits("20260102030405")};

mailbox bob() { return mailbox(address::parse("bob@example.org")); }

template <typename Entity> const field<Entity>& named(std::string_view name) {
    for (const auto& f : fields_of<Entity>())
        if (f.name == name) return f;
    throw vmail::invalid_value("there is no such field");
}

template <typename Entity> value after_setting(Entity e, std::string_view name, const value& v) {
    set_field(e, named<Entity>(name), v, in_rome);
    return named<Entity>(name).get(e, in_rome);
}

} // namespace

TEST_CASE("what is set is what is told") {
    const struct {
        std::string_view field;
        value given;
    } rows[] = {{"name", std::string("Bob Jones")},
                {"surname", std::string("Jones")},
                {"given_name", std::string("Bob")},
                {"description", std::string("of the library")},
                {"quota", std::string("2G")},
                {"quota", std::string("none")},
                {"quota", std::string("domain")},
                {"expires", std::string("2026-12-31")},
                {"expires", std::string("2026-12-31 12:00:00")},
                {"password_hash", std::string("{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=")},
                {"smtp_auth", false},
                {"may_log_in", false},
                {"may_receive", false},
                {"send_limit", std::string("200/1h,1000/1d")},
                {"send_limit", std::string("none")},
                {"send_limit", std::string("domain")},
                {"forward_active", true},
                {"forward_targets", texts{"a@far.example", "b@far.example"}},
                {"keep_copy", true},
                {"vacation_active", true},
                {"vacation_start", std::string("2026-08-01 00:00")},
                {"vacation_end", std::string("2026-08-15 23:59")},
                {"vacation_subject", std::string("away")},
                {"vacation_message", std::string("gone\nfishing\n")},
                {"home", std::string("/srv/mail")},
                {"path", std::string("example.org/bob/")},
                {"uid_number", std::int64_t{12345}},
                {"gid_number", std::int64_t{100}},
                {"unix_home", std::string("/home/bob")},
                {"unix_shell", std::string("/bin/sh")},
                {"gecos", std::string("Bob")},
                {"active", false},
                {"disabled_reason", std::string("manual")},
                {"disabled_comment", std::string("on leave")}};
    for (const auto& r : rows) {
        CAPTURE(std::string(r.field));
        CHECK(after_setting(bob(), r.field, r.given) == r.given);
    }
}

TEST_CASE("null is what there is where nobody says anything, and takes no password away") {
    mailbox m = bob();
    for (const auto& f : fields_of<mailbox>()) {
        CAPTURE(std::string(f.name));
        const value before = f.get(m, in_rome);
        set_field(m, f, null{}, in_rome);
        CHECK(f.get(m, in_rome) == before);
    }
    m.password = vmail::password_hash::from_attribute("{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=");
    CHECK_THROWS_WITH_AS(set_field(m, named<mailbox>("password_hash"), null{}, in_rome), "password_hash: a record takes no password away", vmail::invalid_value);
}

TEST_CASE("a kept copy stays kept when the targets change, and is none of them") {
    mailbox m = bob();
    set_field(m, named<mailbox>("forward_targets"), texts{"a@far.example"}, in_rome);
    set_field(m, named<mailbox>("keep_copy"), true, in_rome);
    set_field(m, named<mailbox>("forward_targets"), texts{"b@far.example"}, in_rome);
    CHECK(m.forward.keeps_copy(m.address));
    CHECK(named<mailbox>("forward_targets").get(m, in_rome) == value{texts{"b@far.example"}});
}

TEST_CASE("a value of another form is refused by the name of its field") {
    const struct {
        std::string_view field;
        value given;
        std::string_view sentence;
    } rows[] = {{"quota", true, "quota: a size such as 500M or 2G, none, or domain is expected, not \"yes\""},
                {"smtp_auth", std::string("yes"), "smtp_auth: true or false is expected, not \"yes\""},
                {"forward_targets", std::string("a@far.example"), "forward_targets: mail addresses is expected, not \"a@far.example\""},
                {"expires", std::string("+6m"), "expires: a day counted from today is another one whenever it is read: it takes a date"},
                {"expires", std::string("now"), "expires: a day counted from today is another one whenever it is read: it takes a date"},
                {"expires", std::string("03/31"), "expires: \"03/31\" is not an expiry date: the forms are 2026-12-31, 2026-12-31 14:30 and 2026-12-31T14:30:00Z"},
                {"quota", std::string("big"), "quota: \"big\" is not a quota"},
                {"send_limit", std::int64_t{200}, "send_limit: limits such as 200/1h or 200/1h,1000/1d, none, or domain is expected, not \"200\""},
                {"send_limit", std::string("many"), "send_limit: \"many\" is no limit of what is sent"},
                {"password_hash", std::string("secret"), "password_hash: "}};
    for (const auto& r : rows) {
        CAPTURE(std::string(r.field));
        CHECK(refusal([&] { after_setting(bob(), r.field, r.given); }).starts_with(r.sentence));
    }
}

TEST_CASE("what others have put among the targets stays what it is") {
    alias a(address::parse("info@example.org"));
    a.targets = {maildrop::from_attribute("bob"), maildrop::parse("ann@example.org")};
    set_field(a, named<alias>("targets"), texts{"ann@example.org", "bob", "Ann@example.org"}, in_rome);
    REQUIRE(a.targets.size() == 2);
    CHECK(a.targets.back().text() == "bob");
    CHECK(refusal([&] { set_field(a, named<alias>("targets"), texts{"|/bin/sh"}, in_rome); }).starts_with("targets: "));
}

TEST_CASE("what a field has already is left as it is, though nobody could set it") {
    vmail::domain d(vmail::domain_name::parse("example.org"));
    d.max_mailboxes = 0;
    set_field(d, named<vmail::domain>("max_mailboxes"), std::int64_t{0}, in_rome);
    CHECK(d.max_mailboxes == 0U);
    CHECK(refusal([&] { set_field(d, named<vmail::domain>("max_aliases"), std::int64_t{0}, in_rome); }).starts_with("max_aliases: 0 is no limit"));
    d.max_quota_mib = 18446744073709551615U;
    const value most = named<vmail::domain>("max_quota_mib").get(d, in_rome);
    set_field(d, named<vmail::domain>("max_quota_mib"), most, in_rome);
    CHECK(d.max_quota_mib == 18446744073709551615U);
}

TEST_CASE("a number that no record can say is none") {
    mailbox m = bob();
    for (const char* text : {"-1", "9223372036854775808"}) {
        m.facets["gidNumber"] = {text};
        CHECK(named<mailbox>("gid_number").get(m, in_rome) == value{});
    }
}

TEST_CASE("setting a field forgets what made no sense there") {
    mailbox m = bob();
    m.problems.push_back({"quota", "it is nonsense"});
    CHECK(is_nonsense(m, named<mailbox>("quota")));
    set_field(m, named<mailbox>("quota"), std::string("1G"), in_rome);
    CHECK_FALSE(is_nonsense(m, named<mailbox>("quota")));
}

TEST_CASE("cells are read by the form of their field") {
    CHECK(from_text(form::flag, "Yes") == value{true});
    CHECK(from_text(form::flag, "FALSE") == value{false});
    CHECK(from_text(form::number, "200") == value{std::int64_t{200}});
    CHECK(from_text(form::addresses, " a@b.example,, c@d.example ") == value{texts{"a@b.example", "c@d.example"}});
    for (const texts& all : {texts{"\"a,b\"@d.example", "c@d.example"}, texts{"a@d.example, b@d.example", "c@d.example"}, texts{"\"Jones, B\" <b@d.example>", "c (x, y) <c@d.example>"},
                             texts{"\"a\\\",b\"@d.example", "x@d.example"}, texts{"a\\b@d.example", "\"a\\\\\"@d.example", "c@d.example"},
                             texts{"\"", "c@d.example"}, texts{"a\"b", "\"c\"@d.example"}, texts{"a\\", "b"}, texts{"a\\\"b\"", "a\\\\", "\\,", "\"a\\"}}) {
        CAPTURE(to_text(value{all}));
        CHECK(from_text(form::addresses, to_text(value{all})) == value{all});
    }
    CHECK(from_text(form::text, " x ") == value{std::string(" x ")});
    CHECK(refusal([] { from_text(form::flag, "perhaps"); }) == "\"perhaps\" is not true or false");
    CHECK(refusal([] { from_text(form::number, "-1"); }) == "\"-1\" is not a whole number");
    CHECK(refusal([] { from_text(form::number, "99999999999999999999"); }) == "\"99999999999999999999\" is not a whole number");
    for (const value& v : {value{}, value{true}, value{std::int64_t{5}}, value{std::string("x")}, value{texts{"a", "b"}}}) CHECK(to_text(v).size() <= 4);
}

TEST_CASE("a postmaster has no more than his own domain") {
    vmail::admin a(vmail::admin_name::parse("postmaster@example.org"));
    a.domains = {vmail::domain_name::parse("example.org")};
    CHECK(after_setting(a, "domains", texts{"example.org"}) == value{texts{"example.org"}});
    CHECK(after_setting(a, "max_domains", std::int64_t{1}) == value{std::int64_t{1}});
    CHECK(refusal([&] { after_setting(a, "domains", texts{"example.net"}); }).starts_with("domains: a postmaster runs his own domain"));
    CHECK(refusal([&] { after_setting(a, "max_domains", std::int64_t{5}); }).starts_with("max_domains: a postmaster"));
}

TEST_CASE("names of fields and kinds are one each, and the nearest is named") {
    for (const auto& n : nouns()) {
        std::set<std::string_view> names;
        for (const auto* f : n.fields) CHECK(names.insert(f->name).second);
        CHECK(&info_of(n.what) == &n);
    }
    CHECK(&get_noun("alias") == &info_of(noun::alias));
    CHECK(refusal([] { get_noun("aliass"); }) == "\"aliass\" is no kind of record, did you mean alias?");
    CHECK(refusal([] { get_field(info_of(noun::mailbox), "Quota"); }) == "\"Quota\" is no field of a record of kind mailbox, did you mean quota?");
}
