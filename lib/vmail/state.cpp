#include <algorithm>

#include <vmail/ascii.hpp>

#include <vmail/state.hpp>

namespace vmail {

std::string author_of(const std::string& identity) {
    if (identity.empty()) return "anonymous";
    return identity.starts_with("dn:") ? identity.substr(3) : identity;
}

bool entry_state::has_problem(std::string_view attribute) const noexcept {
    return std::any_of(problems.begin(), problems.end(), [&](const problem& p) { return ascii::iequals(p.attribute, attribute); });
}

void entry_state::forget_problem(std::string_view attribute) {
    std::erase_if(problems, [&](const problem& p) { return ascii::iequals(p.attribute, attribute); });
}

} // namespace vmail
