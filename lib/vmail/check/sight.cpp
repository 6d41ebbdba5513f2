#include <algorithm>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/check/sight.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;

template <typename Entity> void sight::read_as() const {
    try {
        value_ = Entity::from_entry(entry, around.site);
    } catch (const invalid_value& fault) {
        fault_ = fault.what();
    }
}

void sight::read() const {
    if (is_read_) return;
    is_read_ = true;
    if (entry.has_class(cls::account)) read_as<vmail::mailbox>();
    else if (entry.has_class(cls::alias)) read_as<vmail::alias>();
    else if (entry.has_class(cls::domain)) read_as<vmail::domain>();
    else if (entry.has_class(cls::admin)) read_as<vmail::admin>();
    else if (entry.has_class(cls::backup_domain)) read_as<backup_domain>();
    else if (entry.has_class(cls::backup_mail)) read_as<backup_mail>();
}

const vmail::mailbox* sight::mailbox() const { return read(), std::get_if<vmail::mailbox>(&value_); }
const vmail::alias* sight::alias() const { return read(), std::get_if<vmail::alias>(&value_); }
const vmail::domain* sight::domain() const { return read(), std::get_if<vmail::domain>(&value_); }
const vmail::admin* sight::admin() const { return read(), std::get_if<vmail::admin>(&value_); }
const std::string& sight::fault() const { return read(), fault_; }

namespace {

struct state_of {
    const entry_state* operator()(const std::monostate&) const { return nullptr; }
    const entry_state* operator()(const entry_state& e) const { return &e; }
};

} // namespace

const entry_state* sight::state() const { return read(), std::visit(state_of(), value_); }

// The name of what is above is looked at where it stands: a million names of their own are not made for nothing.
std::optional<std::string_view> sight::name_above() const {
    const auto& rdns = entry.dn().rdns();
    if (rdns.size() < 2) return std::nullopt;
    for (const ldap::attribute_value& part : rdns[1])
        if (ascii::iequals(part.type, attr::vd)) return part.value;
    return std::nullopt;
}

const known_domain* sight::domain_above() const {
    if (domain_above_) return *domain_above_;
    const auto name = name_above();
    return domain_above_.emplace(name ? around.domains.find(*name) : nullptr);
}

bool sight::is_right_below(const ldap::dn& other) const {
    const auto& rdns = entry.dn().rdns();
    const bool is_same = rdns.size() == other.rdns().size() + 1 && std::equal(other.rdns().begin(), other.rdns().end(), rdns.begin() + 1);
    return is_same || entry.dn().parent() == other;
}

const std::vector<password_kind>& sight::passwords() const {
    if (!passwords_) passwords_ = kinds_of_passwords(values(attr::user_password));
    return *passwords_;
}

const service_state& sight::service() const {
    if (service_) return *service_;
    const auto* const above = domain_above();
    const service_state of_domain = above != nullptr ? above->service : service_state{};
    if (const auto* const m = mailbox()) service_ = service_of(*m, of_domain, around.now);
    else if (const auto* const a = alias()) service_ = service_of(*a, of_domain, around.now);
    else service_.emplace();
    return *service_;
}

std::string sight::subject() const {
    if (entry.has_class(cls::admin)) return naming::rdn_value(entry, attr::cn).value_or(entry.dn().text());
    return naming::subject_of(entry);
}

bool sight::is_told() const { return !around.only || entry.dn().is_within(around.site.layout.domain(*around.only)); }

bool sight::lacks(std::string_view attribute) const { return !entry.has(attribute) && around.attributes->shows(entry.dn(), attribute); }

const std::vector<std::string>& sight::values(std::string_view attribute) const {
    static const std::vector<std::string> none;
    const auto* const found = entry.find(attribute);
    return found != nullptr ? *found : none;
}

const std::vector<std::string>& sight::addresses() const {
    if (addresses_) return *addresses_;
    auto& all = addresses_.emplace();
    if (!entry.has_class(cls::account) && !entry.has_class(cls::alias) && !entry.has_class(cls::backup_mail)) return all;
    for (const std::string& value : values(attr::mail)) all.push_back(ascii::to_lower(value));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

const std::string& sight::folder() const {
    if (folder_) return *folder_;
    const auto path = entry.first(attr::mailbox);
    if (!path || !entry.has_class(cls::account)) return folder_.emplace();
    std::string home = entry.first(attr::vd_home).value_or("");
    while (home.ends_with('/')) home.pop_back();
    std::string_view below = *path;
    while (below.ends_with('/')) below.remove_suffix(1);
    while (below.starts_with('/')) below.remove_prefix(1);
    return folder_.emplace(home + '/' + std::string(below));
}

} // namespace vmail::check
