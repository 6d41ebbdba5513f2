#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string_view>

#include <vmail/ascii.hpp>
#include <vmail/password_cost.hpp>
#include <vmail/password_form.hpp>

namespace vmail {

namespace {

using cost = std::optional<std::string>;

// Some seconds of a core each, and never more than a GiB.
constexpr std::uint64_t most_rounds = 20'000'000, most_bcrypt = 16, most_kib = 1'048'576, most_passes = 64;
constexpr std::size_t most_memory_letter = 18; // 2^18 blocks: the dearest that crypt_gensalt(3) makes

constexpr std::string_view alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The number at the beginning; the largest for one that does not fit, 0 for none.
std::uint64_t number_at(std::string_view text) {
    std::uint64_t n = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), n);
    return parsed.ec == std::errc::result_out_of_range ? std::numeric_limits<std::uint64_t>::max() : n;
}

std::string_view up_to(std::string_view text, std::string_view ends) { return text.substr(0, text.find_first_of(ends)); }

/// "rounds=5000", "m=65536": named, in any part.
cost named(std::string_view body, std::string_view name, std::uint64_t most) {
    for (std::size_t at = body.find(name); at != std::string_view::npos; at = body.find(name, at + 1)) {
        if (at == 0 || (body[at - 1] != '$' && body[at - 1] != ',')) continue;
        if (number_at(body.substr(at + name.size())) > most) return std::string(up_to(body.substr(at), "$,"));
    }
    return std::nullopt;
}

/// A number that stands between the "$" behind a prefix and the next one.
cost counted(std::string_view body, std::string_view prefix, std::uint64_t most) {
    if (!body.starts_with(prefix) || number_at(body.substr(prefix.size())) <= most) return std::nullopt;
    return std::string(prefix) + std::string(up_to(body.substr(prefix.size()), "$"));
}

/// A letter of the alphabet, the logarithm of a size, between what crypt_gensalt(3) writes before and one of those that it writes behind: by any other parameters
/// a login may take as long as by a bigger size.
cost lettered(std::string_view body, std::string_view prefix, std::string_view before, std::initializer_list<std::string_view> behind) {
    if (!body.starts_with(prefix)) return std::nullopt;
    const std::string_view parameters = body.substr(prefix.size());
    const std::size_t at = before.size();
    const bool is_usual = parameters.starts_with(before) && parameters.size() > at && alphabet.find(parameters[at]) <= most_memory_letter &&
                          std::any_of(behind.begin(), behind.end(), [&](std::string_view b) { return parameters.substr(at + 1).starts_with(b); });
    if (is_usual) return std::nullopt;
    return std::string(prefix) + std::string(up_to(parameters, "$"));
}

cost of_crypt(std::string_view body) {
    for (const std::string_view bcrypt : {"$2a$", "$2b$", "$2x$", "$2y$"})
        if (auto found = counted(body, bcrypt, most_bcrypt)) return found;
    if (auto found = counted(body, "$sha1$", most_rounds)) return found;
    for (const std::string_view yescrypt : {"$y$", "$gy$"})
        if (auto found = lettered(body, yescrypt, "j", {"5$", "T$"})) return found;
    if (auto found = lettered(body, "$7$", "", {"6..../....", "U..../...."})) return found;
    return named(body, "rounds=", most_rounds);
}

cost of_argon2(std::string_view body) {
    if (auto memory = named(body, "m=", most_kib)) return memory;
    return named(body, "t=", most_passes);
}

} // namespace

std::optional<std::string> unbearable_cost(const password_hash& hash) {
    const std::string value = hash.to_attribute();
    const auto [scheme, body] = split_stored_password(value);
    if (ascii::iequals(scheme, "CRYPT")) return of_crypt(body);
    if (ascii::to_upper(scheme).starts_with("ARGON2")) return of_argon2(body);
    if (ascii::to_upper(scheme).starts_with("PBKDF2")) return counted(body, "", most_rounds);
    return std::nullopt;
}

} // namespace vmail
