#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "file_name.hpp"
#include "uid_list.hpp"

namespace vmail::mbox {

namespace {

constexpr std::uint64_t largest_uid = std::numeric_limits<std::uint32_t>::max();

/// What the same mails have in common in their keys.
std::string_view hash_in(std::string_view key) { return key.substr(std::min(key.find('Q'), key.size())); }

} // namespace

void uid_list::set_base(const imap_base& base) {
    if (!base_) base_ = base;
}

void uid_list::add(std::optional<std::uint32_t> uid, std::string file) {
    any_ = any_ || uid;
    rows_.push_back({uid, std::move(file), false});
}

void uid_list::add_known(std::optional<std::uint32_t> uid, std::string key) {
    any_ = any_ || uid;
    rows_.push_back({uid, std::move(key), true});
}

bool uid_list::rises() const {
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
    return std::max<std::uint64_t>(last, base_->last_uid) + rows_.size() < largest_uid;
}

bool uid_list::keeps_uids() const { return had_uids() && rises(); }

std::string uid_list::text(std::uint32_t new_uid_validity) const {
    const bool keep = keeps_uids();
    uid_file f;
    f.uid_validity = keep ? base_->uid_validity : new_uid_validity;
    if (keep) {
        f.next_uid = base_->last_uid + 1;
        for (const row& r : rows_)
            if (r.uid) f.next_uid = std::max(f.next_uid, *r.uid + 1);
    }
    for (const row& r : rows_)
        if (!r.known) f.rows.push_back({keep && r.uid ? *r.uid : f.next_uid++, {}, r.file});
    return f.text();
}

/// What the file should be, and whether a server that has read it could follow.
class uid_list::merger {
public:
    merger(const uid_list& mbox, const uid_file& there) : mbox_(mbox), there_(there), result_(there) {
        for (std::size_t i = 0; i < there.rows.size(); ++i) {
            by_uid_.emplace(there.rows[i].uid, i);
            if (const auto key = key_in(there.rows[i].file)) by_key_.emplace(*key, i);
        }
    }

    void run() {
        result_.next_uid = std::max(there_.next_uid, mbox_.base_->last_uid + 1);
        for (const row& r : mbox_.rows_)
            if (r.uid) {
                result_.next_uid = std::max(result_.next_uid, *r.uid + 1);
                place(r, *r.uid);
            }
        keep_the_others();
        for (const row& r : mbox_.rows_)
            if (!r.uid && !r.known && !is_listed(r)) rows_.emplace(result_.next_uid++, uid_file::row{0, {}, r.file});
        result_.rows.clear();
        for (auto& [uid, r] : rows_) {
            r.uid = uid;
            result_.rows.push_back(std::move(r));
        }
    }

    bool fits_a_server() const noexcept { return fits_; }
    const uid_file& result() const noexcept { return result_; }

private:
    static std::string_view key_of(const row& r) { return r.known ? std::string_view(r.file) : key_in(r.file).value_or(""); }

    bool is_listed(const row& r) const { return by_key_.count(key_of(r)) > 0; }

    /// The listed row of a message that no other one has taken.
    std::optional<std::size_t> find(const row& r) const {
        const auto same = by_key_.find(key_of(r));
        return same == by_key_.end() || used_.count(same->second) ? std::nullopt : std::optional(same->second);
    }

    /// Of several same mails the one that has the UID already.
    bool has_it_already(const row& r, std::uint32_t uid) {
        const auto at = by_uid_.find(uid);
        if (at == by_uid_.end() || used_.count(at->second)) return false;
        const auto key = key_in(there_.rows[at->second].file);
        if (!key || hash_in(*key) != hash_in(key_of(r))) return false;
        used_.insert(at->second);
        rows_.emplace(uid, there_.rows[at->second]);
        return true;
    }

    void place(const row& r, std::uint32_t uid) {
        if (has_it_already(r, uid)) return;
        taken_.insert(uid);
        if (by_uid_.count(uid)) fits_ = false;
        if (const auto at = find(r)) { // it was listed under another UID
            fits_ = false;
            used_.insert(*at);
            rows_.emplace(uid, there_.rows[*at]);
        } else if (!r.known && !is_listed(r)) {
            fits_ = fits_ && uid >= there_.next_uid;
            rows_.emplace(uid, uid_file::row{0, {}, r.file});
        }
    }

    /// What is listed, and not in the mbox any more; or has no UID there.
    void keep_the_others() {
        for (std::size_t i = 0; i < there_.rows.size(); ++i) {
            const uid_file::row& r = there_.rows[i];
            if (used_.count(i)) continue;
            // The old server has given this UID to a mail of its own, too.
            if (!key_in(r.file) && r.uid <= mbox_.base_->last_uid) fits_ = false;
            rows_.emplace(taken_.count(r.uid) ? result_.next_uid++ : r.uid, r);
        }
    }

    const uid_list& mbox_;
    const uid_file& there_;
    uid_file result_;
    std::unordered_map<std::uint32_t, std::size_t> by_uid_;
    std::unordered_map<std::string_view, std::size_t> by_key_;
    std::set<std::size_t> used_;
    std::set<std::uint32_t> taken_; ///< UIDs of the mbox that are not, or not so, in the file
    std::map<std::uint32_t, uid_file::row> rows_;
    bool fits_ = true;
};

uid_list::merging uid_list::merge_into(uid_file& there) const {
    if (!base_ || base_->uid_validity != there.uid_validity) return merging::unrelated;
    if (!rises() || std::uint64_t{there.next_uid} + there.rows.size() + rows_.size() >= largest_uid) return merging::differs;
    merger m(*this, there);
    m.run();
    if (!m.fits_a_server() && !there.is_untouched()) return merging::differs;
    uid_file result = m.result();
    there = std::move(result);
    return merging::done;
}

} // namespace vmail::mbox
