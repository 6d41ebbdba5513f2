#include "faulty_proxy.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <vmail/descriptor.hpp>

namespace {

using vmail::descriptor;

constexpr std::uint8_t search = 0x63, modify = 0x66, add = 0x68, remove_ = 0x4a, rename_ = 0x6c;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    if (path.size() >= sizeof a.sun_path) throw std::runtime_error("the path is too long for a socket: " + path);
    std::memcpy(a.sun_path, path.data(), path.size());
    return a;
}

int unix_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

int connect_to(const std::string& path) {
    const int fd = unix_socket();
    const sockaddr_un a = address_of(path);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0) return fd;
    ::close(fd);
    return -1;
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::uint8_t byte_at(const std::string& s, std::size_t i) { return static_cast<std::uint8_t>(s[i]); }

/// The end of the BER element that begins at `at`, and where its content begins; nothing while it is not all there.
struct element {
    std::size_t content, end;
};
std::optional<element> element_at(const std::string& s, std::size_t at) {
    if (s.size() < at + 2) return std::nullopt;
    std::size_t length = byte_at(s, at + 1), content = at + 2;
    if (length >= 0x80) {
        const std::size_t octets = length & 0x7f;
        if (s.size() < content + octets) return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < octets; ++i) length = length << 8 | byte_at(s, content++);
    }
    if (s.size() < content + length) return std::nullopt;
    return element{content, content + length};
}

/// One LDAP message (RFC 4511 section 4.1.1).
struct message {
    std::string bytes, id;
    std::uint8_t operation = 0;
};

std::optional<message> take_message(std::string& stream) {
    const auto whole = element_at(stream, 0);
    if (!whole) return std::nullopt;
    const auto id = element_at(stream, whole->content).value();
    message m{stream.substr(0, whole->end), stream.substr(whole->content, id.end - whole->content), byte_at(stream, id.end)};
    stream.erase(0, whole->end);
    return m;
}

std::string busy_answer(const message& request) {
    const std::string result = {0x0a, 0x01, 51, 0x04, 0x00, 0x04, 0x00};
    std::string body = request.id;
    body += static_cast<char>(request.operation == remove_ ? 0x6b : request.operation + 1);
    body += static_cast<char>(result.size());
    body += result;
    return std::string{0x30, static_cast<char>(body.size())} + body;
}

bool read_some(int fd, std::string& to) {
    std::array<char, 65536> bytes{};
    const ssize_t n = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (n <= 0) return false;
    to.append(bytes.data(), static_cast<std::size_t>(n));
    return true;
}

std::string escaped(const std::string& path) {
    std::string text;
    for (const char c : path) text += c == '/' ? std::string("%2F") : std::string(1, c);
    return text;
}

} // namespace

bool faulty_proxy::trap::springs() {
    if (left == 0 || --countdown > 0) return false;
    --left;
    countdown = every;
    return true;
}

faulty_proxy::faulty_proxy(std::string server_socket)
    : server_socket_(std::move(server_socket)), path_(scratch_.path() / "proxy"), listener_(unix_socket()) {
    const sockaddr_un a = address_of(path_);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0 || ::listen(listener_, 64) != 0)
        throw std::runtime_error("cannot listen on " + path_);
    acceptor_ = std::thread([this] { accept_all(); });
}

faulty_proxy::~faulty_proxy() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& c : conversations_) c.join();
    ::close(listener_);
}

std::string faulty_proxy::uri() const { return "ldapi://" + escaped(path_); }

void faulty_proxy::at_write(int n, fault what, int times) {
    const std::lock_guard lock(mutex_);
    on_write_ = {what, n, n, times};
}

void faulty_proxy::at_search(int n, fault what, int times) {
    const std::lock_guard lock(mutex_);
    on_search_ = {what, n, n, times};
}

bool faulty_proxy::is_write(std::uint8_t operation) const {
    return operation == add || operation == modify || operation == remove_ || operation == rename_;
}

bool faulty_proxy::springs(std::uint8_t operation, fault& what) {
    const std::lock_guard lock(mutex_);
    if (is_write(operation)) ++writes_seen_;
    trap* const t = is_write(operation) ? &on_write_ : operation == search ? &on_search_ : nullptr;
    if (t == nullptr || !t->springs()) return false;
    what = t->what;
    return true;
}

void faulty_proxy::accept_all() {
    while (!ending_) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        ++connections_seen_;
        conversations_.emplace_back([this, client] { serve(client); });
    }
}

void faulty_proxy::serve(int client_fd) {
    const descriptor client(client_fd), server(connect_to(server_socket_));
    if (server.get() < 0) return;
    std::string from_client, from_server, doomed_id;
    bool stalls = false, silent = false;
    while (!ending_) {
        std::array<pollfd, 2> ready{{{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), 20) < 0 && errno != EINTR) return;
        if (ready[0].revents != 0 && !read_some(client.get(), from_client)) return;
        if (ready[1].revents != 0 && !read_some(server.get(), from_server)) return;
        while (const auto request = take_message(from_client)) {
            fault what{};
            if (springs(request->operation, what)) {
                if (what == fault::lose_request) return;
                if (what == fault::refuse_busy) {
                    if (!send_all(client.get(), busy_answer(*request))) return;
                    continue;
                }
                doomed_id = request->id;
                stalls = what == fault::stall_answer;
            }
            if (!silent && !send_all(server.get(), request->bytes)) return;
        }
        while (const auto answer = take_message(from_server)) {
            if (silent) continue;
            if (answer->id != doomed_id) {
                if (!send_all(client.get(), answer->bytes)) return;
                continue;
            }
            if (!stalls) return;
            if (!send_all(client.get(), std::string_view(answer->bytes).substr(0, answer->bytes.size() / 2))) return;
            silent = true;
        }
    }
}
