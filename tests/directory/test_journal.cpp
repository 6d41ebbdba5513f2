#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/jobs/former_folders.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/printable.hpp>

#include "entries.hpp"
#include "support/scratch_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;
using entries::kind_of_failure;
namespace fs = std::filesystem;

namespace {

const auto where = entries::layout_of("dc=example,dc=org");
const auto example = domain_name::parse("example.org");

ldap::entry bob() { return entries::mailbox(where, "bob", example); }

ldap::precondition guard() { return {.entry_uuid = "0-uuid", .entry_csn = "20261231#1"}; }

ldap::write_result refused(int code, const std::string& words) { return {ldap::outcome::not_done, {.code = code, .diagnostic = words}, false}; }

ldap::write_result done_after(const ldap::entry& before) {
    ldap::write_result r{ldap::outcome::done, {}, false};
    r.result.pre_read = before;
    ldap::entry after(before.dn());
    after.set("entryUUID", "0-uuid");
    after.set("entryCSN", "20261231#2");
    r.result.post_read = after;
    return r;
}

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

std::vector<journal_record> read(const fs::path& file) {
    journal_reader reader(file);
    std::vector<journal_record> all;
    while (auto r = reader.next()) all.push_back(std::move(*r));
    return all;
}

std::string ldif_of(const ldap::write_request& r) {
    std::ostringstream out;
    ldap::ldif_writer(out).write(r);
    return out.str();
}

struct fixture {
    scratch_directory scratch;
    const planned_change why{.subject = "bob@example.org", .action = "changed", .why = "it was asked for"};

    /// One request of each kind, of which the last has no outcome.
    std::vector<ldap::write_request> requests() const {
        ldap::entry odd = bob();
        odd.set("description", std::vector<std::string>{" begins with a blank", std::string("NUL \0 and \xFF", 11), "ümläut", "two\nlines", std::string(500, 'x')});
        return {ldap::add_request{odd}, ldap::modify_request{bob().dn(), {{ldap::change::add, "cn", {"Bób"}}, {ldap::change::remove, "sn", {}}, {ldap::change::replace, "delete", {"TRUE"}}}, guard()},
                ldap::rename_request{bob().dn(), where.mailbox(address::parse("robert@example.org")), guard(), true}, ldap::delete_request{bob().dn(), guard()}};
    }

    fs::path written() const {
        auto kept = journal::create(scratch.path(), {.job = "mailbox set", .server = "ldapi:///", .identity = "cn=mailctl", .tree = "o=hosting", .directory = "1-uuid"});
        std::vector<std::size_t> numbers;
        for (const auto& r : requests()) numbers.push_back(kept.intend(r, why));
        kept.record(numbers[1], done_after(bob()));
        kept.record(numbers[0], {ldap::outcome::done, {}, true});
        kept.record(numbers[2], refused(68, "no,\nthanks"));
        kept.flush();
        kept.close();
        return kept.path();
    }
};

} // namespace

TEST_CASE("a journal is read as it was written, whatever the values and in whatever order the answers came") {
    fixture t;
    const auto file = t.written();
    journal_reader reader(file);
    CHECK(reader.heading().job == "mailbox set");
    CHECK(reader.heading().server == "ldapi:///");
    CHECK(reader.heading().identity == "cn=mailctl");
    CHECK(reader.heading().tree == "o=hosting");
    CHECK(reader.heading().directory == "1-uuid");
    CHECK_FALSE(reader.heading().begun.empty());
    const auto all = read(file);
    REQUIRE(all.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(all[i].number == i + 1);
        CHECK(ldif_of(all[i].request) == ldif_of(t.requests()[i]));
        CHECK(all[i].subject == "bob@example.org");
        CHECK(all[i].action == "changed");
        CHECK(all[i].why == "it was asked for");
        CHECK_FALSE(all[i].time.empty());
    }
    CHECK(all[0].result == "done");
    CHECK(all[1].result == "done");
    CHECK(all[1].entry_uuid == "0-uuid");
    CHECK(all[1].version_before == "20261231#1");
    CHECK(all[1].version == "20261231#2");
    CHECK(ldap::diff(all[1].before.value(), bob()).empty());
    CHECK(all[2].result == "refused");
    CHECK(all[2].code == "entryAlreadyExists");
    CHECK(all[2].words == "no,\nthanks");
    CHECK_FALSE(all[2].before);
    CHECK(std::get<ldap::rename_request>(all[2].request).keep_old_value);
    CHECK(all[3].result.empty()); // nobody lived to see it
}

