/// A daemon by which the owners of mailboxes change their passwords: it answers a web page over a unix socket.
///
///     password_daemon SOCKET [WORKERS]
///
/// A request is three lines, an address, the old password and the new one, so that passwords may have blanks. The answer is one line:
///
///     ok
///     no SENTENCE        the old password is wrong, or the new one does not meet the policy
///     later SENTENCE     nothing was changed: the server is away, or somebody was faster
///     doubt SENTENCE     it was sent, and nobody knows what became of it; so it is where no answer comes
///     broken SENTENCE    somebody has to look at the daemon
///
/// It has no rights in the directory: a worker binds as the owner, by the old password. Who may ask is who may write to the socket, its user and group.
///
/// It forks after it has read the configuration, so that what is wrong with that is told to who starts it, and before any session is opened: a connection is one
/// conversation, with one count of messages and one state of TLS, in which two processes would take each other's answers; and threads do not come along.

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <utility>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vmail/address.hpp>
#include <vmail/configuration.hpp>
#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/password.hpp>
#include <vmail/password_policy.hpp>
#include <vmail/secret.hpp>
#include <vmail/settings.hpp>

namespace {

class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

[[noreturn]] void refuse(const std::string& doing) { throw vmail::error(vmail::error_kind::configuration, "cannot " + doing + ": " + std::strerror(errno)); }

// ---- one change

struct request {
    vmail::address who;
    vmail::secret old_password, new_password;
};

/// Whoever has given no whole request by then costs a worker (SIGALRM), and no more than that.
class patience {
public:
    patience() noexcept { ::alarm(10); }
    patience(const patience&) = delete;
    patience& operator=(const patience&) = delete;
    ~patience() { ::alarm(0); }
};

request read_request(int client) {
    const patience for_all_of_it;
    const auto who = vmail::read_secret_descriptor(client); // all is read before any of it is judged: an answer to half of it would be lost with the rest
    auto old_password = vmail::read_secret_descriptor(client), new_password = vmail::read_secret_descriptor(client);
    return {vmail::address::parse(who.reveal()), std::move(old_password), std::move(new_password)};
}

vmail::ldap::session log_in(vmail::configuration c, const vmail::ldap::dn& own, const vmail::secret& password) {
    c.method = vmail::bind_method::simple;
    c.bind_dn = own;
    try {
        return vmail::ldap::session(make_session_options(c, password.clone()));
    } catch (const vmail::denied&) {
        throw vmail::denied("the address or the old password is wrong"); // which of them is for nobody to know
    }
}

/// The hash is ours, and so the scheme of the site; what was there before is in a journal.
void set_hash(const vmail::configuration& c, vmail::directory& d, const request& r) {
    auto m = d.get_mailbox(r.who);
    c.password_policy.require(r.new_password, personal_words(m.value));
    m->password = hash_password(r.new_password, c.password_scheme);
    vmail::draft plan(d);
    plan.update(m, "password set");
    vmail::run(d, std::move(plan).take(), {.job = "password daemon", .journal_folder = journal_folder(c)}).success();
}

/// A server with a policy of its own may want to see the password itself, and may let its owner do nothing else before.
void have_server_set(const vmail::configuration& c, vmail::ldap::session& s, const vmail::ldap::dn& own, const request& r) {
    c.password_policy.require(r.new_password, personal_words(vmail::mailbox(r.who)));
    s.set_password(own, r.new_password, &r.old_password).success("set the password of", own);
}

void change(const vmail::configuration& c, const request& r) {
    const auto site = make_site(c);
    const auto own = site.layout.mailbox(r.who);
    auto session = log_in(c, own, r.old_password);
    vmail::directory directory(session, {.site = site});
    try {
        set_hash(c, directory, r);
    } catch (const vmail::error& e) {
        if (e.remedy() != vmail::remedy::set_new_password && e.remedy() != vmail::remedy::let_server_set_password) throw;
        have_server_set(c, session, own, r);
    }
}

std::string answer_to(const vmail::error& e) {
    switch (e.kind()) {
    case vmail::error_kind::denied:
    case vmail::error_kind::invalid_value:
    case vmail::error_kind::limit_exceeded: return std::string("no ") + e.what();
    case vmail::error_kind::unavailable:
    case vmail::error_kind::conflict: return std::string("later ") + e.what();
    case vmail::error_kind::in_doubt: return std::string("doubt ") + e.what();
    default: return std::string("broken ") + e.what();
    }
}

std::string answer(const vmail::configuration& c, int client) {
    try {
        change(c, read_request(client));
        return "ok";
    } catch (const vmail::error& e) {
        return answer_to(e);
    }
}

// ---- a worker

volatile std::sig_atomic_t is_ending = 0;
extern "C" void end(int) { is_ending = 1; }

/// Signals come in while it waits, and at no other time: a change that has begun is carried out and answered.
void work(const vmail::configuration& c, int listener, const sigset_t& while_waiting, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) return;
    while (is_ending == 0) {
        pollfd at{listener, POLLIN, 0};
        if (::ppoll(&at, 1, nullptr, &while_waiting) != 1) continue;
        const descriptor client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
        if (client.get() < 0) continue; // another one was faster
        const std::string line = answer(c, client.get()) + '\n';
        ::send(client.get(), line.data(), line.size(), MSG_NOSIGNAL);
    }
}

