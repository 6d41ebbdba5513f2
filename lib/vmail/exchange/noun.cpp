#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/nearest.hpp>
#include <vmail/printable.hpp>

#include <vmail/exchange/noun.hpp>

namespace vmail::exchange {

namespace {

template <typename Entity> std::vector<const field_info*> all_fields() {
    std::vector<const field_info*> all;
    for (const auto& f : fields_of<Entity>()) all.push_back(&f);
    return all;
}

const std::vector<noun_info>& table() {
    static const std::vector<noun_info> all = {
        {noun::domain, "domain", "domains", "mail domains", all_fields<domain>()},
        {noun::backup_domain, "backup-domain", "backup_domains", "domains that mail is only taken for and handed on", all_fields<backup_domain>()},
        {noun::backup_mail, "backup-mail", "backup_mails", "addresses taken in backup domains", all_fields<backup_mail>()},
        {noun::mailbox, "mailbox", "mailboxes", "mailboxes, with their forwards and automatic answers", all_fields<mailbox>()},
        {noun::alias, "alias", "aliases", "aliases and catch-alls", all_fields<alias>()},
        {noun::mailing_list, "mailinglist", "mailinglists", "mailing lists of Mailman: their addresses", all_fields<mailing_list>()},
        {noun::admin, "admin", "admins", "who administers domains", all_fields<admin>()},
    };
    return all;
}

/// ", did you mean x?", or nothing.
std::string or_meant(std::string_view word, const std::vector<std::string_view>& known) {
    const std::string near = nearest(word, known);
    return near.empty() ? std::string() : fmt::format(", did you mean {}?", near);
}

} // namespace

std::span<const noun_info> nouns() noexcept { return table(); }
const noun_info& info_of(noun n) noexcept { return table()[static_cast<std::size_t>(n)]; }

const noun_info& get_noun(std::string_view name) {
    const auto at = std::find_if(table().begin(), table().end(), [&](const noun_info& n) { return n.name == name; });
    if (at != table().end()) return *at;
    std::vector<std::string_view> known;
    for (const noun_info& n : table()) known.push_back(n.name);
    throw invalid_value(fmt::format("{} is no kind of record{}", vmail::quoted(name), or_meant(name, known)), {.hint = fmt::format("the kinds are {}", fmt::join(known, ", "))});
}

const field_info& get_field(const noun_info& n, std::string_view name) {
    const auto at = std::find_if(n.fields.begin(), n.fields.end(), [&](const field_info* f) { return f->name == name; });
    if (at != n.fields.end()) return **at;
    std::vector<std::string_view> known;
    for (const field_info* f : n.fields) known.push_back(f->name);
    throw invalid_value(fmt::format("{} is no field of a record of kind {}{}", vmail::quoted(name), n.name, or_meant(name, known)), {.hint = fmt::format("the fields are {}", fmt::join(known, ", "))});
}

} // namespace vmail::exchange
