#include <string_view>

#include <fmt/format.h>

#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

void ask(server_sight& s, const telling& tell) {
    const bool is_date = s.directory.site().expiry_storage == expiry_storage::expire_date;
    const std::string_view name = is_date ? schema::attr::expire_date : schema::attr::mailbox_expiration;
    if (s.schema().empty() || !s.schema().has_attribute(name)) return;
    if (!(is_date ? s.schema().has_ordering(name) : s.schema().orders_integers(name)))
        tell.about(s.uri(), fmt::format("{} has no ordering rule: each expiry run looks at all accounts with a date", name));
}

} // namespace

const rule ordering_missing{{"ordering-missing", severity::note, reach::server, repair::none,
                             "The attribute of ends has no ordering rule, so that a search for what is due finds nothing and all dated accounts are looked at."},
                            nullptr, nullptr, nullptr, ask};

} // namespace vmail::check
