#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include <vmail/compact_text.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/own_files.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/jobs/passwords.hpp>
#include <vmail/password_form.hpp>

namespace vmail {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void misconfigured(std::string_view doing, const fs::path& path) {
    throw error(error_kind::configuration, fmt::format("cannot {} {}: {}", doing, printable(path.native()), system_reason()),
                {.remedy = remedy::name_another_journal_folder});
}

/// A second journal of the same second gets a number.
descriptor make_file(const fs::path& folder, const std::string& stem, const std::string& job, fs::path& path) {
    for (int n = 1; n < 1000; ++n) {
        path = folder / fmt::format("{}{}-{}.journal", stem, n == 1 ? "" : fmt::format(".{}", n), job);
        descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (fd) return fd;
        if (errno != EEXIST) break;
    }
    misconfigured("make the journal", path);
}

/// What a journal may hold of an entry: hashes yes, passwords never. Phamm's pages left some in clear text.
ldap::entry without_clear_passwords(const ldap::entry& e) {
    ldap::entry kept(e.dn());
    for (const ldap::attribute& a : e.attributes()) {
        if (jobs::is_clear_password(a.name)) continue;
        std::vector<std::string> values = a.values;
        if (jobs::is_user_password(a.name)) std::erase_if(values, [](const std::string& v) { return !is_password_hash(v); });
        kept.set(a.name, std::move(values));
    }
    return kept;
}

std::vector<ldap::modification> without_clear_passwords(const std::vector<ldap::modification>& changes) {
    std::vector<ldap::modification> kept;
    for (const ldap::modification& m : changes) {
        ldap::modification safe = m;
        if (jobs::is_clear_password(m.attribute)) safe.values.clear();
        if (jobs::is_user_password(m.attribute)) std::erase_if(safe.values, [](const std::string& v) { return !is_password_hash(v); });
        if (safe.what == ldap::change::add && safe.values.empty()) continue;
        kept.push_back(std::move(safe));
    }
    return kept;
}

/// The request as it may be kept.
ldap::write_request without_clear_passwords(const ldap::write_request& request) {
    ldap::write_request kept = request;
    if (auto* const add = std::get_if<ldap::add_request>(&kept)) add->entry = without_clear_passwords(add->entry);
    if (auto* const modify = std::get_if<ldap::modify_request>(&kept)) modify->changes = without_clear_passwords(modify->changes);
    return kept;
}

void line(std::ostream& out, std::string_view name, std::string_view value) {
    if (!value.empty()) out << ldap::ldif_line(name, value);
}

void write(std::ostream& out, const journal_heading& h) {
    out << "journal: 1\n";
    line(out, "job", h.job);
    line(out, "server", h.server);
    line(out, "identity", h.identity);
    line(out, "host", h.host);
    line(out, "user", h.user);
    line(out, "tree", h.tree);
    line(out, "directory", h.directory);
    line(out, "begun", h.begun);
    out << '\n';
}

std::string_view word_for(const ldap::write_result& r) {
    constexpr std::array<std::string_view, 4> words = {"done", "refused", "unknown", "not-sent"};
    return words[static_cast<std::size_t>(r.outcome)];
}

std::string name_of_host() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// Whoever is at the keyboard: sudo says so.
std::string name_of_user() {
    if (const char* const name = std::getenv("SUDO_USER"); name != nullptr && *name != '\0') return name;
    const passwd* const entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

/// Who may do nothing but set a new password may not see it either.
std::string uuid_of(directory& d, const ldap::dn& tree) {
    try {
        const auto there = d.session().find(tree, {"entryUUID"});
        return there ? there->first("entryUUID").value_or("") : "";
    } catch (const denied&) {
        return "";
    }
}

std::string as_file_name(std::string job) {
    for (char& c : job)
        if (!ascii::is_alnum(c)) c = '-';
    return job;
}

} // namespace

journal_heading journal_heading::of(const std::string& job, vmail::directory& d) {
    const auto& tree = d.site().layout.container();
    return {.job = job,
            .server = d.session().uri(),
            .identity = d.session().identity(),
            .host = name_of_host(),
            .user = name_of_user(),
            .tree = tree.text(),
            .directory = uuid_of(d, tree)};
}

struct journal::state {
    state(descriptor file, fs::path p) : fd(std::move(file)), path(std::move(p)) {}

    descriptor fd;
    fs::path path;
    std::ostringstream text{};
    std::string unwritten{};
    std::size_t requests = 0;
    std::unordered_set<std::size_t> with_entry; ///< requests that have the entry before them beside them, and no outcome yet
    bool empty = true; ///< nothing of it is on disk

