#include <fstream>
#include <iterator>
#include <system_error>

#include <vmail/jobs/vacation_windows.hpp>
#include <vmail/utf8.hpp>
#include <vmail/vacation_phase.hpp>

#include <cli/job_files.hpp>
#include <cli/lock_file.hpp>
#include <cli/max_changes.hpp>
#include <cli/terminal.hpp>

#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "job_clock.hpp"

namespace vmail::tools {

namespace {

/// More than any answer is; a wrong file is met before it fills the directory.
constexpr std::size_t longest_message = 64 * 1024;

struct set_flags {
    target_flags names{};
    std::optional<std::string> from{};
    std::optional<std::string> until{};
    std::optional<std::string> subject{};
    std::optional<std::string> message_file{};
};

/// "2026-08-15" is meant to include that day.
local_minute parse_until(const std::string& text) {
    constexpr std::size_t bare_date = 10;
    return local_minute::parse(text.size() == bare_date ? text + " 23:59" : text);
}

std::string read_text(std::istream& in, const std::string& name) {
    std::string text(longest_message + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
    if (text.empty()) throw invalid_value(fmt::format("{} is empty", name));
    if (text.size() > longest_message) throw invalid_value(fmt::format("{} is longer than {} bytes", name, longest_message));
    if (!utf8::is_valid(text)) throw invalid_value(fmt::format("{} is not UTF-8", name));
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    return text;
}

std::string read_message(const std::string& file) {
    if (file == "-") return read_text(std::cin, "standard input");
    errno = 0;
    std::ifstream in(file);
    if (!in) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(file), std::generic_category().message(errno)));
    return read_text(in, printable(file));
}

/// The flags as what they mean.
struct vacation_changes {
    explicit vacation_changes(const set_flags& flags) : subject(flags.subject) {
        if (flags.from) start = local_minute::parse(*flags.from);
        if (flags.until) end = parse_until(*flags.until);
        if (flags.message_file) message = read_message(*flags.message_file);
    }

    void apply(const address& whose, vacation& v) const {
        if (start) v.start = start;
        if (end) v.end = end;
        if (subject) v.subject = *subject;
        if (message) v.message = *message;
        if (v.message.empty())
            throw invalid_value(fmt::format("{} has no message to answer with", printable(whose.text())), {.hint = "give --message-file FILE"});
        if (v.start && v.end && *v.end < *v.start)
            throw invalid_value(
                fmt::format("the absence of {} would end at {}, before it begins at {}", printable(whose.text()), v.end->text(), v.start->text()));
        v.active = true;
    }

