#include <vmail/ascii.hpp>

#include <vmail/domain.hpp>
#include <vmail/field.hpp>
#include <vmail/limit.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

using namespace schema;

using codec::limit;

struct transport : codec::ascii_text {
    static void check(const codec::values& v) {
        codec::ascii_text::check(v);
        for (const std::string& value : v)
            if (!is_transport(value)) throw invalid_value(vmail::quoted(value) + " is no transport of Postfix, such as maildrop: or lmtp:unix:private/dovecot-lmtp");
    }
};

const fields::table<domain>& rows() {
    using row = fields::row<domain>;
    static const fields::table<domain> table = fields::with_state<domain>({
        row::of<codec::line, &domain::description>(attr::description),
        row::of<transport, &domain::transport>(attr::postfix_transport, [](const domain&, const site& s) { return s.transport.empty() ? codec::values{} : codec::of(s.transport); }),
        row::of<limit, &domain::max_mailboxes>(attr::max_mail),
        row::of<limit, &domain::max_aliases>(attr::max_alias),
        row::of<limit, &domain::max_quota_mib>(attr::max_quota),
        row::of<codec::quota_value<attr::default_quota>, &domain::default_quota>(attr::default_quota),
        row::of<codec::send_limits_value, &domain::send_limits>(attr::send_limit),
        row::of<codec::flag, &domain::removed>(attr::delete_),
    });
    return table;
}

domain_name name_of(const ldap::entry& e) {
    if (const auto name = naming::rdn_value(e, attr::vd)) return domain_name::parse(*name);
    if (const auto name = e.first(attr::vd)) return domain_name::parse(*name);
    throw invalid_value("the entry has no domain name", {.dn = e.dn().text()});
}

void settle_defaults_class(ldap::entry& e) { fields::settle_class(e, cls::domain_defaults, default_attributes); }

void write_new(const domain& d, ldap::entry& e, const site& s) {
    e.set_dn(s.layout.domain(d.name));
    e.set(attr::object_class, {std::string(cls::top), std::string(cls::domain)});
    naming::settle(e);
    fields::write_new(d, rows(), e, s);
    fields::write_others(d, rows(), e);
    fields::settle_state_class(e);
    settle_defaults_class(e);
    fields::settle_sending_class(e);
}

void write_changes(const domain& d, ldap::entry& e, const site& s) {
    const domain before = domain::from_entry(e, s);
    naming::expect_name(d.name, before.name, e);
    const auto written = fields::write_changes(d, before, rows(), e, s);
    if (fields::any_of_state(written)) fields::settle_state_class(e);
    fields::write_others(d, rows(), e);
    if (d.default_quota != before.default_quota) settle_defaults_class(e);
    if (fields::has_written(written, attr::send_limit)) fields::settle_sending_class(e);
}

} // namespace

bool is_transport(std::string_view text) noexcept { return ascii::all_printable(text) && text.find(' ') == std::string_view::npos && text.find(':') != std::string_view::npos; }

domain domain::from_entry(const ldap::entry& e, const site& s) {
    naming::expect_class(e, cls::domain, "domain");
    domain d(name_of(e));
    d.active = false; // what a daemon's filter makes of no value or a wrong one
    fields::read(d, rows(), e, s);
    for (const auto attribute : {attr::account_active, attr::delete_}) fields::expect(d, attribute, e);
    return d;
}

void domain::to_entry(ldap::entry& e, const site& s) const {
    fields::to_entry(*this, e, s, write_new, write_changes);
}

} // namespace vmail
