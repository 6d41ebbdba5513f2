#pragma once

#include <map>
#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/plan.hpp>

/// Internal to check.
namespace vmail::check {

/// What puts right, in the making: changes of entries as they stand, and what a draft makes of the rest.
class mending {
public:
    explicit mending(directory& d) : draft_(d) {}

    /// For what has rules of its own: new entries, mailing lists.
    draft& additions() noexcept { return draft_; }
    /// All that is put right in one entry, as one change. Nothing when the two are alike.
    void change(const ldap::entry& before, const ldap::entry& after, const std::string& subject, const std::string& codes);

    plan take() &&;
    std::map<std::string, std::string> codes{}; ///< by subject

private:
    void add(planned_change c, const std::string& codes);

    draft draft_;
    std::vector<planned_change> changes_;
};

} // namespace vmail::check
