#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/activity/log_reader.hpp>
#include <vmail/activity/log_source.hpp>
#include <vmail/error.hpp>

// The first two bytes say where the log that follows was cut when it was read before. Any bytes are read, nobody without a name did anything, and what is read in two pieces is what is read in
// one. As a memory any bytes are refused with invalid_value, or are remembered.

namespace {

using namespace vmail::activity;

constexpr std::int64_t now = 1'795'964'400;

void require(bool condition) {
    if (!condition) std::abort();
}

struct result {
    std::vector<std::string> events{};
    line_counts counts{};
    std::string memory{};
};

std::string text_of(const event& e) {
    require(!e.account.empty());
    require(e.client.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos || std::holds_alternative<login>(e.what)); // Dovecot's it takes as it is
    std::string all = std::to_string(e.when) + " " + std::to_string(e.what.index());
    for (const std::string_view part : {e.host, e.account, e.client, e.reference}) (all += '\0') += part;
    return all;
}

reader_options options() {
    static const vmail::time_zone rome = vmail::time_zone::named("Europe/Rome");
    return {rome, "here", now};
}

result read(const std::string& log, const std::string& memory) {
    result all;
    log_reader reader(memory, options(), [&](const event& e) {
        if (all.events.size() < 100'000) all.events.push_back(text_of(e));
    }, [] {});
    reader.read(*log_of_text(log, now));
    all.counts = reader.counts();
    all.memory = reader.memory();
    return all;
}

void try_log(std::string_view bytes, std::size_t cut) {
    const std::string log(bytes);
    const result whole = read(log, "");
    require(whole.counts.lines <= static_cast<std::uint64_t>(std::count(log.begin(), log.end(), '\n'))); // fewer where one that was read comes again
    require(read("", whole.memory).memory == whole.memory);
    result first = read(log.substr(0, cut), "");
    const result second = read(log, first.memory);
    first.events.insert(first.events.end(), second.events.begin(), second.events.end());
    require(first.events.size() >= 100'000 || first.events == whole.events);
    require(read(log, second.memory).events.empty());
}

void try_memory(const std::string& bytes) {
    try {
        const std::string kept = read("", bytes).memory;
        require(read("", kept).memory == kept);
    } catch (const vmail::invalid_value&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view log(reinterpret_cast<const char*>(data) + 2, size - 2);
    try_log(log, log.empty() ? 0 : static_cast<std::size_t>(data[0] * 256 + data[1]) % (log.size() + 1));
    try_memory(std::string(log));
    return 0;
}
