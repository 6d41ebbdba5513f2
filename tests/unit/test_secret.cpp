#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vmail/secret.hpp>

#include "refusal.hpp"

using vmail::error_kind;
using vmail::secret;

namespace {

/// A folder that goes with the test.
struct scratch_folder {
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "vmail-secret-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~scratch_folder() { std::filesystem::remove_all(path); }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    std::filesystem::path file(const std::string& content, mode_t mode = 0600) const {
        const auto name = path / "password";
        std::ofstream(name, std::ios::binary) << content;
        REQUIRE(chmod(name.c_str(), mode) == 0);
        return name;
    }

    std::filesystem::path path;
};

std::string read(const std::filesystem::path& path) { return std::string(vmail::read_secret_file(path).reveal()); }

vmail::error failure(const std::filesystem::path& path) {
    try {
        vmail::read_secret_file(path);
    } catch (const vmail::error& e) {
        return e;
    }
    return {error_kind::internal, "(accepted)"};
}

/// What is left in the place of a secret that was destroyed; for one that is short enough to live inside the object.
std::string remains_of(std::string_view text) {
    alignas(secret) std::array<unsigned char, sizeof(secret)> place{};
    std::destroy_at(new (place.data()) secret(text));
    std::string remains(place.size(), '\0');
    std::copy(place.begin(), place.end(), remains.begin());
    return remains;
}

} // namespace

static_assert(!std::is_copy_constructible_v<secret> && !std::is_copy_assignable_v<secret>);
static_assert(std::is_nothrow_move_constructible_v<secret> && std::is_nothrow_move_assignable_v<secret>);

TEST_CASE("a secret keeps its bytes, whatever they are") {
    for (const std::string& text : {std::string(), std::string("a"), std::string("a\0b\xFF", 4), std::string(5000, 'x')}) {
        const secret s(text);
        CHECK(s.reveal() == text);
        CHECK(s.empty() == text.empty());
        CHECK(s.clone().reveal() == text);
    }
    CHECK(secret().empty());
}

TEST_CASE("a secret that was moved from is empty, and nothing is left inside it") {
    for (const std::string text : {"short", "long enough to live on the heap, far from the object"}) {
        secret from(text);
        const char* const inner = from.reveal().data();
        secret to(std::move(from));
        CHECK(to.reveal() == text);
        CHECK(from.empty()); // NOLINT: that is what is tested
        if (text.size() < 16) CHECK(std::string(inner, text.size()) == std::string(text.size(), '\0'));

        secret third("another");
        third = std::move(to);
        CHECK(third.reveal() == text);
        CHECK(to.empty()); // NOLINT
        secret& same = third;
        third = std::move(same);
        CHECK(third.reveal() == text);
    }
}

TEST_CASE("a secret that is gone has left nothing in its place") {
    CHECK(remains_of("hunter2").find("unter2") == std::string::npos);
}

TEST_CASE("secrets are equal when all bytes are") {
    CHECK(secret("abc").equals(secret("abc")));
    CHECK(secret().equals(secret("")));
    CHECK_FALSE(secret("abc").equals(secret("abd")));
    CHECK_FALSE(secret("abc").equals(secret("xbc")));
    CHECK_FALSE(secret("abc").equals(secret("ab")));
    CHECK_FALSE(secret("abc").equals(secret("abcd")));
    CHECK_FALSE(secret(std::string_view("a\0b", 3)).equals(secret(std::string_view("a\0c", 3))));
}

TEST_CASE("the first line of a file is the secret, without its line end") {
    const scratch_folder folder;
    struct row {
        std::string content, expected;
    };
    const row rows[] = {
        {"pass", "pass"},          {"pass\n", "pass"},   {"pass\r\n", "pass"},     {"pass\nmore\n", "pass"}, {" pa ss \n", " pa ss "},
        {"p\xC3\xA4ss\n", "päss"}, {"a\rb\n", "a\rb"},   {std::string("pass\n\0", 6), "pass"},     {std::string(4096, 'x'), std::string(4096, 'x')},
        {std::string(4096, 'x') + "\n", std::string(4096, 'x')}, {"pass\n" + std::string(10000, 'y'), "pass"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.content.size());
        CHECK(read(folder.file(r.content)) == r.expected);
    }
}

TEST_CASE("a file without a usable first line is refused, and its content is not told") {
    const scratch_folder folder;
    for (const std::string& content : {std::string(), std::string("\n"), std::string("\r\n"), std::string("\nhunter2\n"), std::string("hunter2\0x", 9), std::string(4097, 'h')}) {
        CAPTURE(content.size());
        const auto e = failure(folder.file(content));
        CHECK(e.kind() == error_kind::invalid_value);
        CHECK(is_sentence(e.what()));
        CHECK(std::string(e.what()).find("hunter") == std::string::npos);
    }
}

TEST_CASE("a file that others may touch is refused with the command that mends it") {
    const scratch_folder folder;
    for (const mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U, 0666U}) {
        CAPTURE(mode);
        const auto file = folder.file("pass", mode);
        const auto e = failure(file);
        CHECK(e.kind() == error_kind::configuration);
        CHECK(e.hint() == "chmod 600 " + file.string());
    }
    for (const mode_t mode : {0600U, 0400U, 0700U}) CHECK(read(folder.file("pass", mode)) == "pass");
}

TEST_CASE("a file of another user is refused") {
    if (geteuid() != 0) return; // only root can give a file away
    const scratch_folder folder;
    const auto file = folder.file("pass");
    REQUIRE(chown(file.c_str(), 12345, 0) == 0);
    const auto e = failure(file);
    CHECK(e.kind() == error_kind::configuration);
    CHECK(std::string(e.what()).ends_with("belongs to another user"));
}

TEST_CASE("a link is followed, and judged by what it leads to") {
    const scratch_folder folder;
    const auto link = folder.path / "link";
    std::filesystem::create_symlink(folder.path / "password", link);
    folder.file("pass");
    CHECK(read(link) == "pass");
    folder.file("pass", 0644);
    CHECK(failure(link).kind() == error_kind::configuration);
}

TEST_CASE("what is no file is refused at once") {
    const scratch_folder folder;
    CHECK(failure(folder.path / "missing").kind() == error_kind::input_missing);
    folder.file("pass");
    CHECK(failure(folder.path / "password" / "below").kind() == error_kind::input_missing);
    CHECK(failure(folder.path).kind() == error_kind::configuration);
    CHECK(failure("/dev/null").kind() == error_kind::configuration);
    const auto fifo = folder.path / "fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(std::string(failure(fifo).what()).ends_with("is not a regular file"));
}

TEST_CASE("a descriptor gives one line to each reader") {
    int ends[2] = {-1, -1};
    REQUIRE(pipe(ends) == 0);
    const std::string lines = "first\nsecond\r\nlast";
    REQUIRE(write(ends[1], lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
    close(ends[1]);
    CHECK(vmail::read_secret_descriptor(ends[0]).reveal() == "first");
    CHECK(vmail::read_secret_descriptor(ends[0]).reveal() == "second");
    CHECK(vmail::read_secret_descriptor(ends[0]).reveal() == "last");
    CHECK(is_sentence(refusal([&] { vmail::read_secret_descriptor(ends[0]); })));
    close(ends[0]);
    CHECK_THROWS_AS(vmail::read_secret_descriptor(ends[0]), vmail::error);
}
