#include <algorithm>
#include <system_error>
#include <utility>

#include "hash_supply.hpp"

namespace vmail::tools {

fresh_hash generated_hash(password_scheme scheme) {
    secret password = generate_password();
    password_hash hash = hash_password(password, scheme);
    return {std::move(password), std::move(hash)};
}

hash_supply::hash_supply(std::function<fresh_hash()> make, std::size_t expected) : make_(std::move(make)), expected_(expected) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t workers = std::min(cores, expected);
    if (workers < 2) return;
    most_ahead_ = 2 * workers;
    try {
        for (std::size_t i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
    } catch (const std::system_error&) { // fewer hands, the same work
    }
}

hash_supply::~hash_supply() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    for (std::thread& t : workers_) t.join();
}

void hash_supply::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return over_ || has_room(); });
        if (over_) return;
        ++begun_;
        ++in_work_;
        lock.unlock();
        result r;
        try {
            r.made.emplace(make_());
        } catch (...) {
            r.fault = std::current_exception();
        }
        lock.lock();
        --in_work_;
        ready_.push_back(std::move(r));
        changed_.notify_all();
    }
}

fresh_hash hash_supply::next() {
    std::unique_lock lock(mutex_);
    const bool will_come = !workers_.empty() && (!ready_.empty() || in_work_ > 0 || begun_ < expected_);
    if (!will_come) {
        lock.unlock();
        return make_();
    }
    changed_.wait(lock, [this] { return !ready_.empty(); });
    result r = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    changed_.notify_all();
    if (r.fault) std::rethrow_exception(r.fault);
    return std::move(*r.made);
}

} // namespace vmail::tools
