#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include <vmail/activity/log_reader.hpp>
#include <vmail/activity/tally.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/counted.hpp>
#include <cli/exit_status.hpp>
#include <cli/terminal.hpp>

#include "handlers.hpp"
#include "kept.hpp"

namespace vmail::tools {

using namespace activity;

namespace {

constexpr std::int64_t day = 86'400, longest_pause = 7 * day;
constexpr std::string_view journal = "journal", standard_input = "-";

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

/// Files in the order in which they were written; what comes of itself after them.
std::vector<std::string> ordered(const std::vector<std::string>& logs) {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> others;
    for (const std::string& log : logs)
        if (log == journal || log == standard_input) others.push_back(log);
        else files.emplace_back(log);
    std::vector<std::string> all;
    for (const auto& file : oldest_first(files)) all.push_back(file.native());
    all.insert(all.end(), others.begin(), others.end());
    return all;
}

/// One scan: from logs into the store, a transaction at a time.
class log_scan {
public:
    log_scan(invocation& run, store* kept, const std::string& memory, std::int64_t now)
        : kept_(kept), tally_({.networks = run.configuration().activity.whole_addresses ? network_form::full : network_form::shortened, .delimiters = run.configuration().recipient_delimiter}),
          reader_(memory, {.zone = run.configuration().zone, .host = host_name(), .now = now},
                  [this](const event& e) { tally_.add(e); }, [this] { checkpoint(); }) {}

    void read(const std::string& log) {
        const auto source = log == journal ? open_journal(reader_.journal_cursor()) : log == standard_input ? open_log(STDIN_FILENO, "standard input") : open_log(log);
        reader_.read(*source);
    }
    const line_counts& counts() const { return reader_.counts(); }

private:
    void checkpoint() {
        if (kept_ != nullptr) kept_->take(tally_, reader_.memory());
        tally_.clear();
        if (was_interrupted()) throw error(error_kind::interrupted, "interrupted: what was counted until now is kept");
    }

    store* kept_; ///< null: in a dry run
    activity::tally tally_;
    log_reader reader_;
};

std::uint64_t unknown_lines(const line_counts& c) {
    std::uint64_t sum = 0;
    for (const auto& [program, n] : c.unknown) sum += n;
    return sum;
}

std::string in_words(const line_counts& c) {
    std::string text = fmt::format("{}, {}", counted(c.lines, "lines"), counted(c.told, "events"));
    const auto add = [&](std::uint64_t n, std::string_view what) {
        if (n > 0) text += fmt::format(", {} {}", n, what);
    };
    add(c.seen_before, "read before");
    add(unknown_lines(c), "of no interest");
    add(c.undated, "without a date");
    add(c.future, "of a day that is not there yet");
    add(c.too_long, "too long");
    add(c.binary, "with a NUL");
    return text;
}

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(n); }

void tell(invocation& run, const line_counts& c) {
    run.err().note(in_words(c) + (run.flags().dry_run ? " (dry run)" : ""));
    for (const auto& [program, n] : c.unknown) run.err().detail(fmt::format("{} of {} are of no interest", counted(n, "lines"), printable(program)));
    if (!run.writes_json()) return;
    const auto out = make_output(run.format(), table_shape::card, run.out());
    out->write({{"lines", number(c.lines)}, {"events", number(c.told)}, {"read_before", number(c.seen_before)}, {"unknown", number(unknown_lines(c))}, {"undated", number(c.undated)},
                {"ahead", number(c.future)}, {"too_long", number(c.too_long)}, {"binary", number(c.binary)}});
    out->finish(!run.flags().dry_run && c.told > 0);
}

/// What is old is deleted by the clock of this machine: one that has jumped ahead must not take everything away.
void prune(invocation& run, store& kept, bool accept_clock, std::int64_t now) {
    const auto last = kept.pruned_at();
    if (last && now - *last > longest_pause && !accept_clock)
        return run.err().warning(fmt::format("nothing that is old was deleted: the clock is {} days later than at the last scan, and if that is right, --accept-clock says so", (now - *last) / day));
    if (const auto count = kept.prune(first_kept_hour(run, now), first_kept_use(run, now), now); count > 0) run.err().detail(fmt::format("{} deleted as they were old", counted(count, "rows")));
}

/// What cannot be read does not keep the others from it.
int read_all(invocation& run, log_scan& scan, const std::vector<std::string>& logs) {
    int status = 0;
    for (const std::string& log : logs) {
        try {
            scan.read(log);
        } catch (const error& e) {
            if (e.kind() == error_kind::interrupted || e.kind() == error_kind::conflict || logs.size() == 1) throw;
            run.err().failure(e);
            status = 1;
        }
    }
    return status;
}

/// For who only looks.
std::string memory_as_it_is(invocation& run) {
    std::error_code none;
    return std::filesystem::exists(activity_store(run.configuration()), none) ? open_store(run).memory() : std::string();
}

} // namespace

int scan_logs(invocation& run, const scan_flags& flags) {
    remember_interrupts();
    const auto now = timestamp::now().epoch();
    const auto logs = flags.logs.empty() ? std::vector{std::string(journal)} : ordered(flags.logs);
    std::optional<written_store> kept;
    if (!run.flags().dry_run) kept.emplace(run);
    log_scan scan(run, kept ? &**kept : nullptr, kept ? (*kept)->memory() : memory_as_it_is(run), now);
    const int status = read_all(run, scan, logs);
    tell(run, scan.counts());
    if (kept) prune(run, **kept, flags.accept_clock, now);
    return status;
}

} // namespace vmail::tools
