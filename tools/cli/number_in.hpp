#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/printable.hpp>

namespace vmail::tools {

/// What an option takes that is bound to a number: digits alone, so that "010" is ten and "-1" is none.
inline CLI::Validator number_in(std::uint64_t least, std::uint64_t most) {
    return {[least, most](std::string& text) {
                std::uint64_t n = 0;
                const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), n);
                if (fault != std::errc() || end != text.data() + text.size() || n < least || n > most) return fmt::format("{} is no number from {} to {}", vmail::quoted(text), least, most);
                text = std::to_string(n);
                return std::string();
            },
            ""};
}

} // namespace vmail::tools
