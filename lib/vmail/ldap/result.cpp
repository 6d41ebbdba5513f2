#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <ldap.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/result.hpp>

namespace vmail::ldap {

namespace {

struct hint_row {
    int code;
    std::string_view text;
};

constexpr std::array hints = {
    hint_row{LDAP_SIZELIMIT_EXCEEDED,
             "the server's size limit cut the answer short; raise it for this identity: limits dn.exact=\"...\" size.hard=unlimited size.prtotal=unlimited"},
    hint_row{LDAP_TIMELIMIT_EXCEEDED, "raise the server's time limit for this identity, or index what the search asks for: limits dn.exact=\"...\" time=unlimited"},
    hint_row{LDAP_ADMINLIMIT_EXCEEDED,
             "ask for smaller pages, or raise the server's limit for this identity: limits dn.exact=\"...\" size.pr=1000 size.prtotal=unlimited"},
    hint_row{LDAP_STRONG_AUTH_REQUIRED, "the server wants authentication for this: give an identity, or use ldapi:// with SASL EXTERNAL"},
    hint_row{LDAP_CONFIDENTIALITY_REQUIRED, "the server wants an encrypted connection: use ldaps://, or ldap:// with StartTLS"},
    hint_row{LDAP_INVALID_CREDENTIALS, "check the bind DN and its password; a server says the same of an entry that is not there"},
    hint_row{LDAP_INSUFFICIENT_ACCESS, "the server's access rules (olcAccess) do not let this identity do it"},
    hint_row{LDAP_UNWILLING_TO_PERFORM, "the database may be read-only, or a policy or an overlay refuses: see the server's words and its log"},
    hint_row{LDAP_OTHER, "the server's disk or its database (olcDbMaxSize) may be full: see its log"},
    hint_row{LDAP_ASSERTION_FAILED, "somebody changed the entry meanwhile: look at it and try again"},
    hint_row{LDAP_SERVER_DOWN, "see that the server runs and that the URI names it"},
    hint_row{LDAP_CONNECT_ERROR, "see that the server's certificate is signed by the CA file's authority and names the host of the URI"},
};

/// As it is written elsewhere, where it is a name at all.
std::string shown_dn(const std::string& raw) {
    try {
        return dn::parse(raw).text();
    } catch (const invalid_value&) {
        return printable(raw);
    }
}

/// The URL of a referral names the entry as well (RFC 4516).
std::string server_of(const std::string& url) {
    const auto host = url.find("://");
    return host == std::string::npos ? url : url.substr(0, url.find('/', host + 3));
}

/// slapd's words where a database or the whole server is set to take no such request.
bool is_read_only(const result& r) { return r.code == LDAP_UNWILLING_TO_PERFORM && r.diagnostic == "operation restricted"; }

/// slapo-ppolicy's words to who has bound with a password that has to be changed first (pwdReset).
bool wants_new_password(const result& r) { return r.code == LDAP_INSUFFICIENT_ACCESS && r.diagnostic.starts_with("Operations are restricted to bind"); }

/// slapo-unique's words, older and newer.
bool is_not_unique(const result& r) {
    return r.code == LDAP_CONSTRAINT_VIOLATION && (r.diagnostic.starts_with("non-unique attributes found") || r.diagnostic == "some attributes not unique");
}

std::string hint_for(const result& r) {
    if (r.code == LDAP_REFERRAL && !r.referrals.empty()) return fmt::format("use {}", printable(server_of(r.referrals.front())));
    if (r.code == LDAP_REFERRAL) return "this server holds no copy of that part of the tree: use the one that does";
    if (is_read_only(r)) return "its database is read-only (olcReadOnly), or it may do only some kinds of request (olcRestrictOps)";
    if (is_not_unique(r)) return "the server keeps it to one (slapo-unique), also where we may not see the other";
    if (wants_new_password(r)) return "the server wants a new password before anything else";
    if (r.code == LDAP_NO_SUCH_OBJECT && !r.matched_dn.empty())
        return fmt::format("the server has {}, and nothing of that name below it", shown_dn(r.matched_dn));
    const auto* const row = std::find_if(hints.begin(), hints.end(), [&](const auto& h) { return h.code == r.code; });
    return row == hints.end() ? std::string() : std::string(row->text);
}

/// libldap's words, "No such object", as they stand in the middle of a sentence. Where nobody would understand them, our own.
std::string phrase_for(const result& r) {
    const int code = r.code;
    if (code == LDAP_REFERRAL) return "this server leaves it to another one";
    if (is_read_only(r)) return "the server takes no changes";
    if (is_not_unique(r)) return "another entry has such a value already";
    const std::string name = ldap_code_name(code);
    std::string words = ldap_err2string(code);
    if (words.starts_with("Unknown")) return name;
    const bool is_word = words.size() > 1 && !ascii::is_upper(words[1]);
    if (is_word) words.front() = ascii::to_lower(words.front());
    return words;
}

std::string describe(const dn& name) { return name.empty() ? "the root DSE" : name.text(); }

/// Rule 5: what libldap says before anything was sent leaves the connection as it was; after anything else of its own it is not to be trusted.
bool is_session_usable(int code) noexcept {
    constexpr std::array before_sending = {LDAP_FILTER_ERROR, LDAP_PARAM_ERROR, LDAP_NOT_SUPPORTED, LDAP_CONTROL_NOT_FOUND};
    return code >= 0 || std::find(before_sending.begin(), before_sending.end(), code) != before_sending.end();
}

remedy remedy_for(const result& r) noexcept {
    if (wants_new_password(r)) return remedy::set_new_password;
    return r.code == LDAP_INSUFFICIENT_ACCESS ? remedy::ask_identity : remedy::none;
}

error_details details_of(const result& r, const dn& name) {
    return {.dn = name.text(),
            .ldap_code = r.code,
            .diagnostic = r.diagnostic,
            .hint = hint_for(r),
            .remedy = remedy_for(r),
            .session_usable = is_session_usable(r.code)};
}

[[noreturn]] void throw_in_doubt(std::string_view doing, const dn& name, const result& r) {
    auto details = details_of(r, name);
    details.hint = "look at the entry before trying again";
    details.remedy = remedy::none;
    details.session_usable = false;
    auto sentence = fmt::format("cannot tell whether the request to {} {} was carried out", doing, describe(name));
    sentence += r.ok() ? ": it was sent and never answered" : ": " + reason_of(r);
    throw_error(error_kind::in_doubt, sentence, std::move(details));
}

} // namespace

std::string reason_of(const result& r) {
    std::string text = phrase_for(r);
    if (!r.diagnostic.empty()) text += fmt::format(" ({})", printable(r.diagnostic));
    return text;
}

void result::success(std::string_view doing, const dn& name) const {
    if (ok()) return;
    const auto kind = is_not_unique(*this) ? error_kind::already_exists : kind_of_ldap_code(code);
    throw_error(kind, fmt::format("cannot {} {}: {}", doing, describe(name), reason_of(*this)), details_of(*this, name));
}

void write_result::success(std::string_view doing, const dn& name) const {
    if (outcome == ldap::outcome::done) return;
    if (outcome == ldap::outcome::unknown) throw_in_doubt(doing, name, result);
    if (outcome == ldap::outcome::not_sent)
        throw_error(error_kind::unavailable, fmt::format("cannot {} {}: the run ended before the request was sent", doing, describe(name)), details_of(result, name));
    result.success(doing, name);
    // Settled by reading back after an answer that never came: not applied, and no code tells why.
    throw_error(error_kind::unavailable, fmt::format("cannot {} {}: the answer was lost, and reading back shows that nothing was changed", doing, describe(name)),
                details_of(result, name));
}

} // namespace vmail::ldap
