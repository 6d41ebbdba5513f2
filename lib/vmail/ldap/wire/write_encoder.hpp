#pragma once

#include <vmail/ldap/request.hpp>
#include <vmail/ldap/wire/handle.hpp>

namespace vmail::ldap::wire {

/// Hands a write to libldap, with its guard and with the controls that bring back the entry before and after it. Returns libldap's code; the message
/// number goes to `message_id`.
int send_write(LDAP* ld, const write_request& request, int& message_id);

} // namespace vmail::ldap::wire
