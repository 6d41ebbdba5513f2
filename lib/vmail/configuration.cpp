#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/domain.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/root_folders.hpp>
#include <vmail/time_span.hpp>
#include <vmail/user_path.hpp>

#include <vmail/configuration.hpp>

namespace vmail {

namespace {

/// One setting on its way to its type.
class typed_setting {
public:
    typed_setting(const settings& s, setting_key key) : name_(setting_table()[static_cast<std::size_t>(key)].name), setting_(s[key]) {}

    const std::string& text() const { return setting_.value; }
    bool empty() const { return setting_.value.empty(); }

    [[noreturn]] void refuse(std::string_view what_it_must_be) const {
        throw error(fault(), fmt::format("{}: {} must be {}, not {}", setting_.origin, name_, what_it_must_be, vmail::quoted(setting_.value)));
    }

    bool is_yes() const {
        if (text() == "yes" || text() == "true" || text() == "on") return true;
        if (text() == "no" || text() == "false" || text() == "off") return false;
        refuse("yes or no");
    }

    template <typename Number>
    Number number(Number least, Number most) const {
        Number value{};
        const auto end = text().data() + text().size();
        const auto parsed = std::from_chars(text().data(), end, value);
        if (parsed.ec != std::errc() || parsed.ptr != end || value < least || value > most)
            refuse(fmt::format("a number from {} to {}", least, most));
        return value;
    }

    /// Adds the setting's origin to what the type's own parser says.
    template <typename Parse>
    auto parse(const Parse& parse_text) const {
        try {
            return parse_text(text());
        } catch (const error& e) {
            throw error(fault(), fmt::format("{}: {}: {}", setting_.origin, name_, e.what()), {.hint = e.hint(), .remedy = e.remedy(), .subject = e.subject()});
        }
    }

private:
    error_kind fault() const { return setting_.source == setting_source::flag ? error_kind::usage : error_kind::configuration; }

