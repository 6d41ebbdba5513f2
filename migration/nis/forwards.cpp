#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/charset.hpp>
#include <vmail/printable.hpp>

#include "colon_map.hpp"
#include "fields.hpp"
#include "forward_file.hpp"
#include "forwards.hpp"
#include "hidden_hashes.hpp"
#include "name_table.hpp"

namespace vmail::nis {

namespace {

class forward_reader {
public:
    forward_reader(const options& o, alias_table& aliases, ledger& files, text_arena& texts)
        : options_(o), aliases_(aliases), files_(files), texts_(texts) {}

    void take(const account& a, const forward_file& file) {
        const std::size_t lines = file.text ? file.text->lines().size() : 1;
        // An empty file that is ignored has to be somewhere to be reported.
        const bool good = file.what == forward_file::state::good;
        const std::size_t counted = good ? lines : std::max<std::size_t>(lines, 1);
        const std::uint32_t first = files_.add_part(file.path, counted);
        if (good) return take_lines(a, *file.text, first);
        const code why = file.what == forward_file::state::ignored ? code::forward_ignored : code::forward_unreadable;
        files_.skip({first, first + static_cast<std::uint32_t>(counted) - 1}, why, fmt::format("{}: {}", printable(a.login), file.reason));
    }

private:
    void take_lines(const account& a, const map_file& text, std::uint32_t first) {
        if (text.had_byte_order_mark()) files_.note({first, first}, code::byte_order_mark, "the byte order mark at the start was taken away");
        std::vector<forward_line> lines;
        for (const std::string_view line : text.lines()) take_line(first++, line, lines);
        if (!lines.empty()) add_forward(aliases_, a.login, lines, options_, files_, texts_);
    }

    void take_line(std::uint32_t number, std::string_view line, std::vector<forward_line>& lines) {
        if (line.find('\0') != std::string_view::npos) return files_.skip({number, number}, code::nul_byte, "the line has a NUL byte");
        if (trim(line).empty() || line.front() == '#') return files_.blank(number);
        lines.push_back({number, texts_.keep(decoded(number, line))});
    }

    std::string_view decoded(std::uint32_t number, std::string_view line) {
        buffer_.clear();
        switch (decode(line, options_.charset, buffer_)) {
        case decoding::as_is: return line;
        case decoding::converted: files_.note({number, number}, code::converted, "not UTF-8: read as --charset says"); break;
        case decoding::doubtful: files_.note({number, number}, code::doubtful, "not UTF-8, and hardly what --charset says"); break;
        }
        return buffer_;
    }

    const options& options_;
    alias_table& aliases_;
    ledger& files_;
    text_arena& texts_;
    std::string buffer_;
};

class list_reader {
public:
    list_reader(const options& o, const passwd_table& users, ledger& lines, forward_reader& files)
        : options_(o), users_(users), lines_(lines), files_(files) {}

    void read(std::uint32_t number, std::string_view line) {
        if (line.find('\0') != std::string_view::npos) return lines_.skip({number, number}, code::nul_byte, "the line has a NUL byte");
        if (is_blank_or_comment(line)) return lines_.blank(number);
        line = trim(line);
        const std::string_view login = line.substr(0, std::min(line.find_first_of(" \t"), line.size()));
        const std::string_view path = trim(line.substr(login.size()));
        if (path.empty()) return skip(number, code::field_count, login, "no path behind the login");
        const auto at = users_.by_login.find(login);
        if (!at) return skip(number, code::orphan, login, "passwd gives no account of this name");
        const account& a = users_.accounts[*at];
        const std::uint32_t first = seen_.insert(a.login, number);
        if (first != number) return skip(number, code::duplicate_forward, login, fmt::format("line {} has it already and wins", first));
        lines_.merged({number, number});
        files_.take(a, read_forward_file(std::string(path), a, options_.dialect));
    }

private:
    void skip(std::uint32_t number, code why, std::string_view login, const std::string& text) {
        lines_.skip({number, number}, why, fmt::format("{}: {}", shown(login.substr(0, login.find(':'))), text));
    }

    const options& options_;
    const passwd_table& users_;
    ledger& lines_;
    forward_reader& files_;
    name_table seen_;
};

} // namespace

void read_forwards(const options& o, const passwd_table& users, alias_table& aliases, ledger& files, text_arena& texts) {
    const forward_tree tree(o.forward_root, o.dialect);
    forward_reader reader(o, aliases, files, texts);
    for (const account& a : users.accounts)
        if (const auto file = tree.find(a)) reader.take(a, *file);
}

void read_listed_forwards(const map_file& list, const options& o, const passwd_table& users, alias_table& aliases, ledger& list_lines, ledger& files,
                          text_arena& texts) {
    if (list.had_byte_order_mark()) list_lines.note({1, 1}, code::byte_order_mark, "the byte order mark at the start was taken away");
    forward_reader reader(o, aliases, files, texts);
    list_reader lines(o, users, list_lines, reader);
    std::uint32_t number = 0;
    for (const std::string_view line : list.lines()) lines.read(++number, line);
}

} // namespace vmail::nis
