#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/password_strength.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/vacation_phase.hpp>

#include "entity_fields.hpp"

namespace vmail::tools {

namespace attr = schema::attr;

namespace {

value or_nothing(const std::string& text) { return text.empty() ? value{} : value{text}; }
value or_nothing(const std::optional<timestamp>& t) { return t ? value{t->rfc3339()} : value{}; }

/// A limit beyond what a number of the output holds is as good as the largest one.
std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(std::min<std::uint64_t>(n, std::numeric_limits<std::int64_t>::max())); }

value or_nothing(const std::optional<std::uint64_t>& n) { return n ? value{number(*n)} : value{}; }

value texts_of(const std::vector<maildrop>& targets) {
    std::vector<std::string> texts;
    for (const auto& t : targets) texts.push_back(t.text());
    return texts;
}

value limit(const std::optional<std::uint64_t>& n) { return n ? value{number(*n)} : value{unlimited{}}; }

value status(const auto& e, const viewpoint& v) { return std::string(v.service(e.value).why); }
value status_since(const auto& e, const viewpoint& v) { return or_nothing(v.service(e.value).since); }

value problem_sentences(const entry_state& e) {
    std::vector<std::string> sentences;
    for (const auto& p : e.problems) sentences.push_back(fmt::format("{}: {}", p.attribute, p.sentence));
    return sentences;
}

/// Where there is no end that could be read.
value no_end(const entry_state& e) {
    return e.has_problem(attr::expire_date) || e.has_problem(attr::mailbox_expiration) ? value{nonsense{}} : value{};
}

value expiry_text(const auto& e, const viewpoint& v) { return e->expires ? e->expires->text(v.of_site.zone) : no_end(e.value); }
value expiry_instant(const auto& e, const viewpoint&) { return e->expires ? e->expires->at().rfc3339() : no_end(e.value); }

value has_expired(const auto& e, const viewpoint& v) {
    const value none = no_end(e.value);
    if (std::holds_alternative<nonsense>(none)) return none;
    return e->expires && e->expires->passed(v.now);
}

/// By its name alone: a search that comes in pages would end the list that is being read in pages, too.
std::optional<service_state> look_up(directory& d, const domain_name& name) {
    const auto found = d.session().find(d.site().layout.domain(name));
    if (!found) return std::nullopt;
    if (found->has_class(schema::cls::domain)) return service_of(domain::from_entry(*found, d.site()));
    if (found->has_class(schema::cls::backup_domain)) return service_of(backup_domain::from_entry(*found, d.site()));
    return std::nullopt;
}

// What all entities share stands at the end of each table.
template <typename E>
constexpr field_of<E> since_field{"status_since", false, [](const stored<E>& e, const viewpoint& v) { return status_since(e, v); }};
template <typename E>
constexpr field_of<E> active_field{"active", false, [](const stored<E>& e, const viewpoint&) -> value { return e->active; }};
template <typename E>
constexpr field_of<E> removed_field{"removed", false, [](const stored<E>& e, const viewpoint&) -> value { return e->removed; }};
template <typename E>
constexpr field_of<E> removed_at_field{"removed_at", false, [](const stored<E>& e, const viewpoint&) { return or_nothing(e->removed_at); },
                                       attr::removed_at};
template <typename E>
constexpr field_of<E> reason_field{"disabled_reason", false, [](const stored<E>& e, const viewpoint&) { return or_nothing(e->disabled.reason); },
                                   attr::disabled_reason};
template <typename E>
constexpr field_of<E> by_field{"disabled_by", false, [](const stored<E>& e, const viewpoint&) { return or_nothing(e->disabled.by); },
                               attr::disabled_by};
template <typename E>
constexpr field_of<E> disabled_at_field{"disabled_at", false, [](const stored<E>& e, const viewpoint&) { return or_nothing(e->disabled.at); },
                                        attr::disabled_at};
template <typename E>
constexpr field_of<E> comment_field{"disabled_comment", false, [](const stored<E>& e, const viewpoint&) { return or_nothing(e->disabled.comment); },
                                    attr::disabled_comment};
template <typename E>
constexpr field_of<E> created_field{"created", false, [](const stored<E>& e, const viewpoint&) { return or_nothing(e->created); },
                                    attr::creation_date};
template <typename E>
constexpr field_of<E> modified_field{"modified", false, [](const stored<E>& e, const viewpoint&) { return or_nothing(e->changed); },
                                     attr::last_change};
template <typename E>
constexpr field_of<E> problems_field{"problems", false, [](const stored<E>& e, const viewpoint&) { return problem_sentences(e.value); }};
template <typename E>
constexpr field_of<E> dn_field{"dn", false, [](const stored<E>& e, const viewpoint&) -> value { return e.source.dn().text(); }};

template <typename E>
constexpr std::array<field_of<E>, 12> state_fields = {since_field<E>,   active_field<E>,   removed_field<E>,     removed_at_field<E>,
                                                      reason_field<E>,  by_field<E>,       disabled_at_field<E>, comment_field<E>,
                                                      created_field<E>, modified_field<E>, problems_field<E>,    dn_field<E>};

template <typename E, std::size_t N>
constexpr auto with_state(const std::array<field_of<E>, N>& own) {
    std::array<field_of<E>, N + state_fields<E>.size()> all{};
    std::copy(own.begin(), own.end(), all.begin());
    std::copy(state_fields<E>.begin(), state_fields<E>.end(), all.begin() + N);
    return all;
}

using box = stored<mailbox>;
using view = const viewpoint&;
using mailbox_field = field_of<mailbox>;

constexpr mailbox_field address_field{"address", true, [](const box& m, view) -> value { return m->address.text(); }};
constexpr mailbox_field status_field{"status", true, [](const box& m, view v) { return status(m, v); }};
constexpr mailbox_field name_field{"name", true, [](const box& m, view) { return or_nothing(m->full_name); }, attr::cn};
constexpr mailbox_field expires_field{"expires", true, [](const box& m, view v) { return expiry_text(m, v); }};
constexpr mailbox_field expires_at_field{"expires_at", false, [](const box& m, view v) { return expiry_instant(m, v); }};
constexpr mailbox_field expired_field{"expired", false, [](const box& m, view v) { return has_expired(m, v); }};
constexpr mailbox_field quota_field{"quota", true, [](const box& m, view) -> value { return m->quota ? m->quota->text() : "domain"; }, attr::quota};
constexpr mailbox_field quota_bytes_field{"quota_bytes", false, [](const box& m, view) { return m->quota ? or_nothing(m->quota->bytes()) : value{}; },
                                          attr::quota};
constexpr mailbox_field forward_active_field{"forward_active", true, [](const box& m, view) -> value { return m->forward.active; }};
constexpr mailbox_field forward_targets_field{"forward_targets", true, [](const box& m, view) { return texts_of(m->forward.elsewhere(m->address)); }};
constexpr mailbox_field keep_copy_field{"keep_copy", true, [](const box& m, view) -> value { return m->forward.keeps_copy(m->address); }};
constexpr mailbox_field vacation_active_field{"vacation_active", true, [](const box& m, view) -> value { return m->vacation.active; }};
constexpr mailbox_field vacation_status_field{"vacation_status", true, [](const box& m, view v) -> value {
                                                 return std::string(vmail::name(phase_of(m->vacation, minute_at(timestamp::now(), v.of_site.zone))));
                                             }};
constexpr mailbox_field vacation_start_field{
    "vacation_start", true, [](const box& m, view) { return m->vacation.start ? value{m->vacation.start->text()} : value{}; }, attr::vacation_start};
constexpr mailbox_field vacation_end_field{
    "vacation_end", true, [](const box& m, view) { return m->vacation.end ? value{m->vacation.end->text()} : value{}; }, attr::vacation_end};
constexpr mailbox_field vacation_subject_field{"vacation_subject", true, [](const box& m, view) { return or_nothing(m->vacation.subject); },
                                               attr::vacation_subject};

/// Of an account of Unix, as it will be where it is about to change.
value unix_text(const box& m, std::string_view attribute) {
    const auto it = m->facets.find(std::string(attribute));
    return it == m->facets.end() || it->second.empty() ? value{} : value{it->second.front()};
}

value unix_number_of(const box& m, std::string_view attribute) {
    const value text = unix_text(m, attribute);
    if (!std::holds_alternative<std::string>(text)) return {};
    const auto& digits = std::get<std::string>(text);
    std::int64_t n = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    return parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size() ? value{n} : value{nonsense{}};
}

constexpr mailbox_field login_field{"login", true, [](const box& m, view) { return unix_text(m, attr::uid); }, attr::uid};
constexpr mailbox_field uid_number_field{"uid_number", true, [](const box& m, view) { return unix_number_of(m, attr::uid_number); }, attr::uid_number};
constexpr mailbox_field gid_number_field{"gid_number", true, [](const box& m, view) { return unix_number_of(m, attr::gid_number); }, attr::gid_number};
constexpr mailbox_field unix_home_field{"unix_home", true, [](const box& m, view) { return unix_text(m, attr::home_directory); }, attr::home_directory};
constexpr mailbox_field unix_shell_field{"unix_shell", true, [](const box& m, view) { return unix_text(m, attr::login_shell); }, attr::login_shell};
constexpr mailbox_field gecos_field{"gecos", true, [](const box& m, view) { return unix_text(m, attr::gecos); }, attr::gecos};

constexpr mailbox_field off_lists(mailbox_field f) {
    f.in_lists = false;
    return f;
}

/// The kind of password, never the hash.
template <typename E> value password_kind(const stored<E>& m, view) {
    if (!m->password) return {};
    return m->password->scheme_name() + (m->password->locked() ? " (locked)" : "");
}

bool policy_is_there(view v) { return v.has_policy && v.has_policy(); }

/// What the server's password policy keeps on an entry. Where there is none, nothing can be said.
value is_locked(const box& m, view v) {
    if (m.source.has(attr::pwd_account_locked_time)) return true;
    return policy_is_there(v) ? value{false} : value{};
}

value must_change(const box& m, view v) {
    if (m->must_change_password) return *m->must_change_password;
    return policy_is_there(v) ? value{false} : value{};
}

/// A lock for ever has the moment 000001010000Z (draft-behera-ldap-password-policy), which is none.
value moment(const std::optional<std::string>& generalized) {
    try {
        return generalized && !generalized->starts_with("0000") ? value{timestamp::parse_generalized(*generalized).rfc3339()} : value{};
    } catch (const invalid_value&) {
        return {};
    }
}

constexpr mailbox_field locked_field{"locked", false, is_locked, {}, false, attr::pwd_account_locked_time};
constexpr mailbox_field locked_at_field{
    "locked_at", false, [](const box& m, view) { return moment(m.source.first(attr::pwd_account_locked_time)); }, {}, false, attr::pwd_account_locked_time};
constexpr mailbox_field must_change_field{"must_change", false, must_change, {}, false, attr::pwd_reset};

constexpr mailbox_field in_lists(mailbox_field f) {
    f.in_lists = true;
    return f;
}

value password_schemes_of(const box& m, view) {
    const auto* const values = m.source.find(attr::user_password);
    if (values == nullptr) return {};
    std::vector<std::string> names;
    for (const auto& kind : kinds_of_passwords(*values)) names.push_back(kind.scheme);
    return names.size() == 1 ? value{names.front()} : value{names};
}

constexpr auto of_passwords = std::array{
    address_field,
    status_field,
    mailbox_field{"scheme", true, password_schemes_of},
    mailbox_field{"verdict", true, [](const box& m, view v) -> value { return std::string(password_verdict(m, v)); }},
    mailbox_field{"changed_at", true, [](const box& m, view) { return moment(m.source.first(attr::pwd_changed_time)); }, {}, false, attr::pwd_changed_time},
    in_lists(locked_field),
    locked_at_field,
    in_lists(must_change_field),
    problems_field<mailbox>,
};

constexpr auto of_mailboxes = with_state<mailbox>(std::array{
    address_field,
    status_field,
    quota_field,
    expires_field,
    name_field,
    mailbox_field{"surname", false, [](const box& m, view) { return or_nothing(m->surname); }, attr::sn},
    mailbox_field{"given_name", false, [](const box& m, view) { return or_nothing(m->given_name); }, attr::given_name},
    mailbox_field{"description", false, [](const box& m, view) { return or_nothing(m->description); }, attr::description},
    quota_bytes_field,
    expires_at_field,
    expired_field,
    mailbox_field{"password", false, password_kind<mailbox>, attr::user_password},
    locked_field,
    locked_at_field,
    must_change_field,
    mailbox_field{"smtp_auth", false, [](const box& m, view) -> value { return m->smtp_auth; }},
    mailbox_field{"may_log_in", false, [](const box& m, view) -> value { return m->may_log_in; }, attr::may_log_in},
    mailbox_field{"may_receive", false, [](const box& m, view) -> value { return m->may_receive; }, attr::may_receive},
    mailbox_field{"send_limit", false, [](const box& m, view) -> value { return m->send_limits ? m->send_limits->text() : "domain"; }, attr::send_limit},
    off_lists(forward_active_field),
    off_lists(forward_targets_field),
    off_lists(keep_copy_field),
    off_lists(vacation_active_field),
    off_lists(vacation_start_field),
    off_lists(vacation_end_field),
    off_lists(vacation_subject_field),
    mailbox_field{"home", false, [](const box& m, view) { return or_nothing(m->home); }, attr::vd_home},
    mailbox_field{"path", false, [](const box& m, view) { return or_nothing(m->path); }, attr::mailbox},
    off_lists(login_field),
    off_lists(uid_number_field),
    off_lists(gid_number_field),
    off_lists(unix_home_field),
    off_lists(unix_shell_field),
    off_lists(gecos_field),
});

constexpr auto of_forwards = std::array{address_field, forward_active_field, keep_copy_field, forward_targets_field, problems_field<mailbox>};
constexpr auto of_expiry = std::array{address_field,          status_field,  expires_field,
                                      expires_at_field,       expired_field, mailbox_field{"disabled_reason", true, reason_field<mailbox>.get},
                                      problems_field<mailbox>};
constexpr auto of_unix = std::array{address_field, login_field, uid_number_field, gid_number_field, unix_home_field, unix_shell_field, gecos_field, status_field, problems_field<mailbox>};
constexpr auto of_quotas = std::array{address_field, quota_field, quota_bytes_field, problems_field<mailbox>};
constexpr auto of_vacations =
    std::array{address_field,
               vacation_active_field,
               vacation_status_field,
               vacation_start_field,
               vacation_end_field,
               vacation_subject_field,
               mailbox_field{"vacation_message", false,
                             [](const box& m, view) { return m->vacation.message.empty() ? value{} : value{paragraph{m->vacation.message}}; },
                             attr::vacation_info},
               problems_field<mailbox>};

template <auto Member> value used(const stored<domain>& d, view v) { return v.usage ? value{number(v.usage(d).*Member)} : value{}; }

value used_quota_mib(const stored<domain>& d, view v) { return v.usage ? value{number(bytes_to_mib(v.usage(d).quota_bytes))} : value{}; }

constexpr auto of_domains = with_state<domain>(std::array{
    field_of<domain>{"domain", true, [](const stored<domain>& d, view) -> value { return d->name.text(); }},
    field_of<domain>{"status", true, [](const stored<domain>& d, view v) { return status(d, v); }},
    field_of<domain>{"max_mailboxes", true, [](const stored<domain>& d, view) { return limit(d->max_mailboxes); }, attr::max_mail},
    field_of<domain>{"max_aliases", true, [](const stored<domain>& d, view) { return limit(d->max_aliases); }, attr::max_alias},
    field_of<domain>{"max_quota_mib", true, [](const stored<domain>& d, view) { return limit(d->max_quota_mib); }, attr::max_quota},
    field_of<domain>{"description", true, [](const stored<domain>& d, view) { return or_nothing(d->description); }, attr::description},
    field_of<domain>{"mailboxes", false, used<&domain_places::mailboxes>, {}, true},
    field_of<domain>{"aliases", false, used<&domain_places::aliases>, {}, true},
    field_of<domain>{"quota_mib", false, used_quota_mib, {}, true},
    field_of<domain>{"default_quota", false, [](const stored<domain>& d, view) -> value { return d->default_quota ? d->default_quota->text() : "server"; }, attr::default_quota},
    field_of<domain>{"send_limit", false, [](const stored<domain>& d, view) -> value { return d->send_limits.text(); }, attr::send_limit},
    field_of<domain>{"transport", false, [](const stored<domain>& d, view) { return or_nothing(d->transport); }, attr::postfix_transport},
});

constexpr auto of_alias_expiry = std::array{field_of<alias>{"address", true, [](const stored<alias>& a, view) -> value { return a->address.text(); }},
                                            field_of<alias>{"status", true, [](const stored<alias>& a, view v) { return status(a, v); }},
                                            field_of<alias>{"expires", true, [](const stored<alias>& a, view v) { return expiry_text(a, v); }},
                                            field_of<alias>{"expires_at", false, [](const stored<alias>& a, view v) { return expiry_instant(a, v); }},
                                            field_of<alias>{"expired", false, [](const stored<alias>& a, view v) { return has_expired(a, v); }},
                                            field_of<alias>{"disabled_reason", true, reason_field<alias>.get},
                                            problems_field<alias>};

constexpr auto of_aliases = with_state<alias>(std::array{
    field_of<alias>{"address", true, [](const stored<alias>& a, view) -> value { return a->address.text(); }},
    field_of<alias>{"status", true, [](const stored<alias>& a, view v) { return status(a, v); }},
    field_of<alias>{"targets", true, [](const stored<alias>& a, view) { return texts_of(a->targets); }},
    field_of<alias>{"description", false, [](const stored<alias>& a, view) { return or_nothing(a->description); }, attr::description},
    field_of<alias>{"catch_all", false, [](const stored<alias>& a, view) -> value { return a->address.is_catch_all(); }},
    field_of<alias>{"expires", false, [](const stored<alias>& a, view v) { return expiry_text(a, v); }},
    field_of<alias>{"expires_at", false, [](const stored<alias>& a, view v) { return expiry_instant(a, v); }},
});

value count_of_missing(const stored<mailing_list>& l, view) { return number(l->missing.size()); }

value missing_addresses(const stored<mailing_list>& l, view) {
    std::vector<std::string> texts;
    for (const auto& a : l->missing) texts.push_back(a.text());
    return texts;
}

constexpr auto of_mailing_lists = with_state<mailing_list>(std::array{
    field_of<mailing_list>{"address", true, [](const stored<mailing_list>& l, view) -> value { return l->address.text(); }},
    field_of<mailing_list>{"status", true, [](const stored<mailing_list>& l, view v) { return status(l, v); }},
    field_of<mailing_list>{"owners", true, [](const stored<mailing_list>& l, view) { return texts_of(l->owners); }, attr::list_owner},
    field_of<mailing_list>{"lists_domain", true, [](const stored<mailing_list>& l, view) { return l->lists_domain ? value{l->lists_domain->text()} : value{}; }},
    field_of<mailing_list>{"missing", true, count_of_missing},
    field_of<mailing_list>{"missing_addresses", false, missing_addresses},
    field_of<mailing_list>{"description", false, [](const stored<mailing_list>& l, view) { return or_nothing(l->description); }, attr::description},
});

value texts_of(const std::vector<domain_name>& domains) {
    std::vector<std::string> texts;
    for (const auto& d : domains) texts.push_back(d.text());
    return texts;
}

constexpr auto of_admins = with_state<admin>(std::array{
    field_of<admin>{"name", true, [](const stored<admin>& a, view) -> value { return a->name.text(); }},
    field_of<admin>{"kind", true, [](const stored<admin>& a, view) -> value { return a->is_postmaster() ? "postmaster" : "virtual"; }},
    field_of<admin>{"domains", true, [](const stored<admin>& a, view) { return texts_of(a->domains); }, attr::vd},
    field_of<admin>{"edit_accounts", true, [](const stored<admin>& a, view) -> value { return a->edit_accounts; }, attr::edit_accounts},
    field_of<admin>{"status", true, [](const stored<admin>& a, view v) { return status(a, v); }},
    field_of<admin>{"max_domains", false, [](const stored<admin>& a, view) { return a->is_postmaster() ? value{1} : limit(a->max_domains); }, attr::max_domain},
    field_of<admin>{"mail", false, [](const stored<admin>& a, view) { return a->mail ? value{a->mail->text()} : value{}; }, attr::mail},
    field_of<admin>{"password", false, password_kind<admin>, attr::user_password},
});

std::vector<std::string_view> find_all(const std::vector<std::string_view>& known, const std::vector<std::string>& wanted) {
    std::vector<std::string_view> found;
    for (const auto& name : wanted) {
        const auto at = std::find(known.begin(), known.end(), name);
        if (at == known.end())
            throw error(error_kind::usage, fmt::format("--fields: there is no field {}", vmail::quoted(name)),
                        {.hint = fmt::format("the fields are {}", fmt::join(known, " "))});
        found.push_back(*at);
    }
    return found;
}

constexpr auto of_backup_domains = with_state<backup_domain>(std::array{
    field_of<backup_domain>{"domain", true, [](const stored<backup_domain>& d, view) -> value { return d->name.text(); }},
    field_of<backup_domain>{"status", true, [](const stored<backup_domain>& d, view v) { return status(d, v); }},
    field_of<backup_domain>{"description", true, [](const stored<backup_domain>& d, view) { return or_nothing(d->description); }, attr::description},
});

constexpr auto of_backup_mails = with_state<backup_mail>(std::array{
    field_of<backup_mail>{"address", true, [](const stored<backup_mail>& m, view) -> value { return m->address.text(); }},
    field_of<backup_mail>{"status", true, [](const stored<backup_mail>& m, view v) { return status(m, v); }},
    field_of<backup_mail>{"description", true, [](const stored<backup_mail>& m, view) { return or_nothing(m->description); }, attr::description},
});

/// Several fields ask for the same domain.
std::function<domain_places(const stored<domain>&)> counted_once(directory& d) {
    return [&d, of = std::string(), places = domain_places{}](const stored<domain>& e) mutable {
        if (std::string name = e.source.dn().key(); of != name) {
            places = count_places(d.session(), e.source, d.site().role_addresses);
            of = std::move(name);
        }
        return places;
    };
}

/// A server says of an attribute that it does not let us search neither that it is there nor that it is not (RFC 4511 section 4.5.1.7).
std::function<bool(const stored<mailbox>&)> passwords_missing_in(directory& d) {
    return [&d, of = std::string(), missing = false](const stored<mailbox>& m) mutable {
        if (std::string name = m.source.dn().key(); of != name) {
            missing = !d.session().search({m.source.dn(), ldap::scope::base, ldap::filter::negation(ldap::filter::present(attr::user_password)), ldap::no_attributes()}).empty();
            of = std::move(name);
        }
        return missing;
    };
}

} // namespace

