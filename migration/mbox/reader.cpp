#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "reader.hpp"

namespace vmail::mbox {

namespace {

// What is read, summed up and written again while it is in the processor's cache.
constexpr std::size_t usual_batch = 2 * 1024 * 1024;
constexpr std::size_t first_look = 64 * 1024;
// It has to be in memory; nobody could send it.
constexpr std::uint64_t largest_message = std::uint64_t(2) * 1024 * 1024 * 1024;

std::size_t read_at(int fd, const std::string& name, char* into, std::size_t count, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < count) {
        const ssize_t got = ::pread(fd, into + done, count - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(name), system_reason()));
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

/// From the first line that is not blank on.
std::string_view behind_blank_lines(std::string_view head) { return head.substr(std::min(head.find_first_not_of("\r\n"), head.size())); }

} // namespace

bool begins_as_mbox(int fd) {
    std::string head(first_look, '\0');
    const ssize_t got = ::pread(fd, head.data(), head.size(), 0);
    return got > 0 && begins_message(behind_blank_lines(std::string_view(head).substr(0, static_cast<std::size_t>(got))));
}

mbox_reader::mbox_reader(int fd, std::string name, message_options options) : fd_(fd), name_(std::move(name)), options_(std::move(options)) {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(name_), system_reason()));
    size_ = static_cast<std::uint64_t>(status.st_size);
    ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL); // a hint: whether it is taken does not matter
    find_first();
}

void mbox_reader::find_first() {
    const std::string head = peek(0, first_look);
    const std::size_t begin = std::min(head.find_first_not_of("\r\n"), head.size());
    leading_blank_ = offset_ = begin;
    if (begin == head.size() && head.size() == size_) return;
    if (!begins_message(behind_blank_lines(head)))
        throw invalid_value(fmt::format("{} is no mbox: it does not begin with a From_ line", printable(name_)));
}

std::string mbox_reader::peek(std::uint64_t offset, std::size_t count) const {
    std::string bytes(count, '\0');
    bytes.resize(read_at(fd_, name_, bytes.data(), count, offset));
    return bytes;
}

void mbox_reader::fill(batch& b, std::size_t length) {
    if (b.capacity < length) {
        b.bytes = std::make_unique_for_overwrite<char[]>(length);
        b.capacity = length;
    }
    if (read_at(fd_, name_, b.bytes.get(), length, offset_) < length)
        throw unavailable(fmt::format("{} got shorter while it was read", printable(name_)), {.hint = "try again when nothing writes to it"});
}

/// The whole messages in the batch; gives their bytes.
std::size_t mbox_reader::split(batch& b, std::size_t length) {
    std::size_t at = 0;
    while (at < length) {
        const std::uint64_t here = offset_ + at;
        const window w{std::string_view(b.bytes.get(), length).substr(at), offset_ + length == size_, size_ - here,
                       [this, here](std::uint64_t offset, std::size_t count) { return peek(here + offset, count); }};
        const split_result found = find_message(w, options_.splitting);
        if (!found.message) {
            wanted_ = found.wanted;
            break;
        }
        b.messages.push_back(prepare(w, *found.message, options_, sums_));
        at += found.message->next;
    }
    return at;
}

bool mbox_reader::next(batch& b) {
    b.messages.clear();
    std::size_t capacity = usual_batch;
    while (offset_ < size_ && b.messages.empty()) {
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(size_ - offset_, capacity));
        if (length > largest_message) throw limit_exceeded(fmt::format("{}: the message at byte {} is larger than 2 GiB", printable(name_), offset_));
        fill(b, length);
        offset_ += split(b, length);
        capacity = std::max(wanted_, capacity);
    }
    return !b.messages.empty();
}

} // namespace vmail::mbox
