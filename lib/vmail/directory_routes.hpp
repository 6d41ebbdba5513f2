#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/routing_trace.hpp>
#include <vmail/service.hpp>
#include <vmail/standing.hpp>

namespace vmail {

/// What the directory answers to a trace: each address is one search by the index of mail, each domain one look at its entry. Internal.
class directory_routes {
public:
    /// `lists` is the domain of the list server, where the site has said so. The directory must outlive it.
    directory_routes(directory& d, std::optional<domain_name> lists) : directory_(d), lists_(std::move(lists)) {}
    directory_routes(const directory_routes&) = delete;
    directory_routes& operator=(const directory_routes&) = delete;

    /// The routes must outlive it.
    routing::surroundings surroundings();

    routing::holding find(const std::string& address);
    routing::domain_holding find_domain(const std::string& name);
    /// Of a domain, each looked up once; in service where the directory has none.
    const service_state& state_of(const domain_name& name) { return states_.of(name); }
    /// Who we are, asked once.
    const standing& who();

private:
    std::optional<service_state> look_up(const domain_name& name);
    std::optional<ldap::entry> bearer_of(const domain_name& name);
    std::optional<routing::domain_holding> read_domain(const ldap::entry& e) const;
    bool may_see(const domain_name& name);
    void read(routing::holding& h, const ldap::entry& e);
    void read_mailbox(routing::holding& h, const ldap::entry& e);
    void read_alias(routing::holding& h, const ldap::entry& e);
    std::string list_server_of(const stored<alias>& a);

    directory& directory_;
    std::optional<domain_name> lists_;
    std::optional<standing> who_{};
    domain_states states_{[this](const domain_name& name) { return look_up(name); }};
    timestamp now_ = timestamp::now();
};

} // namespace vmail