TEST_CASE("what was read of an entry is on record with what is asked for, once, and only of the very version") {
    fixture t;
    ldap::entry read_before = bob();
    read_before.set("entryUUID", "0-uuid");
    read_before.set("entryCSN", "20261231#1");
    const auto whole = ldap::precondition::unchanged_whole(read_before);
    auto another = whole;
    another.entry_csn = "20261231#2"; // our own write came between
    const std::vector<ldap::modification> change = {{ldap::change::replace, "cn", {"Robert"}}};
    auto kept = journal::create(t.scratch.path(), {.job = "mailbox set"});
    for (const auto& guard : {whole, another, whole}) kept.intend(ldap::modify_request{bob().dn(), change, guard}, t.why);
    kept.record(1, done_after(read_before));
    kept.record(2, done_after(read_before));
    kept.close();
    const auto all = read(kept.path());
    REQUIRE(all.size() == 3);
    CHECK(ldap::diff(all[0].before.value(), read_before).empty());
    CHECK(ldap::diff(all[1].before.value(), read_before).empty());
    CHECK(ldap::diff(all[2].before.value(), read_before).empty()); // nobody lived to see it
    const std::string text = contents(kept.path());
    std::size_t entries = 0;
    for (auto at = text.find("\nmailbox: "); at != std::string::npos; at = text.find("\nmailbox: ", at + 1)) ++entries;
    CHECK(entries == 3);
    CHECK(text.find("before: 2\n") == std::string::npos);
}

TEST_CASE("a journal that was cut off anywhere is read up to what is whole") {
    fixture t;
    const auto file = t.written();
    const std::string text = contents(file);
    const auto whole = read(file);
    const std::size_t heading = text.find("\n\n") + 2;
    const fs::path cut = t.scratch.path() / "cut.journal";
    for (std::size_t length = heading; length < text.size(); ++length) {
        CAPTURE(length);
        write(cut, text.substr(0, length));
        const auto got = read(cut);
        REQUIRE(got.size() <= whole.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
            REQUIRE(ldif_of(got[i].request) == ldif_of(whole[i].request));
            const bool is_whole_or_unknown = got[i].result.empty() || got[i].result == whole[i].result;
            REQUIRE(is_whole_or_unknown);
            REQUIRE((got[i].result.empty() || got[i].before.has_value() == whole[i].before.has_value()));
        }
    }
}

TEST_CASE("what is no journal, or a broken one, is named with its line") {
    fixture t;
    const auto file = t.written();
    const std::string text = contents(file);
    const auto complaint = [&](const std::string& broken) -> std::string {
        write(file, broken);
        try {
            read(file);
        } catch (const invalid_value& e) {
            return e.what();
        }
        return "(none)";
    };
    const auto with = [&](const std::string& what, const std::string& instead) {
        std::string changed = text;
        const auto at = changed.find(what);
        REQUIRE(at != std::string::npos);
        return changed.replace(at, what.size(), instead);
    };
    const auto line_of = [&](const std::string& what) { return std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find(what)), '\n')); };
    CHECK(complaint("dn: o=hosting\nobjectClass: top\n\n") == file.native() + " is not a journal");
    CHECK(complaint("") == file.native() + " is not a journal");
    CHECK(complaint(with("journal: 1", "journal: 2")) == file.native() + " is not a journal");
    CHECK(complaint(with("request: 2", "request: two")).starts_with(file.native() + ":" + line_of("request: 2") + ": "));
    CHECK(complaint(with("request: 2", "nonsense")).starts_with(file.native() + ":" + line_of("request: 2") + ": "));
    CHECK(complaint(with("request: 2", "answer: 2")).starts_with(file.native() + ":" + line_of("request: 2") + ": "));
    CHECK(complaint(with("outcome: 1", "outcome: 7")).starts_with(file.native() + ":" + line_of("outcome: 1") + ": "));
    CHECK(complaint(with("changetype: modify", "changetype: modified")).starts_with(file.native() + ":" + line_of("changetype: modify") + ": "));
    CHECK(complaint(text) == "(none)");
    CHECK(kind_of_failure([&] { journal_reader reader(t.scratch.path() / "nowhere"); }) == error_kind::input_missing);
}

TEST_CASE("passwords in clear text get into no journal") {
    fixture t;
    ldap::entry e = bob();
    e.set("clearPassword", "geheim");
    e.set("userPassword", std::vector<std::string>{"geheim", "{CLEARTEXT}geheim", "{PLAIN.B64}Z2VoZWlt", "{mein geheim}1", "{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"});
    auto kept = journal::create(t.scratch.path(), {.job = "x"});
    kept.intend(ldap::add_request{e}, t.why);
    const auto number = kept.intend(ldap::modify_request{e.dn(), {{ldap::change::replace, "userPassword", {"geheim"}}, {ldap::change::add, "userPassword", {"{PLAIN}geheim"}}, {ldap::change::replace, "cn", {"Bob"}}}}, t.why);
    kept.record(number, done_after(e));
    e.set("entryUUID", "0-uuid");
    e.set("entryCSN", "20261231#1");
    kept.intend(ldap::delete_request{e.dn(), ldap::precondition::unchanged_whole(e)}, t.why);
    kept.close();
    const std::string text = contents(kept.path());
    CHECK(text.find("before: 3") != std::string::npos);
    CHECK(text.find("geheim") == std::string::npos);
    CHECK(text.find("Z2VoZWlt") == std::string::npos); // in base64
    CHECK(text.find("{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX") != std::string::npos);
    CHECK(text.find("clearPassword: ") == std::string::npos);
}

