#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <vmail/ascii.hpp>

#include <vmail/activity/account_name.hpp>
#include <vmail/activity/tally.hpp>

namespace vmail::activity {

namespace {

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

/// Names as numbers: millions of lines speak of thousands of accounts. What a log calls somebody is looked up as it stands there, so that it is looked at once.
class name_table {
public:
    template <typename Settle> std::uint32_t number_of(std::string_view text, const Settle& settle) {
        if (const auto known = as_written_.find(text); known != as_written_.end()) return known->second;
        const auto number = settled(settle(text));
        as_written_.emplace(text, number);
        return number;
    }
    const std::string& name(std::uint32_t number) const { return names_[number]; }

private:
    std::uint32_t settled(std::string name) {
        const auto [at, is_new] = numbers_.try_emplace(std::move(name), static_cast<std::uint32_t>(names_.size()));
        if (is_new) names_.push_back(at->first);
        return at->second;
    }

    std::unordered_map<std::string, std::uint32_t, text_hash, std::equal_to<>> as_written_{}, numbers_{};
    std::vector<std::string> names_{};
};

struct whose {
    std::int64_t hour;
    std::uint32_t account, host;
    friend bool operator==(const whose&, const whose&) = default;
};

struct where_seen {
    whose of;
    sight kind;
    bool is_known; ///< where
    std::array<std::uint8_t, 16> from;
    friend bool operator==(const where_seen&, const where_seen&) = default;
};

struct used {
    std::uint32_t account, host;
    use kind;
    friend bool operator==(const used&, const used&) = default;
};

/// FNV-1a, a word at a time.
struct key_hash {
    static std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) noexcept { return (hash ^ word) * 0x9e3779b97f4a7c15U ^ (hash >> 29U); }

    std::size_t operator()(const whose& w) const noexcept {
        return mixed(mixed(0xcbf29ce484222325U, static_cast<std::uint64_t>(w.hour)), (std::uint64_t{w.account} << 32U) | w.host);
    }
    std::size_t operator()(const where_seen& s) const noexcept {
        std::array<std::uint64_t, 2> words{};
        std::memcpy(words.data(), s.from.data(), sizeof words);
        return mixed(mixed(mixed((*this)(s.of), words[0]), words[1]), static_cast<std::uint64_t>(s.kind));
    }
    std::size_t operator()(const used& u) const noexcept { return mixed((std::uint64_t{u.account} << 32U) | u.host, static_cast<std::uint64_t>(u.kind)); }
};

struct seen {
    std::int64_t first, last;
    std::uint64_t number = 0;
    std::string reference;
    std::optional<network> from;
};

constexpr std::size_t longest_reference = 80;

/// By what a person searches the log: nothing else than that.
std::string reference_of(std::string_view text) {
    return text.size() <= longest_reference && ascii::all_printable(text) ? std::string(text) : std::string();
}

} // namespace

struct tally::state {
    name_table logins{}, recipients{}, hosts{};
    std::unordered_map<whose, hour_counts, key_hash> counts{}, received{}; ///< by numbers of logins, and of recipients
    std::unordered_map<where_seen, seen, key_hash> sightings{};
    std::unordered_map<used, std::int64_t, key_hash> uses{}, uses_received{};
};

tally::tally(tally_options options) : options_(std::move(options)), state_(std::make_unique<state>()) {}
tally::~tally() = default;

namespace {

void note(seen& s, const event& e) {
    if (e.when < s.first) {
        s.first = e.when;
        s.reference = reference_of(e.reference);
    }
    s.last = std::max(s.last, e.when);
    ++s.number;
}

void raise(std::int64_t& moment, std::int64_t when) noexcept { moment = std::max(moment, when); }

} // namespace

void tally::add(const event& e) {
    state& s = *state_;
    const auto host = s.hosts.number_of(e.host, account_name);
    const auto hour = hour_of(e.when);
    const auto kind_of_use = use_of(e);
    if (std::holds_alternative<delivery>(e.what)) {
        const auto account = s.recipients.number_of(e.account, [&](std::string_view text) { return recipient_name(text, options_.delimiters); });
        s.received[{hour, account, host}].add(e);
        if (kind_of_use) raise(s.uses_received.try_emplace({account, host, *kind_of_use}, e.when).first->second, e.when);
        return;
    }
    const auto account = s.logins.number_of(e.account, account_name);
    s.counts[{hour, account, host}].add(e);
    if (kind_of_use) raise(s.uses.try_emplace({account, host, *kind_of_use}, e.when).first->second, e.when);
    if (const auto kind = sight_of(e)) {
        const auto from = network::parse(e.client, options_.networks);
        const where_seen key{{hour, account, host}, *kind, from.has_value(), from ? from->bytes() : std::array<std::uint8_t, 16>{}};
        auto at = s.sightings.find(key);
        if (at == s.sightings.end()) at = s.sightings.emplace(key, seen{e.when, e.when, 0, reference_of(e.reference), from}).first;
        note(at->second, e);
    }
}

void tally::each(const row_visitor& visit) const {
    const state& s = *state_;
    const auto key_of = [&](const whose& w, const name_table& accounts) { return row_key{w.hour, accounts.name(w.account), s.hosts.name(w.host)}; };
    for (const auto& [of, counts] : s.counts) visit.on_counts({key_of(of, s.logins), counts});
    for (const auto& [of, counts] : s.received) visit.on_counts({key_of(of, s.recipients), counts});
    for (const auto& [at, what] : s.sightings)
        visit.on_sighting({key_of(at.of, s.logins), at.kind, what.from ? what.from->text() : std::string(), what.first, what.last, what.number, what.reference});
    for (const auto& [of, when] : s.uses) visit.on_use({s.logins.name(of.account), s.hosts.name(of.host), of.kind, when});
    for (const auto& [of, when] : s.uses_received) visit.on_use({s.recipients.name(of.account), s.hosts.name(of.host), of.kind, when});
}

bool tally::empty() const noexcept { return state_->counts.empty() && state_->received.empty(); }

void tally::clear() { state_ = std::make_unique<state>(); }

} // namespace vmail::activity
