#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>

#include "told.hpp"

using namespace vmail::activity;

namespace {

class folder {
public:
    folder() {
        std::string name = (std::filesystem::temp_directory_path() / "logs.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path_ = name;
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder() { std::filesystem::remove_all(path_); }

    std::filesystem::path put(const std::string& name, const std::string& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }
    std::filesystem::path at(const std::string& name) const { return path_ / name; }
    void run(const std::string& command) const { REQUIRE(std::system(("cd " + path_.string() + " && " + command).c_str()) == 0); }

private:
    std::filesystem::path path_;
};

std::string logins(int from, int to) {
    std::string log;
    for (int who = from; who < to; ++who) log += "Nov 29 14:51:09 mx imapd: LOGIN, user=u" + std::to_string(who) + ", ip=[::1], port=[1]\n";
    return log;
}

std::size_t events(log_source& source, std::string& memory) {
    const auto all = told::by(source, memory);
    memory = all.memory;
    return all.lines.size();
}
std::size_t events(const std::filesystem::path& file, std::string& memory) { return events(*open_log(file), memory); }

void make_older(const std::filesystem::path& file, std::int64_t seconds) {
    const std::int64_t then = vmail::timestamp::now().epoch() - seconds;
    const struct timespec times[2] = {{then, 0}, {then, 0}};
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
}

} // namespace

TEST_CASE("a log that is rotated, renamed, copied and compressed is read once") {
    const folder logs;
    std::string memory;
    const std::string text = logins(0, 3000);
    CHECK(events(logs.put("mail.log", text), memory) == 3000);
    CHECK(events(logs.put("mail.log", text + logins(3000, 3002)), memory) == 2);
    logs.run("mv mail.log mail.log.1");
    CHECK(events(logs.put("mail.log", logins(5000, 5003)), memory) == 3);
    CHECK(events(logs.put("mail.log.1", text + logins(3000, 3003)), memory) == 1); // the daemon had not noticed yet
    logs.run("gzip -k mail.log.1 && zstd -q mail.log.1 && xz -k mail.log.1 && bzip2 -k mail.log.1 && cp mail.log.1 copy");
    for (const std::string name : {"mail.log.1", "mail.log.1.gz", "mail.log.1.zst", "mail.log.1.xz", "mail.log.1.bz2", "copy", "mail.log"}) CHECK(events(logs.at(name), memory) == 0);
    logs.run("cat mail.log mail.log >twice");
    CHECK(events(logs.at("twice"), memory) == 3);
}

TEST_CASE("a compressed log that was not read before is read, and so is what was added to it") {
    const folder logs;
    std::string memory;
    logs.put("a", logins(0, 3000));
    logs.put("b", logins(3000, 3010));
    logs.run("gzip -c a >log.gz");
    CHECK(events(logs.at("log.gz"), memory) == 3000);
    logs.run("gzip -c b >>log.gz"); // another member
    CHECK(events(logs.at("log.gz"), memory) == 10);
    logs.run("cat a b | zstd -q >log.zst");
    CHECK(events(logs.at("log.zst"), memory) == 0);
    logs.run(": >empty && gzip -c empty >empty.gz && zstd -q empty");
    for (const std::string name : {"empty", "empty.gz", "empty.zst"}) CHECK(events(logs.at(name), memory) == 0);
}

TEST_CASE("standard input is a log as others are, compressed or not") {
    const folder logs;
    std::string memory;
    logs.put("a", logins(0, 3000));
    logs.run("gzip -k a");
    const auto by_descriptor = [&](const std::string& command) {
        FILE* const pipe = ::popen(("cd " + logs.at("").string() + " && " + command).c_str(), "r");
        const auto source = open_log(::fileno(pipe), "standard input");
        const std::size_t told = events(*source, memory);
        ::pclose(pipe);
        return told;
    };
    CHECK(by_descriptor("cat a.gz") == 3000);
    CHECK(by_descriptor("cat a") == 0);
    logs.put("a", logins(0, 3001));
    CHECK(events(logs.at("a"), memory) == 1);
    CHECK(by_descriptor("cat a") == 0);
}

TEST_CASE("a file with other content behind the same beginning is read from its beginning, once") {
    const folder logs;
    std::string memory;
    std::string text = logins(0, 3000);
    CHECK(events(logs.put("mail.log", text), memory) == 3000);
    text += logins(0, 10);
    text.replace(text.find("u2999,"), 6, "u2998,");
    logs.put("mail.log", text);
    CHECK(events(logs.at("mail.log"), memory) == 3010);
    CHECK(events(logs.at("mail.log"), memory) == 0);
}

TEST_CASE("a last line without its end is read when nobody writes to it any more") {
    const folder logs;
    const std::string text = logins(0, 3) + "Nov 29 14:51:09 mx imapd: LOGIN, user=last, ip=[::1]";
    for (const std::string name : {"mail.log", "mail.log.1", "mail.log-20261128", "mail.log.x1x"}) {
        logs.put(name, text);
        std::string memory;
        CHECK(events(logs.at(name), memory) == 3);
        make_older(logs.at(name), 7200);
        CHECK(events(logs.at(name), memory) == (name == "mail.log.1" || name == "mail.log-20261128" ? 1 : 0));
    }
    logs.run("gzip mail.log");
    std::string memory;
    CHECK(events(logs.at("mail.log.gz"), memory) == 4);
}

TEST_CASE("a damaged log is read as far as it goes") {
    const folder logs;
    std::string memory;
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += "Nov 29 14:51:09 mx imapd: LOGIN, user=u" + std::to_string(i * 7919 % 1'000'003) + ", ip=[::1], port=[1]\n";
    logs.put("a", text);
    logs.run("gzip -k a && size=$(stat -c %s a.gz) && head -c $((size / 2)) a.gz >half.gz");
    std::size_t told = 0;
    log_reader reader("", told::options(), [&](const event&) { ++told; }, [] {});
    CHECK_THROWS_AS(reader.read(*open_log(logs.at("half.gz"))), vmail::invalid_value);
    CHECK(told > 50'000);
    CHECK(told < 150'000);
    memory = reader.memory();
    CHECK(events(logs.at("a"), memory) == 200'000 - told);
    CHECK(events(logs.put("not.gz", "\x1f\x8b rubbish"), memory) == 0);
}

TEST_CASE("what is not there says so") {
    const folder logs;
    CHECK_THROWS_AS(open_log(logs.at("nothing")), vmail::error);
    CHECK_THROWS_AS(open_log(logs.at("")), vmail::error);
}

TEST_CASE("the year of a line without one is that in which the file was written") {
    const folder logs;
    const auto file = logs.put("mail.log.1", "Nov 29 14:51:09 mx imapd: LOGIN, user=a, ip=[::1]\n");
    const struct timespec times[2] = {{1'704'067'200, 0}, {1'704'067'200, 0}}; // 2024-01-01
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
    std::int64_t when = 0;
    log_reader reader("", told::options(), [&](const event& e) { when = e.when; }, [] {});
    reader.read(*open_log(file));
    CHECK(vmail::timestamp::from_epoch(when).rfc3339() == "2023-11-29T14:51:09Z");
}

TEST_CASE("logs in the order in which they were written") {
    const folder logs;
    for (const std::string name : {"mail.log", "mail.log.1", "mail.log.2.gz"}) logs.put(name, "x");
    make_older(logs.at("mail.log.1"), 100);
    make_older(logs.at("mail.log.2.gz"), 200);
    CHECK(oldest_first({logs.at("none"), logs.at("mail.log"), logs.at("mail.log.1"), logs.at("mail.log.2.gz")}) ==
          std::vector<std::filesystem::path>{logs.at("mail.log.2.gz"), logs.at("mail.log.1"), logs.at("mail.log"), logs.at("none")});
}
