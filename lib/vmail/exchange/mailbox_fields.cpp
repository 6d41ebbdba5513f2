#include <charconv>

#include <vmail/exchange/conversions.hpp>

namespace vmail::exchange {

namespace {

using box = const mailbox&;
using how = const conversion&;
using mailbox_field = field<mailbox>;

/// A kept copy stays kept when the other targets change.
void set_targets(mailbox& m, const value& v, how c) {
    const bool kept = m.forward.keeps_copy(m.address);
    auto elsewhere = targets_in(v, m.forward.targets, c);
    if (elsewhere == m.forward.elsewhere(m.address)) return;
    m.forward.targets = std::move(elsewhere);
    m.forward.set_keep_copy(m.address, kept || m.forward.keeps_copy(m.address));
}

void set_keep_copy(mailbox& m, const value& v, how) {
    const bool keep = flag_in(v, false);
    if (keep != m.forward.keeps_copy(m.address)) m.forward.set_keep_copy(m.address, keep);
}

value minute_or_null(const std::optional<local_minute>& m) { return m ? value{m->text()} : value{}; }
std::optional<local_minute> minute_in(const value& v) { return is_null(v) ? std::nullopt : std::optional(local_minute::parse(std::get<std::string>(v))); }

constexpr std::string_view domains_quota = "domain", domains_limits = "domain";

/// Of a mailbox that has none, the daemons take what they give to all; a new one gets that of its domain.
void set_quota(mailbox& m, const value& v, how) {
    const std::string text = text_in(v);
    m.quota = text.empty() || text == domains_quota ? std::nullopt : std::optional(quota::parse(text));
}

void set_send_limits(mailbox& m, const value& v, how) {
    const std::string text = text_in(v);
    m.send_limits = text.empty() || text == domains_limits ? std::nullopt : std::optional(send_limits::parse(text));
}

// An account of Unix is a facet: its values are texts.

std::string facet_text(box m, std::string_view attribute) {
    const auto at = m.facets.find(std::string(attribute));
    return at == m.facets.end() || at->second.empty() ? std::string() : at->second.front();
}

void set_facet(mailbox& m, std::string_view attribute, const std::string& text) {
    if (text.empty()) m.facets.erase(std::string(attribute));
    else m.facets[std::string(attribute)] = {text};
}

/// Nothing for what no record can say: a number below zero, or one that is larger than any is.
value facet_number(const std::string& digits) {
    std::int64_t n = -1;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    return fault == std::errc() && end == digits.data() + digits.size() && n >= 0 ? value{n} : value{};
}

template <const std::string_view& Attribute>
constexpr mailbox_field facet_text_field(std::string_view name, std::string_view sentence) {
    return {{name, form::text, {Attribute, {}}, writer::site, sentence}, [](box m, how) { return text_or_null(facet_text(m, Attribute)); },
            [](mailbox& m, const value& v, how) { set_facet(m, Attribute, text_in(v)); }};
}
template <const std::string_view& Attribute>
constexpr mailbox_field facet_number_field(std::string_view name, std::string_view sentence) {
    return {{name, form::number, {Attribute, {}}, writer::site, sentence}, [](box m, how) { return facet_number(facet_text(m, Attribute)); },
            [](mailbox& m, const value& v, how) { set_facet(m, Attribute, to_text(v)); }};
}

constexpr std::array table = {
    mailbox_field{{"address", form::address, {attr::mail, {}}, writer::editor, "where people write to"}, [](box m, how) -> value { return m.address.text(); }, no_set<mailbox>},
    mailbox_field{{"name", form::text, {attr::cn, {}}, writer::editor, "the full name; without one, the part of the address before the @"},
                  [](box m, how) { return text_or_null(m.full_name); }, [](mailbox& m, const value& v, how) { m.set_name(text_in(v)); }},
    mailbox_field{{"surname", form::text, {attr::sn, {}}, writer::editor, "without one, the last word of the name"}, [](box m, how) { return text_or_null(m.surname); },
                  [](mailbox& m, const value& v, how) { m.surname = text_in(v); }},
    mailbox_field{{"given_name", form::text, {attr::given_name, {}}, writer::editor, "the first name"}, [](box m, how) { return text_or_null(m.given_name); },
                  [](mailbox& m, const value& v, how) { m.given_name = text_in(v); }},
    description_field<mailbox>(writer::editor),
    mailbox_field{{"quota", form::size_or_domain, {attr::quota, {}}, writer::editor, "how much it may hold: a size, none, or domain for what its domain gives"},
                  [](box m, how) -> value { return m.quota ? m.quota->text() : std::string(domains_quota); }, set_quota},
    mailbox_field{{"expires", form::day, {attr::expire_date, attr::mailbox_expiration}, writer::site, "the last day on which it works"},
                  [](box m, how c) { return end_or_null(m.expires, c); }, [](mailbox& m, const value& v, how c) { m.expires = end_in(v, c); }},
    mailbox_field{{"password_hash", form::hash, {attr::user_password, {}}, writer::owner, "the hash of the password, never the password; without it, the password stays as it is"},
                  [](box m, how) { return hash_or_null(m.password); }, [](mailbox& m, const value& v, how) { set_hash(m.password, v); }},
    mailbox_field{{"smtp_auth", form::flag, {attr::smtp_auth, {}}, writer::editor, "may send mail through SMTP AUTH"}, [](box m, how) -> value { return m.smtp_auth; },
                  [](mailbox& m, const value& v, how) { m.smtp_auth = flag_in(v, true); }},
    mailbox_field{{"may_log_in", form::flag, {attr::may_log_in, {}}, writer::editor, "may log in to read, over IMAP and POP3"}, [](box m, how) -> value { return m.may_log_in; },
                  [](mailbox& m, const value& v, how) { m.may_log_in = flag_in(v, true); }},
    mailbox_field{{"may_receive", form::flag, {attr::may_receive, {}}, writer::editor, "gets mail, itself or forwarded"}, [](box m, how) -> value { return m.may_receive; },
                  [](mailbox& m, const value& v, how) { m.may_receive = flag_in(v, true); }},
    mailbox_field{{"send_limit", form::limits_or_domain, {attr::send_limit, {}}, writer::site, "to how many recipients it may send in which time: limits, none, or domain for those of its domain"},
                  [](box m, how) -> value { return m.send_limits ? m.send_limits->text() : std::string(domains_limits); }, set_send_limits},
    mailbox_field{{"forward_active", form::flag, {attr::forward_active, {}}, writer::owner, "its mail is sent on"}, [](box m, how) -> value { return m.forward.active; },
                  [](mailbox& m, const value& v, how) { m.forward.active = flag_in(v, false); }},
    mailbox_field{{"forward_targets", form::addresses, {attr::maildrop, {}}, writer::owner, "where to; kept while it is not sent on"},
                  [](box m, how) { return texts_of(m.forward.elsewhere(m.address)); }, set_targets},
    mailbox_field{{"keep_copy", form::flag, {attr::maildrop, {}}, writer::owner, "mail that is sent on stays in the mailbox as well"},
                  [](box m, how) -> value { return m.forward.keeps_copy(m.address); }, set_keep_copy},
    mailbox_field{{"vacation_active", form::flag, {attr::vacation_active, {}}, writer::owner, "answers by itself"}, [](box m, how) -> value { return m.vacation.active; },
                  [](mailbox& m, const value& v, how) { m.vacation.active = flag_in(v, false); }},
    mailbox_field{{"vacation_start", form::minute, {attr::vacation_start, {}}, writer::owner, "from when on"}, [](box m, how) { return minute_or_null(m.vacation.start); },
                  [](mailbox& m, const value& v, how) { m.vacation.start = minute_in(v); }},
    mailbox_field{{"vacation_end", form::minute, {attr::vacation_end, {}}, writer::owner, "until when"}, [](box m, how) { return minute_or_null(m.vacation.end); },
                  [](mailbox& m, const value& v, how) { m.vacation.end = minute_in(v); }},
    mailbox_field{{"vacation_subject", form::text, {attr::vacation_subject, {}}, writer::owner, "the subject of the answer"}, [](box m, how) { return text_or_null(m.vacation.subject); },
                  [](mailbox& m, const value& v, how) { m.vacation.subject = text_in(v); }},
    mailbox_field{{"vacation_message", form::paragraph, {attr::vacation_info, {}}, writer::owner, "the answer"}, [](box m, how) { return text_or_null(m.vacation.message); },
                  [](mailbox& m, const value& v, how) { m.vacation.message = text_in(v); }},
    mailbox_field{{"home", form::text, {attr::vd_home, {}}, writer::site, "the root of the mail store; without one, that of the site"}, [](box m, how) { return text_or_null(m.home); },
                  [](mailbox& m, const value& v, how) { m.home = text_in(v); }},
    mailbox_field{{"path", form::text, {attr::mailbox, {}}, writer::site, "the folder below home, \"example.org/bob/\"; without one, a new mailbox gets one that nobody has or had"},
                  [](box m, how) { return text_or_null(m.path); }, [](mailbox& m, const value& v, how) { m.path = text_in(v); }},
    facet_number_field<attr::uid_number>("uid_number", "the number of its account of Unix; an account without one gets the next that is free"),
    facet_number_field<attr::gid_number>("gid_number", "the number of its group"),
    facet_text_field<attr::home_directory>("unix_home", "the home folder of the account of Unix"),
    facet_text_field<attr::login_shell>("unix_shell", "the program that a login starts"),
    facet_text_field<attr::gecos>("gecos", "the name for passwd(5)"),
    active_field<mailbox>(writer::editor),
    reason_field<mailbox>(writer::editor),
    comment_field<mailbox>(writer::editor),
};

} // namespace

template <> std::span<const field<mailbox>> fields_of<mailbox>() noexcept { return table; }

} // namespace vmail::exchange
