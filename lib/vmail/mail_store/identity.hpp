#pragma once

#include <sys/types.h>

/// Internal: for the program that works on mail.
namespace vmail::mail_store {

/// Whose all mail is.
struct mail_owner {
    uid_t user = 0;
    gid_t group = 0;
};

/// Becomes that user and no other for good, where we are root; where we are him already, there is nothing to do. Throws error(configuration) for
/// root as the owner of mail, denied for anybody else.
void become(const mail_owner& who);

} // namespace vmail::mail_store
