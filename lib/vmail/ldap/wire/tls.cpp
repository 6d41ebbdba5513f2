#include <vmail/ldap/wire/tls.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/wire/certificate_fault.hpp>
#include <vmail/ldap/wire/handle.hpp>
#include <vmail/ldap/wire/library.hpp>
#include <vmail/printable.hpp>

namespace vmail::ldap::wire {

namespace {

constexpr const char* system_ca_file = "/etc/ssl/certs/ca-certificates.crt"; // Debian's; libldap's own default stands in a file that we do not read

// GnuTLS takes a protocol minimum and ignores it: TLS 1.1 was negotiated. Its priority string holds.
constexpr const char* gnutls_priorities = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

[[noreturn]] void misconfigured(const std::string& sentence, const std::string& hint = {}, remedy to_do = remedy::none) {
    throw error(error_kind::configuration, sentence, {.hint = hint, .remedy = to_do, .session_usable = false});
}

std::ifstream open_readable(const std::string& file, const char* what) {
    errno = 0;
    struct stat seen {};
    const bool folder = stat(file.c_str(), &seen) == 0 && S_ISDIR(seen.st_mode); // a folder opens, and fails only when it is read
    std::ifstream in;
    if (!folder) in.open(file, std::ios::binary);
    if (folder || !in) misconfigured(fmt::format("cannot read the {} {}: {}", what, printable(file), std::strerror(folder ? EISDIR : errno)));
    return in;
}

/// GnuTLS takes a file without any certificate for good, and then trusts nobody.
void require_certificates(const std::string& file) {
    auto in = open_readable(file, "CA file");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("-----BEGIN ") && line.find("CERTIFICATE-----") != std::string::npos) return;
    misconfigured(fmt::format("there is no certificate in the CA file {}", printable(file)), "it must hold certificates in PEM form");
}

std::string ca_file_for(const session_options& o) {
    if (!o.ca_file.empty()) return o.ca_file;
    return access(system_ca_file, R_OK) == 0 ? system_ca_file : "";
}

bool built_on_gnutls(LDAP* ld) {
    char* raw = nullptr;
    ldap_get_option(ld, LDAP_OPT_X_TLS_PACKAGE, &raw);
    const text package(raw);
    return package && std::strcmp(package.get(), "GnuTLS") == 0;
}

template <std::size_t Size>
bool mentions(std::string_view words, const std::array<std::string_view, Size>& any) {
    return std::any_of(any.begin(), any.end(), [&](std::string_view word) { return words.find(word) != std::string_view::npos; });
}

// What libldap makes of a certificate that it refuses under GnuTLS is a code of its own, for which GnuTLS has no words.
constexpr std::array<std::string_view, 5> words_of_certificates = {"(unknown error code)", "certificate", "hostname does not match", "unable to get CN",
                                                                   "subjectAltName"};
constexpr std::array<std::string_view, 5> words_of_versions = {"unsupported version", "unsupported protocol", "protocol version",
                                                               "no supported cipher", "handshake failure"};

[[noreturn]] void refuse_certificate(const std::string& peer, const session_options& o, const std::string& host, const std::string& shown) {
    const std::string authorities = o.ca_file.empty() ? "none of the system's authorities vouches" : printable(o.ca_file) + " does not vouch";
    const auto fault = find_certificate_fault(shown, host, ca_file_for(o), authorities);
    if (fault) misconfigured(fmt::format("the certificate of {} is not trusted: {}", peer, fault->words), fault->hint, fault->to_do);
    misconfigured(fmt::format("the certificate of {} is not trusted: {} for it, or its time is over, or its subjectAltName does not name that host", peer, authorities),
                  {}, remedy::name_certificate_authority);
}

} // namespace

void demand_tls(LDAP* ld, const session_options& o) {
    const std::string ca = ca_file_for(o);
    if (!o.ca_file.empty()) require_certificates(o.ca_file);
    if (!o.cert_file.empty()) open_readable(o.cert_file, "certificate");
    if (!o.key_file.empty()) open_readable(o.key_file, "key");
    const int demand = LDAP_OPT_X_TLS_DEMAND, tls12 = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, client = 0;
    set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand, "TLS require certificate");
    // Else the common name would do, of a certificate for other names, too (RFC 6125 section 6.4.4).
    set_option(ld, LDAP_OPT_X_TLS_REQUIRE_SAN, &demand, "TLS require subjectAltName");
    if (!ca.empty()) set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, ca.c_str(), "TLS CA file");
    if (!o.cert_file.empty()) set_option(ld, LDAP_OPT_X_TLS_CERTFILE, o.cert_file.c_str(), "TLS certificate");
    if (!o.key_file.empty()) set_option(ld, LDAP_OPT_X_TLS_KEYFILE, o.key_file.c_str(), "TLS key");
    set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls12, "TLS minimum version");
    if (built_on_gnutls(ld)) set_option(ld, LDAP_OPT_X_TLS_CIPHER_SUITE, gnutls_priorities, "TLS priorities");
    // Last: TLS options of a handle take effect only with a new context.
    if (ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client) == LDAP_OPT_SUCCESS) return;
    if (o.cert_file.empty() && o.key_file.empty())
        misconfigured(fmt::format("cannot use the CA file {}", printable(ca)), "it must hold certificates in PEM form");
    misconfigured(fmt::format("cannot use the certificate {} with the key {}", printable(o.cert_file), printable(o.key_file)),
                  "cert-file and key-file must both be set, in PEM form, and belong to each other");
}

void look_at_certificate_only(LDAP* ld) {
    const int never = LDAP_OPT_X_TLS_NEVER, client = 0;
    set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &never, "TLS require certificate");
    if (built_on_gnutls(ld)) set_option(ld, LDAP_OPT_X_TLS_CIPHER_SUITE, gnutls_priorities, "TLS priorities");
    set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client, "TLS context");
}

void throw_refused_handshake(const std::string& peer, const session_options& o, const std::string& words, const std::string& host,
                             const std::function<std::string()>& look) {
    if (mentions(words, words_of_certificates)) refuse_certificate(peer, o, host, look());
    if (mentions(words, words_of_versions))
        misconfigured(fmt::format("{} and we have no version of TLS in common: {}", peer, printable(words)), "TLS 1.2 or later is needed");
    throw unavailable(fmt::format("the TLS handshake with {} failed{}{}", peer, words.empty() ? "" : ": ", printable(words)),
                      {.hint = "see that the server speaks TLS there", .session_usable = false});
}

std::string require_tls_in_place(LDAP* ld, const std::string& peer) {
    if (ldap_tls_inplace(ld) != 1) misconfigured(fmt::format("the connection to {} is not encrypted", peer));
    char* raw = nullptr;
    ldap_get_option(ld, LDAP_OPT_X_TLS_VERSION, &raw);
    const text owner(raw);
    const std::string version = raw ? raw : "";
    constexpr std::array<std::string_view, 4> good = {"TLSv1.2", "TLSv1.3", "TLS1.2", "TLS1.3"};
    if (std::find(good.begin(), good.end(), version) == good.end())
        misconfigured(fmt::format("{} speaks {}: TLS 1.2 or later is needed", peer, printable(version)));
    return version;
}

} // namespace vmail::ldap::wire
