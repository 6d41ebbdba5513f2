#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <ldap.h>

#include <vmail/error.hpp>

#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/wire/handle.hpp>

using vmail::invalid_value;
using vmail::ldap::filter;
namespace wire = vmail::ldap::wire;

namespace {

/// The filter as it goes over the wire, or nothing when libldap refuses its text. The assertion control holds one whole filter (RFC 4528).
std::optional<std::string> encoded(const std::string& text) {
    LDAP* raw = nullptr;
    const int made = ldap_initialize(&raw, nullptr);
    const wire::handle ld(raw);
    REQUIRE(made == LDAP_SUCCESS);
    std::string copy = text;
    berval value{};
    const int rc = ldap_create_assertion_control_value(ld.get(), copy.data(), &value);
    const wire::text owner(value.bv_val);
    if (rc != LDAP_SUCCESS) return std::nullopt;
    return std::string(value.bv_val, value.bv_len);
}

} // namespace

TEST_CASE("filters are written as RFC 4515 has them") {
    const auto a = filter::equal("a", "1");
    const auto b = filter::present("b");
    CHECK(a.text() == "(a=1)");
    CHECK(b.text() == "(b=*)");
    CHECK(filter::less_or_equal("a", "1").text() == "(a<=1)");
    CHECK(filter::greater_or_equal("a", "1").text() == "(a>=1)");
    CHECK(filter::begins_with("a", "1").text() == "(a=1*)");
    CHECK(filter::ends_with("a", "1").text() == "(a=*1)");
    CHECK(filter::contains("a", "1").text() == "(a=*1*)");
    CHECK(filter::all_of({a, b}).text() == "(&(a=1)(b=*))");
    CHECK(filter::any_of({a, b}).text() == "(|(a=1)(b=*))");
    CHECK(filter::negation(a).text() == "(!(a=1))");
    CHECK(filter::all_of({}).text() == "(&)");
    CHECK(filter::any_of({}).text() == "(|)");
}

TEST_CASE("every value begins with nothing, ends with it and contains it") {
    CHECK(filter::begins_with("a", "").text() == "(a=*)");
    CHECK(filter::ends_with("a", "").text() == "(a=*)");
    CHECK(filter::contains("a", "").text() == "(a=*)");
    CHECK(filter::equal("a", "").text() == "(a=)");
}

TEST_CASE("a value cannot leave its place") {
    CHECK(filter::equal("mail", "*)(uid=*").text() == "(mail=\\2A\\29\\28uid=\\2A)");
    CHECK(filter::equal("mail", "\\2a").text() == "(mail=\\5C2a)");
    CHECK(filter::equal("mail", std::string("a\0b", 3)).text() == "(mail=a\\00b)");
    CHECK(filter::begins_with("mail", "*").text() == "(mail=\\2A*)");
}

