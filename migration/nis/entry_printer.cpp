#include <sstream>

#include <vmail/ascii.hpp>
#include <vmail/ldap/ldif_writer.hpp>

#include "aliases.hpp"
#include "entry_printer.hpp"
#include "gecos.hpp"

namespace vmail::nis {

namespace {

// Letters that no real value has in this order; see the conditions of stencil.
constexpr std::string_view local_marker = "QzLocalPart";
constexpr std::string_view login_marker = "QzLogin";
constexpr std::string_view name_marker = "QzFullName";
constexpr std::string_view surname_marker = "QzSurname";
constexpr std::string_view password_marker = "{CRYPT}QzPassword";
constexpr std::string_view target_marker = "QzTarget@example.org";

constexpr std::array<std::string_view, 5> account_markers = {local_marker, login_marker, name_marker, surname_marker, password_marker};
constexpr std::array<std::string_view, 2> alias_markers = {local_marker, target_marker};

stencil make_account_stencil(const entry_maker& make, bool has_shadow) {
    account sample;
    sample.login = login_marker;
    sample.local_part = local_marker;
    sample.password = {crypt_field::kind::scheme, password_marker};
    return {make.account_frame(sample, person::named_so(name_marker, surname_marker), has_shadow, {}), account_markers};
}

/// Postmaster has another name in the tree; what needs quotes, or escapes in a DN, is too rare to be worth it.
bool is_plain_local_part(std::string_view text) {
    return stencil::is_plain_in_dn(text) && is_dot_atom(text) && !ascii::iequals(text, "postmaster");
}

stencil make_alias_stencil(const entry_maker& make) { return {make.alias(local_marker, {target_marker}), alias_markers}; }

} // namespace

entry_printer::entry_printer(const options& o)
    : make_(o), account_stencils_{make_account_stencil(make_, false), make_account_stencil(make_, true)}, alias_stencil_(make_alias_stencil(make_)) {}

void entry_printer::print(const ldap::entry& e) {
    std::ostringstream record;
    ldap::ldif_writer(record).write(e);
    text_.lines(record.str());
}

void entry_printer::account(const nis::account& a, const shadow_record* shadow, const std::vector<std::string_view>& forward) {
    if (!forward.empty() || !is_plain_local_part(a.local_part) || !stencil::is_plain_in_dn(a.login)) return print(make_.account(a, shadow, forward));
    const person p(a.gecos, a.login);
    password_.clear();
    if (a.password.has_value()) a.password.append_attribute(password_);
    const std::array<std::string_view, account_markers.size()> values = {a.local_part, a.login, p.full_name, p.surname, password_};
    std::array<marker_values, account_markers.size()> holes;
    for (std::size_t i = 0; i < values.size(); ++i) holes[i] = marker_values(&values[i], values[i].empty() ? 0 : 1);
    account_stencil(shadow != nullptr).write(text_, holes);
    make_.details(a, p, shadow, [this](std::string_view attribute, std::string_view value) { text_.line(attribute, value); });
    text_.end_record();
}

void entry_printer::alias(std::string_view local_part, const std::vector<std::string_view>& targets) {
    if (!is_plain_local_part(local_part)) return print(make_.alias(local_part, targets));
    const std::array<marker_values, alias_markers.size()> holes = {marker_values(&local_part, 1), targets};
    alias_stencil_.write(text_, holes);
    text_.end_record();
}

} // namespace vmail::nis
