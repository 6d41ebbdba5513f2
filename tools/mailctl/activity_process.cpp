#include <cerrno>
#include <chrono>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/program.hpp>

#include "activity_process.hpp"
#include "own_program.hpp"

namespace vmail::tools {

namespace {

constexpr std::chrono::minutes longest_answer{10};

std::string program() { return own_program("mailctl-activity", "reads logs"); }

} // namespace

void become_activity(std::vector<std::string> words) {
    const auto path = program();
    std::string name = "mailctl";
    std::vector<char*> argv = {name.data()};
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    ::execv(path.c_str(), argv.data());
    throw error(error_kind::configuration, fmt::format("cannot run {}: {}", printable(path), system_reason()));
}

std::string ask_activity(const global_flags& flags, std::vector<std::string> words) {
    const auto add = [&](const char* name, const std::optional<std::string>& given) {
        if (given) words.push_back(fmt::format("{}={}", name, *given));
    };
    add("--config", flags.config_file);
    add("--profile", flags.profile);
    add("--sandbox", flags.sandbox);
    words.insert(words.begin(), program());
    const descriptor said = memory_file();
    running_program asked(std::move(words), {{said.get(), STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}}, running_program::group::ours);
    if (!asked.ends_within(longest_answer)) throw unavailable("the program that reads logs does not end");
    if (asked.end() != 0) throw unavailable("what accounts do cannot be told");
    return contents_of(said);
}

} // namespace vmail::tools
