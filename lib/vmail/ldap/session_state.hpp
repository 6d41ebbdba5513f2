#pragma once

#include <memory>
#include <optional>
#include <string>

#include <vmail/ldap/session.hpp>
#include <vmail/ldap/wire/connection.hpp>

namespace vmail::ldap {

/// What a session and its pipeline share. Internal.
struct session::state {
    explicit state(session_options o) : options(std::move(o)) {}

    session_options options;
    std::unique_ptr<wire::connection> connection;
    std::size_t next_uri = 0; ///< where the next connection is tried first
    std::string uri, identity, tls_version;
    std::optional<subschema> schema;
    std::string write_uri;      ///< the one server that writes go to; empty before the first
    std::string last_write_csn; ///< entryCSN of our last write there

    void notice(const std::string& sentence) const;

    /// A connection, made anew when there is none. Throws what session's constructor throws.
    wire::connection& ready();
    /// The same, to the server that writes go to, or to another one that has our last write. May throw wire::broken; nothing was sent then.
    wire::connection& ready_to_write();

    template <typename Read>
    auto read(const Read& once);
    std::optional<entry> find(const dn& name, const std::vector<std::string>& attributes);

    write_result write(const write_request& request);
    write_result perform(wire::connection& c, const write_request& request);
    /// Finds out on a new connection what became of a write whose answer was lost. Throws nothing: what cannot be found out is unknown.
    write_result settle(const write_request& request);
    /// Remembers where and what we wrote last.
    void written(const ldap::result& r);

private:
    enum class seen { applied, not_applied, something_else };
    seen look(const write_request& request);
    void connect();
    bool has_our_last_write(wire::connection& c);
};

} // namespace vmail::ldap
