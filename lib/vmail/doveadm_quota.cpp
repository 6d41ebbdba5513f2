#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/doveadm_quota.hpp>

namespace vmail {

// ---- what it prints

namespace {

constexpr std::string_view header = "Username\tQuota name\tType\tValue\tLimit\t%";
constexpr std::size_t columns = 6;

std::optional<std::array<std::string_view, columns>> split(std::string_view line) {
    std::array<std::string_view, columns> parts;
    for (std::size_t i = 0; i < columns; ++i) {
        const std::size_t end = line.find('\t');
        if ((end == std::string_view::npos) != (i + 1 == columns)) return std::nullopt;
        parts[i] = line.substr(0, end);
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    }
    return parts;
}

/// "-" is none, and what it could not find out is "error". Less than nothing is what a count shows that has gone astray.
std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t n = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), n);
    return status == std::errc{} && end == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

constexpr std::uint64_t bytes_of_kib = 1024;

std::optional<quota> limit_of(std::string_view kib) {
    const auto n = number(kib);
    constexpr std::uint64_t most_kib = (std::uint64_t{1} << 52) - 1;
    return n && *n > 0 && *n <= most_kib ? std::optional(quota::of_bytes(*n * bytes_of_kib)) : std::nullopt;
}

class table_reader {
public:
    void add(std::string_view line) {
        const auto parts = split(line);
        if (!parts) throw invalid_value(fmt::format("doveadm says {}, which is no line of a table of quotas", quoted(line)));
        const auto& [user, root, type, value, limit, percent] = *parts;
        const std::string name = ascii::to_lower(user);
        const auto [first, is_new] = first_roots_.try_emplace(name, root);
        if (first->second != root) return;
        doveadm_quota& q = found[name];
        if (type == "STORAGE") take_storage(q, number(value), limit);
        else if (type == "MESSAGE" && q.used) q.used->messages = number(value).value_or(0);
    }

    doveadm_quotas found{};

private:
    static void take_storage(doveadm_quota& q, std::optional<std::uint64_t> kib, std::string_view limit) {
        if (kib) q.used = mail_size{.bytes = *kib > UINT64_MAX / bytes_of_kib ? UINT64_MAX : *kib * bytes_of_kib};
        q.limit = limit_of(limit);
    }

    std::map<std::string, std::string> first_roots_{};
};

} // namespace

doveadm_quotas parse_doveadm_quotas(std::string_view table) {
    table_reader reader;
    for (bool is_first = true; !table.empty(); is_first = false) {
        const std::size_t end = table.find('\n');
        const std::string_view line = table.substr(0, end);
        table.remove_prefix(end == std::string_view::npos ? table.size() : end + 1);
        if (is_first && line != header) throw invalid_value(fmt::format("doveadm says {}, which is no table of quotas", quoted(line)));
        if (!is_first && !line.empty()) reader.add(line);
    }
    return std::move(reader.found);
}

// ---- the program

namespace {

constexpr int users_fd = 10; // of the program: below it are those that mean something to daemons

[[noreturn]] void cannot_run(const std::string& program, int code) {
    throw error(error_kind::configuration, fmt::format("cannot run {}: {}", printable(program), std::generic_category().message(code)));
}

descriptor memory_file(const char* name) {
    descriptor file(::memfd_create(name, MFD_CLOEXEC));
    if (!file) throw error(error_kind::internal, fmt::format("cannot make a file in memory: {}", system_reason()));
    return file;
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0) throw error(error_kind::internal, fmt::format("cannot write to memory: {}", system_reason()));
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string read_all(int fd) {
    auto text = ::lseek(fd, 0, SEEK_SET) == 0 ? read_to_end(fd) : std::nullopt;
    if (!text) throw error(error_kind::internal, fmt::format("cannot read from memory: {}", system_reason()));
    return std::move(*text);
}

/// How the program is started: with nothing of ours but what it is handed.
class start {
public:
    start(int users, int out, int err) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, users, users_fd);
        posix_spawn_file_actions_addclosefrom_np(&actions_, users_fd + 1);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    start(const start&) = delete;
    start& operator=(const start&) = delete;
    ~start() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    pid_t begin(const std::string& program) const {
        std::array<std::string, 7> words{program, "-f", "tab", "quota", "get", "-F", fmt::format("/dev/fd/{}", users_fd)};
        std::array<char*, 8> arguments{};
        for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
        pid_t pid = 0;
        const int code = ::posix_spawnp(&pid, program.c_str(), &actions_, &attributes_, arguments.data(), environ);
        if (code != 0) cannot_run(program, code);
        return pid;
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// A program that runs. It is over when this is.
class process {
public:
    explicit process(pid_t pid) : pid_(pid), handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
    process(const process&) = delete;
    process& operator=(const process&) = delete;
    ~process() {
        if (!is_over_) ::kill(pid_, SIGKILL); // it only reads
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
    }

    /// Whether it ended within that time.
    bool ends_within(std::chrono::milliseconds time) {
        pollfd end{.fd = handle_.get(), .events = POLLIN, .revents = 0};
        if (!handle_) throw error(error_kind::internal, fmt::format("cannot watch a program: {}", system_reason()));
        int count = 0;
        do count = ::poll(&end, 1, static_cast<int>(time.count()));
        while (count < 0 && errno == EINTR);
        return is_over_ = count != 0;
    }

private:
    pid_t pid_;
    descriptor handle_;
    bool is_over_ = false;
};

off_t size_of(const descriptor& file) {
    struct stat now {};
    return ::fstat(file.get(), &now) == 0 ? now.st_size : 0;
}

/// To its end, as long as there is more to read each time.
void run(const start& how, const std::string& program, const descriptor& out, std::chrono::milliseconds patience) {
    process doveadm(how.begin(program));
    for (off_t said = 0; !doveadm.ends_within(patience);)
        if (const off_t now = size_of(out); std::exchange(said, now) == now)
            throw unavailable(fmt::format("{} tells no quotas: it said nothing for {} seconds, and was ended", printable(program), patience.count() / 1000));
}

std::string first_line(const std::string& text) { return harmless(text.substr(0, text.find('\n'))); }

std::string lines_of(const std::vector<std::string>& users) {
    std::string text;
    for (const std::string& user : users) text.append(user).push_back('\n');
    return text;
}

} // namespace

doveadm_answer ask_doveadm(const std::string& program, const std::vector<std::string>& users, std::chrono::milliseconds patience) {
    const descriptor list = memory_file("users"), out = memory_file("out"), err = memory_file("err");
    write_all(list.get(), lines_of(users));
    run(start(list.get(), out.get(), err.get()), program, out, patience);
    const std::string table = read_all(out.get());
    const std::string complaint = first_line(read_all(err.get()));
    if (table.empty()) throw unavailable(fmt::format("{} tells no quotas: {}", printable(program), complaint.empty() ? "it says nothing" : complaint));
    return {parse_doveadm_quotas(table), complaint};
}

} // namespace vmail
