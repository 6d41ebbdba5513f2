#include <vmail/exchange/conversions.hpp>

namespace vmail::exchange {

namespace {

using how = const conversion&;

constexpr std::array alias_table = {
    field<alias>{{"address", form::address, {attr::mail, {}}, writer::administrator, "where people write to; @example.org is the catch-all of a domain"},
                 [](const alias& a, how) -> value { return a.address.text(); }, no_set<alias>},
    field<alias>{{"targets", form::addresses, {attr::maildrop, {}}, writer::administrator, "where its mail goes, at least one address"},
                 [](const alias& a, how) { return texts_of(a.targets); }, [](alias& a, const value& v, how c) { a.targets = targets_in(v, a.targets, c); }},
    description_field<alias>(writer::administrator),
    field<alias>{{"expires", form::day, {attr::expire_date, attr::mailbox_expiration}, writer::site, "the last day on which it works"},
                 [](const alias& a, how c) { return end_or_null(a.expires, c); }, [](alias& a, const value& v, how c) { a.expires = end_in(v, c); }},
    active_field<alias>(writer::administrator),
    reason_field<alias>(writer::administrator),
    comment_field<alias>(writer::administrator),
};

void set_lists_domain(mailing_list& l, const value& v, how) {
    if (!is_null(v)) l.lists_domain = domain_name::parse(std::get<std::string>(v));
}

constexpr std::array list_table = {
    field<mailing_list>{{"address", form::address, {attr::mail, {}}, writer::administrator, "where people write to; the service addresses follow from it"},
                        [](const mailing_list& l, how) -> value { return l.address.text(); }, no_set<mailing_list>},
    field<mailing_list>{{"owners", form::addresses, {attr::list_owner, {}}, writer::administrator, "whom to ask about it"},
                        [](const mailing_list& l, how) { return texts_of(l.owners); }, [](mailing_list& l, const value& v, how c) { l.owners = targets_in(v, l.owners, c); }},
    field<mailing_list>{{"lists_domain", form::domain, {attr::maildrop, {}}, writer::administrator, "where Mailman gets its mail; without one, what the settings say"},
                        [](const mailing_list& l, how) { return l.lists_domain ? value{l.lists_domain->text()} : value{}; }, set_lists_domain},
    description_field<mailing_list>(writer::administrator),
    active_field<mailing_list>(writer::administrator),
    reason_field<mailing_list>(writer::administrator),
    comment_field<mailing_list>(writer::administrator),
};

} // namespace

template <> std::span<const field<alias>> fields_of<alias>() noexcept { return alias_table; }
template <> std::span<const field<mailing_list>> fields_of<mailing_list>() noexcept { return list_table; }

} // namespace vmail::exchange
