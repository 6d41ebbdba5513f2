#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/mail_store/folder_path.hpp>

namespace vmail::mail_store {

namespace {

constexpr std::size_t most_components = 32, longest_component = 255;

std::vector<std::string_view> components_of(std::string_view text) {
    std::vector<std::string_view> all;
    for (std::size_t slash = 0; slash != std::string_view::npos; text.remove_prefix(slash == std::string_view::npos ? 0 : slash + 1)) {
        slash = text.find('/');
        all.push_back(text.substr(0, slash));
    }
    return all;
}

bool is_component(std::string_view part) {
    return !part.empty() && part.size() <= longest_component && part.front() != '.' && part.front() != '-' && ascii::all_printable(part);
}

} // namespace

folder_path folder_path::parse(std::string_view relative, std::string_view domain) {
    const std::string_view text = relative.ends_with('/') ? relative.substr(0, relative.size() - 1) : relative;
    const auto parts = components_of(text);
    if (parts.size() < 2 || parts.size() > most_components || !std::all_of(parts.begin(), parts.end(), is_component))
        throw invalid_value(fmt::format("{} is no folder of mail that anything is done to: that is two components or more below the home of all mail, none hidden or leading elsewhere", vmail::quoted(relative)));
    const bool in_domain = std::any_of(parts.begin(), parts.end() - 1, [&](std::string_view part) { return ascii::iequals(part, domain); });
    if (!domain.empty() && !in_domain)
        throw invalid_value(fmt::format("the folder {} bears the name of another domain than {}", vmail::quoted(relative), vmail::quoted(domain)));
    return folder_path(std::string(text));
}

} // namespace vmail::mail_store
