#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include <support/scratch_directory.hpp>

/// Stands between a client and a real slapd, on unix sockets, and fails on demand: what a network does to an LDAP connection.
class faulty_proxy {
public:
    enum class fault {
        lose_answer,  ///< the server carries the request out; the connection breaks before its answer passes
        lose_request, ///< the connection breaks before the request passes
        stall_answer, ///< half of the answer passes (or what stall_after() says), then nothing more, and the connection stays open
        vanish,       ///< the same as lose_answer, and nobody answers here any more
        vanish_early, ///< the same as lose_request, and nobody answers here any more
        // The request does not pass; the proxy answers in the server's place:
        refuse_busy,        ///< busy (51)
        refer,              ///< a referral (10) to refer_to
        reference,          ///< a search reference to refer_to, then success
        page_no_control,    ///< success, without the control of a page
        page_empty_control, ///< success, with that control but without its value
        page_again,         ///< no entries, and the cookie "again"
        page_next,          ///< no entries, and another cookie each time
    };

    /// To the server that listens on this unix socket.
    explicit faulty_proxy(std::string server_socket);
    ~faulty_proxy();

    std::string uri() const;

    /// The fault happens at the n-th write (or search) from now on, and again at each n-th after that, `times` in all.
    void at_write(int n, fault what, int times = 1);
    void at_search(int n, fault what, int times = 1);

    /// What whoami (RFC 4532) is answered with from now on; nothing: that the operation is not known.
    void answer_whoami_with(std::optional<std::string> identity);
    /// Where references and referrals lead.
    void refer_to(std::string uri);

    void stall_after(std::size_t bytes) { stall_after_ = bytes; }
    /// Nothing passes until let_go(), in either direction. When hold() returns, nothing is under way.
    void hold();
    void let_go();
    /// From now on who connects is hung up on.
    void go_away() { away_ = true; }
    /// Answers pass only while the client has nothing more to say.
    void answer_late() { late_ = true; }

    int writes_seen() const { return writes_seen_; } ///< add, modify, delete, rename requests
    int most_writes_in_flight() const { return most_writes_in_flight_; } ///< sent and not answered, of one connection
    int searches_seen() const { return searches_seen_; }
    int connections_seen() const { return connections_seen_; }

    enum class moment {
        before_request, ///< it has not passed
        after_answer,   ///< the server has carried it out, and its answer does not pass
    };
    /// Calls `act` at the n-th write from now on, once. Nothing passes to or from that client any more.
    void when_write(int n, moment when, std::function<void()> act);
    /// Nothing happens any more at a write that has not come.
    void forget_event();
    /// Waits until no client is connected, and the server has answered all writes that passed.
    void wait_until_idle() const;

private:
    struct trap {
        fault what{};
        int every = 0, countdown = 0, left = 0;
        bool springs();
    };

    /// Something that happens once, at a write.
    struct event {
        int countdown = 0; ///< 0: never
        moment when{};
        std::function<void()> act{};
    };

    void accept_all();
    void serve(int client);
    struct conversation;
    std::optional<event> event_at(std::uint8_t operation);
    static void await_answers(conversation& c);
    bool take_requests(conversation& c);
    bool take_answers(conversation& c);
    std::optional<std::string> own_answer(std::uint8_t operation, const std::string& id, std::optional<fault> what);
    bool is_write(std::uint8_t operation) const;
    std::optional<fault> springs(std::uint8_t operation);

    scratch_directory scratch_;
    std::string server_socket_, path_;
    int listener_ = -1;
    std::atomic<bool> ending_ = false;
    std::atomic<bool> away_ = false, late_ = false;
    std::atomic<int> writes_seen_ = 0, searches_seen_ = 0, connections_seen_ = 0, connected_ = 0, most_writes_in_flight_ = 0;
    std::atomic<std::size_t> stall_after_ = 0; ///< 0: half of it
    std::shared_mutex passing_; ///< shared by the conversations while they pass something on
    bool held_ = false;
    std::mutex mutex_;
    trap on_write_, on_search_;
    event event_;
    std::optional<std::optional<std::string>> whoami_;
    std::string refer_to_ = "ldapi://%2Fnowhere%2Fldapi";
    std::vector<std::thread> conversations_;
    std::thread acceptor_;
};
