#pragma once

#include <functional>
#include <memory>

#include <vmail/directory.hpp>
#include <vmail/ldap/session.hpp>

#include "configuration.hpp"
#include "diagnostics.hpp"

namespace vmail::tools {

struct connection_options {
    bool ask_password = false;
};

/// A session and the directory behind it.
class connection {
public:
    /// Connects and binds, with the bind password from its file, or from the terminal when `ask_password`. Notices go to `err`. It and the
    /// configuration must outlive the connection.
    connection(const configuration& c, connection_options options, const diagnostics& err);

    ldap::session& session() noexcept { return *session_; }
    vmail::directory& directory() noexcept { return *directory_; }

private:
    std::unique_ptr<ldap::session> session_;
    std::unique_ptr<vmail::directory> directory_;
};

} // namespace vmail::tools
