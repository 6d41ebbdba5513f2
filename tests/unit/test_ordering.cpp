#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include <cli/ordering.hpp>

using namespace vmail;
using namespace vmail::tools;

namespace {

struct kept final : output {
    std::string names{};
    void write(const record& r, const ldap::entry*) override { names += text(r.front().value) + ' '; }
    void finish(bool) override {}
};

/// The names of the rows that are written, of "name" and "size".
std::string shown(const std::vector<std::pair<std::string, value>>& rows, const std::vector<std::string>& sort, std::optional<std::uint64_t> limit = {}) {
    kept out;
    const auto fields = parse_sort(sort, {"name", "size"});
    ordered_rows ordered(out, fields, limit);
    for (const auto& [name, size] : rows) {
        std::vector<value> keys;
        for (const auto& f : fields) keys.push_back(f.name == "name" ? value{name} : size);
        ordered.add({{"name", name}}, std::move(keys), nullptr);
    }
    ordered.flush();
    if (ordered.has_left_out()) out.names += "...";
    return out.names;
}

} // namespace

TEST_CASE("numbers are sorted by size, texts without regard to case, and what is not there comes last either way") {
    const std::vector<std::pair<std::string, value>> rows{{"b", std::int64_t{10}}, {"C", {}}, {"a", std::int64_t{9}}, {"d", unlimited{}}, {"e", nonsense{}}, {"f", std::int64_t{100}}};
    CHECK(shown(rows, {"name"}) == "a b C d e f ");
    CHECK(shown(rows, {"-name"}) == "f e d C b a ");
    CHECK(shown(rows, {"size"}) == "a b f d e C ");
    CHECK(shown(rows, {"-size"}) == "d f b a e C "); // no limit is the most
    CHECK(shown(rows, {}) == "b C a d e f ");
}

TEST_CASE("of equal rows the first that came is the first, and a second field decides before that") {
    const std::vector<std::pair<std::string, value>> rows{{"b", true}, {"a", true}, {"c", false}, {"d", false}};
    CHECK(shown(rows, {"size"}) == "c d b a ");
    CHECK(shown(rows, {"-size", "-name"}) == "b a d c ");
    CHECK(shown(rows, {"size"}, 3) == "c d b ...");
    CHECK(shown(rows, {"size"}, 1) == "c ...");
}

TEST_CASE("a limit shows so many, and tells when there are more") {
    const std::vector<std::pair<std::string, value>> rows{{"c", {}}, {"a", {}}, {"b", {}}};
    CHECK(shown(rows, {}, 2) == "c a ...");
    CHECK(shown(rows, {"name"}, 2) == "a b ...");
    CHECK(shown(rows, {"name"}, 3) == "a b c ");
    CHECK(shown(rows, {}, 3) == "c a b ");
    CHECK(shown({}, {"name"}, 1).empty());
}

TEST_CASE("a field that is none is a mistake on the command line") {
    CHECK_THROWS_AS(parse_sort({"nosuch"}, {"name"}), error);
    CHECK_THROWS_AS(parse_sort({"-"}, {"name"}), error);
    CHECK_THROWS_AS(parse_sort({"--name"}, {"name"}), error);
}
