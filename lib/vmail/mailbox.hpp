#pragma once

#include <optional>
#include <string>

#include <vmail/address.hpp>
#include <vmail/export.hpp>
#include <vmail/facet.hpp>
#include <vmail/forward.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/password.hpp>
#include <vmail/quota.hpp>
#include <vmail/send_limits.hpp>
#include <vmail/state.hpp>
#include <vmail/timestamp.hpp>
#include <vmail/vacation.hpp>

namespace vmail {

/// A mailbox: VirtualMailAccount with VirtualForward and Vacation, which the daemons' filters need present.
struct VMAIL_EXPORT mailbox : entry_state {
    explicit mailbox(vmail::address a) : address(std::move(a)) {}

    vmail::address address;
    std::string full_name{};                   ///< cn, UTF-8; empty: the local part is written. See set_name()
    std::string surname{};                     ///< sn; empty: the last word of the name is written
    std::string given_name{};                  ///< givenName
    std::string description{};
    std::optional<vmail::quota> quota{};       ///< nothing: the attribute is absent and the daemons' own default holds; draft::add() gives the default of the domain first
    std::optional<password_hash> password{};   ///< userPassword; nothing when there is none or it may not be read: it is then left alone
    /// pwdReset of slapo-ppolicy, which lets the owner do nothing but set another password: nothing where it is not read, and it is then left alone. A
    /// server without that takes no entry that has it (directory::has_password_policy).
    std::optional<bool> must_change_password{};
    std::optional<vmail::expiry> expires{};
    bool smtp_auth = true;                     ///< may send through SMTP AUTH; absent reads as false, since the daemons look for TRUE
    bool may_log_in = true;                    ///< may read over IMAP and POP3; only where the server has our schema it can be false
    bool may_receive = true;                   ///< mail to it is taken; as may_log_in
    std::optional<vmail::send_limits> send_limits{}; ///< nothing: those of its domain hold; only where the server has our schema it can have its own
    vmail::forward forward{};
    vmail::vacation vacation{};
    std::string home{};                        ///< vdHome; empty: the site's is written
    std::string path{};                        ///< mailbox, relative to home; empty: maildir_path() is written

    facet_values facets{};                     ///< of the attributes that the facets of the site name

    /// Another full name. The surname follows, unless it is another than the last word of the old one.
    void set_name(std::string name);

    /// Reads an entry. The address is the one in the entry's name. Values that make no sense become problems, not errors; active is then false, as it is
    /// for the daemons. Throws invalid_value when it is no account or has no usable address.
    static mailbox from_entry(const ldap::entry& e, const site& s);

    /// Writes the modelled attributes into the entry and leaves all others alone. Throws invalid_value naming the attribute that cannot hold a value; the
    /// entry is then as before.
    ///
    /// An entry without object classes is new: it gets its name, its classes, every member, and what Phamm's readers expect (uid USER.DOMAIN,
    /// mailAutoreply, createMaildir, lastChange from `changed` or the clock).
    ///
    /// In any other only the members that differ from from_entry(e) are written: nothing changed is no difference, whatever the entry holds. An attribute
    /// with a problem counts as different when its member was set to something else, or the problem forgotten. With the first difference
    /// a bare account also gets the classes VirtualForward and Vacation with explicit FALSE, without which the stock maps refuse its mail.
    /// Setting a member replaces all values of its attribute; targets are changed one by one. lastChange is never touched.
    /// Throws invalid_value for another address: that is a rename (draft::rename).
    void to_entry(ldap::entry& e, const site& s) const;
};

} // namespace vmail
