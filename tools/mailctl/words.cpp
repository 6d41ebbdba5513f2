#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/naming.hpp>
#include <vmail/printable.hpp>
#include <vmail/service.hpp>
#include <vmail/state.hpp>

#include "words.hpp"

namespace vmail::tools {

std::optional<std::uint64_t> parse_limit(const std::string& flag, const std::string& text) {
    if (text == "none") return std::nullopt;
    // More than a server or a reader of the attribute counts to.
    constexpr std::uint64_t most = 1'000'000'000;
    std::uint64_t number = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number == 0 || number > most)
        throw invalid_value(fmt::format("{} must be a number from 1 to {}, or none, not {}", flag, most, vmail::quoted(text)));
    return number;
}

std::optional<std::uint64_t> parse_most_shown(const std::string& text) { return text == "0" ? std::nullopt : parse_limit("--limit", text); }

std::string parse_reason(const std::string& text) {
    const auto fits = [](char c) { return ascii::is_lower(c) || ascii::is_digit(c) || c == '-'; };
    if (text.empty() || text.size() > 64 || !std::all_of(text.begin(), text.end(), fits))
        throw invalid_value(fmt::format("--reason is one word of lower-case letters, digits and hyphens, not {}", vmail::quoted(text)), {.hint = "sentences go into --comment"});
    if (text == reason::expired)
        throw invalid_value(fmt::format("the reason \"{}\" is that of the expiry run: what has it works again as soon as its date is extended", text),
                            {.hint = "set the date with \"mailctl expiry set\", or give another word"});
    if (text == reason::domain)
        throw invalid_value(fmt::format("the reason \"{}\" is that of what is disabled with its domain: what has it works again as soon as that is enabled", text), {.hint = "give another word"});
    if (text == reason::removed)
        throw invalid_value("the reason \"removed\" is that of what is about to be removed: whoever runs the domain may delete what has it", {.hint = "give another word"});
    return text;
}

std::optional<quota> parse_quota(const std::string& text) {
    if (text == "domain") return std::nullopt;
    return quota::parse(text);
}

std::optional<quota> parse_default_quota(const std::string& text) {
    if (text == "server") return std::nullopt;
    return quota::parse(text);
}

std::optional<send_limits> parse_send_limits(const std::string& text) {
    if (text == "domain") return std::nullopt;
    return send_limits::parse(text);
}

std::optional<std::uint64_t> parse_quota_mib(const std::string& text) {
    const auto parsed = quota::parse(text);
    if (parsed.messages()) throw invalid_value(fmt::format("--max-quota counts bytes, not messages: {}", vmail::quoted(text)));
    if (!parsed.bytes()) return std::nullopt;
    return bytes_to_mib(*parsed.bytes());
}

std::optional<std::string> name_in(const std::string& subject) {
    if (subject.find('=') == std::string::npos) return subject.empty() ? std::nullopt : std::optional(subject);
    try {
        auto name = naming::subject_of(ldap::dn::parse(subject));
        if (name.find('=') == std::string::npos) return name;
    } catch (const invalid_value&) {
        // an address that has the mark
        return subject;
    }
    return {};
}

std::optional<expiry> parse_expiry(const std::string& text, const time_zone& zone) {
    if (text == "never") return std::nullopt;
    try {
        return expiry::parse(text, zone, timestamp::now());
    } catch (const invalid_value& e) {
        throw invalid_value(e.what(), {.hint = "or never, for a mailbox without an end"});
    }
}

} // namespace vmail::tools
