#pragma once

#include <functional>
#include <string>

#include <ldap.h>

#include <vmail/ldap/session.hpp>

namespace vmail::ldap::wire {

/// Makes the handle demand a certificate that the CA file vouches for, and TLS 1.2 or later. Throws error(configuration) for a file
/// that cannot be used.
void demand_tls(LDAP* ld, const session_options& options);

/// Makes the handle believe everybody: to look at a certificate that was refused, and for nothing else. Says nothing of us.
void look_at_certificate_only(LDAP* ld);

/// What a failed handshake means, from the TLS library's words: error(configuration) for a certificate or a version that is refused, else unavailable.
/// `peer` is safe to print. libldap does not say what is wrong with a certificate: `look` shows it once more (DER, empty if it cannot), and `host` is
/// whose it should be.
[[noreturn]] void throw_refused_handshake(const std::string& peer, const session_options& options, const std::string& words, const std::string& host,
                                          const std::function<std::string()>& look);

/// The version in use, "TLSv1.3" with OpenSSL and "TLS1.3" with GnuTLS. Throws error(configuration) when there is none or an old one.
std::string require_tls_in_place(LDAP* ld, const std::string& peer);

} // namespace vmail::ldap::wire
