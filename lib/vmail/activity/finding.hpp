#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/check/finding.hpp>

#include <vmail/activity/roster.hpp>
#include <vmail/activity/rows.hpp>
#include <vmail/activity/store.hpp>
#include <vmail/activity/thresholds.hpp>

namespace vmail::activity {

using check::severity;

/// One row of the table of rules.
struct rule_info {
    std::string_view code; ///< stable: "many-networks"
    activity::severity severity;
    bool stops;            ///< whom it finds is to be stopped, where somebody asks for that
    std::string_view explanation; ///< of what it finds and why that is told; sentences
};

/// All rules, in the order in which they are asked.
std::span<const rule_info> rules() noexcept;
std::optional<rule_info> find_rule(std::string_view code) noexcept;

/// A number that a finding rests on.
struct figure {
    std::string_view name;
    std::uint64_t value;
};

struct finding {
    rule_info rule;
    std::string account{};   ///< as it is counted; raw
    std::string sentence{};  ///< safe to print
    std::vector<figure> figures{};
    std::vector<sighting> evidence{}; ///< the latest first, and no more than twenty
};

/// What is looked at.
struct outlook {
    const store& kept;
    hour_span span;      ///< what is told happened in it
    std::int64_t now;    ///< seconds since 1970
    const thresholds& limits;
    roster* accounts = nullptr; ///< nothing: the directory cannot be asked
};

struct look_options {
    std::vector<std::string> only{}, skip{}; ///< codes; none: all
};

/// What hears of it: findings, and of rules that could not be asked why.
struct look_visitor {
    std::function<void(const finding&)> found{};
    std::function<void(const rule_info&, const std::string& sentence)> skipped{};
};

/// Throws invalid_value for a code that no rule has.
void look(const outlook& o, const look_options& options, const look_visitor& visit);

} // namespace vmail::activity
