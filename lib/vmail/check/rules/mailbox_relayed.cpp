#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    const auto* const m = e.mailbox();
    const auto* const d = m != nullptr ? e.around.domains.find(m->address.domain().text()) : nullptr;
    if (d != nullptr && d->is_backup) tell(e, fmt::format("its mail is handed on to the server of the domain, since {} is a backup domain", printable(d->name)));
}

} // namespace

const rule mailbox_relayed{{"mailbox-relayed", severity::error, reach::tree, repair::none,
                            "A mailbox is in a backup domain, whose mail is handed on to its own server: none gets into the mailbox."},
                           look};

} // namespace vmail::check
