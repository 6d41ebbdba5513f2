#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "colon_map.hpp"
#include "fields.hpp"
#include "hidden_hashes.hpp"
#include "name_table.hpp"
#include "number.hpp"
#include "shadow.hpp"

namespace vmail::nis {

namespace {

constexpr std::int64_t seconds_a_day = 86400;
constexpr std::size_t shadow_fields = 9;

/// A record whose account is not known yet.
struct shadow_candidate {
    shadow_record record;
    std::string_view login;
    std::uint64_t hash = 0; ///< hash_name() of the login
    std::uint32_t held = 0; ///< so many findings hold if there is an account
};

struct shadow_piece {
    explicit shadow_piece(ledger part) : lines(std::move(part)) {}

    ledger lines;
    page_vector<shadow_candidate> candidates{};
    std::vector<finding> held{}; ///< of all candidates, in their order
};

std::string who(std::string_view login) { return login.empty() ? "(no login)" : shown(login); }

/// Reads lines of a part of the map, each by itself.
class shadow_line_reader {
public:
    shadow_line_reader(const options& o, bool has_ages, shadow_piece& piece)
        : today_(o.as_of ? o.as_of->epoch() / seconds_a_day : -1), has_ages_(has_ages), piece_(piece) {}

    void read(const colon_record& r) {
        const auto f = split<shadow_fields>(r.text, ':');
        if (f.count < 2) return piece_.lines.skip({r.line, r.line}, code::field_count, fmt::format("{}: one field only", who(f[0])));
        shadow_candidate& c = piece_.candidates.emplace_back();
        c.login = f[0];
        c.hash = hash_name(c.login);
        c.record.line = r.line;
        c.record.password = crypt_field::parse(f[1]);
        if (!has_ages_) return c.record.ages.fill(no_age);
        read_ages(c, f);
        if (f.count > shadow_fields) hold(c, code::extra_fields, fmt::format("{} fields, of which {} count", f.count, shadow_fields));
    }

private:
    void read_ages(shadow_candidate& c, const fields<shadow_fields>& f) {
        for (std::size_t i = 0; i < shadow_attributes.size(); ++i) c.record.ages[i] = age(c, shadow_attributes[i], f[i + 2]);
        const std::int64_t end = c.record.ages[shadow_expire];
        if (end == 0 || (end > 0 && end <= today_)) hold(c, code::expired, fmt::format("expired on day {}, kept", end));
    }

    std::int64_t age(shadow_candidate& c, std::string_view attribute, std::string_view text) {
        if (text.empty() || trim(text).empty()) return no_age;
        if (const auto number = parse_age(text)) return *number;
        hold(c, code::bad_age, fmt::format("{} is left out: {} is no number", attribute, shown_quoted(text)));
        return no_age;
    }

    void hold(shadow_candidate& c, code what, std::string_view text) {
        piece_.held.push_back({{c.record.line, c.record.line}, what, fmt::format("{}: {}", printable(c.login), text)});
        ++c.held;
    }

    std::int64_t today_;
    bool has_ages_;
    shadow_piece& piece_;
};

/// Gives each account its record: a record is of one account, and of one record only.
class record_matcher {
public:
    record_matcher(passwd_table& users, std::uint32_t account::*index, ledger& lines, std::size_t expected)
        : users_(users), index_(index), lines_(lines) {
        records_.reserve(std::min(expected, users.accounts.size()));
    }

    void match(shadow_piece& piece) {
        lines_.absorb(std::move(piece.lines));
        auto held = piece.held.begin();
        for (const shadow_candidate& c : piece.candidates) {
            if (account* const a = find(c)) {
                a->*index_ = static_cast<std::uint32_t>(records_.size());
                records_.push_back(c.record);
                lines_.merged({c.record.line, c.record.line});
                std::for_each(held, held + c.held, [this](finding& f) { lines_.note(std::move(f)); });
            }
            held += c.held;
        }
    }

    shadow_table take() { return std::move(records_); }

private:
    /// The account, or null when the line was skipped.
    account* find(const shadow_candidate& c) {
        account* const a = account_of(c);
        if (!a) return skip(c, code::orphan, absence(c.login));
        if (a->*index_ != none) return skip(c, code::duplicate_shadow, fmt::format("line {} has it already and wins", records_[a->*index_].line));
        return a;
    }

