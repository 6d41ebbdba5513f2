#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/own_files.hpp>
#include <vmail/printable.hpp>

#include <vmail/activity/row_writer.hpp>
#include <vmail/activity/store.hpp>
#include <vmail/activity/store_schema.hpp>

namespace vmail::activity {

namespace {

namespace fs = std::filesystem;

constexpr mode_t store_mode = 0640;
constexpr std::size_t rows_at_once = 50'000;

std::string name_of(const fs::path& file) { return printable(file.native()); }

/// With the links of its folder followed, and none after that.
fs::path settled(const fs::path& file) {
    std::error_code none;
    const auto folder = fs::canonical(file.has_parent_path() ? file.parent_path() : fs::path("."), none);
    return none ? file : folder / file.filename();
}

/// Whoever else may write to it tells whom to disable.
void require_ours(const fs::path& file) {
    struct stat seen{};
    if (::lstat(file.c_str(), &seen) != 0) throw error(error_kind::configuration, fmt::format("cannot look at the store {}: {}", name_of(file), system_reason()));
    if (!S_ISREG(seen.st_mode)) throw error(error_kind::configuration, fmt::format("the store {} is no regular file", name_of(file)));
    if (seen.st_uid != ::geteuid()) throw denied(fmt::format("the store {} belongs to another user", name_of(file)), {.hint = "run it as that user"});
    if ((seen.st_mode & 022U) != 0) throw error(error_kind::configuration, fmt::format("the store {} can be written by others than its owner", name_of(file)), {.hint = "chmod go-w " + name_of(file)});
}

/// The mode is that of the files beside it, too: SQLite sees to that.
void make_file(const fs::path& file) {
    if (!make_own_folder(file.parent_path())) throw error(error_kind::configuration, fmt::format("cannot make the folder of the store {}: {}", name_of(file), system_reason()));
    const descriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, store_mode));
    if (!made && errno == EEXIST) return;
    if (!made || ::fchmod(made.get(), store_mode) != 0) throw error(error_kind::configuration, fmt::format("cannot make the store {}: {}", name_of(file), system_reason()));
}

bool is_there(const fs::path& file) {
    struct stat seen{};
    return ::lstat(file.c_str(), &seen) == 0;
}

/// Before anything is written: what is somebody else's, or newer than this program, stays as it is.
void require_version(const database& d) {
    const auto version = d.number("PRAGMA user_version"), application = d.number("PRAGMA application_id");
    if (application != schema::application) throw invalid_value(fmt::format("{} is no store of what daemons log", name_of(d.file())));
    if (version != schema::version)
        throw error(error_kind::configuration, fmt::format("the store {} is of version {}, and this program knows version {}", name_of(d.file()), version, schema::version),
                    {.hint = "use the program that made it, or begin a new store elsewhere"});
}

bool is_empty(const database& d) { return d.number("PRAGMA schema_version") == 0 && d.number("PRAGMA application_id") == 0; }

void make_tables(const database& d) {
    transaction all(d, transaction::kind::write);
    if (is_empty(d)) d.run(schema::tables().c_str()); // nobody was faster
    all.commit();
}

sight sight_at(std::int64_t n) noexcept { return static_cast<sight>(std::clamp<std::int64_t>(n, 0, static_cast<std::int64_t>(sight_names.size()) - 1)); }
use use_at(std::int64_t n) noexcept { return static_cast<use>(std::clamp<std::int64_t>(n, 0, static_cast<std::int64_t>(use_names.size()) - 1)); }

row_key key_in(const statement& row) { return {row.integer(0), std::string(row.text(1)), std::string(row.text(2))}; }

void visit_counts(statement rows, const row_visitor& visit) {
    while (rows.step()) {
        count_row r{key_in(rows), {}};
        for (std::size_t i = 0; i < measures; ++i) r.counts.numbers[i] = rows.count(static_cast<int>(3 + i));
        visit.on_counts(r);
    }
}

void visit_sightings(statement rows, const row_visitor& visit) {
    while (rows.step())
        visit.on_sighting({key_in(rows), sight_at(rows.integer(3)), std::string(rows.text(4)), rows.integer(5), rows.integer(6), rows.count(7), std::string(rows.text(8))});
}

void visit_uses(statement rows, const row_visitor& visit) {
    while (rows.step()) visit.on_use({std::string(rows.text(0)), std::string(rows.text(1)), use_at(rows.integer(2)), rows.integer(3)});
}

