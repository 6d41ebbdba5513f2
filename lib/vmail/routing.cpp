#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/routing.hpp>

namespace vmail::routing {

namespace {

/// What is no address goes elsewhere: to a login of the server, to the vacation daemon.
std::optional<address> as_address(const maildrop& target) {
    try {
        return address::parse(target.text());
    } catch (const invalid_value&) {
        return std::nullopt;
    }
}

/// Postfix gives up there, too (virtual_alias_recursion_limit).
constexpr std::size_t longest_chain = 1000;

bool has_itself(const std::string& name, const std::vector<maildrop>& targets) {
    return std::any_of(targets.begin(), targets.end(), [&](const maildrop& t) { return t.key() == name; });
}

/// Follows targets depth first, each address once. What has itself among its targets is in no circle: from there it begins anew.
class walk {
public:
    explicit walk(const lookup& find) : find_(find) {}

    /// Empty: there is none.
    std::vector<std::string> circle(const std::string& from, const std::vector<maildrop>& targets) {
        bool found = meet(from, targets);
        while (!found && !beginnings_.empty()) {
            const std::vector<maildrop> next = std::move(beginnings_.back());
            beginnings_.pop_back();
            found = any_leads_back(next);
        }
        return std::move(path_); // empty again where nothing was found
    }

private:
    bool meet(const std::string& name, const std::vector<maildrop>& targets) {
        if (!has_itself(name, targets)) return descend(name, targets);
        beginnings_.push_back(targets);
        seen_.insert(name);
        return false;
    }

    bool descend(const std::string& name, const std::vector<maildrop>& targets) {
        path_.push_back(name);
        if (any_leads_back(targets)) return true;
        path_.pop_back();
        seen_.insert(name);
        return false;
    }

    bool any_leads_back(const std::vector<maildrop>& targets) {
        return std::any_of(targets.begin(), targets.end(), [&](const maildrop& t) { return leads_back(t); });
    }

    bool leads_back(const maildrop& target) {
        const auto to = as_address(target);
        if (!to || path_.size() >= longest_chain) return false;
        if (closes_at(to->key())) return true;
        if (seen_.contains(to->key())) return false;
        const stop next = find_(*to);
        if (closes_at(next.name)) return true; // under another name, and maybe not as it is there yet
        return !next.targets.empty() && !seen_.contains(next.name) && meet(next.name, next.targets);
    }

    bool closes_at(const std::string& name) {
        const auto first = std::find(path_.begin(), path_.end(), name);
        if (first == path_.end()) return false;
        path_.erase(path_.begin(), first);
        path_.push_back(name);
        return true;
    }

    const lookup& find_;
    std::vector<std::string> path_;
    std::vector<std::vector<maildrop>> beginnings_;
    std::unordered_set<std::string> seen_; ///< from which no circle is to be found any more
};

} // namespace

lookup remembering(lookup find) {
    return [find = std::move(find), known = std::make_shared<std::unordered_map<std::string, stop>>()](const address& a) {
        const auto it = known->find(a.key());
        return it != known->end() ? it->second : known->emplace(a.key(), find(a)).first->second;
    };
}

std::vector<std::string> circle_of(const alias_address& from, const std::vector<maildrop>& targets, const lookup& find) {
    return walk(find).circle(from.key(), targets);
}

std::optional<std::string> fault_of(const maildrop& target, const lookup& find) {
    const auto to = as_address(target);
    if (!to) return std::nullopt;
    const stop found = find(*to);
    if (!found.is_ours) return std::nullopt;
    if (found.why_not == service_word::domain_disabled) return "whose domain is disabled";
    if (found.why_not == service_word::domain_removed) return "whose domain is removed";
    if (!found.why_not.empty()) return fmt::format("which is {}", found.why_not);
    if (!found.is_there) return "which is not there";
    return std::nullopt;
}

} // namespace vmail::routing
