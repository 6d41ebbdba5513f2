#include <string>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

std::string fault_of_home(const std::string& home) {
    if (!home.starts_with('/')) return fmt::format("{} is no path from the root", vmail::quoted(home));
    if ((home + '/').find("/../") != std::string::npos) return fmt::format("{} leads elsewhere", vmail::quoted(home));
    return {};
}

std::string fault_of_path(const std::string& path) {
    try {
        mail_folder::check(path);
    } catch (const invalid_value& fault) {
        return fault.what();
    }
    return {};
}

void look(const sight& e, const telling& tell) {
    if (!e.entry.has_class(cls::account)) return;
    if (const auto fault = fault_of_home(e.entry.first(attr::vd_home).value_or("")); !fault.empty()) tell(e, fmt::format("vdHome: {}", fault));
    if (const auto fault = fault_of_path(e.entry.first(attr::mailbox).value_or("")); !fault.empty()) tell(e, fmt::format("mailbox: {}", fault));
}

} // namespace

const rule folder_hostile{{"folder-hostile", severity::error, reach::tree, repair::none,
                           "The folder of a mailbox leads out of the home of all mail, or is none that a removal of mail would touch."},
                          look};

} // namespace vmail::check
