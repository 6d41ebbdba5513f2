#include <vmail/error.hpp>
#include <vmail/maildir_size.hpp>

using namespace vmail;

TEST_CASE("a maildirsize is a quota and what was added to it") {
    struct row {
        std::string text;
        mail_size used;
        std::string limit;
    };
    for (const row& r : std::vector<row>{
             {"1000000S\n0 0\n", {0, 0}, "1000000"},
             {"1000000S,1000C\n182 1\n", {182, 1}, "1000000S,1000C"},
             {"1048576S\n1000 3\n-400 -1\n", {600, 2}, "1M"},
             {"1048576S\n         1000            3\n  -400 \t         -1 \n", {600, 2}, "1M"}, // as Courier pads it
             {"1048576\n5 1\n", {5, 1}, "1M"},
             {"0S\n5 1\n", {5, 1}, "none"},
             {"NOQUOTA\n5 1\n", {5, 1}, "none"},
             {"\n5 1\n", {5, 1}, ""},
             {"1048576S\r\n5 1\r\n", {5, 1}, "1M"},
             {"1S\n-10 -1\n20 2\n", {10, 1}, "1"}, // below 0 in between is what two writers make of it
         }) {
        CAPTURE(r.text);
        const auto found = parse_maildir_size(r.text);
        CHECK(found.used == r.used);
        CHECK((found.limit ? found.limit->text() : "") == r.limit);
    }
}

TEST_CASE("a maildirsize may be as long as it is") {
    std::string text = "1048576S\n";
    for (int i = 0; i < 10'000; ++i) text += "10 1\n";
    CHECK(parse_maildir_size(text).used == mail_size{100'000, 10'000});
}

TEST_CASE("a count that nobody can trust is none") {
    for (const std::string text : {"", "1000S", "1000S\n", "1000S\n10 1", "1000S\n10\n", "1000S\n10 x\n", "1000S\n10 1 1\n", "1000S\n\n", "1000S\n-1 0\n", "1000S\n0 -1\n", "1000S\n10 1\n-11 0\n", "x\n1 1\n",
                                   "1000S\n9223372036854775807 1\n1 1\n", "1000S\n99999999999999999999 1\n", "1000S\n1.5 1\n", "1000S\n+1 1\n"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_maildir_size(text), invalid_value);
    }
    CHECK_THROWS_AS(parse_maildir_size(std::string("1000S\n1\0 1\n", 11)), invalid_value);
}
