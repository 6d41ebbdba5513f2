#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <vmail/doveadm_quota.hpp>
#include <vmail/error.hpp>

using namespace vmail;

namespace {
const std::string head = "Username\tQuota name\tType\tValue\tLimit\t%\n";

struct folder {
    std::filesystem::path path = [] {
        std::string name = (std::filesystem::temp_directory_path() / "doveadm.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        return name;
    }();
    ~folder() { std::filesystem::remove_all(path); }

    /// A program that runs this.
    std::string script(const std::string& text) const {
        const auto file = path / "doveadm";
        std::ofstream(file) << "#!/bin/sh\n" << text << '\n';
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
        return file.native();
    }
};
} // namespace

TEST_CASE("what doveadm prints of quotas is whole KiB") {
    const auto all = parse_doveadm_quotas(head + "Bob@x.org\tUser quota\tSTORAGE\t1\t977\t0\nBob@x.org\tUser quota\tMESSAGE\t3\t-\t0\n"
                                                 "ann@x.org\tUser quota\tSTORAGE\t0\t-\t0\nann@x.org\tUser quota\tMESSAGE\t0\t-\t0\n");
    REQUIRE(all.size() == 2);
    CHECK(all.at("bob@x.org").used == mail_size{1024, 3});
    CHECK(all.at("bob@x.org").limit == quota::of_bytes(977 * 1024));
    CHECK(all.at("ann@x.org").used == mail_size{0, 0});
    CHECK_FALSE(all.at("ann@x.org").limit);
}

TEST_CASE("the first quota of a user counts") {
    const auto all = parse_doveadm_quotas(head + "b@x\tUser quota\tSTORAGE\t5\t-\t0\nb@x\tShared\tSTORAGE\t900\t10\t0\nb@x\tShared\tMESSAGE\t900\t10\t0\nb@x\tUser quota\tMESSAGE\t2\t-\t0\n");
    CHECK(all.at("b@x").used == mail_size{5120, 2});
    CHECK_FALSE(all.at("b@x").limit);
}

TEST_CASE("what doveadm could not find out is nothing, not 0") {
    const auto all = parse_doveadm_quotas(head + "b@x\tUser quota\tSTORAGE\terror\terror\terror\nb@x\tUser quota\tMESSAGE\terror\terror\terror\nc@x\tUser quota\tSTORAGE\t-3\t10\t0\n");
    CHECK_FALSE(all.at("b@x").used);
    CHECK_FALSE(all.at("c@x").used);
}

TEST_CASE("great numbers stay great") {
    const auto all = parse_doveadm_quotas(head + "b@x\tUser quota\tSTORAGE\t18446744073709551615\t18446744073709551615\t0\n");
    CHECK(all.at("b@x").used->bytes == UINT64_MAX);
    CHECK_FALSE(all.at("b@x").limit);
}

TEST_CASE("what is no table of quotas is refused") {
    CHECK(parse_doveadm_quotas("").empty());
    CHECK(parse_doveadm_quotas(head).empty());
    for (const std::string text : {"Fatal: no\n", "Username\n", "\n"}) CHECK_THROWS_AS(parse_doveadm_quotas(text), invalid_value);
    for (const std::string line : {"b@x\tUser quota\tSTORAGE\t1\t2\n", "b@x\tUser quota\tSTORAGE\t1\t2\t3\t4\n", "x\n"}) CHECK_THROWS_AS(parse_doveadm_quotas(head + line), invalid_value);
}

TEST_CASE("a program that is not there, or has no table, is an error") {
    CHECK_THROWS_AS(ask_doveadm("/nowhere/doveadm", {"b@x"}), error);
    CHECK_THROWS_AS(ask_doveadm("true", {"b@x"}), unavailable);
    CHECK_THROWS_AS(ask_doveadm("echo", {"b@x"}), invalid_value);
}

TEST_CASE("a program that says nothing for too long is ended, and one that ends is waited for no longer") {
    const folder scratch;
    const auto id = scratch.path / "id";
    const std::string hangs = scratch.script("echo $$ >" + id.native() + "; exec sleep 1000000");
    CHECK_THROWS_WITH_AS(ask_doveadm(hangs, {"b@x"}, std::chrono::seconds(1)), (hangs + " tells no quotas: it said nothing for 1 seconds, and was ended").c_str(), unavailable);
    if (pid_t pid = 0; std::ifstream(id) >> pid) CHECK(::kill(pid, 0) == -1);
    const std::string talks = scratch.script("printf 'Username\\tQuota name\\tType\\tValue\\tLimit\\t%%\\nb@x\\tUser quota\\tSTORAGE\\t5\\t-\\t0\\n'");
    CHECK(ask_doveadm(talks, {"b@x"}, std::chrono::hours(24)).quotas.at("b@x").used == mail_size{5120, 0});
}
