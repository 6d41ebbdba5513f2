#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <variant>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/login.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/naming.hpp>
#include <vmail/rivals.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;
using ldap::filter;

/// No index tells what is inside of a folder: of many that are chosen at once, "mailctl check" tells it.
constexpr std::size_t most_looks_inside = 16;

bool is_folder(sole_value::kind k) { return k == sole_value::kind::folder || k == sole_value::kind::chosen_folder; }

/// Those by which another one is found.
std::vector<std::string> folders_of(const sole_value& v) {
    auto all = v.what == sole_value::kind::chosen_folder ? mail_folder::around(v.value) : std::vector<std::string>{};
    all.push_back(mail_folder::bare(v.value));
    return all;
}

/// One for each value, however many ask for it.
class filters {
public:
    void add(std::string_view attribute, const std::string& value) {
        const auto one = filter::equal(attribute, value);
        if (known_.insert(one.text()).second) all_.push_back(one);
    }
    std::vector<ldap::entry> search(ldap::session& s, const ldap::dn& base) const {
        if (all_.empty()) return {};
        return s.search({base, ldap::scope::subtree, filter::any_of(all_),
                         {std::string(attr::mail), std::string(attr::mailbox), std::string(attr::uid), std::string(attr::uid_number), std::string(attr::entry_uuid), std::string(attr::entry_csn)}})
            .take();
    }

private:
    std::set<std::string> known_;
    std::vector<filter> all_;
};

bool has_word(const std::vector<std::string>& all, std::string_view one) {
    return std::any_of(all.begin(), all.end(), [&](const std::string& v) { return ascii::iequals(v, one); });
}

bool has_login(const ldap::entry& e, const std::string& login) {
    const auto* const addresses = login::may_be_an_address(login) ? e.find(attr::mail) : nullptr;
    return has_word(login::all_of(e), login) || (addresses != nullptr && has_word(*addresses, login));
}

bool has(const ldap::entry& e, const sole_value& v) {
    if (v.what == sole_value::kind::login) return has_login(e, v.value);
    if (v.what == sole_value::kind::unix_number) return e.has_value(attr::uid_number, v.value);
    const auto folder = e.first(attr::mailbox);
    const auto taken = folders_of(v);
    return folder && std::find(taken.begin(), taken.end(), mail_folder::bare(*folder)) != taken.end();
}

std::string sentence_of(const sole_value& v, const std::string& whose) {
    const char* const what = is_folder(v.what) ? "folder" : v.what == sole_value::kind::login ? "login" : "number";
    return fmt::format("the {} {} is {}'s, who got it at the same moment", what, is_folder(v.what) ? vmail::quoted(v.value) : printable(v.value), printable(whose));
}

bool is_after(const ldap::entry& theirs, const ldap::entry* ours) {
    const auto version = theirs.first(attr::entry_csn);
    return ours != nullptr && version && *version > ours->first(attr::entry_csn).value_or("");
}

} // namespace

std::vector<std::optional<rival>> rivals::of(const std::vector<claimant>& all) {
    const auto holders = holders_of(all);
    std::vector<std::optional<rival>> found;
    for (const claimant& c : all) found.push_back(find(c, holders));
    return found;
}

std::optional<rival> rivals::lasting(const claimant& one) {
    const auto give_up = std::chrono::steady_clock::now() + longest_wait;
    auto found = of({one}).front();
    while (found && found->may_yield && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        found = of({one}).front();
    }
    return found;
}

std::vector<ldap::entry> rivals::holders_of(const std::vector<claimant>& all) const {
    filters of_mailboxes, of_numbers;
    for (const claimant& c : all)
        for (const sole_value& v : *c.values) {
            if (v.what == sole_value::kind::unix_number) of_numbers.add(attr::uid_number, v.value);
            if (v.what == sole_value::kind::login) of_mailboxes.add(attr::uid, v.value);
            if (v.what == sole_value::kind::login && login::may_be_an_address(v.value)) of_mailboxes.add(attr::mail, v.value);
            if (!is_folder(v.what)) continue;
            for (const std::string& folder : folders_of(v)) {
                of_mailboxes.add(attr::mailbox, folder);
                of_mailboxes.add(attr::mailbox, folder + '/');
            }
        }
    auto found = of_mailboxes.search(directory_.session(), directory_.site().layout.container());
    for (ldap::entry& e : of_numbers.search(directory_.session(), directory_.site().layout.base())) found.push_back(std::move(e));
    return found;
}

std::optional<rival> rivals::find(const claimant& c, const std::vector<ldap::entry>& holders) {
    const auto ours = std::find_if(holders.begin(), holders.end(), [&](const ldap::entry& e) { return e.dn() == c.name; });
    for (const sole_value& v : *c.values) {
        const auto theirs = std::find_if(holders.begin(), holders.end(), [&](const ldap::entry& e) { return has(e, v) && !(e.dn() == c.name); });
        if (theirs != holders.end()) return rival{sentence_of(v, naming::subject_of(*theirs)), is_after(*theirs, ours == holders.end() ? nullptr : &*ours)};
        if (auto inside = find_inside(c, v)) return inside;
    }
    return std::nullopt;
}

std::optional<rival> rivals::find_inside(const claimant& c, const sole_value& v) {
    if (v.what != sole_value::kind::chosen_folder || looks_inside_ >= most_looks_inside) return std::nullopt;
    ++looks_inside_;
    const auto whose = mail_folder::contents(directory_.session(), c.name.parent()).owner_inside(v.value, "");
    return whose ? std::optional(rival{fmt::format("the folder {} is around that of {}, who got it at the same moment", vmail::quoted(v.value), printable(*whose))}) : std::nullopt;
}

std::optional<ldap::write_request> inverse_of(const ldap::write_request& done, const ldap::write_result& r) {
    if (!r.result.post_read) return std::nullopt;
    if (std::holds_alternative<ldap::add_request>(done))
        return ldap::delete_request{ldap::target(done), {.entry_uuid = r.result.post_read->first(attr::entry_uuid).value_or("")}};
    if (!std::holds_alternative<ldap::modify_request>(done) || !r.result.pre_read) return std::nullopt;
    auto changes = ldap::diff(*r.result.post_read, *r.result.pre_read);
    std::erase_if(changes, [](const ldap::modification& m) { return ascii::iequals(m.attribute, attr::entry_csn) || ascii::iequals(m.attribute, attr::entry_uuid); });
    return ldap::modify_request{ldap::target(done), std::move(changes), ldap::precondition::unchanged(*r.result.post_read)};
}

std::vector<sole_value> sole_values_of(const ldap::entry& before, const ldap::entry& after, sole_value::kind folder) {
    std::vector<sole_value> all;
    if (const auto path = after.first(attr::mailbox); path && !path->empty() && before.first(attr::mailbox) != path) all.push_back({folder, *path});
    for (const std::string& login : login::all_of(after))
        if (!has_word(login::all_of(before), login)) all.push_back({sole_value::kind::login, login});
    if (const auto n = after.first(attr::uid_number); n && before.first(attr::uid_number) != n) all.push_back({sole_value::kind::unix_number, *n});
    return all;
}

} // namespace vmail
