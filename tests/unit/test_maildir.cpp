#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/maildir.hpp>

using namespace vmail;
namespace fs = std::filesystem;

namespace {

/// A Maildir of its own.
struct box {
    box() {
        std::string name = (fs::temp_directory_path() / "maildir.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path = name;
        make(".");
        folder = descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    ~box() { fs::remove_all(path); }
    box(const box&) = delete;
    box& operator=(const box&) = delete;

    void make(const std::string& inner) const {
        for (const auto* part : {"cur", "new", "tmp"}) fs::create_directories(path / inner / part);
    }
    void write(const std::string& name, std::size_t size) const { std::ofstream(path / name) << std::string(size, 'x'); }
    void put(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
    mail_size measured() const { return maildir::measure(folder.get()); }

    fs::path path;
    descriptor folder;
};

/// As long ago as that.
void age(const fs::path& path, std::time_t seconds) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

} // namespace

TEST_CASE("the messages of all folders are counted, by their names where these tell the size") {
    const box b;
    b.write("new/1.a", 100);
    b.write("cur/2.a,S=2000,W=2010:2,S", 7);
    b.write("cur/3.a,S=300", 7);
    b.write("cur/4.a,S=40:2,", 7);
    b.write("cur/5.a,S=5x:2,", 9); // no size: the file is asked
    b.write("cur/6.a,W=5,S=:2,", 11);
    b.write("tmp/7.a,S=10000", 1); // not yet delivered
    b.write("cur/.hidden,S=10000", 1);
    b.write("dovecot-uidlist", 5000);
    b.make(".Sent");
    b.write(".Sent/cur/1.a,S=1000000:2,S", 1);
    b.make("Sent"); // no folder of Maildir++
    b.write("Sent/cur/1.a,S=5000000:2,S", 1);
    CHECK(b.measured() == mail_size{100 + 2000 + 300 + 40 + 9 + 11 + 1000000, 7});
}

TEST_CASE("a Maildir may have parts missing") {
    const box b;
    CHECK(b.measured() == mail_size{});
    fs::remove_all(b.path / "new");
    b.write("cur/1.a,S=10:2,", 1);
    fs::create_directories(b.path / ".empty");
    CHECK(b.measured() == mail_size{10, 1});
    CHECK(maildir::is_one(b.folder.get()));
    fs::remove_all(b.path / "cur");
    CHECK_FALSE(maildir::is_one(b.folder.get()));
}

TEST_CASE("no symbolic link is followed, and what is no file is no message") {
    const box b, other;
    other.make(".Sent");
    other.write("cur/1.a,S=1000:2,", 1);
    other.write("secret", 777);
    fs::create_directory_symlink(other.path, b.path / ".Linked");
    fs::create_symlink(other.path / "secret", b.path / "cur/2.a");
    fs::create_directories(b.path / "cur/3.a");
    REQUIRE(::mkfifo((b.path / "new/4.a").c_str(), 0600) == 0);
    CHECK(b.measured() == mail_size{});
    fs::remove_all(b.path / "cur");
    fs::create_directory_symlink(other.path / "cur", b.path / "cur");
    CHECK(b.measured() == mail_size{});
    CHECK_FALSE(maildir::is_one(b.folder.get()));
    CHECK_FALSE(maildir::last_opened(b.folder.get()));
}

TEST_CASE("maildirsize is read where it is a file") {
    const box b, other;
    CHECK_FALSE(maildir::read_size_file(b.folder.get()));
    b.put("maildirsize", "1000S\n10 1\n");
    CHECK(maildir::read_size_file(b.folder.get())->used == mail_size{10, 1});
    b.put("maildirsize", "1000S\n" + std::string(2 << 20, ' '));
    CHECK_THROWS_AS(maildir::read_size_file(b.folder.get()), invalid_value);
    fs::remove(b.path / "maildirsize");
    other.put("maildirsize", "1000S\n10 1\n");
    fs::create_symlink(other.path / "maildirsize", b.path / "maildirsize");
    CHECK_THROWS_AS(maildir::read_size_file(b.folder.get()), error);
    fs::remove(b.path / "maildirsize");
    REQUIRE(::mkfifo((b.path / "maildirsize").c_str(), 0600) == 0); // nobody writes to it: that must not hold us up
    CHECK_THROWS_AS(maildir::read_size_file(b.folder.get()), invalid_value);
}

TEST_CASE("what was moved out of new tells that somebody looked") {
    const box b;
    const auto opened = [&] { return maildir::last_opened(b.folder.get()); };
    CHECK_FALSE(opened());
    b.write("new/1.a", 10); // a delivery
    b.write("dovecot.index.log", 10);
    CHECK_FALSE(opened());
    fs::rename(b.path / "new/1.a", b.path / "cur/1.a:2,S");
    CHECK(opened());
    age(b.path / "cur", 1'700'000'000);
    CHECK(opened() == timestamp::from_epoch(1'700'000'000));
    fs::remove(b.path / "cur/1.a:2,S"); // a client of POP3 leaves nothing
    age(b.path / "cur", 1'700'000'001);
    CHECK(opened() == timestamp::from_epoch(1'700'000'001));
}
