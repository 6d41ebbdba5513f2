#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/ldif.hpp>

// Replays what the fuzzers under tests/fuzz found, and what they start from. They check more; here nothing may crash or throw another type.

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> corpus(const std::string& name) {
    std::vector<fs::path> files;
    for (const auto& item : fs::directory_iterator(fs::path(VMAIL_TEST_SOURCE_DIR) / "corpus" / name)) files.push_back(item.path());
    std::sort(files.begin(), files.end());
    REQUIRE_FALSE(files.empty());
    return files;
}

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

} // namespace

TEST_CASE("every name of the corpus is refused, or comes back from its text") {
    for (const auto& file : corpus("dn")) {
        CAPTURE(file);
        try {
            const auto name = vmail::ldap::dn::parse(contents(file));
            CHECK(vmail::ldap::dn::parse(name.text()).rdns() == name.rdns());
        } catch (const vmail::invalid_value&) {
        }
    }
}

TEST_CASE("every LDIF file of the corpus is read, or refused with its line") {
    for (const auto& file : corpus("ldif")) {
        CAPTURE(file);
        std::istringstream in(contents(file));
        vmail::ldap::ldif_reader reader(in, "f");
        try {
            while (reader.next()) {
            }
        } catch (const vmail::invalid_value& problem) {
            CHECK(std::string(problem.what()).starts_with("f:"));
        }
    }
}
