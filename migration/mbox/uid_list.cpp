#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "uid_list.hpp"

namespace vmail::mbox {

void uid_list::set_base(const imap_base& base) {
    if (!base_) base_ = base;
}

void uid_list::add(std::optional<std::uint32_t> uid, std::string file) {
    any_ = any_ || uid;
    rows_.push_back({uid, std::move(file)});
}

bool uid_list::keeps_uids() const {
    if (!had_uids()) return false;
    std::uint64_t last = 0;
    bool ended = false;
    for (const row& r : rows_) {
        if (!r.uid) {
            ended = true;
            continue;
        }
        if (ended || *r.uid <= last) return false;
        last = *r.uid;
    }
    return std::max<std::uint64_t>(last, base_->last_uid) + rows_.size() < std::numeric_limits<std::uint32_t>::max();
}

std::string uid_list::text(std::uint32_t new_uid_validity) const {
    const bool keep = keeps_uids();
    std::uint32_t next = 1;
    if (keep) {
        next = base_->last_uid + 1;
        for (const row& r : rows_)
            if (r.uid) next = std::max(next, *r.uid + 1);
    }
    std::string lines;
    for (const row& r : rows_) fmt::format_to(std::back_inserter(lines), "{} :{}\n", keep && r.uid ? *r.uid : next++, r.file);
    return fmt::format("3 V{} N{}\n", keep ? base_->uid_validity : new_uid_validity, next) + lines;
}

} // namespace vmail::mbox
