#include <algorithm>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include <vmail/nearest.hpp>

#include <cli/width.hpp>
#include <cli/wrapped.hpp>

using vmail::nearest;
using vmail::tools::wrapped;

TEST_CASE("a slip of the finger leads to the word that was meant, and another word to none") {
    struct row {
        std::string word, meant;
    };
    for (const row& r : {row{"lst", "list"}, row{"lits", "list"}, row{"remvoe", "remove"}, row{"enabel", "enable"}, row{"passwrod", "password"},
                                      row{"passw", "password"}, row{"list", "list"}, row{"xyzzy", ""}, row{"", ""}, row{"re", ""}, row{"l", ""},
                                      row{std::string(1000, 'l'), ""}}) {
        CAPTURE(r.word);
        CHECK(nearest(r.word, {"list", "remove", "rename", "restore", "enable", "disable", "password"}) == r.meant);
    }
    CHECK(nearest("list", {}).empty());
}

TEST_CASE("a wrapped text has the same words, and no line that is too long but for a word that is") {
    const std::string text = "a few words, some of them äöü 山田太郎 and one is supercalifragilisticexpialidocious which fills a line";
    for (std::size_t width = 1; width < 60; ++width) {
        CAPTURE(width);
        auto lines = wrapped(text, {.width = width, .indent = 3});
        std::string joined;
        std::istringstream in(lines);
        for (std::string line; std::getline(in, line);) {
            const auto words = line.substr(std::min(line.find_first_not_of(' '), line.size()));
            CHECK((vmail::tools::display_width(line) <= width || words.find(' ') == std::string::npos));
            joined += (joined.empty() ? "" : " ") + words;
        }
        CHECK(joined == text);
    }
    CHECK(wrapped("a b c", {.width = 5, .indent = 2, .begun = 0, .end = " \\"}) == "a b c");
    CHECK(wrapped("aa bb cc", {.width = 7, .indent = 2, .begun = 0, .end = " \\"}) == "aa bb \\\n  cc");
}
