#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/utf8.hpp>

#include <vmail/ldap/attribute_name.hpp>
#include <vmail/ldap/base64.hpp>
#include <vmail/ldap/ldif_lines.hpp>

#include <vmail/ldap/ldif_reader.hpp>

namespace vmail::ldap {

namespace {

/// A logical line taken apart.
struct field {
    std::string name;
    std::string value;
    std::size_t line = 0;

    bool is(std::string_view other) const noexcept { return ascii::iequals(name, other); }
};

std::string_view without_fill(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text;
}

std::vector<std::string>& values_of(std::vector<attribute>& attributes, const std::string& name) {
    const auto is_it = [&](const attribute& a) { return ascii::iequals(a.name, name); };
    // Nearly always the last one.
    const auto at = std::find_if(attributes.rbegin(), attributes.rend(), is_it);
    if (at != attributes.rend()) return at->values;
    attributes.push_back({name, {}});
    return attributes.back().values;
}

} // namespace

const ldap::dn& ldif_record::dn() const {
    struct visitor {
        const ldap::dn& operator()(const ldif_add& r) const { return r.entry.dn(); }
        const ldap::dn& operator()(const ldif_modify& r) const { return r.dn; }
        const ldap::dn& operator()(const ldif_delete& r) const { return r.dn; }
        const ldap::dn& operator()(const ldif_rename& r) const { return r.dn; }
    };
    return std::visit(visitor{}, what);
}

struct ldif_reader::state {
    state(std::istream& in, std::string file, std::size_t first) : lines(in, std::move(file), first) {}

    std::optional<ldif_record> read_record();

    bool skip_to_record();
    bool take_version();
    bool take_line();
    std::optional<field> take_field();
    field take_field(std::string_view name, std::string_view where);
    field split(logical_lines::line l) const;
    std::string decode(std::string_view raw, std::size_t line) const;

    dn parse_dn(const field& f) const;
    decltype(ldif_record::what) read_change(dn name, const field& type);
    ldif_add read_attributes(dn name, std::optional<field> f);
    ldif_modify read_modify(dn name);
    modification read_modification(const field& f, bool& is_last);
    ldif_rename read_rename(dn name);
    bool parse_flag(const field& f) const;
    void expect_end();

    [[noreturn]] void fail(std::size_t line, std::string_view sentence) const { lines.fail(line, sentence); }

