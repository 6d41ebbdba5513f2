#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include "nis_case.hpp"

using nis_case::convert;
using nis_case::values;

namespace {

namespace fs = std::filesystem;

const std::string passwd = "ada:abJnggxhB/yWI:1001:100::/home/ada:/bin/sh\n"
                           "bob:abJnggxhB/yWI:1002:100::/home/bob:/bin/sh\n";
const std::string ada = "ada@example.org";
const std::string bob = "bob@example.org";
const std::string outside = "x@example.net";

/// What stands for / of the old server.
class old_root {
public:
    old_root() {
        std::string name = (fs::temp_directory_path() / "nis_forwards.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path_ = name;
    }
    old_root(const old_root&) = delete;
    old_root& operator=(const old_root&) = delete;
    ~old_root() { fs::remove_all(path_); }

    std::string path() const { return path_.string(); }

    std::string write(const std::string& file, const std::string& text) const {
        const fs::path whole = path_ / file;
        fs::create_directories(whole.parent_path());
        std::ofstream(whole, std::ios::binary) << text;
        fs::permissions(whole, fs::perms{0644});
        return whole.string();
    }

    vmail::nis::options options() const {
        auto o = nis_case::default_options();
        o.forward_root = path();
        return o;
    }

    /// The codes, with the path of this folder taken away.
    std::string codes(const nis_case::outcome& out) const {
        std::string all = out.codes();
        for (std::size_t at = all.find(path()); at != std::string::npos; at = all.find(path())) all.erase(at, path().size());
        return all;
    }

private:
    fs::path path_;
};

std::string sum(const nis_case::outcome& out) { return out.counts("forwards"); }

} // namespace

TEST_CASE("what a .forward file says becomes the account's forward") {
    struct row {
        std::string text, codes, active, targets, counts;
    };
    const std::string f = "/home/ada/.forward";
    const std::vector<row> rows = {
        {"x@example.net\n", f + ":1=forward-outside", "TRUE", outside, "1=0+0+1+0"},
        {"x@example.net", f + ":1=forward-outside", "TRUE", outside, "1=0+0+1+0"},
        {"x@example.net\r\n", f + ":1=forward-outside", "TRUE", outside, "1=0+0+1+0"},
        {"bob\n", f + ":1=forward-local", "TRUE", bob, "1=0+0+1+0"},
        {"bob@example.org, x@example.net\n", f + ":1=forward-local", "TRUE", bob + "|" + outside, "1=0+0+1+0"},
        {"# mine\n\nbob\n# not now\nx@example.net\n\n", f + ":3-5=forward-local", "TRUE", bob + "|" + outside, "6=4+0+2+0"},
        {"\\ada, x@example.net\n", f + ":1=kept-copy", "TRUE", ada + "|" + outside, "1=0+0+1+0"},
        {"ada, x@example.net\n", f + ":1=kept-copy", "TRUE", ada + "|" + outside, "1=0+0+1+0"},
        {"ADA@EXAMPLE.ORG\nx@example.net\n", f + ":1-2=kept-copy", "TRUE", ada + "|" + outside, "2=0+0+2+0"},
        {"x@example.net # work\n", f + ":1=hash-comment " + f + ":1=forward-outside", "TRUE", outside, "1=0+0+1+0"},
        {"Ada Bressan <x@example.net>\n", f + ":1=forward-outside", "TRUE", outside, "1=0+0+1+0"},
        {"zoe\nx@example.net\n", f + ":1-2=unknown-target " + f + ":1-2=forward-outside", "TRUE", outside, "2=0+0+2+0"},
        // programs and files
        {"\\ada, \"|/usr/bin/vacation ada\"\n", f + ":1=vacation-program", "FALSE", "-", "1=0+0+1+0"},
        {"x@example.net\n\"| IFS=' ' && exec vacation -a l ada\"\n", f + ":1-2=forward-outside " + f + ":2=vacation-program", "TRUE", outside,
         "2=0+0+2+0"},
        {"\"|/usr/bin/procmail -f-\"\n", f + ":1=program-target " + f + ":1=no-target", "FALSE", "-", "1=0+0+0+1"},
        {"|/opt/no-vacation ada\n", f + ":1=program-target " + f + ":1=no-target", "FALSE", "-", "1=0+0+0+1"},
        {"/dev/null\n", f + ":1=file-target " + f + ":1=no-target", "FALSE", "-", "1=0+0+0+1"},
        {":include:/home/ada/friends\n", f + ":1=include-target " + f + ":1=no-target", "FALSE", "-", "1=0+0+0+1"},
        // nothing to do
        {"\\ada\n", "", "FALSE", "-", "1=0+0+1+0"},
        {"", "", "FALSE", "-", "0=0+0+0+0"},
        {"\n# nothing\n", "", "FALSE", "-", "2=2+0+0+0"},
        // no good text
        {std::string("x@exa\0mple.net\nbob\n", 19), f + ":1=nul-byte " + f + ":2=forward-local", "TRUE", bob, "2=0+0+1+1"},
        {"x@ex\xE0mple.net\nbob\n", f + ":1=converted " + f + ":1=non-ascii-target " + f + ":1-2=forward-local", "TRUE", bob, "2=0+0+2+0"},
        {"# Exim filter\nif $h_subject: contains x then deliver x@example.net endif\n", f + ":1=forward-unreadable", "FALSE", "-", "1=0+0+0+1"},
        {"#Sieve  Filter <<==\nredirect \"x@example.net\";\n", f + ":1=forward-unreadable", "FALSE", "-", "1=0+0+0+1"},
        {"# no Exim filter\nx@example.net\n", f + ":2=forward-outside", "TRUE", "x@example.net", "2=1+0+1+0"},
        {":fail: gone, ask x@example.net\n", f + ":1=refused-alias " + f + ":1=no-target", "FALSE", "-", "1=0+0+0+1"},
        {"\x1F\x8B\x08 and so on", f + ":1=forward-unreadable", "FALSE", "-", "1=0+0+0+1"},
        {"ada\rbob\rx@example.net\r", f + ":1=forward-unreadable", "FALSE", "-", "1=0+0+0+1"},
        {"\"open\nbob\n", f + ":1=bad-target " + f + ":1-2=forward-local", "TRUE", bob, "2=0+0+2+0"},
    };
    for (const row& r : rows) {
        CAPTURE(r.text);
        const old_root root;
        root.write("home/ada/.forward", r.text);
        const auto out = convert({.passwd = passwd}, root.options());
        CHECK(root.codes(out) == r.codes);
        CHECK(values(out.account("ada"), "forwardActive") == r.active);
        CHECK(values(out.account("ada"), "maildrop") == r.targets);
        CHECK(sum(out) == r.counts);
    }
}

TEST_CASE("the alias map comes first, and the file counts where it lets it") {
    struct row {
        std::string aliases, text, codes, targets;
    };
    const std::string f = "/home/ada/.forward";
    const std::vector<row> rows = {
        {"ada: bob\n", "x@example.net\n", "aliases:1=forward-local " + f + ":1=forward-unused", bob},
        {"ada: \\ada, bob\n", "x@example.net\n", "aliases:1=kept-copy " + f + ":1=forward-unused", ada + "|" + bob},
        {"ada: ada, bob\n", "x@example.net\n", "aliases:1=forward-local " + f + ":1=forward-united", outside + "|" + bob},
        {"ada: ada@example.org, bob\n", "\\ada, x@example.net\n", "aliases:1=kept-copy " + f + ":1=forward-united", ada + "|" + outside + "|" + bob},
        {"ada: ada\n", "x@example.net\n", "aliases:1=forward-outside " + f + ":1=forward-united", outside},
        {"ada: |prog\n", "x@example.net\n", "aliases:1=program-target aliases:1=no-target " + f + ":1=forward-unused", "-"},
        {"l: ada\n", "x@example.net\n", f + ":1=forward-outside", outside},
        {"l: \\ada\n", "x@example.net\n", "aliases:1=forward-bypassed " + f + ":1=forward-outside", outside},
        {"l: bob, x@example.net\n", "l\n", f + ":1=forward-local", "l@example.org"},
        {"l: ada, bob\n", "l\n", "aliases:1=loop " + f + ":1=loop " + f + ":1=kept-copy", ada + "|" + bob},
        {"l: ada\n", "l\n", f + ":1=loop-only", "-"},
    };
    for (const row& r : rows) {
        CAPTURE(r.aliases);
        const old_root root;
        root.write("home/ada/.forward", r.text);
        const auto out = convert({.passwd = passwd, .aliases = r.aliases}, root.options());
        CHECK(root.codes(out) == r.codes);
        CHECK(values(out.account("ada"), "maildrop") == r.targets);
    }
}

TEST_CASE("two who forward to each other keep their mail") {
    const old_root root;
    root.write("home/ada/.forward", "bob\n");
    root.write("home/bob/.forward", "ada\n");
    const auto out = convert({.passwd = passwd}, root.options());
    CHECK(root.codes(out) == "/home/ada/.forward:1=loop-only /home/bob/.forward:1=loop-only");
    CHECK(values(out.account("ada"), "forwardActive") == "FALSE");
    CHECK(sum(out) == "2=0+0+0+2");
}

TEST_CASE("a .forward is looked for in the home and below the login") {
    const old_root root;
    root.write("home/ada/.forward", "x@example.net\n");
    root.write("ada/.forward", "y@example.net\n");
    root.write("bob/.forward", "z@example.net\n");
    const auto out = convert({.passwd = passwd}, root.options());
    CHECK(values(out.account("ada"), "maildrop") == outside);
    CHECK(values(out.account("bob"), "maildrop") == "z@example.net");
    CHECK(out.report.notes.front() == "~/.forward files: 2 were found for 2 accounts");
    CHECK(convert({.passwd = passwd}).report.notes.front().find("were not looked at") != std::string::npos);
}

TEST_CASE("links to homes are followed below the root and never out of it") {
    const old_root root;
    const old_root other;
    root.write("export/bob/.forward", "x@example.net\n");
    other.write("ada/.forward", "y@example.net\n");
    fs::create_directories(root.path() + "/home");
    fs::create_symlink("/export/bob", root.path() + "/home/bob");
    fs::create_symlink(other.path() + "/ada", root.path() + "/home/ada");
    const std::string climber = "eve:x:1003:100::/home/../../../../../.." + other.path() + "/ada:/bin/sh\n";
    const auto out = convert({.passwd = passwd + climber}, root.options());
    CHECK(values(out.account("bob"), "maildrop") == outside);
    CHECK(values(out.account("ada"), "maildrop") == "-");
    CHECK(values(out.account("eve"), "maildrop") == "-");
}

TEST_CASE("what the mail server ignored is skipped") {
    const auto codes = [](auto&& change, vmail::nis::dialect d = vmail::nis::dialect::postfix) {
        const old_root root;
        change(root, root.write("home/ada/.forward", "# to me\nx@example.net\n"));
        auto o = root.options();
        o.dialect = d;
        const auto out = convert({.passwd = passwd}, o);
        return root.codes(out) + ' ' + sum(out);
    };
    const std::string ignored = "/home/ada/.forward:1-2=forward-ignored 2=0+0+0+2";
    const std::string no_file = "/home/ada/.forward:1=forward-ignored 1=0+0+0+1";
    const std::string heeded = "/home/ada/.forward:2=forward-outside 2=1+0+1+0";
    const auto sendmail = vmail::nis::dialect::sendmail;
    const auto set_mode = [](unsigned mode) { return [mode](const old_root&, const std::string& file) { fs::permissions(file, fs::perms{mode}); }; };
    CHECK(codes(set_mode(0644)) == heeded);
    CHECK(codes(set_mode(0646)) == ignored);
    CHECK(codes(set_mode(0664)) == heeded);
    CHECK(codes(set_mode(0664), sendmail) == ignored);
    const auto make_link = [](const old_root& root, const std::string& file) {
        fs::rename(file, root.path() + "/home/ada/real");
        fs::create_symlink("/home/ada/real", file);
    };
    CHECK(codes(make_link) == no_file);
    CHECK(codes(make_link, sendmail) == heeded);
    const auto make_pipe = [](const old_root&, const std::string& file) {
        fs::remove(file);
        REQUIRE(::mkfifo(file.c_str(), 0644) == 0);
    };
    CHECK(codes(make_pipe) == no_file);
    const auto make_folder = [](const old_root&, const std::string& file) {
        fs::remove(file);
        fs::create_directory(file);
    };
    CHECK(codes(make_folder) == no_file);
    const auto make_large = [](const old_root&, const std::string& file) { fs::resize_file(file, 1024 * 1024 + 1); };
    CHECK(codes(make_large) == "/home/ada/.forward:1=forward-unreadable 1=0+0+0+1");
    if (::geteuid() != 0) {
        CHECK(codes(set_mode(0000)) == "/home/ada/.forward:1=forward-unreadable 1=0+0+0+1");
        return;
    }
    const auto give_to = [](unsigned uid) {
        return [uid](const old_root&, const std::string& file) { REQUIRE(::chown(file.c_str(), uid, 0) == 0); };
    };
    CHECK(codes(give_to(1001)) == heeded);
    CHECK(codes(give_to(1002)) == ignored);
}

TEST_CASE("a list names the files") {
    const old_root root;
    const std::string of_ada = root.write("collected/1", "x@example.net\n");
    const std::string of_bob = root.write("collected/a file", "\\bob\n");
    const std::string list = fmt::format("# login path\n\nada\t{}\nBOB  {}\nzoe {}\nada {}\nada\n", of_ada, of_bob, of_ada, of_bob);
    const auto out = convert({.passwd = passwd, .forward_list = list});
    CHECK(root.codes(out) == "list:5=orphan list:6=duplicate-forward list:7=field-count /collected/1:1=forward-outside");
    CHECK(out.counts("list") == "7=2+0+2+3");
    CHECK(sum(out) == "2=0+0+2+0");
    CHECK(values(out.account("ada"), "maildrop") == outside);
    const auto missing = convert({.passwd = passwd, .forward_list = "ada " + root.path() + "/none\n"});
    CHECK(root.codes(missing) == "/none:1=forward-unreadable");
    CHECK(sum(missing) == "1=0+0+0+1");
}

TEST_CASE("a folder that is not there is an error") {
    auto o = nis_case::default_options();
    o.forward_root = "/nonexistent/root";
    try {
        convert({.passwd = passwd}, o);
        FAIL("it was read");
    } catch (const vmail::error& e) {
        CHECK(e.kind() == vmail::error_kind::input_missing);
    }
}

TEST_CASE("an :include: in a .forward file is put in from the old root") {
    const old_root root;
    root.write("home/ada/.forward", ":include:/home/ada/friends\n");
    root.write("home/ada/friends", "bob\nx@example.net\n");
    auto o = root.options();
    o.include_root = root.path();
    const auto out = convert({.passwd = passwd}, o);
    CHECK(root.codes(out) == "/home/ada/.forward:1=include-expanded /home/ada/.forward:1=forward-local");
    CHECK(values(out.account("ada"), "maildrop") == bob + "|" + outside);
}

TEST_CASE("what a symbolic link of the old server names is the old server's") {
    const old_root root;
    root.write("real/members", "x@example.net\n");
    fs::create_directories(fs::path(root.path()) / "lists");
    const auto link = [&root](const char* to, const char* name) { fs::create_symlink(to, fs::path(root.path()) / name); };
    link("/real/members", "lists/absolute");
    link("../../../../real/members", "lists/above");
    link("/real", "moved");
    link("/etc/passwd", "lists/this-machine");
    link("/lists/circle", "lists/circle");
    auto o = nis_case::default_options();
    o.include_root = root.path();
    for (const char* path : {"/lists/absolute", "/lists/above", "/moved/members", "/lists/../../real/members"}) {
        CAPTURE(path);
        const auto out = convert({.passwd = passwd, .aliases = fmt::format("l: :include:{}\n", path)}, o);
        CHECK(out.codes() == "aliases:1=include-expanded");
        CHECK(values(out.with_mail("l@example.org"), "maildrop") == outside);
    }
    REQUIRE(::mkfifo((fs::path(root.path()) / "lists/pipe").c_str(), 0644) == 0);
    for (const char* path : {"/lists/this-machine", "/lists/circle", "/lists/pipe", "/lists", "/etc/passwd"}) {
        CAPTURE(path);
        const auto out = convert({.passwd = passwd, .aliases = fmt::format("l: bob, :include:{}\n", path)}, o);
        CHECK(out.codes() == "aliases:1=include-target");
    }
}
