#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "message.hpp"

namespace vmail::mbox {

namespace {

// A date of 1970 is one of a program that did not know the time.
constexpr std::int64_t first_real_second = 366 * 86400;

std::optional<timestamp> real_time(const std::optional<written_time>& written, const time_zone& zone) {
    if (!written) return {};
    const timestamp instant = instant_of(*written, zone);
    return instant.epoch() < first_real_second ? std::nullopt : std::optional(instant);
}

std::pair<timestamp, time_source> delivery_time(std::string_view header, const found_message& found, const message_options& options) {
    if (const auto written = real_time(found.delivered, options.zone)) return {*written, time_source::from_line};
    for (const std::string_view name : {"Received", "Date"})
        if (const auto value = find_field(header, name))
            if (const auto written = real_time(parse_header_date(*value), options.zone)) return {*written, time_source::header};
    return {options.fallback, time_source::file};
}

std::size_t quotes_to_undo(const found_message& found, dialect d) {
    const from_lines& lines = found.body_from;
    switch (d) {
    case dialect::mboxcl2: return 0;
    case dialect::mboxrd: return lines.quoted + lines.deeper;
    case dialect::mboxo:
    case dialect::mboxcl: return lines.quoted;
    case dialect::detect: break;
    }
    // Who lets a "From " line stand, and counts bytes, quotes none.
    return found.length == length_claim::right && lines.naked > 0 ? 0 : lines.quoted;
}

/// How many ">" are before "From " where the line begins so.
std::size_t quote_depth(std::string_view line) {
    const std::size_t depth = std::min(line.find_first_not_of('>'), line.size());
    return line.substr(depth).starts_with("From ") ? depth : 0;
}

/// The body, from which takes_away(depth) bytes are taken at the beginning of each line that is quoted so deep.
template <typename TakesAway>
std::string with_fewer_quotes(std::string_view body, TakesAway takes_away) {
    std::string text;
    text.reserve(body.size());
    while (!body.empty()) {
        const std::size_t end = std::min(body.find('\n'), body.size() - 1) + 1;
        const std::string_view line = body.substr(0, end);
        text.append(line.substr(takes_away(quote_depth(line))));
        body.remove_prefix(end);
    }
    return text;
}

std::string without_quotes(std::string_view body) {
    if (body.find(">From ") == std::string_view::npos) return {};
    return with_fewer_quotes(body, [](std::size_t depth) { return depth; });
}

checksum identity_of(std::string_view text, std::size_t body_begin, const std::vector<extent>& fickle, summer& sums) {
    const std::string unquoted = without_quotes(text.substr(body_begin));
    const std::string_view body = unquoted.empty() ? text.substr(body_begin) : std::string_view(unquoted);
    std::size_t at = 0;
    for (const extent& e : fickle) {
        sums.add(text.substr(at, e.begin - at));
        at = e.end;
    }
    sums.add(text.substr(at, body_begin - at));
    const auto print = sums.fingerprint(body);
    sums.add(fmt::format("\n{}\n", body.size())); // no header has such a line
    return sums.add({reinterpret_cast<const char*>(print.data()), print.size()}).finish();
}

/// The last one of an mbox gets its line end by the next one, or by a reader.
std::string with_line_end(std::string_view text) {
    const bool crlf = text.substr(0, text.find('\n')).ends_with('\r');
    return std::string(text) + (crlf ? "\r\n" : "\n");
}

void undo_quotes(message& m, std::size_t body, dialect d) {
    m.undone_quotes = quotes_to_undo(m.found, d);
    if (m.undone_quotes == 0) return;
    m.own = std::string(m.raw.substr(0, body)) + unquote(m.raw.substr(body), d == dialect::mboxrd);
}

/// The size of the text with every LF as CR LF, before anything was left out of it.
std::uint64_t crlf_size(std::string_view text, const found_message& found) { return text.size() + (found.lf - found.crlf); }

/// LF without CR before it. A field may have several lines.
std::size_t bare_line_ends(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) ++count;
    return count;
}

void strip(message& m) {
    if (m.state.status.empty()) return;
    for (const extent& e : m.state.status) {
        const std::string_view line = m.raw.substr(e.begin, e.size());
        m.crlf_size -= e.size() + bare_line_ends(line);
        m.stripped += e.size();
    }
    m.own = without(m.text(), m.state.status);
}

} // namespace

std::string unquote(std::string_view body, bool every_depth) {
    return with_fewer_quotes(body, [every_depth](std::size_t depth) -> std::size_t { return depth == 1 || (depth > 1 && every_depth) ? 1 : 0; });
}

message prepare(const window& w, const found_message& found, const message_options& options, summer& sums) {
    const std::string_view raw = w.bytes.substr(found.text.begin, found.text.size());
    const std::size_t body = std::min(found.body, found.text.end) - found.text.begin;
    const std::string_view header = raw.substr(0, body);
    message m = std::make_from_tuple<message>(delivery_time(header, found, options));
    m.raw = raw;
    m.found = found;
    m.state = read_state(header);
    undo_quotes(m, body, options.splitting.dialect);
    m.crlf_size = crlf_size(m.text(), found);
    m.identity = m.text().ends_with('\n') ? identity_of(m.text(), body, m.state.fickle, sums) : identity_of(m.text(), sums);
    if (options.strip_status) strip(m);
    m.content = sums.add(m.text()).finish();
    return m;
}

checksum identity_of(std::string_view text, summer& sums) {
    if (!text.empty() && !text.ends_with('\n')) return identity_of(with_line_end(text), sums);
    const std::size_t body = header_length(text);
    return identity_of(text, body, read_state(text.substr(0, body)).fickle, sums);
}

} // namespace vmail::mbox
