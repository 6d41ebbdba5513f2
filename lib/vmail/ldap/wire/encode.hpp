#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/wire/handle.hpp>

namespace vmail::ldap::wire {

/// The null-terminated array of changes that libldap wants. Points into the modifications: they must outlive it.
class mod_array {
public:
    explicit mod_array(const std::vector<modification>& changes);
    explicit mod_array(const entry& e); ///< for an add request
    LDAPMod** get() { return pointers_.data(); }

private:
    struct mod {
        LDAPMod wire{};
        std::vector<berval> values;
        std::vector<berval*> pointers;
    };
    void append(int operation, const std::string& name, const std::vector<std::string>& octets);
    void close();
    std::deque<mod> mods_; // addresses stay
    std::vector<LDAPMod*> pointers_;
};

/// The controls of one request, as libldap wants them.
class control_array {
public:
    /// The server does the write only if the entry matches (RFC 4528). Critical.
    void add_assertion(LDAP* ld, const filter& f);
    /// The server returns the entry before or after the write (RFC 4527), with these attributes. Not critical.
    void add_pre_read(const std::vector<std::string>& attributes);
    void add_post_read(const std::vector<std::string>& attributes);
    /// Simple paged results (RFC 2696).
    void add_page(LDAP* ld, std::size_t size, const std::string& cookie);

    LDAPControl** get();

private:
    void add_read(const char* oid, const std::vector<std::string>& attributes);
    void add(const char* oid, bool critical, berval& value);
    std::vector<control> owned_;
    std::vector<LDAPControl*> pointers_;
};

/// The control with this OID among those of an answer, or null.
LDAPControl* find_control(const char* oid, LDAPControl** all);

/// The entry that a pre-read or post-read control brought, without what is never read; nothing when there is none or it cannot be decoded.
std::optional<entry> read_entry_control(const char* oid, LDAPControl** all, const std::vector<std::string>& never_read);

inline berval as_berval(const std::string& octets) {
    return {octets.size(), const_cast<char*>(octets.data())}; // libldap does not write through it
}

/// A null-terminated array of C strings. Points into the names.
std::vector<char*> as_names(const std::vector<std::string>& names);

} // namespace vmail::ldap::wire
