#include <vmail/ldap/wire/deadline_guard.hpp>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vmail::ldap::wire {

namespace {
constexpr steady_time never = steady_time::max();
}

struct guarded_socket::watched {
    int fd = -1;
    steady_time deadline = never;
    bool fired = false;
};

namespace {

void lead_nowhere(int fd) {
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere < 0) return;
    dup3(nowhere, fd, O_CLOEXEC);
    close(nowhere);
}

// One mutex for the list and all that is in it: a descriptor cannot be closed, and its number given to somebody else,
// between the look at the clock and the shutdown.
class guard {
public:
    static guard& instance() {
        static guard* const the_guard = new guard; // never destroyed: the thread outlives main()
        return *the_guard;
    }

    std::mutex mutex;

    void add(const std::shared_ptr<guarded_socket::watched>& w) {
        const std::lock_guard lock(mutex);
        sockets_.push_back(w);
        start();
    }

    void remove(const std::shared_ptr<guarded_socket::watched>& w) {
        const std::lock_guard lock(mutex);
        std::erase(sockets_, w);
    }

    /// Under the mutex. The thread is woken only for a deadline earlier than the one it sleeps for.
    void deadline_set(steady_time deadline) {
        if (deadline < sleeping_until_) changed_.notify_one();
    }

private:
    // The mutex is held over a fork(): the child finds the list whole.
    guard() {
        pthread_atfork([] { instance().mutex.lock(); }, [] { instance().mutex.unlock(); }, [] { instance().begin_again_in_child(); });
    }

    void begin_again_in_child() {
        for (const auto& w : sockets_) {
            if (w->fd >= 0) lead_nowhere(w->fd);
            w->deadline = never;
        }
        std::construct_at(&changed_); // it had a waiter, which did not come along
        sleeping_until_ = never;
        started_ = false;
        mutex.unlock();
    }

    void start() {
        if (started_) return;
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before); // signals are the program's, not this thread's
        std::thread([this] { run(); }).detach();
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        started_ = true;
    }

    [[noreturn]] void run() {
        std::unique_lock lock(mutex);
        for (;;) {
            sleeping_until_ = shut_down_overdue();
            if (sleeping_until_ == never)
                changed_.wait(lock);
            else
                changed_.wait_until(lock, sleeping_until_);
        }
    }

    steady_time shut_down_overdue() {
        const auto now = std::chrono::steady_clock::now();
        auto next = never;
        for (const auto& w : sockets_) {
            if (w->deadline == never || w->fd < 0) continue;
            if (w->deadline > now) {
                next = std::min(next, w->deadline);
                continue;
            }
            shutdown(w->fd, SHUT_RDWR);
            w->fired = true;
            w->deadline = never;
        }
        return next;
    }

    std::condition_variable changed_;
    std::vector<std::shared_ptr<guarded_socket::watched>> sockets_;
    steady_time sleeping_until_ = never;
    bool started_ = false;
};

} // namespace

guarded_socket::guarded_socket() : watched_(std::make_shared<watched>()) { guard::instance().add(watched_); }

guarded_socket::~guarded_socket() { guard::instance().remove(watched_); }

void guarded_socket::set_descriptor(int fd) {
    auto& g = guard::instance();
    const std::lock_guard lock(g.mutex);
    watched_->fd = fd;
    if (fd >= 0) g.deadline_set(watched_->deadline);
}

void guarded_socket::arm(steady_time deadline) {
    auto& g = guard::instance();
    const std::lock_guard lock(g.mutex);
    watched_->deadline = deadline;
    g.deadline_set(deadline);
}

void guarded_socket::disarm() {
    const std::lock_guard lock(guard::instance().mutex);
    watched_->deadline = never;
}

bool guarded_socket::fired() const {
    const std::lock_guard lock(guard::instance().mutex);
    return watched_->fired;
}

} // namespace vmail::ldap::wire
