#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/entry.hpp>

#include "group.hpp"
#include "options.hpp"
#include "passwd.hpp"
#include "shadow.hpp"

namespace vmail::nis {

/// The entries that the maps become. Each is whole: its object classes, every attribute that they demand, no empty and no equal values.
class entry_maker {
public:
    /// The options must outlive it. Throws error(usage) when BASE has no entry that we can make and is to be written.
    explicit entry_maker(const options& o) : options_(o) {}

    /// BASE and the container below it.
    std::vector<ldap::entry> base() const;
    ldap::entry domain() const;
    /// The folders of groups and, without mail, of people.
    ldap::entry folder(std::string_view name) const;

    /// `forward` are the places its mail is sent on to, as maildrop holds them; empty: nowhere. The record is null where shadow has none.
    ldap::entry account(const nis::account& a, const shadow_record* shadow, const std::vector<std::string>& forward) const;
    /// The local part is bare.
    ldap::entry alias(std::string_view local_part, const std::vector<std::string>& targets) const;
    ldap::entry group(const nis::group& g) const;

    /// The address text of a bare local part here.
    std::string address_text(std::string_view local_part) const;

    static constexpr std::string_view groups_folder = "groups";
    static constexpr std::string_view people_folder = "people";

private:
    ldap::entry mail_account(const nis::account& a, const std::vector<std::string>& forward) const;
    ldap::entry person_account(const nis::account& a) const;
    void stamp(ldap::entry& e) const;

    const options& options_;
};

} // namespace vmail::nis
