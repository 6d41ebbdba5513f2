#include <algorithm>
#include <cstdint>

#include <vmail/ascii.hpp>
#include <vmail/utf8.hpp>

#include "folder_name.hpp"

namespace vmail::mbox {

namespace {

// RFC 3501 section 5.1.3: "," instead of "/".
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

std::string shifted(const std::u16string& units) {
    std::string text = "&";
    std::uint32_t bits = 0;
    int count = 0;
    for (const char16_t unit : units) {
        bits = (bits << 16) | unit;
        for (count += 16; count >= 6; count -= 6) text += base64_digits[(bits >> (count - 6)) & 63];
    }
    if (count > 0) text += base64_digits[(bits << (6 - count)) & 63];
    return text + '-';
}

void append_utf16(std::u16string& units, char32_t c) {
    if (c < 0x10000) {
        units += static_cast<char16_t>(c);
        return;
    }
    units += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
    units += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
}

/// The UTF-16 units of such digits; bits that make no whole one are left out.
std::u16string units_of(std::string_view digits) {
    std::u16string units;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : digits) {
        bits = (bits << 6) | static_cast<std::uint32_t>(base64_digits.find(c));
        if ((count += 6) < 16) continue;
        count -= 16;
        units += static_cast<char16_t>((bits >> count) & 0xFFFF);
    }
    return units;
}

bool is_first_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xD800; }
bool is_second_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xDC00; }

/// No ASCII, which has to stand for itself, and every surrogate in its pair.
bool may_be_shifted(const std::u16string& units) {
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (units[i] < 0x80 || is_second_surrogate(units[i])) return false;
        if (is_first_surrogate(units[i]) && (++i == units.size() || !is_second_surrogate(units[i]))) return false;
    }
    return true;
}

/// "&...-" without these two.
bool is_shifted(std::string_view digits) {
    if (digits.find_first_not_of(base64_digits) != std::string_view::npos) return false;
    const std::u16string units = units_of(digits);
    return may_be_shifted(units) && shifted(units) == '&' + std::string(digits) + '-';
}

/// Only what we would write ourselves: servers open no folder that could have another name as well.
bool is_modified_utf7(std::string_view name) {
    if (!ascii::is_ascii(name)) return false;
    for (bool behind_shift = false;;) {
        const std::size_t begin = name.find('&');
        if (begin == std::string_view::npos) return true;
        name.remove_prefix(begin + 1);
        const std::size_t end = name.find('-');
        if (end == std::string_view::npos) return false;
        if (end > 0 && ((behind_shift && begin == 0) || !is_shifted(name.substr(0, end)))) return false;
        behind_shift = end > 0;
        name.remove_prefix(end + 1);
    }
}

char legal(char c) { return c == '.' || c == '/' || static_cast<unsigned char>(c) < ' ' || c == '\x7F' ? '_' : c; }

} // namespace

std::string to_modified_utf7(std::string_view utf8) {
    std::string text;
    std::u16string pending;
    const auto flush = [&] {
        if (!pending.empty()) text += shifted(pending);
        pending.clear();
    };
    while (!utf8.empty()) {
        const auto c = utf8::decode(utf8);
        utf8.remove_prefix(c.length);
        if (!c.valid || c.code_point > '~' || c.code_point < ' ') {
            append_utf16(pending, c.valid ? c.code_point : U'\uFFFD');
            continue;
        }
        flush();
        text += static_cast<char>(c.code_point);
        if (c.code_point == '&') text += '-';
    }
    flush();
    return text;
}

std::string part_of(std::string_view name) {
    std::string part(name);
    std::transform(part.begin(), part.end(), part.begin(), legal);
    if (is_modified_utf7(part)) return part;
    return to_modified_utf7(utf8::is_valid(part) ? part : utf8::from_latin1(part));
}

folder_name folder_name::of_path(const std::vector<std::string>& names) {
    folder_name folder;
    for (const std::string& name : names)
        if (!name.empty()) folder.parts_.push_back(part_of(name));
    if (!folder.parts_.empty()) folder.name_first_part();
    return folder;
}

/// INBOX has one spelling for all of its folders, and "~" would be somebody's home.
void folder_name::name_first_part() {
    std::string& first = parts_.front();
    if (first.front() == '~') first.front() = '_';
    if (!ascii::iequals(first, "INBOX")) return;
    first = "INBOX";
    if (parts_.size() == 1) parts_.clear();
}

folder_name folder_name::of_text(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t slash = std::min(text.find('/'), text.size());
        names.emplace_back(text.substr(0, slash));
        text.remove_prefix(std::min(slash + 1, text.size()));
    }
    return of_path(names);
}

std::string folder_name::imap() const {
    if (is_inbox()) return "INBOX";
    return directory().substr(1);
}

std::string folder_name::directory() const {
    std::string text;
    for (const std::string& part : parts_) text += '.' + part;
    return text;
}

} // namespace vmail::mbox
