#include "slapd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
extern "C" { // glibc 2.36 forgot it in this header
#include <sys/pidfd.h>
}

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/descriptor.hpp>
#include <vmail/spawn_settings.hpp>

namespace vmail::tools {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto patience = 60s;

[[noreturn]] void cannot_run(const std::string& what, int code) {
    throw error(error_kind::internal, fmt::format("cannot {}: {}", what, std::generic_category().message(code)));
}

/// Not in every user's PATH, and a name that a PATH decides on should not be what serves the data.
fs::path find_program(std::string_view name) {
    for (const auto* const folder : {"/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/lib/openldap", "/usr/libexec"}) {
        const auto path = fs::path(folder) / name;
        if (access(path.c_str(), X_OK) == 0) return path;
    }
    throw error(error_kind::configuration, fmt::format("{} is not installed", name),
                {.hint = "install it with: apt-get install slapd"});
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (auto& s : strings) result.push_back(s.data());
    result.push_back(nullptr);
    return result;
}

/// Nothing of ours leaks into a process that outlives us.
class logged_settings : public spawn_settings {
public:
    explicit logged_settings(const fs::path& log) : spawn_settings(POSIX_SPAWN_SETSID) {
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        posix_spawn_file_actions_addchdir_np(&actions, "/");
    }
};

pid_t spawn(std::vector<std::string> command, const fs::path& log) {
    const logged_settings settings(log);
    std::vector<std::string> environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
    pid_t pid = 0;
    const int code = posix_spawn(&pid, command.front().c_str(), &settings.actions, &settings.attributes, pointers(command).data(),
                                 pointers(environment).data());
    if (code != 0) cannot_run("start " + command.front(), code);
    return pid;
}

std::uintmax_t size_of(const fs::path& log) {
    std::error_code none;
    const auto size = fs::file_size(log, none);
    return none ? 0 : size;
}

/// "65a8b2c1.0f9e8d7c 0x7f1cbd821200 slapd.conf: line 53: ..." without what no reader wants.
std::string without_time_and_thread(const std::string& line) {
    const auto thread = line.find(" 0x");
    const auto end = thread == std::string::npos ? thread : line.find(' ', thread + 1);
    return end == std::string::npos ? line : line.substr(end + 1);
}

bool says_something(const std::string& line) {
    constexpr std::array noise{"@(#) $OpenLDAP", "Debian OpenLDAP", "slapd stopped.", "connections_destroy", "slapd starting",
                               "WARNING!", "Running as root!", "slapd will fail to start", "Check file permissions!"};
    return line.find_first_not_of(" \t") != std::string::npos &&
           std::ranges::none_of(noise, [&](const char* n) { return line.find(n) != std::string::npos; });
}

/// What a program had to say since the log was this long: its first line, as the later ones follow from it.
std::string complaint(const fs::path& log, std::uintmax_t from) {
    std::ifstream in(log);
    in.seekg(static_cast<std::streamoff>(from));
    for (std::string line; std::getline(in, line);)
        if (says_something(line)) return printable(without_time_and_thread(line));
    return "no reason given";
}

std::string confinement_hint(const fs::path& log) {
    if (fs::exists("/etc/apparmor.d/usr.sbin.slapd"))
        return fmt::format("AppArmor confines slapd here: allow {}/** rwk in /etc/apparmor.d/local/usr.sbin.slapd, or run aa-disable /usr/sbin/slapd",
                           printable(log.parent_path().string()));
    return "see " + printable(log.string());
}

/// The exit status of a child, once it has one.
std::optional<int> ended(pid_t child) {
    int status = 0;
    return waitpid(child, &status, WNOHANG) == child ? std::optional(status) : std::nullopt;
}

/// The arguments of a process: none for one that is gone or a zombie.
std::vector<std::string> command_line(int pid) {
    std::ifstream in(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
    std::vector<std::string> arguments;
    for (std::string a; std::getline(in, a, '\0');) arguments.push_back(a);
    return arguments;
}

bool is_slapd_of(int pid, const fs::path& config) {
    const auto arguments = command_line(pid);
    return !arguments.empty() && fs::path(arguments.front()).filename() == "slapd" &&
           std::ranges::find(arguments, config.string()) != arguments.end();
}

} // namespace

bool answers(const std::string& uri) {
    try {
        ldap::session_options options;
        options.uris = {uri};
        options.connect_timeout = options.operation_timeout = 2s;
        const ldap::session probe(std::move(options));
        return true;
    } catch (const error&) {
        return false;
    }
}

void run_slapd_tool(std::string_view name, std::vector<std::string> arguments, const fs::path& log) {
    arguments.insert(arguments.begin(), find_program(name).string());
    const auto said_before = size_of(log);
    const pid_t child = spawn(std::move(arguments), log);
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) cannot_run(fmt::format("wait for {}", name), errno);
    if (status != 0)
        throw error(error_kind::configuration, fmt::format("{} failed: {}", name, complaint(log, said_before)),
                    {.hint = confinement_hint(log)});
}

int slapd::pid() const {
    int pid = 0;
    std::ifstream(options_.pid_file) >> pid;
    return pid > 0 && is_slapd_of(pid, options_.config) ? pid : 0;
}

void slapd::start() const {
    // -d none: it stays in the foreground of its session and says what goes wrong; -s 0: nothing to the host's syslog.
    std::vector<std::string> command{find_program("slapd").string(), "-s", "0", "-d", "none", "-f", options_.config.string(),
                                     "-h", options_.uri};
    if (options_.lifetime == server_lifetime::of_starting_thread)
        command.insert(command.begin(), {"/usr/bin/setpriv", "--pdeathsig", "TERM"});
    const auto said_before = size_of(options_.log);
    const pid_t child = spawn(std::move(command), options_.log);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!answers(options_.uri)) {
        if (ended(child))
            throw error(error_kind::configuration, fmt::format("slapd did not start: {}", complaint(options_.log, said_before)),
                        {.hint = confinement_hint(options_.log)});
        if (std::chrono::steady_clock::now() > deadline)
            throw unavailable(fmt::format("slapd (process {}) does not answer at {}", child, options_.uri),
                              {.hint = "see " + printable(options_.log.string())});
        std::this_thread::sleep_for(5ms);
    }
}

bool slapd::stop() const {
    const int running = pid();
    const descriptor process(running == 0 ? -1 : pidfd_open(running, 0));
    // Asked again: between reading the number and holding the process it could have become another's.
    if (!process || !is_slapd_of(running, options_.config)) return false;
    if (pidfd_send_signal(process.get(), SIGTERM, nullptr, 0) != 0 && errno != ESRCH)
        throw denied(fmt::format("cannot stop slapd (process {}): {}", running, std::generic_category().message(errno)));
    pollfd gone{.fd = process.get(), .events = POLLIN, .revents = 0};
    int ready = 0;
    do
        ready = poll(&gone, 1, static_cast<int>(std::chrono::milliseconds(patience).count()));
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        throw unavailable(fmt::format("slapd (process {}) was told to end and still runs", running),
                          {.hint = fmt::format("end it with: kill -KILL {}; its database survives that", running)});
    ended(running); // only a child of ours leaves something to collect
    return true;
}

} // namespace vmail::tools
