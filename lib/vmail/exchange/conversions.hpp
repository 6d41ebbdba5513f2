#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/dovecot_password.hpp>
#include <vmail/error.hpp>
#include <vmail/exchange/field.hpp>
#include <vmail/exchange/value.hpp>
#include <vmail/password.hpp>
#include <vmail/password_form.hpp>
#include <vmail/schema.hpp>
#include <vmail/state.hpp>

/// Between values and members. Internal to the tables of fields.
namespace vmail::exchange {

namespace attr = schema::attr;

inline bool is_null(const value& v) noexcept { return std::holds_alternative<null>(v); }

inline value text_or_null(const std::string& text) { return text.empty() ? value{} : value{text}; }
inline std::string text_in(const value& v) { return is_null(v) ? std::string() : std::get<std::string>(v); }
inline bool flag_in(const value& v, bool otherwise) { return is_null(v) ? otherwise : std::get<bool>(v); }

/// A limit beyond what a number holds is as good as the largest one.
inline value number_or_null(const std::optional<std::uint64_t>& n) {
    return n ? value{static_cast<std::int64_t>(std::min<std::uint64_t>(*n, std::numeric_limits<std::int64_t>::max()))} : value{};
}
/// 0 is for what is there already, such as a limit that Phamm's page has stored.
inline std::optional<std::uint64_t> limit_in(const value& v, const conversion& c) {
    if (is_null(v)) return std::nullopt;
    const std::int64_t n = std::get<std::int64_t>(v);
    if (n == 0 && !c.is_there_unknown) throw invalid_value("0 is no limit that anything fits under: nothing at all means that there is none");
    return static_cast<std::uint64_t>(n);
}

inline value texts_of(const auto& all) {
    std::vector<std::string> texts;
    for (const auto& one : all) texts.push_back(one.text());
    return texts;
}

/// Each once, in their order. What others have put there may be more than an address, and stays as it is.
inline std::vector<maildrop> targets_in(const value& v, const std::vector<maildrop>& present, const conversion& c) {
    const auto fresh = [&](const std::string& text) { return c.is_there_unknown ? maildrop::from_attribute(text) : maildrop::parse_also_local(text); };
    std::vector<maildrop> targets;
    if (is_null(v)) return targets;
    for (const std::string& text : std::get<std::vector<std::string>>(v)) {
        const auto known = std::find_if(present.begin(), present.end(), [&](const maildrop& t) { return t.text() == text; });
        maildrop t = known == present.end() ? fresh(text) : *known;
        if (std::find(targets.begin(), targets.end(), t) == targets.end()) targets.push_back(std::move(t));
    }
    return targets;
}

inline std::vector<domain_name> domains_in(const value& v) {
    std::vector<domain_name> domains;
    if (is_null(v)) return domains;
    for (const std::string& text : std::get<std::vector<std::string>>(v))
        if (auto d = domain_name::parse(text); std::find(domains.begin(), domains.end(), d) == domains.end()) domains.push_back(std::move(d));
    return domains;
}

inline value hash_or_null(const std::optional<password_hash>& h) { return h ? value{h->to_attribute()} : value{}; }
/// What no directory holds is of another system. What one may hold is taken as it is: only whoever sees what is there can tell whether it is another one.
inline void set_hash(std::optional<password_hash>& h, const value& v) {
    if (is_null(v) && h) throw invalid_value("a record takes no password away", {.hint = "leave the field out, and the password stays as it is"});
    if (is_null(v)) return;
    const auto& text = std::get<std::string>(v);
    h = is_hash_scheme(split_stored_password(text).scheme) ? password_hash::from_attribute(text) : from_dovecot(text);
}

inline value end_or_null(const std::optional<expiry>& end, const conversion& c) { return end ? value{end->text(c.zone)} : value{}; }
/// The same however often it is read: "+6m" is not.
inline std::optional<expiry> end_in(const value& v, const conversion& c) {
    const std::string text = text_in(v);
    if (text.empty() || text == "never") return std::nullopt;
    if (text.starts_with('+') || text == "now") throw invalid_value("a day counted from today is another one whenever it is read: it takes a date");
    return expiry::parse_fixed(text, c.zone);
}

// What all kinds share stands at the end of each table.
template <typename Entity>
constexpr field<Entity> active_field(writer who) {
    return {{"active", form::flag, {attr::account_active, {}}, who, "works: false stops it, and records why"},
            [](const Entity& e, const conversion&) -> value { return e.active; },
            [](Entity& e, const value& v, const conversion&) { e.active = flag_in(v, true); }};
}
template <typename Entity>
constexpr field<Entity> reason_field(writer who) {
    return {{"disabled_reason", form::text, {attr::disabled_reason, {}}, who, "why it is stopped: manual, compromised, or a word of the site"},
            [](const Entity& e, const conversion&) { return text_or_null(e.disabled.reason); },
            [](Entity& e, const value& v, const conversion&) { e.disabled.reason = text_in(v); }};
}
template <typename Entity>
constexpr field<Entity> comment_field(writer who) {
    return {{"disabled_comment", form::text, {attr::disabled_comment, {}}, who, "what people should know of that"},
            [](const Entity& e, const conversion&) { return text_or_null(e.disabled.comment); },
            [](Entity& e, const value& v, const conversion&) { e.disabled.comment = text_in(v); }};
}
template <typename Entity>
constexpr field<Entity> description_field(writer who) {
    return {{"description", form::text, {attr::description, {}}, who, "for people"},
            [](const Entity& e, const conversion&) { return text_or_null(e.description); },
            [](Entity& e, const value& v, const conversion&) { e.description = text_in(v); }};
}

template <typename Entity> void no_set(Entity&, const value&, const conversion&) {}

} // namespace vmail::exchange
