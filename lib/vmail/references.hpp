#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/plan.hpp>
#include <vmail/routing_recipient.hpp>

namespace vmail {

/// What sends mail to an address, or to anything in a domain, and what it becomes when that gets another name. Values are whatever a tree holds: they are
/// compared as the server does (ASCII case and blanks at the ends do not count), and what is no address is looked at all the same.
class readdressing {
public:
    /// The address itself, also in quotes that it needs not (RFC 5321 section 4.1.2), and its extensions, as the daemons of the site take them:
    /// "bob+lists@example.org".
    static readdressing of(const address& from, const address& to, const site& s);
    /// Whatever stands before the "@".
    static readdressing of(const domain_name& from, const domain_name& to);

    /// Matches all entries that hold such a value, and maybe others.
    ldap::filter selects() const;
    /// The value as it is to be, what else is in it as it was (routing::targets_in); nothing when it leads elsewhere.
    std::optional<std::string> lead_over(std::string_view target) const;
    /// The entry with all its targets led over, and the owners of a mailing list as well. The same entry when there is nothing to do.
    ldap::entry lead_over(const ldap::entry& e) const;

    /// The entry of an administrator, with where he is written to led over.
    ldap::entry lead_over_contact(const ldap::entry& e) const;

    /// Whether a target of the entry is such a value.
    bool concerns(const ldap::entry& e) const;
    /// The entry without such targets.
    ldap::entry without(ldap::entry e) const;

private:
    std::optional<std::string> lead_over_address(std::string_view value) const;
    /// The others in a value that holds several.
    std::string rest_without(std::string_view target) const;
    readdressing(std::string local, std::string from_domain, std::string to_local, std::string to_domain, std::string delimiter)
        : from_local_(std::move(local)), from_domain_(std::move(from_domain)), to_local_(std::move(to_local)), to_domain_(std::move(to_domain)),
          delimiter_(std::move(delimiter)) {}
    /// What is left of the local part behind the address that goes: nothing, or an extension; no value when it is another one.
    std::optional<std::string> rest_of(const routing::recipient& r) const;

    std::string from_local_, from_domain_, to_local_, to_domain_; ///< local parts without quotes; none: any, and it stays
    std::string delimiter_;
};

/// Tells that an entry sends mail to an address that goes.
plan_notice notice_of(const ldap::entry& reference, const address& gone);

/// Tells of the entries elsewhere that send mail to addresses of a domain that goes, for which all entries are looked at: each of a few, and how many more.
std::vector<plan_notice> notices_of(ldap::session& s, const layout& where, const domain_name& gone);

/// Whether a target of the entry is the address itself, not an extension of it.
bool sends_to(const ldap::entry& e, const address& a);

/// The entries below o=hosting that have the address itself for a whole value, by an index.
std::vector<ldap::entry> find_references(ldap::session& s, const layout& where, const address& a);
/// The same, whole, and those that send to an extension of it, for which a server without an index on parts of values looks at all entries.
std::vector<ldap::entry> find_all_references(ldap::session& s, const site& where, const address& a);

/// What sends mail to extensions of addresses, and by values that hold more than the address: read when it is first asked for, in one look at all entries for however many addresses that go.
class extension_references {
public:
    /// Both must outlive it.
    extension_references(ldap::session& s, const site& where) : session_(s), site_(where) {}

    /// What sends mail to the address or to an extension of it, each once; with its name and its version, and maybe no more.
    std::vector<ldap::entry> find_all(const address& a);

private:
    void read();

    ldap::session& session_;
    const site& site_;
    bool is_read_ = false;
    std::multimap<std::string, ldap::entry> by_address_; ///< without the extension, as its key
};

/// The mailing lists that have an owner: read when one is first asked for, as above.
class owned_lists {
public:
    /// Both must outlive it.
    owned_lists(ldap::session& s, const site& where) : session_(s), site_(where) {}

    /// Those that the address, or an extension of it, is an owner of: with names and owners, and maybe no more.
    std::vector<ldap::entry> find_all(const address& a);

private:
    ldap::session& session_;
    const site& site_;
    std::optional<std::vector<ldap::entry>> all_{};
};

/// Tells that a mailing list has an owner that goes.
plan_notice notice_of_owner(const ldap::entry& list, const address& gone);

} // namespace vmail
