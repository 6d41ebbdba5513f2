#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include "support/foreign_directory.hpp"
#include "support/test_directory.hpp"

using vmail::ldap::session;
using vmail::tools::sandbox;
using vmail::tools::server_lifetime;

namespace {

struct in_scratch {
    scratch_directory scratch;
    std::filesystem::path dir = scratch.path() / "sandbox";
    sandbox subject{dir, server_lifetime::of_starting_thread};
    ~in_scratch() { subject.remove(); }

    vmail::ldap::session_options as_owner() const {
        vmail::ldap::session_options options;
        options.uris = {subject.uri()};
        options.credentials = vmail::ldap::external_bind{};
        return options;
    }
};

/// While it lives, sandboxes start from schema files of which accesslog.conf lacks a piece.
class older_schema {
public:
    explicit older_schema(const std::string& without) {
        std::filesystem::copy(VMAIL_TEST_SOURCE_DIR "/../schema", files_.path(), std::filesystem::copy_options::recursive);
        const auto path = files_.path() / "accesslog.conf";
        std::stringstream text;
        text << std::ifstream(path).rdbuf();
        const auto all = text.str();
        const auto at = all.find(without);
        REQUIRE(at != std::string::npos);
        std::ofstream(path) << all.substr(0, at) << all.substr(at + without.size());
        setenv("MAILCTL_SCHEMA_DIR", files_.path().c_str(), 1);
    }
    ~older_schema() { unsetenv("MAILCTL_SCHEMA_DIR"); }

private:
    scratch_directory files_;
};

vmail::error_kind kind_of_failure(const std::function<void()>& call) {
    try {
        call();
    } catch (const vmail::error& e) {
        return e.kind();
    }
    FAIL("nothing was thrown");
    return {};
}

vmail::ldap::entry unit(const std::string& name, const std::string& base) {
    vmail::ldap::entry e(vmail::ldap::dn::parse(base).child("ou", name));
    e.set("objectClass", "organizationalUnit");
    e.set("ou", name);
    return e;
}

} // namespace

TEST_CASE("a sandbox that was never started is not there, and asking does not make it") {
    scratch_directory scratch;
    const sandbox subject(scratch.path() / "sandbox");

    const auto status = subject.status();

    CHECK_FALSE(status.created);
    CHECK_FALSE(status.running);
    CHECK(status.pid == 0);
    CHECK_FALSE(status.entries);
    CHECK_FALSE(std::filesystem::exists(subject.dir()));
}

TEST_CASE_FIXTURE(in_scratch, "start makes a tree in a directory of mode 0700, and a second start does nothing") {
    CHECK(subject.start());

    const auto status = subject.status();
    CHECK(status.created);
    CHECK(status.running);
    CHECK(status.entries == 5);
    struct stat there {};
    REQUIRE(stat(dir.c_str(), &there) == 0);
    CHECK((there.st_mode & 07777) == 0700);

    CHECK_FALSE(subject.start());
    CHECK(subject.status().pid == status.pid);
}

TEST_CASE_FIXTURE(in_scratch, "stop ends it, its data stay, and a second stop does nothing") {
    subject.start();
    CHECK(subject.stop());
    CHECK_FALSE(subject.status().running);
    CHECK(subject.status().created);
    CHECK_FALSE(subject.stop());
    CHECK(subject.start());
    CHECK(subject.status().entries == 5);
}

TEST_CASE_FIXTURE(in_scratch, "a pid file that is left over is not taken for the server") {
    subject.start();
    subject.stop();
    std::ofstream(dir / "slapd.pid") << getpid() << '\n';

    CHECK_FALSE(subject.status().running);
    CHECK_FALSE(subject.stop());
    CHECK(subject.start());
}

TEST_CASE_FIXTURE(in_scratch, "start makes the data again when it was cut short while making them") {
    subject.start();
    subject.stop();
    std::filesystem::remove(dir / "indexed");
    std::ofstream(dir / "data" / "data.mdb") << "half a file";

    CHECK(subject.start());
    CHECK(subject.status().entries == 5);
}