TEST_CASE("a journal names itself, and says when it ended") {
    fixture t;
    const auto file = t.written();
    CHECK(is_journal(contents(file)));
    CHECK_FALSE(is_journal("dn: o=hosting"));
    CHECK(contents(file).find("\nended: ") != std::string::npos);
    const std::string id = journal_id(file);
    CHECK(file.filename().native() == id + "-mailbox-set.journal");
    const auto second = t.written(); // of the same second
    CHECK(second != file);
    CHECK(journal_id(second) != id);
    CHECK(list_journals(t.scratch.path()).size() == 2);
    CHECK(list_journals(t.scratch.path() / "nowhere").empty());
}

TEST_CASE("journals are pruned by age and by size, the oldest first, and never one that may still be written") {
    fixture t;
    const auto now = fs::file_time_type::clock::now();
    const auto kept_one = [&](int days_old, const std::string& end, std::size_t size) {
        const fs::path file = t.scratch.path() / (std::to_string(days_old) + end.substr(0, end.find(':')) + ".journal");
        write(file, "journal: 1\n\n" + std::string(size, 'x') + "\n" + end);
        fs::last_write_time(file, now - std::chrono::hours(24 * days_old + 1));
        return file;
    };
    const std::string end = "ended: 2026-12-31T00:00:00Z\n";
    const auto oldest = kept_one(40, end, 100), old = kept_one(20, end, 100), young = kept_one(2, end, 100), running = kept_one(0, "", 100000);
    write(t.scratch.path() / "former-folders", "/home\tx\n");
    SUBCASE("without limits all stay") {
        CHECK(prune_journals(t.scratch.path(), {}) == 0);
        CHECK(fs::exists(oldest));
    }
    SUBCASE("by age") {
        CHECK(prune_journals(t.scratch.path(), {.longest = std::chrono::hours(24 * 30)}) == 1);
        CHECK_FALSE(fs::exists(oldest));
        CHECK(fs::exists(old));
    }
    SUBCASE("by size") {
        CHECK(prune_journals(t.scratch.path(), {.bytes = fs::file_size(running) + 2 * fs::file_size(young)}) == 1);
        CHECK_FALSE(fs::exists(oldest));
        CHECK(fs::exists(old));
        CHECK(prune_journals(t.scratch.path(), {.bytes = 1}) == 2);
        CHECK_FALSE(fs::exists(young));
    }
    SUBCASE("all that have ended") { CHECK(prune_journals(t.scratch.path(), {.longest = std::chrono::hours(0)}) == 3); }
    CHECK(fs::exists(running));
    CHECK(fs::exists(t.scratch.path() / "former-folders"));
    CHECK(prune_journals(t.scratch.path() / "nowhere", {.bytes = 0}) == 0);
}

TEST_CASE("a run that was killed long ago is no run that may still be at work") {
    fixture t;
    const fs::path file = t.scratch.path() / "killed.journal";
    write(file, "journal: 1\n\nrequest: 1\n");
    CHECK(prune_journals(t.scratch.path(), {.bytes = 0}) == 0);
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(25));
    CHECK(prune_journals(t.scratch.path(), {.bytes = 0}) == 1);
}

TEST_CASE("former folders are one for each line, whatever the directory held, and stay where they are put down twice") {
    scratch_directory scratch;
    for (const char* path : {"example.org/bob/", "example.org/an\nn", "", "example.org/bob"}) former_folders::append(scratch.path(), "/home/vmail", path, "ann\t@example.org");
    std::ofstream(scratch.path() / "former-folders", std::ios::app) << "/home/vmail\texample.org/without\n/home/vmail\texample.org/again\tann@example.org\n/home/vmail\texample.org/again\tbob@example.org\n";
    const auto known = former_folders::in(scratch.path());
    CHECK(known.owner("/home/vmail", "example.org/bob/") == printable("ann\t@example.org"));
    CHECK(known.owner("/home/vmail", "example.org/without/") == "");
    CHECK(known.owner("/home/vmail", "example.org/again/") == "bob@example.org");
    CHECK_FALSE(known.owner("/home/vmail", "example.org/an"));
    CHECK(known.contains("/home/vmail", "example.org/bob"));
    CHECK(known.contains("/home/vmail", "example.org/bob/"));
    CHECK(known.contains("/home/vmail", "example.org/an\nn/"));
    CHECK_FALSE(known.contains("/home/vmail", "example.org/an"));
    CHECK_FALSE(known.contains("/home/vmail", "n"));
    CHECK(kind_of_failure([] { former_folders::append("/proc/nowhere", "/home", "x", {}); }) == error_kind::unavailable);
}
