#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "post.hpp"
#include "program_post.hpp"
#include "smtp_post.hpp"

namespace vmail::tools {

std::unique_ptr<post> make_post(const configuration& c) {
    const std::string sender = c.notices.from ? c.notices.from->text() : "";
    if (const std::string& server = c.notices.sendmail.native(); server.starts_with("smtp://")) return std::make_unique<smtp_post>(server, sender);
    if (::access(c.notices.sendmail.c_str(), X_OK) != 0) throw error(error_kind::configuration, fmt::format("sendmail: {} is no program that can be run", printable(c.notices.sendmail.native())));
    return std::make_unique<program_post>(c.notices.sendmail, sender);
}

} // namespace vmail::tools
