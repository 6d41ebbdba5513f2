#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <vmail/utf8.hpp>

#include "json.hpp"
#include "remedy_words.hpp"

namespace vmail::tools {

namespace {

/// What stands for itself between quotation marks.
constexpr bool is_plain(char c) noexcept { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

void append_unit(std::string& out, char32_t unit) {
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    out += "\\u";
    for (unsigned shift = 16; shift > 0; shift -= 4) out += hexadecimal[unit >> (shift - 4) & 0xFU];
}

void append_escaped(std::string& out, char32_t c) {
    constexpr std::string_view with_letter = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
    const auto at = c < 0x80 ? with_letter.find(static_cast<char>(c)) : std::string_view::npos;
    if (at != std::string_view::npos) {
        (out += '\\') += letters[at];
    } else if (c < 0x10000) {
        append_unit(out, c);
    } else { // a surrogate pair (RFC 8259 section 7)
        append_unit(out, 0xD7C0U + (c >> 10U));
        append_unit(out, 0xDC00U + (c & 0x3FFU));
    }
}

void append_text(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && is_plain(text[plain])) ++plain;
        out.append(text, 0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const auto c = utf8::decode(text);
        append_escaped(out, c.valid ? c.code_point : U'\uFFFD');
        text.remove_prefix(c.length);
    }
    out += '"';
}

template <typename Items, typename Append>
void append_list(std::string& out, const Items& items, const Append& append) {
    out += '[';
    bool first = true;
    for (const auto& item : items) {
        if (!std::exchange(first, false)) out += ',';
        append(item);
    }
    out += ']';
}

void append_object(std::string& out, const record& r);

struct append_value {
    std::string& out;

    void operator()(std::monostate) const { out += "null"; }
    void operator()(nonsense) const { out += "null"; }
    void operator()(unlimited) const { out += "null"; }
    void operator()(bool truth) const { out += truth ? "true" : "false"; }
    void operator()(std::int64_t number) const { out += fmt::format_int(number).c_str(); }
    void operator()(double number) const {
        if (!std::isfinite(number)) return (*this)(std::monostate{});
        const std::string digits = fmt::format("{}", number);
        out += digits;
        if (digits.find_first_of(".e") == std::string::npos) out += ".0";
    }
    void operator()(const std::string& text) const { append_text(out, text); }
    void operator()(const paragraph& p) const { append_text(out, p.text); }
    void operator()(const std::vector<std::string>& texts) const {
        append_list(out, texts, [this](const std::string& text) { append_text(out, text); });
    }
    void operator()(const records& several) const {
        append_list(out, several.items, [this](const record& r) { append_object(out, r); });
    }
};

void append_object(std::string& out, const record& r) {
    out += '{';
    for (const field& f : r) {
        if (&f != &r.front()) out += ',';
        append_text(out, f.name);
        out += ':';
        std::visit(append_value{out}, f.value);
    }
    out += '}';
}

} // namespace

std::string json_object(const record& r) {
    std::string line;
    append_json(line, r);
    return line;
}

void append_json(std::string& out, const record& r) { append_object(out, r); }

std::string json_message(std::string_view word, std::string_view sentence) { return json_object({{"version", std::int64_t{1}}, {word, std::string(sentence)}}); }

std::string json_failure(const error& e, int exit_status) {
    record details{{"kind", std::string(name(e.kind()))}, {"message", std::string(e.what())}};
    if (!e.dn().empty()) details.push_back({"dn", e.dn()});
    if (e.ldap_code() != 0) details.push_back({"ldap_code", std::int64_t{e.ldap_code()}});
    if (const auto what_to_do = advice(e); !what_to_do.empty()) details.push_back({"hint", what_to_do});
    details.push_back({"exit_status", std::int64_t{exit_status}});
    return R"({"version":1,"error":)" + json_object(details) + '}';
}

} // namespace vmail::tools
