#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/printable.hpp>

#include <vmail/mail_folder.hpp>
#include <vmail/schema.hpp>

namespace vmail::mail_folder {

namespace {

namespace attr = schema::attr;
using ldap::filter;

bool is_component(std::string_view part) {
    return !part.empty() && part.front() != '.' && part.front() != '-' && ascii::all_printable(part);
}

std::string_view trimmed(std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    return path;
}

std::string name_of(const ldap::entry& e) { return e.first(attr::mail).value_or(e.dn().text()); }

} // namespace

void check(std::string_view path) {
    std::string_view left = trimmed(path);
    std::size_t count = 0;
    for (bool last = false; !last; ++count) {
        const std::size_t slash = left.find('/');
        last = slash == std::string_view::npos;
        if (!is_component(left.substr(0, slash)))
            throw invalid_value(fmt::format("{} is no folder below the home of all mail: write it as \"example.org/bob/\"", vmail::quoted(path)));
        if (!last) left.remove_prefix(slash + 1);
    }
    if (count < 2) throw invalid_value(fmt::format("{} has one component, and a folder has two or more: \"example.org/bob/\"", vmail::quoted(path)));
}

std::string bare(std::string_view path) { return std::string(trimmed(path)); }

std::vector<std::string> around(std::string_view path) {
    const std::string folder = bare(path);
    std::vector<std::string> all;
    for (std::size_t slash = folder.find('/'); slash != std::string::npos; slash = folder.find('/', slash + 1)) all.push_back(folder.substr(0, slash));
    return all;
}

namespace {

ldap::search_request request_for_any(const layout& where, const std::vector<std::string>& folders) {
    std::vector<filter> any;
    for (const std::string& f : folders) {
        any.push_back(filter::equal(attr::mailbox, f));
        any.push_back(filter::equal(attr::mailbox, f + '/'));
    }
    return {where.container(), ldap::scope::subtree, filter::any_of(std::move(any)), {std::string(attr::mail), std::string(attr::entry_uuid)}};
}

std::optional<std::string> owner_of_any(ldap::session& s, const layout& where, const std::vector<std::string>& folders, const is_own_entry& own) {
    for (const auto& e : s.search(request_for_any(where, folders)))
        if (!own(e)) return name_of(e);
    return std::nullopt;
}

} // namespace

ldap::search_request owner_request(const layout& where, std::string_view path) { return request_for_any(where, {bare(path)}); }

std::optional<std::string> owner(ldap::session& s, const layout& where, std::string_view path, const is_own_entry& own) {
    return owner_of_any(s, where, {bare(path)}, own);
}

std::optional<std::string> owner_around(ldap::session& s, const layout& where, std::string_view path, const is_own_entry& own) {
    return owner_of_any(s, where, around(path), own);
}

bool is_usual(std::string_view folder, std::string_view address_text) {
    try {
        return bare(maildir_path(address::parse(address_text))) == folder;
    } catch (const invalid_value&) { // of no address
        return false;
    }
}

std::optional<std::string> owner_before(const memory& remembered, const std::string& home, std::string_view path, std::string_view own_address) {
    if (!remembered) return std::nullopt;
    std::vector<std::string> folders = around(path);
    folders.push_back(bare(path));
    for (const std::string& folder : folders) {
        const auto who = remembered(home, folder);
        if (!who || ascii::iequals(*who, printable(own_address)) || (who->empty() && is_usual(folder, own_address))) continue;
        return who->empty() ? "somebody who is gone" : *who + ", who is gone";
    }
    return std::nullopt;
}

contents::contents(ldap::session& s, const ldap::dn& below) {
    s.for_each({below, ldap::scope::subtree, filter::present(attr::mailbox), {std::string(attr::mailbox), std::string(attr::mail), std::string(attr::entry_uuid)}},
               [this](ldap::entry&& e) {
                   by_folder_.try_emplace(bare(e.first(attr::mailbox).value_or("")), holder{name_of(e), e.first(attr::entry_uuid).value_or("")});
               });
}

std::optional<std::string> contents::owner_inside(std::string_view path, std::string_view own_uuid) const {
    const std::string folder = bare(path) + '/';
    for (auto it = by_folder_.lower_bound(folder); it != by_folder_.end() && it->first.starts_with(folder); ++it)
        if (it->second.entry_uuid != own_uuid) return it->second.name;
    return std::nullopt;
}

} // namespace vmail::mail_folder
