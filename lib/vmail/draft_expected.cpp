#include <algorithm>
#include <type_traits>

#include <vmail/draft_state.hpp>
#include <vmail/error.hpp>
#include <vmail/login.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/naming.hpp>

/// What a draft is about to read, in one round trip for many names. What is asked here is built by the functions that ask it without this.
namespace vmail {

namespace {

template <typename Name> std::vector<domain_name> domains_of(const std::vector<Name>& names) {
    std::vector<domain_name> all;
    for (const Name& n : names)
        if (std::find(all.begin(), all.end(), n.domain()) == all.end()) all.push_back(n.domain());
    return all;
}

} // namespace

std::vector<ldap::search_request> draft::state::requests_for(const std::vector<domain_name>& names) {
    std::vector<ldap::search_request> all;
    for (const domain_name& n : names)
        if (rooms.find(n) == nullptr && !is_planned(n.text())) all.push_back(directory.request_for<domain>(n));
    return all;
}

/// The folder and the login that it gets where they are free. Who runs a domain gets a folder that nobody can know before.
void draft::state::add_own_requests(std::vector<ldap::search_request>& all, const address& a) {
    try {
        if (!is_administrator()) all.push_back(mail_folder::owner_request(layout(), maildir_path(a)));
    } catch (const invalid_value&) { // no name of a folder: add() tells what is wrong with it first
    }
    all.push_back(login::owner_request(layout(), naming::login_of(a)));
}

template <typename Name> void draft::state::expect_additions(const std::vector<Name>& names) {
    std::vector<ldap::search_request> all = requests_for(domains_of(names));
    for (const Name& n : names) {
        all.push_back(request_for_holder(n));
        add_own_requests(all, n);
    }
    session().look_ahead(all);
}

template <typename Entity> void draft::state::expect(std::vector<name_of<Entity>> names, expected what) {
    std::erase_if(names, [this](const name_of<Entity>& n) { return is_planned(n.text()); });
    if (names.empty()) return;
    const auto absent = what == expected::absent ? std::move(names) : directory.look_ahead<Entity>(names);
    if constexpr (std::is_same_v<Entity, mailbox> || std::is_same_v<Entity, alias>)
        if (what != expected::present && !absent.empty()) expect_additions(absent);
}

/// Its addresses are found in a search of their own.
template <> void draft::state::expect<mailing_list>(std::vector<address>, expected) {}

template <typename Entity> void draft::expect(const std::vector<name_of<Entity>>& names, expected what) { state_->expect<Entity>(names, what); }

template VMAIL_EXPORT void draft::expect<domain>(const std::vector<domain_name>&, expected);
template VMAIL_EXPORT void draft::expect<mailbox>(const std::vector<address>&, expected);
template VMAIL_EXPORT void draft::expect<alias>(const std::vector<alias_address>&, expected);
template VMAIL_EXPORT void draft::expect<admin>(const std::vector<admin_name>&, expected);
template VMAIL_EXPORT void draft::expect<backup_domain>(const std::vector<domain_name>&, expected);
template VMAIL_EXPORT void draft::expect<backup_mail>(const std::vector<alias_address>&, expected);
template VMAIL_EXPORT void draft::expect<mailing_list>(const std::vector<address>&, expected);

} // namespace vmail
