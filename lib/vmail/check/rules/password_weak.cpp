#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/password_strength.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    for (const auto& kind : e.passwords())
        if (kind.strength == password_strength::weak) return tell(e, fmt::format("its password is stored as {}, from which it is found out fast", printable(kind.scheme)));
}

} // namespace

const rule password_weak{{"password-weak", severity::warning, reach::tree, repair::none,
                          "A password is stored without salt, or by MD5 or DES: whoever gets the hash soon has the password."},
                         look};

} // namespace vmail::check