    std::string_view name_;
    const setting& setting_;
};

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        if (end != 0) found.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
}

std::optional<ldap::dn> optional_dn(const typed_setting& s) {
    if (s.empty()) return std::nullopt;
    return s.parse([](const std::string& text) { return ldap::dn::parse(text); });
}

/// Of a person, whom others know by a shorter name.
std::optional<ldap::dn> bind_dn(const typed_setting& s) {
    try {
        return optional_dn(s);
    } catch (const error& e) {
        throw error(e.kind(), e.what(), {.remedy = remedy::name_whole_dn});
    }
}

bool all_local(const std::vector<std::string>& uris) {
    return !uris.empty() && std::all_of(uris.begin(), uris.end(), [](const auto& u) { return ascii::istarts_with(u, "ldapi:"); });
}

bind_method choose_method(const settings& s, const typed_setting& sasl, const configuration& c) {
    if (!sasl.empty() && !ascii::iequals(sasl.text(), "external")) sasl.refuse("external");
    const bool is_said_since = s[setting_key::sasl].source > s[setting_key::bind_dn].source; // than the name of somebody
    if (c.bind_dn && (sasl.empty() || !is_said_since)) return bind_method::simple;
    // The peer's own identity costs nothing on a local socket, and nobody who goes there means to be anonymous.
    if (!sasl.empty() || all_local(c.uris)) return bind_method::external;
    return bind_method::anonymous;
}

/// Half of what belongs together. What a stronger source has emptied is meant to be empty.
void require_whole(const settings& s, setting_key given, setting_key missing, std::string_view what) {
    if (s[given].value.empty() || !s[missing].value.empty() || s[missing].source > s[given].source) return;
    const auto kind = s[given].source == setting_source::flag ? error_kind::usage : error_kind::configuration;
    const auto name = [](setting_key key) { return setting_table()[static_cast<std::size_t>(key)].name; };
    throw error(kind, fmt::format("{}: {} is {}, and no {} is set", s[given].origin, name(given), what, name(missing)));
}

void require_pairs(const settings& s) {
    using k = setting_key;
    require_whole(s, k::bind_password_file, k::bind_dn, "the password of a bind DN");
    require_whole(s, k::key_file, k::cert_file, "the key of a certificate");
    require_whole(s, k::cert_file, k::key_file, "of no use without its key");
}

std::filesystem::path folder(const typed_setting& s) {
    if (!s.empty() && s.text().front() != '/') s.refuse("an absolute path");
    return s.text();
}

/// The program, or the server by SMTP, "smtp://localhost:25".
std::filesystem::path parse_mailer(const typed_setting& s) {
    constexpr std::string_view scheme = "smtp://";
    if (!s.text().starts_with(scheme)) return folder(s);
    const std::string_view server = std::string_view(s.text()).substr(scheme.size());
    const auto colon = server.rfind(':');
    const bool has_port = colon != std::string_view::npos && server.find(']', colon) == std::string_view::npos;
    const std::string_view host = has_port ? server.substr(0, colon) : server, port = has_port ? server.substr(colon + 1) : "25";
    const auto fits = [](char c) { return ascii::is_alnum(c) || std::string_view("-.:[]").find(c) != std::string_view::npos; };
    if (host.empty() || !std::all_of(host.begin(), host.end(), fits) || port.size() > 5 || !ascii::is_digits(port)) s.refuse("an absolute path, or a server, such as smtp://localhost:25");
    return s.text();
}

std::string parse_audit(const typed_setting& s) {
    if (s.empty() || s.text() == "none") return {};
    if (s.text() != "syslog" && s.text().front() != '/') s.refuse("syslog, none or an absolute path");
    return s.text();
}

quota_dialect parse_dialect(const typed_setting& s) {
    if (s.text() == "plain") return quota_dialect::plain;
    if (s.text() != "maildir") s.refuse("maildir or plain");
    return quota_dialect::maildir;
}

expiry_storage parse_storage(const typed_setting& s) {
    if (ascii::iequals(s.text(), "mailboxExpiration")) return expiry_storage::mailbox_expiration;
    if (!ascii::iequals(s.text(), "expireDate")) s.refuse("expireDate or mailboxExpiration");
    return expiry_storage::expire_date;
}

std::chrono::milliseconds parse_timeout(const typed_setting& s) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(s.number(0.1, 3600.0) * 1000));
}

