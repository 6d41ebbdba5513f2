#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/entry_view.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>
#include <vmail/ldap/subschema.hpp>
#include <vmail/secret.hpp>

namespace vmail::ldap {

/// No bind at all: what a server lets anybody see.
struct anonymous_bind {};
/// SASL EXTERNAL: the peer's identity on ldapi://, or a client certificate.
struct external_bind {};
/// A name and a password. An empty one is refused with denied: a server would take it for an anonymous bind (RFC 4513 section 5.1.2).
struct simple_bind {
    ldap::dn dn;
    secret password;
};
/// Who we are to the server, and by which proof.
using credentials = std::variant<anonymous_bind, external_bind, simple_bind>;

/// Where a session goes, as whom, and how long it waits. It holds the password: it is moved, and wiped with the session.
struct session_options {
    /// ldap://, ldaps:// or ldapi:// URIs of one tree, tried in this order, one connection at a time. Of several, all are asked before the first
    /// write which one is ahead (contextCSN): that one is written to.
    std::vector<std::string> uris{};
    ldap::credentials credentials = anonymous_bind{};
    bool starttls = false;    ///< on ldap:// URIs; never falls back to clear text
    std::string ca_file{};    ///< PEM; empty: the system's
    std::string cert_file{};  ///< client certificate, PEM
    std::string key_file{};   ///< its key, PEM
    /// Lets a password cross a clear connection to a loopback address. Never elsewhere.
    bool allow_clear_bind_on_loopback = false;
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds operation_timeout{30000}; ///< for each request, or each page of a search
    std::chrono::milliseconds list_timeout{3600 * 1000}; ///< for all pages of a search together: what the server may take, not what is done with the entries
    std::size_t page_size = 500;
    /// So many are asked for in one piece, and by pages only where there turn out to be more: to make pages of what lies below one entry, slapd goes through all
    /// that the filter matches in the whole tree. 0: always by pages.
    std::size_t few = 500;
    /// Attributes that are never taken out of an answer, also where all are asked for, and in the server's record of changes.
    std::vector<std::string> never_read{};
    /// Told in one sentence, safe to print, what the caller should know but is no error: a server was skipped, the writes moved to another one.
    std::function<void(const std::string&)> on_notice{};
};

class session;

/// All entries that a search matches: it exists only if the server said that there are no more. Whatever disables or removes by a list
/// takes one of these.
class complete_entries {
public:
    auto begin() const noexcept { return entries_.begin(); }
    auto end() const noexcept { return entries_.end(); }
    std::size_t size() const noexcept { return entries_.size(); }
    bool empty() const noexcept { return entries_.empty(); }
    const entry& operator[](std::size_t i) const { return entries_[i]; }
    std::vector<entry> take() && { return std::move(entries_); }

private:
    friend class session;
    explicit complete_entries(std::vector<entry> entries) : entries_(std::move(entries)) {}
    std::vector<entry> entries_;
};

class pipeline;

/// An authenticated conversation with one directory, over one connection at a time.
///
/// Every call ends within its deadline, with a whole answer or an error. Reads are repeated on the next server when the connection breaks before
/// anything was delivered. Writes are sent once; when their answer is lost, reading back tells what became of them: on the server that was written
/// to, or on another one where it shows something that cannot be older than the write. Else the outcome is unknown. Referrals are never
/// followed.
///
/// Writes go to one server. When they have to go to another one, that one is waited for until it has our last write (and no longer than
/// operation_timeout: then unavailable, and nothing was sent).
///
/// A session belongs to one thread at a time; several sessions in several threads are independent. After fork() both processes may use it: the
/// child makes a connection of its own at its next call, and never touches its parent's.
class VMAIL_EXPORT session {
public:
    /// Connects and binds. Throws unavailable when no server answers, denied for wrong credentials, error(configuration)
    /// for a bad URI, an untrusted certificate, or a password on a clear connection.
    explicit session(session_options options);
    session(session&&) noexcept;
    session& operator=(session&&) noexcept;
    ~session();

    /// The entry with these attributes (none: all user attributes), or nothing when it is not there.
    std::optional<entry> find(const dn& name, const std::vector<std::string>& attributes = {});
    /// The same; throws not_found.
    entry get(const dn& name, const std::vector<std::string>& attributes = {});

    /// Asks for what is about to be asked for, all of it together, so that it takes one round trip and not one for each: the next find(), get(), search() or
    /// for_each() with one of these requests has its answer from here. The answers are held until they are wanted or
    /// something is written: some hundred of small ones. Returns which of them match anything.
    std::vector<bool> look_ahead(const std::vector<search_request>& requests);
    /// Forgets the answers that nobody has wanted: what is asked from now on is asked of the server.
    void forget_ahead() noexcept;
    /// What find() asks.
    static search_request request_for(const dn& name, const std::vector<std::string>& attributes);

    /// Of an entry that was not found: throws denied where it is there all the same and hidden from us, since our own entry is it or lies below it.
    void require_absent(const dn& name) const;

    /// Everything the search matches, in memory. A base that is not there is not_found, one that is hidden from us as above denied. Throws limit_exceeded when the server cuts the answer short.
    complete_entries search(const search_request& request);

    /// Hands over entries as they come and returns how many. When it throws, what was delivered is only a part; what the visitor throws comes
    /// through as it is.
    ///
    /// The visitor may use this session: to read an entry, to write, or for another list, which gets a connection of its own. When the connection
    /// breaks meanwhile, its own call is served by another one as ever, and the list ends with unavailable, as one that is cut short.
    std::size_t for_each(const search_request& request, const std::function<void(entry&&)>& visit);

    /// The same without a copy of any entry: what the visitor is shown is there until it returns.
    std::size_t for_each_view(const search_request& request, const std::function<void(entry_view&)>& visit);

    /// These return what became of the request and throw only when it could not be sent at all. result.post_read holds entryUUID and entryCSN after
    /// a successful add, the whole entry after a modify or rename; result.pre_read the whole entry before a modify, rename or delete.
    write_result add(const entry& e);
    write_result modify(const modify_request& request);
    write_result remove(const delete_request& request);
    write_result rename(const rename_request& request);
    /// Any of them.
    write_result write(const write_request& request);

    /// The server's password modify operation (RFC 3062). For servers that must see the new password to judge it (ppolicy), and the old one where they demand
    /// that (pwdSafeModify).
    result set_password(const dn& name, const secret& new_password, const secret* old_password = nullptr);

    /// From now on this attribute is never read, as if it stood in the options.
    void never_read(std::string_view attribute);

    /// Read once for each session.
    const subschema& schema();

    /// Holds a filter that a person typed against the schema, as ldap::require_answerable() does. Where the schema cannot be read, that is noticed and nothing
    /// is refused.
    void require_answerable(const filter& typed);

    /// The authorization identity that the server sees (RFC 4532), "dn:cn=...": empty when anonymous.
    const std::string& identity() const noexcept;
    /// The URI in use.
    const std::string& uri() const noexcept;
    /// "TLSv1.3" and so on, empty on a clear connection.
    const std::string& tls_version() const noexcept;
    const session_options& options() const noexcept;

private:
    friend class pipeline;
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace vmail::ldap
