#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <vmail/written_file.hpp>

using vmail::file_standing;
using vmail::judge_file;
using vmail::marked;

namespace {

const auto text = marked("a = 1\nb = 2\n", "mailctl config x");

} // namespace

TEST_CASE("what was written is known again, and whether it was edited") {
    struct row {
        const char* what;
        std::optional<std::string> there;
        file_standing standing;
    };
    const auto other = marked("a = 2\n", "mailctl config x");
    const row rows[] = {
        {"nothing", std::nullopt, file_standing::absent},
        {"the same", text, file_standing::same},
        {"an older one", other, file_standing::written},
        {"one of another writer of ours", marked("a = 2\n", "mailctl config y"), file_standing::written},
        {"an empty one of ours", marked("", "mailctl config x"), file_standing::written},
        {"a line more", other + "c = 3\n", file_standing::edited},
        {"a line less", other.substr(0, other.size() - 6), file_standing::edited},
        {"a character", text.substr(0, text.size() - 2) + "3\n", file_standing::edited},
        {"a digest that is cut", other.substr(0, other.find('\n') - 1) + "\na = 2\n", file_standing::edited},
        {"the mark alone, without an end", other.substr(0, other.find('\n')), file_standing::edited},
        {"an empty file", std::string(), file_standing::foreign},
        {"without its mark", std::string("a = 1\nb = 2\n"), file_standing::foreign},
        {"a mark further down", "\n" + other, file_standing::foreign},
        {"somebody else's", std::string("# Written by hand\na = 1\n"), file_standing::foreign},
        {"zeros", std::string("\0\0", 2), file_standing::foreign},
    };
    for (const auto& r : rows) {
        CAPTURE(r.what);
        CHECK(judge_file(r.there, text) == r.standing);
    }
}

TEST_CASE("the mark is one line of comment, before the text as it is") {
    CHECK(text.starts_with("# Written by mailctl config x: "));
    CHECK(text.ends_with("\na = 1\nb = 2\n"));
    CHECK(text.find('\n') == text.size() - 13);
}
