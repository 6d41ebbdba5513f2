#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <vmail/export.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>
#include <vmail/ldap/session.hpp>

namespace vmail::ldap {

/// How much may be unanswered at a time, and when a server has had enough.
struct pipeline_options {
    std::size_t window = 32;            ///< requests in flight, 1 to 32
    std::size_t window_bytes = 64 * 1024;
    int give_up_after = 3;              ///< answers in a row that say "full", "busy" or "unwilling"
};

/// Writes with many requests in flight on a session's connection. Answers are read while requests are written: an ldapi socket holds
/// only some 278 unread replies, and a server that cannot send stops for everybody.
///
/// A request waits for one in flight on its own entry or its parent, since a server works on the requests of one connection in any order.
/// When the connection breaks, what was in flight is settled by reading back on a new one, and the run goes on.
///
/// It belongs to the thread of its session. In a child of fork() submit() and drain() throw error(internal): what is in flight is the parent's.
class VMAIL_EXPORT pipeline {
public:
    using on_answer = std::function<void(const write_request&, const write_result&)>;

    /// The session is the pipeline's alone while it lives.
    explicit pipeline(session& s, pipeline_options options = {});
    /// Waits for nothing: call drain() first.
    ~pipeline();
    pipeline(const pipeline&) = delete;
    pipeline& operator=(const pipeline&) = delete;

    /// Called just before the requests collected since the last call leave: the place where a journal goes to disk.
    void before_sending(std::function<void()> flush);

    /// Sends, or waits for room first. `answered` is called from within submit() or drain(), once for each request.
    /// Throws unavailable when the run must stop (also when no server that can be written to has what was written before), and what the flush throws; what was in flight has been answered by then, and what had
    /// not left never will: its outcome is not_sent.
    void submit(write_request request, on_answer answered);

    /// Waits until every answer is in.
    void drain();

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace vmail::ldap
