#include <string>
#include <string_view>

#include <grp.h>
#include <pwd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "mail_owner.hpp"

namespace vmail::tools {

namespace {

unsigned long number_in(const std::string& digits, std::string_view what) {
    if (digits.size() > 9) throw error(error_kind::configuration, fmt::format("{} is no number of a {}", printable(digits), what));
    return std::stoul(digits);
}

[[noreturn]] void unknown(std::string_view what, const std::string& name) {
    throw error(error_kind::configuration, fmt::format("there is no {} {}, whose the mail is", what, printable(name)), {.hint = fmt::format("set mail-{}, or run this where the mail is", what)});
}

uid_t user_of(const std::string& name) {
    if (ascii::is_digits(name)) return static_cast<uid_t>(number_in(name, "user"));
    if (const passwd* const entry = ::getpwnam(name.c_str())) return entry->pw_uid;
    unknown("user", name);
}

gid_t group_of(const std::string& name) {
    if (ascii::is_digits(name)) return static_cast<gid_t>(number_in(name, "group"));
    if (const ::group* const entry = ::getgrnam(name.c_str())) return entry->gr_gid;
    unknown("group", name);
}

} // namespace

mail_store::mail_owner owner_of_mail(const configuration& c) { return {.user = user_of(c.mail_user), .group = group_of(c.mail_group)}; }

} // namespace vmail::tools