    logical_lines lines;
    logical_lines::line current; ///< what take_line() gave last
    bool at_start = true;        ///< where "version: 1" may stand
    bool ended = false;
};

/// The next line of the record, or false at its end.
bool ldif_reader::state::take_line() {
    auto l = lines.next();
    if (!l || l->text.empty()) return false;
    current = *std::move(l);
    return true;
}

std::optional<field> ldif_reader::state::take_field() {
    if (!take_line()) return std::nullopt;
    return split(current);
}

field ldif_reader::state::take_field(std::string_view name, std::string_view where) {
    auto f = take_field();
    if (!f) fail(current.last, fmt::format("\"{}:\" is missing at the end of {}", name, where));
    if (!f->is(name)) fail(f->line, fmt::format("{} where \"{}:\" belongs", quoted(f->name + ":"), name));
    return *std::move(f);
}

field ldif_reader::state::split(logical_lines::line l) const {
    const auto colon = l.text.find(':');
    if (colon == std::string::npos) fail(l.first, fmt::format("{} has no colon", quoted(l.text)));
    auto name = l.text.substr(0, colon);
    if (!is_attribute_description(name)) fail(l.first, fmt::format("{} is not the name of an attribute", quoted(name)));
    return {std::move(name), decode(std::string_view(l.text).substr(colon + 1), l.first), l.first};
}

/// What stands behind the first colon.
std::string ldif_reader::state::decode(std::string_view raw, std::size_t line) const {
    if (raw.starts_with('<')) fail(line, "a value from a URL is not read: put the value into the file, in base64");
    if (raw.starts_with(':')) {
        auto bytes = base64_decode(without_fill(raw.substr(1)));
        if (!bytes) fail(line, "a value behind \"::\" that is not base64");
        return *std::move(bytes);
    }
    const auto value = without_fill(raw);
    if (!utf8::is_valid(value)) fail(line, "a value that is not UTF-8: convert the file, or write the value in base64");
    return std::string(value);
}

/// Leaves the first line of a record in `current`; false at the end of the file.
bool ldif_reader::state::skip_to_record() {
    while (auto l = lines.next()) {
        if (l->text.empty()) continue;
        current = *std::move(l);
        if (!take_version()) return true;
    }
    return false;
}

bool ldif_reader::state::take_version() {
    if (!std::exchange(at_start, false) || !ascii::istarts_with(current.text, "version:")) return false;
    if (split(current).value != "1") fail(current.first, "an LDIF version other than 1");
    return true;
}

dn ldif_reader::state::parse_dn(const field& f) const {
    try {
        return dn::parse(f.value);
    } catch (const invalid_value& problem) {
        fail(f.line, problem.what());
    }
}

std::optional<ldif_record> ldif_reader::state::read_record() {
    if (!skip_to_record()) return std::nullopt;
    const std::size_t first_line = current.first;
    const auto head = split(current);
    if (!head.is("dn")) fail(head.line, fmt::format("a record that begins with {} and not with \"dn:\"", quoted(head.name + ":")));
    auto name = parse_dn(head);
    auto second = take_field();
    if (!second) fail(head.line, "a record that has a name and nothing else");
    if (second->is("control")) fail(second->line, "controls are not supported");
    ldif_record record{ldif_delete{}, first_line, 0};
    if (second->is("changetype"))
        record.what = read_change(std::move(name), *second);
    else
        record.what = read_attributes(std::move(name), std::move(second));
    record.last_line = current.last;
    return record;
}

decltype(ldif_record::what) ldif_reader::state::read_change(dn name, const field& type) {
    const auto is = [&](std::string_view word) { return ascii::iequals(type.value, word); };
    if (is("add")) return read_attributes(std::move(name), take_field());
    if (is("modify")) return read_modify(std::move(name));
    if (is("modrdn") || is("moddn")) return read_rename(std::move(name));
    if (!is("delete")) fail(type.line, fmt::format("an unknown changetype {}", quoted(type.value)));
    expect_end();
    return ldif_delete{std::move(name)};
}

ldif_add ldif_reader::state::read_attributes(dn name, std::optional<field> f) {
    if (!f) fail(current.last, "an entry without attributes");
    std::vector<attribute> attributes;
    for (; f; f = take_field()) {
        if (f->is("dn")) fail(f->line, "a second \"dn:\" in one record: an empty line is missing before it");
        if (f->is("changetype")) fail(f->line, "\"changetype:\" must stand right after \"dn:\"");
        values_of(attributes, f->name).push_back(std::move(f->value));
    }
    ldif_add record{entry(std::move(name))};
    for (auto& a : attributes) record.entry.set(a.name, std::move(a.values));
    return record;
}

ldif_modify ldif_reader::state::read_modify(dn name) {
    ldif_modify record{std::move(name), {}};
    bool is_last = false;
    while (auto f = is_last ? std::nullopt : take_field()) record.changes.push_back(read_modification(*f, is_last));
    if (record.changes.empty()) fail(current.last, "a modify without changes");
    return record;
}

/// From "add: ATTRIBUTE" to its "-", or to the end of the record: ldapmodify does not ask for the last "-" either. Between the two a name never is a verb: values of an attribute named "delete" stand there as "delete: TRUE".
modification ldif_reader::state::read_modification(const field& f, bool& is_last) {
    modification m;
    if (f.is("add"))
        m.what = change::add;
    else if (f.is("delete"))
        m.what = change::remove;
    else if (!f.is("replace"))
        fail(f.line, fmt::format("{} where \"add:\", \"delete:\" or \"replace:\" belongs", quoted(f.name + ":")));
    m.attribute = f.value;
    if (!is_attribute_description(m.attribute)) fail(f.line, fmt::format("{} is not the name of an attribute", quoted(m.attribute)));
    while (true) {
        is_last = !take_line();
        if (is_last || current.text == "-") break;
        auto value = split(current);
        if (!value.is(m.attribute)) fail(value.line, fmt::format("{} where a value of {} or a \"-\" belongs", quoted(value.name + ":"), m.attribute));
        m.values.push_back(std::move(value.value));
    }
    if (m.what == change::add && m.values.empty()) fail(f.line, fmt::format("no value of {} to add", m.attribute));
    return m;
}

ldif_rename ldif_reader::state::read_rename(dn name) {
    ldif_rename record{std::move(name), {}};
    const auto new_rdn = take_field("newrdn", "a rename");
    const auto parsed = parse_dn(new_rdn);
    if (parsed.depth() != 1) fail(new_rdn.line, fmt::format("{} is not one relative name", quoted(new_rdn.value)));
    record.new_rdn = parsed.rdns().front();
    record.delete_old_rdn = parse_flag(take_field("deleteoldrdn", "a rename"));
    if (const auto f = take_field()) {
        if (!f->is("newsuperior")) fail(f->line, fmt::format("{} where \"newsuperior:\" or an empty line belongs", quoted(f->name + ":")));
        record.new_superior = parse_dn(*f);
        expect_end();
    }
    return record;
}

bool ldif_reader::state::parse_flag(const field& f) const {
    if (f.value != "0" && f.value != "1") fail(f.line, fmt::format("{} is neither 0 nor 1", quoted(f.value)));
    return f.value == "1";
}

void ldif_reader::state::expect_end() {
    if (take_line()) fail(current.first, fmt::format("{} where an empty line belongs", quoted(current.text)));
}

ldif_reader::ldif_reader(std::istream& in, std::string file_name, std::size_t first_line)
    : state_(std::make_unique<state>(in, std::move(file_name), first_line)) {}
ldif_reader::ldif_reader(ldif_reader&&) noexcept = default;
ldif_reader& ldif_reader::operator=(ldif_reader&&) noexcept = default;
ldif_reader::~ldif_reader() = default;

std::optional<ldif_record> ldif_reader::next() {
    if (std::exchange(state_->ended, true)) return std::nullopt;
    auto record = state_->read_record();
    state_->ended = !record;
    return record;
}

} // namespace vmail::ldap
