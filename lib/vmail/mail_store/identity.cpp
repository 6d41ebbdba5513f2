#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>

#include <vmail/mail_store/identity.hpp>

namespace vmail::mail_store {

namespace {

[[noreturn]] void cannot(const mail_owner& who) { throw denied(fmt::format("cannot become user {}, whose the mail is: {}", who.user, system_reason())); }

/// The groups go first: without root there is no way to them.
void leave_root(const mail_owner& who) {
    if (::setgroups(0, nullptr) != 0 || ::setresgid(who.group, who.group, who.group) != 0 || ::setresuid(who.user, who.user, who.user) != 0) cannot(who);
    if (::setuid(0) == 0 || ::geteuid() != who.user || ::getegid() != who.group)
        throw error(error_kind::internal, "root was left, and is not gone");
}

} // namespace

void become(const mail_owner& who) {
    if (who.user == 0) throw error(error_kind::configuration, "mail is never touched as root, and the settings name root as its owner", {.hint = "set mail-user to the user that the mail is delivered as"});
    if (::geteuid() == 0) leave_root(who);
    else if (::geteuid() != who.user || ::getuid() != who.user)
        throw denied(fmt::format("the mail belongs to user {}, and this runs as user {}", who.user, ::geteuid()), {.hint = "run it as root, which is given up before any mail is touched, or as that user"});
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) cannot(who);
}

} // namespace vmail::mail_store
