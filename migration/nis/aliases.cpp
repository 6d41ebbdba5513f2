#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "alias_lines.hpp"
#include "aliases.hpp"
#include "include_files.hpp"

namespace vmail::nis {

namespace {

constexpr std::size_t max_local_part = 64;
// Every Unix host calls itself so, whatever else it is called.
constexpr std::array<std::string_view, 2> always_local = {"localhost", "localhost.localdomain"};

constexpr std::array<bool, 256> make_atom_bytes() {
    std::array<bool, 256> atom{};
    for (unsigned byte = 0; byte < 128; ++byte) atom[byte] = ascii::is_alnum(static_cast<char>(byte));
    for (const char c : std::string_view("!#$%&'*+-/=?^_`{|}~.")) atom[static_cast<unsigned char>(c)] = true;
    return atom;
}
constexpr auto atom_bytes = make_atom_bytes();

// With a local part of 64 bytes an address still has at most 254.
constexpr std::size_t longest_simple_domain = 189;

/// What needs no closer look: nearly all names.
bool is_plain_name(std::string_view name) {
    const auto is_plain = [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; };
    return name.size() <= max_local_part && std::all_of(name.begin(), name.end(), is_plain) && is_dot_atom(name);
}

struct named_code {
    target::kind kind;
    nis::code code;
    std::string_view what;
};

/// What cannot be converted, and how it is called.
constexpr std::array unusable = {
    named_code{target::kind::program, code::program_target, "the program"},
    named_code{target::kind::file, code::file_target, "the file"},
    named_code{target::kind::error, code::error_target, "the error"},
    named_code{target::kind::refusal, code::refused_alias, "all of what stands with Exim's"},
    named_code{target::kind::bang_path, code::bang_path, "the UUCP path"},
    named_code{target::kind::percent_hack, code::percent_hack, "the percent route"},
    named_code{target::kind::non_ascii, code::non_ascii_target, "the target outside ASCII"},
    named_code{target::kind::broken, code::bad_target, "what is no address"},
};

/// Whether a word of the command is the program vacation, wherever it lies.
bool runs_vacation(std::string_view command) {
    constexpr std::string_view separators = "|&; \t\"'";
    while (!command.empty()) {
        const std::string_view word = command.substr(0, command.find_first_of(separators));
        if (word.substr(word.rfind('/') + 1) == "vacation") return true;
        command.remove_prefix(std::min(word.size() + 1, command.size()));
    }
    return false;
}

class alias_reader {
public:
    alias_reader(const options& o, ledger& lines, text_arena& texts, std::size_t expected)
        : options_(o), lines_(lines), texts_(texts), includes_(o, lines, texts) {
        table_.definitions.reserve(expected);
        table_.targets.reserve(expected + expected / 4);
        table_.by_name = name_table(expected);
    }

    alias_reader(const options& o, ledger& lines, text_arena& texts, alias_table table)
        : options_(o), lines_(lines), texts_(texts), includes_(o, lines, texts), table_(std::move(table)) {}

    void read_forward(std::string_view login, std::span<const forward_line> file) {
        const std::size_t first = table_.targets.size();
        for (const forward_line& line : file) read_forward_line(login, line);
        const line_span span{file.front().number, file.back().number};
        if (const auto at = table_.by_name.find(login)) return unite(table_.definitions[*at], login, span, first);
        alias_definition d;
        d.lines = span;
        d.name = login;
        d.first_target = first;
        d.target_count = table_.targets.size() - first;
        d.is_file = true;
        table_.by_name.insert(login, static_cast<std::uint32_t>(table_.definitions.size()));
        table_.definitions.push_back(d);
    }

    void read(const alias_line& line) {
        std::string_view name = line.name;
        if (!read_name(line, name)) return;
        found_.clear();
        list_oddities oddities;
        parse_address_list(line.value, texts_, found_, oddities);
        if (found_.empty()) return lines_.skip(line.lines, code::no_value, fmt::format("{}: no target", printable(name)));
        if (is_duplicate(line, name)) return;
        note_oddities(line.lines, name, oddities);
        for (const target& t : found_)
            if (t.what == target::kind::include) table_.specials.push_back({name, t.what, t.text});
        expand_includes(line.lines);
        heed_refusal();
        define(line.lines, name);
    }

    alias_table take() { return std::move(table_); }

private:
    /// Makes the name a bare local part. False when the line was skipped.
    bool read_name(const alias_line& line, std::string_view& name) {
        if (is_plain_name(name) && options_.domain.text().size() < longest_simple_domain) return true;
        if (name.starts_with(':')) return skip(line, code::bad_name, "a mark of the map, no name");
        std::vector<target> names;
        list_oddities oddities;
        parse_address_list(name, texts_, names, oddities);
        if (names.size() != 1 || oddities.blank_separated || oddities.hash_comment) return skip(line, code::bad_name, "no single name");
        const target& t = names.front();
        if (t.what == target::kind::address) return read_full_name(line, t.text, name);
        if (t.what != target::kind::name) return skip(line, code::bad_name, "no name of an alias");
        name = t.text;
        return check_local_part(line, name);
    }

