#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "slapd.hpp"

namespace vmail::tools {

struct sandbox_status {
    std::filesystem::path dir;
    bool created = false;                     ///< its data are there
    bool running = false;                     ///< its slapd is alive
    int pid = 0;                              ///< of that slapd, 0 if there is none
    std::string uri;                          ///< ldapi://..., whether it runs or not
    std::string base;                         ///< suffix of the tree
    std::optional<std::uint64_t> entries;     ///< in the tree; none while nothing answers
};

/// A private slapd on a unix socket: our schema, our access rules, mdb. All of it lives in one directory with mode 0700, it needs no
/// root, and it listens on no network.
///
///     DIR/.mailctl-sandbox   says that everything in DIR is ours to delete
///     DIR/slapd.conf ...     made anew at each start, from the files in schema/
///     DIR/data/              the database
///     DIR/accesslog/         the server's record of what was changed
///     DIR/indexed            the indices the database was made with; written last: without it the data count for nothing
///     DIR/phamm.password     of cn=phamm, the identity of mail daemons, mode 0600
///     DIR/ldapi              the socket
///     DIR/slapd.log          what slapd says
///
/// Its owner, who comes with SASL EXTERNAL, is cn=mailctl,BASE there. Every call is safe to repeat, and safe beside the same call in another process.
class sandbox {
public:
    /// Nothing happens yet. A relative path counts from the current directory. Throws error(configuration) for an empty one.
    explicit sandbox(const std::filesystem::path& dir, server_lifetime lifetime = server_lifetime::unlimited);

    /// $MAILCTL_SANDBOX, else $XDG_STATE_HOME/mailctl/sandbox, else ~/.local/state/mailctl/sandbox. Throws error(configuration) when
    /// there is no home directory either.
    static std::filesystem::path default_dir();

    /// Never throws for a sandbox that is not there, or does not answer. Counts the entries, which takes a second for each 100,000.
    sandbox_status status() const;

    /// Whether its slapd is alive. Costs nothing.
    bool running() const;

    /// Of its slapd, 0 if there is none. Costs nothing.
    int pid() const;

    /// Makes the data if there are none, starts slapd and returns once it answers. False: it ran already.
    ///
    /// Throws error(configuration) when it cannot work here: slapd is not installed, the directory is something else's, its path is
    /// too long for a socket; conflict when another process holds the sandbox for a minute; unavailable when slapd does not answer in time.
    bool start();

    /// Ends slapd and returns once it is gone. False: it did not run.
    bool stop();

    /// Stops, deletes the data, makes them anew and starts. Throws error(configuration) for a directory that is not a sandbox.
    void reset();

    /// Stops and deletes the whole directory; nothing to do when it is not there.
    void remove();

    const std::filesystem::path& dir() const noexcept { return dir_; }
    std::string uri() const;  ///< ldapi://%2F...%2Fldapi
    std::string base() const; ///< dc=example,dc=org
    std::filesystem::path daemon_password_file() const { return dir_ / "phamm.password"; }

private:
    std::filesystem::path dir_;
    server_lifetime lifetime_;
};

} // namespace vmail::tools
