#pragma once

#include <vmail/mail_store/identity.hpp>

#include <cli/configuration.hpp>

namespace vmail::tools {

/// The user and the group whose all mail is, by the settings. Throws error(configuration) where this machine does not know them.
mail_store::mail_owner owner_of_mail(const configuration& c);

} // namespace vmail::tools
