#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/attribute_name.hpp>
#include <vmail/ldap/hex.hpp>

#include <vmail/ldap/dn.hpp>

namespace vmail::ldap {

namespace {

constexpr std::size_t max_text = 64 * 1024;
constexpr std::size_t max_depth = 256;

constexpr std::array<bool, 256> make_plain_bytes() {
    std::array<bool, 256> plain{};
    for (unsigned byte = 0; byte < 128; ++byte) plain[byte] = ascii::is_alnum(static_cast<char>(byte));
    for (const char c : std::string_view("-._@/:'() ")) plain[static_cast<unsigned char>(c)] = true;
    return plain;
}
constexpr auto plain_bytes = make_plain_bytes();

void append_value(std::string& out, std::string_view value) {
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const bool blank_at_an_end = c == ' ' && (i == 0 || i + 1 == value.size());
        if (plain_bytes[static_cast<unsigned char>(c)] && !blank_at_an_end)
            out += c;
        else
            append_escaped(out, c);
    }
}

/// ASCII case folded, blanks at the ends dropped, runs of blanks made one; a value of nothing but blanks is one blank (RFC 4518 section 2.6.1).
std::string fold_value(std::string_view value) {
    std::string folded;
    folded.reserve(value.size());
    bool blank_pending = false;
    for (const char c : value) {
        if (c == ' ') {
            blank_pending = true;
            continue;
        }
        if (blank_pending && !folded.empty()) folded += ' ';
        blank_pending = false;
        folded += ascii::to_lower(c);
    }
    return folded.empty() ? " " : folded;
}

std::string key_of(const attribute_value& ava) {
    std::string key = ascii::to_lower(ava.type) + '=';
    append_value(key, fold_value(ava.value));
    return key;
}

std::string key_of(const dn::rdn& name) {
    if (name.size() == 1) return key_of(name.front());
    std::vector<std::string> parts;
    for (const auto& ava : name) parts.push_back(key_of(ava));
    std::sort(parts.begin(), parts.end());
    return fmt::format("{}", fmt::join(parts, "+"));
}

constexpr bool is_escapable(char c) noexcept { return std::string_view(R"( "#+,;<=>\)").find(c) != std::string_view::npos; }
constexpr bool must_be_escaped(char c) noexcept { return std::string_view("\";<>\0", 5).find(c) != std::string_view::npos; }

/// The content of a BER string of a kind that holds bytes or text, in the definite form.
std::optional<std::string> string_in_ber(std::string_view ber) {
    constexpr std::string_view string_tags = "\x04\x0c\x12\x13\x16\x1a";
    if (ber.size() < 2 || string_tags.find(ber[0]) == std::string_view::npos) return std::nullopt;
    std::size_t length = static_cast<unsigned char>(ber[1]);
    ber.remove_prefix(2);
    if (length > 0x80) {
        const std::size_t length_bytes = length & 0x7FU;
        if (length_bytes > 2 || ber.size() < length_bytes) return std::nullopt;
        length = 0;
        for (const char c : ber.substr(0, length_bytes)) length = length << 8U | static_cast<unsigned char>(c);
        ber.remove_prefix(length_bytes);
    }
    if (length != ber.size()) return std::nullopt;
    return std::string(ber);
}

/// RFC 4514 section 3, with blanks around the separators.
class parser {
public:
    explicit parser(std::string_view text) : text_(text) {}

    std::vector<dn::rdn> parse() {
        std::vector<dn::rdn> names;
        if (text_.empty()) return names;
        if (text_.size() > max_text) throw invalid_value(fmt::format("a distinguished name of {} bytes is too long", text_.size()));
        do {
            if (names.size() == max_depth) fail("it has too many parts");
            names.push_back(parse_rdn());
        } while (take(','));
        return names;
    }

private:
    bool at_end() const noexcept { return at_ == text_.size(); }

    bool take(char c) noexcept {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    void skip_blanks() noexcept {
        while (take(' ')) {
        }
    }

    [[noreturn]] void fail(std::string_view what) const {
        throw invalid_value(fmt::format("{} is not a distinguished name: {} at byte {}", quoted(text_), what, at_ + 1));
    }

    dn::rdn parse_rdn() {
        dn::rdn name;
        do {
            auto ava = parse_ava();
            // X.501: the types in one RDN differ. slapd refuses the others as well.
            if (std::any_of(name.begin(), name.end(), [&](const auto& other) { return ascii::iequals(other.type, ava.type); }))
                fail("the same attribute type twice in one part");
            name.push_back(std::move(ava));
        } while (take('+'));
        return name;
    }

    attribute_value parse_ava() {
        attribute_value ava;
        ava.type = parse_type();
        skip_blanks();
        if (!take('=')) fail("a \"=\" is missing");
        skip_blanks();
        ava.value = take('#') ? parse_ber() : parse_string();
        if (ava.value.empty()) fail("an empty value");
        return ava;
    }

    std::string parse_type() {
        skip_blanks();
        const std::size_t start = at_;
        while (!at_end() && (ascii::is_alnum(text_[at_]) || text_[at_] == '-' || text_[at_] == '.')) ++at_;
        const auto type = text_.substr(start, at_ - start);
        if (!is_attribute_type(type)) fail("an attribute type is missing");
        return std::string(type);
    }

    std::string parse_ber() {
        std::string ber;
        while (const auto byte = decode_hex_pair(text_.substr(at_))) {
            ber += *byte;
            at_ += 2;
        }
        skip_blanks();
        if (!at_separator()) fail("a digit that is not hexadecimal");
        auto value = string_in_ber(ber);
        if (!value) fail("a \"#\" value that holds no string");
        return *std::move(value);
    }

    bool at_separator() const noexcept { return at_end() || text_[at_] == ',' || text_[at_] == '+'; }

    std::string parse_string() {
        std::string value;
        std::size_t end = 0; // behind it are only unescaped blanks
        while (!at_separator()) {
            if (must_be_escaped(text_[at_])) fail(fmt::format("{} without a backslash", quoted(text_.substr(at_, 1))));
            const bool blank = text_[at_] == ' ';
            value += parse_byte();
            if (!blank) end = value.size();
        }
        value.resize(end);
        return value;
    }

    char parse_byte() {
        if (!take('\\')) return text_[at_++];
        if (const auto byte = decode_hex_pair(text_.substr(at_))) {
            at_ += 2;
            return *byte;
        }
        if (at_end() || !is_escapable(text_[at_])) fail("a backslash that escapes nothing");
        return text_[at_++];
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

dn dn::parse(std::string_view text) {
    dn name;
    name.rdns_ = parser(text).parse();
    return name;
}

dn dn::child(std::string_view type, std::string_view value) const {
    if (!is_attribute_type(type)) throw invalid_value(fmt::format("{} is not an attribute type", quoted(type)));
    if (value.empty()) throw invalid_value(fmt::format("the name of an entry below {} has an empty {}", quoted(text()), type));
    if (depth() == max_depth) throw invalid_value("a distinguished name has too many parts");
    dn below;
    below.rdns_.reserve(depth() + 1);
    below.rdns_.push_back({{std::string(type), std::string(value)}});
    below.rdns_.insert(below.rdns_.end(), rdns_.begin(), rdns_.end());
    return below;
}

dn dn::parent() const {
    dn above;
    if (!empty()) above.rdns_.assign(rdns_.begin() + 1, rdns_.end());
    return above;
}

dn dn::renamed_below(const dn& new_parent) const {
    dn moved = new_parent;
    if (!empty()) moved.rdns_.insert(moved.rdns_.begin(), rdns_.front());
    return moved;
}

dn dn::rebased(const dn& from, const dn& to) const {
    if (!is_within(from)) return *this;
    dn moved = to;
    moved.rdns_.insert(moved.rdns_.begin(), rdns_.begin(), rdns_.end() - static_cast<std::ptrdiff_t>(from.depth()));
    return moved;
}

dn dn::first_rdn() const {
    dn own;
    if (!empty()) own.rdns_.push_back(rdns_.front());
    return own;
}

std::string dn::text() const {
    std::string out;
    out.reserve(depth() * 32);
    for (const auto& name : rdns_) {
        if (!out.empty()) out += ',';
        for (const auto& ava : name) {
            if (&ava != &name.front()) out += '+';
            out += ava.type;
            out += '=';
            append_value(out, ava.value);
        }
    }
    return out;
}

namespace {

/// TYPE=VALUE where nothing is escaped.
bool is_plain_rdn(std::string_view rdn) noexcept {
    const auto middle = rdn.find('=');
    if (middle == std::string_view::npos || !is_keystring(rdn.substr(0, middle))) return false;
    const auto value = rdn.substr(middle + 1);
    if (value.empty() || value.front() == ' ' || value.back() == ' ') return false;
    return std::all_of(value.begin(), value.end(), [](char c) { return plain_bytes[static_cast<unsigned char>(c)]; });
}

} // namespace

bool dn::is_text(std::string_view text) noexcept {
    if (text.empty() || text.size() > max_text / 2) return false;
    std::size_t depth = 0;
    for (;;) {
        const auto end = text.find(',');
        if (++depth > max_depth || !is_plain_rdn(text.substr(0, end))) return false;
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 1);
    }
}

std::string dn::key() const {
    std::string out;
    out.reserve(depth() * 32);
    for (const auto& name : rdns_) {
        if (!out.empty()) out += ',';
        out += key_of(name);
    }
    return out;
}

bool dn::is_within(const dn& base) const {
    return depth() >= base.depth() && std::equal(base.rdns_.rbegin(), base.rdns_.rend(), rdns_.rbegin(),
                                                 [](const rdn& a, const rdn& b) { return a == b || key_of(a) == key_of(b); });
}

} // namespace vmail::ldap
