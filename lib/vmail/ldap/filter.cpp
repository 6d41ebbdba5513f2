#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/attribute_name.hpp>
#include <vmail/ldap/hex.hpp>

#include <vmail/ldap/filter.hpp>

namespace vmail::ldap {

namespace {

constexpr std::size_t max_text = 64 * 1024;
constexpr int max_depth = 64;

constexpr std::array<bool, 256> make_plain_bytes() {
    std::array<bool, 256> plain{};
    for (unsigned byte = 0; byte < 128; ++byte) plain[byte] = ascii::is_alnum(static_cast<char>(byte));
    for (const char c : std::string_view(" -._@/:,=+'")) plain[static_cast<unsigned char>(c)] = true;
    return plain;
}
constexpr auto plain_bytes = make_plain_bytes();

void append_value(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (plain_bytes[static_cast<unsigned char>(c)])
            out += c;
        else
            append_escaped(out, c);
    }
}

std::string item(std::string_view attribute, std::string_view before_value, std::string_view value, std::string_view after_value = "") {
    if (!is_attribute_description(attribute)) throw invalid_value(fmt::format("{} is not the name of an attribute", quoted(attribute)));
    std::string out = "(";
    out += attribute;
    out += before_value;
    append_value(out, value);
    out += after_value;
    out += ')';
    return out;
}

std::string set(char what, const std::vector<filter>& parts) {
    std::string out = {'(', what};
    for (const auto& part : parts) out += part.text();
    return out + ')';
}

/// RFC 4515 section 3, with blanks between the parts of a set. What it accepts it writes anew, with our own escaping.
class parser {
public:
    explicit parser(std::string_view text) : text_(text) {}

    std::string parse() {
        parse_filter(0);
        skip_blanks();
        if (!at_end()) fail("text after its end");
        return std::move(out_);
    }

private:
    bool at_end() const noexcept { return at_ == text_.size(); }
    bool at(char c) const noexcept { return !at_end() && text_[at_] == c; }

    bool take(char c) noexcept {
        if (!at(c)) return false;
        ++at_;
        return true;
    }

    void skip_blanks() noexcept {
        while (take(' ')) {
        }
    }

    [[noreturn]] void fail(std::string_view what) const {
        throw invalid_value(fmt::format("{} is not a search filter: {} at byte {}", quoted(text_), what, at_ + 1));
    }

    void expect(char c) {
        if (!take(c)) fail(fmt::format("a \"{}\" is missing", c));
        out_ += c;
    }

    void parse_filter(int depth) {
        if (depth > max_depth) fail("too many filters inside each other");
        skip_blanks();
        expect('(');
        skip_blanks();
        if (at('&') || at('|'))
            parse_set(depth);
        else if (at('!'))
            parse_negation(depth);
        else
            parse_item();
        expect(')');
    }

    void parse_set(int depth) {
        out_ += text_[at_++];
        for (skip_blanks(); at('('); skip_blanks()) parse_filter(depth + 1);
    }

    void parse_negation(int depth) {
        expect('!');
        parse_filter(depth + 1);
        skip_blanks();
    }

    void parse_item() {
        const std::size_t start = at_;
        while (!at_end() && std::string_view("=()").find(text_[at_]) == std::string_view::npos) ++at_;
        if (!at('=')) fail("a comparison is missing");
        auto left = text_.substr(start, at_ - start);
        ++at_;
        if (!left.empty() && left.back() == ':') return parse_extensible(left.substr(0, left.size() - 1));
        const bool may_have_asterisks = left.empty() || std::string_view("<>~").find(left.back()) == std::string_view::npos;
        const auto name = may_have_asterisks ? left : left.substr(0, left.size() - 1);
        if (!is_attribute_description(name)) fail(fmt::format("{} is not the name of an attribute", quoted(name)));
        out_ += left;
        out_ += '=';
        parse_value(may_have_asterisks);
    }

    /// [attribute] [":dn"] [":" rule] ":=" value
    void parse_extensible(std::string_view left) {
        const auto name = left.substr(0, left.find(':'));
        auto rest = left.substr(name.size());
        if (ascii::istarts_with(rest, ":dn") && (rest.size() == 3 || rest[3] == ':')) rest.remove_prefix(3);
        const bool good_rule = rest.empty() ? !name.empty() : is_attribute_type(rest.substr(1));
        if (!good_rule || (!name.empty() && !is_attribute_description(name)))
            fail(fmt::format("{} is not an attribute with a matching rule", quoted(left)));
        out_ += left;
        out_ += ":=";
        parse_value(false);
    }

    void parse_value(bool may_have_asterisks) {
        bool after_asterisk = false;
        while (!at_end() && !at(')')) {
            const bool asterisk = at('*');
            if (asterisk && (!may_have_asterisks || after_asterisk)) fail("a \"*\" that must be written \\2a");
            if (asterisk) {
                out_ += text_[at_++];
            } else {
                const char byte = parse_byte();
                append_value(out_, {&byte, 1});
            }
            after_asterisk = asterisk;
        }
    }

    char parse_byte() {
        if (at('(')) fail("a \"(\" that must be written \\28");
        if (at('\0')) fail("a NUL that must be written \\00");
        if (!take('\\')) return text_[at_++];
        const auto byte = decode_hex_pair(text_.substr(at_));
        if (!byte) fail("a backslash without two hexadecimal digits (a backslash itself is \\5c)");
        at_ += 2;
        return *byte;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
};

} // namespace

filter filter::present(std::string_view attribute) { return filter(item(attribute, "=*", "")); }

filter filter::equal(std::string_view attribute, std::string_view value) { return filter(item(attribute, "=", value)); }

filter filter::less_or_equal(std::string_view attribute, std::string_view value) { return filter(item(attribute, "<=", value)); }

filter filter::greater_or_equal(std::string_view attribute, std::string_view value) { return filter(item(attribute, ">=", value)); }

filter filter::begins_with(std::string_view attribute, std::string_view value) { return filter(item(attribute, "=", value, "*")); }

filter filter::ends_with(std::string_view attribute, std::string_view value) { return filter(item(attribute, "=*", value)); }

filter filter::contains(std::string_view attribute, std::string_view value) {
    return value.empty() ? present(attribute) : filter(item(attribute, "=*", value, "*"));
}

filter filter::approximately(std::string_view attribute, std::string_view value) { return filter(item(attribute, "~=", value)); }

filter filter::all_of(const std::vector<filter>& parts) { return filter(set('&', parts)); }

filter filter::any_of(const std::vector<filter>& parts) { return filter(set('|', parts)); }

filter filter::negation(const filter& part) { return filter("(!" + part.text() + ")"); }

filter filter::parse(std::string_view text) {
    if (text.size() > max_text) throw invalid_value(fmt::format("a search filter of {} bytes is too long", text.size()));
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) throw invalid_value("a search filter is empty");
    if (text[first] == '(') return filter(parser(text).parse());
    return filter(parser(fmt::format("({})", text)).parse());
}

} // namespace vmail::ldap
