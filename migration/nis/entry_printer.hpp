#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/entry.hpp>

#include "entries.hpp"
#include "ldif_text.hpp"
#include "passwd.hpp"
#include "shadow.hpp"
#include "stencil.hpp"

namespace vmail::nis {

/// Prints the entries of entry_maker: the many plain accounts and aliases through a stencil, the others one by one. The bytes do not tell which way
/// an entry went.
class entry_printer {
public:
    /// The options must outlive it.
    explicit entry_printer(const options& o);

    void print(const ldap::entry& e);
    void account(const nis::account& a, const shadow_record* shadow, const std::vector<std::string_view>& forward);
    /// The local part is bare; the targets are as maildrop holds them, at least one.
    void alias(std::string_view local_part, const std::vector<std::string_view>& targets);

    /// What was printed since the last clear().
    std::string_view text() const noexcept { return text_.text(); }
    void clear() noexcept { text_.clear(); }

    const entry_maker& make() const noexcept { return make_; }

private:
    const stencil& account_stencil(bool has_shadow) const { return account_stencils_[has_shadow ? 1 : 0]; }

    entry_maker make_;
    ldif_text text_;
    std::array<stencil, 2> account_stencils_; ///< without and with shadow
    stencil alias_stencil_;
    std::string password_; // used again and again, since making it anew takes longer than filling it
};

} // namespace vmail::nis
