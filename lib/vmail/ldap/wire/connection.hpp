#pragma once

#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/ldap/wire/deadline_guard.hpp>
#include <vmail/ldap/wire/dial.hpp>
#include <vmail/ldap/wire/entry_message.hpp>
#include <vmail/ldap/wire/handle.hpp>

namespace vmail::ldap::wire {

/// Thrown when a connection is of no more use: the server went away, did not answer in time, or sent what cannot be decoded. The handle is
/// destroyed, never used again; whether a request in flight was carried out is not known.
struct broken {
    int code = LDAP_SERVER_DOWN;
    std::string sentence; ///< "the server ... did not answer within 30 s"
};

/// One page of a search, or the whole answer where paging is not used. It is read whole before anybody sees it: what a caller does with the
/// entries, and how long that takes, never runs into a deadline. Of a server it may hold up the page that was asked for ahead, and no more.
struct page {
    ldap::result result;
    std::vector<entry_message> entries; ///< they lie in the messages
    std::string cookie;                 ///< empty: there are no more
    std::vector<message> messages;
};

/// The whole answer to a search for few.
struct found {
    ldap::result result;
    std::vector<entry> entries;
};
/// Nothing where the server has sent what cannot be decoded.
std::optional<found> decoded(const page& p, const std::vector<std::string>& never_read);

/// One bound connection to one server. Every call ends by its deadline. It belongs to one thread at a time, and to the process that made it: in a
/// child of fork() it is not usable(), and its end there says nothing to the server.
class connection {
public:
    /// Connects, secures, binds and asks who we are. Throws unavailable, denied or error(configuration).
    connection(const session_options& options, const std::string& uri);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    const std::string& uri() const noexcept { return uri_; }
    const std::string& identity() const noexcept { return identity_; }
    /// Whether the server told the identity; else it is what we logged in with, in our own spelling.
    bool identity_is_told() const noexcept { return identity_is_told_; }
    const std::string& tls_version() const noexcept { return tls_version_; }
    /// False after anything went wrong on it, and in a child of the process that made it.
    bool usable() const noexcept { return usable_ && made_by_ == getpid(); }

    /// One search request. With page_size 0 the paged results control is left out. Throws broken.
    page search(const search_request& request, std::size_t page_size, const std::string& cookie);
    /// In one piece, which is cut where there are more than `most`. Throws broken.
    page search_few(const search_request& request, std::size_t most);
    /// Several, of which the server works on the next ones while the answer to one is read: what each matches, whole, in their order. Throws broken.
    std::vector<page> search_all(const std::vector<search_request>& requests);
    /// Asks for a page that take_ahead() receives, so that the server works on it meanwhile. One at a time; other calls may come in between.
    void ask_ahead(const search_request& request, std::size_t page_size, const std::string& cookie);
    page take_ahead();
    /// Takes in what has come of it, without waiting: a server that cannot send stops.
    void take_in_ahead();
    /// It is not wanted any more.
    void forget_ahead();
    /// The same without pages, decoded.
    found read(const search_request& request);

    /// Sends a write and returns its message number. Throws broken when it is not known whether it left.
    /// Throws invalid_value when it was not sent.
    int send(const write_request& request);

    struct answer {
        int message_id = 0;
        ldap::result result;
    };
    /// The next answer to any request sent with send(). Nothing when none is there and `wait` is false. Throws broken.
    std::optional<answer> receive(bool wait);

    /// The password modify operation (RFC 3062). Throws broken when its outcome is not known.
    ldap::result change_password(const dn& name, const secret& new_password, const secret* old_password);

private:
    struct unopened {};
    connection(const session_options& options, const std::string& uri, unopened);
    void open();
    descriptor dial(const LDAPURLDesc& to, steady_time by);
    void adopt(descriptor fd, bool local);
    void keep_watch(int fd) const;
    void set_options();
    void shake_hands(steady_time by);
    void start_tls(steady_time by);
    /// A handshake that was refused: throws what it means.
    [[noreturn]] void refused(steady_time by);
    /// The certificate of a server that we do not believe, on a connection of its own that does nothing else. Empty when it does not show it by then.
    std::string look_at_certificate(steady_time by) const;
    [[noreturn]] void unreachable(const unreached& u);
    void bind();
    void ask_identity();
    /// Asks the server when the two are spelled in different ways.
    bool names_one_entry(const dn& told, const dn& given);
    std::optional<entry> read_base(const dn& name, const std::vector<std::string>& attributes);
    int send_search(const search_request& request, std::size_t page_size, const std::string& cookie, std::size_t most = 0);
    /// A page under way.
    struct expected_page {
        int message_id = 0;
        bool paged = false;
        page so_far{};
        bool whole = false;
        bool refers = false; ///< there was a reference
    };
    void take_in(expected_page& p, message m);
    page receive(expected_page p);
    std::string cookie_of(LDAPControl** answered);
    /// An extended operation; the value of its answer goes to `response`.
    ldap::result extended(const char* oid, berval* value, std::string* response);
    [[noreturn]] void break_off(int code);
    int last_code() const;
    std::string diagnostic() const;
    int sent(int code, int message_id);
    message wait_for(int message_id, bool all);
    ldap::result parse(LDAPMessage* m, controls* response_controls = nullptr) const;
    entry_message entry_in(LDAPMessage* m);
    steady_time deadline() const { return std::chrono::steady_clock::now() + options_.operation_timeout; }
    timeval patience() const;

    static void closing(LDAP*, Sockbuf* sb, ldap_conncb* callback);

    const session_options& options_;
    std::string uri_;
    std::string identity_;
    std::string tls_version_;
    bool identity_is_told_ = false;
    bool usable_ = true;
    pid_t made_by_ = getpid();
    socket_address peer_{};
    guarded_socket socket_;
    ldap_conncb callback_{};
    std::optional<expected_page> ahead_;
    handle ld_; // last: it goes first, and its end calls closing()
};

} // namespace vmail::ldap::wire
