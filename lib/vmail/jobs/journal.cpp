#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <vmail/error.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include <vmail/descriptor.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/jobs/passwords.hpp>

namespace vmail {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void misconfigured(std::string_view doing, const fs::path& path) {
    throw error(error_kind::configuration, fmt::format("cannot {} {}: {}", doing, printable(path.native()), system_reason()),
                {.hint = "name another folder for the journal (journal-dir in mailctl.conf)"});
}

bool is_folder(const fs::path& path) {
    struct stat seen{};
    return ::stat(path.c_str(), &seen) == 0 && S_ISDIR(seen.st_mode);
}

/// With what is above it, each of our making for its owner alone.
void make_folder(const fs::path& folder) {
    if (folder.empty() || is_folder(folder)) return;
    make_folder(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) misconfigured("make the folder", folder);
}

/// The name of a new file survives a power failure only with its folder.
void sync_folder(const fs::path& folder) {
    const descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || (::fsync(fd.get()) != 0 && errno != EINVAL)) misconfigured("write to the folder", folder);
}

/// A second journal of the same second gets a number.
descriptor make_file(const fs::path& folder, const std::string& stem, fs::path& path) {
    for (int n = 1; n < 1000; ++n) {
        path = folder / (n == 1 ? fmt::format("{}.ldif", stem) : fmt::format("{}-{}.ldif", stem, n));
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
        if (jobs::is_user_password(a.name)) std::erase_if(values, [](const std::string& v) { return !jobs::is_hash(v); });
        kept.set(a.name, std::move(values));
    }
    return kept;
}

std::vector<ldap::modification> without_clear_passwords(const std::vector<ldap::modification>& changes) {
    std::vector<ldap::modification> kept;
    for (const ldap::modification& m : changes) {
        ldap::modification safe = m;
        if (jobs::is_clear_password(m.attribute)) safe.values.clear();
        if (jobs::is_user_password(m.attribute)) std::erase_if(safe.values, [](const std::string& v) { return !jobs::is_hash(v); });
        if (safe.what == ldap::change::add && safe.values.empty()) continue;
        kept.push_back(std::move(safe));
    }
    return kept;
}

struct request_writer {
    ldap::ldif_writer& out;
    void operator()(const ldap::add_request& r) const { out.write_add(without_clear_passwords(r.entry)); }
    void operator()(const ldap::modify_request& r) const { out.write_modify(r.dn, without_clear_passwords(r.changes)); }
    void operator()(const ldap::delete_request& r) const { out.write_delete(r.dn); }
    void operator()(const ldap::rename_request& r) const { out.write_rename(r.dn, r.new_dn); }
};

std::string words_for(const ldap::write_result& r) {
    const std::string_view how = r.settled ? ", found out by reading back" : "";
    switch (r.outcome) {
    case ldap::outcome::done: return fmt::format("done{}", how);
    case ldap::outcome::not_done: {
        const std::string_view said = r.result.diagnostic.empty() ? "" : ": ";
        return fmt::format("not done{}: {}{}{}", how, r.result.ok() ? "nothing was changed" : ldap_code_name(r.result.code), said,
                           printable(r.result.diagnostic));
    }
    case ldap::outcome::not_sent: return "not sent";
    case ldap::outcome::unknown: break;
    }
    return "unknown: sent, never answered";
}

/// As LDIF in comments: without the "# " it is a record again.
void write_as_comment(std::ostream& out, const ldap::entry& e) {
    std::ostringstream text;
    ldap::ldif_writer(text).write(e);
    std::istringstream lines(text.str());
    for (std::string line; std::getline(lines, line) && !line.empty();) out << "# " << line << '\n';
}

} // namespace

struct journal::state {
    state(descriptor file, fs::path p) : fd(std::move(file)), path(std::move(p)) {}

    descriptor fd;
    fs::path path;
    std::ostringstream text{};
    std::string unwritten{};
    std::size_t requests = 0;
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
                          {.hint = "make room, or name another folder for it (journal-dir in mailctl.conf)"});
    }

    void finish() {
        if (!fd) return;
        if (requests > 0) write_all();
        else if (empty) ::unlink(path.c_str());
        fd = descriptor();
    }
};

journal journal::create(const fs::path& folder, const std::string& job, const std::string& server, const std::string& identity) {
    make_folder(folder);
    const timestamp now = timestamp::now();
    fs::path path;
    descriptor fd = make_file(folder, fmt::format("{}-{:.8}T{}Z-{}", job, now.digits(), now.digits().substr(8), ::getpid()), path);
    sync_folder(folder);
    journal made;
    made.state_ = std::make_unique<state>(std::move(fd), std::move(path));
    made.state_->text << fmt::format("# {} on {} as {}, begun {}\n# A request without an outcome was sent by a run that did not live to see the answer.\n\n", job,
                                     printable(server), identity.empty() ? "nobody" : printable(identity), now.rfc3339());
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

std::size_t journal::intend(const ldap::write_request& request) {
    const std::size_t number = ++state_->requests;
    fmt::print(state_->text, "# request {}, {}\n", number, timestamp::now().rfc3339());
    ldap::ldif_writer out(state_->text);
    std::visit(request_writer{out}, request);
    return number;
}

void journal::record(std::size_t number, const ldap::write_result& result) {
    fmt::print(state_->text, "# outcome {}: {}\n", number, words_for(result));
    if (result.outcome == ldap::outcome::done && result.result.pre_read) {
        fmt::print(state_->text, "# before {}:\n", number);
        write_as_comment(state_->text, without_clear_passwords(*result.result.pre_read));
    }
    state_->text << '\n';
}

void journal::flush() { state_->write_all(); }

void journal::close() {
    if (state_) state_->finish();
}

fs::path default_journal_folder() {
    if (::geteuid() == 0) return "/var/lib/mailctl/journal";
    const char* const state_home = std::getenv("XDG_STATE_HOME");
    if (state_home != nullptr && *state_home == '/') return fs::path(state_home) / "mailctl/journal";
    const char* const home = std::getenv("HOME");
    if (home == nullptr || *home != '/')
        throw error(error_kind::configuration, "there is no home folder to keep the journal in", {.hint = "name a folder (journal-dir in mailctl.conf)"});
    return fs::path(home) / ".local/state/mailctl/journal";
}

} // namespace vmail
