#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/jobs/machine_clock.hpp>
#include <vmail/jobs/notice_record.hpp>
#include <vmail/jobs/notices.hpp>
#include <vmail/printable.hpp>

#include <cli/command_line.hpp>
#include <cli/counted.hpp>
#include <cli/exit_status.hpp>
#include <cli/invocation.hpp>
#include <cli/job_files.hpp>
#include <cli/job_flags.hpp>
#include <cli/lock_file.hpp>
#include <cli/max_changes.hpp>
#include <cli/process.hpp>
#include <cli/terminal.hpp>

#include "news_writer.hpp"
#include "notice_letters.hpp"
#include "post.hpp"

namespace {

using namespace vmail;
using namespace vmail::tools;
using who = notice_record::who;

constexpr std::string_view default_cap = "500";

struct notify_flags {
    global_flags common{};
    std::string max_notices{default_cap};
    std::optional<std::string> domain{}, mail_test{};
    std::string lock{};
    bool accept_clock = false;
};

void add_flags(CLI::App& app, notify_flags& flags) {
    add_job_flags(app, flags.common, "print what would be sent, send nothing");
    const auto slot = [&](setting_key key) -> auto& { return flags.common.settings[static_cast<std::size_t>(key)]; };
    app.add_option("--days,--notice-days", slot(setting_key::notice_days), "so many days before the end people are told: \"30 7 2\"")->group(job_group)->type_name("DAYS");
    app.add_option("--domain", flags.domain, "this domain alone")->group(job_group)->type_name("DOMAIN");
    app.add_option("--max-notices", flags.max_notices, "the most messages to owners, the soonest ends first; \"none\": no limit")->group(job_group)->type_name("N")->capture_default_str();
    app.add_option("--mail-test", flags.mail_test, "send one message in each language to this address, and nothing else")->group(job_group)->type_name("ADDRESS");
    app.add_option("--lock-file", flags.lock, "keeps a second run away")->group(job_group)->type_name("FILE");
    app.add_flag("--accept-clock", flags.accept_clock, "the clock of this machine is right, whatever the directory says")->group(job_group);
}

/// Whom notices are from. Where nothing is to return, somebody must have written them all the same.
std::string sender_of(const configuration& c) { return (c.notices.from ? *c.notices.from : c.postmaster).text(); }
lock_file locked(const notify_flags& flags, const configuration& c) {
    return lock_file(flags.lock.empty() ? lock_folder(c) / job_file(c, "mailctl-notify", "lock") : std::filesystem::path(flags.lock));
}

std::filesystem::path record_path(const configuration& c) { return state_folder(c) / job_file(c, "mailctl-notify", "state"); }

/// Whoever only looks may be somebody else than who runs it every night.
notice_record read_record(const notify_flags& flags, const configuration& c, timestamp now) {
    if (!flags.common.dry_run) return notice_record(record_path(c), now);
    try {
        return notice_record::read(record_path(c));
    } catch (const error&) {
        return {};
    }
}

/// Whoever was told by a line that is lost is told once more: twice is better than never.
void tell_of_damage(invocation& run, const notice_record& record, const configuration& c) {
    if (record.damage() == 0) return;
    const auto where = record.set_aside().empty() ? std::string() : fmt::format(", and is {} now", printable(record.set_aside().filename().native()));
    run.err().warning(fmt::format("{} in {} made no sense{}: who was told by what is lost of it is told once more", counted(record.damage(), "lines"), printable(record_path(c).native()), where));
}

notice_options make_options(const notify_flags& flags, const configuration& c) {
    notice_options options{.days = c.notices.days, .outside = c.notices.outside, .stop = was_interrupted};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    return options;
}

owner_fate fate_of_untold(untold u) {
    switch (u) {
    case untold::is_alias: return owner_fate::is_alias;
    case untold::is_forwarded: return owner_fate::is_forwarded;
    case untold::takes_no_mail: return owner_fate::takes_no_mail;
    case untold::no: break;
    }
    return owner_fate::told_before;
}

/// One run, from the plan to its end.
class notification {
public:
    notification(invocation& run, const notice_plan& plan, notice_record record, std::size_t cap)
        : run_(run), c_(run.configuration()), plan_(plan), record_(std::move(record)), cap_(cap), letters_(c_, sender_of(c_)), writer_(run) {
        if (!is_dry()) post_ = make_post(c_);
    }

    int carry_out() {
        for (const auto& a : plan_.accounts) letters_.require_for(a); // before anybody is told
        for (const auto& m : plan_.malformed) run_.err().warning(fmt::format("{}: left as it is", m.sentence));
        for (const auto& a : plan_.accounts) {
            if (was_interrupted()) break;
            tell(a);
        }
        if (!is_dry() && is_open_ && !was_interrupted()) tell_admin();
        if (is_dry() && c_.notices.admin) show_admin();
        const int status = exit_status();
        writer_.finish(is_dry(), plan_, counts_, status);
        return status;
    }

private:
    bool is_dry() const { return run_.flags().dry_run; }

    void tell(const ending_account& a) {
        const bool is_due = a.owner == untold::no && !a.owner_was_told;
        std::string why;
        const owner_fate f = is_due ? tell_owner(a, why) : fate_of_untold(a.owner);
        if (f == owner_fate::left) ++counts_.left;
        news_.push_back({&a, f});
        if (is_due || !a.admin_was_told) writer_.tell(news_.back(), why);
    }

