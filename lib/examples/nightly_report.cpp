/// A report for cron(8) on the machine where the mail lies, of a line for each thing, by its first word:
///
///     domain      how many mailboxes a domain has, and how they stand
///     ends        whose time is up within 30 days, the soonest first
///     over-quota  who has more mail than the quota allows
///     unused      who has never read any, or not for 90 days
///     unread      what could not be read, so that nothing is said of it
///
/// The exit status is 0, or 1 with "unread" lines. With any other one the report is only a part: 75 later again, 77 not permitted, 78 the settings.
///
/// Entries are looked at as they come, and none is kept: what a report takes does not grow with the number of mailboxes.

#include <chrono>
#include <iostream>
#include <string>

#include <vmail/configuration.hpp>
#include <vmail/directory.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/mail_usage.hpp>
#include <vmail/jobs/notices.hpp>
#include <vmail/jobs/site_report.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/quota.hpp>
#include <vmail/schema.hpp>
#include <vmail/settings.hpp>

namespace {

constexpr std::chrono::days soon{30}, idle{90};

class report {
public:
    explicit report(const vmail::configuration& c) : configuration_(c), session_(make_session_options(c)), directory_(session_, {.site = make_site(c)}) {}

    /// Whether all of it could be read.
    bool write() {
        count();
        tell_ends();
        look_at_mail();
        return complete_;
    }

private:
    void count() {
        const auto all = vmail::report_on(directory_, {.now = now_, .soon = soon});
        for (const auto& d : all.domains)
            std::cout << "domain " << d.name << ": " << d.mailboxes << " mailboxes, " << d.active() << " active, " << d.stopped() << " stopped, "
                      << d.in_state(vmail::service_word::expired) << " expired; " << d.ending_soon << " end soon\n";
        for (const auto& e : all.unreadable) unread(e.sentence);
    }

    /// As those whom mailctl-notify would tell, had it told nobody yet.
    void tell_ends() {
        const auto plan = vmail::plan_notices(directory_, {.as_of = now_, .days = {static_cast<unsigned>(soon.count())}, .outside = true}, {});
        for (const auto& a : plan.accounts)
            std::cout << "ends " << a.address.text() << ": " << a.end.text(configuration_.zone) << ", in " << a.days_left << " days\n";
    }

    /// How big it is, Dovecot or Courier have written beside it; where they have not, the messages are counted.
    void look_at_mail() {
        directory_.read_also(vmail::schema::attr::create_timestamp);
        vmail::usage_meter meter({.mail_home = configuration_.mail_home, .size = vmail::usage_source::any, .use = true});
        directory_.for_each<vmail::mailbox>(
            {},
            [&](vmail::stored<vmail::mailbox>&& m) {
                if (m->active) meter.add(m.value, [this, m](const vmail::mail_usage& u) { judge(m, u); }); // at once or, by doveadm, later
            },
            [](vmail::unreadable_entry&&) {}); // it is in the count already
        meter.finish();
    }

    void judge(const vmail::stored<vmail::mailbox>& m, const vmail::mail_usage& u) {
        const std::string who = m->address.text();
        for (const auto& fault : {u.size_fault, u.use_fault})
            if (!fault.empty()) unread(who + ": " + fault);
        const auto limit = m->quota ? m->quota : u.limit;
        if (limit && u.size && is_over(*limit, *u.size))
            std::cout << "over-quota " << who << ": " << vmail::approximate_size(u.size->bytes) << " in " << u.size->messages << " messages, of " << limit->text() << '\n';
        const auto use = vmail::judge_use(u, vmail::made_at(m), now_, idle);
        if (use == vmail::use_verdict::never) std::cout << "unused " << who << ": never\n";
        if (use == vmail::use_verdict::idle) std::cout << "unused " << who << ": since " << u.last_use->rfc3339() << '\n';
    }

    static bool is_over(const vmail::quota& limit, const vmail::mail_size& s) {
        return (limit.bytes() && s.bytes > *limit.bytes()) || (limit.messages() && s.messages > *limit.messages());
    }

    void unread(const std::string& sentence) {
        std::cout << "unread " << sentence << '\n';
        complete_ = false;
    }

    vmail::configuration configuration_;
    vmail::ldap::session session_;
    vmail::directory directory_;
    vmail::timestamp now_ = vmail::timestamp::now();
    bool complete_ = true;
};

vmail::configuration read_configuration() {
    vmail::settings settings;
    settings.read_files();
    settings.read_environment();
    return vmail::parse_configuration(settings);
}

/// sysexits.h
int status_of(const vmail::error& e) {
    if (e.retryable()) return 75;
    return e.kind() == vmail::error_kind::denied ? 77 : 78;
}

} // namespace

int main() {
    try {
        const bool is_complete = report(read_configuration()).write();
        std::cout.flush();
        if (!std::cout) return 74; // EX_IOERR: the disk is full, or the reader has gone
        return is_complete ? 0 : 1;
    } catch (const vmail::error& e) {
        std::cout.flush();
        std::cerr << "nightly_report: " << e.what() << '\n';
        return status_of(e);
    }
}
