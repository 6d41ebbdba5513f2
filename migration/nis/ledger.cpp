#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "hidden_hashes.hpp"
#include "ledger.hpp"

namespace vmail::nis {

std::uint32_t ledger::add_part(std::string file, std::size_t lines) {
    const auto first = static_cast<std::uint32_t>(fates_.size() + 1);
    parts_.push_back({first, std::move(file)});
    fates_.resize(fates_.size() + lines, fate::open);
    return first;
}

place ledger::where(line_span lines) const {
    const auto next = std::upper_bound(parts_.begin(), parts_.end(), lines.first, [](std::uint32_t line, const part& p) { return line < p.first; });
    if (next == parts_.begin()) return {map_, lines};
    const part& in = *std::prev(next);
    return {in.file, {lines.first - in.first + 1, lines.last - in.first + 1}};
}

void ledger::settle(std::uint32_t line, fate f) {
    if (!is_open(line)) {
        const place at = where({line, line});
        throw error(error_kind::internal, fmt::format("{}:{}: the line was accounted for twice; this is a bug", printable(at.file), at.lines.first));
    }
    fates_[line - first_] = f;
}

void ledger::settle_rest(std::uint32_t first, std::uint32_t last, fate f) {
    for (std::uint32_t line = first; line <= last; ++line)
        if (is_open(line)) fates_[line - first_] = f;
}

void ledger::entry(line_span lines) {
    settle(lines.first, fate::entry);
    settle_rest(lines.first + 1, lines.last, fate::merged);
}

void ledger::merged(line_span lines) {
    settle(lines.first, fate::merged);
    settle_rest(lines.first + 1, lines.last, fate::merged);
}

void ledger::skip(line_span lines, code why, std::string text) {
    assert(row_of(why).level == level::skip);
    settle(lines.first, fate::skipped);
    settle_rest(lines.first + 1, lines.last, fate::skipped);
    keep(lines, why, std::move(text));
}

void ledger::note(line_span lines, code what, std::string text) {
    assert(row_of(what).level != level::skip);
    keep(lines, what, std::move(text));
}

void ledger::keep(line_span lines, code what, std::string text) {
    hide_hashes(text);
    findings_.push_back({lines, what, std::move(text)});
}

void ledger::add_key(finding& f) const {
    const std::string_view record = (*records_)[f.lines.first - 1];
    const std::string key = shown(record.substr(0, std::min(record.find_first_of(" \t:"), record.size())));
    if (!f.text.starts_with(key)) f.text = fmt::format("{}: {}", key, f.text);
}

void ledger::absorb(ledger&& piece) {
    std::copy(piece.fates_.begin(), piece.fates_.end(), fates_.begin() + (piece.first_ - first_));
    std::move(piece.findings_.begin(), piece.findings_.end(), std::back_inserter(findings_));
}

void ledger::close() {
    const auto count = [this](fate f) { return static_cast<std::size_t>(std::count(fates_.begin(), fates_.end(), f)); };
    counts_ = {fates_.size(), count(fate::blank), count(fate::entry), count(fate::merged), count(fate::skipped)};
    if (counts_.lines != counts_.blank + counts_.entry + counts_.merged + counts_.skipped) {
        const auto lost = static_cast<std::uint32_t>(std::find(fates_.begin(), fates_.end(), fate::open) - fates_.begin()) + first_;
        const place at = where({lost, lost});
        throw error(error_kind::internal, fmt::format("{}:{}: the line was not accounted for; this is a bug", printable(at.file), at.lines.first));
    }
    if (records_)
        for (finding& f : findings_) add_key(f);
    std::stable_sort(findings_.begin(), findings_.end(), [](const finding& a, const finding& b) { return a.lines < b.lines; });
}

} // namespace vmail::nis
