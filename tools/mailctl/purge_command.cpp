#include <algorithm>
#include <charconv>
#include <chrono>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/purge.hpp>
#include <vmail/printable.hpp>
#include <vmail/time_span.hpp>

#include <cli/counted.hpp>
#include <cli/exit_status.hpp>
#include <cli/lock_file.hpp>
#include <cli/output_file.hpp>
#include <cli/plan_run.hpp>
#include <cli/terminal.hpp>

#include "archive_file.hpp"
#include "command.hpp"
#include "job_clock.hpp"
#include "purge_plan_file.hpp"
#include "purge_work.hpp"
#include "store_process.hpp"

namespace vmail::tools {

namespace {

struct purge_flags {
    std::optional<std::string> grace{};
    std::optional<std::string> domain{};
    std::optional<std::string> archives{};
    bool no_archive = false;
    std::optional<std::string> most{};
    std::optional<std::string> max_changes{};
    bool other_domains = false;
    std::string plan_file{};
    std::string execute{};
    bool orphans = false;
    bool accept_clock = false;
};

/// "30d", "12h", "4w".
std::chrono::seconds parse_grace(const std::string& text) {
    constexpr unsigned most = 100000;
    if (const auto span = time_span::parse(text); span && span->number <= most) return span->length();
    throw invalid_value(fmt::format("{} is not a span of time: one is written as 30d, 12h or 4w", vmail::quoted(text)));
}

/// Digits alone: below nothing is no number of things, and never means all of them.
std::size_t parse_most(const std::string& text) {
    std::size_t number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc{} || end != text.data() + text.size() || number == 0) throw invalid_value(fmt::format("--most is a number from 1 on, not {}", vmail::quoted(text)));
    return number;
}

std::filesystem::path archive_folder(invocation& run, const purge_flags& flags) {
    if (flags.no_archive) return {};
    const std::filesystem::path folder = flags.archives ? std::filesystem::path(*flags.archives) : run.configuration().archive_dir;
    if (folder.empty()) throw error(error_kind::configuration, "no folder for the archives of what is purged is named", {.hint = "give --archive-dir DIR, set archive-dir, or let it go without with --no-archive"});
    return folder;
}

purge_options options_of(invocation& run, const purge_flags& flags) {
    purge_options o{.mail_home = run.configuration().mail_home,
                    .removed_before = timestamp(timestamp::now().instant() - parse_grace(flags.grace.value_or("30d"))),
                    .most = flags.most ? std::optional(parse_most(*flags.most)) : std::nullopt,
                    .other_domains = flags.other_domains,
                    .stop = was_interrupted};
    if (flags.domain) o.domain = domain_name::parse(*flags.domain);
    if (flags.execute.empty()) return o;
    auto written = read_purge_plan(run, flags.execute);
    o.removed_before = written.removed_before;
    o.only = std::move(written.items);
    return o;
}

std::size_t tell_unreadable(invocation& run, const purge_plan& p) {
    for (const auto& bad : p.unreadable) run.err().warning(fmt::format("{}: {}", printable(bad.dn.text()), bad.sentence));
    return p.unreadable.size();
}

/// Whatever goes wrong there is told of the one it is about.
void telling_of(const purge_item& item, const std::function<void()>& act) {
    try {
        act();
    } catch (const error& e) {
        if (std::string_view(e.what()).find(printable(item.subject)) != std::string_view::npos) throw;
        throw error(e.kind(), fmt::format("{}: {}", printable(item.subject), e.what()), {.dn = e.dn(), .hint = e.hint(), .remedy = e.remedy(), .subject = e.subject()});
    }
}

/// Of what goes together all is archived before the first goes.
void prepare(purge_work& work, const purge_item& item, const std::vector<purge_item>& all) {
    if (all.size() > 1)
        for (const purge_item& each : all) telling_of(each, [&] { work.archive_once(each); });
    telling_of(item, [&] { work.prepare(item); });
}

/// What is planned of the oldest that can go; and of those behind them as many as did not, though it looked as if they could.
class purge_rounds {
public:
    purge_rounds(invocation& run, purge_options options) : run_(run), options_(std::move(options)) {
        options_.left = options_.most;
        add();
    }

    const purge_plan& first() const { return plans_.front(); }
    const purge_item* removed_by(const planned_change& c) const { return plans_.back().removed_by(c); }
    const std::vector<purge_item>& with(const planned_change& c) const { return plans_.back().items.at(c.item); }

