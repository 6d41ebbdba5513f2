#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <vmail/template.hpp>

namespace {

std::optional<std::string> value_of(std::string_view name) {
    if (name == "BASE") return "dc=example,dc=org";
    if (name == "AT") return "@BASE@";
    if (name == "NONE") return "";
    if (name == "B_2") return "two";
    return std::nullopt;
}

} // namespace

TEST_CASE("a template is filled with values") {
    struct row {
        std::string_view text, filled;
    };
    const row rows[] = {
        {"", ""},
        {"no name", "no name"},
        {"o=hosting,@BASE@", "o=hosting,dc=example,dc=org"},
        {"@BASE@@BASE@", "dc=example,dc=orgdc=example,dc=org"},
        {"@@BASE@ all", "@dc=example,dc=org all"},
        {"@B_2@", "two"},
        {"<@NONE@>", "<>"},
        // What a value holds is no name.
        {"@AT@", "@BASE@"},
        {"@AT@BASE@", "@BASE@BASE@"},
        // What is no name, and a name that nobody knows.
        {"@user@\\40@realm@", "@user@\\40@realm@"},
        {"bob@example.org and @BASE", "bob@example.org and @BASE"},
        {"@", "@"},
        {"@@", "@@"},
        {"@OTHER@ @BASE@", "@OTHER@ dc=example,dc=org"},
        {"@OTHER@BASE@", "@OTHERdc=example,dc=org"},
        // Lines that are there or not.
        {"a\n@?BASE@base @BASE@\nb\n", "a\nbase dc=example,dc=org\nb\n"},
        {"a\n@?NONE@base @BASE@\nb\n", "a\nb\n"},
        {"a\n@!NONE@none\nb", "a\nnone\nb"},
        {"@!BASE@none", ""},
        {"@?NONE@last", ""},
        {"@?OTHER@stays\n", "@?OTHER@stays\n"},
        {"@?@\n", "@?@\n"},
        {" @?NONE@ is no beginning\n", " @?NONE@ is no beginning\n"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        CHECK(vmail::fill_template(r.text, value_of) == r.filled);
    }
}
