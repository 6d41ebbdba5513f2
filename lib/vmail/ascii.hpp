#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Character classes and case of ASCII, whatever the locale. A byte above 127 is in no class and folds to itself.
namespace vmail::ascii {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_alpha(char c) noexcept { return is_upper(c) || is_lower(c); }
constexpr bool is_alnum(char c) noexcept { return is_alpha(c) || is_digit(c); }
constexpr bool is_xdigit(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
/// Blank and horizontal tab.
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
/// 0x20 to 0x7E.
constexpr bool is_printable(char c) noexcept { return c >= ' ' && c <= '~'; }
constexpr bool is_ascii(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }

constexpr char to_lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr char to_upper(char c) noexcept { return is_lower(c) ? static_cast<char>(c - ('a' - 'A')) : c; }

inline std::string to_lower(std::string_view text) {
    std::string folded(text);
    for (char& c : folded) c = to_lower(c);
    return folded;
}

inline std::string to_upper(std::string_view text) {
    std::string folded(text);
    for (char& c : folded) c = to_upper(c);
    return folded;
}

/// Or-s what `test` returns for the words of a text, eight bytes at a time: conversions look at gigabytes. Each byte is in some word, no other byte in any.
template <typename Test> std::uint64_t any_of_words(std::string_view text, Test test) noexcept {
    constexpr std::size_t width = sizeof(std::uint64_t);
    if (text.empty()) return 0;
    std::uint64_t found = 0;
    std::uint64_t word = 0;
    if (text.size() < width) {
        word = 0x0101010101010101U * static_cast<unsigned char>(text.back());
        for (const char c : text) word = (word << 8U) | static_cast<unsigned char>(c);
        return test(word);
    }
    for (std::size_t i = 0; i + width <= text.size(); i += width) {
        std::memcpy(&word, text.data() + i, width);
        found |= test(word);
    }
    std::memcpy(&word, text.data() + text.size() - width, width);
    return found | test(word);
}

/// Whether every byte is below 0x80.
inline bool is_ascii(std::string_view text) noexcept {
    return (any_of_words(text, [](std::uint64_t word) { return word; }) & 0x8080808080808080U) == 0;
}

/// Whether every byte is 0x20 to 0x7E.
inline bool all_printable(std::string_view text) noexcept {
    // A byte below 0x20 borrows from its high bit, and 0x7F carries into it; neighbours are disturbed only when a byte is found.
    const auto test = [](std::uint64_t word) { return word | (word + 0x0101010101010101U) | ((word - 0x2020202020202020U) & ~word); };
    return (any_of_words(text, test) & 0x8080808080808080U) == 0;
}

/// Whether there is at least one byte and every byte is a digit.
constexpr bool is_digits(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Negative, zero or positive, as the folded bytes (unsigned) compare.
constexpr int icompare(std::string_view a, std::string_view b) noexcept {
    const std::size_t shared = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < shared; ++i) {
        const int difference = static_cast<unsigned char>(to_lower(a[i])) - static_cast<unsigned char>(to_lower(b[i]));
        if (difference != 0) return difference;
    }
    return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
}

constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && (a == b || icompare(a, b) == 0);
}

constexpr bool istarts_with(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

/// Equal for texts that iequals() calls equal (FNV-1a of the folded bytes). For tables in memory, never for storage.
constexpr std::size_t ihash(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(to_lower(c))) * 0x100000001b3U;
    return static_cast<std::size_t>(hash);
}

/// For std::unordered_map<std::string, T, ihasher, iequal_to>; both take a string_view without making a string.
struct ihasher {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return ihash(text); }
};

struct iequal_to {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept { return iequals(a, b); }
};

/// For std::map and std::set.
struct iless {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept { return icompare(a, b) < 0; }
};

} // namespace vmail::ascii
