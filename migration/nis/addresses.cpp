#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/extension.hpp>
#include <vmail/person_name.hpp>
#include <vmail/printable.hpp>

#include "addresses.hpp"
#include "gecos.hpp"
#include "name_table.hpp"

namespace vmail::nis {

namespace {

/// Whether it is worth while to make all spellings of a name: each of them begins with one of its words.
bool may_be_spelling(std::string_view alias, std::string_view name) {
    if (!ascii::is_ascii(name)) return true;
    while (!name.empty()) {
        const std::size_t blank = std::min(name.find(' '), name.size());
        std::size_t matched = 0;
        bool matches = true;
        for (const char c : name.substr(0, blank)) {
            if (!ascii::is_alnum(c) && c != '-') continue;
            matches = matches && matched < alias.size() && ascii::to_lower(alias[matched++]) == ascii::to_lower(c);
        }
        if (matches && matched > 0) return true;
        name.remove_prefix(std::min(blank + 1, name.size()));
    }
    return false;
}

/// As vmail::require_own_name() says for one mailbox. mailctl makes none of such a name; here the account is there already.
void note_extensions(const passwd_table& users, const options& o, ledger& lines) {
    if (o.only == scope::unix_accounts) return;
    for (const account& a : users.accounts) {
        const std::size_t at = extension_at(a.local_part, o.site);
        if (at == std::string_view::npos) continue;
        lines.note({a.line, a.line}, code::address_extension,
                   fmt::format("{}: mail for {} goes to {}", printable(a.login), printable(a.local_part), printable(a.local_part.substr(0, at))));
    }
}

class address_giver {
public:
    address_giver(passwd_table& users, const alias_table& aliases, ledger& lines)
        : users_(users), aliases_(aliases), lines_(lines), taken_(users.accounts.size()), account_of_(aliases.definitions.size(), none) {}

    std::vector<std::uint32_t> give() {
        take_from_aliases();
        take_all_wished();
        return std::move(account_of_);
    }

private:
    /// Hashes a few names ahead, so that their slots are there when they are looked at.
    void take_all_wished() {
        std::array<std::uint64_t, 16> hashes{};
        const std::size_t count = users_.accounts.size();
        for (std::size_t i = 0; i < count + hashes.size(); ++i) {
            std::uint64_t& hash = hashes[i % hashes.size()];
            if (i >= hashes.size()) {
                account& a = users_.accounts[i - hashes.size()];
                if (a.local_part.data() == a.login.data()) take_wished(a, hash);
            }
            if (i >= count) continue;
            hash = hash_name(users_.accounts[i].wished_local_part);
            users_.by_login.prefetch(hash);
            aliases_.by_name.prefetch(hash);
            taken_.prefetch(hash);
        }
    }

    struct claim {
        std::uint32_t account;
        std::uint32_t definition;
    };

    void take_from_aliases() {
        const std::vector<claim> claims = collect_claims();
        for (auto first = claims.begin(); first != claims.end();) {
            const auto last = std::find_if(first, claims.end(), [first](const claim& c) { return c.account != first->account; });
            take_first_spelling(users_.accounts[first->account], first, last);
            first = last;
        }
    }

    /// Definitions with a dot that lead to one login and nowhere else, by account.
    std::vector<claim> collect_claims() const {
        std::vector<claim> claims;
        for (std::uint32_t i = 0; i < aliases_.definitions.size(); ++i) {
            const alias_definition& d = aliases_.definitions[i];
            if (d.name.find('.') == std::string_view::npos || users_.by_login.contains(d.name)) continue;
            if (const auto account = only_account(d)) claims.push_back({*account, i});
        }
        std::stable_sort(claims.begin(), claims.end(), [](const claim& a, const claim& b) { return a.account < b.account; });
        return claims;
    }

    std::optional<std::uint32_t> only_account(const alias_definition& d) const {
        std::optional<std::uint32_t> only;
        for (std::size_t i = 0; i < d.target_count; ++i) {
            const alias_target& t = aliases_.targets[d.first_target + i];
            const bool skips_forward = t.what == alias_target::kind::mailbox && aliases_.by_name.contains(t.text);
            if ((t.what != alias_target::kind::local && t.what != alias_target::kind::mailbox) || skips_forward) return {};
            const auto account = users_.by_login.find(t.text);
            if (!account || (only && *only != *account)) return {};
            only = account;
        }
        return only;
    }

    void take_first_spelling(account& a, std::vector<claim>::const_iterator first, std::vector<claim>::const_iterator last) {
        const person p(a.gecos, a.login);
        if (std::none_of(first, last, [&](const claim& c) { return may_be_spelling(aliases_.definitions[c.definition].name, p.full_name); })) return;
        for (const std::string& spelling : name_surname_spellings(p))
            for (auto c = first; c != last; ++c) {
                const std::string_view name = aliases_.definitions[c->definition].name;
                if (!ascii::iequals(name, spelling)) continue;
                a.local_part = name;
                account_of_[c->definition] = c->account;
                taken_.insert(name, c->account);
                return;
            }
    }

    void take_wished(account& a, std::uint64_t hash) {
        const std::string_view wished = a.wished_local_part;
        if (wished.empty()) return note_login(a);
        if (ascii::iequals(wished, a.login)) return; // which it has already
        if (aliases_.by_name.contains(wished, hash)) {
            note(a, code::address_is_alias, fmt::format("{} is an alias for others; the address is the login", wished));
        } else if (taken_.contains(wished, hash) || users_.by_login.contains(wished, hash)) {
            note(a, code::address_taken, fmt::format("{} is the address of another account; the address is the login", wished));
        } else {
            a.local_part = wished;
            taken_.insert(wished, hash, 0);
        }
    }

    void note_login(const account& a) {
        const person p(a.gecos, a.login);
        if (p.named) note(a, code::address_login, fmt::format("{} gives no Name.Surname", quoted(p.full_name)));
    }

    void note(const account& a, code what, const std::string& text) {
        lines_.note({a.line, a.line}, what, fmt::format("{}: {}", printable(a.login), text));
    }

    passwd_table& users_;
    const alias_table& aliases_;
    ledger& lines_;
    name_table taken_;
    std::vector<std::uint32_t> account_of_;
};

} // namespace

void append_name_surname(const person& p, std::string& out) {
    if (p.named) vmail::append_name_surname(p.full_name, out);
}

std::vector<std::string> name_surname_spellings(const person& p) { return p.named ? vmail::name_surname_spellings(p.full_name) : std::vector<std::string>(); }

std::vector<std::uint32_t> assign_addresses(passwd_table& users, const alias_table& aliases, const options& o, ledger& passwd_lines) {
    std::vector<std::uint32_t> account_of(aliases.definitions.size(), none);
    if (o.addresses != address_policy::login) account_of = address_giver(users, aliases, passwd_lines).give();
    note_extensions(users, o, passwd_lines);
    return account_of;
}

} // namespace vmail::nis
