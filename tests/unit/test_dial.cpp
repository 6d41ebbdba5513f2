#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <vmail/ldap/wire/dial.hpp>

using namespace vmail::ldap::wire;
using cause = unreached::cause;
using std::chrono::milliseconds;

namespace {

steady_time in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

template <typename Do>
unreached failure_of(const Do& act) {
    try {
        act();
    } catch (const unreached& u) {
        return u;
    }
    FAIL("it succeeded");
    return {};
}

/// Listens on a loopback address of its own.
struct listener {
    vmail::descriptor fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in at{};

    explicit listener(const char* host, int queue = 8) {
        at.sin_family = AF_INET;
        inet_pton(AF_INET, host, &at.sin_addr);
        REQUIRE(bind(fd.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
        socklen_t size = sizeof at;
        REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
        REQUIRE(listen(fd.get(), queue) == 0);
    }

    socket_address address() const {
        socket_address a;
        std::memcpy(&a.bytes, &at, sizeof at);
        a.size = sizeof at;
        return a;
    }
};

/// Takes no more connections: what comes is dropped, as a host does that is not there.
struct silent_host {
    listener full{"127.0.0.2", 0};
    std::vector<vmail::descriptor> queued{};

    silent_host() {
        for (int i = 0; i < 3; ++i) {
            queued.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            connect(queued.back().get(), reinterpret_cast<const sockaddr*>(&full.at), sizeof full.at);
        }
    }
};

socket_address nobody() {
    const listener gone("127.0.0.1");
    return gone.address();
}

} // namespace

TEST_CASE("an address that is silent leaves the others their share of the time") {
    const silent_host silent;
    const listener there("127.0.0.1");
    const auto begin = std::chrono::steady_clock::now();
    CHECK(connect_any({silent.full.address(), there.address()}, in(milliseconds(4000))));
    CHECK(std::chrono::steady_clock::now() - begin < milliseconds(3500)); // half of it was the first one's
    CHECK(connect_any({silent.full.address(), silent.full.address(), there.address()}, in(milliseconds(900))));
    CHECK(connect_any({nobody(), there.address()}, in(milliseconds(1000))));
}

TEST_CASE("when no address answers the deadline holds, and it is said why") {
    const silent_host silent;
    const auto begin = std::chrono::steady_clock::now();
    CHECK(failure_of([&] { connect_any({silent.full.address(), silent.full.address()}, in(milliseconds(300))); }).why == cause::late);
    CHECK(std::chrono::steady_clock::now() - begin >= milliseconds(290));
    const auto refused = failure_of([&] { connect_any({silent.full.address(), nobody()}, in(milliseconds(300))); });
    CHECK(refused.why == cause::other);
    CHECK(refused.words == "Connection refused");
}

TEST_CASE("a host that is written as an address is not looked up") {
    const resolver never = [](const char*, const char*, const addrinfo*, addrinfo**) -> int { std::abort(); };
    CHECK(look_up("127.0.0.1", 389, in(milliseconds(1000)), never).size() == 1);
    CHECK(look_up("::1", 389, in(milliseconds(1000)), never).size() == 1);
}

TEST_CASE("a name server that does not answer is left at the deadline") {
    const resolver slow = [](const char*, const char*, const addrinfo*, addrinfo**) {
        std::this_thread::sleep_for(milliseconds(20000));
        return EAI_AGAIN;
    };
    const auto begin = std::chrono::steady_clock::now();
    const auto u = failure_of([&] { look_up("ldap.example.org", 389, in(milliseconds(200)), slow); });
    CHECK(u.why == cause::late);
    CHECK(std::chrono::steady_clock::now() - begin < milliseconds(10000));
}

TEST_CASE("a name that is not known is told from one that cannot be looked up now") {
    const auto answering = [](int code) { return resolver([code](const char*, const char*, const addrinfo*, addrinfo**) { return code; }); };
    for (const int code : {EAI_NONAME, EAI_NODATA}) {
        const auto u = failure_of([&] { look_up("nosuch.example.org", 389, in(milliseconds(5000)), answering(code)); });
        CHECK(u.why == cause::name_not_known);
        CHECK(u.words == "the name \"nosuch.example.org\" is not known");
    }
    const auto u = failure_of([&] { look_up("ldap.example.org", 389, in(milliseconds(5000)), answering(EAI_AGAIN)); });
    CHECK(u.why == cause::other);
    CHECK(u.words.find("cannot be looked up") != std::string::npos);
}

TEST_CASE("a socket file that is not there is told from one where nobody listens") {
    const std::string path = "/tmp/vmail-dial-" + std::to_string(getpid());
    CHECK(failure_of([&] { connect_local(path, in(milliseconds(1000))); }).why == cause::no_socket);
    CHECK(failure_of([&] { connect_local(path + std::string(200, 'x'), in(milliseconds(1000))); }).why == cause::no_socket);
    {
        const vmail::descriptor closed(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        path.copy(at.sun_path, sizeof at.sun_path - 1);
        REQUIRE(bind(closed.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    }
    const auto u = failure_of([&] { connect_local(path, in(milliseconds(1000))); });
    unlink(path.c_str());
    CHECK(u.why == cause::other);
    CHECK(u.words == "Connection refused");
}

TEST_CASE("a socket that may not be opened is told from one that is not there") {
    const std::string folder = "/tmp/vmail-dial-" + std::to_string(getpid()) + ".d";
    REQUIRE(mkdir(folder.c_str(), 0700) == 0);
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(2); // root may open everything
        chmod(folder.c_str(), 0);
        try {
            connect_local(folder + "/ldapi", in(milliseconds(1000)));
        } catch (const unreached& u) {
            _exit(u.why == cause::not_permitted ? 0 : 1);
        }
        _exit(1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    rmdir(folder.c_str());
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
