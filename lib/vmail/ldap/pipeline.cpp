#include <vmail/ldap/pipeline.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/session_state.hpp>

namespace vmail::ldap {

namespace {

struct item {
    write_request request;
    pipeline::on_answer answered;
    std::size_t size = 0;
    std::string key{}, parent{}; ///< what requests on the same entry, its parent or its children wait for
    /// Of a request in flight. None: the connection broke while it was sent, and whether it left is not known.
    std::optional<int> message_id{};
};

bool says_full(int code) {
    constexpr std::array codes = {LDAP_ADMINLIMIT_EXCEEDED, LDAP_BUSY, LDAP_UNAVAILABLE, LDAP_UNWILLING_TO_PERFORM, LDAP_OTHER};
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

} // namespace

struct pipeline::state {
    state(session& s, pipeline_options o) : link(*s.state_), options(o) {}

    session::state& link;
    pipeline_options options;
    std::function<void()> flush;
    std::list<item> waiting;   ///< collected, not sent
    std::list<item> in_flight; ///< in the order in which they were sent
    std::size_t bytes = 0;     ///< of both
    std::unordered_map<std::string, int> busy_entries, busy_parents;
    int refused_in_a_row = 0;
    const pid_t process = getpid();
    result last_refusal;

    std::size_t size() const { return waiting.size() + in_flight.size(); }

    bool must_wait(const item& i) const { return busy_entries.contains(i.key) || busy_entries.contains(i.parent) || busy_parents.contains(i.key); }

    void enter(const item& i) {
        ++busy_entries[i.key];
        ++busy_parents[i.parent];
        bytes += i.size;
    }

    void leave(const item& i) {
        const auto down = [](auto& counts, const std::string& key) {
            if (const auto it = counts.find(key); --it->second == 0) counts.erase(it);
        };
        down(busy_entries, i.key);
        down(busy_parents, i.parent);
        bytes -= i.size;
    }

    void answer(item i, const write_result& r) {
        leave(i);
        refused_in_a_row = r.outcome == outcome::not_done && says_full(r.result.code) ? refused_in_a_row + 1 : 0;
        if (refused_in_a_row > 0) last_refusal = r.result;
        if (i.answered) i.answered(i.request, r);
    }

    void send_waiting() {
        if (waiting.empty()) return;
        try {
            if (flush) flush();
            while (!waiting.empty()) {
                item next = std::move(waiting.front());
                waiting.pop_front();
                send(std::move(next));
            }
        } catch (...) { // no journal, no server, or a request that cannot be said
            drop_waiting();
            finish_in_flight();
            throw;
        }
    }

    void send(item next) {
        wire::connection& c = ready_for(next);
        try {
            next.message_id = c.send(next.request);
        } catch (const wire::broken& b) {
            in_flight.push_back(std::move(next));
            return recover(b);
        } catch (...) { // a request that cannot be said
            never_sent(std::move(next));
            throw;
        }
        in_flight.push_back(std::move(next));
        read_answers(false); // an ldapi socket holds few unread replies, and a server that cannot send stops
    }

    wire::connection& ready_for(item& next) {
        try {
            return link.ready_to_write(target(next.request));
        } catch (...) { // no server
            never_sent(std::move(next));
            throw;
        }
    }

    void recover(const wire::broken& b) {
        link.notice(b.sentence + ": reading back what became of the writes in flight");
        settle_all();
    }

    /// Takes in the answers that are there; with `wait`, at least one.
    void read_answers(bool wait) {
        try {
            while (!in_flight.empty()) {
                auto got = link.connection->receive(wait);
                if (!got) return;
                wait = false;
                take_in(std::move(*got));
            }
        } catch (const wire::broken& b) {
            recover(b);
        }
    }

    void take_in(wire::connection::answer got) {
        const auto it = std::find_if(in_flight.begin(), in_flight.end(), [&](const item& i) { return i.message_id == got.message_id; });
        if (it == in_flight.end()) return;
        item done = std::move(*it);
        in_flight.erase(it);
        link.written(done.request, got.result);
        const outcome what = got.result.ok() ? outcome::done : outcome::not_done;
        answer(std::move(done), {what, std::move(got.result), false});
    }

    void settle_all() {
        bool server_is_there = true;
        for (auto& i : std::exchange(in_flight, {})) {
            const write_result r = server_is_there ? link.settle(i.request) : write_result{outcome::unknown, {.code = LDAP_SERVER_DOWN}, false};
            server_is_there = link.connection != nullptr;
            answer(std::move(i), r);
        }
    }

    void stop_if_refused() {
        if (refused_in_a_row < options.give_up_after) return;
        drop_waiting();
        finish_in_flight();
        throw_error(kind_of_ldap_code(last_refusal.code),
                    fmt::format("the server refused {} requests in a row ({}): stopped", options.give_up_after, reason_of(last_refusal)), {.ldap_code = last_refusal.code});
    }

    void finish_in_flight() {
        while (!in_flight.empty()) read_answers(true);
    }

    void drop_waiting() {
        for (auto& i : std::exchange(waiting, {})) never_sent(std::move(i));
    }

    /// A child of fork() has no business with what its parent has in flight.
    void check_process() const {
        if (process != getpid()) throw error(error_kind::internal, "a pipeline cannot be used in a child of the process that made it");
    }

    void never_sent(item i) {
        leave(i);
        tell_unsent(i);
    }

    static void tell_unsent(const item& i) {
        if (i.answered) i.answered(i.request, {outcome::not_sent, {}, false});
    }

    void make_room(std::size_t keep) {
        send_waiting();
        while (in_flight.size() > keep) {
            read_answers(true);
            stop_if_refused();
        }
    }
};

pipeline::pipeline(session& s, pipeline_options options) : state_(std::make_unique<state>(s, options)) {}
pipeline::~pipeline() = default;

void pipeline::before_sending(std::function<void()> flush) { state_->flush = std::move(flush); }

void pipeline::submit(write_request request, on_answer answered) {
    auto& s = *state_;
    s.check_process();
    item next{std::move(request), std::move(answered)};
    const dn& name = target(next.request);
    next.key = name.key();
    next.parent = name.parent().key();
    next.size = approximate_size(next.request);
    const std::size_t window = std::clamp<std::size_t>(s.options.window, 1, 32);
    try {
        while (s.size() > 0 && s.must_wait(next)) s.make_room(s.size() - 1);
        while (s.size() > 0 && s.bytes + next.size > s.options.window_bytes) s.make_room(s.size() - 1);
    } catch (...) {
        s.tell_unsent(next);
        throw;
    }
    s.enter(next);
    s.waiting.push_back(std::move(next));
    // Half a window goes at a time: one flush of the journal serves all of it, and the server always has the other half to work on.
    if (s.size() >= window) s.make_room(window / 2);
    s.stop_if_refused();
}

void pipeline::drain() {
    state_->check_process();
    state_->make_room(0);
    state_->stop_if_refused();
}

} // namespace vmail::ldap
