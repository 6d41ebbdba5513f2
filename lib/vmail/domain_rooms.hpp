#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain.hpp>
#include <vmail/domain_usage.hpp>
#include <vmail/plan.hpp>
#include <vmail/quota.hpp>

namespace vmail {

/// The domains that a plan adds to, and what it takes of their limits: it sees its own additions, and claims their places. Internal.
class domain_rooms {
public:
    struct room {
        stored<vmail::domain> domain;
        std::optional<domain_places> there{}; ///< with what is planned; counted when a limit first asks for it
        std::optional<std::size_t> claim{};   ///< of the plan
    };

    /// The claims are those of the plan, and outlive this. The token is that of the command (place_claim).
    domain_rooms(directory& d, std::string token, std::vector<place_claim>& claims) : directory_(d), token_(std::move(token)), claims_(claims) {}

    /// One that the plan has added to already, or null.
    room* find(const domain_name& name);
    /// Has the plan give back, in addition, what an earlier run of the same command had set aside there and was cut before giving back.
    room& enter(stored<vmail::domain> d);

    /// Throws limit_exceeded where the domain shares out a quota, and this one has no bytes.
    static void require_finite_quota(const room& r, const std::optional<quota>& q);
    /// Throws limit_exceeded when the domain has no room for this. Nothing is taken yet.
    void require(room& r, const domain_places& more);
    void take(room& r, const domain_places& more);

private:
    place_claim& claim_in(room& r);
    domain_places count(const ldap::entry& d) const;

    directory& directory_;
    std::string token_;
    std::vector<place_claim>& claims_;
    std::map<std::string, room> rooms_;
};

} // namespace vmail
