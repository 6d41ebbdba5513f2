#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/directory_routes.hpp>
#include <vmail/routing_sources.hpp>

namespace vmail {

/// What the directory answers to who asks for the senders of an address, or of all that a catch-all ("@domain") gets: one search for what names it as a target,
/// by an index, and a look at each target that is not the address itself. Internal.
class directory_senders {
public:
    /// Both must outlive it.
    directory_senders(directory& d, directory_routes& routes) : directory_(d), routes_(routes) {}

    /// Throws invalid_value for what is no address.
    std::vector<routing::sender> find(const std::string& address);

private:
    class reading;
    std::vector<routing::sender> find_of_address(const address& a);
    std::vector<routing::sender> find_of_catch_all(const domain_name& domain);
    /// That takes its mail.
    bool has_an_entry(const std::string& target);
    bool falls_to_catch_all(const std::string& target);

    directory& directory_;
    directory_routes& routes_;
    std::unordered_map<std::string, bool> takers_{};
};

} // namespace vmail
