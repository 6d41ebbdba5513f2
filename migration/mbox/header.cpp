#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <vmail/ascii.hpp>

#include "header.hpp"

namespace vmail::mbox {

namespace {

struct field {
    std::string_view name;
    std::string_view value; ///< with its line ends
    extent lines;
};

std::size_t line_end(std::string_view text, std::size_t from) {
    const std::size_t end = text.find('\n', from);
    return end == std::string_view::npos ? text.size() : end + 1;
}

bool is_blank_line(std::string_view line) { return line == "\n" || line == "\r\n"; }

bool is_continued(std::string_view header, std::size_t next) { return next < header.size() && ascii::is_blank(header[next]); }

template <typename Visit>
void each_field(std::string_view header, Visit visit) {
    for (std::size_t begin = 0; begin < header.size();) {
        std::size_t end = line_end(header, begin);
        while (is_continued(header, end)) end = line_end(header, end);
        const std::string_view line = header.substr(begin, end - begin);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) {
            std::string_view name = line.substr(0, colon);
            while (!name.empty() && ascii::is_blank(name.back())) name.remove_suffix(1);
            if (!visit(field{name, line.substr(colon + 1), {begin, end}})) return;
        }
        begin = end;
    }
}

std::vector<std::string> words_of(std::string_view value) {
    constexpr std::string_view blanks = " \t\r\n";
    std::vector<std::string> words;
    while (true) {
        const std::size_t begin = value.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return words;
        value.remove_prefix(begin);
        words.emplace_back(value.substr(0, value.find_first_of(blanks)));
        value.remove_prefix(words.back().size());
    }
}

template <typename Number>
std::optional<Number> number(std::string_view digits) {
    if (!ascii::is_digits(digits)) return {};
    std::uint64_t value = 0;
    for (const char c : digits) {
        if (value > (std::numeric_limits<Number>::max() - 9U) / 10) return {};
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return static_cast<Number>(value);
}

template <typename Number>
std::optional<Number> only_number(std::string_view value) {
    const auto words = words_of(value);
    return words.size() == 1 ? number<Number>(words.front()) : std::nullopt;
}

std::optional<imap_base> base_of(std::string_view value) {
    auto words = words_of(value);
    if (words.size() < 2) return {};
    const auto validity = number<std::uint32_t>(words[0]);
    const auto last = number<std::uint32_t>(words[1]);
    if (!validity || !last || *validity == 0) return {};
    words.erase(words.begin(), words.begin() + 2);
    return imap_base{*validity, *last, std::move(words)};
}

bool has(std::string_view value, char letter) { return value.find(letter) != std::string_view::npos; }

/// Bits of nsMsgMessageFlags.
void read_mozilla_status(std::string_view value, mail_state& state) {
    constexpr unsigned read = 0x0001, replied = 0x0002, marked = 0x0004, expunged = 0x0008, forwarded = 0x1000;
    const auto words = words_of(value);
    if (words.size() != 1 || words[0].size() != 4 || !std::all_of(words[0].begin(), words[0].end(), [](char c) { return ascii::is_xdigit(c); }))
        return;
    const auto bits = static_cast<unsigned>(std::stoul(words[0], nullptr, 16));
    state.flags = {(bits & read) != 0, true, (bits & replied) != 0, (bits & marked) != 0, (bits & expunged) != 0, false};
    if (bits & forwarded) state.keywords.emplace_back("$Forwarded");
}

enum class known { status, x_status, keywords, uid, base, length, mozilla_status, mozilla_keys, aside, other };

struct known_field {
    std::string_view name;
    known what;
};
constexpr std::array known_fields = {
    known_field{"Status", known::status},
    known_field{"X-Status", known::x_status},
    known_field{"X-Keywords", known::keywords},
    known_field{"X-UID", known::uid},
    known_field{"X-IMAP", known::base},
    known_field{"X-IMAPbase", known::base},
    known_field{"Content-Length", known::length},
    known_field{"X-Mozilla-Status", known::mozilla_status},
    known_field{"X-Mozilla-Keys", known::mozilla_keys},
    // mutt
    known_field{"Lines", known::aside},
    known_field{"X-Label", known::aside},
    // Mozilla
    known_field{"X-Account-Key", known::aside},
    known_field{"X-Identity-Key", known::aside},
    known_field{"X-UIDL", known::aside},
    // KMail
    known_field{"X-Length", known::aside},
    // Emacs
    known_field{"Mail-From", known::aside},
    known_field{"Summary-Line", known::aside},
    known_field{"X-Coding-System", known::aside},
    known_field{"Xref", known::aside},
    // programs that copy between stores
    known_field{"X-OfflineIMAP", known::aside},
    known_field{"X-TUID", known::aside},
};

constexpr std::array<std::string_view, 6> families_aside = {"X-Mozilla-", "X-Evolution", "X-KMail-", "X-VM-", "X-RMAIL-", "X-Gnus-"};

bool may_be_known(std::string_view name) {
    constexpr std::string_view first_letters = "xsclm";
    return !name.empty() && first_letters.find(ascii::to_lower(name.front())) != std::string_view::npos;
}

known what_is(std::string_view name) {
    if (!may_be_known(name)) return known::other;
    const auto row = std::find_if(known_fields.begin(), known_fields.end(), [&](const known_field& f) { return ascii::iequals(f.name, name); });
    if (row != known_fields.end()) return row->what;
    const auto is_of = [&](std::string_view family) { return ascii::iequals(family, name.substr(0, family.size())); };
    return std::any_of(families_aside.begin(), families_aside.end(), is_of) ? known::aside : known::other;
}

void add_words(std::vector<std::string>& list, std::string_view value) {
    for (std::string& word : words_of(value)) list.push_back(std::move(word));
}

/// What the fields say before it is known which of them count.
struct gathered {
    mail_state state{};
    bool has_status = false;
    std::string_view mozilla_status{};
    std::string_view mozilla_keys{};
};

void take(gathered& g, known what, const field& f) {
    mail_flags& flags = g.state.flags;
    switch (what) {
    case known::status:
        g.has_status = true;
        flags.seen |= has(f.value, 'R');
        flags.old |= has(f.value, 'O');
        break;
    case known::x_status:
        g.has_status = true;
        flags.answered |= has(f.value, 'A');
        flags.flagged |= has(f.value, 'F');
        flags.deleted |= has(f.value, 'D');
        flags.draft |= has(f.value, 'T');
        break;
    case known::keywords: add_words(g.state.keywords, f.value); break;
    case known::uid: g.state.uid = only_number<std::uint32_t>(f.value); break;
    case known::base: g.state.base = base_of(f.value); break;
    case known::mozilla_status: g.mozilla_status = f.value; break;
    case known::mozilla_keys: g.mozilla_keys = f.value; break;
    case known::length:
    case known::aside:
    case known::other: break;
    }
}

bool is_internal_data(std::string_view header) {
    const auto subject = find_field(header, "Subject");
    const auto base = find_field(header, "X-IMAP");
    if (!subject || !base || !base_of(*base)) return false;
    const std::size_t begin = subject->find_first_not_of(" \t");
    return begin != std::string_view::npos && subject->substr(begin).starts_with("DON'T DELETE THIS MESSAGE");
}

} // namespace

std::size_t header_length(std::string_view message) {
    for (std::size_t begin = 0; begin < message.size();) {
        const std::size_t end = line_end(message, begin);
        if (is_blank_line(message.substr(begin, end - begin))) return end;
        begin = end;
    }
    return message.size();
}

std::optional<std::string_view> find_field(std::string_view header, std::string_view name) {
    std::optional<std::string_view> value;
    each_field(header, [&](const field& f) {
        if (ascii::iequals(f.name, name)) value = f.value;
        return !value;
    });
    return value;
}

std::optional<std::uint64_t> content_length(std::string_view header) {
    const auto value = find_field(header, "Content-Length");
    return value ? only_number<std::uint64_t>(*value) : std::nullopt;
}

mail_state read_state(std::string_view header) {
    gathered g;
    each_field(header, [&](const field& f) {
        const known what = what_is(f.name);
        if (what == known::other) return true;
        take(g, what, f);
        g.state.fickle.push_back(f.lines);
        if (what < known::mozilla_status) g.state.status.push_back(f.lines);
        return true;
    });
    if (!g.has_status) read_mozilla_status(g.mozilla_status, g.state);
    if (g.state.keywords.empty() || !g.has_status) add_words(g.state.keywords, g.mozilla_keys);
    g.state.internal_data = g.state.base && is_internal_data(header);
    return std::move(g.state);
}

std::string without(std::string_view message, const std::vector<extent>& left_out) {
    std::string kept;
    kept.reserve(message.size());
    std::size_t at = 0;
    for (const extent& e : left_out) {
        kept.append(message.substr(at, e.begin - at));
        at = e.end;
    }
    return kept.append(message.substr(at));
}

} // namespace vmail::mbox
