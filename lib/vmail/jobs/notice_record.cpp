#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/jobs/notice_record.hpp>
#include <vmail/jobs/state_file.hpp>

namespace vmail {

namespace {

constexpr std::string_view first_line = "notices 1";
constexpr std::string_view owner_word = "owner", admin_word = "admin";

std::string line_of(const notice_key& k, unsigned days, std::string_view whom) {
    return fmt::format("{} {} {} {}\n", k.entry_uuid, k.end.generalized(), days, whom);
}

} // namespace

notice_record notice_record::read(const std::filesystem::path& file) {
    notice_record r;
    const auto text = jobs::read_state(file);
    if (!text) return r;
    bool is_first = true;
    for (std::size_t begin = 0, end; (end = text->find('\n', begin)) != std::string::npos; begin = end + 1) {
        const std::string line = text->substr(begin, end - begin);
        if (!std::exchange(is_first, false) || line != first_line) r.damage_ += !r.take(line);
    }
    r.damage_ += !text->starts_with(fmt::format("{}\n", first_line));
    return r;
}

notice_record::notice_record(const std::filesystem::path& file, timestamp now) : notice_record(read(file)) {
    std::erase_if(told_, [now](const auto& one) { return one.first.end < now; });
    std::string text = fmt::format("{}\n", first_line);
    for (const auto& [key, step] : told_) {
        if (step.owner != none) text += line_of(key, step.owner, owner_word);
        if (step.admin != none) text += line_of(key, step.admin, admin_word);
    }
    if (damage_ > 0) set_aside_ = jobs::set_aside_state(file);
    jobs::write_state(file, text);
    path_ = file;
}

/// False for a line that is none of ours, and says nothing.
bool notice_record::take(const std::string& line) {
    std::istringstream in(line);
    std::string uuid, end, whom;
    unsigned days = 0;
    if (!(in >> uuid >> end >> days >> whom) || (whom != owner_word && whom != admin_word)) return false;
    try {
        const notice_key key{uuid, timestamp::parse_generalized(end)};
        forget_other_ends(key);
        auto& step = step_of(told_[key], whom == owner_word ? who::owner : who::admin);
        step = std::min(step, days);
        return true;
    } catch (const invalid_value&) {
        return false;
    }
}

void notice_record::forget_other_ends(const notice_key& k) {
    const timestamp first = timestamp::from_epoch(0);
    for (auto it = told_.lower_bound({k.entry_uuid, first}); it != told_.end() && it->first.entry_uuid == k.entry_uuid;) it = it->first == k ? std::next(it) : told_.erase(it);
}

bool notice_record::was_told(const notice_key& k, unsigned days, who w) const {
    const auto found = told_.find(k);
    return found != told_.end() && (w == who::owner ? found->second.owner : found->second.admin) <= days;
}

void notice_record::tell(const notice_key& k, unsigned days, who w) {
    if (!path_.empty()) {
        const descriptor file(::open(path_.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
        const auto line = line_of(k, days, w == who::owner ? owner_word : admin_word);
        if (!file || ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fdatasync(file.get()) != 0)
            throw unavailable(fmt::format("cannot write {}: {}", printable(path_.native()), system_reason()));
    }
    forget_other_ends(k);
    step_of(told_[k], w) = days;
}

} // namespace vmail
