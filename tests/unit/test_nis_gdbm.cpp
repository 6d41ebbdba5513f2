#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gdbm.h>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include "nis_case.hpp"

using nis_case::values;
using vmail::nis::map_file;

namespace {

using records = std::vector<std::pair<std::string, std::string>>;

/// A file as makedbm of ypserv writes it.
class gdbm_file {
public:
    explicit gdbm_file(const records& all) {
        std::string name = (std::filesystem::temp_directory_path() / "nis_gdbm.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        folder_ = name;
        GDBM_FILE file = gdbm_open(path().c_str(), 0, GDBM_NEWDB, 0600, nullptr);
        REQUIRE(file);
        for (const auto& [key, value] : all) REQUIRE(gdbm_store(file, as_datum(key), as_datum(value), GDBM_REPLACE) == 0);
        gdbm_close(file);
    }
    gdbm_file(const gdbm_file&) = delete;
    gdbm_file& operator=(const gdbm_file&) = delete;
    ~gdbm_file() { std::filesystem::remove_all(folder_); }

    std::string path() const { return (folder_ / "map").string(); }

    std::string bytes() const {
        std::ifstream in(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void overwrite(const std::string& bytes) const { std::ofstream(path(), std::ios::binary) << bytes; }

private:
    static datum as_datum(const std::string& text) { return {const_cast<char*>(text.data()), static_cast<int>(text.size())}; }

    std::filesystem::path folder_;
};

std::vector<std::string> lines_of(const gdbm_file& file) {
    const map_file map = map_file::read(file.path());
    CHECK(map.is_database());
    return {map.lines().begin(), map.lines().end()};
}

/// What is wrong with it; empty when it was read.
std::string refusal(const gdbm_file& file) {
    try {
        map_file::read(file.path());
    } catch (const vmail::error& e) {
        CHECK(e.kind() == vmail::error_kind::invalid_value);
        CHECK_FALSE(e.hint().empty());
        return e.what();
    }
    return {};
}

const records passwd = {{"YP_MASTER_NAME", "nis1"},
                        {"zoe", "zoe:abJnggxhB/yWI:1003:100:Zoe Cuk:/home/zoe:/bin/sh"},
                        {"ada", "ada:abJnggxhB/yWI:1001:100:Ada Bressan:/home/ada:/bin/sh"},
                        {"bob", "bob:abJnggxhB/yWI:bad:100:Bob Cok:/home/bob:/bin/sh"},
                        {"YP_LAST_MODIFIED", "1538639511"}};

} // namespace

TEST_CASE("the records of a gdbm file come in the order of their keys") {
    using v = std::vector<std::string>;
    CHECK(lines_of(gdbm_file({{"b", "2"}, {"a", "1"}, {"B", "3"}, {"\xE9", "4"}})) == v{"B 3", "a 1", "b 2", "\xE9 4"});
    CHECK(lines_of(gdbm_file({})) == v{});
}

TEST_CASE("a NUL that ends a key or a value is taken away, and no other") {
    using v = std::vector<std::string>;
    using namespace std::string_literals;
    CHECK(lines_of(gdbm_file({{"a\0"s, "1\0"s}, {"b\0"s, "2"}, {"@\0"s, "@\0"s}, {"c", "x\0y"s}})) == v{"@ @", "a 1", "b 2", "c x\0y"s});
}

TEST_CASE("a gdbm file is read as ypcat -k prints it, and findings name the key") {
    const gdbm_file file(passwd);
    vmail::nis::map_set maps;
    maps.passwd = map_file::read(file.path());
    CHECK(maps.passwd->changed());
    std::ostringstream out;
    // --plain is about text.
    auto o = nis_case::default_options();
    o.form = vmail::nis::map_form::plain;
    const auto report = vmail::nis::convert(maps, o, out);
    const auto& lines = report.maps.front();
    CHECK(lines.counts().blank == 2);
    CHECK(lines.counts().entry == 2);
    REQUIRE(lines.findings().size() == 1);
    CHECK(lines.findings().front().lines.first == 4);
    CHECK(lines.findings().front().text.rfind("bob: ", 0) == 0);
    CHECK(out.str().find("uid: ada\n") < out.str().find("uid: zoe\n"));
}

TEST_CASE("a finding without a name gets the key of its record") {
    using namespace std::string_literals;
    const gdbm_file file({{"ada", "ada:abJnggxhB/yWI:1001:100:A\0B:/home/ada:/bin/sh"s}});
    vmail::nis::map_set maps;
    maps.passwd = map_file::read(file.path());
    std::ostringstream out;
    const auto report = vmail::nis::convert(maps, nis_case::default_options(), out);
    REQUIRE(report.maps.front().findings().size() == 1);
    CHECK(report.maps.front().findings().front().text == "ada: the line has a NUL byte");
}

TEST_CASE("aliases and netgroups of a gdbm file need no colon and have no continuation") {
    const gdbm_file aliases({{"l", "x@example.net"}, {"@", "@"}});
    const gdbm_file netgroup({{"g", "(h,,) \\"}, {"n", "g"}});
    vmail::nis::map_set maps;
    maps.aliases = map_file::read(aliases.path());
    maps.netgroup = map_file::read(netgroup.path());
    std::ostringstream out;
    const auto report = vmail::nis::convert(maps, nis_case::default_options(), out);
    CHECK(report.maps[0].counts().entry == 1);
    CHECK(report.maps[0].counts().blank == 1);
    CHECK(report.maps[1].counts().entry == 2);
}

TEST_CASE("a damaged gdbm file is one sentence") {
    records many;
    for (int i = 0; i < 300; ++i) many.push_back({fmt::format("user{}", i), fmt::format("user{}:*:{}:100:User:/home/u:/bin/sh", i, 1000 + i)});
    const gdbm_file file(many);
    REQUIRE(refusal(file).empty());
    const std::string whole = file.bytes();
    for (const std::size_t size : {std::size_t{4}, std::size_t{100}, std::size_t{4096}, whole.size() / 2}) {
        CAPTURE(size);
        file.overwrite(whole.substr(0, size));
        const std::string why = refusal(file);
        CHECK(why.find("the gdbm file is damaged") != std::string::npos);
        CHECK(why.find('\n') == std::string::npos);
    }
    std::string swapped = whole;
    std::swap(swapped[0], swapped[3]);
    std::swap(swapped[1], swapped[2]);
    file.overwrite(swapped);
    CHECK(refusal(file).find("another kind of machine") != std::string::npos);
}

TEST_CASE("no damage of a gdbm file ends the program") {
    records many;
    for (int i = 0; i < 300; ++i) many.push_back({fmt::format("user{}", i), fmt::format("user{}:*:{}:100:User:/home/u:/bin/sh", i, 1000 + i)});
    const gdbm_file file(many);
    const std::string whole = file.bytes();
    unsigned random = 1;
    int refused = 0;
    for (int round = 0; round < 400; ++round) {
        std::string broken = whole;
        for (int i = 0; i < 4; ++i) {
            random = random * 1664525 + 1013904223;
            // Half of them in what describes the file, where they do most harm.
            const std::size_t at = 4 + (random >> 8U) % ((round % 2 == 0 ? 8192 : broken.size()) - 4);
            broken[at] = static_cast<char>(random >> 3U);
        }
        file.overwrite(broken);
        if (!refusal(file).empty()) ++refused;
    }
    CHECK(refused > 20);
}

TEST_CASE("a database of a mail server is refused with a hint") {
    for (const std::string& magic : {std::string("\x61\x15\x06\x00", 4), std::string("\x00\x05\x31\x62", 4)}) {
        try {
            map_file::from_bytes("aliases.db", std::string(12, '\0') + magic + std::string(500, '\0'));
            FAIL("it was taken");
        } catch (const vmail::error& e) {
            CHECK(e.kind() == vmail::error_kind::invalid_value);
            CHECK(e.hint().find("postalias -s") != std::string::npos);
        }
    }
}
