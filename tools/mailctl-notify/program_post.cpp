#include <chrono>

#include <sysexits.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/program.hpp>

#include "program_post.hpp"

namespace vmail::tools {

namespace {

constexpr std::chrono::minutes longest{2};

std::string first_line(const std::string& text) { return harmless(text.substr(0, text.find('\n'))); }

bool is_of_this_one(int status) { return status == EX_DATAERR || status == EX_NOUSER || status == EX_NOHOST; }

} // namespace

posting program_post::send(const std::string& message, const std::string& /* named in the message */) {
    const auto name = printable(sendmail_.native());
    try {
        const auto ended = run_program({sendmail_.native(), "-t", "-i", "-f", sender_.empty() ? "<>" : sender_}, message, longest);
        if (ended.was_late) return {posted::unavailable, fmt::format("{} did not end within {} s", name, std::chrono::seconds(longest).count())};
        if (ended.status == EX_OK) return {};
        const auto said = first_line(ended.said);
        return {is_of_this_one(ended.status) ? posted::refused : posted::unavailable, fmt::format("{} ended with {}{}{}", name, ended.status, said.empty() ? "" : ": ", said)};
    } catch (const unavailable& e) {
        return {posted::unavailable, e.what()};
    }
}

} // namespace vmail::tools