    account* account_of(const shadow_candidate& c) {
        // Mostly the two maps have the same order.
        if (next_ < users_.accounts.size() && users_.accounts[next_].login == c.login) return &users_.accounts[next_++];
        const auto at = users_.by_login.find(c.login, c.hash);
        if (!at || users_.accounts[*at].login != c.login) return nullptr;
        next_ = *at + 1;
        return &users_.accounts[*at];
    }

    std::string absence(std::string_view login) const {
        const auto passwd_line = users_.skipped.find(login);
        return passwd_line ? fmt::format("its line {} of passwd was skipped", *passwd_line) : std::string("passwd does not have it");
    }

    account* skip(const shadow_candidate& c, code why, std::string_view text) {
        lines_.skip({c.record.line, c.record.line}, why, fmt::format("{}: {}", who(c.login), text));
        return nullptr;
    }

    passwd_table& users_;
    std::uint32_t account::*index_;
    ledger& lines_;
    std::size_t next_ = 0;
    shadow_table records_;
};

void say_what_password_is(const crypt_field& field, std::string_view login, std::uint32_t line, ledger& lines) {
    const auto note = [&](code what, std::string_view text) { lines.note({line, line}, what, fmt::format("{}: {}", printable(login), text)); };
    switch (field.what) {
    case crypt_field::kind::empty: return note(code::password_empty, "the password is empty: no userPassword");
    case crypt_field::kind::elsewhere: return note(code::password_missing, "the hash is in no map that was given: no userPassword");
    case crypt_field::kind::locked: return note(code::password_locked, "locked: kept as it is");
    case crypt_field::kind::aged: return note(code::password_ageing, "the ageing suffix behind the hash was taken away");
    case crypt_field::kind::unknown: return note(code::password_unknown, "no hash of a known form: no userPassword");
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

struct shadow_reader::state {
    state(const map_file& map, const options& o, kind k) : source(map, o.form), opts(o), what(k), pieces(o.plan.pieces(source.size())) {}

    record_source source;
    const options& opts;
    kind what;
    std::vector<std::optional<shadow_piece>> pieces;
};

shadow_reader::shadow_reader(const map_file& map, const options& o, kind what) : state_(std::make_unique<state>(map, o, what)) {}
shadow_reader::~shadow_reader() = default;

std::size_t shadow_reader::pieces() const noexcept { return state_->pieces.size(); }

void shadow_reader::read_piece(std::size_t piece) {
    const auto [first, last] = state_->opts.plan.range(piece, state_->source.size());
    shadow_piece& p = state_->pieces[piece].emplace(state_->source.part(first, last));
    p.candidates.reserve(last - first);
    shadow_line_reader reader(state_->opts, state_->what == kind::shadow, p);
    state_->source.read(first, last, p.lines, [&reader](const colon_record& r) { reader.read(r); });
}

shadow_table shadow_reader::finish(passwd_table& users, ledger& lines) {
    record_matcher matcher(users, state_->what == kind::shadow ? &account::shadow : &account::adjunct, lines, state_->source.size());
    for (auto& piece : state_->pieces) {
        matcher.match(*piece);
        piece.reset();
    }
    return matcher.take();
}

void choose_passwords(passwd_table& users, ledger& passwd_lines, const hash_map& shadow, const hash_map& adjunct) {
    for (account& a : users.accounts) {
        const chosen c = choose(a, shadow, adjunct);
        if (!c.record) {
            say_what_password_is(a.password, a.login, a.line, passwd_lines);
            continue;
        }
        if (a.password.has_value() && a.password.stored != c.record->password.stored)
            passwd_lines.note(
                {a.line, a.line}, code::password_differs,
                fmt::format("{}: line {} of {} has another, which counts", printable(a.login), c.record->line, printable(c.lines->map())));
        a.password = c.record->password;
        note_other(a, c, adjunct);
        say_what_password_is(a.password, a.login, c.record->line, *c.lines);
    }
}

} // namespace vmail::nis
