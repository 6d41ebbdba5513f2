#include "faulty_proxy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <vmail/descriptor.hpp>

namespace {

using vmail::descriptor;

constexpr std::uint8_t search = 0x63, modify = 0x66, add = 0x68, remove_ = 0x4a, rename_ = 0x6c, extended = 0x77;
constexpr std::uint8_t search_done = 0x65, search_reference = 0x73, whoami_value = 0x8b;
constexpr std::string_view whoami = "1.3.6.1.4.1.4203.1.11.3";

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

bool answers_write(const message& answer) {
    return answer.operation == modify + 1 || answer.operation == add + 1 || answer.operation == 0x6b || answer.operation == rename_ + 1;
}

std::string element_of(std::uint8_t tag, const std::string& content) {
    if (content.size() > 127) throw std::runtime_error("only short elements are made here");
    return std::string{static_cast<char>(tag), static_cast<char>(content.size())} + content;
}

/// An LDAP message made here. The id is its whole element.
std::string message_of(const std::string& id, std::uint8_t operation, const std::string& content, const std::string& controls = {}) {
    return element_of(0x30, id + element_of(operation, content) + controls);
}

std::string result_of(char code, const std::string& more = {}) { return element_of(0x0a, {code}) + element_of(0x04, {}) + element_of(0x04, {}) + more; }

/// RFC 4511 numbers an answer one above its request, but the delete request is primitive.
std::uint8_t answer_to(std::uint8_t operation) { return operation == remove_ ? 0x6b : static_cast<std::uint8_t>(operation + 1); }

std::string page_control(const std::string& value) {
    return element_of(0xa0, element_of(0x30, element_of(0x04, "1.2.840.113556.1.4.319") + value));
}

std::string page_with(const std::string& cookie) {
    return page_control(element_of(0x04, element_of(0x30, element_of(0x02, {0}) + element_of(0x04, cookie))));
}

std::string answer_of(faulty_proxy::fault what, std::uint8_t operation, const std::string& id, const std::string& refer_to) {
    using enum faulty_proxy::fault;
    const std::uint8_t op = answer_to(operation);
    const std::string success = result_of(0), uri = element_of(0x04, refer_to);
    switch (what) {
    case refuse_busy: return message_of(id, operation == search ? search_done : op, result_of(51));
    case refer: return message_of(id, operation == search ? search_done : op, result_of(10, element_of(0xa3, uri)));
    case reference: return message_of(id, search_reference, uri) + message_of(id, search_done, success);
    case page_no_control: return message_of(id, search_done, success);
    case page_empty_control: return message_of(id, search_done, success, page_control({}));
    case page_again: return message_of(id, search_done, success, page_with("again"));
    case page_next: return message_of(id, search_done, success, page_with(id));
    default: return {};
    }
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

void faulty_proxy::when_write(int n, moment when, std::function<void()> act) {
    const std::lock_guard lock(mutex_);
    event_ = {n, when, std::move(act)};
}

void faulty_proxy::forget_event() {
    const std::lock_guard lock(mutex_);
    event_ = {};
}

void faulty_proxy::wait_until_idle() const {
    while (connected_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::optional<faulty_proxy::event> faulty_proxy::event_at(std::uint8_t operation) {
    const std::lock_guard lock(mutex_);
    if (!is_write(operation) || event_.countdown == 0 || --event_.countdown > 0) return std::nullopt;
    return std::exchange(event_, {});
}

bool faulty_proxy::is_write(std::uint8_t operation) const {
    return operation == add || operation == modify || operation == remove_ || operation == rename_;
}

std::optional<faulty_proxy::fault> faulty_proxy::springs(std::uint8_t operation) {
    const std::lock_guard lock(mutex_);
    if (is_write(operation)) ++writes_seen_;
    if (operation == search) ++searches_seen_;
    trap* const t = is_write(operation) ? &on_write_ : operation == search ? &on_search_ : nullptr;
    return t != nullptr && t->springs() ? std::optional(t->what) : std::nullopt;
}

void faulty_proxy::answer_whoami_with(std::optional<std::string> identity) {
    const std::lock_guard lock(mutex_);
    whoami_ = std::move(identity);
}

void faulty_proxy::refer_to(std::string uri) {
    const std::lock_guard lock(mutex_);
    refer_to_ = std::move(uri);
}

void faulty_proxy::hold() {
    const std::lock_guard nobody_passes(passing_);
    held_ = true;
}

void faulty_proxy::let_go() {
    const std::lock_guard nobody_passes(passing_);
    held_ = false;
}

void faulty_proxy::accept_all() {
    while (!ending_) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        if (away_) {
            ::close(client);
            continue;
        }
        ++connections_seen_;
        ++connected_;
        conversations_.emplace_back([this, client] {
            serve(client);
            --connected_;
        });
    }
}

struct faulty_proxy::conversation {
    descriptor client, server{};
    std::string from_client{}, from_server{}, doomed_id{}, event_id{};
    std::function<void()> act{};
    int writes_in_flight = 0;
    bool stalls = false, silent = false, vanishes = false;
};

void faulty_proxy::serve(int client_fd) {
    conversation c{descriptor(client_fd)};
    while (!ending_) {
        std::array<pollfd, 2> ready{{{c.client.get(), POLLIN, 0}, {c.server.get(), POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), 20) < 0 && errno != EINTR) return;
        const std::shared_lock passing(passing_);
        if (held_) {
            ::poll(nullptr, 0, 1); // what is there stays there, and poll() would say so at once
            continue;
        }
        if (c.server.get() < 0) {
            c.server = descriptor(connect_to(server_socket_));
            if (c.server.get() < 0) return;
            continue;
        }
        const bool client_speaks = ready[0].revents != 0 || (late_ && ::poll(ready.data(), 1, 20) > 0);
        if (client_speaks && !read_some(c.client.get(), c.from_client)) return;
        if (late_ && client_speaks) {
            if (!take_requests(c)) return;
            continue;
        }
        if (ready[1].revents != 0 && !read_some(c.server.get(), c.from_server)) return;
        if (!take_requests(c) || !take_answers(c)) return;
    }
}

std::optional<std::string> faulty_proxy::own_answer(std::uint8_t operation, const std::string& id, std::optional<fault> what) {
    const std::lock_guard lock(mutex_);
    if (operation == extended && whoami_)
        return message_of(id, answer_to(extended), *whoami_ ? result_of(0, element_of(whoami_value, **whoami_)) : result_of(2));
    auto answer = what ? answer_of(*what, operation, id, refer_to_) : std::string();
    return answer.empty() ? std::nullopt : std::optional(std::move(answer));
}

bool faulty_proxy::take_requests(conversation& c) {
    while (const auto request = take_message(c.from_client)) {
        if (auto e = event_at(request->operation)) {
            if (e->when == moment::before_request) {
                e->act();
                await_answers(c);
                return false;
            }
            c.event_id = request->id;
            c.act = std::move(e->act);
        }
        const auto what = springs(request->operation);
        const bool asks_who = request->operation == extended && request->bytes.find(whoami) != std::string::npos;
        if (what == fault::vanish_early) away_ = true;
        if (what == fault::lose_request || what == fault::vanish_early) return false;
        if (what || asks_who)
            if (const auto answer = own_answer(request->operation, request->id, what)) {
                if (!send_all(c.client.get(), *answer)) return false;
                continue;
            }
        if (what) {
            c.doomed_id = request->id;
            c.stalls = what == fault::stall_answer;
            c.vanishes = what == fault::vanish;
        }
        if (is_write(request->operation)) most_writes_in_flight_ = std::max<int>(most_writes_in_flight_, ++c.writes_in_flight);
        if (!c.silent && !send_all(c.server.get(), request->bytes)) return false;
    }
    return true;
}

bool faulty_proxy::take_answers(conversation& c) {
    while (const auto answer = take_message(c.from_server)) {
        if (answers_write(*answer)) --c.writes_in_flight;
        if (c.silent) continue;
        if (answer->id == c.event_id) {
            c.act();
            await_answers(c);
            return false;
        }
        if (answer->id != c.doomed_id) {
            if (!send_all(c.client.get(), answer->bytes)) return false;
            continue;
        }
        if (c.vanishes) away_ = true;
        if (!c.stalls) return false;
        const std::size_t passes = stall_after_;
        if (!send_all(c.client.get(), std::string_view(answer->bytes).substr(0, passes > 0 ? passes : answer->bytes.size() / 2))) return false;
        c.silent = true;
    }
    return true;
}

/// What is under way when a client dies must not be taken for something that happens later.
void faulty_proxy::await_answers(conversation& c) {
    do {
        while (const auto answer = take_message(c.from_server))
            if (answers_write(*answer)) --c.writes_in_flight;
    } while (c.writes_in_flight > 0 && read_some(c.server.get(), c.from_server));
}
