#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/entry.hpp>

#include "gecos.hpp"
#include "group.hpp"
#include "netgroup.hpp"
#include "number.hpp"
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
    /// The folders of groups, netgroups and, without mail, people.
    ldap::entry folder(std::string_view name) const;

    /// `forward` are the places its mail is sent on to, as maildrop holds them; empty: nowhere. The record is null where shadow has none.
    ldap::entry account(const nis::account& a, const shadow_record* shadow, const std::vector<std::string_view>& forward) const;
    /// The part of it that is the same for most: no details() and no numbers of shadow.
    ldap::entry account_frame(const nis::account& a, const person& p, bool has_shadow, const std::vector<std::string_view>& forward) const;
    /// The rest: each attribute has one value, which is not empty.
    template <typename Set>
    void details(const nis::account& a, const person& p, const shadow_record* shadow, Set set) const;
    /// The local part is bare.
    ldap::entry alias(std::string_view local_part, const std::vector<std::string_view>& targets) const;
    ldap::entry group(const nis::group& g) const;
    ldap::entry netgroup(const nis::netgroup& g) const;

    /// The address text of a bare local part here.
    std::string address_text(std::string_view local_part) const;
    /// Appends it.
    void append_address(std::string& out, std::string_view local_part) const;

    static constexpr std::string_view groups_folder = "groups";
    static constexpr std::string_view netgroup_folder = "netgroup";
    static constexpr std::string_view people_folder = "people";

    /// GECOS as its attribute takes it; `changed` holds it where that differs.
    static std::string_view gecos_text(std::string_view gecos, std::string& changed);

private:
    ldap::entry mail_account(const nis::account& a, const person& p, const std::vector<std::string_view>& forward) const;
    ldap::entry person_account(const nis::account& a, const person& p) const;
    void stamp(ldap::entry& e) const;

    const options& options_;
};

template <typename Set>
void entry_maker::details(const nis::account& a, const person& p, const shadow_record* shadow, Set set) const {
    const auto set_unless_empty = [&set](std::string_view attribute, std::string_view value) {
        if (!value.empty()) set(attribute, value);
    };
    set_unless_empty("roomNumber", p.room);
    set_unless_empty("telephoneNumber", p.phone);
    set_unless_empty("homePhone", p.home_phone);
    if (options_.only == scope::mail) return;
    set("uidNumber", decimal(a.uid).text());
    set("gidNumber", decimal(a.gid).text());
    set("homeDirectory", a.home);
    set_unless_empty("loginShell", a.shell);
    std::string changed;
    set_unless_empty("gecos", gecos_text(a.gecos, changed));
    for (std::size_t i = 0; shadow && i < shadow_attributes.size(); ++i)
        if (shadow->ages[i] != no_age) set(shadow_attributes[i], decimal(shadow->ages[i]).text());
}

} // namespace vmail::nis
