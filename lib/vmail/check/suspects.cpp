#include <algorithm>

#include <vmail/ascii.hpp>

#include <vmail/check/suspects.hpp>

namespace vmail::check {

namespace {

/// Some dozen megabytes. Whoever has more of them looks for what made them all.
constexpr std::size_t most_names = 200'000;

} // namespace

void entry_names::add(std::string_view name) {
    if (size_++ % names_of_block == 0) blocks_.emplace_back();
    if (name.find('\n') == std::string_view::npos) blocks_.back() += name;
    blocks_.back() += '\n';
}

std::string entry_names::at(ordinal n) const {
    std::string_view left = blocks_.at(n / names_of_block);
    for (std::size_t skip = n % names_of_block; skip > 0; --skip) left.remove_prefix(left.find('\n') + 1);
    return std::string(left.substr(0, left.find('\n')));
}

void twice::add(std::string_view text, entry_names::ordinal whose) {
    hashes_.push_back(ascii::ihash(text));
    whose_.push_back(whose);
}

namespace {

/// Each that comes more than once, in ascending order.
std::deque<std::size_t> repeated(std::deque<std::size_t> all) {
    std::sort(all.begin(), all.end());
    std::deque<std::size_t> found;
    for (auto at = all.begin(); (at = std::adjacent_find(at, all.end())) != all.end();) {
        found.push_back(*at);
        at = std::upper_bound(at, all.end(), *at);
    }
    return found;
}

} // namespace

void twice::settle() {
    const auto found = repeated(hashes_);
    for (std::size_t i = 0; i < hashes_.size() && !found.empty(); ++i)
        if (std::binary_search(found.begin(), found.end(), hashes_[i])) suspects_.push_back(whose_[i]);
    std::deque<entry_names::ordinal>().swap(whose_);
    hashes_ = found;
}

bool twice::may_hold(std::string_view text) const { return std::binary_search(hashes_.begin(), hashes_.end(), ascii::ihash(text)); }

std::optional<std::string> first_holders::meet(const std::string& text, const std::string& name) {
    const auto it = names_.find(text);
    if (it != names_.end()) return it->second;
    if (names_.size() >= most_names) return std::string();
    names_.emplace(text, name);
    return std::nullopt;
}

} // namespace vmail::check
