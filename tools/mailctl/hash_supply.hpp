#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <vmail/password.hpp>
#include <vmail/secret.hpp>

namespace vmail::tools {

/// A password and its hash; of a password that is known, the hash alone.
struct fresh_hash {
    std::optional<secret> password{};
    password_hash hash;
};

/// A password that nobody knows yet.
fresh_hash generated_hash(password_scheme scheme);

/// Hashes of the same kind for many, made on all cores a few ahead of need: a good one takes a core some 30 ms, and everything else next to nothing.
class hash_supply {
public:
    /// `make` is called by several threads at once where more than one is expected. Of no use to a child of fork().
    hash_supply(std::function<fresh_hash()> make, std::size_t expected);
    ~hash_supply();
    hash_supply(const hash_supply&) = delete;
    hash_supply& operator=(const hash_supply&) = delete;

    /// Throws what `make` has thrown.
    fresh_hash next();

private:
    void work();
    bool has_room() const { return begun_ < expected_ && ready_.size() + in_work_ < most_ahead_; }

    struct result {
        std::optional<fresh_hash> made{};
        std::exception_ptr fault{};
    };

    std::function<fresh_hash()> make_;
    std::size_t expected_, most_ahead_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<result> ready_;
    std::size_t begun_ = 0, in_work_ = 0;
    bool over_ = false;
    std::vector<std::thread> workers_; // last: they use all of it
};

} // namespace vmail::tools