/// Of all of the three, what `which` lets through.
void visit_rows(const database& d, std::string_view which, const std::function<void(statement&)>& bind, const row_visitor& visit) {
    const auto ask = [&](const std::string& sql) {
        auto asked = d.prepare(sql);
        bind(asked);
        return asked;
    };
    constexpr std::string_view names = "JOIN account a ON a.id = t.account JOIN host h ON h.id = t.host";
    if (visit.on_counts)
        visit_counts(ask(fmt::format("SELECT t.hour, a.name, h.name, {} FROM counts t {} WHERE t.hour >= ?1 {} ORDER BY t.hour", schema::measures_list("t."), names, which)), visit);
    if (visit.on_sighting)
        visit_sightings(ask(fmt::format("SELECT t.hour, a.name, h.name, t.kind, t.network, t.first, t.last, t.number, t.reference FROM sighting t {} WHERE t.hour >= ?1 {} ORDER BY t.hour", names, which)),
                        visit);
    if (visit.on_use)
        visit_uses(ask(fmt::format("SELECT a.name, h.name, t.kind, t.moment FROM last_use t {} WHERE t.moment / 3600 >= ?1 {}", names, which)), visit);
}

} // namespace

// ---- opening

store::store(std::unique_ptr<activity::database> d) : database_(std::move(d)) {}

store store::open(const fs::path& file) {
    const auto place = settled(file);
    if (!is_there(place)) throw error(error_kind::input_missing, fmt::format("there is no store {}", name_of(file)), {.hint = "a first scan of a log makes it"});
    auto d = std::make_unique<activity::database>(place, database::access::read);
    require_version(*d);
    return store(std::move(d));
}

store store::open_to_write(const fs::path& file) {
    auto place = settled(file);
    if (!is_there(place)) {
        make_file(fs::absolute(file));
        place = settled(file);
    }
    require_ours(place);
    auto d = std::make_unique<activity::database>(place, database::access::write);
    if (!is_empty(*d)) require_version(*d);
    d->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 0");
    d->keep_log();
    if (is_empty(*d)) make_tables(*d);
    require_version(*d);
    return store(std::move(d));
}

// ---- the reader's memory

std::string store::memory() const {
    auto asked = database_->prepare("SELECT revision, text FROM memory");
    if (!asked.step()) return {};
    revision_ = asked.integer(0);
    return std::string(asked.text(1));
}

void store::take(const tally& t, std::string_view memory) {
    transaction all(*database_, transaction::kind::write);
    auto remembered = database_->prepare("UPDATE memory SET revision = revision + 1, text = ?2 WHERE revision = ?1");
    remembered.bind(1, revision_).bind_bytes(2, memory).run();
    if (database_->changes() != 1) throw conflict(fmt::format("another program has counted into the store {} since", name_of(database_->file())), {.hint = "run it again"});
    row_writer writer(*database_, joining::added);
    t.each({[&](const count_row& r) { writer.write(r); }, [&](const sighting& r) { writer.write(r); }, [&](const last_use& r) { writer.write(r); }});
    note_begin(writer.first_hour());
    all.commit();
    ++revision_;
}

// ---- notes

std::int64_t store::noted(std::string_view key, std::int64_t otherwise) const {
    auto asked = database_->prepare("SELECT value FROM note WHERE name = ?1");
    asked.bind(1, key);
    return asked.step() ? asked.integer(0) : otherwise;
}

void store::note(std::string_view key, std::int64_t value) const { database_->prepare("INSERT INTO note VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value").bind(1, key).bind(2, value).run(); }

namespace {

constexpr std::int64_t no_moment = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> if_any(std::int64_t moment) { return moment == no_moment ? std::nullopt : std::optional(moment); }

} // namespace

void store::note_begin(std::int64_t hour) const {
    if (hour < noted("begin", no_moment)) note("begin", hour);
}

std::optional<std::int64_t> store::begin() const { return if_any(noted("begin", no_moment)); }
std::optional<std::int64_t> store::pruned_at() const { return if_any(noted("pruned", no_moment)); }

// ---- taking away

