#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/utf8.hpp>

#include <vmail/admin.hpp>
#include <vmail/field.hpp>
#include <vmail/limit.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

using namespace schema;

constexpr std::size_t longest_name = 64;

std::string_view fault_of_name(std::string_view name) {
    if (name.empty()) return "it is empty";
    if (name.size() > longest_name) return "it is longer than 64 bytes";
    if (name.front() == ' ' || name.back() == ' ') return "it has a blank at an end";
    if (std::any_of(name.begin(), name.end(), codec::is_control)) return "it has a control character";
    if (!utf8::is_valid(name)) return "it is not UTF-8";
    return {};
}

struct contact {
    static void read(std::optional<address>& field, const codec::values& v, const ldap::entry&, const site&) { field = address::parse(codec::only(v)); }
    static codec::written write(const std::optional<address>& field, const ldap::entry&, const site&) {
        return field ? codec::written::store(field->text()) : codec::written::leave();
    }
};

/// vd. One that is there keeps its spelling.
struct names_of_domains {
    static void read(std::vector<domain_name>& field, const codec::values& v, const ldap::entry&, const site&) {
        std::optional<std::string> fault;
        field.clear();
        for (const std::string& value : v) {
            try {
                field.push_back(domain_name::parse(value));
            } catch (const invalid_value& e) {
                if (!fault) fault = e.what();
            }
        }
        if (fault) throw invalid_value(*fault);
    }
    static codec::written write(const std::vector<domain_name>& field, const ldap::entry&, const site&) {
        codec::values texts;
        for (const domain_name& d : field) texts.push_back(d.text());
        return codec::written::store(std::move(texts));
    }
};

/// maxDomain must be there; Phamm's files write a negative number where there is no limit.
struct limit_or_minus_one : codec::limit {
    static codec::written write(const std::optional<std::uint64_t>& field, const ldap::entry&, const site&) {
        return codec::written::store(field ? std::to_string(*field) : "-1");
    }
};

using row = fields::row<admin>;

const fields::table<admin>& rows_of_both() {
    static const fields::table<admin> table = {
        row::of<codec::hash, &admin::password>(attr::user_password),
        row::of<codec::flag, &admin::edit_accounts>(attr::edit_accounts),
    };
    return table;
}

codec::values cn_of(const admin& a, const site&) { return codec::of(a.name.text()); }

const fields::table<admin>& rows_of_virtual_admin() {
    static const fields::table<admin> table = fields::with_state<admin>({
        rows_of_both()[0],
        rows_of_both()[1],
        row::of<contact, &admin::mail>(attr::mail),
        row::of<names_of_domains, &admin::domains>(attr::vd),
        row::of<limit_or_minus_one, &admin::max_domains>(attr::max_domain),
        row::once(attr::sn, cn_of),
    });
    return table;
}

/// His state is the alias's, which is read here and written there.
const fields::table<admin>& rows_of_postmaster() {
    static const fields::table<admin> table = fields::with_state<admin>({rows_of_both()[0], rows_of_both()[1]});
    return table;
}

const fields::table<admin>& rows_of(const admin& a) { return a.is_postmaster() ? rows_of_postmaster() : rows_of_virtual_admin(); }

bool is_postmaster(const ldap::entry& e) {
    const auto cn = naming::rdn_value(e, attr::cn);
    return e.has_class(cls::alias) && cn && ascii::iequals(*cn, postmaster) && naming::rdn_value(e.dn().parent(), attr::vd);
}

admin_name name_of(const ldap::entry& e) {
    if (is_postmaster(e)) return admin_name::parse(naming::address_text(e));
    if (const auto cn = naming::rdn_value(e, attr::cn)) return admin_name::parse(*cn);
    throw invalid_value("the entry of an administrator is not named by its cn", {.dn = e.dn().text()});
}

void write_new(const admin& a, ldap::entry& e, const site& s) {
    if (a.is_postmaster()) throw invalid_value(fmt::format("there is no alias {} that could be an administrator", a.name.text()));
    if (!a.mail) throw invalid_value(fmt::format("{}: the administrator {} has no address to be written to", attr::mail, printable(a.name.text())));
    e.set_dn(s.layout.admin(a.name.text()));
    e.set(attr::object_class, {std::string(cls::top), std::string(cls::person), std::string(cls::organizational_person),
                               std::string(cls::inet_org_person), std::string(cls::admin)});
    fields::write_new(a, rows_of(a), e, s);
    e.erase(attr::creation_date); // VirtualAdmin has none
    fields::settle_state_class(e);
    naming::settle(e);
}

void write_changes(const admin& a, ldap::entry& e, const site& s) {
    const admin before = admin::from_entry(e, s);
    naming::expect_name(a.name, before.name, e);
    if (fields::any_of_state(fields::write_changes(a, before, rows_of(a), e, s))) fields::settle_state_class(e);
}

} // namespace

admin_name admin_name::parse(std::string_view text) {
    const std::string start = std::string(postmaster) + '@';
    if (ascii::istarts_with(text, start)) {
        domain_name d = domain_name::parse(text.substr(start.size()));
        return {start + d.text(), std::move(d)};
    }
    if (const auto fault = fault_of_name(text); !fault.empty())
        throw invalid_value(fmt::format("{} is no name of an administrator: {}", vmail::quoted(text), fault));
    return {std::string(text), std::nullopt};
}

bool admin_name::operator==(const admin_name& other) const noexcept { return ascii::iequals(text_, other.text_); }

bool admin::is(const ldap::entry& e) { return e.has_class(cls::admin) || vmail::is_postmaster(e); }

void admin::take_rights(ldap::entry& e) {
    e.erase(attr::user_password);
    e.erase(attr::edit_accounts);
}

admin admin::from_entry(const ldap::entry& e, const site& s) {
    if (!is(e)) naming::expect_class(e, cls::admin, "administrator");
    admin a(name_of(e));
    a.active = false; // what the access rules make of no value or a wrong one
    fields::read(a, rows_of(a), e, s);
    if (a.is_postmaster()) a.domains = {*a.name.postmaster_of()};
    fields::expect(a, attr::account_active, e);
    return a;
}

void admin::to_entry(ldap::entry& e, const site& s) const { fields::to_entry(*this, e, s, write_new, write_changes); }

} // namespace vmail
