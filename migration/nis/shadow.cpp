#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "colon_map.hpp"
#include "fields.hpp"
#include "number.hpp"
#include "shadow.hpp"

namespace vmail::nis {

namespace {

constexpr std::int64_t seconds_a_day = 86400;
constexpr std::size_t shadow_fields = 9;

/// What shadow and adjunct share: a record is of one account, and of one record only.
class hash_reader {
public:
    hash_reader(passwd_table& users, std::uint32_t account::*index, const shadow_table& records, ledger& lines)
        : users_(users), index_(index), records_(records), lines_(lines) {}

    /// The account, or null when the line was skipped.
    account* find(std::uint32_t line, std::string_view login, std::size_t count) {
        if (count < 2) return skip(line, code::field_count, login, "one field only");
        const auto at = users_.by_login.find(login);
        if (!at || users_.accounts[*at].login != login) return skip(line, code::orphan, login, absence(login));
        account& a = users_.accounts[*at];
        if (a.*index_ != none) return skip(line, code::duplicate_shadow, login, fmt::format("line {} has it already and wins", records_[a.*index_].line));
        return &a;
    }

private:
    std::string absence(std::string_view login) const {
        const auto passwd_line = users_.skipped.find(login);
        return passwd_line ? fmt::format("its line {} of passwd was skipped", *passwd_line) : std::string("passwd does not have it");
    }

    account* skip(std::uint32_t line, code why, std::string_view login, std::string_view text) {
        lines_.skip({line, line}, why, fmt::format("{}: {}", login.empty() ? "(no login)" : printable(login.substr(0, 80)), text));
        return nullptr;
    }

    passwd_table& users_;
    std::uint32_t account::*index_;
    const shadow_table& records_;
    ledger& lines_;
};

class age_reader {
public:
    age_reader(const options& o, ledger& lines) : today_(o.as_of ? o.as_of->epoch() / seconds_a_day : -1), lines_(lines) {}

    void read(shadow_record& record, std::string_view login, const fields<shadow_fields>& f) {
        for (std::size_t i = 0; i < shadow_attributes.size(); ++i) record.ages[i] = age(record.line, login, shadow_attributes[i], f[i + 2]);
        const std::int64_t end = record.ages[shadow_expire];
        if (end == 0 || (end > 0 && end <= today_))
            lines_.note({record.line, record.line}, code::expired, fmt::format("{}: expired on day {}, kept", printable(login), end));
    }

private:
    std::int64_t age(std::uint32_t line, std::string_view login, std::string_view attribute, std::string_view text) {
        if (trim(text).empty()) return no_age;
        if (const auto number = parse_age(text)) return *number;
        lines_.note({line, line}, code::bad_age, fmt::format("{}: {} is left out: {} is no number", printable(login), attribute, quoted(text)));
        return no_age;
    }

    std::int64_t today_;
    ledger& lines_;
};

void say_what_password_is(const crypt_field& field, std::string_view login, std::uint32_t line, ledger& lines) {
    const auto note = [&](code what, std::string_view text) { lines.note({line, line}, what, fmt::format("{}: {}", printable(login), text)); };
    switch (field.what) {
    case crypt_field::kind::empty: return note(code::password_empty, "the password is empty: no userPassword");
    case crypt_field::kind::elsewhere: return note(code::password_missing, "the hash is in no map that was given: no userPassword");
    case crypt_field::kind::locked: return note(code::password_locked, "locked: kept as it is");
    case crypt_field::kind::aged: return note(code::password_ageing, "the ageing suffix behind the hash was taken away");
    case crypt_field::kind::unknown: return note(code::password_unknown, "no hash of a known form: kept, nobody can log in with it");
    case crypt_field::kind::scheme:
    case crypt_field::kind::hash: return;
    }
}

/// The record that counts for an account, if any.
struct chosen {
    const shadow_record* record = nullptr;
    ledger* lines = nullptr;
};

chosen choose(const account& a, const hash_map& shadow, const hash_map& adjunct) {
    const auto record = [](const hash_map& map, std::uint32_t index) { return map.records && index != none ? &(*map.records)[index] : nullptr; };
    for (const auto& [from, index] : {std::pair{&shadow, a.shadow}, std::pair{&adjunct, a.adjunct}}) {
        const shadow_record* const r = record(*from, index);
        // shadow may itself point on to adjunct.
        if (r && r->password.what != crypt_field::kind::elsewhere) return {r, from->lines};
    }
    return {};
}

/// Where adjunct has another hash than shadow, which was chosen before it.
void note_other(const account& a, const chosen& c, const hash_map& adjunct) {
    if (!adjunct.records || a.adjunct == none) return;
    const shadow_record& other = (*adjunct.records)[a.adjunct];
    if (&other == c.record || !other.password.has_value() || other.password.stored == c.record->password.stored) return;
    adjunct.lines->note({other.line, other.line}, code::password_differs,
                        fmt::format("{}: line {} of {} has another, which counts", printable(a.login), c.record->line, printable(c.lines->map())));
}

} // namespace

shadow_table read_shadow(const map_file& map, const options& o, passwd_table& users, ledger& lines) {
    shadow_table records;
    records.reserve(map.lines().size());
    hash_reader reader(users, &account::shadow, records, lines);
    age_reader ages(o, lines);
    for_each_record(map, o.form, lines, [&](const colon_record& r) {
        const auto f = split<shadow_fields>(r.text, ':');
        account* const a = reader.find(r.line, f[0], f.count);
        if (!a) return;
        a->shadow = static_cast<std::uint32_t>(records.size());
        shadow_record& record = records.emplace_back();
        record.line = r.line;
        record.password = crypt_field::parse(f[1]);
        ages.read(record, f[0], f);
        if (f.count > shadow_fields)
            lines.note({r.line, r.line}, code::extra_fields,
                       fmt::format("{}: {} fields, of which {} count", printable(f[0]), f.count, shadow_fields));
        lines.merged({r.line, r.line});
    });
    return records;
}

shadow_table read_adjunct(const map_file& map, const options& o, passwd_table& users, ledger& lines) {
    shadow_table records;
    hash_reader reader(users, &account::adjunct, records, lines);
    for_each_record(map, o.form, lines, [&](const colon_record& r) {
        const auto f = split<2>(r.text, ':');
        account* const a = reader.find(r.line, f[0], f.count);
        if (!a) return;
        a->adjunct = static_cast<std::uint32_t>(records.size());
        shadow_record& record = records.emplace_back();
        record.line = r.line;
        record.password = crypt_field::parse(f[1]);
        record.ages.fill(no_age);
        lines.merged({r.line, r.line});
    });
    return records;
}

void choose_passwords(passwd_table& users, ledger& passwd_lines, const hash_map& shadow, const hash_map& adjunct) {
    for (account& a : users.accounts) {
        const chosen c = choose(a, shadow, adjunct);
        if (!c.record) {
            say_what_password_is(a.password, a.login, a.line, passwd_lines);
            continue;
        }
        if (a.password.has_value() && a.password.stored != c.record->password.stored)
            passwd_lines.note({a.line, a.line}, code::password_differs,
                              fmt::format("{}: line {} of {} has another, which counts", printable(a.login), c.record->line, printable(c.lines->map())));
        a.password = c.record->password;
        note_other(a, c, adjunct);
        say_what_password_is(a.password, a.login, c.record->line, *c.lines);
    }
}

} // namespace vmail::nis
