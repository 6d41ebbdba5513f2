#include <atomic>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vmail/error.hpp>
#include <vmail/mail_store/identity.hpp>
#include <vmail/mail_store/store.hpp>

namespace fs = std::filesystem;
using namespace vmail::mail_store;

namespace {

/// A home of mail with two mailboxes, and what must never be touched beside it.
struct scene {
    scene() {
        char name[] = "/tmp/vmail-store-XXXXXX";
        top = ::mkdtemp(name);
        maildir("mail/example.org/bob", "bob's");
        maildir("mail/example.org/ann", "ann's");
        maildir("outside/example.org/bob", "not mail of ours");
        fs::create_directories(top / "mail/example.org/project");
        write("mail/example.org/project/notes", "no mail");
        write("outside/secret", "secret");
    }
    ~scene() { fs::remove_all(top); }

    void write(const std::string& path, const std::string& text) const { std::ofstream(top / path) << text; }
    void maildir(const std::string& path, const std::string& text) const {
        for (const char* part : {"cur", "new", "tmp"}) fs::create_directories(top / path / part);
        write(path + "/cur/1.host:2,S", text);
    }
    store open() const { return store(top / "mail"); }
    bool has(const std::string& path) const { return fs::exists(fs::symlink_status(top / path)); }

    fs::path top;
};

folder_path at(const std::string& path) { return folder_path::parse(path, "example.org"); }

std::string outside_of(const scene& s) {
    const vmail::descriptor folder(::open((s.top / "outside").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return take_inventory(folder.get()).text();
}

} // namespace

TEST_CASE("a folder that leads anywhere else than to mail of the domain is refused") {
    using namespace std::string_literals;
    const std::vector<std::string> hostile = {
        "", "/", "//", "///", ".", "./", "..", "../", "../..", "bob", "bob/", "/bob", "/etc", "/etc/", "/etc/passwd", "example.org", "example.org/", "example.org//",
        "/example.org/bob", "//example.org/bob", "./example.org/bob", "../example.org/bob", "example.org/../bob", "example.org/./bob", "example.org/bob/..", "example.org/bob/../..",
        "example.org/bob/.", "example.org//bob", "example.org/bob//", "example.org/..", "example.org/../../etc", "example.org/.", "example.org/.vmail-trash", ".vmail-trash/example.org/bob",
        ".vmail-trash/x", "example.org/.bob", "example.org/.bob.sub", "-rf/example.org/bob", "example.org/-rf", "example.org/--help", "-/example.org/bob", "example.org/bob/-x",
        "example.org/bob\n", "example.org/bob\nrm", "example.org/\tbob", "example.org/bob\r", "example.org/bo\x01" "b", "example.org/bob\x7f", "example.org/b\x1b[31m", "example.org/bob\0"s, "example.org/\0"s,
        "example.org/bob\0/../../etc"s, "\0/example.org/bob"s, "example.org/b\xc3\xb6" "b", "example.org/\xff", "example.org/bob\xe2\x80\xae", "other.example/bob", "other.example/bob/", "org/bob", "xexample.org/bob",
        "example.org.evil/bob", "example/org/bob", "bob/example.org", "bob/example.org/", "EXAMPLE/bob", "example.org\\bob", "a/b", "~/bob", "~root/example.org", "$HOME/bob", "*/bob", "proc/self/root/etc",
        "example.org/" + std::string(256, 'a'), std::string(256, 'e') + "/example.org/bob", "example.org" + [] { std::string s; for (int i = 0; i < 32; ++i) s += "/a"; return s; }(),
    };
    REQUIRE(hostile.size() >= 60);
    for (const auto& path : hostile) {
        CAPTURE(path);
        CHECK_THROWS_AS(at(path), vmail::invalid_value);
    }
}

TEST_CASE("a folder in the one of its domain is taken, wherever that lies") {
    CHECK(at("example.org/bob/").text() == "example.org/bob");
    CHECK(at("example.org/bob").leaf() == "bob");
    CHECK(at("Example.ORG/b/bob").parent() == "Example.ORG/b");
    CHECK(at("domains/example.org/bob/").parent() == "domains/example.org");
    CHECK(at("example.org/b o b").leaf() == "b o b");
    CHECK(folder_path::parse("old.example/bob/", "").text() == "old.example/bob");
}

TEST_CASE("what is taken goes to the trash, and comes back or goes for good") {
    const scene s;
    const store mail = s.open();
    const trash bin(mail);
    CHECK(bin.take(at("example.org/bob/"), "one", "") == trash::move::done);
    CHECK_FALSE(s.has("mail/example.org/bob"));
    CHECK(bin.names() == std::vector<std::string>{"one"});
    CHECK(bin.take(at("example.org/bob/"), "one", "") == trash::move::there_already);
    CHECK(bin.take(at("example.org/bob/"), "two", "") == trash::move::absent);
    CHECK(bin.give_back("one", at("example.org/bob/")));
    CHECK(s.has("mail/example.org/bob/cur/1.host:2,S"));
    CHECK_FALSE(bin.give_back("one", at("example.org/bob/")));
    bin.take(at("example.org/bob/"), "one", "");
    CHECK(bin.empty("one"));
    CHECK_FALSE(bin.empty("one"));
    CHECK(bin.names().empty());
    CHECK(s.has("mail/example.org/ann/cur/1.host:2,S"));
}

TEST_CASE("what changed since it was looked at stays where it is") {
    const scene s;
    const store mail = s.open();
    const trash bin(mail);
    const std::string before = take_inventory(mail.find(at("example.org/bob"))->folder.get()).text();
    s.write("mail/example.org/bob/new/2.host", "late mail");
    CHECK_THROWS_AS(bin.take(at("example.org/bob"), "one", before), vmail::conflict);
    CHECK(s.has("mail/example.org/bob/new/2.host"));
    CHECK(bin.names().empty());
    const std::string after = take_inventory(mail.find(at("example.org/bob"))->folder.get()).text();
    CHECK(bin.take(at("example.org/bob"), "one", after) == trash::move::done);
}

TEST_CASE("what comes back meets what was made in its place, and keeps the mail of both") {
    const scene s;
    const store mail = s.open();
    const trash bin(mail);
    bin.take(at("example.org/bob"), "one", "");
    s.maildir("mail/example.org/bob", "made anew");
    fs::rename(s.top / "mail/example.org/bob/cur/1.host:2,S", s.top / "mail/example.org/bob/new/3.host");
    CHECK(bin.give_back("one", at("example.org/bob")));
    CHECK(s.has("mail/example.org/bob/cur/1.host:2,S"));
    CHECK(s.has("mail/example.org/bob/new/3.host"));
    CHECK(bin.names().empty());

    bin.take(at("example.org/bob"), "one", "");
    s.maildir("mail/example.org/bob/.Sent", "in another folder");
    s.maildir("mail/example.org/bob", "made anew");
    CHECK(bin.give_back("one", at("example.org/bob")));
    CHECK(bin.names() == std::vector<std::string>{"one.newcomer"}); // of both the first message has the same name, and no message is lost
}

TEST_CASE("no symbolic link is followed, and nothing but mail is taken") {
    const scene s;
    const store mail = s.open();
    const trash bin(mail);
    const std::string before = outside_of(s);
    fs::create_directory_symlink(s.top / "outside/example.org/bob", s.top / "mail/example.org/link");
    fs::create_directory_symlink(s.top / "outside/example.org", s.top / "mail/linked.example");
    fs::create_directory_symlink("/proc/self/cwd", s.top / "mail/example.org/magic");
    fs::create_directory_symlink("../../outside/example.org/bob", s.top / "mail/example.org/climbs");
    for (const char* path : {"example.org/link", "linked.example/bob", "example.org/magic", "example.org/climbs", "example.org/project", "example.org/project/notes"}) {
        CAPTURE(path);
        CHECK_THROWS_AS(bin.take(folder_path::parse(path, ""), "one", ""), vmail::invalid_value);
    }
    CHECK(bin.names().empty());
    // A link within what goes is gone itself, and nothing behind it.
    fs::create_directory_symlink(s.top / "outside", s.top / "mail/example.org/bob/.Out");
    fs::create_symlink(s.top / "outside/secret", s.top / "mail/example.org/bob/cur/2.host");
    bin.take(at("example.org/bob"), "one", "");
    CHECK(bin.empty("one"));
    CHECK(outside_of(s) == before);
}

TEST_CASE("a trash that is a link, or that others may write to, is none") {
    const scene s;
    fs::create_directory_symlink(s.top / "outside", s.top / "mail/.vmail-trash");
    const store mail = s.open();
    CHECK_THROWS_AS(trash{mail}, vmail::invalid_value);
    fs::remove(s.top / "mail/.vmail-trash");
    fs::create_directory(s.top / "mail/.vmail-trash");
    fs::permissions(s.top / "mail/.vmail-trash", fs::perms::all);
    CHECK_THROWS_AS(trash{mail}, vmail::denied);
    for (const char* name : {"", ".", "..", "../x", "a/b", ".hidden", "a b"}) {
        CAPTURE(name);
        fs::permissions(s.top / "mail/.vmail-trash", fs::perms::owner_all);
        CHECK_THROWS_AS(trash(mail).empty(name), vmail::invalid_value);
    }
}

TEST_CASE("folders without end are left alone") {
    const scene s;
    const store mail = s.open();
    std::string deep = "mail/example.org/bob/cur";
    for (int i = 0; i < 70; ++i) deep += "/d";
    fs::create_directories(s.top / deep);
    CHECK_THROWS_AS(take_inventory(mail.find(at("example.org/bob"))->folder.get()), vmail::unavailable);
    const trash bin(mail);
    CHECK_THROWS_AS(bin.take(at("example.org/bob"), "one", ""), vmail::unavailable);
    CHECK(bin.names().empty());
    CHECK(s.has("mail/example.org/bob/cur/1.host:2,S"));
}

TEST_CASE("whoever swaps links and folders all the time moves nothing outside") {
    const scene s;
    const store mail = s.open();
    const trash bin(mail);
    const std::string before = outside_of(s);
    std::atomic<bool> over = false;
    // The domain's folder, or the mailbox, is now a folder and now a link to what lies outside.
    std::thread racer([&] {
        const fs::path domain = s.top / "mail/example.org", bob = domain / "bob";
        std::error_code ignored;
        for (int n = 0; !over; ++n) {
            const fs::path& swapped = n % 2 == 0 ? bob : domain;
            fs::rename(swapped, s.top / "mail/aside", ignored);
            fs::create_directory_symlink(s.top / (n % 2 == 0 ? "outside/example.org/bob" : "outside/example.org"), swapped, ignored);
            fs::remove(swapped, ignored);
            fs::rename(s.top / "mail/aside", swapped, ignored);
        }
    });
    const char* const seconds = std::getenv("VMAIL_RACE_SECONDS");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds != nullptr ? std::atoi(seconds) : 2);
    std::size_t taken = 0, refused = 0;
    while (std::chrono::steady_clock::now() < end) {
        try {
            if (bin.take(at("example.org/bob"), "one", "") != trash::move::done) continue;
            ++taken;
            bin.give_back("one", at("example.org/bob"));
        } catch (const vmail::error&) {
            ++refused;
            try { // what a second run does
                bin.give_back("one", at("example.org/bob"));
                bin.empty("one.newcomer");
            } catch (const vmail::error&) {}
        }
    }
    over = true;
    racer.join();
    CHECK(taken + refused > 0);
    CHECK(outside_of(s) == before);
}

TEST_CASE("mail is never touched as root, nor by anybody whose it is not") {
    CHECK_THROWS_AS(become({0, 0}), vmail::error);
    if (::geteuid() != 0) {
        CHECK_THROWS_AS(become({::geteuid() + 1, 1}), vmail::denied);
        return;
    }
    const pid_t child = ::fork();
    if (child == 0) {
        become({12345, 12346});
        const bool good = ::geteuid() == 12345 && ::getegid() == 12346 && ::getgroups(0, nullptr) == 0 && ::setuid(0) != 0 && ::setgid(0) != 0;
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("all Maildirs are found, and none within another or in the trash") {
    const scene s;
    s.maildir("mail/other.example/deep/er/eve", "eve's");
    s.maildir("mail/example.org/bob/.Sent", "bob's too");
    fs::create_directory_symlink(s.top / "outside/example.org", s.top / "mail/linked.example");
    const store mail = s.open();
    s.maildir("mail/example.org/zoe", "zoe's");
    trash(mail).take(at("example.org/zoe"), "one", "");
    std::vector<std::string> all;
    mail.each_maildir([&](const std::string& path) { all.push_back(path); });
    std::sort(all.begin(), all.end());
    CHECK(all == std::vector<std::string>{"example.org/ann", "example.org/bob", "other.example/deep/er/eve"});
}

TEST_CASE("links are told with the folder that they lead to, where that is in the home of all mail") {
    const scene s;
    fs::create_directory_symlink(s.top / "mail/example.org", s.top / "mail/linked.example");
    fs::create_directory_symlink("bob", s.top / "mail/example.org/robert");
    fs::create_directory_symlink(s.top / "outside/example.org", s.top / "mail/outside.example");
    fs::create_directory_symlink("nowhere", s.top / "mail/example.org/broken");
    fs::create_symlink("project/notes", s.top / "mail/example.org/file");
    fs::create_directory_symlink("cur", s.top / "mail/example.org/bob/inside");
    std::vector<std::string> all;
    const auto note = [&](const std::string& link, const std::string& folder) { all.push_back(link + " -> " + folder); };
    s.open().each_link(2, note);
    std::sort(all.begin(), all.end());
    CHECK(all == std::vector<std::string>{"example.org/robert -> example.org/bob", "linked.example -> example.org"});
    all.clear();
    s.open().each_link(1, note);
    CHECK(all == std::vector<std::string>{"linked.example -> example.org"});
}
