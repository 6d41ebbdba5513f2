#pragma once

#include <algorithm>
#include <string_view>

#include <vmail/ascii.hpp>

#include <vmail/check/rule.hpp>
#include <vmail/state.hpp>

/// Internal to check.
namespace vmail::check {

template <typename Names> bool has_name(const Names& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(), [name](std::string_view n) { return ascii::iequals(n, name); });
}

/// Tells of what the entity could not read. What is missing is told by other rules.
template <typename Wanted> void tell_problems(const sight& e, const telling& tell, const Wanted& wanted) {
    const entry_state* const s = e.state();
    if (s == nullptr) return;
    for (const problem& p : s->problems)
        if (wanted(p.attribute) && e.entry.has(p.attribute)) tell(e, p.attribute + ": " + p.sentence);
}

} // namespace vmail::check
