#include "test_directory.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include <sys/wait.h>

#include <vmail/error.hpp>

using vmail::tools::server_lifetime;

test_directory::test_directory() : sandbox_(scratch_.path() / "sandbox", server_lifetime::of_starting_thread) { sandbox_.start(); }

test_directory::~test_directory() {
    try {
        sandbox_.remove();
    } catch (const vmail::error&) {
        // It ends with this process anyway.
    }
}

test_directory& test_directory::shared() {
    static test_directory directory;
    return directory;
}

void test_directory::kill_server() {
    // It writes the file with its number only after it has begun to answer.
    int pid = 0;
    while ((pid = sandbox_.pid()) <= 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

vmail::ldap::session_options test_directory::as_owner() const {
    vmail::ldap::session_options options;
    options.uris = {uri()};
    options.credentials = vmail::ldap::external_bind{};
    return options;
}

vmail::ldap::session_options test_directory::as_daemon() const {
    vmail::ldap::session_options options;
    options.uris = {uri()};
    options.credentials = vmail::ldap::simple_bind{vmail::ldap::dn::parse("cn=phamm,o=hosting," + base()),
                                                   vmail::read_secret_file(sandbox_.daemon_password_file())};
    return options;
}

vmail::domain_name unique_domain() {
    static std::atomic<int> count = 0;
    return vmail::domain_name::parse("d" + std::to_string(++count) + ".example.org");
}
