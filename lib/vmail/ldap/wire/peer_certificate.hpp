#pragma once

#include <string>

#include <vmail/ldap/wire/handle.hpp>

namespace vmail::ldap::wire {

/// The certificate of the server as it was shown to us: DER. Empty when there is none.
std::string peer_certificate(LDAP* ld);

/// libldap takes a certificate that was made for something else than servers, when it is built on GnuTLS. Throws error(configuration) for one whose extended
/// key usage (RFC 5280 section 4.2.1.12) is there and does not name them.
void require_server_certificate(LDAP* ld, const std::string& peer);

} // namespace vmail::ldap::wire
