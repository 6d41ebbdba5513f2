#include <fcntl.h>
#include <signal.h> // NOLINT: sigaction is POSIX
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "exit_status.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

/// What an interrupt puts back. -1: nothing.
std::atomic<int> silenced_terminal = -1;
termios settings_to_restore{};
std::array<std::atomic<const char*>, 32> unfinished_files{};
std::atomic<bool> interrupted = false;

void delete_unfinished() {
    for (const std::atomic<const char*>& slot : unfinished_files) {
        const char* const file = slot;
        if (file != nullptr) ::unlink(file);
    }
}

void leave(int) {
    delete_unfinished();
    const int terminal = silenced_terminal;
    if (terminal >= 0) ::tcsetattr(terminal, TCSANOW, &settings_to_restore);
    ::_exit(exit_status_of(error_kind::interrupted));
}

/// As it would without a handler, but for the files.
void die(int signal) {
    delete_unfinished();
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void remember(int signal) {
    if (interrupted.exchange(true)) leave(signal);
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    struct sigaction before {};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
    ::sigaction(signal, &action, nullptr);
}

/// The controlling terminal, with its echo off while this lives.
class silent_terminal {
public:
    silent_terminal() : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
        if (fd_ < 0 || ::tcgetattr(fd_, &settings_to_restore) != 0) {
            if (fd_ >= 0) ::close(fd_);
            throw error(error_kind::usage, "there is no terminal to ask for the password on",
                        {.hint = "give it in a file (--password-file, for the bind password -y) or on standard input (--password-stdin)"});
        }
        silenced_terminal = fd_;
        termios quiet = settings_to_restore;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        quiet.c_lflag |= ECHONL;
        ::tcsetattr(fd_, TCSAFLUSH, &quiet);
    }
    ~silent_terminal() {
        ::tcsetattr(fd_, TCSAFLUSH, &settings_to_restore);
        silenced_terminal = -1;
        ::close(fd_);
    }
    silent_terminal(const silent_terminal&) = delete;
    silent_terminal& operator=(const silent_terminal&) = delete;

    void say(const std::string& text) const {
        if (::write(fd_, text.data(), text.size()) < 0) throw error(error_kind::unavailable, "cannot write to the terminal");
    }
    int fd() const noexcept { return fd_; }

private:
    int fd_;
};

} // namespace

bool can_ask() noexcept { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

bool is_dumb_terminal() noexcept {
    const char* const kind = std::getenv("TERM");
    return kind == nullptr || *kind == '\0' || std::string_view(kind) == "dumb";
}

bool ask_yes_or_no(const std::string& question) {
    std::cerr << harmless(question) << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    answer = ascii::to_lower(answer);
    return answer == "y" || answer == "yes";
}

secret ask_secret(const std::string& prompt) {
    const silent_terminal terminal;
    terminal.say(harmless(prompt) + ": ");
    std::array<char, 4096> line{};
    const auto count = ::read(terminal.fd(), line.data(), line.size());
    const auto length = count > 0 ? static_cast<std::size_t>(count) : 0;
    secret answer(std::string_view(line.data(), length > 0 && line[length - 1] == '\n' ? length - 1 : length));
    ::explicit_bzero(line.data(), line.size());
    return answer;
}

secret ask_new_secret(const std::string& prompt) {
    auto first = ask_secret(prompt);
    if (!first.equals(ask_secret(prompt + " again"))) throw invalid_value("the two passwords are not the same");
    return first;
}

void exit_on_interrupt() {
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) handle(signal, leave);
    // Whoever read standard output may be gone while a report is half written.
    handle(SIGPIPE, die);
    // The limit of ulimit -f is an error like that of a full disk.
    ::signal(SIGXFSZ, SIG_IGN);
}

void remember_interrupts() {
    handle(SIGINT, remember);
    handle(SIGTERM, remember);
}

bool was_interrupted() noexcept { return interrupted; }

void delete_on_interrupt(const char* path) noexcept {
    for (std::atomic<const char*>& slot : unfinished_files) {
        const char* free = nullptr;
        if (slot.compare_exchange_strong(free, path)) return;
    }
}

void do_not_delete(const char* path) noexcept {
    for (std::atomic<const char*>& slot : unfinished_files) {
        const char* here = path;
        slot.compare_exchange_strong(here, nullptr);
    }
}

} // namespace vmail::tools
