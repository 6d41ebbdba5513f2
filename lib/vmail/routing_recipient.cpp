#include <algorithm>
#include <array>

#include <vmail/ascii.hpp>

#include <vmail/routing_recipient.hpp>

namespace vmail::routing {

namespace {

bool is_special(char c) {
    constexpr std::string_view specials = "()<>@,;:\\\"[]";
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || specials.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view local) {
    const bool dots_are_between = !local.starts_with('.') && !local.ends_with('.') && local.find("..") == std::string_view::npos;
    return !local.empty() && dots_are_between && std::none_of(local.begin(), local.end(), is_special);
}

std::string in_quotes(std::string_view local) {
    std::string quoted = "\"";
    for (const char c : local) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string out_of_quotes(std::string_view local) {
    if (local.size() < 2 || !local.starts_with('"') || !local.ends_with('"')) return std::string(local);
    local = local.substr(1, local.size() - 2);
    std::string bare;
    for (std::size_t i = 0; i < local.size(); ++i) {
        if (local[i] == '\\' && i + 1 < local.size()) ++i;
        bare += local[i];
    }
    return bare;
}

std::string joined(std::string_view local, std::string_view domain) {
    return domain.empty() ? std::string(local) : std::string(local) + '@' + std::string(domain);
}

bool is_never_split(std::string_view local, std::string_view delimiters) {
    constexpr std::array whole = {std::string_view("postmaster"), std::string_view("mailer-daemon"), std::string_view("double-bounce")};
    if (std::any_of(whole.begin(), whole.end(), [&](std::string_view w) { return ascii::iequals(w, local); })) return true;
    if (delimiters.find('-') == std::string_view::npos) return false;
    constexpr std::string_view owner = "owner-", request = "-request"; // owner_request_special
    return ascii::iequals(local.substr(0, owner.size()), owner) ||
           (local.size() > request.size() && ascii::iequals(local.substr(local.size() - request.size()), request));
}

} // namespace

recipient recipient::parse(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos) return {out_of_quotes(text), {}};
    return {out_of_quotes(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::string recipient::text() const { return joined(local.empty() || is_dot_atom(local) ? local : in_quotes(local), domain); }

std::string recipient::key() const { return ascii::to_lower(text()); }

std::string recipient::bare_key() const { return ascii::to_lower(joined(local, domain)); }

std::optional<recipient> dovecot_user(const recipient& r, std::string_view delimiters) {
    recipient user{r.local.substr(0, delimiters.empty() ? std::string::npos : r.local.find_first_of(delimiters)), r.domain};
    const bool is_name = !user.local.empty() && std::none_of(user.local.begin(), user.local.end(), is_special);
    return is_name ? std::optional(std::move(user)) : std::nullopt;
}

std::optional<extended> without_extension(const recipient& r, std::string_view delimiters) {
    const std::size_t at = delimiters.empty() ? std::string::npos : r.local.find_first_of(delimiters);
    if (at == std::string::npos || at == 0 || is_never_split(r.local, delimiters)) return std::nullopt;
    return extended{{r.local.substr(0, at), r.domain}, r.local.substr(at)};
}

} // namespace vmail::routing
