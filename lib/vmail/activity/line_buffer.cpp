#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/activity/line_buffer.hpp>

namespace vmail::activity {

namespace {
constexpr std::size_t buffer_size = 256U << 10U;
}

line_buffer::line_buffer(log_source& from) : from_(from), bytes_(buffer_size) { begin_log(); }

void line_buffer::begin_log() {
    head_ = next_head();
    log_begin_ = base_ + begin_;
}

std::string_view line_buffer::next_head() {
    while (rest().size() < log_position::longest_head && fill()) {
    }
    return rest().substr(0, log_position::longest_head);
}

/// More behind what is there. What was taken makes room for it, but for the tail.
bool line_buffer::fill() {
    if (end_ == bytes_.size()) {
        const std::size_t gone = begin_ - std::min(begin_, log_position::longest_tail);
        std::memmove(bytes_.data(), bytes_.data() + gone, end_ - gone);
        begin_ -= gone;
        end_ -= gone;
        base_ += gone;
    }
    const std::size_t count = from_.read(bytes_.data() + end_, bytes_.size() - end_);
    end_ += count;
    return count > 0;
}

line_buffer::start line_buffer::resume(const log_position& at) {
    if (!skip_to(log_begin_ + at.offset - at.tail.size)) return start::nothing_left;
    while (rest().size() < at.tail.size && fill()) {
    }
    if (rest().size() < at.tail.size) return start::nothing_left;
    if (fingerprint::of(rest().substr(0, at.tail.size)) == at.tail) {
        begin_ += at.tail.size;
        return start::where_it_was;
    }
    if (!seek_log()) throw invalid_value(fmt::format("{} begins as a log that was read, and goes on otherwise", from_.name()));
    return start::beginning;
}

bool line_buffer::skip_to(std::uint64_t place) {
    if (place > base_ + end_ && seek(place)) return true;
    while (base_ + end_ < place) {
        begin_ = end_;
        if (!fill()) return false;
    }
    begin_ = static_cast<std::size_t>(place - base_);
    return true;
}

bool line_buffer::seek(std::uint64_t place) {
    if (!from_.seek(place)) return false;
    base_ = place;
    begin_ = end_ = 0;
    return true;
}

bool line_buffer::seek_log() {
    if (log_begin_ < base_) return seek(log_begin_);
    begin_ = static_cast<std::size_t>(log_begin_ - base_);
    return true;
}

std::optional<line_buffer::line> line_buffer::next() {
    for (;;) {
        const auto text = rest();
        const void* const found = looked_at_ < text.size() ? std::memchr(text.data() + looked_at_, '\n', text.size() - looked_at_) : nullptr;
        if (found != nullptr) {
            const auto size = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
            return take(size, size + 1);
        }
        looked_at_ = text.size();
        if (text.size() > longest_line) skip_rest();
        if (!fill()) return take_rest();
    }
}

line_buffer::line line_buffer::take(std::size_t size, std::size_t with_end) {
    line taken{rest().substr(0, size), skipped_.has_value() || size > longest_line};
    line_begin_ = begin_;
    begin_ += with_end;
    looked_at_ = 0;
    skipped_.reset();
    if (taken.is_too_long) taken.text = {};
    if (taken.text.ends_with('\r')) taken.text.remove_suffix(1);
    return taken;
}

std::optional<line_buffer::line> line_buffer::take_rest() {
    if (!from_.is_complete() || (rest().empty() && !skipped_)) return std::nullopt;
    return take(rest().size(), rest().size());
}

void line_buffer::skip_rest() {
    if (!skipped_) skipped_ = skipped_line{base_ + begin_, std::string(tail())};
    begin_ = end_;
    looked_at_ = 0;
}

std::string_view line_buffer::tail() const noexcept {
    if (skipped_) return skipped_->tail;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({begin_, log_position::longest_tail, offset()}));
    return {bytes_.data() + begin_ - size, size};
}

} // namespace vmail::activity
