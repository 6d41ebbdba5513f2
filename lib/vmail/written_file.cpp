#include <cstdint>

#include <fmt/format.h>

#include <vmail/written_file.hpp>

namespace vmail {

namespace {

constexpr std::string_view sign = ": change the settings and not this file, digest ";

/// FNV-1a: it is accidents that it has to notice.
std::string digest(std::string_view text) {
    std::uint64_t sum = 14695981039346656037U;
    for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return fmt::format("{:016x}", sum);
}

std::string first_line(std::string_view text, std::string_view writer) { return fmt::format("# Written by {}{}{}\n", writer, sign, digest(text)); }

/// The digest in the mark of a text; nothing where it has none.
std::optional<std::string_view> digest_in(std::string_view text) {
    const auto line = text.substr(0, text.find('\n'));
    const auto at = line.find(sign);
    if (!line.starts_with("# Written by ") || at == std::string_view::npos) return std::nullopt;
    return line.substr(at + sign.size());
}

std::string_view below_first_line(std::string_view text) {
    const auto end = text.find('\n');
    return end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
}

} // namespace

std::string marked(std::string_view text, std::string_view writer) { return first_line(text, writer).append(text); }

file_standing judge_file(const std::optional<std::string>& there, std::string_view text) {
    if (!there) return file_standing::absent;
    if (*there == text) return file_standing::same;
    const auto claimed = digest_in(*there);
    if (!claimed) return file_standing::foreign;
    return *claimed == digest(below_first_line(*there)) ? file_standing::written : file_standing::edited;
}

} // namespace vmail