// ---- the parent

/// A socket that nobody listens at is left of a daemon that was killed.
void make_room(int s, const std::string& path, const sockaddr_un& at) {
    if (::connect(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0)
        throw vmail::error(vmail::error_kind::configuration, path + " is that of another daemon");
    if (std::filesystem::is_socket(path)) std::filesystem::remove(path);
}

/// Not blocking: of the workers that it wakes all but one find nobody.
int listen_at(const std::string& path) {
    sockaddr_un at{AF_UNIX, {}};
    if (path.size() >= sizeof at.sun_path) throw vmail::error(vmail::error_kind::configuration, path + " is too long for a socket");
    path.copy(at.sun_path, path.size());
    const int s = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0) refuse("make a socket");
    make_room(s, path, at);
    ::umask(0117);
    if (::bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(s, SOMAXCONN) != 0) refuse("listen at " + path);
    ::umask(0077);
    return s;
}

class workers {
public:
    workers(const vmail::configuration& c, int listener, int number) : configuration_(c), listener_(listener), number_(static_cast<std::size_t>(number)) {
        ::sigemptyset(&signals_);
        for (const int s : {SIGTERM, SIGINT, SIGCHLD}) ::sigaddset(&signals_, s);
        ::sigprocmask(SIG_BLOCK, &signals_, &while_waiting_);
        for (const int ending : {SIGTERM, SIGINT}) std::signal(ending, end);
    }

    /// Until a signal says so.
    void keep() {
        constexpr timespec second{1, 0};
        fill();
        for (;;) {
            const int came = ::sigtimedwait(&signals_, nullptr, &second);
            if (came == SIGTERM || came == SIGINT) return stop();
            if (came == SIGCHLD) bury(WNOHANG);
            else fill(); // a moment later, so that workers who die at once do not keep the machine busy
        }
    }

private:
    void fill() {
        while (alive_.size() < number_) {
            const pid_t parent = ::getpid(), child = ::fork();
            if (child == 0) {
                work(configuration_, listener_, while_waiting_, parent);
                ::_exit(0);
            }
            if (child < 0) return; // there is no room on the machine now
            alive_.insert(child);
        }
    }

    void bury(int how) {
        int status = 0;
        for (pid_t child; (child = ::waitpid(-1, &status, how)) > 0;) {
            alive_.erase(child);
            if (WIFSIGNALED(status)) std::cerr << "password_daemon: worker " << child << " was ended by " << ::strsignal(WTERMSIG(status)) << std::endl;
        }
    }

    void stop() {
        for (const pid_t child : alive_) ::kill(child, SIGTERM);
        bury(0);
    }

    const vmail::configuration& configuration_;
    int listener_;
    std::size_t number_;
    sigset_t signals_{}, while_waiting_{};
    std::set<pid_t> alive_{};
};

vmail::configuration read_configuration() {
    vmail::settings settings;
    settings.read_files();
    settings.read_environment();
    auto c = vmail::parse_configuration(settings);
    make_site(c); // what is missing is missing at once
    return c;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: password_daemon SOCKET [WORKERS]\n";
        return 64;
    }
    constexpr rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none); // of passwords
    try {
        const auto c = read_configuration();
        const std::string path = argv[1];
        const descriptor listener(listen_at(path));
        workers(c, listener.get(), argc > 2 ? std::clamp(std::atoi(argv[2]), 1, 64) : 4).keep();
        std::filesystem::remove(path);
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "password_daemon: " << e.what() << '\n';
        return 78;
    }
}
