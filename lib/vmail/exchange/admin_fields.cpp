#include <vmail/exchange/conversions.hpp>

namespace vmail::exchange {

namespace {

using how = const conversion&;
using admin_field = field<admin>;

void require_virtual(const admin& a) {
    if (a.is_postmaster()) throw invalid_value("a postmaster runs his own domain and no other: this is for virtual admins");
}

void set_mail(admin& a, const value& v, how) {
    if (is_null(v) && a.is_postmaster()) return;
    require_virtual(a);
    if (is_null(v) && a.mail) throw invalid_value("a virtual admin is written to at an address: it can be another one, and not taken away");
    if (!is_null(v)) a.mail = address::parse(std::get<std::string>(v));
}

void set_domains(admin& a, const value& v, how) {
    auto wanted = domains_in(v);
    if (a.is_postmaster() && (is_null(v) || wanted == std::vector{*a.name.postmaster_of()})) return;
    require_virtual(a);
    a.domains = std::move(wanted);
}

void set_max_domains(admin& a, const value& v, how c) {
    if (a.is_postmaster() && (is_null(v) || v == value{std::int64_t{1}})) return;
    require_virtual(a);
    a.max_domains = limit_in(v, c);
}

constexpr std::array table = {
    admin_field{{"name", form::text, {attr::cn, {}}, writer::site, "what a virtual admin is called, or postmaster@DOMAIN"}, [](const admin& a, how) -> value { return a.name.text(); }, no_set<admin>},
    admin_field{{"mail", form::address, {attr::mail, {}}, writer::site, "where a virtual admin is written to"}, [](const admin& a, how) { return a.mail ? value{a.mail->text()} : value{}; }, set_mail},
    admin_field{{"domains", form::domains, {attr::vd, {}}, writer::site, "those that a virtual admin runs"}, [](const admin& a, how) { return texts_of(a.domains); }, set_domains},
    admin_field{{"max_domains", form::number, {attr::max_domain, {}}, writer::site, "how many a virtual admin may have; nothing: no limit"},
                [](const admin& a, how) { return a.is_postmaster() ? value{std::int64_t{1}} : number_or_null(a.max_domains); }, set_max_domains},
    admin_field{{"edit_accounts", form::flag, {attr::edit_accounts, {}}, writer::site, "makes and changes mailboxes, not aliases alone"}, [](const admin& a, how) -> value { return a.edit_accounts; },
                [](admin& a, const value& v, how) { a.edit_accounts = flag_in(v, false); }},
    admin_field{{"password_hash", form::hash, {attr::user_password, {}}, writer::himself, "the hash of the password, never the password; without it, the password stays as it is"},
                [](const admin& a, how) { return hash_or_null(a.password); }, [](admin& a, const value& v, how) { set_hash(a.password, v); }},
    active_field<admin>(writer::site),
    reason_field<admin>(writer::site),
    comment_field<admin>(writer::site),
};

} // namespace

template <> std::span<const field<admin>> fields_of<admin>() noexcept { return table; }

} // namespace vmail::exchange
