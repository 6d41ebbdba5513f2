#include <fmt/format.h>

#include <vmail/ascii.hpp>

#include <vmail/facet_field.hpp>
#include <vmail/field.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

using namespace schema;

std::string last_word(std::string_view name) {
    while (name.ends_with(' ')) name.remove_suffix(1);
    return std::string(name.substr(name.rfind(' ') + 1));
}

std::string surname_of(const mailbox& m) {
    const std::string word = last_word(m.full_name);
    return word.empty() ? m.address.local_part() : word;
}

/// Operational, so that it is seen by those alone who ask for it: absent is no statement.
struct on_if_asked {
    static void read(std::optional<bool>& field, const codec::values& v, const ldap::entry& e, const site& s) {
        bool on = false;
        codec::flag::read(on, v, e, s);
        field = on;
    }
    static codec::written write(const std::optional<bool>& field, const ldap::entry&, const site&) {
        if (!field) return codec::written::leave();
        return *field ? codec::written::store("TRUE") : codec::written::absent();
    }
};

struct local_time {
    static void read(std::optional<local_minute>& field, const codec::values& v, const ldap::entry&, const site&) {
        field = local_minute::parse_digits(codec::only(v));
    }
    static codec::written write(const std::optional<local_minute>& field, const ldap::entry&, const site&) {
        return field ? codec::written::store(field->digits()) : codec::written::absent();
    }
};

std::string with_lf(std::string_view text) {
    std::string lines;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] != '\r')
            lines += text[i];
        else if (!text.substr(i + 1).starts_with('\n'))
            lines += '\n';
    return lines;
}

/// Phamm's page stores the line ends of a web form, CR LF.
struct message {
    static void read(std::string& field, const codec::values& v, const ldap::entry& e, const site& s) {
        std::string stored;
        codec::text::read(stored, v, e, s);
        field = with_lf(stored);
    }
    static codec::written write(const std::string& field, const ldap::entry& e, const site& s) { return codec::text::write(field, e, s); }
    static void check(const codec::values& v) {
        constexpr std::size_t most_in_message = 16384;
        codec::check_no_control(v, "\n\r\t");
        codec::check_size(v, most_in_message);
    }
};

const fields::table<mailbox>& rows() {
    using row = fields::row<mailbox>;
    static const fields::table<mailbox> table = fields::with_state<mailbox>({
        row::of<codec::own_address<address>, &mailbox::address>(attr::mail),
        row::of<codec::common_name, &mailbox::full_name>(attr::cn, [](const mailbox& m, const site&) { return codec::of(m.address.local_part()); }),
        row::of<codec::line, &mailbox::surname>(attr::sn, [](const mailbox& m, const site&) { return codec::of(surname_of(m)); }),
        row::of<codec::line, &mailbox::given_name>(attr::given_name),
        row::of<codec::line, &mailbox::description>(attr::description),
        row::once(attr::uid, [](const mailbox& m, const site&) { return codec::of(naming::login_of(m.address)); }),
        row::of<codec::hash, &mailbox::password>(attr::user_password),
        row::of<on_if_asked, &mailbox::must_change_password>(attr::pwd_reset),
        row::of<codec::ascii_text, &mailbox::home>(attr::vd_home, [](const mailbox&, const site& s) { return codec::of(s.mail_home); }),
        row::of<codec::ascii_text, &mailbox::path>(attr::mailbox, [](const mailbox& m, const site&) { return codec::of(maildir_path(m.address)); }),
        row::of<codec::quota_value<attr::quota>, &mailbox::quota>(attr::quota),
        row::of<codec::flag, &mailbox::smtp_auth>(attr::smtp_auth),
        row::of<codec::on_unless_false, &mailbox::may_log_in>(attr::may_log_in),
        row::of<codec::on_unless_false, &mailbox::may_receive>(attr::may_receive),
        row::of<codec::send_limits_value, &mailbox::send_limits>(attr::send_limit),
        row::once(attr::other_transport, [](const mailbox&, const site&) { return codec::of("phamm:"); }),
        row::once(attr::create_maildir, [](const mailbox&, const site&) { return codec::of("TRUE"); }),
        row::once(attr::mail_autoreply, [](const mailbox& m, const site&) { return codec::of(naming::autoreply_of(m.address)); }),
        row::of<codec::expire_date, &mailbox::expires>(attr::expire_date),
        row::of<codec::mailbox_expiration, &mailbox::expires>(attr::mailbox_expiration),
        row::of<codec::flag, &mailbox::removed>(attr::delete_),
        row::of<codec::flag, &mailbox::forward, &forward::active>(attr::forward_active),
        row::of<codec::targets, &mailbox::forward, &forward::targets>(attr::maildrop),
        row::of<codec::flag, &mailbox::vacation, &vacation::active>(attr::vacation_active),
        row::of<local_time, &mailbox::vacation, &vacation::start>(attr::vacation_start),
        row::of<local_time, &mailbox::vacation, &vacation::end>(attr::vacation_end),
        row::of<codec::line, &mailbox::vacation, &vacation::subject>(attr::vacation_subject),
        row::of<message, &mailbox::vacation, &vacation::message>(attr::vacation_info),
    });
    return table;
}

