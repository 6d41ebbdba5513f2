#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "diagnostics.hpp"
#include "exit_status.hpp"
#include "json.hpp"
#include "remedy_words.hpp"

namespace vmail::tools {

namespace {

constexpr std::string_view red = "\033[1;31m";
constexpr std::string_view yellow = "\033[1;33m";
constexpr std::string_view plain = "\033[0m";

} // namespace

// One write for a line, so that those of several programs on one terminal do not mix.
void diagnostics::write(const std::string& text) const {
    const bool written = std::fwrite(text.data(), 1, text.size(), stderr) == text.size();
    if (!written && errno != EPIPE && errno != EBADF) has_lost_something_ = true;
}

void diagnostics::write_line(std::string line) const { write(line += '\n'); }

void diagnostics::text(const std::string& text) const { write(text); }

void diagnostics::say(std::string_view word, std::string_view colour, std::string_view sentence) const {
    if (options_.json) return write_line(json_message(word, sentence));
    const auto label = options_.colour && !colour.empty() ? fmt::format("{}{}:{}", colour, word, plain) : fmt::format("{}:", word);
    const bool names_program = word == "error" || word == "warning";
    const auto said = harmless(sentence); // whatever somebody forgot
    write_line(names_program ? fmt::format("{}: {} {}", options_.program, label, said) : fmt::format("{} {}", label, said));
}

void diagnostics::note(std::string_view sentence) const {
    if (!options_.quiet) say("note", {}, sentence);
}

void diagnostics::detail(std::string_view sentence) const {
    if (options_.verbose) say("note", {}, sentence);
}

void diagnostics::warning(std::string_view sentence) const { say("warning", yellow, sentence); }

void diagnostics::failure(const error& e) const { failure(e, exit_status_of(e)); }

void diagnostics::failure(const error& e, int exit_status) const {
    if (options_.json) return write_line(json_failure(e, exit_status));
    say("error", red, e.what());
    if (options_.verbose && e.ldap_code() != 0)
        say("note", {}, fmt::format("the server's answer was {}: {}", ldap_code_name(e.ldap_code()), printable(e.diagnostic())));
    if (const auto what_to_do = advice(e); !what_to_do.empty()) say("hint", {}, what_to_do);
}

} // namespace vmail::tools
