#include <vmail/exchange/conversions.hpp>

namespace vmail::exchange {

namespace {

using how = const conversion&;

constexpr std::array domain_table = {
    field<backup_domain>{{"domain", form::domain, {attr::vd, {}}, writer::site, "its name"}, [](const backup_domain& d, how) -> value { return d.name.text(); }, no_set<backup_domain>},
    description_field<backup_domain>(writer::site),
    active_field<backup_domain>(writer::site),
    reason_field<backup_domain>(writer::site),
    comment_field<backup_domain>(writer::site),
};

constexpr std::array mail_table = {
    field<backup_mail>{{"address", form::address, {attr::mail, {}}, writer::site, "an address that mail is taken for; @example.net is all of the domain"},
                       [](const backup_mail& m, how) -> value { return m.address.text(); }, no_set<backup_mail>},
    description_field<backup_mail>(writer::site),
    active_field<backup_mail>(writer::site),
    reason_field<backup_mail>(writer::site),
    comment_field<backup_mail>(writer::site),
};

} // namespace

template <> std::span<const field<backup_domain>> fields_of<backup_domain>() noexcept { return domain_table; }
template <> std::span<const field<backup_mail>> fields_of<backup_mail>() noexcept { return mail_table; }

} // namespace vmail::exchange
