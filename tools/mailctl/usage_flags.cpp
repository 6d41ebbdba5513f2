#include "activity_process.hpp"
#include "usage_flags.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/counted.hpp>
#include <cli/number_in.hpp>

namespace vmail::tools {

namespace {

constexpr std::size_t told_at_most = 20; // of thousands, the first ones tell what is wrong

usage_source parse_source(const usage_flags& flags) {
    if (!flags.from) return usage_source::any;
    if (*flags.from == usage_word::maildirsize) return usage_source::maildirsize;
    if (*flags.from == usage_word::disk) return usage_source::disk;
    if (*flags.from == usage_word::doveadm) return usage_source::doveadm;
    throw error(error_kind::usage, fmt::format("what is used is told by maildirsize, disk or doveadm, not by {}", vmail::quoted(*flags.from)));
}

usage_options options_of(invocation& run, const usage_flags& flags, usage_question what, const std::optional<login_times>& logins) {
    const auto source = parse_source(flags);
    if (flags.doveadm && source != usage_source::doveadm) throw error(error_kind::usage, "--doveadm goes with --from doveadm");
    usage_options options{.mail_home = run.configuration().mail_home, .use = what.use};
    if (what.size) options.size = source;
    if (flags.doveadm) options.doveadm = *flags.doveadm;
    if (logins) options.logins = &*logins;
    return options;
}

std::optional<login_times> read_logins(invocation& run, const usage_flags& flags) {
    if (flags.activity) return login_times(ask_activity(run.flags(), {"activity", "logins"}), "what activity has counted");
    return flags.logins ? std::optional(login_times::read(*flags.logins)) : std::nullopt;
}

} // namespace

void add_size_flags(CLI::App& verb, usage_flags& flags, CLI::Option* base) {
    auto* const from = verb.add_option("--from", flags.from, "maildirsize, disk or doveadm; without it maildirsize, and disk where that is missing or damaged")->type_name("maildirsize|disk|doveadm");
    auto* const doveadm = verb.add_option("--doveadm", flags.doveadm, "the program to run as doveadm")->type_name("PROGRAM");
    if (base != nullptr) from->needs(base);
    if (base != nullptr) doveadm->needs(base);
}

void add_use_flags(CLI::App& verb, usage_flags& flags) {
    verb.add_option("--logins", flags.logins, "the file of Dovecot's plugin last_login tells who logged in, and not the Maildir")->type_name("FILE");
    verb.add_flag("--activity", flags.activity, "what \"mailctl activity\" has counted tells it")->excludes("--logins");
    verb.add_option("--idle", flags.idle, "how many days without use are many; who is newer than that is not judged")->type_name("N")->transform(number_in(0, 36500));
}

usage_look::usage_look(invocation& run, const usage_flags& flags, usage_question what)
    : run_(run), logins_(read_logins(run, flags)), meter_(options_of(run, flags, what, logins_)) {}

void usage_look::complain(const address& who, const std::string& fault) {
    const std::string sentence = fmt::format("{}: {}", printable(who.text()), fault);
    if (++complaints_ <= told_at_most) run_.err().warning(sentence);
    else run_.err().detail(sentence);
}

int usage_look::each(const std::optional<domain_name>& domain, const std::function<void(stored<mailbox>&&)>& ask) {
    auto& d = run_.directory();
    if (domain) d.get<vmail::domain>(*domain);
    int status = 0;
    d.for_each<mailbox>({.domain = domain}, ask, [&](unreadable_entry&& e) {
        status = 1;
        run_.err().warning(e.sentence);
    });
    return std::max(status, finish());
}

void usage_look::hear(const address& who, const mail_usage& u) {
    if (!u.size_fault.empty()) complain(who, u.size_fault);
    if (!u.use_fault.empty() && u.use_fault != u.size_fault) complain(who, u.use_fault);
}

int usage_look::finish() {
    meter_.finish();
    const std::size_t all = meter_.looked_at(), missing = meter_.without_folder(), bad = meter_.not_found_out();
    const std::string home = printable(run_.configuration().mail_home);
    if (complaints_ > told_at_most && !run_.err().options().verbose) run_.err().note(fmt::format("these are {} of {} such sentences: -v shows all", told_at_most, complaints_));
    if (bad > 0) run_.err().warning(fmt::format("{} of {} could not be looked at", bad, counted(all, "mailboxes")));
    if (all > 0 && missing == all) {
        run_.err().warning(fmt::format("none of {} has a Maildir below {}: is that where the mail is, and is it mounted?", counted(all, "mailboxes"), home));
        return 1;
    }
    if (missing > 0) run_.err().note(fmt::format("{} of {} {} no Maildir below {}", missing, counted(all, "mailboxes"), missing == 1 ? "has" : "have", home));
    return bad > 0 ? 1 : 0;
}

} // namespace vmail::tools
