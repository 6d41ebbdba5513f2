#include <vmail/ldap/answerable.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/utf8.hpp>

#include <vmail/ldap/attribute_name.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/filter_item.hpp>

namespace vmail::ldap {

namespace {

bool is_boolean(std::string_view value) { return value == "TRUE" || value == "FALSE"; }

bool is_integer(std::string_view value) {
    const auto digits = value.substr(value.starts_with('-') ? 1 : 0);
    return ascii::is_digits(digits) && (digits.front() != '0' || value == "0");
}

bool is_text(std::string_view value) { return !value.empty() && utf8::is_valid(value); }

bool is_name(std::string_view value) {
    try {
        dn::parse(value);
        return true;
    } catch (const invalid_value&) {
        return false;
    }
}

bool is_uuid(std::string_view value) {
    constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::equal(value.begin(), value.end(), shape.begin(), shape.end(), [](char c, char s) { return s == 'x' ? ascii::is_xdigit(c) : c == s; });
}

/// RFC 4517 section 3.3.13: minutes and seconds may be left out, the zone may not.
bool is_time(std::string_view value) {
    const auto digits = std::min(value.find_first_not_of("0123456789"), value.size());
    const bool whole = digits == 10 || digits == 12 || digits == 14;
    auto rest = value.substr(digits);
    const bool has_fraction = rest.size() > 1 && (rest[0] == '.' || rest[0] == ',') && ascii::is_digit(rest[1]);
    if (has_fraction) rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
    const bool offset = (rest.size() == 3 || rest.size() == 5) && (rest.front() == '+' || rest.front() == '-') && ascii::is_digits(rest.substr(1));
    return whole && (rest == "Z" || offset);
}

constexpr std::string_view directory_string = "1.3.6.1.4.1.1466.115.121.1.15", ia5_string = "1.3.6.1.4.1.1466.115.121.1.26";

/// The syntaxes of RFC 4517 (and RFC 4530) that people write values of.
struct syntax_row {
    std::string_view oid, wanted;
    bool (*holds)(std::string_view);
};
constexpr std::array syntaxes = {
    syntax_row{"1.3.6.1.4.1.1466.115.121.1.7", "TRUE or FALSE", is_boolean},
    syntax_row{"1.3.6.1.4.1.1466.115.121.1.12", "a distinguished name", is_name},
    syntax_row{directory_string, "text in UTF-8 that is not empty", is_text},
    syntax_row{"1.3.6.1.4.1.1466.115.121.1.24", "a moment like 20261231235959Z", is_time},
    syntax_row{ia5_string, "ASCII text", [](std::string_view value) { return ascii::is_ascii(value); }},
    syntax_row{"1.3.6.1.4.1.1466.115.121.1.27", "a whole number", is_integer},
    syntax_row{"1.3.6.1.1.16.1", "a UUID", is_uuid},
};

/// Rules of slapd that its subschema does not name.
bool is_of_slapd(std::string_view rule) {
    constexpr std::array names = {"dnSubtreeMatch", "dnOneLevelMatch", "dnSubordinateMatch", "dnSuperiorMatch"};
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return ascii::iequals(name, rule); });
}

/// Holds one comparison against the subschema.
class judge {
public:
    judge(const filter_item& item, const subschema& known) : item_(item), known_(known) {}

    void require_answerable() const {
        if (item_.comparison == comparison::extensible) return require_extensible();
        require_attribute();
        switch (item_.comparison) {
        case comparison::presence: return;
        case comparison::equality:
        case comparison::approximate: require_rule(known_.has_equality(item_.attribute), "equality"); break;
        case comparison::substrings: require_rule(known_.has_substrings(item_.attribute), "substrings"); return require_pieces();
        case comparison::ordering: require_rule(known_.has_ordering(item_.attribute), "ordering"); break;
        case comparison::extensible: break;
        }
        require_value();
    }

private:
    [[noreturn]] void refuse(const std::string& why) const {
        throw invalid_value(fmt::format("the server cannot answer {} in the filter, and would find nothing: {}", printable(item_.text), why));
    }

    void require_attribute() const {
        if (!known_.has_attribute(item_.attribute)) refuse(fmt::format("it knows no attribute {}", item_.attribute));
    }

    void require_rule(bool there, std::string_view kind) const {
        if (!there) refuse(fmt::format("{} has no rule for {}", item_.attribute, kind));
    }

    void require_value() const {
        if (known_.is_class_list(item_.attribute)) return require_class();
        require_syntax(known_.syntax(item_.attribute), item_.attribute);
    }

    void require_syntax(std::string_view syntax, std::string_view of) const {
        const auto* const row = std::find_if(syntaxes.begin(), syntaxes.end(), [&](const auto& s) { return s.oid == syntax; });
        if (row != syntaxes.end() && !row->holds(item_.values.front())) refuse(fmt::format("a value of {} is {}", of, row->wanted));
    }

    void require_class() const {
        const std::string& name = item_.values.front();
        if (!is_attribute_type(name) || !known_.has_class(name)) refuse(fmt::format("it knows no object class {}", quoted(name)));
    }

    /// A piece of a value need not be a value; its characters are those of one.
    void require_pieces() const {
        const auto syntax = known_.syntax(item_.attribute);
        const auto is_ia5 = [&](std::string_view piece) { return syntax != ia5_string || ascii::is_ascii(piece); };
        const auto is_utf8 = [&](std::string_view piece) { return syntax != directory_string || utf8::is_valid(piece); };
        if (!std::all_of(item_.values.begin(), item_.values.end(), is_ia5)) refuse(fmt::format("a value of {} is ASCII text", item_.attribute));
        if (!std::all_of(item_.values.begin(), item_.values.end(), is_utf8)) refuse(fmt::format("a value of {} is text in UTF-8", item_.attribute));
    }

    void require_extensible() const {
        if (!item_.attribute.empty()) require_attribute();
        if (item_.rule.empty()) {
            require_rule(known_.has_equality(item_.attribute), "equality");
            return require_value();
        }
        if (is_of_slapd(item_.rule)) return;
        if (!known_.has_matching_rule(item_.rule)) refuse(fmt::format("it knows no matching rule {}", item_.rule));
        if (!item_.attribute.empty() && !known_.is_rule_for(item_.rule, item_.attribute)) refuse(fmt::format("{} is no rule for {}", item_.rule, item_.attribute));
        require_syntax(known_.syntax_of_rule(item_.rule), item_.rule);
    }

    const filter_item& item_;
    const subschema& known_;
};

} // namespace

void require_answerable(const filter& f, const subschema& known) {
    if (known.empty()) return;
    for (const auto& item : items_of(f)) judge(item, known).require_answerable();
}

} // namespace vmail::ldap
