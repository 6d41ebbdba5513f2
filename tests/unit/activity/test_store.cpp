#include <sys/stat.h>
#include <unistd.h>

#include <random>
#include <set>

#include <vmail/error.hpp>

#include <unit/activity/store_rows.hpp>

using namespace activity_test;
using vmail::error_kind;

namespace {

constexpr std::int64_t noon = 1'764'417'600;
constexpr std::int64_t noon_hour = noon / 3600;

event failure(std::string_view account, std::int64_t when) {
    return {.when = when, .host = "h", .account = account, .client = "192.0.2.1", .reference = "r", .what = login{protocol::imap, false}};
}

/// Counts it, as one scan does.
void count(store& s, const std::vector<event>& events, const std::string& memory) {
    tally t({});
    for (const event& e : events) t.add(e);
    s.memory();
    s.take(t, memory);
}

error_kind kind_thrown(const std::function<void()>& act) {
    try {
        act();
    } catch (const vmail::error& e) {
        return e.kind();
    }
    return error_kind::internal;
}

} // namespace

TEST_CASE("what is counted and what the reader remembers are kept together") {
    const scratch_folder f;
    {
        auto s = store::open_to_write(f.store());
        CHECK(s.memory().empty());
        CHECK(!s.begin());
        count(s, {failure("ann", noon), failure("ann", noon + 1)}, std::string("one\0two", 7));
        count(s, {failure("ann", noon + 2), failure("bob", noon - 3600)}, "three");
    }
    const auto s = store::open(f.store());
    CHECK(s.memory() == "three");
    CHECK(s.begin() == noon_hour - 1);
    CHECK(lines_of(s) == std::vector<std::string>{std::to_string(noon_hour - 1) + " bob h failure 192.0.2.0/24 " + std::to_string(noon - 3600) + ".." + std::to_string(noon - 3600) + " x1 r",
                                                  std::to_string(noon_hour - 1) + " bob h failures=1",
                                                  std::to_string(noon_hour) + " ann h failure 192.0.2.0/24 " + std::to_string(noon) + ".." + std::to_string(noon + 2) + " x3 r",
                                                  std::to_string(noon_hour) + " ann h failures=3"});
}

TEST_CASE("who counts from a memory that is not the last one any more counts nothing") {
    const scratch_folder f;
    auto one = store::open_to_write(f.store()), other = store::open_to_write(f.store());
    one.memory();
    other.memory();
    tally t({});
    t.add(failure("ann", noon));
    one.take(t, "first");
    CHECK(kind_thrown([&] { other.take(t, "second"); }) == error_kind::conflict);
    CHECK(other.memory() == "first");
    CHECK(lines_of(other).size() == 2);
    one.take(t, "again"); // it knows of its own
    CHECK(one.memory() == "again");
}

TEST_CASE("the store is for its owner, and its group reads") {
    const scratch_folder f;
    auto s = store::open_to_write(f.store());
    count(s, {failure("ann", noon)}, "m");
    for (const auto& file : std::filesystem::directory_iterator(f.store().parent_path())) {
        struct stat seen{};
        REQUIRE(::stat(file.path().c_str(), &seen) == 0);
        CAPTURE(file.path());
        CHECK((seen.st_mode & 0777U) == 0640);
    }
    ::chmod(f.store().c_str(), 0660);
    CHECK(kind_thrown([&] { store::open_to_write(f.store()); }) == error_kind::configuration);
}

