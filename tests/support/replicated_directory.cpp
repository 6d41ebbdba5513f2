#include "replicated_directory.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <unistd.h>

#include <vmail/error.hpp>
#include <vmail/password.hpp>

#include <sandbox/sandbox.hpp>
#include <sandbox/schema_files.hpp>

using namespace vmail::ldap;
using namespace vmail::tools;

namespace {

std::filesystem::path templates() { return std::filesystem::path(VMAIL_TEST_SOURCE_DIR) / "data/replicated"; }

std::string owner_as_peer() { return "gidNumber=[0-9]+[+]uidNumber=" + std::to_string(geteuid()) + ",cn=peercred,cn=external,cn=auth"; }

std::string replicates_from(const faulty_proxy& link, const std::string& base) {
    return "syncrepl rid=001 provider=" + link.uri() + " searchbase=\"" + base +
           "\" type=refreshAndPersist retry=\"1 +\" bindmethod=sasl saslmech=EXTERNAL\n";
}

std::vector<std::string> context_of(session_options options, const std::string& base) {
    session s(std::move(options));
    const auto top = s.get(dn::parse(base), {"contextCSN"});
    const auto* csns = top.find("contextCSN");
    auto values = csns ? *csns : std::vector<std::string>();
    std::sort(values.begin(), values.end());
    return values;
}

} // namespace

std::string replicated_directory::server::uri() const { return sandbox(dir()).uri(); }

slapd replicated_directory::server::slapd() const {
    return vmail::tools::slapd({.config = dir() / "slapd.conf", .pid_file = dir() / "slapd.pid", .log = dir() / "slapd.log", .uri = uri(),
                                .lifetime = server_lifetime::of_starting_thread});
}

replicated_directory::replicated_directory(kind k) : password_(vmail::generate_password()) {
    const bool both = k == kind::multi_provider;
    configure(first_, 1, both ? replicates_from(to_first_, base()) + "multiprovider on\n" : "");
    configure(second_, 2, replicates_from(to_second_, base()) + (both ? "multiprovider on\n" : "updateref " + first() + "\n"));
    fill_both();
    // Who asks the other one before that is there would try again only after a second.
    to_first_.hold();
    to_second_.hold();
    first_.slapd().start();
    second_.slapd().start();
    let_go();
    wait_until_even();
}

replicated_directory::~replicated_directory() {
    for (const auto* s : {&second_, &first_}) {
        try {
            s->slapd().stop();
        } catch (const vmail::error&) {
            // It ends with this process anyway.
        }
    }
}

void replicated_directory::configure(const server& s, int id, const std::string& replication) const {
    const placeholders values{{"BASE", base()}, {"DIR", s.dir().string()}, {"SCHEMA", schema_dir().string()}, {"ID", std::to_string(id)},
                              {"PEER", owner_as_peer()}, {"REPLICATION", replication}};
    std::filesystem::create_directory(s.dir() / "data");
    write_file(s.dir() / "slapd.conf", fill(read_file(templates() / "slapd.conf.in"), values));
}

void replicated_directory::fill_both() const {
    const auto hash = vmail::hash_password(password_, vmail::password_scheme::ssha).to_attribute();
    const auto tree = first_.dir() / "tree.ldif", copy = first_.dir() / "copy.ldif", log = first_.dir() / "slapd.log";
    write_file(tree, fill(read_file(templates() / "tree.ldif.in"), {{"BASE", base()}, {"PASSWORD", hash}}));
    run_slapd_tool("slapadd", {"-q", "-w", "-S", "1", "-f", first_.dir() / "slapd.conf", "-l", tree}, log);
    run_slapd_tool("slapcat", {"-f", first_.dir() / "slapd.conf", "-l", copy}, log);
    run_slapd_tool("slapadd", {"-q", "-f", second_.dir() / "slapd.conf", "-l", copy}, log);
}

void replicated_directory::let_go() {
    to_first_.let_go();
    to_second_.let_go();
}

void replicated_directory::wait_until_even() const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (context_of(at({first()}), base()) != context_of(at({second()}), base())) {
        if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("the two servers do not become even");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

session_options replicated_directory::at(std::vector<std::string> uris) const {
    session_options options;
    options.uris = std::move(uris);
    options.credentials = external_bind{};
    return options;
}

session_options replicated_directory::at(std::vector<std::string> uris, const std::string& who) const {
    auto options = at(std::move(uris));
    options.credentials = simple_bind{dn::parse(base()).child("cn", who), password_.clone()};
    return options;
}
