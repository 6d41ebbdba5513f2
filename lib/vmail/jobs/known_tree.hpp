#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <vmail/directory.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/own_entry.hpp>

/// Internal to the jobs.
namespace vmail::jobs {

/// What is in the tree, for a job that has many names to look up: for a large one all names, folders, logins and addresses are read once, in one search, so that what is not
/// there costs nothing.
class known_tree {
public:
    known_tree(directory& d, std::size_t lookups);

    std::optional<ldap::entry> find(const ldap::dn& name);
    /// Whose folder the mailbox would share.
    std::optional<std::string> owner_of_folder(const ldap::entry& wanted, const is_own_entry& own);
    /// Whose it was that is gone, another than its own.
    std::optional<std::string> former_owner_of_folder(const ldap::entry& wanted);
    /// In whose folder its own would lie, or who has one inside of it. Inside of the folder that every mailbox gets by its address nobody is looked for but where all
    /// is read: to an addition that would be a look at the whole domain.
    std::optional<std::string> neighbour_of_folder(const ldap::entry& wanted, const is_own_entry& own);
    /// Whose login its uid is, too.
    std::optional<std::string> owner_of_login(const ldap::entry& wanted, const is_own_entry& own);

    /// Which entry has its address already, wherever it is.
    std::optional<std::string> owner_of_address(const ldap::entry& wanted, const is_own_entry& own);

    void will_hold(const ldap::entry& e);
    void will_hold_name(const ldap::dn& name);
    /// The name of an entry that goes, or gets another: its address is free again.
    void will_free(const ldap::dn& name);

private:
    void read_all();
    bool may_hold(const ldap::dn& name) const;
    /// One of the tree of mail, which is there.
    bool is_among_mailboxes(const ldap::entry& wanted);
    std::optional<std::string> owner_inside(const ldap::entry& wanted, const std::string& folder);

    /// Folders, and what lies between them and the root of all mail.
    struct folder_tree {
        std::unordered_set<std::size_t> folders{}, above{};

        void add(const std::string& folder);
        bool holds(const std::string& folder) const;
        bool is_around(const std::string& folder) const; ///< one of them lies in it
        bool is_inside(const std::string& folder) const; ///< it lies in one of them
    };

    directory& directory_;
    bool is_read_ = false, has_container_ = false;
    // Hashes: one that two share costs a look, no more.
    std::unordered_set<std::size_t> names_, logins_, addresses_, planned_logins_, planned_addresses_;
    folder_tree folders_, planned_folders_;
    std::unordered_map<std::string, mail_folder::contents> contents_; ///< by the key of the entry above them
};

} // namespace vmail::jobs
