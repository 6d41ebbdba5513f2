#include <chrono>
#include <cstring>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/tcp.h>

#include <fmt/format.h>
#include <openldap.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/wire/connection.hpp>
#include <vmail/ldap/wire/duration.hpp>
#include <vmail/ldap/wire/library.hpp>
#include <vmail/ldap/wire/peer_certificate.hpp>
#include <vmail/ldap/wire/tls.hpp>

/// How a connection comes into being: connected, secured, logged in, and told who it is.
namespace vmail::ldap::wire {

namespace {

[[noreturn]] void misconfigured(const std::string& sentence, const std::string& hint = {}, remedy to_do = remedy::none) {
    throw error(error_kind::configuration, sentence, {.hint = hint, .remedy = to_do, .session_usable = false});
}

bool is_loopback(const std::string& host) {
    in_addr v4{};
    in6_addr v6{};
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
    if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
    return host == "localhost";
}

/// Where Debian's slapd listens for "ldapi:///".
constexpr const char* default_socket = "/var/run/slapd/ldapi";

/// libldap knows more: pldap:// and pldaps://, for servers behind a proxy, both of which cross the network in clear text.
bool is_known_scheme(std::string_view scheme) { return scheme == "ldap" || scheme == "ldaps" || scheme == "ldapi"; }

url parse_uri(const std::string& uri) {
    LDAPURLDesc* raw = nullptr;
    const bool good = uri.find('\0') == std::string::npos && ldap_url_parse(uri.c_str(), &raw) == LDAP_URL_SUCCESS;
    url parsed(raw);
    if (!good || !parsed || !is_known_scheme(parsed->lud_scheme))
        misconfigured(fmt::format("\"{}\" is not an LDAP URI", printable(uri)), "write ldap://HOST, ldaps://HOST or ldapi://%2Fpath%2Fto%2Fsocket");
    if (std::strcmp(parsed->lud_scheme, "ldapi") != 0 && (parsed->lud_port < 1 || parsed->lud_port > 65535))
        misconfigured(fmt::format("the URI \"{}\" has no port from 1 to 65535", printable(uri)), "the ports of LDAP are 389, and 636 for ldaps://");
    if (parsed->lud_dn && *parsed->lud_dn)
        misconfigured(fmt::format("the URI \"{}\" names an entry", printable(uri)), {}, remedy::name_only_a_server);
    return parsed;
}

const char* hint_for(unreached::cause why) {
    using cause = unreached::cause;
    if (why == cause::name_not_known) return "write the name of the host in the URI as the network knows it";
    if (why == cause::not_permitted) return "run as somebody who may open that socket";
    return "see that the server runs and that the URI names it";
}

/// Whether a password would cross the network in clear text.
bool clear_text(const LDAPURLDesc& u, bool starttls) { return std::strcmp(u.lud_scheme, "ldap") == 0 && !starttls; }

void refuse_clear_password(const session_options& o, const std::string& uri) {
    const auto* who = std::get_if<simple_bind>(&o.credentials);
    if (!who) return;
    if (who->password.empty()) throw denied("the password is empty: a server would take that for an anonymous bind");
    const url u = parse_uri(uri);
    if (!clear_text(*u, o.starttls)) return;
    const bool loopback = is_loopback(u->lud_host ? u->lud_host : "");
    if (loopback && o.allow_clear_bind_on_loopback) return;
    misconfigured(fmt::format("the password would cross the connection to {} in clear text", printable(uri)), {},
                  loopback ? remedy::encrypt_or_allow_clear_on_loopback : remedy::use_encrypted_connection);
}

/// By itself libldap asks the kernel three times for each message: whether there is one, how long it is, and the rest of it.
void read_many_at_once(LDAP* ld) {
    ber_len_t bytes = 64 * 1024;
    Sockbuf* socket = nullptr;
    ldap_get_option(ld, LDAP_OPT_SOCKBUF, &socket);
    if (ber_sockbuf_add_io(socket, &ber_sockbuf_io_readahead, LBER_SBIOD_LEVEL_PROVIDER, nullptr) == 0) ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_READAHEAD, &bytes);
}

} // namespace

connection::connection(const session_options& options, const std::string& uri, unopened) : options_(options), uri_(uri) {}

// When the body throws, the destructor runs: the unbind of what was opened by then may block, or be written to a socket that is closed.
connection::connection(const session_options& options, const std::string& uri) : connection(options, uri, unopened{}) {
    initialise_libldap();
    refuse_clear_password(options_, uri_);
    const no_sigpipe quiet;
    try {
        open();
        bind();
        ask_identity();
    } catch (const broken& b) {
        const bool hung_up = b.code == LDAP_SERVER_DOWN && !uri_.starts_with("ldapi:");
        throw unavailable(b.sentence, {.ldap_code = b.code, .hint = hung_up ? "see that the server is well, and that this port is not one for ldaps://" : "", .session_usable = false});
    }
}

