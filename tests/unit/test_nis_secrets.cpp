#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <nis/hidden_hashes.hpp>

#include "nis_case.hpp"

using namespace vmail::nis;

namespace {

struct secret {
    std::string field;
    std::string core; ///< what must not be seen of it
};

const std::vector<secret> marked = {
    {"$1$abcdefgh$0123456789012345678901", "0123456789"},
    {"!$1$abcdefgh$0123456789012345678901", "0123456789"},
    {"$6$rounds=5000$abcdefgh$" + std::string(86, 'x'), "xxxx"},
    {"$2b$12$" + std::string(53, 'y'), "yyyy"},
    {"$md5,rounds=904$abcdefgh$$0123456789012345678901", "0123456789"},
    {"{SSHA}0123456789abcdefghij+/==", "0123456789"},
    {"{CRYPT}abJnggxhB/yWI", "abJnggxhB"},
};
const std::vector<secret> bare = {
    {"abJnggxhB/yWI", "nggxhB"}, {"!abJnggxhB/yWI", "nggxhB"}, {"*LK*abJnggxhB/yWI", "nggxhB"}, {"abJnggxhB/yWI,..2.", "nggxhB"}};

std::string with(std::string line, const std::string& field) {
    for (std::size_t at = 0; (at = line.find('@', at)) != std::string::npos; at += field.size()) line.replace(at, 1, field);
    return line + '\n';
}

std::string report_of(const nis_case::maps& maps, map_form form) {
    auto o = nis_case::default_options();
    o.form = form;
    const auto result = nis_case::convert(maps, o);
    std::ostringstream text;
    write_text(text, result.report);
    write_json(text, result.report);
    return text.str();
}

void check_hidden(std::optional<std::string> nis_case::maps::*map, const std::vector<std::string>& lines, const std::vector<secret>& secrets) {
    for (const std::string& line : lines)
        for (const secret& s : secrets)
            for (const map_form form : {map_form::detect, map_form::plain, map_form::keyed}) {
                CAPTURE(line);
                CAPTURE(s.field);
                nis_case::maps maps;
                if (map != &nis_case::maps::passwd) maps.passwd = "bob:x:1001:100:Bob Verdi:/home/bob:/bin/sh\n";
                maps.*map = with(line, s.field);
                CHECK(report_of(maps, form).find(s.core) == std::string::npos);
            }
}

const std::vector<std::string> colon_lines = {
    "@",
    "ada:@",
    "ada @",
    "@ ada",
    "@:",
    "@::::::",
    "+ada:@:::::",
    "+@:::::",
    "+:@:::::",
    "-ada:@",
    "ada +ada:@:::::",
    "ada:@:1001:100:Ada Bressan:/home/ada",
    "ada:@:1001:100:Ada Bressan:/home/ada:/bin/sh",
    "ada: @:1001:100:Ada Bressan:/home/ada:/bin/sh",
    "ada ada:@:1001:100:Ada Bressan:/home/ada",
    "ada::@:1001:100:/home/ada:/bin/sh",
    "ada:x:@:100:Ada Bressan:/home/ada:/bin/sh",
    "ada:x:1001:@:Ada Bressan:/home/ada:/bin/sh",
    "@:x:1001:100:Ada Bressan:/home/ada",
    "@:1001:100:Ada Bressan:/home/ada:/bin/sh",
    "@ ada:x:1001:100:Ada Bressan:/home/ada:/bin/sh",
    "bob:x:@:0:::::",
    "bob:x:1:@:::::",
    "ada:@:15000:0:99999:7:::",
    "@:15000:0:99999:7:::",
    "wheel:@:x:ada",
    "wheel:x:@:ada",
    "@:10:ada",
};

} // namespace

TEST_CASE("no hash of a line that is cut wrongly gets into the report") {
    std::vector<secret> all = marked;
    all.insert(all.end(), bare.begin(), bare.end());
    for (const auto map : {&nis_case::maps::passwd, &nis_case::maps::shadow, &nis_case::maps::adjunct, &nis_case::maps::group})
        check_hidden(map, colon_lines, all);
}

TEST_CASE("nor of a map that was given for another") {
    for (const auto map : {&nis_case::maps::aliases, &nis_case::maps::netgroup}) check_hidden(map, colon_lines, marked);
    check_hidden(&nis_case::maps::forward_list, {"ada:@:1001:100:Ada Bressan:/home/ada:/bin/sh", "@ x"}, marked);
}

TEST_CASE("a hash is hidden where it stands, and what surrounds it is not") {
    const auto hide = [](std::string text) {
        hide_hashes(text);
        return text;
    };
    CHECK(hide("ada: \"$1$abcdefgh$0123456789012345678901\" is odd") == "ada: \"(hidden)\" is odd");
    CHECK(hide("{SSHA}0123456789abcdefghij==:x, {MD5}0123456789abcdef") == "(hidden):x, (hidden)");
    for (const char* const harmless : {"", "$", "{", "$HOME/Mail", "/var/mail/${USER}", "costs 5$, or 6$", "{a}", "$1$", "$$", "a$b$c@example.net"})
        CHECK(hide(harmless) == harmless);
}

TEST_CASE("names are shown, also those of 13 characters") {
    for (const char* const name : {"ada", "administrator", "postmaster123", "+", "-ada", "x", "*", "12345", "Ada.Bressan"})
        CHECK(shown(name) == name);
    CHECK(shown("abJnggxhB/yWI") == "(hidden)");
    CHECK(shown_quoted("!abJnggxhB/yWI") == "(hidden)");
    CHECK(shown_quoted("a\"b") == "\"a\\\"b\"");
    CHECK(shown(std::string(100, 'a')) == std::string(80, 'a'));
}