namespace {

void remove_unused_names(const database& d) {
    d.run("DELETE FROM account WHERE NOT EXISTS (SELECT 1 FROM counts WHERE account = account.id) AND NOT EXISTS (SELECT 1 FROM sighting WHERE account = account.id) "
          "AND NOT EXISTS (SELECT 1 FROM last_use WHERE account = account.id)");
}

std::size_t removed(const database& d, std::string_view sql, std::int64_t value) {
    d.prepare(sql).bind(1, value).run();
    return static_cast<std::size_t>(d.changes());
}

/// What was deleted is in no file any more. SQLite overwrites what it deletes (secure_delete), but not a copy that was left where it split a page; and it stays in the log.
void wipe(const database& d) {
    d.run("VACUUM");
    auto done = d.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    if (done.step() && done.integer(0) != 0) throw conflict(fmt::format("what was forgotten is still in the log of the store {}, as somebody reads it", name_of(d.file())), {.hint = "do it again"});
}

} // namespace

std::size_t store::prune(std::int64_t first_hour, std::int64_t first_use, std::int64_t now) {
    transaction all(*database_, transaction::kind::write);
    auto count = removed(*database_, "DELETE FROM counts WHERE hour < ?1", first_hour);
    count += removed(*database_, "DELETE FROM sighting WHERE hour < ?1", first_hour);
    count += removed(*database_, "DELETE FROM last_use WHERE moment < ?1", first_use);
    removed(*database_, "DELETE FROM forgotten WHERE hour < ?1", std::min(first_hour, hour_of(first_use)));
    if (count > 0) remove_unused_names(*database_);
    note("pruned", now);
    all.commit();
    return count;
}

namespace {

/// Whether there was anything.
bool remove_account(const database& d, std::string_view account) {
    auto asked = d.prepare("SELECT id FROM account WHERE name = ?1");
    if (!asked.bind(1, account).step()) return false;
    const auto id = asked.integer(0);
    asked.reset();
    for (const auto* const sql : {"DELETE FROM counts WHERE account = ?1", "DELETE FROM sighting WHERE account = ?1", "DELETE FROM last_use WHERE account = ?1", "DELETE FROM account WHERE id = ?1"})
        removed(d, sql, id);
    return true;
}

} // namespace

std::size_t store::forget(std::span<const std::string> accounts, std::int64_t now) {
    std::size_t found = 0;
    {
        transaction all(*database_, transaction::kind::write);
        auto noted_name = database_->prepare("INSERT INTO forgotten VALUES (?1, ?2) ON CONFLICT DO UPDATE SET hour = max(hour, excluded.hour)");
        for (const std::string& account : accounts) {
            noted_name.bind_bytes(1, hash_of(*database_, account)).bind(2, hour_of(now)).run();
            if (remove_account(*database_, account)) ++found;
        }
        all.commit();
    }
    wipe(*database_);
    return found;
}

// ---- rows

void store::each(std::int64_t first_hour, const row_visitor& visit) const {
    const transaction one_look(*database_, transaction::kind::read);
    visit_rows(*database_, "", [&](statement& s) { s.bind(1, first_hour); }, visit);
}

void store::each_of(std::string_view account, std::int64_t first_hour, const row_visitor& visit) const {
    const transaction one_look(*database_, transaction::kind::read);
    visit_rows(*database_, "AND a.name = ?2", [&](statement& s) { s.bind(1, first_hour).bind(2, account); }, visit);
}

// ---- of other hosts

struct store::merging::state {
    explicit state(store& s) : of(s) {}
    store& of;
    std::optional<transaction> open{};
    std::optional<row_writer> writer{};
    std::size_t rows = 0;

    row_writer& written() {
        if (!open) {
            open.emplace(*of.database_, transaction::kind::write);
            writer.emplace(*of.database_, joining::raised);
        }
        return *writer;
    }
    void commit() {
        if (!open) return;
        of.note_begin(writer->first_hour());
        writer.reset();
        open->commit();
        open.reset();
        rows = 0;
    }
};

store::merging::merging(store& s) : state_(std::make_unique<state>(s)) {}
store::merging::~merging() = default;

void store::merging::step() {
    if (++state_->rows >= rows_at_once) state_->commit();
}

void store::merging::add(const count_row& r) {
    state_->written().write(r);
    step();
}

void store::merging::add(const sighting& r) {
    state_->written().write(r);
    step();
}

void store::merging::add(const last_use& r) {
    state_->written().write(r);
    step();
}

void store::merging::finish() { state_->commit(); }

} // namespace vmail::activity