std::optional<std::chrono::hours> parse_days(const typed_setting& s) {
    if (s.text() == "none") return std::nullopt;
    return std::chrono::hours(24 * s.number(1, 100'000));
}

std::optional<std::uint64_t> parse_limit(const typed_setting& s) {
    if (s.text() == "none") return std::nullopt;
    return s.number<std::uint64_t>(0, 1'000'000'000);
}

bool parse_networks(const typed_setting& s) {
    if (s.text() == "full") return true;
    if (s.text() != "short") s.refuse("short or full");
    return false;
}

/// "1h", "2d", "1w".
std::chrono::hours parse_period(const typed_setting& s) {
    const auto span = time_span::parse(s.text());
    if (!span || span->number == 0 || span->number > 1000) s.refuse("a number of hours, days or weeks, such as 1h or 1d");
    return span->length();
}

bool parse_first_run(const typed_setting& s) {
    if (s.text() == "commit") return true;
    if (s.text() != "report") s.refuse("report or commit");
    return false;
}

std::vector<unsigned> parse_notice_days(const typed_setting& s) {
    std::vector<unsigned> days;
    for (const auto& word : words(s.text())) {
        unsigned n = 0;
        const auto parsed = std::from_chars(word.data(), word.data() + word.size(), n);
        const bool is_number = parsed.ec == std::errc() && parsed.ptr == word.data() + word.size();
        days.push_back(is_number && n <= 3660 ? n : 0);
    }
    std::sort(days.begin(), days.end(), std::greater<>());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    if (days.empty() || days.back() == 0) s.refuse("numbers of days, such as \"30 7 2\"");
    return days;
}

/// As RFC 5646 has it, and as a part of the name of a file: "en", "pt-BR".
std::string parse_language(const typed_setting& s) {
    const auto fits = [](char c) { return ascii::is_alnum(c) || c == '-'; };
    if (s.empty() || s.text().size() > 35 || !std::all_of(s.text().begin(), s.text().end(), fits)) s.refuse("the tag of a language, such as en or it");
    return s.text();
}

std::optional<maildrop> parse_recipient(const typed_setting& s, const maildrop& otherwise) {
    if (s.text() == "none") return std::nullopt;
    return s.empty() ? otherwise : s.parse([](const std::string& text) { return maildrop::parse_also_local(text); });
}

std::optional<std::uint64_t> parse_size(const typed_setting& s) {
    if (s.text() == "none") return std::nullopt;
    return s.parse([](const std::string& text) { return quota::parse(text); }).bytes();
}

unsigned parse_maildir_mode(const typed_setting& s) {
    if (s.text() != "700" && s.text() != "750" && s.text() != "770") s.refuse("700, 750 or 770");
    return static_cast<unsigned>(std::stoul(s.text(), nullptr, 8));
}

std::vector<std::string> parse_maildir_folders(const typed_setting& s) {
    auto names = words(s.text());
    if (!std::all_of(names.begin(), names.end(), is_folder_name)) s.refuse("names of letters, digits, - and _, such as \"Drafts Sent Lists.Work\"");
    return names;
}

/// As transport(5) has it, "lmtp:unix:private/dovecot-lmtp".
std::string parse_transport(const typed_setting& s) {
    if (!s.empty() && !is_transport(s.text()))
        s.refuse("a transport of Postfix, such as maildrop: or lmtp:unix:private/dovecot-lmtp");
    return s.text();
}

/// Of a user or a group of the system, or its number.
std::string parse_owner(const typed_setting& s) {
    const auto fits = [](char c) { return ascii::is_alnum(c) || c == '_' || c == '-' || c == '.'; };
    if (s.empty() || s.text().front() == '-' || !std::all_of(s.text().begin(), s.text().end(), fits)) s.refuse("the name of a user or group, or a number");
    return s.text();
}

/// As Postfix takes it: each of the characters is one.
std::string parse_delimiter(const typed_setting& s) {
    if (s.text() == "none") return {};
    if (s.empty() || !std::all_of(s.text().begin(), s.text().end(), [](char c) { return ascii::is_printable(c) && c != ' ' && c != '@' && !ascii::is_alnum(c); }))
        s.refuse("characters such as + and -, or none");
    return s.text();
}

/// With a home for anybody, so that what cannot be one is told before there is somebody to get it.
unix_defaults parse_unix_defaults(const std::function<typed_setting(setting_key)>& at) {
    using k = setting_key;
    unix_defaults d{.uids = at(k::unix_uid_range).parse([](const std::string& text) { return unix_number::parse_range(text); }), .home = at(k::unix_home).text(), .shell = at(k::unix_shell).text()};
    d.gid = at(k::unix_gid).parse([](const std::string& text) { return text == "same" ? std::nullopt : std::optional(unix_number::parse(text)); });
    at(k::unix_home).parse([&](const std::string&) { unix_account{.home = unix_home(d, address::parse("user@example.org"))}.check(); return 0; });
    at(k::unix_shell).parse([&](const std::string& text) { unix_account{.home = "/", .shell = text}.check(); return 0; });
    return d;
}

time_zone parse_zone(const typed_setting& s) {
    if (s.empty()) return time_zone::local();
    return s.parse([](const std::string& name) { return time_zone::named(name); });
}

constexpr std::chrono::milliseconds longest_connect{5000};

secret require_password(const configuration& c, std::optional<secret> given) {
    if (given) return std::move(*given);
    if (!c.bind_password_file.empty()) return read_secret_file(c.bind_password_file);
    throw error(error_kind::configuration, "a bind DN is set, and no password for it", {.remedy = remedy::give_bind_password});
}

ldap::credentials make_credentials(const configuration& c, std::optional<secret> password) {
    switch (c.method) {
    case bind_method::external: return ldap::external_bind{};
    case bind_method::simple: return ldap::simple_bind{*c.bind_dn, require_password(c, std::move(password))};
    case bind_method::anonymous: break;
    }
    return ldap::anonymous_bind{};
}

} // namespace

configuration parse_configuration(const settings& s) {
    using k = setting_key;
    const auto at = [&](setting_key key) { return typed_setting(s, key); };

    configuration c{.zone = parse_zone(at(k::time_zone))};
    c.uris = words(at(k::uri).text());
    c.base = optional_dn(at(k::base));
    c.bind_dn = bind_dn(at(k::bind_dn));
    c.bind_password_file = at(k::bind_password_file).text();
    require_pairs(s);
    c.method = choose_method(s, at(k::sasl), c);
    c.starttls = at(k::starttls).is_yes();
    c.ca_file = at(k::ca_file).text();
    c.cert_file = at(k::cert_file).text();
    c.key_file = at(k::key_file).text();
    c.daemon_dn = optional_dn(at(k::daemon_dn));
    c.daemon_password_file = folder(at(k::daemon_password_file));
    c.allow_clear_bind = at(k::allow_clear_bind).is_yes();
    c.timeout = parse_timeout(at(k::timeout));
    c.page_size = at(k::page_size).number<std::size_t>(1, 10000);
    if (at(k::mail_home).empty()) at(k::mail_home).refuse("an absolute path");
    c.mail_home = folder(at(k::mail_home)).native();
    c.mail_user = parse_owner(at(k::mail_user));
    c.mail_group = parse_owner(at(k::mail_group));
    c.quota_dialect = parse_dialect(at(k::quota_dialect));
    c.expiry_storage = parse_storage(at(k::expiry_attribute));
    c.postmaster = at(k::postmaster).parse([](const std::string& text) { return maildrop::parse_also_local(text); });
    c.role_addresses = at(k::role_addresses).parse([](const std::string& text) { return role_addresses::of(words(text)); });
    c.transport = parse_transport(at(k::transport));
    c.recipient_delimiter = parse_delimiter(at(k::recipient_delimiter));
    if (!at(k::lists_domain).empty()) c.lists_domain = at(k::lists_domain).parse([](const std::string& name) { return domain_name::parse(name); });
    if (at(k::lists_transport).empty()) at(k::lists_transport).refuse("a transport of Postfix, such as lmtp:[127.0.0.1]:8024");
    c.lists_transport = parse_transport(at(k::lists_transport));
    c.unix_accounts = parse_unix_defaults(at);
    c.password_scheme = at(k::password_scheme).parse([](const std::string& name) { return parse_password_scheme(name); });
    c.password_policy = {.min_length = at(k::password_min_length).number<std::size_t>(1, generated_password_length),
                         .min_classes = at(k::password_min_classes).number<std::size_t>(1, password_policy::classes),
                         .quality = at(k::password_quality).is_yes()};
    c.journal_dir = folder(at(k::journal_dir));
    c.journal_age = parse_days(at(k::journal_days));
    c.journal_bytes = parse_size(at(k::journal_size));
    c.lock_dir = folder(at(k::lock_dir));
    c.state_dir = folder(at(k::state_dir));
    c.expiry_period = parse_period(at(k::expiry_period));
    c.first_expiry_run_commits = parse_first_run(at(k::expiry_first_run));
    c.notices = {.days = parse_notice_days(at(k::notice_days)),
                 .from = parse_recipient(at(k::notice_from), c.postmaster),
                 .admin = parse_recipient(at(k::notice_admin), c.postmaster),
                 .language = parse_language(at(k::notice_language)),
                 .templates = folder(at(k::notice_templates)),
                 .outside = at(k::notice_outside).is_yes(),
                 .sendmail = parse_mailer(at(k::sendmail))};
    c.archive_dir = folder(at(k::archive_dir));
    c.maildir_mode = parse_maildir_mode(at(k::maildir_mode));
    c.maildir_folders = parse_maildir_folders(at(k::maildir_folders));
    c.audit = parse_audit(at(k::audit));
    c.activity = {.store = folder(at(k::activity_store)),
                  .keep = parse_days(at(k::activity_days)),
                  .keep_last = parse_days(at(k::activity_last_days)),
                  .whole_addresses = parse_networks(at(k::activity_networks)),
                  .thresholds = folder(at(k::activity_thresholds))};
    constexpr std::array limits = {k::activity_unread_days, k::activity_hour_networks, k::activity_hour_recipients, k::activity_times_usual, k::activity_bounces, k::activity_guess_networks,
                                   k::activity_stopped_tries};
    std::transform(limits.begin(), limits.end(), c.activity.limits.begin(), [&](setting_key key) { return parse_limit(at(key)); });
    return c;
}

bool is_folder_name(std::string_view name) noexcept {
    const auto fits = [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; };
    return !name.empty() && name.size() <= 200 && name.front() != '.' && name.back() != '.' && name.find("..") == std::string_view::npos && std::all_of(name.begin(), name.end(), fits);
}

std::filesystem::path journal_folder(const configuration& c) {
    if (!c.journal_dir.empty()) return c.journal_dir;
    if (::geteuid() == 0) return root_folders::journal;
    auto own = user_path("XDG_STATE_HOME", ".local/state", "mailctl/journal");
    if (own.empty()) throw error(error_kind::configuration, "there is no home folder to keep the journal in", {.remedy = remedy::name_journal_folder});
    return own;
}

std::filesystem::path lock_folder(const configuration& c) {
    if (!c.lock_dir.empty()) return c.lock_dir;
    // Not in /run/lock, where everybody may put a file of that name first.
    if (::geteuid() == 0) return std::filesystem::path(root_folders::lock).parent_path();
    const auto own = user_path("XDG_RUNTIME_DIR", ".local/state", "mailctl/").parent_path();
    if (own.empty()) throw error(error_kind::configuration, "there is no home folder to keep the lock in", {.remedy = remedy::name_lock_folder});
    return own;
}

std::filesystem::path state_folder(const configuration& c) {
    if (!c.state_dir.empty()) return c.state_dir;
    if (::geteuid() == 0) return root_folders::state;
    auto own = user_path("XDG_STATE_HOME", ".local/state", "mailctl/state");
    if (own.empty()) throw error(error_kind::configuration, "there is no home folder to keep what the next run needs to know in", {.remedy = remedy::name_state_folder});
    return own;
}

std::filesystem::path activity_store(const configuration& c) { return c.activity.store.empty() ? state_folder(c) / "activity.db" : c.activity.store; }

site make_site(const configuration& c) {
    if (!c.base) throw error(error_kind::configuration, "no base DN is set", {.remedy = remedy::set_base});
    return {
        .layout = layout(*c.base), .mail_home = c.mail_home, .quota_dialect = c.quota_dialect, .expiry_storage = c.expiry_storage, .zone = c.zone, .recipient_delimiter = c.recipient_delimiter, .role_addresses = c.role_addresses, .postmaster = c.postmaster, .transport = c.transport, .facets = {facets::posix_account()}, .unix_accounts = c.unix_accounts};
}

ldap::session_options make_session_options(const configuration& c, std::optional<secret> bind_password) {
    if (c.uris.empty()) throw error(error_kind::configuration, "no directory server is set", {.remedy = remedy::name_a_server});
    ldap::session_options options;
    options.uris = c.uris;
    options.credentials = make_credentials(c, std::move(bind_password));
    options.starttls = c.starttls;
    options.ca_file = c.ca_file;
    options.cert_file = c.cert_file;
    options.key_file = c.key_file;
    options.allow_clear_bind_on_loopback = c.allow_clear_bind;
    options.connect_timeout = std::min(c.timeout, longest_connect);
    options.operation_timeout = c.timeout;
    options.page_size = c.page_size;
    return options;
}

} // namespace vmail
