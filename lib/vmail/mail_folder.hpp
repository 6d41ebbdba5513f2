#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/own_entry.hpp>

/// The folder of a mailbox below vdHome, as the attribute mailbox has it: "example.org/bob/". One mailbox has it, for ever. Internal.
namespace vmail::mail_folder {

/// Throws invalid_value unless it is what a removal of mail would accept, too: at least two components, none of them hidden or leading elsewhere.
void check(std::string_view path);

/// Without the "/" of a Maildir at its end: with or without it is the same folder.
std::string bare(std::string_view path);

/// The folders that it lies in, without "/" at their ends.
std::vector<std::string> around(std::string_view path);

/// Whether it is the folder, without "/" at its end, that a mailbox of this address gets where nobody says anything.
bool is_usual(std::string_view folder, std::string_view address_text);

/// What owner() asks.
ldap::search_request owner_request(const layout& where, std::string_view path);
/// Whose it is already, by an index: an address, or a DN where there is none.
std::optional<std::string> owner(ldap::session& s, const layout& where, std::string_view path, const is_own_entry& own);
/// Whose folder it would lie in, by the same index.
std::optional<std::string> owner_around(ldap::session& s, const layout& where, std::string_view path, const is_own_entry& own);

/// directory_options::former_owner.
using memory = std::function<std::optional<std::string>(const std::string& home, const std::string& path)>;

/// Who had it, or a folder that it lies in, and is gone: "ann@example.org, who is gone". What was the address' own it may have again, where a person says so; of one that nobody
/// knows the owner of any more, the folder that is called by the address.
std::optional<std::string> owner_before(const memory& remembered, const std::string& home, std::string_view path, std::string_view own_address);

/// The folders of the mailboxes below an entry, in one search: no index tells what is inside of one.
class contents {
public:
    contents() = default; ///< nothing
    contents(ldap::session& s, const ldap::dn& below);

    /// A mailbox inside of that folder, which would go with it.
    std::optional<std::string> owner_inside(std::string_view path, std::string_view own_uuid) const;

private:
    struct holder {
        std::string name, entry_uuid;
    };
    std::map<std::string, holder, std::less<>> by_folder_;
};

} // namespace vmail::mail_folder
