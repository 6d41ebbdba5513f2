#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "reader.hpp"

namespace vmail::mbox {

/// The batches of a reader, read and summed up by a thread of its own while those before are written.
class message_stream {
public:
    /// The reader has to live as long, and belongs to the thread until next() has given false.
    explicit message_stream(mbox_reader& reader);
    message_stream(const message_stream&) = delete;
    message_stream& operator=(const message_stream&) = delete;
    ~message_stream();

    /// The next batch, in exchange for the last one; false at the end. Throws what the reader threw.
    bool next(batch& b);

private:
    void run();

    mbox_reader& reader_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<batch> ready_;
    std::deque<batch> used_; ///< for their memory
    std::exception_ptr failure_;
    bool ended_ = false;
    bool stop_ = false;
    std::thread thread_; // last: it uses the others
};

} // namespace vmail::mbox
