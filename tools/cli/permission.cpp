#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "permission.hpp"

namespace vmail::tools {

namespace {

std::string rule_for(const standing& who) {
    const std::string domains = list_of(who.domains);
    if (who.kind == standing::kind::owner)
        return fmt::format("the owner of a mailbox sets its password, forward and automatic answer, and all else is for the administrators of {}", domains);
    if (!who.edit_accounts)
        return fmt::format("without editAccounts it runs the aliases of {} and only reads mailboxes, and all else is for who has it or runs the server", domains);
    return fmt::format("it runs the mailboxes and aliases of {}, and other names for them, limits, ends, reasons other than manual, administrators and what the site has disabled are for who runs the server", domains);
}

} // namespace

std::string permission_sentence(const standing& who, const std::string& subject) {
    if (who.kind == standing::kind::service) return {};
    const bool others = !subject.empty() && subject != who.name;
    return fmt::format("{} may not do this{}: {}", printable(who.name), others ? " to " + printable(subject) : "", rule_for(who));
}

} // namespace vmail::tools