void connection::closing(LDAP*, Sockbuf*, ldap_conncb* callback) { static_cast<connection*>(callback->lc_arg)->socket_.set_descriptor(-1); }

void connection::open() {
    const url parsed = parse_uri(uri_);
    const bool ldaps = std::strcmp(parsed->lud_scheme, "ldaps") == 0;
    const bool starttls = std::strcmp(parsed->lud_scheme, "ldap") == 0 && options_.starttls;
    const auto by = std::chrono::steady_clock::now() + options_.connect_timeout;
    const armed guard(socket_, by);
    adopt(dial(*parsed, by), std::strcmp(parsed->lud_scheme, "ldapi") == 0);
    set_options();
    if (ldaps || starttls) demand_tls(ld_.get(), options_);
    if (ldaps) shake_hands(by);
    if (starttls) start_tls(by);
    if (!ldaps && !starttls) return;
    tls_version_ = require_tls_in_place(ld_.get(), printable(uri_));
    require_server_certificate(ld_.get(), printable(uri_));
}

descriptor connection::dial(const LDAPURLDesc& to, steady_time by) {
    const std::string host = to.lud_host ? to.lud_host : "";
    try {
        if (std::strcmp(to.lud_scheme, "ldapi") == 0) return connect_local(host.empty() ? default_socket : host, by);
        return connect_any(look_up(host.empty() ? "localhost" : host, to.lud_port, by), by);
    } catch (const unreached& u) {
        unreachable(u);
    }
}

/// libldap works on the socket that we connected.
void connection::adopt(descriptor fd, bool local) {
    if (!local) keep_watch(fd.get());
    peer_.size = sizeof peer_.bytes;
    getpeername(fd.get(), reinterpret_cast<sockaddr*>(&peer_.bytes), &peer_.size);
    LDAP* raw = nullptr;
    const int code = ldap_init_fd(fd.get(), local ? LDAP_PROTO_IPC : LDAP_PROTO_TCP, uri_.c_str(), &raw);
    ld_.reset(raw);
    if (code != LDAP_SUCCESS) misconfigured(fmt::format("cannot use the URI \"{}\": {}", printable(uri_), ldap_code_name(code)));
    socket_.set_descriptor(fd.release());
    read_many_at_once(raw);
}

/// A peer that went away without a word is noticed.
void connection::keep_watch(int fd) const {
    const int on = 1, idle = 60, probes = 3, interval = 10;
    const auto unacknowledged = static_cast<unsigned>(options_.operation_timeout.count());
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
}

void connection::unreachable(const unreached& u) {
    using cause = unreached::cause;
    const bool late = u.why == cause::late;
    const std::string why = late ? "no answer within " + seconds_text(options_.connect_timeout) : u.words;
    const std::string sentence = fmt::format("cannot connect to {}: {}", printable(uri_), printable(why));
    error_details details{.ldap_code = late ? LDAP_TIMEOUT : LDAP_SERVER_DOWN, .hint = hint_for(u.why), .session_usable = false};
    if (u.why == cause::not_permitted) throw denied(sentence, std::move(details));
    throw unavailable(sentence, std::move(details));
}

/// The TLS handshake of ldaps://. The socket blocks, and the guard ends that: with a network timeout of its own libldap polls a stalled handshake in a loop that
/// takes a whole processor.
void connection::shake_hands(steady_time by) {
    const int code = ldap_install_tls(ld_.get());
    if (code == LDAP_SUCCESS) return;
    if (socket_.fired()) unreachable({unreached::cause::late, {}});
    refused(by);
}

void connection::refused(steady_time by) {
    const url parsed = parse_uri(uri_);
    throw_refused_handshake(printable(uri_), options_, diagnostic(), parsed->lud_host ? parsed->lud_host : "localhost", [&] { return look_at_certificate(by); });
}

std::string connection::look_at_certificate(steady_time by) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(by - std::chrono::steady_clock::now());
    if (left.count() <= 0) return {};
    const session_options bare{.operation_timeout = left}; // no name, no password, no certificate of ours
    connection look(bare, uri_, unopened{});
    const armed guard(look.socket_, by);
    try {
        look.adopt(connect_any({peer_}, by), false);
        look.set_options();
        look_at_certificate_only(look.ld_.get());
        const bool ldaps = std::strcmp(parse_uri(uri_)->lud_scheme, "ldaps") == 0;
        const int code = ldaps ? ldap_install_tls(look.ld_.get()) : ldap_start_tls_s(look.ld_.get(), nullptr, nullptr);
        return code == LDAP_SUCCESS ? peer_certificate(look.ld_.get()) : std::string();
    } catch (const unreached&) {
        return {};
    } catch (const error&) {
        return {};
    }
}

