#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <vmail/error.hpp>

#include <nis/ledger.hpp>
#include <nis/map_file.hpp>

#include "nis_case.hpp"

using vmail::nis::map_file;

TEST_CASE("what is no map of lines is refused as a whole") {
    using namespace std::string_literals;
    struct row {
        std::string bytes, word;
    };
    const std::vector<row> rows = {
        {"\xFF\xFE" "a\0:\0"s, "UTF-16"},
        {"\xFE\xFF\0a\0:"s, "UTF-16"},
        {"a\0:\0x\0:\0"s, "binary"},
        {"\x1F\x8B\x08\0\0"s, "gzip"},
        {"BZh91AY", "bzip2"},
        {"\xFD" "7zXZ\0"s, "xz"},
        {"\x28\xB5\x2F\xFD", "zstd"},
        {"\xCE\x9A\x57\x13"s + std::string(100, '\0'), "gdbm"},
        {"\x7F" "ELF\2\1\1", "program"},
        {std::string(300, '\x01') + "\n", "binary"},
        {"a:x:1\rb:x:2\r", "CR"},
    };
    for (const row& r : rows) {
        CAPTURE(r.word);
        try {
            map_file::from_bytes("passwd", r.bytes);
            FAIL("it was taken");
        } catch (const vmail::invalid_value& e) {
            CHECK(std::string(e.what()).find(r.word) != std::string::npos);
        }
    }
}

TEST_CASE("lines of a map") {
    const auto lines = [](const std::string& bytes) {
        const map_file map = map_file::from_bytes("m", bytes);
        return std::vector<std::string>(map.lines().begin(), map.lines().end());
    };
    using v = std::vector<std::string>;
    CHECK(lines("") == v{});
    CHECK(lines("a") == v{"a"});
    CHECK(lines("a\n") == v{"a"});
    CHECK(lines("a\n\nb") == v{"a", "", "b"});
    CHECK(lines("a\r\n\r\nb\r\n") == v{"a", "", "b"});
    CHECK(lines("a\r") == v{"a"});
    CHECK(lines("\xEF\xBB\xBF" "a\n") == v{"a"});
}

TEST_CASE("a missing file and a folder are no maps") {
    for (const char* path : {"/nonexistent/map", "/"}) {
        try {
            map_file::read(path);
            FAIL("it was read");
        } catch (const vmail::error& e) {
            CHECK(e.kind() == vmail::error_kind::input_missing);
        }
    }
}

TEST_CASE("a line that is accounted for twice or never is an internal error") {
    const auto kind_of = [](auto&& act) {
        try {
            act();
        } catch (const vmail::error& e) {
            return e.kind();
        }
        return vmail::error_kind::usage;
    };
    vmail::nis::ledger twice("m", 2);
    twice.entry({1, 1});
    CHECK(kind_of([&] { twice.merged({1, 1}); }) == vmail::error_kind::internal);
    CHECK(kind_of([&] { twice.close(); }) == vmail::error_kind::internal);
    vmail::nis::ledger whole("m", 5);
    whole.blank(3);
    whole.entry({1, 4});
    whole.skip({5, 5}, vmail::nis::code::no_colon, "x");
    whole.close();
    CHECK(whole.counts().entry == 1);
    CHECK(whole.counts().merged == 2);
    CHECK(whole.counts().blank == 1);
    CHECK(whole.counts().skipped == 1);
}

TEST_CASE("the report as text and as JSON") {
    const auto out = nis_case::convert({.passwd = "a\"b\n", .aliases = "l: x@example.net,\n bad\x01\n"});
    std::ostringstream text;
    write_text(text, out.report);
    CHECK(text.str().find("passwd:1: SKIP field-count: a\"b: 1 fields instead of 7 or 10\n") != std::string::npos);
    CHECK(text.str().find("aliases:1-2: WARN ") != std::string::npos);
    CHECK(text.str().find("passwd: 1 lines = 0 comment/blank + 0 entry + 0 merged + 1 skipped\n") != std::string::npos);
    std::ostringstream json;
    write_json(json, out.report);
    CHECK(json.str().find(R"({"file":"passwd","line":1,"last_line":1,"level":"SKIP","code":"field-count","text":"a\"b: 1 fields instead of 7 or 10"})") !=
          std::string::npos);
    CHECK(json.str().find(R"({"file":"aliases","lines":2,"blank":0,"entry":1,"merged":1,"skipped":0})") != std::string::npos);
}

TEST_CASE("the same maps give the same bytes, and parents come first") {
    const nis_case::maps maps{.passwd = "ada:*:1001:1:Ada B:/h:/bin/sh\n", .group = "g:*:1:ada\n", .aliases = "l: ada\n"};
    auto o = nis_case::default_options();
    o.with_base = true;
    const auto first = nis_case::convert(maps, o);
    CHECK(first.ldif == nis_case::convert(maps, o).ldif);
    std::vector<std::string> seen;
    for (const auto& e : first.entries) {
        const std::string parent = e.dn().parent().key();
        const bool is_top = seen.empty();
        CHECK((is_top || std::find(seen.begin(), seen.end(), parent) != seen.end()));
        seen.push_back(e.dn().key());
    }
    CHECK(first.ldif.rfind("dn: dc=example,dc=org\n", 0) == 0);
}
