#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <fmt/format.h>

#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/program.hpp>
#include <vmail/service_change.hpp>

#include <cli/counted.hpp>
#include <cli/plan_run.hpp>
#include <cli/shell_word.hpp>

#include "disable.hpp"
#include "mail_queue.hpp"

namespace vmail::tools {

using namespace activity;

namespace {

constexpr std::chrono::seconds longest_kick{20};

/// A mailbox that is to be stopped, and why.
struct culprit {
    person whom;
    std::string why{};
};

/// By address: several findings may be of one.
using culprits = std::map<std::string, culprit>;

culprits culprits_of(invocation& run, const disabling& what) {
    roster* const accounts = what.accounts.get();
    if (accounts == nullptr) throw unavailable(fmt::format("the directory cannot be asked: {}", what.accounts.why_not()));
    culprits all;
    for (const finding& f : what.findings) {
        if (!f.rule.stops) continue;
        const person* const p = accounts->find(f.account);
        if (p == nullptr) {
            run.err().warning(fmt::format("{}: {}, and there is no mailbox to disable", printable(f.account), f.sentence));
            continue;
        }
        auto& one = all.try_emplace(p->who.key(), culprit{*p}).first->second;
        one.why += fmt::format("{}{}: {}", one.why.empty() ? "" : "; ", f.rule.code, f.sentence);
    }
    return all;
}

plan plan_of(invocation& run, const culprits& all) {
    draft d(run.directory());
    for (const auto& [key, one] : all) {
        const auto& whom = one.whom.who;
        const auto& why = one.why;
        d.attempt(whom.text(), [&] {
            auto m = d.get<mailbox>(whom);
            if (!m->active) return d.leave(whom.text()); // why it was disabled stays on record
            service_change(d.where()).disable(m.value, reason::compromised, why);
            d.update(m, "disabled", why);
        });
    }
    return std::move(d).take();
}

// ---- what goes on all the same

/// doveadm takes what it kicks for a pattern: "*" would be everybody.
bool is_plain_name(const std::string& name) { return !name.starts_with('-') && name.find_first_of("*?[]{}\\\"") == std::string::npos; }

void end_sessions(invocation& run, const person& p) {
    for (const std::string& name : p.names) {
        if (!is_plain_name(name)) {
            run.err().warning(fmt::format("sessions of the login {} are not ended: to doveadm it is a pattern", printable(name)));
            continue;
        }
        const auto ended = run_program({"doveadm", "kick", name}, "", longest_kick);
        if (ended.was_late) run.err().warning(fmt::format("doveadm kick {} does not end", printable(name)));
        else run.err().detail(fmt::format("doveadm kick {}: {}", printable(name), ended.status == 0 ? "done" : "no session was ended"));
    }
}

void end_all_sessions(invocation& run, const std::vector<const person*>& stopped) {
    try {
        for (const person* const p : stopped) end_sessions(run, *p);
    } catch (const error& e) {
        run.err().warning(fmt::format("sessions that run go on: {}", e.what()));
    }
}

/// What is shown to somebody who pastes it into a shell.
std::string holding_command(const std::vector<std::string>& ids) {
    std::string command = "postsuper";
    for (const std::string& id : ids) command += " -h " + shell_word(printable(id));
    return command;
}

void tell_of_queue(invocation& run, const std::vector<const person*>& stopped) {
    try {
        std::set<std::string> names;
        for (const person* const p : stopped) names.insert(p->names.begin(), p->names.end());
        std::map<std::string, std::vector<std::string>> ids;
        for (const queued_mail& m : mail_queue(names)) ids[m.sender].push_back(m.id);
        for (const auto& [sender, own] : ids)
            run.err().note(fmt::format("{} from {} in the queue; what holds them: {}", own.size() == 1 ? "1 message is" : fmt::format("{} messages are", own.size()), printable(sender), holding_command(own)));
    } catch (const error& e) {
        run.err().warning(fmt::format("what is in the queue is not known: {}", e.what()));
    }
}

} // namespace

int disable_found(invocation& run, const disabling& what) {
    const auto all = culprits_of(run, what);
    if (all.empty()) {
        run.err().note("nothing to disable");
        return 0;
    }
    plan_run how{.job = "activity check --disable", .field = "address", .plural = "mailboxes", .ask = "disable {}?", .max_changes = what.max_changes};
    std::vector<const person*> stopped;
    for (const auto& [key, one] : all) how.details[one.whom.who.text()] = {{"why", one.why}};
    how.on_outcome = [&](const change_outcome& o) {
        const auto at = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.second.whom.who.text() == o.change.subject; });
        if (is_good(o.fate) && at != all.end()) stopped.push_back(&at->second.whom);
    };
    const int status = carry_out(run, [&] { return plan_of(run, all); }, how);
    if (run.flags().dry_run || stopped.empty()) return status;
    end_all_sessions(run, stopped);
    tell_of_queue(run, stopped);
    return status;
}

} // namespace vmail::tools
