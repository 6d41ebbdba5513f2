#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmail::tools {

/// Whether a server goes on when the program that started it ends.
enum class server_lifetime { unlimited, of_starting_thread };

struct slapd_options {
    std::filesystem::path config;   ///< slapd.conf; its pidfile directive names pid_file
    std::filesystem::path pid_file;
    std::filesystem::path log;      ///< what it says to standard error is appended here
    std::string uri;                ///< what it listens on
    server_lifetime lifetime = server_lifetime::unlimited;
};

/// One slapd process, found by its pid file and recognised by its command line: a number in a stale file is never taken for it.
class slapd {
public:
    explicit slapd(slapd_options options) : options_(std::move(options)) {}

    int pid() const; ///< 0 when it does not run

    /// Starts it in a session of its own and returns once it answers a bind. Throws error(configuration) with slapd's own words when it ends
    /// instead, unavailable when it does not answer within a minute.
    void start() const;

    /// Asks it to end and waits until it is gone. False: there was nothing to end. Throws unavailable when it does not end within a minute.
    bool stop() const;

private:
    slapd_options options_;
};

/// Runs slapadd, slapindex and the like to their end. Throws error(configuration) with their own words when they fail, or are not installed.
void run_slapd_tool(std::string_view name, std::vector<std::string> arguments, const std::filesystem::path& log);

/// Whether a directory answers an anonymous bind there.
bool answers(const std::string& uri);

} // namespace vmail::tools
