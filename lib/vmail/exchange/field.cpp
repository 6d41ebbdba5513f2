#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/exchange/field.hpp>

namespace vmail::exchange {

namespace {

template <typename Entity>
void set(Entity& e, const field<Entity>& f, const value& v, const conversion& c) {
    try {
        require_form(f.form, v);
        if (is_nonsense(e, f) || f.get(e, c) != v) f.set(e, v, c);
    } catch (const invalid_value& fault) {
        throw invalid_value(fmt::format("{}: {}", f.name, fault.what()), {.hint = fault.hint()});
    }
    for (const std::string_view attribute : f.attributes)
        if (!attribute.empty()) e.forget_problem(attribute);
}

} // namespace

std::string_view name(writer w) noexcept {
    switch (w) {
    case writer::owner: return "owner";
    case writer::editor: return "editor";
    case writer::administrator: return "administrator";
    case writer::himself: return "himself";
    case writer::site: break;
    }
    return "site";
}

std::string_view explain(writer w) noexcept {
    switch (w) {
    case writer::owner: return "the owner, and administrators of the domain who may edit accounts";
    case writer::editor: return "administrators of the domain who may edit accounts";
    case writer::administrator: return "all administrators of the domain";
    case writer::himself: return "the administrator himself";
    case writer::site: break;
    }
    return "the site's administrators alone";
}

void set_field(domain& e, const field<domain>& f, const value& v, const conversion& c) { set(e, f, v, c); }
void set_field(mailbox& e, const field<mailbox>& f, const value& v, const conversion& c) { set(e, f, v, c); }
void set_field(alias& e, const field<alias>& f, const value& v, const conversion& c) { set(e, f, v, c); }
void set_field(mailing_list& e, const field<mailing_list>& f, const value& v, const conversion& c) { set(e, f, v, c); }
void set_field(admin& e, const field<admin>& f, const value& v, const conversion& c) { set(e, f, v, c); }
void set_field(backup_domain& e, const field<backup_domain>& f, const value& v, const conversion& c) { set(e, f, v, c); }
void set_field(backup_mail& e, const field<backup_mail>& f, const value& v, const conversion& c) { set(e, f, v, c); }

} // namespace vmail::exchange
