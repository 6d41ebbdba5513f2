#pragma once

#include <map>
#include <set>
#include <string>

#include <vmail/domain.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/state.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// What a purge that was cut has done to what is brought back: mail in the trash gets its place, where it is on this machine, and what is gone is told.
class after_restore {
public:
    explicit after_restore(invocation& run) : run_(run) {}

    /// As it was before it is brought back.
    void planned(const stored<mailbox>&) {}
    void planned(const stored<domain>& d);
    template <typename Entity> void planned(const stored<Entity>&) {}

    /// An address or the name of a domain.
    void is_back(const std::string& subject) { back_.insert(subject); }
    /// When all are.
    void finish();

private:
    void bring_mail();
    void tell_purged();
    bool concerns(const std::string& address) const;

    invocation& run_;
    std::set<std::string> back_{};
    std::map<std::string, std::string> moments_{}; ///< of the removal, by domain
};

} // namespace vmail::tools
