#include <vmail/exchange/conversions.hpp>

namespace vmail::exchange {

namespace {

using how = const conversion&;
using domain_field = field<domain>;

constexpr std::string_view servers_quota = "server";

void set_default_quota(domain& d, const value& v, how) {
    const std::string text = text_in(v);
    d.default_quota = text.empty() || text == servers_quota ? std::nullopt : std::optional(quota::parse(text));
}

void set_send_limits(domain& d, const value& v, how) { d.send_limits = is_null(v) ? send_limits() : send_limits::parse(text_in(v)); }

constexpr std::array table = {
    domain_field{{"domain", form::domain, {attr::vd, {}}, writer::site, "its name"}, [](const domain& d, how) -> value { return d.name.text(); }, no_set<domain>},
    description_field<domain>(writer::site),
    domain_field{{"max_mailboxes", form::number, {attr::max_mail, {}}, writer::site, "how many mailboxes it may have; nothing: no limit"},
                 [](const domain& d, how) { return number_or_null(d.max_mailboxes); }, [](domain& d, const value& v, how c) { d.max_mailboxes = limit_in(v, c); }},
    domain_field{{"max_aliases", form::number, {attr::max_alias, {}}, writer::site, "how many aliases, beside its role addresses; nothing: no limit"},
                 [](const domain& d, how) { return number_or_null(d.max_aliases); }, [](domain& d, const value& v, how c) { d.max_aliases = limit_in(v, c); }},
    domain_field{{"max_quota_mib", form::number, {attr::max_quota, {}}, writer::site, "what its mailboxes may be promised together, in MiB; nothing: no limit"},
                 [](const domain& d, how) { return number_or_null(d.max_quota_mib); }, [](domain& d, const value& v, how c) { d.max_quota_mib = limit_in(v, c); }},
    domain_field{{"default_quota", form::size_or_server, {attr::default_quota, {}}, writer::site, "of new mailboxes that are given none: a size, none, or server for what the daemons give to all"},
                 [](const domain& d, how) -> value { return d.default_quota ? d.default_quota->text() : std::string(servers_quota); }, set_default_quota},
    domain_field{{"send_limit", form::limits, {attr::send_limit, {}}, writer::site, "to how many recipients each of its mailboxes may send in which time, where it has none of its own: limits, or none"},
                 [](const domain& d, how) -> value { return d.send_limits.text(); }, set_send_limits},
    domain_field{{"transport", form::text, {attr::postfix_transport, {}}, writer::site, "how Postfix delivers, \"maildrop:\""}, [](const domain& d, how) { return text_or_null(d.transport); },
                 [](domain& d, const value& v, how) { d.transport = text_in(v); }},
    // What a domain holds, and no attribute of its own.
    domain_field{{role_addresses_field, form::flag, {}, writer::site, "false: it is made without postmaster and the others, and has those that the file has"}, [](const domain&, how) -> value { return {}; }, no_set<domain>},
    active_field<domain>(writer::site),
    reason_field<domain>(writer::site),
    comment_field<domain>(writer::site),
};

} // namespace

template <> std::span<const field<domain>> fields_of<domain>() noexcept { return table; }

} // namespace vmail::exchange
