#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>
#include <vmail/ldap/session.hpp>

/// Internal to the jobs.
namespace vmail::jobs {

/// What a run itself made of the entries that it wrote: a plan is made against one state, and what the run changes of it must not look like
/// somebody else's change to its own later requests.
class versions {
public:
    explicit versions(ldap::session& s) : session_(s) {}

    /// The request, guarded by the version that our last write left. One that names no entryUUID is about an entry that we added.
    ldap::write_request up_to_date(ldap::write_request request) const;

    /// Whether a write of which the answer was lost left a version that nobody told us.
    bool must_be_read(const ldap::write_request& request) const;
    void read(const ldap::write_request& request);

    void learn(const ldap::write_request& sent, const ldap::write_result& r);

private:
    struct version {
        std::string uuid, csn; ///< empty: not known
    };
    std::optional<version> find(const ldap::write_request& request) const;

    ldap::session& session_;
    std::unordered_map<std::string, std::string> csn_by_uuid_;
    std::unordered_map<std::string, version> by_name_; ///< of what the run has added, and what it wrote without knowing the entryUUID
};

} // namespace vmail::jobs
