#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include <vmail/ascii.hpp>

#include "resolve.hpp"

namespace vmail::nis {

/// A set of destinations; letter case does not count.
class destination_set {
public:
    /// Whether it was not there.
    bool insert(const destination& d);
    std::size_t size() const noexcept { return indices_.size() + texts_.size(); }

private:
    std::unordered_set<std::uint64_t> indices_;
    std::unordered_set<std::string_view, ascii::ihasher, ascii::iequal_to> texts_;
};

/// Names that lead to one another in a circle, and where mail leaves it.
struct alias_loop {
    struct member {
        std::uint32_t definition = none;
        std::uint32_t account = none; ///< of which it is the forward
    };
    void add(const member& m);

    std::vector<member> members;
    std::vector<destination> logins; ///< the accounts among the members
    std::vector<destination> exits; ///< of all members, each once; the mailboxes of those that keep a copy are among them
    std::uint32_t hub = none;       ///< the definition that the others lead to when no member is a login
};

/// Whether the destinations of the opened loop stay within reason: they grow with the square of the logins in it.
bool can_open(const alias_loop& loop) noexcept;

/// The destinations of one member so that mail reaches what it reaches by the loop, with no way back. Mail to any name of a loop reaches all
/// its exits; and where the loop has logins, Sendmail (recipient.c, self_reference()) ends it in the mailbox of one of them.
std::vector<destination> opened(const alias_loop& loop, const alias_loop::member& m);

} // namespace vmail::nis
