#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <vmail/activity/log_reader.hpp>

/// What a reader tells of a log, in words.
namespace told {

inline constexpr std::int64_t now = 1'795'964'400; // 2026-11-29T15:00:00Z

inline std::string number(std::uint64_t n) { return std::to_string(n); }

inline std::string word(vmail::activity::protocol by) {
    constexpr const char* names[] = {"imap", "pop3", "sieve", "submission"};
    return names[static_cast<int>(by)];
}

inline std::string word(vmail::activity::fate how) {
    constexpr const char* names[] = {"sent", "deferred", "bounced"};
    return names[static_cast<int>(how)];
}

inline std::string words_of(const vmail::activity::event& e) {
    using namespace vmail::activity;
    return std::visit(
        [](const auto& what) -> std::string {
            using kind = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<kind, login>) return word(what.by) + (what.is_good ? " login" : " failure");
            else if constexpr (std::is_same_v<kind, submission>) return "submission of " + number(what.recipients) + ", " + number(what.bytes);
            else if constexpr (std::is_same_v<kind, rejection>) return "rejection";
            else if constexpr (std::is_same_v<kind, dispatch>) return "dispatch " + word(what.how);
            else return "delivery " + word(what.how) + ", " + number(what.bytes);
        },
        e.what);
}

/// "imap login ann@example.org 192.0.2.1 <session>".
inline std::string line_of(const vmail::activity::event& e) {
    std::string all = words_of(e);
    for (const std::string_view part : {e.account, e.client, e.reference}) (all += ' ') += part.empty() ? "-" : part;
    return all;
}

inline vmail::activity::reader_options options() { return {vmail::time_zone::named("UTC"), "here", now}; }

struct result {
    std::vector<std::string> lines{};
    vmail::activity::line_counts counts{};
    std::string memory{};
};

inline result by(vmail::activity::log_source& source, const std::string& memory = {}) {
    result all;
    vmail::activity::log_reader reader(memory, options(), [&](const vmail::activity::event& e) { all.lines.push_back(line_of(e)); }, [] {});
    reader.read(source);
    all.counts = reader.counts();
    all.memory = reader.memory();
    return all;
}

inline result by(const std::string& text, const std::string& memory = {}) {
    const auto source = vmail::activity::log_of_text(text, now);
    return by(*source, memory);
}

using lines = std::vector<std::string>;

} // namespace told
