#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>
#include <vmail/unix_account.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

void look(const sight& e, const telling& tell) {
    const auto text = e.entry.first(attr::uid_number);
    if (!text || !e.entry.has_class(schema::cls::account)) return;
    const number_range& range = e.site().unix_accounts.uids;
    std::uint32_t n = 0;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), n);
    if (parsed.ec != std::errc() || !range.holds(n)) tell(e, fmt::format("its uidNumber is {}, and those of this site go from {} to {}", vmail::quoted(*text), range.first, range.last));
}

} // namespace

const rule number_outside{{"number-outside", severity::warning, reach::tree, repair::none,
                           "The number of a Unix account is outside of unix-uid-range: it may be that of a system account, whose files the owner then has."},
                          look};

} // namespace vmail::check
