#include <vmail/ldap/wire/dial.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <future>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/un.h>

#include <fmt/format.h>

namespace vmail::ldap::wire {

namespace {

using cause = unreached::cause;
using found_addresses = std::unique_ptr<addrinfo, decltype([](addrinfo* a) { freeaddrinfo(a); })>;

struct lookup {
    int code = 0, system_error = 0;
    found_addresses found{};
};

lookup resolve_now(const resolver& resolve, const std::string& host, int port, int flags) {
    const addrinfo hints{.ai_flags = flags, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = 0, .ai_addrlen = 0, .ai_addr = nullptr, .ai_canonname = nullptr, .ai_next = nullptr};
    addrinfo* raw = nullptr;
    lookup result;
    result.code = resolve(host.c_str(), std::to_string(port).c_str(), &hints, &raw);
    result.system_error = errno;
    result.found.reset(result.code == 0 ? raw : nullptr);
    return result;
}

/// The signals are the program's, not the thread's.
void start_without_signals(std::function<void()> work) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread(std::move(work)).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

lookup resolve_by(steady_time deadline, const resolver& resolve, const std::string& host, int port) {
    const auto answer = std::make_shared<std::promise<lookup>>();
    auto there = answer->get_future();
    start_without_signals([answer, resolve, host, port] { answer->set_value(resolve_now(resolve, host, port, AI_ADDRCONFIG)); });
    if (there.wait_until(deadline) == std::future_status::timeout) throw unreached{cause::late, fmt::format("the name \"{}\" was not looked up in time", host)};
    return there.get();
}

[[noreturn]] void throw_unresolved(const std::string& host, const lookup& l) {
    if (l.code == EAI_NONAME || l.code == EAI_NODATA || l.code == EAI_ADDRFAMILY) throw unreached{cause::name_not_known, fmt::format("the name \"{}\" is not known", host)};
    const char* const why = l.code == EAI_SYSTEM ? std::strerror(l.system_error) : gai_strerror(l.code);
    throw unreached{cause::other, fmt::format("the name \"{}\" cannot be looked up: {}", host, why)};
}

std::vector<socket_address> addresses_of(const addrinfo* list) {
    std::vector<socket_address> all;
    for (; list; list = list->ai_next) {
        socket_address a;
        a.size = std::min<socklen_t>(list->ai_addrlen, sizeof a.bytes);
        std::memcpy(&a.bytes, list->ai_addr, a.size);
        all.push_back(a);
    }
    return all;
}

/// Milliseconds for poll(), rounded up: 0 only when the time is over.
int time_left(steady_time deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 24 * 3600 * 1000));
}

/// 0, or the system's error; ETIMEDOUT when the deadline passed.
int wait_connected(int fd, steady_time deadline) {
    for (;;) {
        pollfd waiting{fd, POLLOUT, 0};
        const int ready = poll(&waiting, 1, time_left(deadline));
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return ETIMEDOUT;
        int failed = 0;
        socklen_t size = sizeof failed;
        return ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0 ? errno : failed;
    }
}

int connect_by(int fd, const socket_address& to, steady_time deadline) {
    const int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    const bool at_once = connect(fd, reinterpret_cast<const sockaddr*>(&to.bytes), to.size) == 0;
    // A unix socket whose queue is full says EAGAIN, and nothing tells when to try again.
    const int failed = at_once ? 0 : errno == EINPROGRESS || errno == EINTR ? wait_connected(fd, deadline) : errno;
    fcntl(fd, F_SETFL, flags); // from here on it blocks, and the guard's deadline ends that
    return failed;
}

cause cause_of(int system_error) {
    if (system_error == ETIMEDOUT || system_error == EAGAIN) return cause::late;
    if (system_error == ENOENT || system_error == ENOTDIR) return cause::no_socket;
    return system_error == EACCES || system_error == EPERM ? cause::not_permitted : cause::other;
}

descriptor connected(const socket_address& to, steady_time deadline, int& failed) {
    descriptor fd(socket(to.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    failed = fd ? connect_by(fd.get(), to, deadline) : errno;
    return failed == 0 ? std::move(fd) : descriptor();
}

} // namespace

std::vector<socket_address> look_up(const std::string& host, int port, steady_time deadline, const resolver& resolve) {
    lookup l = resolve_now(getaddrinfo, host, port, AI_NUMERICHOST);
    if (l.code != 0) l = resolve_by(deadline, resolve, host, port);
    if (l.code != 0) throw_unresolved(host, l);
    return addresses_of(l.found.get());
}

descriptor connect_any(const std::vector<socket_address>& addresses, steady_time deadline) {
    int failed = EADDRNOTAVAIL;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto now = std::chrono::steady_clock::now();
        const auto share = (deadline - now) / static_cast<int>(addresses.size() - i);
        if (auto fd = connected(addresses[i], now + share, failed)) return fd;
    }
    throw unreached{cause_of(failed), std::strerror(failed)};
}

descriptor connect_local(const std::string& path, steady_time deadline) {
    socket_address to;
    auto& unix_address = reinterpret_cast<sockaddr_un&>(to.bytes);
    if (path.size() >= sizeof unix_address.sun_path) throw unreached{cause::no_socket, std::strerror(ENAMETOOLONG)};
    unix_address.sun_family = AF_UNIX;
    std::memcpy(unix_address.sun_path, path.data(), path.size());
    to.size = sizeof unix_address;
    int failed = 0;
    for (;;) {
        auto fd = connected(to, deadline, failed);
        if (fd) return fd;
        if (failed != EAGAIN || time_left(deadline) == 0) throw unreached{cause_of(failed), std::strerror(failed)};
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

} // namespace vmail::ldap::wire
