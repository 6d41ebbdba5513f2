#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/attribute_name.hpp>
#include <vmail/ldap/base64.hpp>

#include <vmail/ldap/ldif_writer.hpp>

namespace vmail::ldap {

namespace {

constexpr std::size_t fold_at = 76;

/// RFC 2849 SAFE-STRING without control bytes, which are safe in a file and not on a terminal, and without a blank at the end, which
/// editors cut off.
bool is_plain(std::string_view value) noexcept {
    if (value.empty()) return true;
    const char first = value.front();
    if (first == ' ' || first == ':' || first == '<' || value.back() == ' ') return false;
    // No early exit: this is the inner loop of large exports, and so it is vectorized.
    bool plain = true;
    for (const char c : value) plain &= ascii::is_printable(c);
    return plain;
}

void fold(std::string& out, std::size_t line_start) {
    if (out.size() - line_start <= fold_at) return;
    const std::string rest = out.substr(line_start + fold_at);
    out.resize(line_start + fold_at);
    for (std::size_t i = 0; i < rest.size(); i += fold_at - 1) {
        out += "\n ";
        out.append(rest, i, fold_at - 1);
    }
}

/// Precondition: the name is one.
void append_line(std::string& out, std::string_view name, std::string_view value) {
    const std::size_t start = out.size();
    out += name;
    if (is_plain(value)) {
        out += value.empty() ? ":" : ": ";
        out += value;
    } else {
        out += ":: ";
        append_base64(out, value);
    }
    fold(out, start);
    out += '\n';
}

void check_name(std::string_view name) {
    if (!is_attribute_description(name)) throw invalid_value(fmt::format("{} is not the name of an attribute", quoted(name)));
}

void append_values(std::string& out, const entry_view& e, const entry_view::attribute& a) {
    check_name(a.name);
    for (const auto value : e.values(a)) append_line(out, a.name, value);
}

std::string_view word_for(change what) {
    switch (what) {
    case change::add: return "add";
    case change::remove: return "delete";
    case change::replace: break;
    }
    return "replace";
}

void append_change(std::string& out, const modification& m) {
    check_name(m.attribute);
    if (m.what == change::add && m.values.empty()) throw invalid_value(fmt::format("no value of {} to add", m.attribute));
    append_line(out, word_for(m.what), m.attribute);
    for (const auto& value : m.values) append_line(out, m.attribute, value);
    out += "-\n";
}

} // namespace

void ldif_writer::begin(const dn& name) {
    record_.clear();
    append_line(record_, "dn", name.text());
}

void ldif_writer::begin(const entry_view& e) {
    if (!dn::is_text(e.dn_text())) return begin(e.dn());
    record_.clear();
    append_line(record_, "dn", e.dn_text());
}

void ldif_writer::append_attributes(const entry_view& e) {
    if (e.attributes().empty()) throw invalid_value(fmt::format("{} has no attributes", e.dn().text()));
    const auto* const classes = e.find("objectClass");
    if (classes != nullptr) append_values(record_, e, *classes);
    for (const auto& a : e.attributes())
        if (&a != classes) append_values(record_, e, a);
}

void ldif_writer::end() {
    record_ += '\n';
    out_.write(record_.data(), static_cast<std::streamsize>(record_.size()));
}

void ldif_writer::write(const entry_view& e) {
    begin(e);
    append_attributes(e);
    end();
}

void ldif_writer::write(const entry& e) { write(entry_view(e)); }

void ldif_writer::write_add(const entry& e) {
    begin(e.dn());
    record_ += "changetype: add\n";
    append_attributes(entry_view(e));
    end();
}

void ldif_writer::write_modify(const dn& name, const std::vector<modification>& changes) {
    if (changes.empty()) return;
    begin(name);
    record_ += "changetype: modify\n";
    for (const auto& m : changes) append_change(record_, m);
    end();
}

void ldif_writer::write_delete(const dn& name) {
    begin(name);
    record_ += "changetype: delete\n";
    end();
}

void ldif_writer::write_rename(const dn& name, const dn& new_name, bool keep_old_value) {
    if (new_name.empty()) throw invalid_value(fmt::format("no new name for {}", name.text()));
    begin(name);
    record_ += "changetype: modrdn\n";
    append_line(record_, "newrdn", new_name.first_rdn().text());
    record_ += keep_old_value ? "deleteoldrdn: 0\n" : "deleteoldrdn: 1\n";
    if (new_name.parent() != name.parent()) append_line(record_, "newsuperior", new_name.parent().text());
    end();
}

namespace {

struct record_of {
    ldif_writer& out;
    void operator()(const add_request& r) const { out.write_add(r.entry); }
    void operator()(const modify_request& r) const { out.write_modify(r.dn, r.changes); }
    void operator()(const delete_request& r) const { out.write_delete(r.dn); }
    void operator()(const rename_request& r) const { out.write_rename(r.dn, r.new_dn, r.keep_old_value); }
};

} // namespace

void ldif_writer::write(const write_request& request) { std::visit(record_of{*this}, request); }

void ldif_writer::write_comment(std::string_view text) {
    record_.clear();
    while (true) {
        const auto line_end = text.find('\n');
        record_ += "# " + printable(text.substr(0, line_end)) + '\n';
        if (line_end == std::string_view::npos) break;
        text.remove_prefix(line_end + 1);
    }
    out_.write(record_.data(), static_cast<std::streamsize>(record_.size()));
}

std::string ldif_line(std::string_view name, std::string_view value) {
    check_name(name);
    std::string out;
    append_line(out, name, value);
    return out;
}

} // namespace vmail::ldap
