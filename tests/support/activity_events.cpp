// activity-events [--zone=NAME] [--host=NAME] [--now=SECONDS] [--memory=FILE] events|sums|counts LOG...
//
// What the library reads in logs, as lines. A LOG is a file, "-", standard input, or "journal", what journald has. With a memory it goes on where the last call was.
//
//     events  SECONDS  HOST  KIND  ACCOUNT  CLIENT  REFERENCE  for each event
//     sums    HOST  HOUR  ACCOUNT  KIND  NUMBER                sorted; the hour is counted since 1970. count_mail_log.py prints the same.
//     counts  NAME  NUMBER                                     of lines
//
// Between two fields is a tab. Bytes that are no visible ASCII, and the backslash, are \xNN.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <vmail/activity/log_reader.hpp>
#include <vmail/activity/log_source.hpp>

namespace {

using namespace vmail;
using namespace vmail::activity;

std::string visible(std::string_view text) {
    std::string all;
    for (const char c : text) {
        if (c > ' ' && c < '\x7f' && c != '\\') all += c;
        else all += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return all;
}

constexpr const char* protocol_names[] = {"imap", "pop3", "sieve", "submission"};
constexpr const char* fate_names[] = {"sent", "deferred", "bounced"};

struct quantity {
    std::string kind;
    std::uint64_t number;
};

struct quantities_of {
    std::vector<quantity> operator()(const login& l) const { return {{fmt::format("{}-{}", l.is_good ? "login" : "failure", protocol_names[static_cast<int>(l.by)]), 1}}; }
    std::vector<quantity> operator()(const submission& s) const { return {{"messages", 1}, {"recipients", s.recipients}, {"bytes", s.bytes}}; }
    std::vector<quantity> operator()(const rejection&) const { return {{"rejections", 1}}; }
    std::vector<quantity> operator()(const dispatch& d) const { return {{fmt::format("dispatch-{}", fate_names[static_cast<int>(d.how)]), 1}}; }
    std::vector<quantity> operator()(const delivery& d) const {
        const char* const how = fate_names[static_cast<int>(d.how)];
        return {{fmt::format("delivery-{}", how), 1}, {fmt::format("delivery-{}-bytes", how), d.bytes}};
    }
};

class receiver {
public:
    explicit receiver(std::string_view what) : prints_(what == "events"), sums_(what == "sums") {}

    void take(const event& e) {
        if (!prints_ && !sums_) return;
        const auto all = std::visit(quantities_of{}, e.what);
        if (prints_) fmt::print("{}\t{}\t{}\t{}\t{}\t{}\n", e.when, visible(e.host), all.front().kind, visible(e.account), visible(e.client), visible(e.reference));
        if (sums_)
            for (const auto& q : all) by_hour_[{visible(e.host), e.when / 3600, visible(e.account), q.kind}] += q.number;
    }

    void print() const {
        for (const auto& [key, number] : by_hour_)
            if (number > 0) fmt::print("{}\t{}\t{}\t{}\t{}\n", std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key), number);
    }

private:
    bool prints_, sums_;
    std::map<std::tuple<std::string, std::int64_t, std::string, std::string>, std::uint64_t> by_hour_{};
};

void print_counts(const line_counts& c) {
    fmt::print("lines\t{}\ntold\t{}\nundated\t{}\nfuture\t{}\ntoo-long\t{}\nbinary\t{}\nseen-before\t{}\n", c.lines, c.told, c.undated, c.future, c.too_long, c.binary, c.seen_before);
    for (const auto& [program, number] : c.unknown) fmt::print("unknown {}\t{}\n", visible(program), number);
}

struct settings {
    reader_options reading{};
    std::string memory{}, what{};
    std::vector<std::string> logs{};
};

settings parse(int argc, char** argv) {
    settings s;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto value = word.substr(std::min(word.size(), word.find('=') + 1));
        if (word.starts_with("--zone=")) s.reading.zone = time_zone::named(std::string(value));
        else if (word.starts_with("--host=")) s.reading.host = value;
        else if (word.starts_with("--now=")) s.reading.now = std::atoll(value.data());
        else if (word.starts_with("--memory=")) s.memory = value;
        else if (s.what.empty()) s.what = word;
        else s.logs.emplace_back(word);
    }
    return s;
}

std::string contents_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::unique_ptr<log_source> source_of(const std::string& log, const log_reader& reader) {
    if (log == "-") return open_log(0, "standard input");
    if (log == "journal") return open_journal(reader.journal_cursor());
    return open_log(log);
}

void run(const settings& s) {
    receiver to(s.what);
    log_reader reader(s.memory.empty() ? std::string() : contents_of(s.memory), s.reading, [&](const event& e) { to.take(e); }, [] {});
    for (const std::string& log : s.logs) reader.read(*source_of(log, reader));
    to.print();
    if (s.what == "counts") print_counts(reader.counts());
    if (!s.memory.empty()) std::ofstream(s.memory, std::ios::binary) << reader.memory();
}

} // namespace

int main(int argc, char** argv) {
    try {
        run(parse(argc, argv));
        return 0;
    } catch (const std::exception& e) {
        fmt::print(stderr, "activity-events: {}\n", e.what());
        return 1;
    }
}
