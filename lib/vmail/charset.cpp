#include <array>
#include <cstddef>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/utf8.hpp>

#include <vmail/charset.hpp>
#include <vmail/charset_table.hpp>

namespace vmail {

namespace {

constexpr std::array<std::pair<std::string_view, charset>, 8> names = {{{"utf-8", charset::utf_8},
                                                                       {"utf8", charset::utf_8},
                                                                       {"iso-8859-1", charset::iso_8859_1},
                                                                       {"latin1", charset::iso_8859_1},
                                                                       {"iso-8859-2", charset::iso_8859_2},
                                                                       {"iso-8859-15", charset::iso_8859_15},
                                                                       {"windows-1252", charset::windows_1252},
                                                                       {"cp1252", charset::windows_1252}}};

char32_t code_point(unsigned char byte, charset set) {
    if (byte < 0x80) return byte;
    const std::size_t i = byte - 0x80U;
    switch (set) {
    case charset::iso_8859_2: return charset_table::iso_8859_2[i];
    case charset::iso_8859_15: return charset_table::iso_8859_15[i];
    case charset::windows_1252: return charset_table::windows_1252[i];
    case charset::utf_8: return 0xFFFD;
    case charset::iso_8859_1: break;
    }
    return byte;
}

bool has_utf8_character(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto c = utf8::decode(bytes);
        if (c.valid && c.length > 1) return true;
        bytes.remove_prefix(c.length);
    }
    return false;
}

decoding replace_invalid(std::string_view line, std::string& out) {
    while (!line.empty()) {
        const auto c = utf8::decode(line);
        utf8::append(out, c.valid ? c.code_point : U'\uFFFD');
        line.remove_prefix(c.length);
    }
    return decoding::doubtful;
}

constexpr bool is_c1(char32_t c) { return c >= 0x80 && c < 0xA0; }

} // namespace

std::optional<charset> parse_charset(std::string_view name) noexcept {
    for (const auto& [known, set] : names)
        if (ascii::iequals(known, name)) return set;
    return {};
}

decoding decode(std::string_view line, charset set, std::string& out) {
    if (ascii::is_ascii(line) || utf8::is_valid(line)) {
        out += line;
        return decoding::as_is;
    }
    if (set == charset::utf_8) return replace_invalid(line, out);
    bool control = false;
    for (const char byte : line) {
        const char32_t c = code_point(static_cast<unsigned char>(byte), set);
        control |= is_c1(c);
        utf8::append(out, c);
    }
    return control || has_utf8_character(line) ? decoding::doubtful : decoding::converted;
}

} // namespace vmail