    std::optional<local_minute> start{}, end{};
    std::optional<std::string> subject{}, message{};
};

local_minute this_minute(invocation& run) { return minute_at(timestamp::now(), run.configuration().zone); }

/// No daemon need look at the dates, and so nobody would say it.
void note_if_over(invocation& run, const mailbox& m) {
    if (phase_of(m.vacation, this_minute(run)) == vacation_phase::over)
        run.err().note(fmt::format("the absence of {} was over at {} already", printable(m.address.text()), m.vacation.end->text()));
}

int change_vacations(invocation& run, const plan_run& how, const set_flags& flags) {
    if (flags.message_file == "-" && std::find(flags.names.names.begin(), flags.names.names.end(), "-") != flags.names.names.end())
        throw error(error_kind::usage, "standard input cannot hold the addresses and the message at once");
    const vacation_changes wanted(flags);
    return change_each<mailbox>(run, how, flags.names, "changed", [&](directory&, stored<mailbox>& m) {
        wanted.apply(m->address, m->vacation);
        note_if_over(run, m.value);
    });
}

void add_changes(CLI::App& verb, set_flags& flags) {
    verb.add_option("--from", flags.from, "first day, or day and time: \"2026-08-01 12:00\"")->type_name("TIME");
    verb.add_option("--until", flags.until, "last day, or day and time")->type_name("TIME");
    verb.add_option("--subject", flags.subject, "of the answer")->type_name("TEXT");
    verb.add_option("--message-file", flags.message_file, "the answer, UTF-8; - for standard input")->type_name("FILE");
}

int clear_vacations(invocation& run, const target_flags& names) {
    return change_each<mailbox>(run, "vacation clear", names, "cleared", [](directory&, stored<mailbox>& m) { m->vacation = {}; });
}

struct run_flags {
    std::optional<std::string> domain{};
    std::string max_changes = "500";
    bool accept_clock = false;
};

void add_run_flags(CLI::App& verb, run_flags& flags) {
    verb.add_option("--domain", flags.domain, "of this domain alone")->type_name("DOMAIN");
    verb.add_option("--max-changes", flags.max_changes, "the most answers that are closed at once, those that were over first, and the others by the next run; \"none\": no limit")
        ->type_name("N")
        ->capture_default_str();
    verb.add_flag("--accept-clock", flags.accept_clock, "the clock of this machine is right, whatever the directory and the last run say");
}

vacation_options options_of(const run_flags& flags) {
    vacation_options options{.most = parse_max_changes(flags.max_changes), .stop = was_interrupted};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    return options;
}

/// What is wrong with one is for its owner, and check tells it: a job of every quarter of an hour does not.
void tell_of(invocation& run, const vacation_plan& windows) {
    if (windows.left > 0)
        run.err().note(fmt::format("{} for the next run: one closes no more than --max-changes allows", windows.left == 1 ? "1 answer that is over is left" : fmt::format("{} answers that are over are left", windows.left)));
    for (const auto& m : windows.malformed) run.err().note(fmt::format("{}: left as it is", m.sentence));
    if (windows.early > 0)
        run.err().warning(fmt::format("{} for a first day, and the server cannot keep that: gnarwl answers already. Load vmail.schema there",
                                      windows.early == 1 ? "1 answer waits" : fmt::format("{} answers wait", windows.early)));
}

int run_windows(invocation& run, const run_flags& flags) {
    const bool is_dry = run.flags().dry_run;
    remember_interrupts();
    const auto& c = run.configuration();
    std::optional<lock_file> lock;
    if (!is_dry) lock.emplace(lock_folder(c) / job_file(c, "mailctl-vacation", "lock"));
    const auto options = options_of(flags);
    if (!is_dry) require_good_clock(run, "mailctl-vacation", flags.accept_clock);
    const auto windows = plan_vacation_windows(run.directory(), options);
    tell_of(run, windows);
    return carry_out(run, windows.plan, {.job = "vacation run", .field = "address", .plural = "answers", .question = question::never, .max_changes = "none"});
}

} // namespace

void add_vacation_commands(command_tree& tree) {
    auto& noun = tree.add_noun("vacation", "Automatic answers");
    add_list<mailbox>(tree, noun, vacation_fields(), "mailboxes that answer by themselves", ldap::filter::equal(schema::attr::vacation_active, "TRUE"));
    add_show<mailbox>(tree, noun, vacation_fields());
    add_set_and_ensure<set_flags>(
        tree, noun, {"Answer the mail of mailboxes", "mailctl vacation set bob@example.org --from 2026-08-01 --until 2026-08-15 --message-file away.txt"},
        {"Have mailboxes answer, where they do not yet or say something else", "mailctl vacation ensure bob@example.org --until 2026-08-15 --message-file away.txt -o json"}, add_changes, change_vacations);
    tree.add_verb<target_flags>(noun, "clear", "Answer no more", "mailctl vacation clear bob@example.org", add_work_flags<mailbox>,
                                clear_vacations);
    tree.add_verb<run_flags>(noun, "run", "Open and close answers as their dates say, for who reads no dates", "mailctl vacation run -q", add_run_flags, run_windows);
}

} // namespace vmail::tools
