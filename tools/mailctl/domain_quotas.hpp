#pragma once

#include <map>
#include <optional>
#include <string>

#include <vmail/directory.hpp>

namespace vmail::tools {

/// What domains give to mailboxes that have no quota of their own, each looked up once.
class domain_quotas {
public:
    explicit domain_quotas(directory& d) : directory_(d) {}

    /// Nothing: the daemons' own default holds.
    const std::optional<quota>& of(const domain_name& name) {
        const auto known = known_.find(name.text());
        return known != known_.end() ? known->second : known_.emplace(name.text(), look_up(name)).first->second;
    }

private:
    std::optional<quota> look_up(const domain_name& name) {
        const auto found = directory_.find_domain(name);
        return found ? found->value.default_quota : std::nullopt;
    }

    directory& directory_;
    std::map<std::string, std::optional<quota>> known_{};
};

} // namespace vmail::tools
