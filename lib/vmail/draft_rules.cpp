#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/draft_state.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/login.hpp>
#include <vmail/naming.hpp>
#include <vmail/vacation_phase.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

std::string kind_of(const ldap::entry& e) {
    if (e.has_class(cls::account)) return e.first(attr::delete_) == "TRUE" ? "a removed mailbox" : "a mailbox";
    if (e.has_class(cls::alias)) return "an alias";
    if (e.has_class(cls::backup_mail)) return "an address of a backup domain";
    return "another entry";
}

/// "example.org/bob/" as the 1st, "example.org/bob-2/" as the 2nd.
std::string numbered(const std::string& path, int n) {
    if (n == 1) return path;
    const bool is_maildir = path.ends_with('/');
    return fmt::format("{}-{}{}", std::string_view(path).substr(0, path.size() - (is_maildir ? 1 : 0)), n, is_maildir ? "/" : "");
}

/// Of a domain that is not in service.
std::string_view word_of(const std::optional<service_state>& domain) { return domain && domain->why == service_word::removed ? domain->why : service_word::disabled; }

constexpr int most_numbers = 1000;

[[noreturn]] void refuse_taken(const alias_address& a, const ldap::entry& e) {
    const bool can_come_back = e.has_class(cls::account) && e.first(attr::delete_) == "TRUE";
    throw already_exists(fmt::format("{} exists already: it is {}, {}", a.text(), kind_of(e), e.dn().text()),
                         {.dn = e.dn().text(), .remedy = can_come_back ? remedy::restore_mailbox_or_remove_for_good : remedy::none, .subject = a.text()});
}

} // namespace

ldap::search_request draft::state::request_for_holder(const alias_address& a) const {
    return {layout().container(), ldap::scope::subtree, filter::equal(attr::mail, a.text()), {std::string(attr::object_class), std::string(attr::delete_)}};
}

void draft::state::require_free(const alias_address& a) {
    if (const auto it = planned_.find(a.key()); it != planned_.end()) {
        if (!it->second) return;
        refuse_taken(a, it->second->unpacked());
    }
    const auto found = session().search(request_for_holder(a));
    if (!found.empty()) refuse_taken(a, found[0]);
}

domain_rooms::room& draft::state::require_domain(const domain_name& name, bool is_begun) {
    if (auto* const r = rooms.find(name)) {
        if (!is_begun) require_settled(r->domain.source);
        return *r;
    }
    auto found = find<domain>(name);
    if (!found && find<backup_domain>(name)) throw not_found(fmt::format("{} is a backup domain: what is in it is kept elsewhere", name.text()), {.dn = layout().domain(name).text()});
    if (!found) require_unborne(name);
    if (!found) throw not_found(fmt::format("there is no domain {}", name.text()),
                               {.dn = layout().domain(name).text(), .remedy = remedy::add_domain, .subject = name.text()});
    if (found->value.removed) throw not_found(fmt::format("the domain {} is removed", name.text()),
                                                {.dn = layout().domain(name).text(), .remedy = remedy::restore_domain, .subject = name.text()});
    if (!is_begun) require_settled(found->source);
    return rooms.enter(std::move(*found));
}

bool draft::state::is_in_service(const domain_name& name) {
    const auto& domain = state_of(name);
    return domain && domain->in_service;
}

void draft::state::note_stopped_domain(const mailbox& m) {
    if (is_in_service(m.address.domain())) return;
    made.notices.push_back({m.address.text(), fmt::format("the domain of {} is {}: mail to it is refused, and its owner can log in all the same",
                                                          printable(m.address.text()), word_of(state_of(m.address.domain())))});
}

void draft::state::note_stopped_domain(const alias& a) {
    if (is_in_service(a.address.domain())) return;
    made.notices.push_back({a.address.text(), fmt::format("the domain of {} is {}: mail to it is refused", printable(a.address.text()), word_of(state_of(a.address.domain())))});
}

void draft::state::return_places(const domain_name& name) {
    if (rooms.find(name) != nullptr) return;
    if (auto found = find_seen(name); found && !found->value.removed) rooms.enter(std::move(*found));
}

namespace {

is_own_entry is_entry(std::string_view uuid) {
    return [uuid](const ldap::entry& e) { return !uuid.empty() && e.first(attr::entry_uuid) == uuid; };
}

} // namespace

std::optional<std::string> draft::state::owner_of_path(const std::string& path, std::string_view own_uuid) {
    if (paths_.contains(mail_folder::bare(path))) return "another mailbox of this run";
    return mail_folder::owner(session(), layout(), path, is_entry(own_uuid));
}

std::optional<std::string> draft::state::neighbour_of_path(const mailbox& m, std::string_view own_uuid) {
    if (auto around = mail_folder::owner_around(session(), layout(), m.path, is_entry(own_uuid))) return around;
    if (is_nested_in_run(mail_folder::bare(m.path))) return "another mailbox of this run";
    const domain_name& where = m.address.domain();
    auto it = contents_.find(where.text());
    if (it == contents_.end()) it = contents_.emplace(where.text(), contents_of(where)).first;
    return it->second.owner_inside(m.path, own_uuid);
}

/// Within a folder that is planned, or around one.
bool draft::state::is_nested_in_run(const std::string& path) const {
    const std::string below = path + '/';
    const auto inside = paths_.lower_bound(below);
    if (inside != paths_.end() && inside->starts_with(below)) return true;
    for (auto at = path.rfind('/'); at != std::string::npos && at > 0; at = path.rfind('/', at - 1))
        if (paths_.contains(path.substr(0, at))) return true;
    return false;
}