void connection::set_options() {
    const int version = LDAP_VERSION3, never = LDAP_DEREF_NEVER;
    const timeval operation = as_timeval(options_.operation_timeout);
    LDAP* ld = ld_.get();
    set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version, "protocol version");
    set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF, "referrals");
    set_option(ld, LDAP_OPT_DEREF, &never, "deref");
    set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON, "restart");
    set_option(ld, LDAP_OPT_TIMEOUT, &operation, "timeout");
    callback_.lc_add = [](LDAP*, Sockbuf*, LDAPURLDesc*, sockaddr*, ldap_conncb*) { return 0; }; // never called: we connect ourselves
    callback_.lc_del = closing;
    callback_.lc_arg = this;
    set_option(ld, LDAP_OPT_CONNECT_CB, &callback_, "connect callback");
}

void connection::start_tls(steady_time by) {
    const int code = ldap_start_tls_s(ld_.get(), nullptr, nullptr);
    if (code == LDAP_SUCCESS) return;
    if (socket_.fired()) unreachable({unreached::cause::late, {}});
    if (code == LDAP_SERVER_DOWN || code == LDAP_TIMEOUT) break_off(code);
    const std::string words = diagnostic();
    if (code == LDAP_CONNECT_ERROR) refused(by);
    misconfigured(fmt::format("{} does not start TLS: {}{}{}", printable(uri_), ldap_code_name(code), words.empty() ? "" : ": ", printable(words)),
                  "use ldaps:// or ldapi://, or have TLS set up on the server");
}

void connection::bind() {
    if (std::holds_alternative<anonymous_bind>(options_.credentials)) return;
    const auto* simple = std::get_if<simple_bind>(&options_.credentials);
    const std::string name = simple ? simple->dn.text() : std::string();
    // EXTERNAL with an empty authorization identity, "as whom you see me"; without any the server would ask for one.
    const std::string_view password = simple ? simple->password.reveal() : "";
    berval credentials{password.size(), const_cast<char*>(password.data())};
    const armed guard(socket_, deadline());
    int id = 0;
    const int code =
        ldap_sasl_bind(ld_.get(), simple ? name.c_str() : nullptr, simple ? LDAP_SASL_SIMPLE : "EXTERNAL", &credentials, nullptr, nullptr, &id);
    const message m = wait_for(sent(code, id), true);
    const ldap::result r = parse(m.get());
    if (r.ok()) return;
    const std::string who = simple ? name : "SASL EXTERNAL";
    if (r.code == LDAP_INVALID_CREDENTIALS)
        throw denied(fmt::format("cannot log in to {} as {}: wrong name or password", printable(uri_), who),
                     {.ldap_code = r.code, .diagnostic = r.diagnostic, .session_usable = false});
    throw_error(kind_of_ldap_code(r.code),
                fmt::format("cannot log in to {} as {}: {}{}{}", printable(uri_), who, ldap_code_name(r.code), r.diagnostic.empty() ? "" : ": ",
                            printable(r.diagnostic)),
                {.ldap_code = r.code, .diagnostic = r.diagnostic, .session_usable = false});
}

void connection::ask_identity() {
    const auto* simple = std::get_if<simple_bind>(&options_.credentials);
    const bool anonymous = std::holds_alternative<anonymous_bind>(options_.credentials);
    std::string whoami;
    const ldap::result r = extended(LDAP_EXOP_WHO_AM_I, nullptr, &whoami);
    if (!r.ok() && anonymous) return;
    if (!r.ok()) {
        if (r.code != LDAP_PROTOCOL_ERROR && r.code != LDAP_UNWILLING_TO_PERFORM) r.success("ask who we are on", dn());
        identity_ = simple ? "dn:" + simple->dn.text() : ""; // a server without the operation: the bind itself succeeded
        return;
    }
    identity_ = whoami;
    identity_is_told_ = true;
    if (identity_.empty() && !anonymous)
        throw denied(fmt::format("{} takes us for anonymous after the login", printable(uri_)), {.session_usable = false});
    const bool is_dn = identity_.starts_with("dn:");
    if (simple && is_dn && !names_one_entry(dn::parse(identity_.substr(3)), simple->dn))
        throw error(error_kind::configuration,
                    fmt::format("{} takes us for {} after the login as {}", printable(uri_), printable(identity_.substr(3)), simple->dn.text()),
                    {.session_usable = false});
}

} // namespace vmail::ldap::wire
