#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/error.hpp>
#include <vmail/export.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>
#include <vmail/plan.hpp>

namespace vmail {

/// Sets places aside in domains with limits, and gives them back. Internal to what carries plans out.
///
/// The reservation is written under the condition that the domain's entry is as it was when its places were counted. Of two who count the same, one
/// therefore counts again, and sees what the other has set aside or used by then. Where the server has not loaded vmail.schema, or lets us not write to the
/// domain, the count of the plan has to do.
class claim_keeper {
public:
    using writer = std::function<ldap::write_result(const ldap::write_request&)>;
    claim_keeper(directory& d, writer write) : directory_(d), write_(std::move(write)) {}

    void take(const place_claim& claim);
    /// Why the claim, counted in the order of take(), was not granted.
    std::optional<error> refusal(std::size_t claim) const { return claims_.at(claim).refusal; }
    void release_all();

private:
    struct held {
        place_claim claim;
        std::string text{};            ///< of our reservation; empty: there is none
        std::optional<error> refusal{};
    };
    struct room {
        std::optional<limit_exceeded> shortage{};
        bool may_come_back = true; ///< when others give back what they do not use
    };
    room look_for_room(const held& h, const ldap::entry& domain) const;
    bool try_once(held& h, const ldap::entry& domain);
    static bool hold(held& h, const std::string& text);
    void release(held& h);

    directory& directory_;
    writer write_;
    std::vector<held> claims_;
};

} // namespace vmail
