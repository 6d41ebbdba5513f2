#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/session.hpp>

namespace vmail {

/// Gives numbers to accounts of Unix, each once. Internal to the draft.
///
/// o=hosting says which number is the next one (vmailNextUidNumber), and it never goes back: what belonged to somebody who is gone still owns files. Writing it is
/// the premise of the plan: of two who took the same numbers, one is told that his plan is out of date. Where nothing says it yet, it is the one above all
/// that are in use.
class unix_numbers {
public:
    unix_numbers(ldap::session& s, const vmail::site& of_site, std::optional<ldap::modify_request>& premise) : session_(s), site_(of_site), premise_(premise) {}

    /// The next that is free, for the entry. Throws limit_exceeded when all are given, error(configuration) where the server cannot keep which is the next.
    std::uint32_t take(const ldap::dn& whose);
    /// This very one, for the entry. Throws limit_exceeded outside of the range, already_exists when somebody has it. Whether it was given before, perhaps to
    /// somebody who is gone.
    bool take(std::uint32_t n, const ldap::dn& whose);
    const passed_numbers& passed_over() const noexcept { return passed_over_; }

private:
    void look();
    std::uint32_t highest_in_use();
    std::optional<ldap::dn> owner(std::uint32_t n);
    void pass(std::uint64_t next);

    ldap::session& session_;
    const vmail::site& site_;
    std::optional<ldap::modify_request>& premise_;
    std::optional<ldap::entry> container_{}; ///< as it was read
    std::uint64_t next_ = 0;                 ///< one more than the last number of all there are, at the most
    std::unordered_map<std::uint32_t, ldap::dn> taken_{}; ///< in this plan, by whom
    passed_numbers passed_over_{};
};

} // namespace vmail
