#include "mail_owner.hpp"
#include "own_program.hpp"
#include "store_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/program.hpp>

namespace vmail::tools {

namespace {

namespace fs = std::filesystem;

struct spawn_actions {
    spawn_actions() { ::posix_spawn_file_actions_init(&actions); }
    ~spawn_actions() { ::posix_spawn_file_actions_destroy(&actions); }
    spawn_actions(const spawn_actions&) = delete;
    spawn_actions& operator=(const spawn_actions&) = delete;
    void give(int fd, int as) { ::posix_spawn_file_actions_adddup2(&actions, fd, as); }
    posix_spawn_file_actions_t actions{};
};

pid_t start(const std::vector<std::string>& words, const spawn_actions& files) {
    std::vector<char*> argv;
    for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str())); // NOLINT: the interface is older than const
    argv.push_back(nullptr);
    std::array<char*, 1> environment{nullptr}; // none of ours is meant for it
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, argv.front(), &files.actions, nullptr, argv.data(), environment.data());
    if (failed != 0) throw unavailable(fmt::format("cannot start mailctl-store: {}", std::strerror(failed)));
    return child;
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) throw unavailable(fmt::format("cannot wait for mailctl-store: {}", system_reason()));
    return status;
}

error_kind kind_named(std::string_view word) {
    for (const auto kind : {error_kind::usage, error_kind::invalid_value, error_kind::input_missing, error_kind::not_found, error_kind::limit_exceeded, error_kind::already_exists, error_kind::unavailable,
                            error_kind::conflict, error_kind::denied, error_kind::configuration})
        if (name(kind) == word) return kind;
    return error_kind::internal;
}

/// "KIND<TAB>SENTENCE<TAB>HINT".
[[noreturn]] void raise_told(const std::string& said) {
    const auto first = said.find('\t'), second = said.find('\t', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) throw error(error_kind::internal, fmt::format("mailctl-store failed without a reason: {}", printable(said)));
    auto hint = said.substr(second + 1);
    while (hint.ends_with('\n')) hint.pop_back();
    throw_error(kind_named(said.substr(0, first)), printable(said.substr(first + 1, second - first - 1)), {.hint = hint});
}

} // namespace

store_process::store_process(const configuration& c)
    : program_(own_program("mailctl-store", "works on mail")), root_(c.mail_home) {
    const auto owner = owner_of_mail(c);
    user_ = std::to_string(owner.user);
    group_ = std::to_string(owner.group);
    std::error_code none;
    if (!fs::is_directory(root_, none))
        throw error(error_kind::configuration, fmt::format("the mail is not here: there is no folder {}", printable(root_)), {.hint = "set mail-home, or make a plan with --plan and carry it out where the mail is"});
}

std::string store_process::ask(const std::vector<std::string>& words, int input, int archive) const {
    std::vector<std::string> all = {program_, std::to_string(::getpid()), root_, user_, group_};
    all.insert(all.end(), words.begin(), words.end());
    const descriptor nothing = memory_file(), said = memory_file(), told = memory_file();
    spawn_actions files;
    files.give(input < 0 ? nothing.get() : input, STDIN_FILENO);
    files.give(told.get(), STDOUT_FILENO);
    files.give(said.get(), STDERR_FILENO);
    if (archive >= 0) files.give(archive, 3);
    const int status = wait_for(start(all, files));
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM)) throw error(error_kind::interrupted, "interrupted");
    if (WIFSIGNALED(status)) throw error(error_kind::internal, fmt::format("mailctl-store was killed by signal {}", WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0) raise_told(contents_of(said));
    return contents_of(told);
}

std::string store_process::ask_about(const std::vector<std::string>& words, std::string_view input, int archive) const {
    const descriptor file = memory_file(input);
    return ask(words, file.get(), archive);
}

std::vector<std::string> pieces_of(std::string_view answer, char end) {
    std::vector<std::string> all;
    for (std::size_t at = 0; (at = answer.find(end)) != std::string_view::npos; answer.remove_prefix(at + 1)) all.emplace_back(answer.substr(0, at));
    return all;
}

std::string value_in(std::string_view answer, std::string_view name) {
    while (!answer.empty()) {
        const auto line = answer.substr(0, answer.find('\n'));
        if (line.starts_with(name) && line.substr(name.size()).starts_with(": ")) return std::string(line.substr(name.size() + 2));
        answer.remove_prefix(std::min(answer.size(), line.size() + 1));
    }
    return {};
}

} // namespace vmail::tools