    owner_fate tell_owner(const ending_account& a, std::string& why) {
        if (counts_.told + counts_.failed >= cap_ || !is_open_) return owner_fate::left;
        const auto message = letters_.to_owner(a);
        if (is_dry()) {
            writer_.show(message);
            ++counts_.told;
            return owner_fate::due;
        }
        const auto p = post_->send(message_of(message), message.to);
        why = p.sentence;
        if (p.what == posted::taken) {
            record_.tell(a.key, a.days, who::owner);
            ++counts_.told;
            return owner_fate::told;
        }
        ++counts_.failed;
        if (p.what == posted::refused) return owner_fate::refused;
        is_open_ = false;
        counts_.closed = p.sentence;
        return owner_fate::failed;
    }

    /// Those of whom the administrator does not know; who is left for the next run is told of by that.
    std::vector<account_news> news_for_admin() const {
        std::vector<account_news> all;
        std::copy_if(news_.begin(), news_.end(), std::back_inserter(all), [](const account_news& n) { return !n.account->admin_was_told && n.owner != owner_fate::left; });
        return all;
    }

    void tell_admin() {
        const auto news = news_for_admin();
        if (news.empty() || !c_.notices.admin) return;
        const auto p = post_->send(message_of(letters_.to_admin(c_.notices.admin->text(), news)), c_.notices.admin->text());
        if (p.what == posted::taken)
            for (const auto& n : news) record_.tell(n.account->key, n.account->days, who::admin);
        else {
            ++counts_.failed;
            run_.err().warning(fmt::format("the administrator is not told: {}", p.sentence));
        }
        writer_.tell_admin(c_.notices.admin->text(), p.what == posted::taken ? "told" : "failed", news.size());
    }

    void show_admin() {
        if (const auto news = news_for_admin(); !news.empty()) writer_.show(letters_.to_admin(c_.notices.admin->text(), news));
    }

    int exit_status() const {
        if (was_interrupted()) return tools::exit_status_of(error_kind::interrupted);
        if (!counts_.closed.empty()) return tools::exit_status_of(error_kind::unavailable);
        if (counts_.failed > 0 || !plan_.malformed.empty()) return some_failed;
        return is_dry() && run_.flags().detailed_exit_status && !plan_.accounts.empty() ? changes_pending : 0;
    }

    invocation& run_;
    const configuration& c_;
    const notice_plan& plan_;
    notice_record record_;
    std::size_t cap_;
    notice_letters letters_;
    std::unique_ptr<post> post_{};
    news_writer writer_;
    notice_counts counts_{};
    std::vector<account_news> news_{};
    bool is_open_ = true; ///< the mail server takes messages
};

int send_samples(invocation& run, const std::string& to) {
    const auto& c = run.configuration();
    news_writer writer(run);
    const auto out = run.flags().dry_run ? nullptr : make_post(c);
    for (const auto& l : notice_letters(c, sender_of(c)).samples(address::parse(to).text())) {
        if (run.flags().dry_run) {
            writer.show(l);
            continue;
        }
        const auto p = out->send(message_of(l), l.to);
        if (p.what != posted::taken) throw unavailable(fmt::format("the message in \"{}\" was not taken: {}", l.language, p.sentence));
        run.out() << fmt::format("{}  sent  {}\n", printable(l.to), l.language);
    }
    return 0;
}

int notify(const notify_flags& flags, invocation& run) {
    require_job_format(run, "mailctl-notify");
    const auto& c = run.configuration();
    const auto cap = parse_max_changes(flags.max_notices, "--max-notices");
    if (!flags.common.dry_run) make_post(c); // who cannot send is told before anything is looked for
    if (flags.mail_test) return send_samples(run, *flags.mail_test);
    remember_interrupts();
    std::optional<lock_file> lock;
    if (!flags.common.dry_run) lock.emplace(locked(flags, c));
    const auto options = make_options(flags, c);
    if (!flags.common.dry_run && !flags.accept_clock) require_plausible_clock(run.directory(), options.as_of, std::nullopt, {});
    auto record = read_record(flags, c, options.as_of);
    tell_of_damage(run, record, c);
    const auto plan = plan_notices(run.directory(), options, record);
    return notification(run, plan, std::move(record), cap).carry_out();
}

int run(int argc, const char* const* argv, const diagnostics& err) {
    CLI::App app("Tell people that the time of their mailbox is coming to its end", "mailctl-notify");
    notify_flags flags;
    add_flags(app, flags);
    app.set_version_flag("--version", "mailctl-notify " MAILCTL_VERSION);
    app.footer("See mailctl-notify(8).");
    fd_stream out(STDOUT_FILENO, "standard output");
    if (const auto status = parse_command_line(app, argc, argv)) return *status;
    invocation invoked(flags.common, err, out);
    const int status = notify(flags, invoked);
    if (!out.bad()) out.flush();
    return status;
}

} // namespace

int main(int argc, char** argv) {
    harden_process();
    const diagnostics err(diagnostics_for("mailctl-notify", argc, argv));
    return run_guarded(err, [&] { return run(argc, argv, err); });
}