/// In a domain that the plan makes there is nothing yet.
mail_folder::contents draft::state::contents_of(const domain_name& name) {
    const auto d = is_planned(name.text()) ? find<domain>(name) : std::nullopt;
    return d && !d->source.has(attr::entry_uuid) ? mail_folder::contents() : mail_folder::contents(session(), layout().domain(name));
}

/// Who runs a domain and not the site does not see who had a folder before, or has it in another domain by now: one with the moment in its name is nobody's.
std::string draft::state::usual_path(const mailbox& m) {
    const std::string path = maildir_path(m.address);
    if (!is_administrator()) return path;
    return path.substr(0, path.size() - 1) + '-' + timestamp::now().digits() + '/';
}

std::string draft::state::choose_path(const mailbox& m) {
    const std::string usual = usual_path(m), home = m.home.empty() ? site().mail_home : m.home;
    std::optional<std::string> whose;
    for (int n = 1; n < most_numbers; ++n) {
        const std::string path = numbered(usual, n);
        auto owner = owner_of_path(path, "");
        if (!owner && is_nested_in_run(mail_folder::bare(path))) owner = "another mailbox of this run";
        if (!owner && directory.options().folder_is_taken && directory.options().folder_is_taken(home, path)) owner = "somebody who was here before";
        if (owner) {
            if (!whose) whose = owner;
            continue;
        }
        paths_.insert(mail_folder::bare(path));
        if (whose)
            made.notices.push_back({m.address.text(), fmt::format("the folder of {} is {}: {} belongs to {}", printable(m.address.text()), printable(path),
                                                                  printable(usual), printable(*whose))});
        return path;
    }
    throw already_exists(fmt::format("there is no free folder for {}: {} and what comes after it are taken", m.address.text(), vmail::quoted(usual)));
}

void draft::state::settle_vacation(const mailbox& m, ldap::entry& after) const {
    if (!after.has_class(cls::vacation) || session().schema().has_class(cls::vacation)) return;
    if (m.vacation != vacation{})
        throw error(error_kind::configuration,
                    fmt::format("the server cannot keep an automatic answer of {}: its schema has no object class {}", m.address.text(), cls::vacation),
                    {.dn = after.dn().text(), .hint = "load phamm-vacation.schema there"});
    after.remove_class(cls::vacation);
    after.erase(attr::vacation_active);
}

void draft::state::settle_waiting(const vacation& v, const ldap::entry& before, ldap::entry& after) const {
    constexpr std::array deciding = {attr::vacation_active, attr::vacation_start, attr::vacation_end};
    const auto is_kept = [&](std::string_view name) {
        const auto *const was = before.find(name), *const is = after.find(name);
        return was == nullptr || is == nullptr ? was == is : *was == *is;
    };
    if (std::all_of(deciding.begin(), deciding.end(), is_kept) || !session().schema().has_class(cls::vacation_waits)) return;
    if (phase_of(v, minute_at(timestamp::now(), site().zone)) == vacation_phase::waits) after.add_class(cls::vacation_waits);
    else after.remove_class(cls::vacation_waits);
}

/// Mail of one domain among that of another is found by its removal, and read by whoever keeps that one.
void draft::state::require_own_domain(const mailbox& m) {
    const std::string part = m.path.substr(0, m.path.find('/'));
    if (ascii::iequals(part, m.address.domain().text())) return;
    try {
        if (find<domain>(domain_name::parse(part)))
            throw already_exists(fmt::format("the folder {} cannot be {}'s: it is in the part of the domain {}", vmail::quoted(m.path), m.address.text(), part));
    } catch (const invalid_value&) { // the name of no domain
    }
}

void draft::state::require_path_free(const mailbox& m, std::string_view own_uuid) {
    mail_folder::check(m.path);
    require_own_domain(m);
    const auto refuse = [&](const char* why, const std::string& owner) {
        throw already_exists(fmt::format("the folder {} cannot be {}'s: {} {}", vmail::quoted(m.path), m.address.text(), why, printable(owner)));
    };
    if (const auto owner = owner_of_path(m.path, own_uuid)) refuse("it is that of", *owner);
    const auto& remembered = directory.options().former_owner;
    if (const auto owner = mail_folder::owner_before(remembered, m.home.empty() ? site().mail_home : m.home, m.path, m.address.text())) refuse("it was, or lies in, that of", *owner);
    if (const auto neighbour = neighbour_of_path(m, own_uuid)) refuse("it would lie in that of, or around that of,", *neighbour);
    paths_.insert(mail_folder::bare(m.path));
}

bool draft::state::login_is_free(const std::string& login) {
    if (logins_.contains(ascii::to_lower(login))) return false;
    return !login::owner(session(), layout(), login, [](const ldap::entry&) { return false; });
}

std::string draft::state::choose_login(const address& a) {
    for (int n = 1; n < most_numbers; ++n) {
        std::string login = naming::login_of(a, n);
        if (!login_is_free(login)) continue;
        logins_.insert(ascii::to_lower(login));
        return login;
    }
    throw already_exists(fmt::format("there is no free login for {}: {} and what comes after it are taken", a.text(), vmail::quoted(naming::login_of(a))));
}

void draft::state::require_own_attribute(std::string_view name, std::string_view what_it_keeps) {
    if (session().schema().has_attribute(name)) return;
    throw error(error_kind::configuration, fmt::format("the server cannot keep {}: its schema has no attribute {}", what_it_keeps, name), {.hint = "load vmail.schema there, as it is now"});
}

void draft::state::require_known(const attribute_values& other) {
    for (const auto& one : other) {
        const std::string_view name = std::string_view(one.first).substr(0, one.first.find(';'));
        if (!session().schema().has_attribute(name)) throw invalid_value("the server's schema has no attribute " + printable(name));
    }
}

} // namespace vmail