void check(const mailbox& m, const ldap::entry& e) {
    if (m.forward.active && m.forward.targets.empty())
        throw invalid_value(fmt::format("{}: the forward of {} has no target", attr::forward_active, m.address.text()), {.dn = e.dn().text()});
}

bool write_others(const mailbox& m, ldap::entry& e, const site& s) {
    for (const auto& one : m.other) fields::require_other(one.first, fields::added_rows<mailbox>(s));
    return fields::write_others(m, rows(), e);
}

void write_new(const mailbox& m, ldap::entry& e, const site& s) {
    check(m, e);
    e.set_dn(s.layout.mailbox(m.address));
    e.set(attr::object_class, {std::string(cls::top), std::string(cls::person), std::string(cls::organizational_person),
                               std::string(cls::inet_org_person), std::string(cls::account), std::string(cls::forward), std::string(cls::vacation)});
    fields::write_new(m, rows(), e, s);
    fields::write_new_facets(m, e, s);
    write_others(m, e, s);
    fields::settle_state_class(e);
    fields::settle_sending_class(e);
    naming::settle(e);
}

void add_where_missing(ldap::entry& e, std::string_view attribute, std::string value) {
    if (!e.has(attribute)) e.set(attribute, std::move(value));
}

/// What the daemons' filters need beside the account itself, and bare accounts lack (they match FALSE, not absence).
void complete(const mailbox& m, ldap::entry& e) {
    e.add_class(cls::forward);
    e.add_class(cls::vacation);
    add_where_missing(e, attr::forward_active, "FALSE");
    add_where_missing(e, attr::vacation_active, "FALSE");
    if (m.vacation.active) add_where_missing(e, attr::mail_autoreply, naming::autoreply_of(m.address));
}

void write_changes(const mailbox& m, ldap::entry& e, const site& s) {
    const mailbox before = mailbox::from_entry(e, s);
    naming::expect_name(m.address, before.address, e);
    if (m.forward != before.forward) check(m, e);
    const auto written = fields::write_changes(m, before, rows(), e, s);
    const auto added = fields::write_changed_facets(m, before, e, s);
    if (!write_others(m, e, s) && written.empty() && added.empty()) return;
    complete(m, e);
    if (fields::any_of_state(written)) fields::settle_state_class(e);
    if (fields::has_written(written, attr::send_limit)) fields::settle_sending_class(e);
    naming::settle(e);
}

} // namespace

void mailbox::set_name(std::string name) {
    if (surname == surname_of(*this)) surname.clear();
    full_name = std::move(name);
}

mailbox mailbox::from_entry(const ldap::entry& e, const site& s) {
    naming::expect_class(e, cls::account, "mailbox");
    mailbox m(address::parse(naming::address_text(e)));
    m.active = m.smtp_auth = false; // what a daemon's filter makes of no value or a wrong one
    fields::read(m, rows(), e, s);
    fields::read(m, fields::added_rows<mailbox>(s), e, s);
    for (const auto attribute : {attr::account_active, attr::delete_}) fields::expect(m, attribute, e);
    return m;
}

void mailbox::to_entry(ldap::entry& e, const site& s) const {
    fields::to_entry(*this, e, s, write_new, write_changes);
}

} // namespace vmail
