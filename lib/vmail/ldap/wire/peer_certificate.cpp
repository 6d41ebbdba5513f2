#include <vmail/ldap/wire/peer_certificate.hpp>

#include <memory>

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <vmail/error.hpp>

namespace vmail::ldap::wire {

namespace {

using certificate = std::unique_ptr<X509, freed_by<X509_free>>;

certificate certificate_of(LDAP* ld) {
    const std::string der = peer_certificate(ld);
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    return certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

[[noreturn]] void misconfigured(const std::string& sentence) {
    throw error(error_kind::configuration, sentence, {.hint = "the server needs one with the extended key usage serverAuth, or without any", .session_usable = false});
}

} // namespace

std::string peer_certificate(LDAP* ld) {
    berval der{};
    const int code = ldap_get_option(ld, LDAP_OPT_X_TLS_PEERCERT, &der);
    const text owner(der.bv_val);
    return code == LDAP_OPT_SUCCESS && der.bv_val ? std::string(der.bv_val, der.bv_len) : std::string();
}

void require_server_certificate(LDAP* ld, const std::string& peer) {
    const certificate c = certificate_of(ld);
    if (!c) misconfigured(fmt::format("the certificate of {} cannot be read", peer));
    // All bits are set where there is no such extension.
    if ((X509_get_extended_key_usage(c.get()) & (XKU_SSL_SERVER | XKU_ANYEKU)) == 0)
        misconfigured(fmt::format("the certificate of {} is not one of a server: its extended key usage is for something else", peer));
}

} // namespace vmail::ldap::wire
