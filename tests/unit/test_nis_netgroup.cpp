#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include "nis_case.hpp"

using nis_case::convert;
using nis_case::values;

namespace {

const vmail::ldap::entry* netgroup(const nis_case::outcome& out, const std::string& cn) {
    for (const auto& e : out.entries)
        if (e.has_class("nisNetgroup") && e.has_value("cn", cn)) return &e;
    return nullptr;
}

struct row {
    std::string map;
    std::string codes;
    std::string triples; ///< of the netgroup "g"
    std::string members; ///< of it
};

} // namespace

TEST_CASE("a netgroup has triples and members") {
    const std::vector<row> rows = {
        {"g (h,u,d)", "", "(h,u,d)", "-"},
        {"g\t(h,u,d)\t", "", "(h,u,d)", "-"},
        {"g (,,)", "", "(,,)", "-"},
        {"g (-,ada,)", "", "(-,ada,)", "-"},
        {"g (a.example.org,-,Example)", "", "(a.example.org,-,Example)", "-"},
        {"g ( h , u , d )", "", "(h,u,d)", "-"},
        {"g (h,u,d)(,u,)(h2,,)", "", "(h,u,d)|(,u,)|(h2,,)", "-"},
        {"g (h,u,d) ( h,u,d ) (H,u,d)", "", "(h,u,d)|(H,u,d)", "-"},
        {"g m\nm (,u,)", "", "-", "m"},
        {"g (h,u,d)m(,u,)\nm (,u,)", "", "(h,u,d)|(,u,)", "m"},
        {"g m m\nm (,u,)", "", "-", "m"},
        // what slapd refuses
        {"g (h_1,u,d) (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (,u@x,) (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (h/24,,) (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (,u v,) (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (,nicol\xC3\xB2,) (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (h,u) (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (h,u,d,e) (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g () (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (h,u,d (,u,)", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (,u,) (h,u,d", "netgroup:1=bad-triple", "(,u,)", "-"},
        {"g (h,u,d)) (,u,)", "netgroup:1=unknown-netgroup", "(h,u,d)|(,u,)", ")"},
        {"g (h_1,,)", "netgroup:1=bad-triple netgroup:1=empty-netgroup", "-", "-"},
        // lines
        {"g (h,u,d) \\\n\t(,u,)", "", "(h,u,d)|(,u,)", "-"},
        {"g \\\n(h,u,d)\\\n(,u,)", "", "(h,u,d)|(,u,)", "-"},
        {"g (h, \\\n u,d)", "", "(h,u,d)", "-"},
        {"g (h,u,d) \\", "", "(h,u,d)", "-"},
        {"g (h,u,d) \\\n", "", "(h,u,d)", "-"},
        {"g (h,u,d) \\\n\nm (,u,)", "", "(h,u,d)", "-"},
        {"g (h,u,d) \\  \n (,u,)", "netgroup:1=backslash-newline", "(h,u,d)|(,u,)", "-"},
        {"g (h,u,d)\n (,u,)", "netgroup:2=bad-netgroup", "(h,u,d)", "-"},
        {"g (h,u,d) \\\n# not yet \\\n(,u,)", "netgroup:1-3=netgroup-comment", "(h,u,d)|(,u,)", "-"},
        {"g (h,u,d)\r", "", "(h,u,d)", "-"},
        {"# g (h,u,d)", "", "no entry", "no entry"},
        {"", "", "no entry", "no entry"},
        {"g (h,u,d) # all of them", "netgroup:1=netgroup-comment", "(h,u,d)", "-"},
        {"g (h,u,d) # was: (,u,), m (a_b,,)\nm (,u,)", "netgroup:1=netgroup-comment", "(h,u,d)|(,u,)", "m"},
        {"g (h,u,d), (,u,)", "netgroup:1=comma-separated", "(h,u,d)|(,u,)", "-"},
        {"g", "netgroup:1=empty-netgroup", "-", "-"},
        {"g  ", "netgroup:1=empty-netgroup", "-", "-"},
        {std::string("g (h,u,d) \\\nx\0y", 15), "netgroup:2=nul-byte", "(h,u,d)", "-"},
        // names
        {"g x (,u,)", "netgroup:1=unknown-netgroup", "(,u,)", "x"},
        {"g M\nm (,u,)", "netgroup:1=unknown-netgroup", "-", "M"},
        {"g nicol\xF2 (,u,)", "netgroup:1=member-dropped", "(,u,)", "-"},
        {"g g", "netgroup:1=netgroup-loop", "-", "g"},
        {"g m\nm n\nn g", "netgroup:1=netgroup-loop netgroup:2=netgroup-loop netgroup:3=netgroup-loop", "-", "m"},
        {"g m\nm n\nn m", "netgroup:2=netgroup-loop netgroup:3=netgroup-loop", "-", "m"},
        {"g (h,u,d)\ng (,u,)", "netgroup:2=duplicate-netgroup", "(h,u,d)", "-"},
        {"g (h,u,d)\nG (,u,)", "netgroup:2=case-collision", "(h,u,d)", "-"},
        {"g(h,u,d)", "netgroup:1=bad-netgroup", "no entry", "no entry"},
        {"(h,u,d) g", "netgroup:1=bad-netgroup", "no entry", "no entry"},
        {"universit\xE0 (h,u,d)", "netgroup:1=bad-netgroup", "no entry", "no entry"},
        {std::string(241, 'g') + " (h,u,d)", "netgroup:1=bad-netgroup", "no entry", "no entry"},
        // not of this map
        {"+", "netgroup:1=compat", "no entry", "no entry"},
        {"+@g (h,u,d)", "netgroup:1=compat", "no entry", "no entry"},
        {"-g (h,u,d)", "netgroup:1=compat", "no entry", "no entry"},
        {"\xEF\xBB\xBFg (h,u,d)", "netgroup:1=byte-order-mark", "(h,u,d)", "-"},
    };
    for (const row& r : rows) {
        CAPTURE(r.map);
        const auto out = convert({.netgroup = r.map});
        CHECK(out.codes() == r.codes);
        CHECK(values(netgroup(out, "g"), "nisNetgroupTriple") == r.triples);
        CHECK(values(netgroup(out, "g"), "memberNisNetgroup") == r.members);
    }
}

TEST_CASE("continuation lines are merged into their netgroup") {
    const auto out = convert({.netgroup = "# all\ng (h,u,d) \\\n\t(,u,) \\\n\n\ng (,v,) \\\n\t(,w,)\n+\n"});
    CHECK(out.counts("netgroup") == "8=2+1+4+1");
}

TEST_CASE("what ypcat -k prints has housekeeping keys") {
    const auto out = convert({.netgroup = "g (h,u,d) m\nYP_LAST_MODIFIED 0123456789\nYP_MASTER_NAME\tnis\nm (,u,)\n@ @\nYP_SECURE \n"});
    CHECK(out.codes().empty());
    CHECK(out.counts("netgroup") == "6=4+2+0+0");
    // makedbm keeps the backslash that ends its input
    const auto backslash = convert({.netgroup = "g (h,u,d) \\\nm (,u,)\nYP_MASTER_NAME nis\n"});
    CHECK(backslash.codes().empty());
    CHECK(values(netgroup(backslash, "m"), "nisNetgroupTriple") == "(,u,)");
    auto o = nis_case::default_options();
    o.form = vmail::nis::map_form::plain;
    CHECK(convert({.netgroup = "YP_HOSTS (h,u,d)\n"}, o).counts("netgroup") == "1=0+1+0+0");
}

TEST_CASE("the reversed maps are refused by name") {
    for (const char* map : {"ada.* staff,admins\n", "ada.example staff\nbob.example staff,admins\n", "YP_MASTER_NAME x\n*.* all\n"}) {
        CAPTURE(map);
        try {
            convert({.netgroup = map});
            FAIL("it was taken");
        } catch (const vmail::error& e) {
            CHECK(e.kind() == vmail::error_kind::invalid_value);
            CHECK(std::string(e.what()).find("netgroup.byuser") != std::string::npos);
        }
    }
    CHECK(convert({.netgroup = "a.b c\n"}).counts("netgroup") == "1=0+1+0+0");
    CHECK(convert({.netgroup = "a.* c,d\nd (,u,)\n"}).counts("netgroup") == "2=0+2+0+0");
}

TEST_CASE("a netgroup stands below its folder, with its name escaped") {
    const auto out = convert({.netgroup = "a+b;c (h,u,d)\n"});
    CHECK(out.ldif.find("dn: ou=netgroup,o=hosting,dc=example,dc=org\n") != std::string::npos);
    CHECK(out.ldif.find("dn: cn=a\\2Bb\\3Bc,ou=netgroup,o=hosting") != std::string::npos);
    CHECK(out.report.entries.netgroups == 1);
}

TEST_CASE("long chains and large netgroups are linear") {
    constexpr int size = 20000;
    std::string map;
    for (int i = 0; i < size; ++i) map += fmt::format("g{} g{}\n", i, (i + 1) % size);
    map += "all";
    for (int i = 0; i < size; ++i) map += fmt::format(" (h{},,) g{}", i, i);
    const auto out = convert({.netgroup = map + "\n"});
    CHECK(out.counts("netgroup") == "20001=0+20001+0+0");
    REQUIRE(netgroup(out, "all"));
    CHECK(netgroup(out, "all")->find("nisNetgroupTriple")->size() == size);
}
