#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "report.hpp"

namespace vmail::nis {

namespace {

/// Writes findings, of which there may be millions, and mostly of the same file: standard error has no buffer of its own.
class finding_writer {
public:
    explicit finding_writer(std::ostream& out) : out_(out) {}

    void write(const ledger& map, const finding& f) {
        const auto [file, lines] = map.where(f.lines);
        if (file != file_) shown_ = printable(file_ = file);
        const finding_row& row = row_of(f.code);
        const auto end = std::back_inserter(text_);
        if (lines.first == lines.last)
            fmt::format_to(end, "{}:{}: {} {}: {}\n", shown_, lines.first, name(row.level), row.word, f.text);
        else
            fmt::format_to(end, "{}:{}-{}: {} {}: {}\n", shown_, lines.first, lines.last, name(row.level), row.word, f.text);
        if (text_.size() > flush_at) flush();
    }

    void flush() {
        out_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
        text_.clear();
    }

private:
    static constexpr std::size_t flush_at = 64 * 1024;

    std::ostream& out_;
    std::string_view file_;
    std::string shown_;
    fmt::memory_buffer text_;
};

/// A JSON string. The text is printable() already, but for the quotes and backslashes it may hold.
std::string json(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string json_finding(const ledger& map, const finding& f) {
    const finding_row& row = row_of(f.code);
    const auto [file, lines] = map.where(f.lines);
    return fmt::format(R"({{"file":{},"line":{},"last_line":{},"level":"{}","code":"{}","text":{}}})", json(printable(file)), lines.first, lines.last,
                       name(row.level), row.word, json(f.text));
}

std::string json_counts(const ledger& map) {
    const line_counts& c = map.counts();
    return fmt::format(R"({{"file":{},"lines":{},"blank":{},"entry":{},"merged":{},"skipped":{}}})", json(printable(map.map())), c.lines, c.blank,
                       c.entry, c.merged, c.skipped);
}

/// "[\n  a,\n  b\n ]"
class json_array {
public:
    explicit json_array(std::ostream& out) : out_(out) { out_ << '['; }
    void add(std::string_view element) {
        out_ << (first_ ? "\n  " : ",\n  ") << element;
        first_ = false;
    }
    void end() { out_ << (first_ ? "]" : "\n ]"); }

private:
    std::ostream& out_;
    bool first_ = true;
};

} // namespace

entry_counts& entry_counts::operator+=(const entry_counts& other) noexcept {
    for (const auto count : {&entry_counts::domains, &entry_counts::accounts, &entry_counts::forwards, &entry_counts::aliases,
                             &entry_counts::login_aliases, &entry_counts::groups, &entry_counts::netgroups})
        this->*count += other.*count;
    return *this;
}

bool report::skipped_something() const {
    return std::any_of(maps.begin(), maps.end(), [](const ledger& map) { return map.counts().skipped > 0; });
}

std::size_t report::count(level l) const {
    std::size_t sum = 0;
    for (const ledger& map : maps)
        sum += static_cast<std::size_t>(
            std::count_if(map.findings().begin(), map.findings().end(), [l](const finding& f) { return row_of(f.code).level == l; }));
    return sum;
}

void write_text(std::ostream& out, const report& r) {
    finding_writer findings(out);
    for (const ledger& map : r.maps)
        for (const finding& f : map.findings()) findings.write(map, f);
    findings.flush();
    for (const std::string& note : r.notes) out << "note: " << note << '\n';
    for (const ledger& map : r.maps) {
        const line_counts& c = map.counts();
        out << fmt::format("{}: {} lines = {} comment/blank + {} entry + {} merged + {} skipped\n", printable(map.map()), c.lines, c.blank, c.entry,
                           c.merged, c.skipped);
    }
    const entry_counts& e = r.entries;
    out << fmt::format("written: {} accounts ({} with a forward), {} login aliases, {} aliases, {} groups, ", e.accounts, e.forwards, e.login_aliases,
                       e.aliases, e.groups);
    if (e.netgroups > 0) out << fmt::format("{} netgroups, ", e.netgroups);
    out << fmt::format("{} other entries\n", e.domains);
}

void write_json(std::ostream& out, const report& r) {
    out << "{\"version\":1,\n \"findings\":";
    json_array findings(out);
    for (const ledger& map : r.maps)
        for (const finding& f : map.findings()) findings.add(json_finding(map, f));
    findings.end();
    out << ",\n \"notes\":";
    json_array notes(out);
    for (const std::string& note : r.notes) notes.add(json(note));
    notes.end();
    out << ",\n \"maps\":";
    json_array maps(out);
    for (const ledger& map : r.maps) maps.add(json_counts(map));
    maps.end();
    const entry_counts& e = r.entries;
    out << fmt::format(
        ",\n \"written\":{{\"accounts\":{},\"forwards\":{},\"login_aliases\":{},\"aliases\":{},\"groups\":{},\"netgroups\":{},\"other\":{}}}\n}}\n",
        e.accounts, e.forwards, e.login_aliases, e.aliases, e.groups, e.netgroups, e.domains);
}

} // namespace vmail::nis
