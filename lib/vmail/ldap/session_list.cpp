#include <chrono>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/ldap/session_state.hpp>
#include <vmail/ldap/wire/duration.hpp>

namespace vmail::ldap {

namespace {

/// Sets a flag for a scope.
class during {
public:
    during(bool& flag, bool value) : flag_(flag), before_(std::exchange(flag, value)) {}
    ~during() { flag_ = before_; }
    during(const during&) = delete;
    during& operator=(const during&) = delete;

private:
    bool& flag_;
    bool before_;
};

} // namespace

/// One search, page by page. While one is handed over, the server works on the next.
class session::state::delivery {
public:
    delivery(state& s, const search_request& request, const std::function<void(entry_view&)>& visit)
        : s_(s), request_(request), visit_(visit), page_size_(request.scope == scope::base ? 0 : s.options.page_size) {}

    std::size_t run() {
        do {
            const auto asked = std::chrono::steady_clock::now();
            auto page = cookie_.empty() ? first_page() : next_page();
            waited_ += std::chrono::steady_clock::now() - asked;
            check(page);
            cookie_ = std::move(page.cookie);
            if (!cookie_.empty()) ask_ahead();
            const during delivering(s_.in_list, s_.in_list || !cookie_.empty());
            deliver(page);
        } while (!cookie_.empty());
        return delivered_;
    }

    ~delivery() {
        if (is_asked_ && is_same_connection()) s_.connection->forget_ahead();
    }
    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;

private:
    void show(const wire::entry_message& e) {
        if (!e.show(view_, s_.options.never_read)) {
            s_.connection.reset();
            cut_short("an entry cannot be decoded", LDAP_DECODING_ERROR);
        }
        visit_(view_);
    }

    void deliver(const wire::page& page) {
        constexpr std::size_t at_once = 32;
        std::size_t shown = 0;
        for (const auto& e : page.entries) {
            show(e);
            if (++shown % at_once == 0) take_in_ahead();
        }
    }

    void take_in_ahead() {
        if (!is_asked_ || !is_same_connection()) return;
        try {
            s_.connection->take_in_ahead();
        } catch (const wire::broken&) { // as in ask_ahead()
        }
    }

    wire::page first_page() {
        if (auto known = s_.take_foreseen(request_)) return std::move(*known);
        if (page_size_ > 0 && s_.options.few > 0)
            if (auto all = s_.read([&](wire::connection& c) { return c.search_few(request_, s_.options.few); }); !is_cut(all.result)) return all;
        auto page = s_.read([&](wire::connection& c) { return c.search(request_, page_size_, {}); });
        connection_ = s_.connections_made;
        return page;
    }

    static bool is_cut(const ldap::result& r) { return r.code == LDAP_SIZELIMIT_EXCEEDED || r.code == LDAP_ADMINLIMIT_EXCEEDED; }

    /// A cookie is worth nothing to another connection.
    bool is_same_connection() const { return s_.connection && s_.connection->usable() && s_.connections_made == connection_; }

    void ask_ahead() {
        try {
            s_.connection->ask_ahead(request_, page_size_, cookie_);
            is_asked_ = true;
        } catch (const wire::broken&) { // next_page() tells it, when what there is has been handed over
        }
    }

    wire::page next_page() {
        if (!std::exchange(is_asked_, false) || !is_same_connection()) cut_short("the connection went away meanwhile");
        try {
            return s_.connection->take_ahead();
        } catch (const wire::broken& b) {
            s_.connection.reset();
            cut_short(b.sentence, b.code);
        }
    }

    void check(wire::page& page) {
        // A server that hides an entry says that it is not there.
        if (page.result.code == LDAP_NO_SUCH_OBJECT && s_.is_ours_or_above(request_.base)) page.result.code = LDAP_INSUFFICIENT_ACCESS;
        const bool limited = page.result.code == LDAP_SIZELIMIT_EXCEEDED || page.result.code == LDAP_TIMELIMIT_EXCEEDED;
        page.result.success(limited ? fmt::format("list all entries (only {} came) below", delivered_ + page.entries.size()) : "search", request_.base);
        delivered_ += page.entries.size();
        // RFC 2696 allows a page without entries that is not the last one, but no list consists of them.
        constexpr int most_empty_pages = 100;
        empty_pages_ = page.entries.empty() ? empty_pages_ + 1 : 0;
        const bool same_again = page.entries.empty() && !page.cookie.empty() && page.cookie == cookie_;
        if (same_again || empty_pages_ > most_empty_pages) cut_short("the server sends empty pages without end", LDAP_DECODING_ERROR);
        if (!page.cookie.empty() && waited_ > s_.options.list_timeout) cut_short(fmt::format("it takes longer than {}", wire::seconds_text(s_.options.list_timeout)), LDAP_TIMEOUT);
    }

    [[noreturn]] void cut_short(const std::string& why, int code = LDAP_SERVER_DOWN) const {
        throw unavailable(fmt::format("the list below {} is cut short after {} {}: {}", request_.base.text(), delivered_, delivered_ == 1 ? "entry" : "entries", why),
                          {.dn = request_.base.text(), .ldap_code = code, .session_usable = false});
    }

    state& s_;
    const search_request& request_;
    const std::function<void(entry_view&)>& visit_;
    entry_view view_;
    std::size_t page_size_, delivered_ = 0;
    int empty_pages_ = 0;
    bool is_asked_ = false; ///< for the next page
    std::chrono::steady_clock::duration waited_{}; ///< for the server; what the visitor does takes its own time
    std::string cookie_;
    std::uint64_t connection_ = 0;
};

/// slapd gives up a list when another one begins on the same connection: a list within a list gets its own.
class session::state::connection_of_its_own {
public:
    explicit connection_of_its_own(state& s)
        : s_(s), outer_(std::move(s.connection)), made_(s.connections_made), next_uri_(s.next_uri), uri_(s.uri), identity_(s.identity), tls_version_(s.tls_version),
          whole_(s.in_list, false) {}
    ~connection_of_its_own() {
        s_.connection = std::move(outer_);
        s_.connections_made = made_;
        s_.next_uri = next_uri_;
        s_.uri = std::move(uri_);
        s_.identity = std::move(identity_);
        s_.tls_version = std::move(tls_version_);
    }
    connection_of_its_own(const connection_of_its_own&) = delete;
    connection_of_its_own& operator=(const connection_of_its_own&) = delete;

private:
    state& s_;
    std::unique_ptr<wire::connection> outer_;
    std::uint64_t made_;
    std::size_t next_uri_;
    std::string uri_, identity_, tls_version_;
    during whole_;
};

std::size_t session::state::list(const search_request& request, const std::function<void(entry_view&)>& visit) {
    if (!in_list || request.scope == scope::base) return delivery(*this, request, visit).run();
    const connection_of_its_own inner(*this);
    return delivery(*this, request, visit).run();
}

} // namespace vmail::ldap
