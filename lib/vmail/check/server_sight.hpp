#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>

/// Internal to check.
namespace vmail::check {

/// What the rules see of a server. Asked for once.
class server_sight {
public:
    explicit server_sight(vmail::directory& d) : directory(d) {}

    vmail::directory& directory;

    ldap::session& session() const noexcept { return directory.session(); }
    const std::string& uri() const noexcept { return session().uri(); }
    const ldap::subschema& schema() const { return session().schema(); }

    /// Another conversation with one server of the site, as we are or, without pages that he may not ask for, as nobody. Throws as its constructor.
    ldap::session connect(const std::string& uri, bool anonymous) const;

    /// The section of our database in cn=config with what is below it; nothing where it is not shown to us.
    const std::optional<std::vector<ldap::entry>>& configuration();
    /// What modules are loaded, as configured; nothing as above.
    std::optional<std::vector<std::string>> modules();
    /// The top of our tree.
    ldap::dn suffix();

private:
    ldap::session_options options_for(const std::string& uri, bool anonymous) const;
    void read_configuration();

    bool is_read_ = false;
    std::optional<std::vector<ldap::entry>> database_{};
    std::vector<std::string> modules_{};
};

} // namespace vmail::check
