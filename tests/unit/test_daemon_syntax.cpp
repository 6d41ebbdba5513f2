#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <vmail/daemon_syntax.hpp>
#include <vmail/error.hpp>

#include "refusal.hpp"

using vmail::daemon_syntax;
using vmail::plain_everywhere;
using vmail::written_in;

// What the daemons themselves read there: tests/tools/mailctl_config_secrets.sh.
TEST_CASE("a value as each syntax has it") {
    struct row {
        daemon_syntax syntax;
        std::string_view value, written;
    };
    const row rows[] = {
        {daemon_syntax::line, R"(a b#c$d"e'f%g\h${x}#)", R"(a b#c$d"e'f%g\h${x}#)"},
        {daemon_syntax::line, "", ""},
        {daemon_syntax::line, "ünï", "ünï"},
        {daemon_syntax::postfix_parameter, "a$b$$", "a$$b$$$$"},
        {daemon_syntax::quoted, R"(a b"c\d#')", R"("a b\"c\\d#'")"},
        {daemon_syntax::quoted, " a ", R"(" a ")"},
        {daemon_syntax::quoted, "", R"("")"},
        {daemon_syntax::dovecot_24, R"(50%"\)", R"("50%\"\\")"},
        {daemon_syntax::freeradius, R"(a"b$c%{d}#')", R"("a\"b$c%{d}#'")"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.value);
        CHECK(written_in(r.syntax, r.value, "it") == r.written);
    }
}

TEST_CASE("what a syntax cannot have is refused, without a word of it") {
    struct row {
        daemon_syntax syntax;
        std::string value;
    };
    const row rows[] = {
        {daemon_syntax::line, " s3cret"},
        {daemon_syntax::line, "s3cret "},
        {daemon_syntax::line, "s3cret\nb"},
        {daemon_syntax::line, std::string("s3cret\0b", 8)},
        {daemon_syntax::line, "s3cret\tb"},
        {daemon_syntax::line, "s3cret\x7f"},
        {daemon_syntax::postfix_parameter, "s3cret "},
        {daemon_syntax::quoted, "s3cret\n"},
        {daemon_syntax::dovecot_24, "s3cret%{user}"},
        {daemon_syntax::freeradius, R"(s3cret\)"},
        {daemon_syntax::freeradius, "s3cret${x}"},
        {daemon_syntax::freeradius, "s3cret$ENV{x}"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.value);
        const auto said = refusal([&] { written_in(r.syntax, r.value, "the password"); });
        CHECK(said.starts_with("the password cannot be written into this file: "));
        CHECK(said.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("names, paths and DNs go everywhere as they are, or nowhere") {
    for (const std::string_view text : {"/etc/postfix/mailctl", "ldaps://one.example:636", "vmail", "/a_b/c-d+e.f", "o=x", ""}) CHECK(plain_everywhere(text, "it") == text);
    CHECK(plain_everywhere("dc=example,dc=org", "it", ",") == "dc=example,dc=org");
    CHECK(plain_everywhere("ldapi://%2Frun%2Fslapd ldaps://[::1]", "it", "%[] ") == "ldapi://%2Frun%2Fslapd ldaps://[::1]");
    for (const std::string_view text : {"a#b", "a$b", "a\"b", "a'b", "a\\b", "a\nb", "a;b", "a{b", "a}b", "a(b", "a*b", "a@b", "a|b", "a&b", "a<b", "a`b", "ü", " a", "a ", "a b", "a,b", "a%b", "a[b",
                                        "a~b", "a?b", "a!b", "a^b"}) {
        CAPTURE(text);
        CHECK(refusal([&] { plain_everywhere(text, "it"); }).starts_with("it cannot be written into this file: "));
    }
}