TEST_CASE("an attribute that is none is refused") {
    for (const std::string_view name : {"", "mail=", "a)(b", "a b", "*", "a;", "1", "a:dn:"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(filter::equal(name, "x"), invalid_value);
        CHECK_THROWS_AS(filter::present(name), invalid_value);
    }
    CHECK(filter::present("userCertificate;binary").text() == "(userCertificate;binary=*)");
}

TEST_CASE("libldap puts each of the 256 bytes on the wire as it was given") {
    for (int byte = 0; byte < 256; ++byte) {
        CAPTURE(byte);
        const std::string value = "<" + std::string(1, static_cast<char>(byte)) + ">";
        for (const auto& f : {filter::equal("cn", value), filter::contains("cn", value), filter::less_or_equal("cn", value)}) {
            for (const char c : f.text()) CHECK((c >= ' ' && c <= '~'));
            const auto bytes = encoded(f.text());
            REQUIRE(bytes.has_value());
            CHECK(bytes->find(value) != std::string::npos);
            CHECK(filter::parse(f.text()).text() == f.text());
        }
    }
}

TEST_CASE("what an administrator types is read, and escaped anew") {
    struct {
        std::string_view typed;
        std::string_view text;
    } const rows[] = {
        {"a=1", "(a=1)"},
        {" (a=1) ", "(a=1)"},
        {"&(a=1)(b=2)", "(&(a=1)(b=2))"},
        {"(& (a=1) (| (b=2) (c=3) ) (! (d=4) ) )", "(&(a=1)(|(b=2)(c=3))(!(d=4)))"},
        {"(&)", "(&)"},
        {"(|)", "(|)"},
        {"(a=)", "(a=)"},
        {"(a=*)", "(a=*)"},
        {"(a=x*y*z)", "(a=x*y*z)"},
        {"(a=*x*)", "(a=*x*)"},
        {"(a= x )", "(a= x )"},
        {"(a~=x)", "(a~=x)"},
        {"(a>=1)", "(a>=1)"},
        {"(a<=1)", "(a<=1)"},
        {"(a=b=c)", "(a=b=c)"},
        {"(a=\\2a\\5C\\41)", "(a=\\2A\\5CA)"},
        {"(cn=Lu\xC4\x8D)", "(cn=Lu\\C4\\8D)"},
        {"(a=!&|)", "(a=\\21\\26\\7C)"},
        {"(cn:=x)", "(cn:=x)"},
        {"(cn:2.5.13.5:=x)", "(cn:2.5.13.5:=x)"},
        {"(cn:dn:=x)", "(cn:dn:=x)"},
        {"(cn:dn1:=x)", "(cn:dn1:=x)"}, // a rule whose name begins like the mark
        {"(cn:dn:caseExactMatch:=x)", "(cn:dn:caseExactMatch:=x)"},
        {"(:caseExactMatch:=x)", "(:caseExactMatch:=x)"},
        {"(:dn:2.4.6.8.10:=x)", "(:dn:2.4.6.8.10:=x)"},
        {"(1.2.3;lang-it=x)", "(1.2.3;lang-it=x)"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.typed);
        const auto f = filter::parse(row.typed);
        CHECK(f.text() == row.text);
        CHECK(encoded(f.text()).has_value());
    }
}

TEST_CASE("what is no filter is refused") {
    using namespace std::string_view_literals;
    constexpr std::string_view rows[] = {
        "",        " ",        "a",        "()",         "(a)",      "(=1)",    "a=1)",       "(a=1",      "(a=1))",   "(a=1)(b=2)", "((a=1))", "(&(a=1)",  "(!)",
        "(!(a=1)(b=2))", "(&a=1)", "(a=(b))", "(a=**)", "(a=x**y)", "(a<=x*)", "(a:=*)",     "(a=\\)",    "(a=\\4)",  "(a=\\*)",    "(a=\\zz)", "(a b=1)", "(:=x)",
        "(:dn:=x)", "(cn::=x)", "(cn:a:b:=x)", "(cn:dn:a:b:=x)", "(=)", "(*=x)", "(a=x\0y)"sv, "(a\0=x)"sv, "(~=x)", "(a*=x)",     "(a=1)x",  "x(a=1)",
    };
    for (const auto text : rows) {
        CAPTURE(text);
        CHECK_THROWS_AS(filter::parse(text), invalid_value);
    }
}

TEST_CASE("a filter has bounds") {
    const auto nested = [](std::size_t depth) {
        std::string text;
        for (std::size_t i = 0; i < depth; ++i) text += "(!";
        return text + "(a=1)" + std::string(depth, ')');
    };
    CHECK(filter::parse(nested(64)).text() == nested(64));
    CHECK_THROWS_AS(filter::parse(nested(65)), invalid_value);
    CHECK_THROWS_AS(filter::parse(nested(10000)), invalid_value);
    CHECK_THROWS_AS(filter::parse("(a=" + std::string(64 * 1024, 'x') + ")"), invalid_value);
}
