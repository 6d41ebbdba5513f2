#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include "target_list.hpp"

namespace vmail::tools {

namespace {

std::string without_blanks(const std::string& text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// "a@example.org, b@example.org" is how people write lists. A comma in quotes is part of an address (RFC 5321 section 4.1.2).
std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> addresses(1);
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i] == '"') quoted = !quoted;
        if (list[i] == ',' && !quoted) {
            addresses.emplace_back();
            continue;
        }
        addresses.back() += list[i];
        if (quoted && list[i] == '\\' && i + 1 < list.size()) addresses.back() += list[++i];
    }
    for (std::string& a : addresses) a = without_blanks(a);
    return addresses;
}

std::vector<std::string> split_all(const std::vector<std::string>& lists) {
    std::vector<std::string> addresses;
    for (const auto& list : lists)
        for (auto& a : split(list)) addresses.push_back(std::move(a));
    return addresses;
}

} // namespace

CLI::Option& add_addresses_option(CLI::App& verb, const std::string& name, std::vector<std::string>& addresses, const std::string& help) {
    return *verb.add_option(name, addresses, help)->type_name("ADDRESS")->allow_extra_args(false);
}

void add_target_list_flags(CLI::App& verb, target_list_flags& flags) {
    add_addresses_option(verb, "--target", flags.exactly, "send to this; repeat it for several");
    add_addresses_option(verb, "--add-target", flags.add, "send to this as well");
    add_addresses_option(verb, "--remove-target", flags.remove, "do not send to this any more");
}

std::vector<maildrop> parse_targets(const std::vector<std::string>& addresses) {
    std::vector<maildrop> targets;
    for (const auto& text : split_all(addresses)) {
        auto target = maildrop::parse(text);
        if (std::find(targets.begin(), targets.end(), target) == targets.end()) targets.push_back(std::move(target));
    }
    return targets;
}

target_list_changes::target_list_changes(const target_list_flags& flags, std::string_view word) : exactly_(parse_targets(flags.exactly)), add_(parse_targets(flags.add)) {
    // What others put there may be more than an address, and must be removable too.
    for (const auto& text : split_all(flags.remove)) remove_.push_back(maildrop::from_attribute(text));
    if (!exactly_.empty() && !(add_.empty() && remove_.empty()))
        throw error(error_kind::usage, fmt::format("--{0} says what the {0}s are, and goes with neither --add-{0} nor --remove-{0}", word));
}

void target_list_changes::apply(std::vector<maildrop>& targets) const {
    if (!exactly_.empty()) targets = exactly_;
    for (const auto& t : remove_) targets.erase(std::remove(targets.begin(), targets.end(), t), targets.end());
    for (const auto& t : add_)
        if (std::find(targets.begin(), targets.end(), t) == targets.end()) targets.push_back(t);
}

} // namespace vmail::tools
