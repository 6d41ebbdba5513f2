#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vmail::ldap {

/// What a server has of a replicated tree: for each server that takes writes (its serverID) the CSN of the newest change. These are the values
/// of contextCSN on the entry at the top (slapo-syncprov(5)). A server that is not replicated has none.
class context_csn {
public:
    context_csn() = default;
    explicit context_csn(const std::vector<std::string>& values);

    bool empty() const noexcept { return newest_.empty(); }
    /// Whether the change with this CSN, and all before it on the server that it was made on, are there.
    bool holds(std::string_view csn) const;
    /// Whether all that the other has is there.
    bool covers(const context_csn& other) const;
    void join(const context_csn& other);

private:
    void take(const std::string& csn);
    std::map<std::string, std::string, std::less<>> newest_; ///< by serverID
};

} // namespace vmail::ldap
