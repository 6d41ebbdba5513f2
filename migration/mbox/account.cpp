#include <cstdlib>
#include <limits>
#include <string>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "account.hpp"

namespace vmail::mbox {

namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view name) {
    throw error(error_kind::usage, fmt::format("there is no {} {}", what, vmail::quoted(name)));
}

std::optional<unsigned> number(std::string_view text) {
    if (!ascii::is_digits(text) || text.size() > 10) return {};
    const unsigned long value = std::strtoul(std::string(text).c_str(), nullptr, 10);
    if (value >= std::numeric_limits<unsigned>::max()) return {}; // -1 means "as it is" to chown(2) and its like
    return static_cast<unsigned>(value);
}

gid_t group_of(const std::string& name) {
    if (const group* const g = ::getgrnam(name.c_str())) return g->gr_gid;
    if (const auto gid = number(name)) return *gid;
    refuse("group", name);
}

} // namespace

account account::parse(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string user(text.substr(0, colon));
    const passwd* found = ::getpwnam(user.c_str());
    const auto uid = number(user);
    if (!found && uid) found = ::getpwuid(*uid);
    if (!found && !uid) refuse("user", user);
    const uid_t owner = found ? found->pw_uid : *uid;
    if (colon != std::string_view::npos) return {owner, group_of(std::string(text.substr(colon + 1)))};
    if (!found) throw error(error_kind::usage, fmt::format("user {} has no group of its own", owner), {.hint = "give the group as well: USER:GROUP"});
    return {owner, found->pw_gid};
}

account account::own() noexcept { return {::geteuid(), ::getegid()}; }

acting_as::acting_as(const account& a) {
    const account now = account::own();
    if (a == now) return;
    if (now.uid != 0) throw denied("only root can write the files of somebody else");
    // The group first: afterwards there is no right to. What root was a member of must not help.
    if (::setgroups(1, &a.gid) != 0 || ::setegid(a.gid) != 0) throw denied(fmt::format("cannot take group {}: {}", a.gid, system_reason()));
    if (::seteuid(a.uid) != 0) {
        const std::string reason = system_reason();
        if (::setegid(now.gid) != 0) std::abort(); // with half of the ids nothing may go on
        throw denied(fmt::format("cannot act as user {}: {}", a.uid, reason));
    }
    before_ = now;
}

acting_as::~acting_as() {
    if (before_ && (::seteuid(before_->uid) != 0 || ::setegid(before_->gid) != 0)) std::abort();
}

} // namespace vmail::mbox
