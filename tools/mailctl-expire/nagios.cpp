#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <cli/nagios_line.hpp>

#include "nagios.hpp"

namespace vmail::tools {

namespace {

using namespace nagios;

void tell(fd_stream& out, int s, std::string text, std::string_view performance) { write_nagios_line(out, "EXPIRE", s, std::move(text), performance); }

class nagios_report : public run_report {
public:
    explicit nagios_report(fd_stream& out) : out_(out) {}

    void malformed(const unreadable_entry&) override {}
    void due(const due_account&) override {}
    void done(const due_account&, const change_outcome&) override {}

    void finish(const run_result& r, int exit_status) override {
        const auto& sum = r.summary;
        std::string text = r.only_tells() ? fmt::format("{} due", r.due()) : fmt::format("{} disabled of {} due", sum.done, r.due());
        if (r.is_over_limit()) text += fmt::format(", more than the {} that one run may disable", r.limit);
        const auto add = [&](std::size_t count, std::string_view what) {
            if (count > 0) text += fmt::format(", {} {}", count, what);
        };
        add(sum.failed, "failed");
        add(sum.in_doubt, "in doubt");
        add(sum.skipped, "skipped");
        add(r.plan.malformed.size(), "with a malformed date");
        if (r.is_unknown && !r.dry_run) text += ", the first run on this directory: nothing was changed";
        if (r.is_overdue) text += fmt::format(", the last run was at {}", r.last_look->rfc3339());
        if (sum.stopped) text += fmt::format(", stopped: {}", sum.stopped->what());
        tell(out_, exit_status, text,
             fmt::format("due={} disabled={} failed={} in_doubt={} skipped={} malformed={} looked_at={}{}", r.due(), sum.done, sum.failed, sum.in_doubt,
                         sum.skipped, r.plan.malformed.size(), r.plan.dated, seldom(r)));
    }

private:
    static std::string seldom(const run_result& r) {
        std::string all;
        if (r.plan.memory) all += fmt::format(" within_week={}", r.plan.memory->ahead(r.plan.as_of));
        if (r.last_look) all += fmt::format(" age={}s", (r.plan.as_of.instant() - r.last_look->instant()).count());
        return all;
    }

    fd_stream& out_;
};

} // namespace

int nagios_status(const run_result& r) {
    const auto& sum = r.summary;
    if (r.is_over_limit() || r.is_overdue || (r.is_unknown && !r.dry_run) || sum.stopped || sum.failed + sum.in_doubt + sum.skipped > 0) return critical;
    return r.plan.malformed.empty() ? ok : warning;
}

int nagios_status(int exit_status) { return exit_status > unknown ? unknown : exit_status; }

std::unique_ptr<run_report> make_nagios_report(fd_stream& out) { return std::make_unique<nagios_report>(out); }

int tell_nagios(fd_stream& out, const error& e) {
    const int s = e.kind() == error_kind::limit_exceeded || e.kind() == error_kind::conflict ? critical : unknown;
    if (out.bad()) return unknown; // the sentence would go where the last one did not get
    tell(out, s, e.what(), {});
    return s;
}

} // namespace vmail::tools