TEST_CASE_FIXTURE(in_scratch, "a sandbox that was made before there was a record of changes gets one") {
    subject.start();
    subject.stop();
    std::filesystem::remove_all(dir / "accesslog");
    std::filesystem::remove(dir / "accesslog.conf");
    std::ofstream(dir / "indexed") << "index mail eq\n";

    CHECK(subject.start());
    CHECK(subject.status().entries == 5);
    CHECK(std::filesystem::exists(dir / "accesslog" / "data.mdb"));
}

TEST_CASE_FIXTURE(in_scratch, "an index of the record that is new finds what was recorded before") {
    const auto added = unit("more", "ou=admin," + subject.base());
    {
        const older_schema without("index reqStart,reqEntryUUID,reqDN eq\n");
        subject.start();
        session(as_owner()).add(added);
        subject.stop();
    }

    subject.start();

    const vmail::ldap::search_request about_it{
        .base = vmail::ldap::dn::parse("cn=accesslog"), .filter = vmail::ldap::filter::equal("reqDN", added.dn().text()), .attributes = {"1.1"}};
    CHECK(session(as_owner()).search(about_it).size() == 1);
}

TEST_CASE("a directory that holds something else is left alone") {
    scratch_directory scratch;
    std::ofstream(scratch.path() / "letter") << "dear";
    sandbox subject(scratch.path());

    CHECK(kind_of_failure([&] { subject.start(); }) == vmail::error_kind::configuration);
    CHECK(kind_of_failure([&] { subject.reset(); }) == vmail::error_kind::configuration);
    subject.remove();

    CHECK(std::filesystem::exists(scratch.path() / "letter"));
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "lock"));
}

TEST_CASE("a path that is too long for a socket is refused before anything is made") {
    scratch_directory scratch;
    sandbox subject(scratch.path() / std::string(100, 'x'));

    CHECK(kind_of_failure([&] { subject.start(); }) == vmail::error_kind::configuration);
    CHECK_FALSE(std::filesystem::exists(subject.dir()));
}

TEST_CASE("paths with blanks and letters of any language work") {
    scratch_directory scratch;
    sandbox subject(scratch.path() / "my mail é%2F#@BASE@", server_lifetime::of_starting_thread);
    CHECK(subject.start());
    CHECK(subject.status().entries == 5);
    subject.remove();
}

TEST_CASE_FIXTURE(in_scratch, "reset brings the first tree back") {
    subject.start();
    session(as_owner()).add(unit("more", "ou=admin," + subject.base()));
    CHECK(subject.status().entries == 6);

    subject.reset();

    CHECK(subject.status().entries == 5);
}

TEST_CASE_FIXTURE(in_scratch, "started by several at once, it starts once") {
    std::atomic<int> started = 0;
    {
        std::vector<std::jthread> starters;
        for (int i = 0; i < 4; ++i) starters.emplace_back([&] { started += sandbox(dir).start(); });
    }
    CHECK(started == 1);
    CHECK(subject.status().running);
}

TEST_CASE("the owner is the identity of the tools, and the daemons have a password") {
    auto& directory = test_directory::shared();
    CHECK(session(directory.as_owner()).identity() == "dn:cn=mailctl," + directory.base());
    CHECK(session(directory.as_daemon()).identity() == "dn:cn=phamm,o=hosting," + directory.base());
}

TEST_CASE("the foreign directory has no ordering rule, none of our classes, and an account that can write") {
    for (const auto by : {foreign_directory::transport::ldapi, foreign_directory::transport::ldap_on_loopback}) {
        const foreign_directory directory(by);
        session as_service(directory.as_service());

        CHECK_FALSE(as_service.schema().has_ordering("expireDate"));
        CHECK_FALSE(as_service.schema().has_class("vmailState"));
        CHECK(as_service.add(unit("people", directory.base())).outcome == vmail::ldap::outcome::done);
    }
}
