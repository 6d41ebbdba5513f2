#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <vmail/ldap/context_csn.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/ldap/wire/connection.hpp>

namespace vmail::ldap {

/// What a session and its pipeline share. Internal.
struct session::state {
    explicit state(session_options o) : options(std::move(o)) {}

    session_options options;
    std::unique_ptr<wire::connection> connection;
    std::uint64_t connections_made = 0; ///< tells one connection from the next: a cookie is worth nothing to another
    std::size_t next_uri = 0;           ///< where the next connection is tried first
    std::vector<std::string> away;      ///< URIs where nobody answered when this connection was made
    std::string uri, identity, tls_version;
    std::optional<subschema> schema;
    bool in_list = false; ///< a list is being delivered, and there are more pages
    std::unordered_map<std::string, wire::page> foreseen; ///< answers that were asked for ahead, until they are wanted or something is written

    void notice(const std::string& sentence) const;
    /// Whether our own entry is it or lies below it: it is there, whether or not it is shown to us.
    bool is_ours_or_above(const dn& name) const;

    /// A connection, made anew when there is none. Throws what session's constructor throws.
    wire::connection& ready();
    /// The same, to the server that writes go to, or to another one that has our last write. Before the first write the servers are compared, and
    /// it goes to one that has what all of them have. Throws unavailable when none can be written to; nothing was sent then.
    wire::connection& ready_to_write(const dn& name);

    template <typename Read>
    auto read(const Read& once);
    std::vector<bool> look_ahead(const std::vector<search_request>& requests);
    std::optional<wire::page> take_foreseen(const search_request& request);
    std::optional<entry> find(const dn& name, const std::vector<std::string>& attributes);
    std::size_t list(const search_request& request, const std::function<void(entry_view&)>& visit);

    write_result write(const write_request& request);
    /// Finds out on a new connection what became of a write whose answer was lost. Throws nothing: what cannot be found out is unknown.
    write_result settle(const write_request& request);
    /// Remembers what we wrote last.
    void written(const write_request& request, const ldap::result& r);

private:
    /// What shows that a server has our last write: the CSN of it, or, as an answer to a delete names none, the CSN of what was deleted,
    /// and that this is gone.
    struct last_write {
        dn name;
        std::string csn;
        std::string gone_uuid;
    };

    /// An entry as it was read after an answer was lost.
    struct sighting {
        std::optional<entry> found;
        bool absent = false;        ///< the server says that there is no such entry; if neither, it may be hidden from us
        bool where_written = false; ///< read from the server that the write was sent to
        bool caught_up = false;     ///< that server has all that was known before the write
        context_csn has;            ///< what it had before the entry was read
    };
    enum class seen { applied, not_applied, somebody_elses, uncertain };
    class witness;

    void connect();
    void use(std::unique_ptr<wire::connection> c);
    /// Makes ready for another attempt, or throws unavailable.
    void try_another_server(const wire::broken& b, std::size_t attempt);
    class delivery;
    class connection_of_its_own;

    context_csn context_of(wire::connection& c, const dn& name);
    bool is_caught_up(wire::connection& c, const dn& name);
    void find_newest_server(const dn& name);
    void tell_silent(const std::string& candidate) const;
    std::unique_ptr<wire::connection> connection_to_compare(const std::string& candidate);
    void follow_to_another_server(const dn& name);
    void wait_until(const std::function<bool()>& there, const std::string& otherwise);

    write_result perform(wire::connection& c, const write_request& request);
    sighting look_at(const dn& name);
    void remember(const entry& seen_there);
    seen look(const write_request& request);
    write_result settle_by_reading(const write_request& request);
    std::optional<write_result> send_again(const write_request& request);

    std::string write_uri;         ///< the one server that writes go to; empty before the first
    context_csn known_at_start;    ///< what the servers had together before our first write
    std::optional<last_write> last;
};

/// Reads go to any server. Each is asked once more at most, and one that did not answer in time is not asked again.
template <typename Read>
auto session::state::read(const Read& once) {
    for (std::size_t attempt = 1;; ++attempt) {
        try {
            return once(ready());
        } catch (const wire::broken& b) {
            try_another_server(b, attempt);
        }
    }
}

} // namespace vmail::ldap
