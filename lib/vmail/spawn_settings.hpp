#pragma once

#include <signal.h> // NOLINT: what a process gets of signals is POSIX
#include <spawn.h>

/// Internal: for the library and the tools built with it.
namespace vmail {

/// File actions and attributes of posix_spawn(3), for a program that gets nothing of our signals: none is held back from it, and none ignored.
class spawn_settings {
public:
    /// `flags`: POSIX_SPAWN_SETSID and the like.
    explicit spawn_settings(int flags) {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | flags));
    }
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;
    ~spawn_settings() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

} // namespace vmail
