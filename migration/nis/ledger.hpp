#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "findings.hpp"
#include "page_allocator.hpp"

namespace vmail::nis {

/// Physical lines of a map, counted from 1, both ends included.
struct line_span {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    auto operator<=>(const line_span&) const = default;
};

struct finding {
    line_span lines;
    nis::code code;
    std::string text; ///< safe to print; without anything of a password
};

/// Lines of a file, as they are reported.
struct place {
    std::string_view file;
    line_span lines;
};

/// How many lines of a map met which fate.
struct line_counts {
    std::size_t lines = 0;
    std::size_t blank = 0;   ///< blank, comment, or a housekeeping key of ypcat -k
    std::size_t entry = 0;   ///< made an entry
    std::size_t merged = 0;  ///< part of an entry that another line made
    std::size_t skipped = 0; ///< no entry; a finding of level SKIP says why
};

/// What became of each line of one map: every line meets exactly one fate. A line that is settled twice, or never, is a bug of
/// ours and throws error(internal).
class ledger {
public:
    /// Of `lines` lines; for a piece of a map, from line `first` on.
    ledger(std::string map, std::size_t lines, std::uint32_t first = 1) : map_(std::move(map)), first_(first), fates_(lines, fate::open) {}

    const std::string& map() const noexcept { return map_; }

    /// Lines of one more file, for a ledger of many small ones: returns the number of the first of them in the ledger.
    std::uint32_t add_part(std::string file, std::size_t lines);
    std::size_t parts() const noexcept { return parts_.size(); }
    /// Where lines of the ledger stand: the map itself, or one of its parts, whose lines count from 1.
    place where(line_span lines) const;

    /// For records without a place that a person could look at: their findings are to name the key, which ends at the first blank. The lines must live
    /// until close().
    void name_records(const page_vector<std::string_view>& records) { records_ = &records; }

    void blank(std::uint32_t line) { settle(line, fate::blank); }
    /// The first line made the entry; the others, but for comments between them, are part of it.
    void entry(line_span lines);
    /// All of them, but for comments between them, are part of an entry.
    void merged(line_span lines);
    /// No entry comes of them. Precondition: the code's level is SKIP.
    void skip(line_span lines, code why, std::string text);
    /// As skip() or note(), of a finding that was made before.
    void skip(finding f) { skip(f.lines, f.code, std::move(f.text)); }
    void note(finding f) { note(f.lines, f.code, std::move(f.text)); }
    /// A remark. Precondition: the code's level is INFO or WARN.
    void note(line_span lines, code what, std::string text);

    bool is_open(std::uint32_t line) const noexcept { return fates_[line - first_] == fate::open; }

    /// Takes over what became of a piece of this map, of which nothing was known here. Its lines that are open stay so.
    void absorb(ledger&& piece);

    /// Ordered by line, and for one line in the order in which they were made.
    const std::vector<finding>& findings() const noexcept { return findings_; }
    const line_counts& counts() const noexcept { return counts_; }

    /// To be called once, when all is settled: counts, sorts, and throws error(internal) unless
    /// lines = blank + entry + merged + skipped.
    void close();

private:
    enum class fate : std::uint8_t { open, blank, entry, merged, skipped };

    void keep(line_span lines, code what, std::string text);
    void add_key(finding& f) const;
    void settle(std::uint32_t line, fate f);
    void settle_rest(std::uint32_t first, std::uint32_t last, fate f);

    struct part {
        std::uint32_t first;
        std::string file;
    };

    std::string map_;
    std::uint32_t first_;
    std::vector<part> parts_;
    const page_vector<std::string_view>* records_ = nullptr;
    std::vector<fate> fates_;
    std::vector<finding> findings_;
    line_counts counts_;
};

} // namespace vmail::nis
