#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/csn.hpp>
#include <vmail/error.hpp>

#include <vmail/jobs/expiry_memory.hpp>
#include <vmail/jobs/state_file.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;
using ldap::filter;

constexpr std::string_view first_line = "expiry memory 1";
constexpr std::string_view last_line = "whole";
/// In the place of a moment: there is none that can be read.
constexpr std::string_view no_moment = "-";

std::string text_of(const std::optional<timestamp>& t) { return t ? t->generalized() : std::string(no_moment); }
std::optional<timestamp> moment_of(const std::string& text) { return text == no_moment ? std::nullopt : std::optional(timestamp::parse_generalized(text)); }

} // namespace

filter expiry_memory::witness() const { return filter::all_of({filter::equal(attr::entry_uuid, witness_uuid_), filter::greater_or_equal(attr::entry_csn, witness_csn_)}); }

filter expiry_memory::changed_since() const {
    return filter::greater_or_equal(attr::entry_csn, csn::at(timestamp(looked_at_.instant() - std::chrono::hours(24))));
}

void expiry_memory::look_again(timestamp now) {
    looked_at_ = now;
    std::erase_if(ahead_, [now](const auto& one) { return !one.second || *one.second <= now; });
}

std::vector<std::vector<std::string>> expiry_memory::due(timestamp now, std::size_t batch) const {
    std::vector<std::vector<std::string>> all;
    for (const auto& [uuid, end] : ahead_) {
        if (end && *end > now) continue;
        if (all.empty() || all.back().size() == batch) all.emplace_back();
        all.back().push_back(uuid);
    }
    return all;
}

std::size_t expiry_memory::ahead(timestamp now) const {
    return static_cast<std::size_t>(std::count_if(ahead_.begin(), ahead_.end(), [now](const auto& one) { return one.second && *one.second > now; }));
}

void expiry_memory::note(const ldap::entry& e, std::optional<timestamp> end) {
    saw(e);
    const auto uuid = e.first(attr::entry_uuid);
    if (!uuid) return;
    if (!end || covers(*end)) ahead_.insert_or_assign(*uuid, end);
    else ahead_.erase(*uuid);
}

void expiry_memory::saw(const ldap::entry& e) {
    const auto uuid = e.first(attr::entry_uuid), csn = e.first(attr::entry_csn);
    if (!uuid || !csn || *csn <= witness_csn_) return;
    witness_uuid_ = *uuid;
    witness_csn_ = *csn;
}

std::optional<expiry_memory> expiry_memory::read(const std::filesystem::path& file) {
    const auto text = jobs::read_state(file);
    if (!text) return std::nullopt;
    std::istringstream in(*text);
    std::string line, tree, looked_at, swept_at, uuid, rest;
    if (!std::getline(in, line) || line != first_line || !std::getline(in, tree) || !std::getline(in, looked_at) || !std::getline(in, swept_at)) return std::nullopt;
    try {
        expiry_memory m(tree, timestamp::parse_generalized(swept_at));
        m.looked_at_ = timestamp::parse_generalized(looked_at);
        if (!std::getline(in, m.witness_uuid_) || !std::getline(in, m.witness_csn_)) return std::nullopt;
        while (in >> uuid && uuid != last_line) {
            if (!(in >> rest)) return std::nullopt;
            m.ahead_.emplace(uuid, moment_of(rest));
        }
        if (uuid == last_line) return m;
    } catch (const invalid_value&) { // nothing of ours: everything is looked at
    }
    return std::nullopt;
}

void expiry_memory::write(const std::filesystem::path& file) const {
    std::string text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n", first_line, tree_, looked_at_.generalized(), swept_at_.generalized(), witness_uuid_, witness_csn_);
    for (const auto& [uuid, end] : ahead_) text += fmt::format("{} {}\n", uuid, text_of(end));
    text += fmt::format("{}\n", last_line);
    jobs::write_state(file, text);
}

} // namespace vmail
