#include <vmail/activity/account_name.hpp>
#include <vmail/activity/log_reader.hpp>
#include <vmail/activity/tally.hpp>

#include <fmt/format.h>

#include <vmail/timestamp.hpp>

#include <cli/counted.hpp>
#include <cli/report.hpp>

#include "handlers.hpp"
#include "kept.hpp"

namespace vmail::tools {

using namespace activity;

namespace {

/// Nor are they in what the reader remembers of messages that are under way.
void forget_memory(store& kept, const std::vector<std::string>& names) {
    log_reader reader(kept.memory(), {}, [](const event&) {}, [] {});
    for (const std::string& name : names) reader.forget(name);
    kept.take(activity::tally({}), reader.memory());
}

} // namespace

int forget_accounts(invocation& run, const activity_forget_flags& flags) {
    std::vector<std::string> names;
    for (const std::string& text : flags.accounts) names.push_back(account_name(text));
    if (run.flags().dry_run) {
        run.err().note(fmt::format("{} would be forgotten (dry run)", counted(names.size(), "accounts")));
        return 0;
    }
    if (!run.confirm(fmt::format("forget all that was counted of {}?", counted(names.size(), "accounts")))) return 0;
    written_store kept(run);
    forget_memory(*kept, names);
    const auto found = kept->forget(names, timestamp::now().epoch());
    run.err().note(fmt::format("{} forgotten; of {} something was kept", counted(names.size(), "accounts"), found));
    return 0;
}

} // namespace vmail::tools