    bool read_full_name(const alias_line& line, std::string_view full, std::string_view& name) {
        const std::size_t at = full.rfind('@');
        if (at + 1 == full.size()) return skip(line, code::bad_name, "no domain behind the @");
        if (!is_local(full.substr(at + 1))) return skip(line, code::foreign_domain, "another domain");
        name = bare(full.substr(0, at));
        if (options_.dialect == dialect::postfix)
            lines_.note(line.lines, code::name_with_domain, fmt::format("{}: Postfix looks for {} alone", quoted(line.name), printable(name)));
        return check_local_part(line, name);
    }

    bool check_local_part(const alias_line& line, std::string_view name) {
        if (name == "*" || name == "+") return skip(line, code::bad_name, "no name of an alias");
        try {
            address::make(quoted_local_part(name), options_.domain);
            return true;
        } catch (const invalid_value&) {
            return skip(line, code::bad_name, name.size() > max_local_part ? "longer than 64 characters" : "no local part of an address");
        }
    }

    bool skip(const alias_line& line, code why, std::string_view text) {
        lines_.skip(line.lines, why, fmt::format("{}: {}", quoted(line.name), text));
        return false;
    }

    bool is_duplicate(const alias_line& line, std::string_view name) {
        const auto at = table_.by_name.find(name);
        if (!at) return false;
        alias_definition& other = table_.definitions[*at];
        const bool last_wins = options_.dialect == dialect::sendmail;
        const line_span loser = last_wins ? other.lines : line.lines;
        const line_span winner = last_wins ? line.lines : other.lines;
        lines_.merged(loser);
        lines_.note(loser, code::duplicate_alias,
                    fmt::format("{}: the definition in line {} counts, not the one in line {}", printable(name), winner.first, loser.first));
        if (!last_wins) return true;
        other.lines = line.lines;
        replaced_ = *at;
        return false;
    }

    void note_oddities(line_span lines, std::string_view name, const list_oddities& oddities) {
        const auto note = [&](bool found, code what, std::string_view text) {
            if (found) lines_.note(lines, what, fmt::format("{}: {}", printable(name), text));
        };
        note(oddities.blank_separated, code::blank_separated, "a blank where a comma should be; read as several targets");
        note(oddities.hash_comment, code::hash_comment, "what follows # is taken as a comment");
        note(oddities.group_syntax, code::group_syntax, "group syntax; read as the members");
    }

    void expand_includes(line_span lines) {
        const auto is_include = [](const target& t) { return t.what == target::kind::include; };
        if (std::none_of(found_.begin(), found_.end(), is_include)) return;
        std::vector<target> expanded;
        for (const target& t : found_) {
            if (is_include(t))
                includes_.expand(t.text, lines, expanded);
            else
                expanded.push_back(t);
        }
        found_.swap(expanded);
    }

    /// One refuses for all.
    void heed_refusal() {
        const auto refusal = std::find_if(found_.begin(), found_.end(), [](const target& t) { return t.what == target::kind::refusal; });
        if (refusal != found_.end()) found_ = {*refusal};
    }

    void define(line_span lines, std::string_view name) {
        alias_definition d;
        d.lines = lines;
        d.name = name;
        d.first_target = table_.targets.size();
        for (const target& t : found_) add_target(lines, name, t);
        d.target_count = table_.targets.size() - d.first_target;
        if (replaced_) {
            table_.definitions[*replaced_] = d;
            table_.by_name.replace(name, *replaced_);
            replaced_.reset();
            return;
        }
        table_.by_name.insert(name, static_cast<std::uint32_t>(table_.definitions.size()));
        table_.definitions.push_back(d);
    }

    void read_forward_line(std::string_view login, const forward_line& line) {
        const line_span at{line.number, line.number};
        found_.clear();
        list_oddities oddities;
        parse_address_list(line.text, texts_, found_, oddities);
        note_oddities(at, login, oddities);
        expand_includes(at);
        heed_refusal();
        for (const target& t : found_) add_target(at, login, t);
    }