TEST_CASE("what is no store of ours is left as it is") {
    const scratch_folder f;
    CHECK(kind_thrown([&] { store::open(f.store()); }) == error_kind::input_missing);
    const auto write = [&](const std::string& text) { std::ofstream(f.store(), std::ios::binary) << text; };
    write(std::string(8192, 'x'));
    CHECK(kind_thrown([&] { store::open(f.store()); }) == error_kind::invalid_value);
    CHECK(kind_thrown([&] { store::open_to_write(f.store()); }) == error_kind::invalid_value);
    std::filesystem::remove(f.store());
    std::filesystem::create_symlink("elsewhere", f.store());
    CHECK(kind_thrown([&] { store::open_to_write(f.store()); }) == error_kind::configuration);
    std::filesystem::remove(f.store());

    { auto s = store::open_to_write(f.store()); }
    { database(f.store(), database::access::write).run("PRAGMA user_version = 2; PRAGMA wal_checkpoint(TRUNCATE)"); }
    const auto before = f.bytes();
    CHECK(kind_thrown([&] { store::open(f.store()); }) == error_kind::configuration);
    CHECK(kind_thrown([&] { store::open_to_write(f.store()); }) == error_kind::configuration);
    CHECK(f.bytes() == before);
    { database(f.store(), database::access::write).run("PRAGMA user_version = 1; PRAGMA application_id = 7"); }
    CHECK(kind_thrown([&] { store::open_to_write(f.store()); }) == error_kind::invalid_value);
}

TEST_CASE("names are values, whatever is in them") {
    const scratch_folder f;
    auto s = store::open_to_write(f.store());
    const std::string name = "x'); drop table counts; --\" %s {} \\";
    count(s, {failure(name, noon)}, "m");
    CHECK(lines_of(s).back() == std::to_string(noon_hour) + ' ' + name + " h failures=1");
    std::size_t rows = 0;
    s.each_of(name, 0, {.on_counts = [&](const count_row& r) { if (r.of.account == name) ++rows; }});
    CHECK(rows == 1);
}

TEST_CASE("who is forgotten is in no file any more, and does not come back with what is as old") {
    const scratch_folder f;
    const std::string name = "forgetful.person@example.org";
    auto s = store::open_to_write(f.store());
    count(s, {failure(name, noon), failure(name, noon + 7200), failure("person42@example.org", noon)}, "m");
    REQUIRE(f.bytes().find(name) != std::string::npos);
    CHECK(s.forget(std::vector{name}, noon + 100) == 1);
    CHECK(f.bytes().find(name) == std::string::npos);
    CHECK(f.bytes().find("person42@example.org") != std::string::npos);

    const auto before = lines_of(s);
    count(s, {failure(name, noon), failure(name, noon - 7200)}, "m");
    store::merging m(s);
    m.add(count_row{{noon_hour, name, "other"}, {}});
    m.add(sighting{{noon_hour, name, "other"}, sight::login, "192.0.2.0/24", noon, noon, 1, "r"});
    m.add(last_use{name, "other", use::read, noon});
    m.finish();
    CHECK(lines_of(s) == before);
    CHECK(f.bytes().find(name) == std::string::npos);

    count(s, {failure(name, noon + 7200)}, "m"); // it goes on
    CHECK(lines_of(s).size() == before.size() + 2);
    CHECK(s.forget(std::vector<std::string>{"nobody", "person42@example.org"}, noon) == 1);
}

TEST_CASE("nor is a copy of a forgotten name left where pages were split") {
    const scratch_folder f;
    auto s = store::open_to_write(f.store());
    std::mt19937 random(3);
    std::vector<std::string> names;
    for (int i = 0; i < 20'000; ++i) names.push_back("name" + std::to_string(100'000 + i) + "@example.org");
    std::shuffle(names.begin(), names.end(), random);
    std::vector<event> events;
    for (const auto& n : names) events.push_back(failure(n, noon));
    for (std::size_t i = 0; i < events.size(); i += 500) count(s, {events.begin() + static_cast<std::ptrdiff_t>(i), events.begin() + static_cast<std::ptrdiff_t>(i + 500)}, "m");
    std::shuffle(names.begin(), names.end(), random);
    const std::vector<std::string> gone(names.begin(), names.begin() + 10'000);
    CHECK(s.forget(gone, noon) == gone.size());
    const std::string all = f.bytes();
    std::set<std::string> found;
    for (auto at = all.find("name1"); at != std::string::npos; at = all.find("name1", at + 1)) found.insert(all.substr(at, names.front().size()));
    CHECK(std::count_if(gone.begin(), gone.end(), [&](const std::string& n) { return found.contains(n); }) == 0);
    CHECK(found.contains(names.back()));
}