viewpoint::viewpoint(directory& d)
    : of_site(d.site()), domains([&d](const domain_name& name) { return look_up(d, name); }),
      usage(counted_once(d)), has_policy([&d] { return d.has_password_policy(); }), lacks_password(passwords_missing_in(d)) {}

std::string_view password_verdict(const stored<mailbox>& m, const viewpoint& v) {
    const auto* const values = m.source.find(attr::user_password);
    if (values == nullptr) return v.lacks_password && v.lacks_password(m) ? "none" : "unknown";
    auto worst = password_strength::strong; // each of them opens the account
    for (const auto& kind : kinds_of_passwords(*values)) worst = std::max(worst, kind.strength);
    return vmail::name(worst);
}

std::span<const field_of<domain>> domain_fields() noexcept { return of_domains; }
std::span<const field_of<backup_domain>> backup_domain_fields() noexcept { return of_backup_domains; }
std::span<const field_of<backup_mail>> backup_mail_fields() noexcept { return of_backup_mails; }
std::span<const field_of<mailbox>> mailbox_fields() noexcept { return of_mailboxes; }
std::span<const field_of<alias>> alias_fields() noexcept { return of_aliases; }
std::span<const field_of<mailing_list>> mailing_list_fields() noexcept { return of_mailing_lists; }
std::span<const field_of<admin>> admin_fields() noexcept { return of_admins; }
std::span<const field_of<mailbox>> forward_fields() noexcept { return of_forwards; }
std::span<const field_of<mailbox>> vacation_fields() noexcept { return of_vacations; }
std::span<const field_of<mailbox>> expiry_fields() noexcept { return of_expiry; }
std::span<const field_of<alias>> alias_expiry_fields() noexcept { return of_alias_expiry; }
std::span<const field_of<mailbox>> quota_fields() noexcept { return of_quotas; }
std::span<const field_of<mailbox>> password_fields() noexcept { return of_passwords; }
std::span<const field_of<mailbox>> unix_fields() noexcept { return of_unix; }

