#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/program.hpp>

extern char** environ;

namespace vmail {

namespace {

constexpr std::size_t most_said = 65536;

[[noreturn]] void cannot_run(const std::string& program, int code) {
    throw error(error_kind::configuration, fmt::format("cannot run {}: {}", printable(program), std::generic_category().message(code)));
}

/// A file in memory: no program waits at one as it does at a pipe.
descriptor memory_file(const char* name, std::string_view text = {}) {
    descriptor file(::memfd_create(name, MFD_CLOEXEC));
    bool good = static_cast<bool>(file);
    while (good && !text.empty()) {
        const ssize_t count = ::write(file.get(), text.data(), text.size());
        good = count > 0;
        if (good) text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (!good || ::lseek(file.get(), 0, SEEK_SET) != 0) throw error(error_kind::internal, fmt::format("cannot make a file in memory: {}", system_reason()));
    return file;
}

/// What a child has of ours, and in a group of its own, so that what it starts can be ended with it.
class start {
public:
    start(int in, int err) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, in, STDIN_FILENO);
        posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    start(const start&) = delete;
    start& operator=(const start&) = delete;
    ~start() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    pid_t run(std::vector<std::string> arguments) const {
        std::vector<char*> argv;
        for (auto& a : arguments) argv.push_back(a.data());
        argv.push_back(nullptr);
        pid_t pid = 0;
        if (const int code = ::posix_spawn(&pid, argv.front(), &actions_, &attributes_, argv.data(), environ); code != 0) cannot_run(arguments.front(), code);
        return pid;
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// Whether it ends by then.
bool ends_within(pid_t pid, std::chrono::milliseconds limit) {
    const descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const auto end = std::chrono::steady_clock::now() + limit;
    pollfd waited{.fd = process.get(), .events = POLLIN, .revents = 0};
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        const int ready = ::poll(&waited, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready > 0) return true;
        if (ready == 0) return false;
    }
}

int status_of(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) throw error(error_kind::internal, fmt::format("cannot wait for a program: {}", system_reason()));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

program_end run_program(const std::vector<std::string>& arguments, std::string_view input, std::chrono::milliseconds limit) {
    const descriptor in = memory_file("in", input), err = memory_file("err");
    const pid_t pid = start(in.get(), err.get()).run(arguments);
    program_end ended;
    ended.was_late = !ends_within(pid, limit);
    if (ended.was_late) ::kill(-pid, SIGKILL);
    ended.status = status_of(pid);
    if (::lseek(err.get(), 0, SEEK_SET) == 0) ended.said = read_to_end(err.get(), most_said).value_or("");
    return ended;
}

} // namespace vmail
