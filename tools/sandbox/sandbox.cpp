#include "sandbox.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/password.hpp>
#include <vmail/printable.hpp>

#include "directory_lock.hpp"
#include "schema_files.hpp"

namespace vmail::tools {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto marker = ".mailctl-sandbox";
constexpr auto base_dn = "dc=example,dc=org";
constexpr auto default_mail_home = "/home/vmail/domains";

/// All that a sandbox consists of, but its marker and its lock. The tools keep their journals and locks in it, too.
constexpr auto contents = {"ldapi", "slapd.pid", "slapd.args", "indexed", "data", "accesslog", "slapd.conf", "acl.conf", "limits.conf", "texts.conf",
                           "accesslog.conf", "tree.ldif", "phamm.password", "slapd.log", "journal", "locks"};

std::string name(const fs::path& path) { return vmail::quoted(path.string(), 200); }

[[noreturn]] void refuse(const std::string& sentence, const std::string& hint) {
    throw error(error_kind::configuration, sentence, {.hint = hint});
}

fs::path home() {
    if (const char* const given = std::getenv("HOME"); given && *given == '/') return given;
    if (const auto* const account = getpwuid(geteuid()); account && account->pw_dir && *account->pw_dir == '/') return account->pw_dir;
    refuse("there is no home directory for the sandbox", "name a directory with --dir or MAILCTL_SANDBOX");
}

bool is_sandbox(const fs::path& dir) {
    std::error_code none;
    return fs::is_regular_file(fs::symlink_status(dir / marker, none));
}

bool is_made(const fs::path& dir) {
    std::error_code none;
    return is_sandbox(dir) && fs::exists(dir / "indexed", none);
}

void check_owner(const fs::path& dir) {
    struct stat there {};
    if (stat(dir.c_str(), &there) != 0 || !S_ISDIR(there.st_mode)) refuse(fmt::format("{} is not a directory", name(dir)), "choose another one with --dir");
    if (there.st_uid != geteuid())
        refuse(fmt::format("the directory {} belongs to another user", name(dir)), "choose another one with --dir, or run as its owner");
}

void check_socket_path(const fs::path& dir) {
    const auto length = (dir / "ldapi").string().size();
    if (constexpr auto most = sizeof(sockaddr_un::sun_path) - 1; length > most)
        refuse(fmt::format("the path of the sandbox's socket, {}, has {} bytes, and a socket's can have {}", name(dir / "ldapi"), length, most),
               "choose a shorter directory with --dir or MAILCTL_SANDBOX");
}

/// Makes the directory and marks it as ours. One that is not empty and not marked is somebody's.
void claim(const fs::path& dir) {
    check_socket_path(dir);
    quotable(dir);
    std::error_code failed;
    fs::create_directories(dir.parent_path(), failed);
    if (mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST)
        refuse(fmt::format("cannot make the directory {}: {}", name(dir), std::generic_category().message(errno)), "choose another one with --dir");
    check_owner(dir);
    if (is_sandbox(dir)) return;
    // Asked twice: another process may be making the same sandbox, and its mark is the first file there.
    if (!fs::is_empty(dir) && !is_sandbox(dir))
        refuse(fmt::format("{} is not empty and not a sandbox", name(dir)), "choose another one with --dir");
    write_file(dir / marker, "made by mailctl sandbox: everything here can be deleted\n");
    fs::permissions(dir, fs::perms::owner_all);
}

/// Any group of the owner's will do: sg and newgrp change the one that the server sees.
std::string owner_as_peer() { return fmt::format("gidNumber=[0-9]+[+]uidNumber={},cn=peercred,cn=external,cn=auth", geteuid()); }

void configure(const fs::path& dir, const fs::path& schema) {
    const placeholders values{{"BASE", base_dn}, {"DIR", quotable(dir)}, {"SCHEMA", quotable(schema)}, {"PEER", owner_as_peer()},
                              {"LOGDIR", quotable(dir / "accesslog")}, {"MAIL_HOME", default_mail_home}};
    fs::create_directory(dir / "accesslog");
    for (const auto* const file : {"acl.conf", "limits.conf", "texts.conf", "accesslog.conf"}) write_file(dir / file, fill(read_file(schema / file), values));
    write_file(dir / "slapd.conf", fill(read_file(schema / "sandbox.conf.in"), values));
}

void make_data(const fs::path& dir, const fs::path& schema) {
    for (const auto* const database : {"data", "accesslog"}) {
        fs::remove_all(dir / database); // of a start that was cut short
        fs::create_directory(dir / database);
    }
    const auto password = generate_password();
    write_file(dir / "phamm.password", fmt::format("{}\n", password.reveal()));
    write_file(dir / "tree.ldif", fill(read_file(schema / "tree.ldif.in"),
                                       {{"BASE", base_dn}, {"BINDS_AS_TOOLS", ""}, {"DC", "example"}, {"PHAMM_PASSWORD", hash_password(password).to_attribute()}}));
    run_slapd_tool("slapadd", {"-q", "-f", dir / "slapd.conf", "-l", dir / "tree.ldif"}, dir / "slapd.log");
    fs::remove(dir / "tree.ldif");
}

/// slapd finds nothing through an index that was added after the data were. A database that was never opened has none to make, and slapindex
/// refuses it.
void index_data(const fs::path& dir) {
    run_slapd_tool("slapindex", {"-q", "-f", dir / "slapd.conf"}, dir / "slapd.log");
    if (fs::exists(dir / "accesslog/data.mdb"))
        run_slapd_tool("slapindex", {"-q", "-f", dir / "slapd.conf", "-b", "cn=accesslog"}, dir / "slapd.log");
}

void prepare_data(const fs::path& dir, const fs::path& schema) {
    const auto indices = read_file(schema / "indices.conf") + read_file(schema / "accesslog.conf");
    if (!is_made(dir))
        make_data(dir, schema);
    else if (read_file(dir / "indexed") != indices)
        index_data(dir);
    else
        return;
    write_file(dir / "indexed", indices);
}

slapd server_in(const fs::path& dir, const std::string& uri, server_lifetime lifetime = server_lifetime::unlimited) {
    return slapd({.config = dir / "slapd.conf", .pid_file = dir / "slapd.pid", .log = dir / "slapd.log", .uri = uri, .lifetime = lifetime});
}

bool start_locked(const fs::path& dir, const slapd& server) {
    if (server.pid() != 0) return false;
    const auto schema = schema_dir();
    configure(dir, schema);
    prepare_data(dir, schema);
    server.start();
    return true;
}

void delete_contents(const fs::path& dir) {
    for (const auto* const file : contents) fs::remove_all(dir / file);
}

std::optional<std::uint64_t> count_entries(const std::string& uri) {
    try {
        ldap::session_options options;
        options.uris = {uri};
        options.credentials = ldap::external_bind{};
        options.connect_timeout = 2s;
        ldap::session session(std::move(options));
        ldap::search_request all;
        all.base = ldap::dn::parse(base_dn);
        all.attributes = {"1.1"};
        return session.for_each(all, [](ldap::entry&&) {});
    } catch (const error&) {
        return std::nullopt; // a status that says "runs, does not answer" is an answer
    }
}

fs::path settled(const fs::path& dir) {
    if (dir.empty()) refuse("the name of the sandbox's directory is empty", "leave --dir and MAILCTL_SANDBOX away for the default");
    const auto path = fs::absolute(dir).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

std::string percent_encoded(std::string_view path) {
    std::string result;
    for (const char c : path)
        if (ascii::is_alnum(c) || c == '-' || c == '.' || c == '_')
            result += c;
        else
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return result;
}

} // namespace

sandbox::sandbox(const fs::path& dir, server_lifetime lifetime) : dir_(settled(dir)), lifetime_(lifetime) {}

fs::path sandbox::default_dir() {
    if (const char* const given = std::getenv("MAILCTL_SANDBOX"); given && *given) return given;
    if (const char* const state = std::getenv("XDG_STATE_HOME"); state && *state == '/') return fs::path(state) / "mailctl/sandbox";
    return home() / ".local/state/mailctl/sandbox";
}

sandbox_status sandbox::status() const {
    const int pid = server_in(dir_, uri()).pid();
    return {.dir = dir_,
            .created = is_made(dir_),
            .running = pid != 0,
            .pid = pid,
            .uri = uri(),
            .base = base(),
            .entries = pid != 0 ? count_entries(uri()) : std::nullopt};
}

int sandbox::pid() const { return server_in(dir_, uri()).pid(); }

bool sandbox::running() const { return pid() != 0; }

bool sandbox::start() {
    claim(dir_);
    const directory_lock lock(dir_);
    return start_locked(dir_, server_in(dir_, uri(), lifetime_));
}

bool sandbox::stop() {
    if (!is_sandbox(dir_)) return false;
    check_owner(dir_);
    const directory_lock lock(dir_);
    return server_in(dir_, uri()).stop();
}

void sandbox::reset() {
    claim(dir_);
    const directory_lock lock(dir_);
    const auto server = server_in(dir_, uri(), lifetime_);
    server.stop();
    delete_contents(dir_);
    start_locked(dir_, server);
}

void sandbox::remove() {
    if (!is_sandbox(dir_)) return;
    check_owner(dir_);
    const directory_lock lock(dir_);
    server_in(dir_, uri()).stop();
    delete_contents(dir_);
    fs::remove(dir_ / "lock");
    fs::remove(dir_ / marker);
    std::error_code not_empty;
    fs::remove(dir_, not_empty); // what somebody else put there stays
}

std::string sandbox::uri() const { return "ldapi://" + percent_encoded((dir_ / "ldapi").string()); }

std::string sandbox::base() const { return base_dn; }

} // namespace vmail::tools