    void write_all() {
        unwritten += std::move(text).str();
        text.str({});
        while (!unwritten.empty()) {
            const ssize_t count = ::write(fd.get(), unwritten.data(), unwritten.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail();
            empty = false;
            unwritten.erase(0, static_cast<std::size_t>(count));
        }
        if (::fdatasync(fd.get()) != 0) fail();
    }

    [[noreturn]] void fail() const {
        throw unavailable(fmt::format("cannot write the journal {}: {}", printable(path.native()), system_reason()),
                          {.remedy = remedy::make_room_for_journal});
    }

    void finish() {
        if (!fd) return;
        if (requests > 0) {
            fmt::print(text, "ended: {}\n", timestamp::now().rfc3339());
            write_all();
        }
        else if (empty) ::unlink(path.c_str());
        fd = descriptor();
    }
};

journal journal::create(const fs::path& folder, const journal_heading& heading) {
    if (!make_own_folder(folder)) misconfigured("make the folder", folder);
    const timestamp now = timestamp::now();
    fs::path path;
    descriptor fd = make_file(folder, fmt::format("{}-{}", compact_text(now), ::getpid()), as_file_name(heading.job), path);
    if (!sync_folder(folder)) misconfigured("write to the folder", folder);
    journal made;
    made.state_ = std::make_unique<state>(std::move(fd), std::move(path));
    journal_heading dated = heading;
    dated.begun = now.rfc3339();
    write(made.state_->text, dated);
    return made;
}

journal::journal() = default;
journal::journal(journal&&) noexcept = default;

journal& journal::operator=(journal&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

journal::~journal() {
    try {
        close();
    } catch (const error&) { // whoever wants to know calls close()
    }
}

const fs::path& journal::path() const noexcept { return state_->path; }

namespace {

/// "20261231235959.123456Z": where the server leaves no version behind, as of an entry's end and of what it refuses, our clock tells what came before what.
std::string moment_now() {
    const auto now = std::chrono::system_clock::now();
    const auto part = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()) % std::chrono::seconds(1);
    return fmt::format("{}.{:06}Z", timestamp(std::chrono::floor<std::chrono::seconds>(now)).digits(), part.count());
}

} // namespace

namespace {

/// As its guard has it: so it was before, if the request is carried out.
std::optional<ldap::entry> entry_before(const ldap::write_request& request) {
    const auto* const guard = guard_of(request);
    return guard != nullptr ? guard->entry_before() : std::nullopt;
}

} // namespace

std::size_t journal::intend(const ldap::write_request& request, const planned_change& why, std::size_t thing) {
    const std::size_t number = ++state_->requests;
    std::ostream& out = state_->text;
    fmt::print(out, "request: {}\ntime: {}\n", number, timestamp::now().rfc3339());
    line(out, "subject", why.subject);
    line(out, "action", why.action);
    line(out, "why", why.why);
    if (thing != 0) line(out, "thing", std::to_string(thing));
    if (const auto* const guard = guard_of(request)) {
        line(out, "entryUUID", guard->entry_uuid);
        line(out, "version", guard->entry_csn);
    }
    ldap::ldif_writer(out).write(without_clear_passwords(request));
    if (const auto before = entry_before(request)) {
        fmt::print(out, "before: {}\n", number);
        ldap::ldif_writer(out).write(without_clear_passwords(*before));
        state_->with_entry.insert(number);
    }
    return number;
}

void journal::record(std::size_t number, const ldap::write_result& r) {
    std::ostream& out = state_->text;
    fmt::print(out, "outcome: {}\nresult: {}\n", number, word_for(r));
    if (r.settled) out << "settled: yes\n";
    if (r.outcome == ldap::outcome::not_done && !r.result.ok()) fmt::print(out, "code: {}\n", ldap_code_name(r.result.code));
    line(out, "words", r.result.diagnostic);
    if (r.outcome == ldap::outcome::done && r.result.post_read) {
        line(out, "entryUUID", r.result.post_read->first("entryUUID").value_or(""));
        line(out, "version", r.result.post_read->first("entryCSN").value_or(""));
    } else {
        line(out, "moment", moment_now());
    }
    const bool is_there = state_->with_entry.erase(number) > 0;
    if (r.outcome == ldap::outcome::done && r.result.pre_read && !is_there) ldap::ldif_writer(out).write(without_clear_passwords(*r.result.pre_read));
    else out << '\n';
}

void journal::flush() { state_->write_all(); }

void journal::close() {
    if (state_) state_->finish();
}

namespace {

struct kept_file {
    fs::path path;
    std::uint64_t size = 0;
    fs::file_time_type changed;
};

std::vector<kept_file> oldest_first(const fs::path& folder) {
    std::vector<kept_file> all;
    std::error_code fault;
    for (const auto& e : fs::directory_iterator(folder, fault))
        if (e.path().extension() == ".journal" && e.is_regular_file(fault)) all.push_back({e.path(), e.file_size(fault), e.last_write_time(fault)});
    std::sort(all.begin(), all.end(), [](const kept_file& a, const kept_file& b) { return a.changed < b.changed; });
    return all;
}

bool has_ended(const fs::path& path) {
    std::ifstream in(path, std::ios::ate | std::ios::binary);
    const auto size = static_cast<std::streamoff>(in.tellg());
    in.seekg(std::max<std::streamoff>(0, size - 64));
    const std::string tail(std::istreambuf_iterator<char>(in), {});
    return tail.find("\nended: ") != std::string::npos;
}

} // namespace

std::size_t prune_journals(const fs::path& folder, const journal_limits& limits) {
    const auto all = oldest_first(folder);
    const auto now = fs::file_time_type::clock::now();
    std::uint64_t left = 0;
    for (const kept_file& f : all) left += f.size;
    std::size_t removed = 0;
    for (const kept_file& f : all) {
        const auto age = now - f.changed;
        const bool too_old = limits.longest && age > *limits.longest, too_much = limits.bytes && left > *limits.bytes;
        if (!too_old && !too_much) continue;
        if (age < std::chrono::hours(24) && !has_ended(f.path)) continue;
        std::error_code fault;
        if (!fs::remove(f.path, fault)) continue;
        left -= f.size;
        ++removed;
    }
    return removed;
}

} // namespace vmail
