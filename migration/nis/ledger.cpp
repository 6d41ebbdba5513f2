#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "ledger.hpp"

namespace vmail::nis {

void ledger::settle(std::uint32_t line, fate f) {
    if (!is_open(line))
        throw error(error_kind::internal, fmt::format("{}:{}: the line was accounted for twice; this is a bug", printable(map_), line));
    fates_[line - 1] = f;
}

void ledger::settle_rest(std::uint32_t first, std::uint32_t last, fate f) {
    for (std::uint32_t line = first; line <= last; ++line)
        if (is_open(line)) fates_[line - 1] = f;
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
    findings_.push_back({lines, why, std::move(text)});
}

void ledger::note(line_span lines, code what, std::string text) {
    assert(row_of(what).level != level::skip);
    findings_.push_back({lines, what, std::move(text)});
}

void ledger::close() {
    const auto count = [this](fate f) { return static_cast<std::size_t>(std::count(fates_.begin(), fates_.end(), f)); };
    counts_ = {fates_.size(), count(fate::blank), count(fate::entry), count(fate::merged), count(fate::skipped)};
    if (counts_.lines != counts_.blank + counts_.entry + counts_.merged + counts_.skipped) {
        const auto lost = std::find(fates_.begin(), fates_.end(), fate::open) - fates_.begin() + 1;
        throw error(error_kind::internal, fmt::format("{}:{}: the line was not accounted for; this is a bug", printable(map_), lost));
    }
    std::stable_sort(findings_.begin(), findings_.end(), [](const finding& a, const finding& b) { return a.lines < b.lines; });
}

} // namespace vmail::nis
