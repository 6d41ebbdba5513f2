#include <utility>

#include "message_stream.hpp"

namespace vmail::mbox {

namespace {

// What is in memory at once: these, the one being read and the one being written.
constexpr std::size_t most_ready = 2;

} // namespace

message_stream::message_stream(mbox_reader& reader) : reader_(reader), thread_([this] { run(); }) {}

message_stream::~message_stream() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void message_stream::run() {
    std::exception_ptr failure;
    try {
        batch b;
        while (reader_.next(b)) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stop_ || ready_.size() < most_ready; });
            if (stop_) return;
            ready_.push_back(std::move(b));
            b = {};
            if (!used_.empty()) {
                b = std::move(used_.front());
                used_.pop_front();
            }
            changed_.notify_all();
        }
    } catch (...) {
        failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    ended_ = true;
    changed_.notify_all();
}

bool message_stream::next(batch& b) {
    std::unique_lock lock(mutex_);
    if (b.bytes) used_.push_back(std::move(b));
    changed_.wait(lock, [this] { return ended_ || !ready_.empty(); });
    if (!ready_.empty()) {
        b = std::move(ready_.front());
        ready_.pop_front();
        changed_.notify_all();
        return true;
    }
    if (failure_) std::rethrow_exception(failure_);
    return false;
}

} // namespace vmail::mbox