    void see(const change_outcome& o) {
        options_.without.insert(with(o.change).back().dn);
        if (o.fate == fate::done && removed_by(o.change) != nullptr && options_.left.value_or(0) > 0) --*options_.left;
        failed_ = failed_ || !is_good(o.fate);
    }

    plan more() {
        if (options_.left.value_or(0) == 0 || options_.only || !plans_.back().held_back || !std::exchange(failed_, false)) return {};
        add();
        return plans_.back().plan;
    }

private:
    void add() {
        plans_.push_back(plan_purge(run_.directory(), options_));
        for (planned_change& c : plans_.back().plan.changes) give_hint(c);
    }

    /// What was refused since it is too much at once has its own command.
    static void give_hint(planned_change& c) {
        if (c.fault && c.fault->kind() == error_kind::limit_exceeded)
            c.fault = error(c.fault->kind(), c.fault->what(), {.dn = c.fault->dn(), .hint = fmt::format("purge it with --domain {}, without --most", c.fault->subject()), .subject = c.fault->subject()});
    }

    invocation& run_;
    purge_options options_;
    std::deque<purge_plan> plans_{};
    bool failed_ = false;
};

int purge_entries(invocation& run, purge_rounds& rounds, const purge_flags& flags, purge_work* work) {
    plan_run how{.job = "purge", .field = "address", .plural = "entries", .ask = "purge {}, entry and mail, for good?", .question = question::always, .max_changes = flags.max_changes};
    how.on_outcome = [&](const change_outcome& o) {
        if (const auto* const item = rounds.removed_by(o.change); work != nullptr && item != nullptr) work->settle(*item);
        rounds.see(o);
    };
    if (work != nullptr) {
        how.before = [&](const planned_change& c) {
            if (const auto* const item = rounds.removed_by(c)) prepare(*work, *item, rounds.with(c));
        };
        how.more = [&] { return rounds.more(); };
    }
    return carry_out(run, rounds.first().plan, how);
}

int write_plan(invocation& run, const purge_plan& p, const purge_options& o, const purge_flags& flags) {
    written_purge what{.removed_before = o.removed_before};
    std::size_t refused = tell_unreadable(run, p);
    for (const planned_change& c : p.plan.changes) {
        if (c.fault) {
            ++refused;
            run.err().failure(*c.fault);
        } else if (const auto* const item = p.removed_by(c)) what.items.push_back(*item);
    }
    output_file file(flags.plan_file);
    write_purge_plan(file.stream(), run, what);
    file.commit();
    run.err().note(fmt::format("{} to be purged {} in {}: carry it out where the mail is, with --execute", counted(what.items.size(), "entries"), what.items.size() == 1 ? "is" : "are", printable(flags.plan_file)));
    return refused > 0 ? some_failed : 0;
}

/// Whether a component of the path, but the last, is the name of the domain.
bool is_of_domain(std::string_view folder, std::string_view name) {
    for (std::size_t end = 0; (end = folder.find('/')) != std::string_view::npos; folder.remove_prefix(end + 1))
        if (ascii::iequals(folder.substr(0, end), name)) return true;
    return false;
}

/// What no entry has may be mail that somebody misses: it is shown, and nothing is done to it.
int show_orphans(invocation& run, const std::optional<std::string>& domain) {
    require_own_mail_home(run);
    require_directory(run);
    const store_process store(run.configuration());
    std::vector<std::string> folders = pieces_of(store.ask({"list"}), '\0');
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    out->announce({"folder"});
    if (domain) std::erase_if(folders, [name = domain_name::parse(*domain).text()](const std::string& f) { return !is_of_domain(f, name); });
    const auto orphans = without_owner(run.directory(), run.configuration().mail_home, std::move(folders));
    for (const std::string& f : orphans) out->write({{"folder", f}});
    out->finish(false);
    if (!orphans.empty()) run.err().note(fmt::format("{} without an entry: nothing is done to them", counted(orphans.size(), "Maildirs")));
    return 0;
}

void require_fitting(const purge_flags& flags) {
    const auto refuse = [](const char* why) { throw error(error_kind::usage, why); };
    const int ways = (flags.plan_file.empty() ? 0 : 1) + (flags.execute.empty() ? 0 : 1) + (flags.orphans ? 1 : 0);
    if (ways > 1) refuse("--plan, --execute and --orphans are three commands: give one of them");
    if (flags.no_archive && flags.archives) refuse("--no-archive goes without --archive-dir");
    if (!flags.execute.empty() && (flags.domain || flags.grace)) refuse("a plan says itself what is to be purged: --execute goes without --domain and --grace");
}

/// Of an empty home all mailboxes would pass for such as never had mail.
void require_mounted(const purge_plan& p, const store_process& store, const std::string& home) {
    const auto has_mail = [](const purge_item& i) { return !i.folder.empty(); };
    const bool any = std::any_of(p.items.begin(), p.items.end(), [&](const auto& all) { return std::any_of(all.begin(), all.end(), has_mail); });
    if (any && store.ask({"mounted"}) != "yes\n")
        throw unavailable(fmt::format("there is nothing in {}, where all mail is to lie: nothing was purged", printable(home)), {.hint = "see whether it is mounted"});
}

int purge(invocation& run, const purge_flags& flags) {
    require_fitting(flags);
    if (flags.orphans) return show_orphans(run, flags.domain);
    remember_interrupts();
    const purge_options options = options_of(run, flags);
    const bool for_real = !run.flags().dry_run && flags.plan_file.empty();
    std::optional<lock_file> lock;
    std::optional<store_process> store;
    std::optional<purge_work> work;
    if (for_real) require_own_mail_home(run);
    if (!run.flags().dry_run) require_good_clock(run, "mailctl-purge", flags.accept_clock); // what a plan says by a wrong clock is done by a right one
    purge_rounds rounds(run, options);
    const purge_plan& p = rounds.first();
    if (for_real) {
        const auto archives = archive_folder(run, flags);
        if (!archives.empty()) {
            sweep_archives(archives);
            archive_file(archives, "of nothing"); // what cannot be done at all is told before anything is
        }
        store.emplace(run.configuration());
        require_mounted(p, *store, run.configuration().mail_home);
        lock.emplace(purge_lock(run.configuration()), "name another folder (lock-dir in mailctl.conf)");
        work.emplace(run, *store, archives);
        work->settle_trash();
    }
    if (!flags.plan_file.empty()) return write_plan(run, p, options, flags);
    const std::size_t unreadable = tell_unreadable(run, p);
    if (p.waiting > 0) run.err().note(fmt::format("{} removed and {} for now", p.waiting == 1 ? "1 is" : fmt::format("{} are", p.waiting), p.waiting == 1 ? "stays" : "stay"));
    const int status = purge_entries(run, rounds, flags, work ? &*work : nullptr);
    const bool troubled = unreadable > 0 || (work && work->troubles() > 0);
    return status == 0 && troubled ? some_failed : status;
}

} // namespace

