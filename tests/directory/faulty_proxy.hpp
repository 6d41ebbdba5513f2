#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
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
        stall_answer, ///< half of the answer passes, then nothing more, and the connection stays open
        refuse_busy,  ///< the request does not pass; the proxy answers busy (51) in the server's place
    };

    /// To the server that listens on this unix socket.
    explicit faulty_proxy(std::string server_socket);
    ~faulty_proxy();

    std::string uri() const;

    /// The fault happens at the n-th write (or search) from now on, and again at each n-th after that, `times` in all.
    void at_write(int n, fault what, int times = 1);
    void at_search(int n, fault what, int times = 1);

    int writes_seen() const { return writes_seen_; } ///< add, modify, delete, rename requests
    int connections_seen() const { return connections_seen_; }

private:
    struct trap {
        fault what{};
        int every = 0, countdown = 0, left = 0;
        bool springs();
    };

    void accept_all();
    void serve(int client);
    bool is_write(std::uint8_t operation) const;
    bool springs(std::uint8_t operation, fault& what);

    scratch_directory scratch_;
    std::string server_socket_, path_;
    int listener_ = -1;
    std::atomic<bool> ending_ = false;
    std::atomic<int> writes_seen_ = 0, connections_seen_ = 0;
    std::mutex mutex_;
    trap on_write_, on_search_;
    std::vector<std::thread> conversations_;
    std::thread acceptor_;
};
