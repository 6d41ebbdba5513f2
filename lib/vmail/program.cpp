#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/program.hpp>
#include <vmail/spawn_settings.hpp>

extern char** environ;

namespace vmail {

// ---- files in memory

descriptor memory_file(std::string_view text) {
    descriptor file(::memfd_create("vmail", MFD_CLOEXEC));
    bool good = static_cast<bool>(file);
    while (good && !text.empty()) {
        const ssize_t count = ::write(file.get(), text.data(), text.size());
        good = count > 0;
        if (good) text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (!good || ::lseek(file.get(), 0, SEEK_SET) != 0) throw error(error_kind::internal, fmt::format("cannot make a file in memory: {}", system_reason()));
    return file;
}

std::string contents_of(const descriptor& file, std::size_t most) {
    auto text = ::lseek(file.get(), 0, SEEK_SET) == 0 ? read_to_end(file.get(), most) : std::nullopt;
    if (!text) throw error(error_kind::internal, fmt::format("cannot read from memory: {}", system_reason()));
    return std::move(*text);
}

// ---- programs

namespace {

constexpr std::size_t most_said = 65536;

[[noreturn]] void cannot_run(const std::string& program, int code) {
    throw error(error_kind::configuration, fmt::format("cannot run {}: {}", printable(program), std::generic_category().message(code)));
}

/// Of the standard files it has /dev/null where it is handed none.
class settings_with_files : public spawn_settings {
public:
    settings_with_files(const std::vector<handed_file>& files, bool own_group) : spawn_settings(own_group ? POSIX_SPAWN_SETPGROUP : 0) {
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        for (const int out : {STDOUT_FILENO, STDERR_FILENO}) posix_spawn_file_actions_addopen(&actions, out, "/dev/null", O_WRONLY, 0);
        int last = STDERR_FILENO;
        for (const handed_file& f : files) {
            posix_spawn_file_actions_adddup2(&actions, f.ours, f.theirs);
            last = std::max(last, f.theirs);
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, last + 1);
        posix_spawnattr_setpgroup(&attributes, 0);
    }
};

pid_t spawn(std::vector<std::string> arguments, const spawn_settings& settings) {
    std::vector<char*> argv;
    for (auto& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    pid_t pid = 0;
    if (const int code = ::posix_spawnp(&pid, argv.front(), &settings.actions, &settings.attributes, argv.data(), environ); code != 0) cannot_run(arguments.front(), code);
    return pid;
}

} // namespace

running_program::running_program(std::vector<std::string> arguments, const std::vector<handed_file>& files, group g)
    : group_(g), pid_(spawn(std::move(arguments), settings_with_files(files, g == group::own))), handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))) {}

running_program::~running_program() {
    if (pid_ == 0) return;
    try {
        end();
    } catch (const error&) { // it is over, and nobody asks what it ended with
    }
}

bool running_program::ends_within(std::chrono::milliseconds time) {
    if (!handle_) throw error(error_kind::internal, fmt::format("cannot watch a program: {}", system_reason()));
    const auto end = std::chrono::steady_clock::now() + time;
    pollfd waited{.fd = handle_.get(), .events = POLLIN, .revents = 0};
    int ready = -1;
    while (ready < 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        ready = ::poll(&waited, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready < 0 && errno != EINTR) throw error(error_kind::internal, fmt::format("cannot watch a program: {}", system_reason()));
    }
    return is_over_ = ready > 0;
}

int running_program::end() {
    if (!is_over_) ::kill(group_ == group::own ? -pid_ : pid_, SIGKILL);
    int status = 0;
    pid_t over = -1;
    while ((over = ::waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {}
    pid_ = 0;
    if (over < 0) throw error(error_kind::internal, fmt::format("cannot wait for a program: {}", system_reason()));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

program_end run_program(const std::vector<std::string>& arguments, std::string_view input, std::chrono::milliseconds limit) {
    const descriptor in = memory_file(input), err = memory_file();
    running_program program(arguments, {{in.get(), STDIN_FILENO}, {err.get(), STDERR_FILENO}}, running_program::group::own);
    program_end ended;
    ended.was_late = !program.ends_within(limit);
    ended.status = program.end();
    ended.said = contents_of(err, most_said);
    return ended;
}

} // namespace vmail
