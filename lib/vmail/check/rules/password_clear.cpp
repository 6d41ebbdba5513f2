#include <vmail/check/rules/table.hpp>
#include <vmail/password_strength.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    for (const auto& kind : e.passwords())
        if (kind.strength == password_strength::clear) return tell(e, "its password is stored in clear text, or in a way that nobody knows");
}

} // namespace

const rule password_clear{{"password-clear", severity::error, reach::tree, repair::none,
                           "userPassword holds the password itself: whoever sees the entry, or a backup of it, has it."},
                          look};

} // namespace vmail::check
