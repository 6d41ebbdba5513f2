#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>

/// A tree as the mail daemons see it: what the lookups of schema/postfix/*.cf find, followed to their ends.
class mail_view {
public:
    /// Of all that is below o=hosting.
    mail_view(vmail::ldap::session& s, const vmail::ldap::dn& container);

    /// The folders, and the addresses elsewhere, that mail to the address gets to; none: it is refused. Domains of `ours` are not elsewhere, even when they
    /// are not in the tree.
    std::set<std::string> reached_by(const std::string& address, const std::set<std::string>& ours) const;
    /// Whether mail for it is taken at all.
    bool serves(const std::string& domain) const;
    /// All addresses that entries have, catch-alls left out.
    std::set<std::string> addresses() const;

    /// "info@example.org sends to bob@example.org, which is not there", for all that is in service.
    std::vector<std::string> dangling(const std::set<std::string>& ours) const;
    /// Addresses and folders of more than one entry.
    std::vector<std::string> doubles() const;
    /// Marks of what is under way: second names, reservations.
    std::vector<std::string> leftovers() const;

    /// All of it, without what differs from run to run.
    std::string text() const;

private:
    struct route;
    void deliver(const std::string& address, route& to) const;
    void follow(const std::string& address, route& to) const;
    std::vector<std::string> look_up(const std::string& address, bool& is_mailbox) const;
    bool receives(const vmail::ldap::entry& e) const;

    std::vector<vmail::ldap::entry> entries_;
    std::multimap<std::string, const vmail::ldap::entry*> by_address_;
    std::set<std::string> served_, known_;
    vmail::ldap::dn container_;
};
