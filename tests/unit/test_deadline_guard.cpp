#include <chrono>
#include <csignal>

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vmail/descriptor.hpp>

#include <vmail/ldap/wire/deadline_guard.hpp>

using namespace vmail::ldap::wire;
using std::chrono::milliseconds;

namespace {

/// Two ends of a connection; nobody writes to either.
struct silent_peer {
    silent_peer() {
        int both[2];
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) == 0);
        ours = vmail::descriptor(both[0]);
        theirs = vmail::descriptor(both[1]);
    }
    vmail::descriptor ours{}, theirs{};
};

/// Whether a read that would never end is ended by the guard.
bool ends_by_deadline() {
    const silent_peer peer;
    guarded_socket guarded;
    guarded.set_descriptor(peer.ours.get());
    const armed until(guarded, std::chrono::steady_clock::now() + milliseconds(50));
    char byte = 0;
    const auto got = recv(peer.ours.get(), &byte, 1, 0);
    guarded.set_descriptor(-1);
    return got == 0 && guarded.fired();
}

/// The status of a child, which a signal ends after a while if it hangs.
int status_of_child(bool (*what)()) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(what() ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return status;
}

} // namespace

TEST_CASE("a read that never ends is ended by its deadline") {
    alarm(60);
    CHECK(ends_by_deadline());
    alarm(0);
}

TEST_CASE("without a deadline nothing is shut down, also when an earlier one has passed") {
    const silent_peer peer;
    guarded_socket guarded;
    guarded.set_descriptor(peer.ours.get());
    { const armed until(guarded, std::chrono::steady_clock::now() + milliseconds(50)); }
    CHECK(ends_by_deadline()); // a later one of another socket: the first one has passed by now
    CHECK_FALSE(guarded.fired());
    CHECK(send(peer.ours.get(), "x", 1, MSG_NOSIGNAL) == 1);
    guarded.set_descriptor(-1);
}

TEST_CASE("a child of fork() has a guard of its own") {
    REQUIRE(ends_by_deadline()); // the parent's runs
    CHECK(status_of_child(ends_by_deadline) == 0);
    CHECK(ends_by_deadline());
}

TEST_CASE("what a child does with an inherited connection does not reach the peer") {
    static silent_peer* peer_of_child;
    silent_peer peer;
    peer_of_child = &peer;
    guarded_socket guarded;
    guarded.set_descriptor(peer.ours.get());
    CHECK(status_of_child([] { return write(peer_of_child->ours.get(), "unbind", 6) == 6; }) == 0);
    char byte = 0;
    CHECK(recv(peer.theirs.get(), &byte, 1, MSG_DONTWAIT) == -1);
    CHECK(send(peer.ours.get(), "x", 1, MSG_NOSIGNAL) == 1);
    CHECK(recv(peer.theirs.get(), &byte, 1, 0) == 1);
    CHECK(byte == 'x');
    guarded.set_descriptor(-1);
}
