#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_rooms.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/plan.hpp>

/// Internal to the jobs.
namespace vmail::jobs {

/// The limits of the domains that a file adds to, as what adds one by one keeps to them: counted once for each plan, and not at all where there are none.
class import_rooms {
public:
    /// The claims are those of the plan that is being made; a dry run sets nothing aside. The token is that of the command (place_claim).
    import_rooms(directory& d, std::string token, std::vector<place_claim>& claims, bool is_dry);

    /// What `after` takes more than `before`, of which there may be none. Returned is the claim; throws limit_exceeded.
    std::optional<std::size_t> take(const ldap::entry* before, const ldap::entry& after);
    /// A domain that the plan adds.
    void will_hold(const ldap::entry& e);
    /// An entry that the plan changes otherwise.
    void will_change(const ldap::dn& name) { unlimited_.erase(name.key()); }
    /// Whether the plan takes places there.
    bool is_taken_from(const ldap::dn& name) const { return taken_from_.contains(name.key()); }
    /// Whether nothing is to be counted there.
    bool is_unlimited(const ldap::dn& name) const { return unlimited_.contains(name.key()); }
    /// After the plan was carried out: others may have added to the same domains since.
    void start_over();

private:
    domain_rooms::room* room_of(const ldap::dn& name);

    directory& directory_;
    std::string token_;
    bool is_dry_;
    std::vector<place_claim> nobodys_;
    std::vector<place_claim>& claims_;
    std::optional<domain_rooms> rooms_;
    std::unordered_set<std::string> unlimited_, taken_from_;
    std::unordered_map<std::string, ldap::entry> to_come_; ///< domains with limits that a dry run would have added
};

} // namespace vmail::jobs
