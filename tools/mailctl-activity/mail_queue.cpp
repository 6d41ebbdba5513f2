#include <chrono>
#include <string_view>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include <vmail/error.hpp>
#include <vmail/program.hpp>

#include <vmail/activity/account_name.hpp>

#include "mail_queue.hpp"

namespace vmail::tools {

namespace {

constexpr std::chrono::seconds longest_answer{60};

/// A line for each message.
std::string answer_of_postqueue() {
    const descriptor said = memory_file();
    running_program asked({"postqueue", "-j"}, {{said.get(), STDOUT_FILENO}}, running_program::group::own);
    if (!asked.ends_within(longest_answer)) throw unavailable("postqueue does not end");
    if (asked.end() != 0) throw unavailable("postqueue fails");
    return contents_of(said);
}

std::string text_in(const nlohmann::json& message, const char* name) {
    const auto at = message.find(name);
    return at != message.end() && at->is_string() ? at->get<std::string>() : std::string();
}

} // namespace

std::vector<queued_mail> mail_queue(const std::set<std::string>& senders) {
    const std::string answer = answer_of_postqueue();
    std::vector<queued_mail> found;
    for (std::string_view rest = answer; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const auto message = nlohmann::json::parse(line, nullptr, false);
        if (!message.is_object()) continue;
        queued_mail m{text_in(message, "queue_id"), activity::account_name(text_in(message, "sender"))};
        if (!m.id.empty() && senders.contains(m.sender)) found.push_back(std::move(m));
    }
    return found;
}

} // namespace vmail::tools
