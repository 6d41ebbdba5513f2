#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    if (!e.fault().empty()) tell(e, e.fault());
}

} // namespace

const rule entry_unreadable{{"entry-unreadable", severity::error, reach::tree, repair::none,
                             "An entry says that it is a mailbox, an alias or a domain, and has no usable address or name."},
                            look};

} // namespace vmail::check
