#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/domain_name.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/layout.hpp>

/// Entries as other tools write them, with nothing more than the schema wants.
namespace entries {

inline vmail::layout layout_of(const std::string& base) { return vmail::layout(vmail::ldap::dn::parse(base)); }

inline vmail::ldap::entry domain(const vmail::layout& where, const vmail::domain_name& name) {
    vmail::ldap::entry e(where.domain(name));
    e.set("objectClass", std::vector<std::string>{"top", "VirtualDomain"});
    e.set("vd", name.text());
    e.set("accountActive", "TRUE");
    e.set("lastChange", "1700000000");
    e.set("delete", "FALSE");
    return e;
}

inline vmail::ldap::entry mailbox(const vmail::layout& where, const std::string& user, const vmail::domain_name& name) {
    const std::string address = user + '@' + name.text();
    vmail::ldap::entry e(where.domain(name).child("mail", address));
    e.set("objectClass", std::vector<std::string>{"top", "inetOrgPerson", "VirtualMailAccount"});
    e.set("mail", address);
    e.set("cn", user);
    e.set("sn", user);
    e.set("vdHome", "/home/vmail/domains");
    e.set("mailbox", name.text() + '/' + user + '/');
    e.set("accountActive", "TRUE");
    e.set("lastChange", "1700000000");
    e.set("delete", "FALSE");
    return e;
}

/// What a call throws.
template <typename Call> vmail::error_kind kind_of_failure(const Call& call) {
    try {
        call();
    } catch (const vmail::error& e) {
        INFO(std::string(e.what()));
        CHECK(!std::string(e.what()).empty());
        return e.kind();
    }
    FAIL("nothing was thrown");
    return {};
}

} // namespace entries
