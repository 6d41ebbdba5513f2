#include <fstream>
#include <iostream>
#include <limits>
#include <string>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include <cli/counted.hpp>

#include "handlers.hpp"
#include "kept.hpp"
#include "row_json.hpp"

namespace vmail::tools {

using namespace activity;

namespace {

/// The first line, and the last one, without which it was cut.
constexpr std::string_view heading = R"({"mailctl_activity":1})";
std::string ending(std::uint64_t rows) { return fmt::format(R"({{"rows":{}}})", rows); }

constexpr std::size_t longest_line = 4096;

/// One stream of rows into the store.
class row_taker {
public:
    /// Null: in a dry run.
    row_taker(invocation& run, store::merging* to, std::string name, std::int64_t now)
        : to_(to), name_(std::move(name)), first_hour_(first_kept_hour(run, now)), first_use_(first_kept_use(run, now)) {}

    std::uint64_t take(std::istream& in) {
        std::string line;
        if (!next(in, line) || line != heading) refuse("it is nothing that export of this version wrote");
        while (next(in, line)) {
            if (line.starts_with(R"({"rows":)")) return end(in, line);
            add(line);
        }
        if (to_ != nullptr) to_->finish();
        throw unavailable(fmt::format("{} was cut: the rows that are there are taken, do it again for the rest", name_));
    }

private:
    [[noreturn]] void refuse(const std::string& why) const { throw invalid_value(fmt::format("{}:{}: {}", name_, number_, why)); }

    /// A last line without its end was cut.
    bool next(std::istream& in, std::string& line) {
        line.clear();
        ++number_;
        for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
            if (c == '\n') return true;
            if (line.size() >= longest_line) refuse("it is longer than any row");
            line += static_cast<char>(c);
        }
        if (in.bad()) throw unavailable(fmt::format("cannot read {}", name_));
        return false;
    }

    void add(const std::string& line) {
        try {
            std::visit([this](const auto& r) { keep(r); }, row_from_json(line));
        } catch (const invalid_value& e) {
            refuse(e.what());
        }
        ++rows_;
    }
    /// What is deleted here as it is old does not come back.
    void keep(const count_row& r) const { if (to_ != nullptr && r.of.hour >= first_hour_) to_->add(r); }
    void keep(const sighting& r) const { if (to_ != nullptr && r.of.hour >= first_hour_) to_->add(r); }
    void keep(const last_use& r) const { if (to_ != nullptr && r.when >= first_use_) to_->add(r); }

    std::uint64_t end(std::istream& in, std::string& line) {
        if (line != ending(rows_)) refuse(fmt::format("{} are there, and its end says otherwise", counted(rows_, "rows")));
        if (next(in, line) || !line.empty()) refuse("there is something behind its end");
        return rows_;
    }

    store::merging* to_;
    std::string name_;
    std::int64_t first_hour_, first_use_;
    std::uint64_t number_ = 0, rows_ = 0;
};

std::uint64_t merge_one(invocation& run, store::merging* to, const std::string& file, std::int64_t now) {
    if (file == "-") return row_taker(run, to, "standard input", now).take(std::cin);
    std::ifstream in(file, std::ios::binary);
    if (!in) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(file), system_reason()));
    return row_taker(run, to, printable(file), now).take(in);
}

} // namespace

int export_rows(invocation& run, const activity_export_flags& flags) {
    const auto first_hour = flags.since ? span_since(*flags.since, timestamp::now().epoch()).from : std::numeric_limits<std::int64_t>::min() / 4000;
    const store kept = open_store(run);
    run.out().require_reader();
    std::uint64_t rows = 0;
    const auto write = [&](const auto& r) {
        run.out() << row_to_json(r) << '\n';
        ++rows;
    };
    run.out() << heading << '\n';
    kept.each(first_hour, {write, write, write});
    run.out() << ending(rows) << '\n';
    run.out().flush();
    return 0;
}

int merge_rows(invocation& run, const activity_merge_flags& flags) {
    const auto now = timestamp::now().epoch();
    std::optional<written_store> kept;
    std::optional<store::merging> to;
    if (!run.flags().dry_run) to.emplace(*kept.emplace(run));
    std::uint64_t rows = 0;
    for (const std::string& file : flags.files) rows += merge_one(run, to ? &*to : nullptr, file, now);
    if (to) to->finish();
    run.err().note(fmt::format("{} {}", counted(rows, "rows"), to ? "taken" : "are whole (dry run)"));
    return 0;
}

} // namespace vmail::tools