record chosen_fields(const record& r, const std::vector<std::string>& wanted, output_format format) {
    if (wanted.empty()) return r;
    std::vector<std::string_view> names;
    for (const auto& f : r) names.push_back(f.name);
    record chosen;
    for (const auto name : choose_fields(names, names, wanted, format, table_shape::card))
        chosen.push_back(*std::find_if(r.begin(), r.end(), [name](const field& f) { return f.name == name; }));
    return chosen;
}

std::vector<std::string_view> choose_fields(const std::vector<std::string_view>& all, const std::vector<std::string_view>& in_lists,
                                            const std::vector<std::string>& wanted, output_format format, table_shape shape) {
    const bool one_name = format == output_format::name;
    if (!wanted.empty() && format == output_format::ldif) throw error(error_kind::usage, "--fields goes with table, json, jsonl, csv and name only");
    if (wanted.size() > 1 && one_name) throw error(error_kind::usage, "with -o name, --fields takes one field");
    if (!wanted.empty()) return find_all(all, wanted);
    if (one_name || format == output_format::ldif) return {all.front()};
    const bool in_columns = format == output_format::csv || (format == output_format::table && shape == table_shape::rows);
    return in_columns ? in_lists : all;
}

value sort_key(std::string_view field, value v) {
    const auto* const text = std::get_if<std::string>(&v);
    if ((field != "quota" && field != "default_quota") || text == nullptr) return v;
    try {
        return limit(quota::parse(*text).bytes());
    } catch (const invalid_value&) { // "domain", "server"
        return {};
    }
}

} // namespace vmail::tools
