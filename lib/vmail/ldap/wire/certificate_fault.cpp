#include <vmail/ldap/wire/certificate_fault.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <vector>

#include <arpa/inet.h>
#include <strings.h>
#include <unistd.h>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <vmail/ldap/wire/handle.hpp>
#include <vmail/printable.hpp>

namespace vmail::ldap::wire {

namespace {

using certificate = std::unique_ptr<X509, freed_by<X509_free>>;
using general_names = std::unique_ptr<GENERAL_NAMES, freed_by<GENERAL_NAMES_free>>;
using store = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;
using store_context = std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>>;
using memory = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

constexpr const char* time_hint = "the server needs a new one; see, too, that the clocks are right";

std::string moment_text(const ASN1_TIME* at) {
    std::tm t{};
    if (ASN1_TIME_to_tm(at, &t) != 1) return "a day that cannot be read";
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

std::string name_text(const X509_NAME* name) {
    const memory out(BIO_new(BIO_s_mem()));
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) < 0) return "?";
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return printable(std::string_view(text, static_cast<std::size_t>(size)));
}

/// "it expired on ...", or nothing.
std::string fault_of_time(const X509* c) {
    if (X509_cmp_current_time(X509_get0_notAfter(c)) < 0) return "expired on " + moment_text(X509_get0_notAfter(c));
    if (X509_cmp_current_time(X509_get0_notBefore(c)) > 0) return "is not valid before " + moment_text(X509_get0_notBefore(c));
    return {};
}

std::string name_of(const GENERAL_NAME* n) {
    if (n->type != GEN_DNS && n->type != GEN_IPADD) return {};
    const ASN1_STRING* const value = n->type == GEN_DNS ? n->d.dNSName : n->d.iPAddress;
    const unsigned char* const octets = ASN1_STRING_get0_data(value);
    const int size = ASN1_STRING_length(value);
    if (n->type == GEN_DNS) return printable(std::string_view(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size)));
    std::array<char, INET6_ADDRSTRLEN> address{};
    if (size != 4 && size != 16) return {};
    return inet_ntop(size == 4 ? AF_INET : AF_INET6, octets, address.data(), address.size()) ? address.data() : "";
}

std::vector<std::string> hosts_of(const X509* c) {
    std::vector<std::string> hosts;
    const general_names all(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(c, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i)
        if (auto name = name_of(sk_GENERAL_NAME_value(all.get(), i)); !name.empty()) hosts.push_back(std::move(name));
    return hosts;
}

/// The first of many are enough to see whose it is.
std::string listed(std::vector<std::string> hosts) {
    constexpr std::size_t enough = 5;
    const std::size_t more = hosts.size() > enough ? hosts.size() - enough : 0;
    if (more > 0) hosts.resize(enough);
    return fmt::format("{}{}", fmt::join(hosts, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

bool is_for(X509* c, const std::string& host) {
    return X509_check_ip_asc(c, host.c_str(), 0) == 1 || X509_check_host(c, host.data(), host.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
}

/// libldap takes "localhost" for the machine's own name, and never compares it itself.
bool is_own_name(const std::string& host) { return strcasecmp(host.c_str(), "localhost") == 0; }

std::string fault_of_names(X509* c, const std::string& host) {
    const auto hosts = hosts_of(c);
    if (hosts.empty()) return "names no host in subjectAltName";
    if (is_own_name(host)) {
        std::array<char, 256> machine{};
        gethostname(machine.data(), machine.size() - 1);
        if (is_for(c, machine.data())) return {};
        return fmt::format("is for {} and not for {}, the name of this machine, which localhost stands for", listed(hosts), printable(machine.data()));
    }
    return is_for(c, host) ? std::string() : fmt::format("is for {} and not for {}", listed(hosts), printable(host));
}

bool is_self_signed(const X509* c) { return X509_NAME_cmp(X509_get_subject_name(c), X509_get_issuer_name(c)) == 0; }

struct chain {
    bool vouched = false;
    std::string fault_of_authority; ///< its time
};

/// As GnuTLS does: each certificate of the file is trusted by itself. Those that the server sends along are not known here.
chain follow(X509* c, const std::string& ca_file) {
    const store trusted(X509_STORE_new());
    const store_context context(X509_STORE_CTX_new());
    if (!trusted || !context || ca_file.empty() || X509_STORE_load_locations(trusted.get(), ca_file.c_str(), nullptr) != 1) return {};
    X509_STORE_set_flags(trusted.get(), X509_V_FLAG_PARTIAL_CHAIN);
    if (X509_STORE_CTX_init(context.get(), trusted.get(), c, nullptr) != 1) return {};
    if (X509_verify_cert(context.get()) == 1) return {true, {}};
    const int why = X509_STORE_CTX_get_error(context.get());
    if (why != X509_V_ERR_CERT_HAS_EXPIRED && why != X509_V_ERR_CERT_NOT_YET_VALID) return {};
    const X509* const whose = X509_STORE_CTX_get_current_cert(context.get());
    if (X509_STORE_CTX_get_error_depth(context.get()) == 0 || !whose) return {true, {}};
    return {true, fmt::format("its authority {} {}", name_text(X509_get_subject_name(whose)), fault_of_time(whose))};
}

std::string fault_of_voucher(const X509* c, const std::string& authorities) {
    if (is_self_signed(c)) return fmt::format("it is signed by itself, {}, and {} for it", name_text(X509_get_subject_name(c)), authorities);
    return fmt::format("{} for its issuer {}", authorities, name_text(X509_get_issuer_name(c)));
}

} // namespace

std::optional<certificate_fault> find_certificate_fault(std::string_view der, const std::string& host, const std::string& ca_file, const std::string& authorities) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const certificate c(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!c) return std::nullopt;
    const chain to_authority = follow(c.get(), ca_file);
    std::vector<certificate_fault> faults;
    if (auto words = fault_of_time(c.get()); !words.empty()) faults.push_back({"it " + words, time_hint});
    if (!to_authority.fault_of_authority.empty()) faults.push_back({to_authority.fault_of_authority, time_hint});
    if (auto words = fault_of_names(c.get(), host); !words.empty())
        faults.push_back({"it " + words, "name the server in the URI as its certificate does, or give it one whose subjectAltName has that name"});
    // What is between it and its authority we do not see: only where nothing else explains the refusal that can be said of the authority.
    if (!to_authority.vouched && (faults.empty() || is_self_signed(c.get())))
        faults.push_back({fault_of_voucher(c.get(), authorities), {}, remedy::name_certificate_authority});
    if (faults.empty()) return std::nullopt;
    for (auto& more : std::vector(faults.begin() + 1, faults.end())) faults[0].words += ", and " + more.words;
    return faults[0];
}

} // namespace vmail::ldap::wire
