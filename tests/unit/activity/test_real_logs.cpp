#include <vmail/activity/log_source.hpp>

#include "told.hpp"

using namespace vmail::activity;

namespace {

const std::string folder = VMAIL_TEST_SOURCE_DIR "/data/activity/";

std::string contents_of(const std::string& name) {
    std::ifstream in(folder + name);
    REQUIRE(in.is_open());
    return {std::istreambuf_iterator<char>(in), {}};
}

struct quantities_of {
    std::vector<std::pair<std::string, std::uint64_t>> operator()(const login& l) const { return {{(l.is_good ? "login-" : "failure-") + told::word(l.by), 1}}; }
    std::vector<std::pair<std::string, std::uint64_t>> operator()(const submission& s) const { return {{"messages", 1}, {"recipients", s.recipients}}; }
    std::vector<std::pair<std::string, std::uint64_t>> operator()(const rejection&) const { return {{"rejections", 1}}; }
    std::vector<std::pair<std::string, std::uint64_t>> operator()(const dispatch& d) const { return {{"dispatch-" + told::word(d.how), 1}}; }
    std::vector<std::pair<std::string, std::uint64_t>> operator()(const delivery& d) const { return {{"delivery-" + told::word(d.how), 1}}; }
};

/// "ACCOUNT KIND NUMBER", a line for each, as the file "wanted" has them.
std::string sums_of(const std::string& name) {
    std::map<std::string, std::uint64_t> sums;
    log_reader reader("", told::options(), [&](const event& e) {
        for (const auto& [kind, number] : std::visit(quantities_of{}, e.what)) sums[std::string(e.account) + " " + kind] += number;
    }, [] {});
    reader.read(*open_log(folder + name));
    CHECK(reader.counts().undated == 0);
    std::string all;
    for (const auto& [key, number] : sums) all += key + " " + std::to_string(number) + "\n";
    return all;
}

} // namespace

TEST_CASE("what was done on a mail server is what its logs say, in each form") {
    for (const std::string name : {"syslog.log", "rfc3339.log", "journal.json"}) {
        CAPTURE(name);
        CHECK(sums_of(name) == contents_of("wanted"));
    }
    CHECK(sums_of("dovecot.log") == "ann@example.org login-imap 1\nann@example.org login-pop3 1\nbob@example.org failure-imap 1\n");
}

TEST_CASE("every line of Postfix and Dovecot on a mail server is known, and of Courier but for its trouble with FAM") {
    log_reader reader("", told::options(), [](const event&) {}, [] {});
    reader.read(*open_log(folder + "syslog.log"));
    CHECK(reader.counts().unknown == std::map<std::string, std::uint64_t, std::less<>>{{"authdaemond", 19}, {"imapd", 4}});
}

TEST_CASE("the lines of Dovecot 2.4") {
    CHECK(sums_of("dovecot-2.4.log") == "ann@example.org login-imap 1\nann@example.org login-pop3 1\nann@example.org login-sieve 1\nann@example.org login-submission 1\nbob failure-imap 2\nbob failure-pop3 1\n");
}
