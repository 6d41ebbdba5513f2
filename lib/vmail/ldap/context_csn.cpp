#include <vmail/ldap/context_csn.hpp>

#include <algorithm>

namespace vmail::ldap {

namespace {

/// The third field of "20261128134523.123456Z#000000#001#000000". Empty for what is no CSN.
std::string_view server_id(std::string_view csn) {
    constexpr std::size_t length = 40, at = 30;
    return csn.size() == length ? csn.substr(at, 3) : std::string_view();
}

} // namespace

context_csn::context_csn(const std::vector<std::string>& values) {
    for (const auto& csn : values) take(csn);
}

void context_csn::take(const std::string& csn) {
    auto& newest = newest_[std::string(server_id(csn))];
    newest = std::max(newest, csn);
}

bool context_csn::holds(std::string_view csn) const {
    const auto it = newest_.find(server_id(csn));
    return it != newest_.end() && it->second >= csn;
}

bool context_csn::covers(const context_csn& other) const {
    return std::all_of(other.newest_.begin(), other.newest_.end(), [&](const auto& server) { return holds(server.second); });
}

void context_csn::join(const context_csn& other) {
    for (const auto& [server, csn] : other.newest_) take(csn);
}

} // namespace vmail::ldap
