#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <stdlib.h>

#include <vmail/error.hpp>

#include <mbox/convert.hpp>

namespace {

namespace fs = std::filesystem;
using namespace vmail::mbox;

const std::string from = "From a@b Thu Nov 20 15:30:00 2003\n";

std::string mail(const std::string& subject, const std::string& header = {}) {
    return from + "Subject: " + subject + "\n" + header + "\n" + subject + "\n\n";
}

/// More than a reader takes at once, and runs ahead.
std::string large_mbox() {
    std::string text;
    for (int i = 0; i < 12; ++i) text += from + "Subject: " + std::to_string(i) + "\n\n" + std::string(2'000'000, 'x') + "\n\n";
    return text;
}

/// A folder for one test, with a Maildir that is not there yet.
struct scratch {
    scratch() {
        std::string name = (fs::temp_directory_path() / "mbox.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        dir = name;
        o.maildir = (dir / "Maildir").string();
        o.sync = false;
        o.lock_timeout = std::chrono::seconds(0);
        o.messages.zone = vmail::time_zone::named("UTC");
    }
    ~scratch() {
        std::error_code ignored;
        fs::remove_all(dir, ignored);
    }

    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(dir / name, std::ios::binary) << text;
        return (dir / name).string();
    }
    std::string read(const std::string& name) const {
        std::ifstream in(dir / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    /// Files in a directory below the Maildir.
    std::ptrdiff_t count(const std::string& place) const {
        const fs::path where = dir / "Maildir" / place;
        return fs::exists(where) ? std::distance(fs::directory_iterator(where), fs::directory_iterator()) : 0;
    }
    std::ptrdiff_t messages() const { return count("cur") + count("new"); }

    fs::path dir;
    options o;
};

bool found(const report& r, code what) {
    return std::any_of(r.found.begin(), r.found.end(), [&](const finding& f) { return f.code == what; });
}

vmail::error_kind kind_of(const options& o) {
    try {
        convert(o);
    } catch (const vmail::error& e) {
        return e.kind();
    }
    FAIL("nothing was thrown");
    return vmail::error_kind::internal;
}

} // namespace

TEST_CASE("of an mbox that grows, shrinks or is written again while it is read, nothing is converted, and all of it the next time") {
    const auto grow = [](const std::string& path) { std::ofstream(path, std::ios::app) << mail("late"); };
    const auto shrink = [](const std::string& path) { fs::resize_file(path, 100); };
    const auto touch = [](const std::string& path) { fs::last_write_time(path, fs::file_time_type::clock::now() + std::chrono::hours(1)); };
    for (const auto& change : std::vector<std::function<void(const std::string&)>>{grow, shrink, touch}) {
        scratch s;
        const std::string path = s.file("inbox", large_mbox());
        s.o.sources = {path};
        bool changed = false;
        s.o.progress = [&](const std::string&, std::uint64_t, std::uint64_t) {
            if (!changed) change(path);
            changed = true;
        };
        const report first = convert(s.o);
        CHECK(found(first, code::changed));
        CHECK(first.folders.empty());
        CHECK(s.messages() == 0);
        CHECK(s.count("tmp") == 0);
        CHECK_FALSE(fs::exists(path + ".lock"));
        s.file("inbox", large_mbox());
        const report second = convert(s.o);
        CHECK(second.found.empty());
        CHECK(s.messages() == 12);
    }
}

TEST_CASE("a run that is stopped leaves nothing behind, and the next one does everything") {
    scratch s;
    const std::string path = s.file("inbox", large_mbox());
    std::atomic<bool> stop = false;
    s.o.sources = {path};
    s.o.stop = &stop;
    s.o.progress = [&](const std::string&, std::uint64_t, std::uint64_t) { stop = true; };
    CHECK(kind_of(s.o) == vmail::error_kind::interrupted);
    CHECK(s.messages() == 0);
    CHECK(s.count("tmp") == 0);
    CHECK_FALSE(fs::exists(path + ".lock"));
    stop = false;
    s.o.progress = {};
    CHECK(convert(s.o).folders.at(0).messages.converted == 12);
    CHECK(s.messages() == 12);
}

TEST_CASE("a file that is named twice, or lies in a tree as well, is converted once, and for INBOX") {
    scratch s;
    fs::create_directory(s.dir / "mail");
    const std::string path = s.file("mail/mbox", mail("one"));
    s.o.inboxes = {path};
    s.o.sources = {(s.dir / "mail").string(), path};
    const report r = convert(s.o);
    REQUIRE(r.folders.size() == 1);
    CHECK(r.folders[0].folder.is_inbox());
    CHECK(r.folders[0].messages.converted == 1);
    CHECK(s.count(".mbox") == 0);
}

TEST_CASE("the same mail in two mboxes of one folder is there twice, and still so after a second run") {
    scratch s;
    s.o.sources = {s.file("a", mail("one") + mail("two")), s.file("b", mail("one") + mail("three"))};
    const report first = convert(s.o);
    CHECK(first.folders.at(0).messages.converted == 4);
    CHECK(first.folders.at(0).sources.size() == 2);
    CHECK(s.messages() == 4);
    CHECK(convert(s.o).folders.at(0).messages.there == 4);
    CHECK(s.messages() == 4);
}

TEST_CASE("what goes wrong with one mbox stops no other one") {
    scratch s;
    fs::create_directory(s.dir / "mail");
    s.file("mail/a", "no mbox\n");
    s.file("mail/b", mail("one"));
    s.file("mail/b.lock", "");
    s.file("mail/c", mail("one"));
    s.o.sources = {(s.dir / "mail").string()};
    const report r = convert(s.o);
    CHECK(found(r, code::not_mbox));
    CHECK(found(r, code::locked));
    REQUIRE(r.folders.size() == 1);
    CHECK(r.folders[0].folder.imap() == "c");
    CHECK(r.has(level::retry));
}

TEST_CASE("mboxes that have years for names are mboxes, and messages of MH are none") {
    scratch s;
    for (const char* const name : {"years", "mh", "mixed", "mh/years", "plain", "dirs", "dirs/2016", "blank", "noted"})
        fs::create_directories(s.dir / "mail" / name);
    s.file("mail/years/2016", mail("one"));
    s.file("mail/years/2017", "");
    s.file("mail/blank/2016", "\n\n" + mail("one"));
    s.file("mail/mh/.mh_sequences", "");
    s.file("mail/mh/1", "Subject: one\n\none\n");
    s.file("mail/mh/2", "Subject: two\n\ntwo\n");
    s.file("mail/mh/years/2018", mail("one"));
    s.file("mail/plain/12", "Received: x\n\none\n");
    s.file("mail/mixed/1", "Subject: one\n\none\n");
    s.file("mail/mixed/2019", mail("one"));
    s.file("mail/dirs/2016/may", mail("one"));
    s.file("mail/noted/.mh_sequences", "");
    s.file("mail/noted/letters", mail("one"));
    s.o.sources = {(s.dir / "mail").string()};
    const report r = convert(s.o);
    std::vector<std::string> names, skipped;
    for (const folder_report& f : r.folders) names.push_back(f.folder.imap());
    for (const finding& f : r.found)
        if (row_of(f.code).level == level::skip)
            skipped.push_back(fs::path(f.where).lexically_relative(s.dir / "mail").string() + ' ' + std::string(row_of(f.code).word));
    CHECK(names ==
          std::vector<std::string>{"blank.2016", "dirs.2016.may", "mh.years.2018", "mixed.2019", "noted.letters", "years.2016", "years.2017"});
    std::sort(skipped.begin(), skipped.end());
    CHECK(skipped == std::vector<std::string>{"mh other-mailbox", "mixed/1 not-mbox", "plain other-mailbox"});
}

TEST_CASE("what was named and cannot be is said before anything is made") {
    scratch s;
    const std::string good = s.file("good", mail("one"));
    const auto refused = [&](auto change) {
        options o = s.o;
        o.sources = {good};
        change(o);
        const vmail::error_kind kind = kind_of(o);
        CHECK_FALSE(fs::exists(s.o.maildir));
        return kind;
    };
    CHECK(refused([&](options& o) { o.subscriptions = (s.dir / "missing").string(); }) == vmail::error_kind::input_missing);
    CHECK(refused([&](options& o) { o.sources.push_back((s.dir / "missing").string()); }) == vmail::error_kind::input_missing);
    CHECK(refused([&](options& o) { o.inboxes = {s.dir.string()}; }) == vmail::error_kind::usage);
    const std::string bad = s.file("bad", "no mbox\n");
    CHECK(refused([&](options& o) { o.inboxes = {bad}; }) == vmail::error_kind::invalid_value);
    CHECK_FALSE(fs::exists(good + ".lock"));
}

TEST_CASE("a damaged ledger stops the run: without it deleted mail would come back") {
    scratch s;
    s.o.sources = {s.file("inbox", mail("one"))};
    convert(s.o);
    const std::string book = s.read("Maildir/mbox2maildir-ledger");
    s.file("Maildir/mbox2maildir-ledger", book.substr(0, book.size() - 3));
    CHECK(kind_of(s.o) == vmail::error_kind::invalid_value);
    CHECK(s.messages() == 1);
}

TEST_CASE("of 30 keywords 26 are kept, and the others are reported") {
    scratch s;
    std::string keywords;
    for (int i = 0; i < 30; ++i) keywords += " k" + std::to_string(i);
    s.o.sources = {s.file("inbox", mail("one", "X-Keywords:" + keywords + "\nStatus: R\n") + mail("two", "X-Keywords: K3 k3\nStatus: O\n"))};
    const report r = convert(s.o);
    CHECK(std::count_if(r.found.begin(), r.found.end(), [](const finding& f) { return f.code == code::keywords_left_out; }) == 4);
    std::vector<std::string> names;
    for (const auto& e : fs::directory_iterator(s.dir / "Maildir/cur"))
        names.push_back(e.path().filename().string().substr(e.path().filename().string().find(":2,")));
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{":2,Sabcdefghijklmnopqrstuvwxyz", ":2,d"});
}

TEST_CASE("UIDs that do not rise are not kept, and that is said") {
    scratch s;
    s.o.sources = {s.file("inbox", mail("one", "X-IMAPbase: 1000 7\nX-UID: 7\n") + mail("two", "X-UID: 3\n"))};
    CHECK(found(convert(s.o), code::uids_not_kept));
    const std::string list = s.read("Maildir/dovecot-uidlist");
    CHECK(list.find(" V1000 ") == std::string::npos);
    CHECK(list.find("\n1 :") != std::string::npos);
    CHECK(list.find("\n2 :") != std::string::npos);
}

TEST_CASE("a list of UIDs that a mail server has made is left alone") {
    scratch s;
    fs::create_directories(s.dir / "Maildir/cur");
    fs::create_directories(s.dir / "Maildir/new");
    fs::create_directories(s.dir / "Maildir/tmp");
    s.file("Maildir/dovecot-uidlist", "3 V5 N9\n");
    s.file("Maildir/dovecot-keywords", "0 mine\n");
    s.o.sources = {s.file("inbox", mail("one", "X-IMAPbase: 1000 7\nX-UID: 7\nX-Keywords: theirs\n"))};
    CHECK(found(convert(s.o), code::uidlist_there));
    CHECK(s.read("Maildir/dovecot-uidlist") == "3 V5 N9\n");
    CHECK(s.read("Maildir/dovecot-keywords") == "0 mine\n1 theirs\n");
    CHECK_FALSE(fs::exists(s.dir / "Maildir/dovecot-uidlist.lock"));
    // While a server holds its lock, nothing gets its place.
    s.file("Maildir/dovecot-uidlist.lock", "");
    s.o.sources = {s.file("inbox", mail("two"))};
    CHECK(kind_of(s.o) == vmail::error_kind::conflict);
    CHECK(s.messages() == 1);
    CHECK(s.count("tmp") == 0);
}

TEST_CASE("sums that do not add up are a bug, and said to be one") {
    folder_report f;
    f.messages = {3, 1, 1, 1};
    f.bytes = {7, 1, 1, 1, 1, 2, 1};
    CHECK_NOTHROW(check(f));
    const auto throws = [](folder_report r) {
        try {
            check(r);
        } catch (const vmail::error& e) {
            return e.kind() == vmail::error_kind::internal;
        }
        return false;
    };
    folder_report lost = f;
    ++lost.messages.found;
    CHECK(throws(lost));
    lost = f;
    ++lost.bytes.read;
    CHECK(throws(lost));
}
