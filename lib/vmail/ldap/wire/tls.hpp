#pragma once

#include <string>

#include <ldap.h>

#include <vmail/ldap/session.hpp>

namespace vmail::ldap::wire {

/// Makes the handle demand a certificate that the CA file vouches for, and TLS 1.2 or later. Throws error(configuration) for a file
/// that cannot be used.
void demand_tls(LDAP* ld, const session_options& options);

/// What a failed handshake means, from the TLS library's words: error(configuration) for a certificate or a version that is refused, else unavailable.
/// `peer` is safe to print.
[[noreturn]] void throw_refused_handshake(const std::string& peer, const session_options& options, const std::string& words);

/// The version in use, "TLSv1.3" with OpenSSL and "TLS1.3" with GnuTLS. Throws error(configuration) when there is none or an old one.
std::string require_tls_in_place(LDAP* ld, const std::string& peer);

} // namespace vmail::ldap::wire
