#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string_view>
#include <utility>

namespace vmail::nis {

/// How a job is cut into pieces that threads do side by side. The result never depends on it.
struct work_plan {
    unsigned threads = 0;          ///< at most; 0: one for each processor, and no more than 8
    std::size_t piece = 64 * 1024; ///< lines or entries that are done at one go

    std::size_t pieces(std::size_t items) const noexcept { return (items + piece - 1) / piece; }
    /// The first item of a piece, and the first behind it.
    std::pair<std::size_t, std::size_t> range(std::size_t number, std::size_t items) const noexcept {
        return {number * piece, std::min((number + 1) * piece, items)};
    }
};

/// Does job(0), ..., job(count - 1), each once, in any order, on as many threads as the plan allows and the pieces keep busy. The first exception (by its
/// number among those that were thrown) ends the work and is thrown to the caller.
void do_pieces(const work_plan& plan, std::size_t count, const std::function<void(std::size_t)>& job);

/// Makes text piece by piece on several threads and writes the pieces in their order.
class piecewise_writer {
public:
    /// Makes piece `number`. What it returns must stay until the same thread makes its next piece.
    using maker = std::function<std::string_view(std::size_t number)>;
    /// Called after each piece that was written, by one thread at a time.
    using watcher = std::function<void(std::size_t written, std::size_t count)>;

    piecewise_writer(const work_plan& plan, std::ostream& out, watcher watch) : plan_(plan), out_(out), watch_(std::move(watch)) {}

    /// `make_maker` gives each thread a maker of its own.
    void write(std::size_t count, const std::function<maker()>& make_maker);

private:
    work_plan plan_;
    std::ostream& out_;
    watcher watch_;
};

} // namespace vmail::nis
