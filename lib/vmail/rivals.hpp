#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/plan.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>

namespace vmail {

/// Somebody else who has what one alone may have.
struct rival {
    std::string sentence;   ///< what is whose, safe to print
    bool may_yield = false; ///< was written after ours: it will find ours, and take its own back
};

/// Looks, after the write, who has the same. Internal to what carries plans out.
///
/// Of two who write one value at the same moment, the one whose write comes second finds both when it looks. So never both keep it, as long as whoever
/// finds another one yields; the order of the versions only tells who is waited for, as it need not be that of the writes. On two servers that are written to at
/// once each is alone: "mailctl check" finds those.
class rivals {
public:
    explicit rivals(directory& d) : directory_(d) {}

    struct claimant {
        ldap::dn name;
        const std::vector<sole_value>* values;
    };
    /// For each of them the first that is found. Throws as session::search() does.
    std::vector<std::optional<rival>> of(const std::vector<claimant>& all);
    /// The same of one, when whoever may yield was waited for.
    std::optional<rival> lasting(const claimant& one);

    /// For somebody who wrote after us, and will find ours.
    static constexpr std::chrono::milliseconds longest_wait{2000};

private:
    std::vector<ldap::entry> holders_of(const std::vector<claimant>& all) const;
    std::optional<rival> find(const claimant& c, const std::vector<ldap::entry>& holders);
    std::optional<rival> find_inside(const claimant& c, const sole_value& v);

    directory& directory_;
    std::size_t looks_inside_ = 0;
};

/// What takes a request back that was done: the entry goes again, or is again what it was. Nothing where the answer does not tell.
std::optional<ldap::write_request> inverse_of(const ldap::write_request& done, const ldap::write_result& r);

/// What an entry has alone when it is `after`, and had not before: the folder, which a person may have chosen, logins and the number of a Unix account.
std::vector<sole_value> sole_values_of(const ldap::entry& before, const ldap::entry& after, sole_value::kind folder);

} // namespace vmail
