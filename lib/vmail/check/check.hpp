#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <vmail/check/finding.hpp>
#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/plan.hpp>
#include <vmail/timestamp.hpp>

namespace vmail::check {

/// What is looked at, and by which rules. A code in both lists is not asked for.
struct options {
    /// What is found in this domain alone; what has to be compared is compared with all that may be seen.
    std::optional<domain_name> domain{};
    std::optional<domain_name> lists_domain{}; ///< of the list server, if the site has one
    std::vector<std::string> only{}; ///< codes; empty: all
    std::vector<std::string> skip{}; ///< codes
    bool tree = true, server = true;
    timestamp now = timestamp::now();
    std::function<bool()> stop{}; ///< asked between entries: true ends it with error(interrupted)
};

/// How many entries were looked at, and what was found, by how bad it is.
struct summary {
    std::size_t entries = 0;
    std::map<severity, std::size_t> found{};

    std::size_t count(severity s) const;
    /// No error and no warning.
    bool clean() const;
};

/// Is handed what is found, while the look goes on; what it throws ends that.
using visitor = std::function<void(const finding&)>;

/// Looks at the tree, all of it or what whom we are may see, and at the server, and hands over what is wrong as it is found. From a complete answer, or it
/// throws. Of each entry only a few bytes are kept. Throws invalid_value for a code that no rule has, not_found for a domain that is not there.
VMAIL_EXPORT summary look(directory& d, const options& wanted, const visitor& visit);

/// What puts right what the rules found that may be put right by themselves.
struct repairs {
    vmail::plan plan{};
    std::map<std::string, std::string> codes{}; ///< of each change, by its subject: "flag-missing, class-missing"
};

/// The same look at the tree, as a plan: repairs of this kind, or safer. Handed over is what is left for a person.
VMAIL_EXPORT repairs plan_repairs(directory& d, const options& wanted, repair most, const visitor& left);

} // namespace vmail::check