TEST_CASE("what is old goes, with the names that nothing has any more") {
    const scratch_folder f;
    auto s = store::open_to_write(f.store());
    count(s, {failure("old", noon), failure("both", noon), failure("both", noon + 7200)}, "m");
    {
        store::merging m(s);
        m.add(last_use{"used", "h", use::read, noon});
        m.finish();
    }
    CHECK(!s.pruned_at());
    CHECK(s.prune(noon_hour, noon, noon) == 0);
    CHECK(s.prune(noon_hour + 1, noon, noon + 5) == 4);
    CHECK(s.pruned_at() == noon + 5);
    CHECK(lines_of(s).size() == 3);
    CHECK(f.bytes().find("used") != std::string::npos);
    CHECK(s.prune(noon_hour + 1, noon + 1, noon + 5) == 1);
    CHECK(s.database().number("SELECT count(*) FROM account") == 1);
    CHECK(s.begin() == noon_hour); // it was there
}

TEST_CASE("rows of several hosts make the same store in whatever order, and however often, they come") {
    std::mt19937 random(7);
    const auto number = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    for (int round = 0; round < 20; ++round) {
        CAPTURE(round);
        // Three stages of the same hosts' stores: each row only grows.
        std::vector<std::variant<count_row, sighting, last_use>> rows;
        for (int i = 0; i < 40; ++i) {
            const row_key key{noon_hour + number(3), "a" + std::to_string(number(3)), "h" + std::to_string(number(2))};
            count_row c{key, {}};
            for (auto& n : c.counts.numbers) n = static_cast<std::uint64_t>(number(5));
            rows.emplace_back(c);
            const std::int64_t first = noon + number(4);
            rows.emplace_back(sighting{key, static_cast<sight>(number(5)), number(2) == 0 ? "" : "192.0.2.0/24", first, first + number(9), static_cast<std::uint64_t>(number(9)), "r" + std::to_string(number(3))});
            rows.emplace_back(last_use{key.account, key.host, static_cast<use>(number(3)), noon + number(9)});
        }
        std::vector<std::string> expected;
        for (int order = 0; order < 4; ++order) {
            const scratch_folder f;
            auto s = store::open_to_write(f.store());
            std::shuffle(rows.begin(), rows.end(), random);
            store::merging m(s);
            const auto add = [&](const auto& r) { m.add(r); };
            for (std::size_t i = 0; i < rows.size(); ++i) {
                std::visit(add, rows[i]);
                if (number(3) == 0) std::visit(add, rows[static_cast<std::size_t>(number(static_cast<int>(i) + 1))]);
            }
            m.finish();
            if (order == 0) expected = lines_of(s);
            CHECK(lines_of(s) == expected);
        }
        CHECK(!expected.empty());
    }
}

TEST_CASE("a merge that is cut leaves whole rows, and the rest comes when it is done again") {
    const scratch_folder f;
    auto s = store::open_to_write(f.store());
    {
        store::merging cut(s);
        cut.add(last_use{"ann", "h", use::read, noon});
    }
    CHECK(lines_of(s).empty());
    store::merging again(s);
    again.add(last_use{"ann", "h", use::read, noon});
    again.finish();
    CHECK(lines_of(s).size() == 1);
}

TEST_CASE("a reader sees one moment while another writes") {
    const scratch_folder f;
    auto writer = store::open_to_write(f.store());
    count(writer, {failure("ann", noon)}, "m");
    const auto reader = store::open(f.store());
    std::size_t rows = 0;
    reader.each(0, {.on_counts = [&](const count_row&) { ++rows, count(writer, {failure("bob", noon)}, "n"); }, .on_sighting = [&](const sighting&) { ++rows; }});
    CHECK(rows == 2);
    CHECK(lines_of(reader).size() == 4);
}
