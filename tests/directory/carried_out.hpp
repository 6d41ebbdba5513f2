#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/jobs/runner.hpp>

/// What a draft wants, done at once: for tests that need a tree in some state.
namespace vmail {

template <typename Wanted> plan planned(directory& d, const Wanted& wanted) {
    draft all(d);
    wanted(all);
    return std::move(all).take();
}

/// Throws what the draft throws, or what the first change failed with.
template <typename Wanted> run_summary carried_out(directory& d, const Wanted& wanted) {
    auto sum = run(d, planned(d, wanted), {.max_changes = unlimited_changes});
    sum.success();
    return sum;
}

inline void make_domain(directory& d, const domain_name& name, const std::optional<maildrop>& postmaster = {}) {
    carried_out(d, [&](draft& all) { all.add(domain(name), postmaster); });
}

/// Sends only so many requests, one after the other, as a run does that is killed then. False when that was all of them.
template <typename Wanted> bool cut_after(directory& d, std::size_t requests, const Wanted& wanted) {
    struct killed {};
    std::size_t sent = 0;
    const auto kill = [&](const ldap::write_request&) {
        if (sent++ == requests) throw killed();
    };
    try {
        run(d, planned(d, wanted), {.max_changes = unlimited_changes, .window = 1, .on_write = kill}).success();
    } catch (const killed&) {
        return true;
    }
    return false;
}

} // namespace vmail