    /// The targets of the file are those from `first` on.
    void unite(alias_definition& d, std::string_view login, line_span span, std::size_t first) {
        const auto targets = [this](std::size_t i) { return table_.targets.begin() + static_cast<std::ptrdiff_t>(i); };
        const auto is_self = [login](const alias_target& t) { return t.what == alias_target::kind::local && ascii::iequals(t.text, login); };
        const std::vector<alias_target> of_map(targets(d.first_target), targets(d.first_target + d.target_count));
        if (std::none_of(of_map.begin(), of_map.end(), is_self)) {
            table_.targets.resize(first);
            return lines_.skip(span, code::forward_unused,
                               fmt::format("{}: the alias map sends this mail elsewhere, and the file is never read", printable(login)));
        }
        lines_.merged(span);
        lines_.note(span, code::forward_united,
                    fmt::format("{}: the alias map keeps a copy here, which goes where this file says", printable(login)));
        std::copy_if(of_map.begin(), of_map.end(), std::back_inserter(table_.targets), [&](const alias_target& t) { return !is_self(t); });
        d.first_target = first;
        d.target_count = table_.targets.size() - first;
    }

    void add_target(line_span lines, std::string_view name, const target& t) {
        switch (t.what) {
        case target::kind::name: return add({alias_target::kind::local, t.text});
        case target::kind::own_name: return add({alias_target::kind::mailbox, t.text});
        case target::kind::routed:
            lines_.note(lines, code::source_route, fmt::format("{}: {} is the last hop of a route", printable(name), quoted(t.text)));
            return add_address(lines, name, t.text);
        case target::kind::address: return add_address(lines, name, t.text);
        default: return leave_out(lines, name, t);
        }
    }

    void add_address(line_span lines, std::string_view name, std::string_view text) {
        const std::size_t at = text.rfind('@');
        if (is_local(text.substr(at + 1))) return add({alias_target::kind::local, bare(text.substr(0, at))});
        try {
            const std::string address = address::parse(text).text();
            add({alias_target::kind::outside, address == text ? text : texts_.keep(address)});
        } catch (const invalid_value&) {
            leave_out(lines, name, {target::kind::broken, text});
        }
    }

    void add(const alias_target& t) { table_.targets.push_back(t); }

    void leave_out(line_span lines, std::string_view name, const target& t) {
        if (t.what == target::kind::program) table_.specials.push_back({name, t.what, t.text});
        if (t.what == target::kind::program && runs_vacation(t.text))
            return lines_.note(lines, code::vacation_program,
                               fmt::format("{}: {} is left out; see mailctl vacation", printable(name), quoted(t.text)));
        const auto row = std::find_if(unusable.begin(), unusable.end(), [&t](const named_code& n) { return n.kind == t.what; });
        const named_code& n = row == unusable.end() ? unusable.back() : *row;
        lines_.note(lines, n.code, fmt::format("{}: {} {} is left out", printable(name), n.what, quoted(t.text)));
    }

    bool is_local(std::string_view domain) const {
        if (domain.ends_with('.')) domain.remove_suffix(1);
        const auto is_it = [domain](std::string_view known) { return ascii::iequals(known, domain); };
        return is_it(options_.domain.text()) || std::any_of(always_local.begin(), always_local.end(), is_it) ||
               std::any_of(options_.local_domains.begin(), options_.local_domains.end(), is_it);
    }

    std::string_view bare(std::string_view local_part) {
        if (local_part.find_first_of("\"\\") == std::string_view::npos) return local_part;
        std::string out;
        for (std::size_t i = 0; i < local_part.size(); ++i) {
            if (local_part[i] == '\\' && i + 1 < local_part.size())
                out += local_part[++i];
            else if (local_part[i] != '"')
                out += local_part[i];
        }
        return texts_.keep(out);
    }

    const options& options_;
    ledger& lines_;
    text_arena& texts_;
    include_files includes_;
    std::vector<target> found_;
    std::optional<std::uint32_t> replaced_;
    alias_table table_;
};

} // namespace

bool is_dot_atom(std::string_view text) noexcept {
    // A dot may stand between two other bytes only.
    bool good = !text.empty();
    bool after_dot = true;
    for (const char c : text) {
        good &= atom_bytes[static_cast<unsigned char>(c)] & !(after_dot & (c == '.'));
        after_dot = c == '.';
    }
    return good && !after_dot;
}

std::string quoted_local_part(std::string_view bare) {
    if (is_dot_atom(bare)) return std::string(bare);
    std::string out = "\"";
    for (const char c : bare) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

alias_table read_aliases(const map_file& map, const options& o, ledger& lines, text_arena& texts) {
    alias_reader reader(o, lines, texts, map.lines().size());
    for_each_alias_line(map, o, lines, texts, [&reader](const alias_line& line) { reader.read(line); });
    return reader.take();
}

void add_forward(alias_table& table, std::string_view login, std::span<const forward_line> file, const options& o, ledger& lines, text_arena& texts) {
    alias_reader reader(o, lines, texts, std::move(table));
    reader.read_forward(login, file);
    table = reader.take();
}

} // namespace vmail::nis
