#include <cstddef>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <cli/counted.hpp>

#include "check_repairs.hpp"

namespace vmail::tools {

namespace {

constexpr int something_left = 1;

/// What a person has to decide: the first of them one by one.
class leftovers {
public:
    explicit leftovers(invocation& run) : run_(run) {}

    void add(const check::finding& f) {
        if (f.severity < check::severity::warning || ++count_ > most_told) return;
        run_.err().warning(fmt::format("{}: {} ({})", printable(f.subject), f.sentence, f.code));
    }

    int finish(int status) const {
        if (count_ > most_told) run_.err().note(fmt::format("and {} more are left, which \"mailctl check\" shows", count_ - most_told));
        return status == 0 && count_ > 0 ? something_left : status;
    }

private:
    static constexpr std::size_t most_told = 20;
    invocation& run_;
    std::size_t count_ = 0;
};

std::map<std::string, record> details_of(const check::repairs& r) {
    std::map<std::string, record> all;
    for (const auto& [subject, codes] : r.codes) all[subject] = {{"fixed", codes}};
    return all;
}

} // namespace

int carry_out_repairs(invocation& run, const check::options& wanted, const repair_run& how) {
    leftovers left(run);
    const auto made = check::plan_repairs(run.directory(), wanted, how.most, [&](const check::finding& f) { left.add(f); });
    if (made.plan.empty()) {
        run.err().note("there is nothing to repair");
        return left.finish(0);
    }
    const plan_run as{.job = how.job, .field = "subject", .plural = "repairs", .ask = how.ask, .question = how.question, .max_changes = how.max_changes, .details = details_of(made)};
    return left.finish(carry_out(run, made.plan, as));
}

} // namespace vmail::tools
