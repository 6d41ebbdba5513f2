#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "parallel.hpp"

namespace vmail::nis {

namespace {

constexpr unsigned most_threads = 8; // beyond, the one that writes is what the others wait for

std::size_t threads_for(const work_plan& plan, std::size_t pieces) {
    const unsigned wanted = plan.threads != 0 ? plan.threads : std::min(std::thread::hardware_concurrency(), most_threads);
    return std::clamp<std::size_t>(wanted, 1, std::max<std::size_t>(pieces, 1));
}

/// Keeps the exception of the piece that comes first.
class first_error {
public:
    void keep(std::size_t piece) {
        const std::lock_guard lock(mutex_);
        if (piece >= piece_) return;
        piece_ = piece;
        error_ = std::current_exception();
    }
    void rethrow() const {
        if (error_) std::rethrow_exception(error_);
    }

private:
    std::mutex mutex_;
    std::size_t piece_ = std::numeric_limits<std::size_t>::max();
    std::exception_ptr error_;
};

/// Runs the same on `count` threads, the caller's among them. A system that refuses more threads gets on with those it has.
template <typename Run>
void on_threads(std::size_t count, const Run& run) {
    std::vector<std::jthread> others;
    try {
        while (others.size() + 1 < count) others.emplace_back(run);
    } catch (const std::system_error&) {
        // The pieces are taken one by one: fewer hands, the same work.
    }
    run();
}

} // namespace

void do_pieces(const work_plan& plan, std::size_t count, const std::function<void(std::size_t)>& job) {
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    first_error error;
    on_threads(threads_for(plan, count), [&] {
        for (std::size_t piece = next++; piece < count && !failed; piece = next++) {
            try {
                job(piece);
            } catch (...) {
                error.keep(piece);
                failed = true;
            }
        }
    });
    error.rethrow();
}

void piecewise_writer::write(std::size_t count, const std::function<maker()>& make_maker) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::condition_variable turned;
    std::size_t turn = 0;
    bool stopped = false;
    first_error error;

    const auto wait_for_turn = [&](std::size_t piece) {
        std::unique_lock lock(mutex);
        turned.wait(lock, [&] { return stopped || turn == piece; });
        return !stopped;
    };
    const auto pass_turn = [&](bool go_on) {
        {
            const std::lock_guard lock(mutex);
            ++turn;
            stopped = stopped || !go_on;
        }
        turned.notify_all();
    };
    on_threads(threads_for(plan_, count), [&] {
        std::size_t piece = count;
        try {
            const maker make = make_maker();
            for (piece = next++; piece < count; piece = next++) {
                const std::string_view text = make(piece);
                if (!wait_for_turn(piece)) return;
                out_.write(text.data(), static_cast<std::streamsize>(text.size()));
                if (watch_) watch_(piece + 1, count);
                pass_turn(out_.good());
            }
        } catch (...) {
            error.keep(piece);
            pass_turn(false);
        }
    });
    error.rethrow();
}

} // namespace vmail::nis