void add_purge_command(command_tree& tree) {
    tree.add_verb<purge_flags>(
        tree.root(), "purge", "Take away for good what was removed long enough ago, entry and mail", "mailctl purge --grace 30d --dry-run",
        [](CLI::App& verb, purge_flags& flags) {
            verb.add_option("--grace", flags.grace, "what was removed so long ago, 30d, 12h or 4w (30d)")->type_name("SPAN");
            verb.add_option("--domain", flags.domain, "this domain alone")->type_name("DOMAIN");
            verb.add_option("--archive-dir", flags.archives, "where entry and mail are archived before (archive-dir in mailctl.conf)")->type_name("DIR");
            verb.add_flag("--no-archive", flags.no_archive, "archive nothing: there is no way back then");
            verb.add_option("--most", flags.most, "no more than so many, the oldest; the others wait for the next run")->type_name("N");
            verb.add_flag("--other-domains", flags.other_domains, "also mail in a folder that bears the name of another domain, as after a rename");
            verb.add_option("--max-changes", flags.max_changes, "the most that may change at once; \"none\": no limit. Without it 10, or 1 % of all mailboxes if that is more")
                ->type_name("N");
            verb.add_option("--plan", flags.plan_file, "do nothing, and write to this file what is to be done where the mail is")->type_name("FILE");
            verb.add_option("--execute", flags.execute, "carry out such a file, as far as what is in it did not change")->type_name("FILE");
            verb.add_flag("--accept-clock", flags.accept_clock, "the clock of this machine is right, whatever the directory and the last run say");
            verb.add_flag("--orphans", flags.orphans, "show Maildirs that belong to no mailbox, and do nothing to them");
        },
        purge);
}

} // namespace vmail::tools
