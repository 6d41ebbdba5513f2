#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include <vmail/ascii.hpp>

#include <vmail/schema.hpp>

/// Which attributes hold passwords. Internal to the jobs.
namespace vmail::jobs {

inline std::string_view without_options(std::string_view attribute) noexcept { return attribute.substr(0, attribute.find(';')); }

inline bool is_clear_password(std::string_view attribute) noexcept {
    return ascii::iequals(without_options(attribute), schema::attr::clear_password);
}

inline bool is_user_password(std::string_view attribute) noexcept {
    return ascii::iequals(without_options(attribute), schema::attr::user_password);
}

/// A password or its hash, of whatever program.
inline bool is_password(std::string_view attribute) noexcept {
    constexpr std::array<std::string_view, 5> others = {"sambaNTPassword", "sambaLMPassword", "sambaPasswordHistory", "pwdHistory", "authPassword"};
    const auto same = [name = without_options(attribute)](std::string_view other) { return ascii::iequals(name, other); };
    return is_user_password(attribute) || is_clear_password(attribute) || std::any_of(others.begin(), others.end(), same);
}

} // namespace vmail::jobs
