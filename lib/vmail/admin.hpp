#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/password.hpp>
#include <vmail/state.hpp>

namespace vmail {

/// What an administrator is called: `postmaster@DOMAIN`, or the cn of a virtual admin.
class VMAIL_EXPORT admin_name {
public:
    /// One that begins with "postmaster@" is that of a domain. A cn is UTF-8 of 1 to 64 bytes without control characters and without blanks at its ends.
    /// Throws invalid_value.
    static admin_name parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    /// Whose postmaster it is; nothing: a virtual admin.
    const std::optional<domain_name>& postmaster_of() const noexcept { return domain_; }

    /// As the directory compares them: without regard to ASCII case.
    bool operator==(const admin_name& other) const noexcept;

private:
    admin_name(std::string text, std::optional<domain_name> d) : text_(std::move(text)), domain_(std::move(d)) {}
    std::string text_;
    std::optional<domain_name> domain_;
};

/// Who administers domains: a virtual admin, VirtualAdmin below ou=admin, or the postmaster of a domain, whose entry is the alias postmaster@ as well. Of the
/// latter only what makes him an administrator is here: password and edit_accounts.
struct VMAIL_EXPORT admin : entry_state {
    explicit admin(admin_name n) : name(std::move(n)) {}

    admin_name name;
    std::optional<vmail::address> mail{};        ///< where a virtual admin is written to; he must have one
    std::vector<domain_name> domains{};          ///< vd: those that he runs; of a postmaster his own, whatever is set
    std::optional<std::uint64_t> max_domains{};  ///< maxDomain of a virtual admin: how many he may have; nothing: no limit
    /// editAccounts: makes and changes mailboxes. Without it he runs aliases, and reads.
    bool edit_accounts = false;
    std::optional<password_hash> password{};     ///< left alone when not set

    bool is_postmaster() const noexcept { return name.postmaster_of().has_value(); }

    /// As mailbox::from_entry() and mailbox::to_entry(). A postmaster's entry is there already: of one without, to_entry() throws invalid_value.
    static admin from_entry(const ldap::entry& e, const site& s);
    void to_entry(ldap::entry& e, const site& s) const;
    /// Whether the entry is one of either kind. A postmaster's is, also while he has no password.
    static bool is(const ldap::entry& e);
    /// Takes away what makes a postmaster an administrator.
    static void take_rights(ldap::entry& e);
};

} // namespace vmail
