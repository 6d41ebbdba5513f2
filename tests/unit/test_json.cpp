#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cli/json.hpp>

using namespace vmail::tools;
using nlohmann::ordered_json;

namespace {

/// As a library writes it that others trust.
std::string by_others(const ordered_json& o) { return o.dump(-1, ' ', true, ordered_json::error_handler_t::replace); }

} // namespace

TEST_CASE("JSON of every byte and many characters is what others write, and is read again") {
    for (unsigned c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 0x101) {
        if (c >= 0xD800 && c < 0xE000) continue;
        std::string text = "a";
        if (c < 0x80) text += static_cast<char>(c);
        else if (c < 0x800) text += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
        else if (c < 0x10000) text += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
        else text += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
        text += 'z';
        const std::string line = json_object({{"x", text}});
        REQUIRE(line == by_others({{"x", text}}));
        REQUIRE(ordered_json::parse(line)["x"] == text);
    }
}

TEST_CASE("bytes that are no UTF-8 become U+FFFD, and the rest stays") {
    for (const std::string bad : {"\xFF", "\xC3", "\xE2\x82", "\xED\xA0\x80", "\xC0\xAF", "\xF4\x90\x80\x80", "\x80"}) {
        const auto read = ordered_json::parse(json_object({{"x", 'a' + bad + 'z'}}))["x"].get<std::string>();
        CHECK(read.starts_with("a\xEF\xBF\xBD"));
        CHECK(read.ends_with("\xEF\xBF\xBDz"));
    }
}

TEST_CASE("each kind of value has its form") {
    const record inner{{"n", std::int64_t{1}}};
    const record all{{"nothing", {}}, {"nonsense", nonsense{}}, {"unlimited", unlimited{}}, {"yes", true}, {"no", false}, {"least", std::numeric_limits<std::int64_t>::min()}, {"most", std::numeric_limits<std::int64_t>::max()},
                     {"half", 0.5}, {"whole", 30.0}, {"none", std::numeric_limits<double>::quiet_NaN()}, {"text", std::string()}, {"texts", std::vector<std::string>{"a", "\""}}, {"no_texts", std::vector<std::string>{}},
                     {"paragraph", paragraph{"a\nb"}}, {"records", records{{inner, {}}}}};
    CHECK(json_object(all) == R"({"nothing":null,"nonsense":null,"unlimited":null,"yes":true,"no":false,"least":-9223372036854775808,"most":9223372036854775807,)"
                              R"("half":0.5,"whole":30.0,"none":null,"text":"","texts":["a","\""],"no_texts":[],"paragraph":"a\nb","records":[{"n":1},{}]})");
    CHECK(json_object({}) == "{}");
    std::string line = "[";
    append_json(line, inner);
    CHECK(line == R"([{"n":1})");
}

TEST_CASE("a failure is told with what is known of it") {
    using vmail::error;
    using vmail::error_kind;
    const error bare(error_kind::usage, "no \"x\"");
    CHECK(json_failure(bare, 64) == R"({"version":1,"error":{"kind":"usage","message":"no \"x\"","exit_status":64}})");
    const error full(error_kind::not_found, "gone", {.dn = "o=x", .ldap_code = 32, .hint = "look"});
    CHECK(json_failure(full, 67) == R"({"version":1,"error":{"kind":"not_found","message":"gone","dn":"o=x","ldap_code":32,"hint":"look","exit_status":67}})");
    CHECK(json_message("note", "a") == R"({"version":1,"note":"a"})");
}
