#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <cli/table_fitting.hpp>
#include <cli/width.hpp>

using namespace vmail::tools;

namespace {

std::vector<std::size_t> widths_of(const std::vector<cells>& lines) {
    std::vector<std::size_t> all(lines.front().size());
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) all[i] = std::max(all[i], display_width(line[i]));
    return all;
}

/// The line as it is printed on a terminal of so many columns.
std::string second_line(const std::vector<cells>& lines, std::size_t terminal) {
    const auto limits = table_fitting(terminal).limits(lines, widths_of(lines));
    std::string text;
    for (std::size_t i = 0; i < lines[1].size(); ++i) text += (i == 0 ? "" : "|") + (limits.empty() ? lines[1][i] : shortened(lines[1][i], limits[i]));
    return text;
}

} // namespace

TEST_CASE("what is said for people is cut from the right until the table fits, and addresses never") {
    const std::vector<cells> lines{{"ADDRESS", "NAME", "TARGETS", "DESCRIPTION"}, {"somebody@example.org", "Somebody with a name", "a@example.org, b@example.org", "and with a long description"}};
    CHECK(second_line(lines, 0) == "somebody@example.org|Somebody with a name|a@example.org, b@example.org|and with a long description");
    CHECK(second_line(lines, 101) == second_line(lines, 0));
    CHECK(second_line(lines, 100) == "somebody@example.org|Somebody with a name|a@example.org, b@example.org|and with a long descrip...");
    CHECK(second_line(lines, 85) == "somebody@example.org|Somebody with a name|a@example.org, b@example.org|and with...");
    CHECK(second_line(lines, 80) == "somebody@example.org|Somebody wit...|a@example.org, b@example.org|and with...");
    CHECK(second_line(lines, 20) == "somebody@example.org|Someb...|a@example.org, b@example.org|and with...");
}

TEST_CASE("the first column is what a line is about, whatever it is called") {
    const std::vector<cells> lines{{"NAME", "KIND"}, {"an-administrator-with-a-long-name", "virtual"}};
    CHECK(second_line(lines, 20) == "an-administrator-with-a-long-name|virtual");
}

TEST_CASE("a text is cut between characters, by the columns that they take") {
    CHECK(shortened("abcdefgh", 8) == "abcdefgh");
    CHECK(shortened("abcdefghi", 8) == "abcde...");
    CHECK(shortened("äöüäöüäöü", 8) == "äöüäö...");
    CHECK(shortened("日本語日本語", 8) == "日本...");
    CHECK(shortened("", 8).empty());
}
