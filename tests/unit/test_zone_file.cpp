#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <cstdlib>

#include <vmail/zone_file.hpp>

using namespace vmail;

namespace {

/// A database of three zones, two of which are the same.
class small_database {
public:
    small_database() {
        std::string name = (std::filesystem::temp_directory_path() / "zones.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        top_ = name;
        std::filesystem::create_directories(top_ / "zoneinfo/Europe");
        std::filesystem::create_directories(top_ / "zoneinfo/posix/Europe");
        write("zoneinfo/Poland", "TZif2 one\nCET-1CEST\n");
        write("zoneinfo/Europe/Warsaw", "TZif2 one\nCET-1CEST\n");
        write("zoneinfo/Europe/Rome", "TZif2 two\nCET-1CEST\n");
        write("zoneinfo/posix/Europe/Rome", "TZif2 two\nCET-1CEST\n");
    }
    ~small_database() {
        std::error_code ignored;
        std::filesystem::remove_all(top_, ignored);
    }
    small_database(const small_database&) = delete;
    small_database& operator=(const small_database&) = delete;

    void write(const std::string& file, const std::string& bytes) const { std::ofstream(top_ / file, std::ios::binary) << bytes; }
    std::string path(const std::string& file) const { return (top_ / file).string(); }
    zone_database zones() const {
        return {path("zoneinfo"), [] { return std::vector<std::string>{"Europe/Rome", "Europe/Warsaw", "Poland"}; }};
    }
    std::string zone_of(const std::string& file, const std::string& likely = {}) const { return zone_of_file(path(file), zones(), likely); }

private:
    std::filesystem::path top_;
};

} // namespace

TEST_CASE("the zone of a file is told by its place, its bytes, or its last rule") {
    const small_database d;
    CHECK(d.zone_of("zoneinfo/Poland") == "Poland");
    CHECK(d.zone_of("zoneinfo/posix/Europe/Rome") == "Europe/Rome");
    std::filesystem::create_symlink(d.path("zoneinfo/Europe/Rome"), d.path("link"));
    CHECK(d.zone_of("link") == "Europe/Rome");
    CHECK(d.zone_of("link", "Poland") == "Europe/Rome");
    d.write("copy", "TZif2 one\nCET-1CEST\n");
    CHECK(d.zone_of("copy") == "Europe/Warsaw");
    CHECK(d.zone_of("copy", "Poland") == "Poland");             // that name was noted
    CHECK(d.zone_of("copy", "Europe/Rome") == "Europe/Warsaw"); // what was noted is not true any more
    d.write("older", "TZif2 as it was\nCET-1CEST\n");
    CHECK(d.zone_of("older") == "");
    CHECK(d.zone_of("older", "Europe/Rome") == "Europe/Rome");
    CHECK(d.zone_of("older", "Europe/Nowhere") == "");
    d.write("other", "TZif2 two\nEET-2EEST\n");
    CHECK(d.zone_of("other", "Europe/Rome") == "");
    d.write("text", "CET-1CEST\n");
    for (const char* const none : {"text", "missing", "zoneinfo", "zoneinfo/Europe"}) CHECK(d.zone_of(none, "Europe/Rome") == "");
}

TEST_CASE("rules without summer time") {
    CHECK(zone_of_fixed_rule("UTC0") == "UTC");
    CHECK(zone_of_fixed_rule("CET-01:00:00") == "Etc/GMT-1");
    CHECK(zone_of_fixed_rule("<-03>3") == "Etc/GMT+3");
    for (const char* const other : {"", "UTC", "CE-1", "CET-1CEST", "IST-5:30", "<+01", "<>", "CET-", "CET-1:", "CET-001", "-1", "CET -1"}) {
        CAPTURE(other);
        CHECK(zone_of_fixed_rule(other) == "");
    }
}
