/// foreign-directory ldapi|ldap COMMAND...: runs a command beside a directory that others set up, for test scripts. The command finds it by
/// FOREIGN_URI, FOREIGN_BASE, FOREIGN_DN and FOREIGN_PASSWORD_FILE.

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "foreign_directory.hpp"

namespace {

void tell(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

int run(char** command) {
    pid_t child = 0;
    if (posix_spawnp(&child, command[0], nullptr, nullptr, command, environ) != 0) return 127;
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

int main(int count, char** arguments) try {
    const std::string_view by = count > 2 ? arguments[1] : "";
    if (by != "ldapi" && by != "ldap") {
        std::cerr << "usage: foreign-directory ldapi|ldap COMMAND...\n";
        return 64;
    }
    const foreign_directory directory(by == "ldapi" ? foreign_directory::transport::ldapi : foreign_directory::transport::ldap_on_loopback);
    tell("FOREIGN_URI", directory.uri());
    tell("FOREIGN_BASE", directory.base());
    tell("FOREIGN_DN", directory.service_dn());
    tell("FOREIGN_PASSWORD_FILE", directory.password_file());
    return run(arguments + 2);
} catch (const std::exception& e) {
    std::cerr << "foreign-directory: " << e.what() << '\n';
    return 70;
}
