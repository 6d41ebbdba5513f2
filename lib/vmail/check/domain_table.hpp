#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/domain.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/layout.hpp>
#include <vmail/service.hpp>

/// Internal to check.
namespace vmail::check {

/// A domain, or a backup domain.
struct known_domain {
    std::string name;
    ldap::dn dn;
    service_state service{};
    bool is_backup = false, removed = false;
};

/// The domains that may be seen, read before the rest.
class domain_table {
public:
    /// Throws as ldap::session.
    domain_table(ldap::session& s, const site& where);

    /// Null: it is none of ours, or hidden from us.
    const known_domain* find(std::string_view name) const;
    const std::vector<known_domain>& all() const noexcept { return all_; }

private:
    void add(const ldap::entry& e, const site& where);

    std::vector<known_domain> all_;
    std::unordered_map<std::string, std::size_t, ascii::ihasher, ascii::iequal_to> by_name_;
};

} // namespace vmail::check
