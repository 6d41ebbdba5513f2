#include "foreign_directory.hpp"

#include <cerrno>
#include <sstream>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/password.hpp>

#include <sandbox/sandbox.hpp>
#include <sandbox/schema_files.hpp>

namespace {

using namespace vmail::tools;

/// A port that was free a moment ago.
int free_port() {
    const vmail::descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket.get(), generic, size) != 0 || getsockname(socket.get(), generic, &size) != 0)
        throw std::system_error(errno, std::generic_category(), "a port on the loopback");
    return ntohs(address.sin_port);
}

std::string uri_of(const std::filesystem::path& dir, foreign_directory::transport by) {
    return by == foreign_directory::transport::ldapi ? sandbox(dir).uri() : "ldap://127.0.0.1:" + std::to_string(free_port());
}

std::string without_ordering(const std::string& schema) {
    std::istringstream in(schema);
    std::string result;
    for (std::string line; std::getline(in, line);)
        if (line.find("ORDERING") == std::string::npos) result += line + '\n';
    return result;
}

} // namespace

foreign_directory::foreign_directory(transport by)
    : uri_(uri_of(scratch_.path(), by)),
      server_({.config = scratch_.path() / "slapd.conf", .pid_file = scratch_.path() / "slapd.pid", .log = scratch_.path() / "slapd.log",
               .uri = uri_, .lifetime = server_lifetime::of_starting_thread}) {
    configure();
    server_.start();
}

foreign_directory::~foreign_directory() {
    try {
        server_.stop();
    } catch (const vmail::error&) {
        // It ends with this process anyway.
    }
}

void foreign_directory::configure() const {
    const auto& dir = scratch_.path();
    const auto data = std::filesystem::path(VMAIL_TEST_SOURCE_DIR) / "data";
    const auto schema = schema_dir();
    const auto password = vmail::generate_password();
    const placeholders values{{"BASE", base()}, {"DC", "foreign"}, {"DIR", dir.string()}, {"SCHEMA", schema.string()},
                              {"PASSWORD", vmail::hash_password(password, vmail::password_scheme::ssha).to_attribute()}};
    std::filesystem::create_directory(dir / "data");
    write_file(password_file(), std::string(password.reveal()) + '\n');
    write_file(dir / "phamm.schema", without_ordering(read_file(schema / "phamm.schema")));
    write_file(dir / "slapd.conf", fill(read_file(data / "foreign/slapd.conf.in"), values));
    write_file(dir / "tree.ldif", fill(read_file(data / "foreign/tree.ldif.in"), values));
    run_slapd_tool("slapadd", {"-q", "-f", dir / "slapd.conf", "-l", dir / "tree.ldif"}, dir / "slapd.log");
}

vmail::ldap::session_options foreign_directory::as_service() const {
    vmail::ldap::session_options options;
    options.uris = {uri_};
    options.credentials = vmail::ldap::simple_bind{vmail::ldap::dn::parse(service_dn()), vmail::read_secret_file(password_file())};
    options.allow_clear_bind_on_loopback = true;
    return options;
}
