#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vmail/remedy.hpp>

namespace vmail::ldap::wire {

/// Why nobody should believe a certificate.
struct certificate_fault {
    std::string words; ///< completes "the certificate of ... is not trusted: "; safe to print
    std::string hint;
    remedy to_do = remedy::none;
};

/// What is wrong with a certificate (DER) that was refused: its time, then its names (subjectAltName alone, RFC 6125), then who vouches for it. `host` is
/// as the URI spells it; `ca_file` is empty where there is none. Nothing when it cannot be told. This explains a refusal and is no check: what it
/// does not find is not proven to be good.
std::optional<certificate_fault> find_certificate_fault(std::string_view der, const std::string& host, const std::string& ca_file, const std::string& authorities);

} // namespace vmail::ldap::wire
