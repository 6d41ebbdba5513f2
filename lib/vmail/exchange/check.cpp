#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/entity_traits.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/exchange/check.hpp>
#include <vmail/exchange/typed_record.hpp>

namespace vmail::exchange {

namespace {

/// What two things of different kinds cannot share is one namespace: domains, addresses, administrators.
char namespace_of(noun n) {
    if (n == noun::domain || n == noun::backup_domain) return 'd';
    return n == noun::admin ? 'n' : 'a';
}

class checker {
public:
    explicit checker(const conversion& c) : how_(c) {}

    void look_at(const record& r) {
        if (!try_name(r)) return;
        const auto [first, is_new] = seen_.try_emplace(namespace_of(r.what) + ascii::to_lower(r.name), r.at.line);
        if (!is_new) faults_.push_back({r.at, fmt::format("{} is on line {} already", printable(r.name), first->second)});
        for (const given_value& v : r.values) try_value(r, v);
    }

    std::vector<fault> take() { return std::move(faults_); }

private:
    bool try_name(const record& r) {
        return attempt(r.at, [&] { with_entity(r, [](const auto&) {}); });
    }

    void try_value(const record& r, const given_value& v) {
        attempt(v.at, [&] { with_entity(r, [&](auto e) { set_given(e, v, how_); }); });
    }

    template <typename Act> bool attempt(const position& at, const Act& act) {
        try {
            act();
            return true;
        } catch (const invalid_value& e) {
            faults_.push_back({at, e.what(), e.hint()});
            return false;
        }
    }

    const conversion& how_;
    std::unordered_map<std::string, std::size_t> seen_; ///< lines
    std::vector<fault> faults_;
};

} // namespace

std::vector<fault> check(const std::vector<record>& records, const conversion& c) {
    checker all(c);
    for (const record& r : records) all.look_at(r);
    return all.take();
}

} // namespace vmail::exchange
