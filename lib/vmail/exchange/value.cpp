#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/exchange/value.hpp>

namespace vmail::exchange {

namespace {

struct form_row {
    form what;
    std::string_view name, explanation;
};
constexpr std::array forms = {
    form_row{form::text, "text", "a line of text"},
    form_row{form::paragraph, "paragraph", "lines of text"},
    form_row{form::flag, "flag", "true or false"},
    form_row{form::number, "number", "a whole number"},
    form_row{form::size_or_domain, "size", "a size such as 500M or 2G, none, or domain"},
    form_row{form::size_or_server, "size", "a size such as 500M or 2G, none, or server"},
    form_row{form::limits, "limits", "limits such as 200/1h or 200/1h,1000/1d, or none"},
    form_row{form::limits_or_domain, "limits", "limits such as 200/1h or 200/1h,1000/1d, none, or domain"},
    form_row{form::day, "day", "a day such as 2026-12-31, or a date and time"},
    form_row{form::minute, "minute", "a date and time such as 2026-08-01 14:30"},
    form_row{form::address, "address", "a mail address"},
    form_row{form::addresses, "addresses", "mail addresses"},
    form_row{form::domain, "domain", "the name of a domain"},
    form_row{form::domains, "domains", "names of domains"},
    form_row{form::hash, "hash", "a password hash such as {CRYPT}$y$..."},
};

const form_row& row_of(form f) noexcept {
    return *std::find_if(forms.begin(), forms.end(), [f](const form_row& r) { return r.what == f; });
}

[[noreturn]] void refuse(form f, std::string_view text) { throw invalid_value(fmt::format("{} is not {}", vmail::quoted(text), explain(f))); }

bool flag_of(std::string_view text) {
    constexpr std::array<std::string_view, 3> yes = {"yes", "true", "1"}, no = {"no", "false", "0"};
    const auto is = [text](std::string_view word) { return ascii::iequals(word, text); };
    if (std::any_of(yes.begin(), yes.end(), is)) return true;
    if (std::any_of(no.begin(), no.end(), is)) return false;
    refuse(form::flag, text);
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc() || end != text.data() + text.size() || number < 0) refuse(form::number, text);
    return number;
}

std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// Where quotes (RFC 5321, with pairs of a backslash) go on, from one byte to the next.
class quotes {
public:
    bool are_open() const noexcept { return is_open_; }
    bool are_open_at(char c) noexcept {
        const bool is_inside = is_open_;
        if (is_escaped_) is_escaped_ = false;
        else if (is_open_ && c == '\\') is_escaped_ = true;
        else if (c == '"') is_open_ = !is_open_;
        return is_inside;
    }

private:
    bool is_open_ = false, is_escaped_ = false;
};

/// What a backslash outside of quotes stands before, so that it is part of a text. Before all else it is itself.
constexpr std::string_view escapes = "\\,\"";

bool is_escape(std::string_view text, std::size_t at) { return text[at] == '\\' && at + 1 < text.size() && escapes.find(text[at + 1]) != std::string_view::npos; }

/// Commas part them, but in quotes and after a backslash, which is that of escaped().
std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> parts;
    std::string part;
    quotes q;
    const auto end = [&] {
        if (const auto bare = without_blanks(part); !bare.empty()) parts.emplace_back(bare);
        part.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!q.are_open() && is_escape(text, i)) {
            part += text[++i];
            continue;
        }
        const bool is_quoted = q.are_open_at(text[i]);
        if (!is_quoted && text[i] == ',') end();
        else part += text[i];
    }
    end();
    return parts;
}

bool quotes_end(std::string_view text) {
    quotes q;
    for (const char c : text) q.are_open_at(c);
    return !q.are_open();
}

/// One of several, so that it is one again when it is read: others may have put a comma into it.
std::string escaped(const std::string& one) {
    std::string text;
    quotes q;
    const bool have_ends = quotes_end(one); // those that have none are signs like others
    for (std::size_t i = 0; i < one.size(); ++i) {
        const bool is_quoted = have_ends && q.are_open_at(one[i]);
        const bool is_sign = one[i] == ',' || (one[i] == '"' && !have_ends) || is_escape(one, i) || (one[i] == '\\' && i + 1 == one.size());
        if (!is_quoted && is_sign) text += '\\';
        text += one[i];
    }
    return text;
}

struct as_text {
    std::string operator()(null) const { return {}; }
    std::string operator()(bool truth) const { return truth ? "yes" : "no"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::string>& texts) const {
        std::string all;
        for (const std::string& one : texts) all += (all.empty() ? "" : ", ") + escaped(one);
        return all;
    }
};

bool fits(form f, const value& v) {
    if (f == form::flag) return std::holds_alternative<bool>(v);
    if (f == form::number) return std::holds_alternative<std::int64_t>(v) && std::get<std::int64_t>(v) >= 0;
    if (is_several(f)) return std::holds_alternative<std::vector<std::string>>(v);
    return std::holds_alternative<std::string>(v);
}

} // namespace

std::string_view name(form f) noexcept { return row_of(f).name; }
std::string_view explain(form f) noexcept { return row_of(f).explanation; }

value from_text(form f, std::string_view text) {
    if (f == form::flag) return flag_of(text);
    if (f == form::number) return number_of(text);
    if (is_several(f)) return parts_of(text);
    return std::string(text);
}

std::string to_text(const value& v) { return std::visit(as_text{}, v); }

void require_form(form f, const value& v) {
    if (!std::holds_alternative<null>(v) && !fits(f, v)) throw invalid_value(fmt::format("{} is expected, not {}", explain(f), vmail::quoted(to_text(v))));
}

} // namespace vmail::exchange
