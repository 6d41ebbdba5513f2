#pragma once

#include <chrono>
#include <memory>
#include <mutex>

namespace vmail::ldap::wire {

using steady_time = std::chrono::steady_clock::time_point;

/// A socket that is shut down when its deadline passes.
///
/// libldap's own timeouts do not hold inside a half-received message, in a stalled TLS handshake or in a blocked write. Shutting
/// the socket down from another thread ends all three. One thread serves all sockets of the process; it is started by the first.
///
/// A child of fork() has a thread of its own, started by the first socket that it makes. What it inherits is the parent's: the child's descriptors of
/// it lead nowhere, so that neither a deadline nor an unbind of the child reaches the parent's server.
class guarded_socket {
public:
    guarded_socket();
    ~guarded_socket();
    guarded_socket(const guarded_socket&) = delete;
    guarded_socket& operator=(const guarded_socket&) = delete;

    /// The socket came into being, or is about to be closed (-1). A deadline that was set before holds for it.
    void set_descriptor(int fd);

    void arm(steady_time deadline);
    void disarm();

    /// Whether the deadline passed and the socket was shut down.
    bool fired() const;

    struct watched;

private:
    std::shared_ptr<watched> watched_;
};

/// Arms for a scope.
class armed {
public:
    armed(guarded_socket& socket, steady_time deadline) : socket_(socket) { socket_.arm(deadline); }
    ~armed() { socket_.disarm(); }
    armed(const armed&) = delete;
    armed& operator=(const armed&) = delete;

private:
    guarded_socket& socket_;
};

} // namespace vmail::ldap::wire
