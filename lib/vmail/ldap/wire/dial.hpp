#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <netdb.h>
#include <sys/socket.h>

#include <vmail/descriptor.hpp>
#include <vmail/ldap/wire/deadline_guard.hpp>

/// How a socket gets connected, by a deadline that holds for all of it: the look-up of the name, and each of its addresses. libldap looks names up without
/// any, and gives the first address all the time there is.
namespace vmail::ldap::wire {

/// Why there is no connection: words that complete "cannot connect to ...: ".
struct unreached {
    enum class cause { late, name_not_known, no_socket, not_permitted, other };
    cause why = cause::other;
    std::string words;
};

struct socket_address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
};

/// getaddrinfo(3), for which a test may put something else.
using resolver = std::function<int(const char* host, const char* port, const addrinfo* hints, addrinfo** found)>;

/// The addresses of a host, in the order in which they are to be tried. A name is looked up in a thread of its own, which outlives a deadline that passes
/// and then hurts nobody. Throws unreached.
std::vector<socket_address> look_up(const std::string& host, int port, steady_time deadline, const resolver& resolve = getaddrinfo);

/// Connects to the first address that answers. Of the time that is left each gets its share, so that one that is silent does not use up all of it.
/// Throws unreached.
descriptor connect_any(const std::vector<socket_address>& addresses, steady_time deadline);

/// Connects to the socket file of a server on this machine. Throws unreached.
descriptor connect_local(const std::string& path, steady_time deadline);

} // namespace vmail::ldap::wire
