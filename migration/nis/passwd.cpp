#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include "colon_map.hpp"
#include "passwd.hpp"
#include "passwd_line.hpp"
#include "uid_table.hpp"

namespace vmail::nis {

namespace {

// So far ahead are names hashed and their slots asked for.
constexpr std::size_t prefetch_distance = 16;

struct passwd_piece {
    passwd_piece(const options& o, ledger part) : lines(std::move(part)), reader(o, lines, texts) {}
    passwd_piece(const passwd_piece&) = delete;
    passwd_piece& operator=(const passwd_piece&) = delete;
    ~passwd_piece() = default;

    ledger lines;
    text_arena texts;
    passwd_line_reader reader;
};

/// Decides line by line which candidates are accounts.
class account_chooser {
public:
    account_chooser(ledger& lines, std::size_t expected) : lines_(lines), uids_(expected) {
        table_.accounts.reserve(expected);
        table_.by_login.reserve(expected);
    }

    void choose(passwd_piece& piece) {
        lines_.absorb(std::move(piece.lines));
        const page_vector<candidate>& all = piece.reader.candidates;
        auto held = piece.reader.held.begin();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i + prefetch_distance < all.size()) {
                table_.by_login.prefetch(all[i + prefetch_distance].hash);
                uids_.prefetch(all[i + prefetch_distance].account.uid);
            }
            const candidate& c = all[i];
            if (c.is_refused && is_new(c))
                lines_.skip(std::move(held[c.held - 1]));
            else if (!c.is_refused && is_new(c))
                accept(c, held);
            held += c.held;
        }
        piece.reader.candidates = {};
    }

    /// Shadow has a word to say of each.
    void remember_skipped(const passwd_piece& piece) {
        for (const auto& [login, line] : piece.reader.skipped)
            if (!table_.by_login.contains(login)) table_.skipped.insert(login, line);
    }

    passwd_table take() { return std::move(table_); }

private:
    bool is_new(const candidate& c) {
        const auto first = table_.by_login.find(c.account.login, c.hash);
        if (!first) return true;
        const account& other = table_.accounts[*first];
        const bool same = other.login == c.account.login;
        const line_span line{c.account.line, c.account.line};
        const std::string login = printable(c.account.login);
        if (same)
            lines_.skip(line, code::duplicate_login, fmt::format("{}: line {} has it already and wins", login, other.line));
        else
            lines_.skip(line, code::case_collision,
                        fmt::format("{}: {} in line {} differs in case only and wins", login, quoted(other.login), other.line));
        return false;
    }

    void accept(const candidate& c, std::vector<finding>::iterator held) {
        const account& a = c.account;
        lines_.entry({a.line, a.line});
        std::for_each(held, held + c.held, [this](finding& f) { lines_.note(std::move(f)); });
        if (const std::uint32_t first = uids_.first_line(a.uid, a.line); first != a.line)
            lines_.note({a.line, a.line}, code::duplicate_uid, fmt::format("{}: line {} has uid {} too", printable(a.login), first, a.uid));
        table_.by_login.insert(a.login, c.hash, static_cast<std::uint32_t>(table_.accounts.size()));
        table_.accounts.push_back(a);
    }

    ledger& lines_;
    uid_table uids_;
    passwd_table table_;
};

} // namespace

struct passwd_reader::state {
    state(const map_file& map, const options& o) : source(map, o.form), opts(o), pieces(o.plan.pieces(source.size())) {}

    record_source source;
    const options& opts;
    std::vector<std::optional<passwd_piece>> pieces;
};

passwd_reader::passwd_reader(const map_file& map, const options& o) : state_(std::make_unique<state>(map, o)) {}
passwd_reader::~passwd_reader() = default;

std::size_t passwd_reader::pieces() const noexcept { return state_->pieces.size(); }

void passwd_reader::read_piece(std::size_t piece) {
    const auto [first, last] = state_->opts.plan.range(piece, state_->source.size());
    passwd_piece& p = state_->pieces[piece].emplace(state_->opts, state_->source.part(first, last));
    p.reader.candidates.reserve(last - first);
    state_->source.read(first, last, p.lines, [&p](const colon_record& record) { p.reader.read(record); });
}

passwd_table passwd_reader::finish(ledger& lines, text_arena& texts) {
    account_chooser chooser(lines, state_->source.size());
    for (auto& piece : state_->pieces) chooser.choose(*piece);
    for (auto& piece : state_->pieces) {
        chooser.remember_skipped(*piece);
        texts.absorb(std::move(piece->texts));
        piece.reset();
    }
    return chooser.take();
}

} // namespace vmail::nis
