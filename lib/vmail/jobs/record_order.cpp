#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include <vmail/ascii.hpp>

#include <vmail/jobs/record_order.hpp>

namespace vmail::jobs {

namespace {

using exchange::noun;
using exchange::record;

bool is_domain(const record& r) { return r.what == noun::domain || r.what == noun::backup_domain; }

class order {
public:
    explicit order(const std::vector<record>& records) : records_(records), waves_(records.size()) {
        for (std::size_t i = 0; i < records.size(); ++i)
            if (!is_domain(records[i]) && records[i].what != noun::admin) by_address_.emplace(ascii::to_lower(records[i].name), i);
    }

    std::vector<std::size_t> find() {
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < records_.size(); ++i) all.push_back(wave_of(i));
        const std::size_t last = all.empty() ? 0 : *std::max_element(all.begin(), all.end()) + 1;
        for (std::size_t i = 0; i < records_.size(); ++i)
            if (records_[i].what == noun::admin) all[i] = last;
        return all;
    }

private:
    /// A chain may be as long as the file: it is followed without calls within calls.
    std::size_t wave_of(std::size_t first) {
        std::vector<std::size_t> path = {first};
        while (!path.empty()) {
            const std::size_t i = path.back();
            if (waves_[i].done) {
                path.pop_back();
                continue;
            }
            if (is_domain(records_[i]) || records_[i].what == noun::admin) waves_[i].done = true;
            else if (!waves_[i].begun) begin(i, path);
            else end(i);
        }
        return waves_[first].number;
    }

    void begin(std::size_t i, std::vector<std::size_t>& path) {
        waves_[i].begun = true;
        each_target(i, [&](std::size_t target) {
            if (!waves_[target].begun) path.push_back(target);
        });
    }

    void end(std::size_t i) {
        std::size_t number = 1;
        each_target(i, [&](std::size_t target) {
            if (target != i && waves_[target].done) number = std::max(number, waves_[target].number + 1);
        });
        waves_[i] = {number, true, true};
    }

    template <typename Act> void each_target(std::size_t i, const Act& act) const {
        for (const auto field : {"targets", "forward_targets"}) {
            const auto* const given = records_[i].find(field);
            const auto* const texts = given == nullptr ? nullptr : std::get_if<std::vector<std::string>>(&given->value);
            if (texts == nullptr) continue;
            for (const std::string& text : *texts)
                if (const auto at = by_address_.find(ascii::to_lower(text)); at != by_address_.end()) act(at->second);
        }
    }

    struct wave {
        std::size_t number = 0;
        bool begun = false, done = false;
    };

    const std::vector<record>& records_;
    std::vector<wave> waves_;
    std::unordered_map<std::string, std::size_t> by_address_;
};

} // namespace

std::vector<std::size_t> waves_of(const std::vector<record>& records) { return order(records).find(); }

} // namespace vmail::jobs
