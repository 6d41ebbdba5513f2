#include <cstddef>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <vmail/ascii.hpp>

#include <vmail/routing_sources.hpp>

namespace vmail::routing {

namespace {

class search_back {
public:
    explicit search_back(const find_senders& find) : find_(find) {}

    std::vector<source> from(const std::string& address) {
        meet(address);
        for (std::size_t i = 0; i < waiting_.size(); ++i)
            for (sender& s : find_(std::string(waiting_[i]))) add(std::move(s), std::string(waiting_[i]));
        return std::move(found_);
    }

private:
    void add(sender s, const std::string& to) {
        meet(s.address);
        const std::string key = ascii::to_lower(s.address) + ' ' + std::string(s.kind);
        const auto [it, is_new] = places_.emplace(key, found_.size());
        if (is_new) found_.push_back({std::move(s), {}});
        found_[it->second].to.push_back(to);
    }

    void meet(const std::string& address) {
        if (met_.insert(ascii::to_lower(address)).second) waiting_.push_back(address);
    }

    const find_senders& find_;
    std::vector<std::string> waiting_{};
    std::unordered_set<std::string> met_{};
    std::unordered_map<std::string, std::size_t> places_{};
    std::vector<source> found_{};
};

} // namespace

std::vector<source> sources_of(const std::string& address, const find_senders& find) { return search_back(find).from(address); }

} // namespace vmail::routing
