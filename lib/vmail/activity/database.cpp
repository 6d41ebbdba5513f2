#include <algorithm>

#include <fmt/format.h>
#include <sqlite3.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/activity/database.hpp>

namespace vmail::activity {

namespace {

constexpr int longest_wait = 10'000; // milliseconds, for another program

error_kind kind_of(int code) {
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return error_kind::conflict;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return error_kind::invalid_value;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH: return error_kind::configuration;
    case SQLITE_READONLY: return error_kind::denied;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM: return error_kind::unavailable;
    default: return error_kind::internal;
    }
}

[[noreturn]] void fail(const std::filesystem::path& file, int code) {
    const auto kind = kind_of(code);
    const std::string hint = kind == error_kind::conflict ? "another program writes to it: try again when that has ended" : "";
    throw_error(kind, fmt::format("the store {}: {}", printable(file.native()), sqlite3_errstr(code)), {.hint = hint});
}

} // namespace

statement::statement(sqlite3_stmt* s, const std::filesystem::path& file) : statement_(s), file_(file) {}
void statement::finalize::operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }

void statement::require(int code) const {
    if (code != SQLITE_OK) fail(file_, code);
}

statement& statement::bind(int place, std::int64_t value) {
    require(sqlite3_bind_int64(statement_.get(), place, value));
    return *this;
}

statement& statement::bind(int place, std::string_view text) {
    require(sqlite3_bind_text64(statement_.get(), place, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
}

statement& statement::bind_bytes(int place, std::string_view bytes) {
    require(sqlite3_bind_blob64(statement_.get(), place, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), SQLITE_STATIC));
    return *this;
}

bool statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    const int whole = sqlite3_extended_errcode(sqlite3_db_handle(statement_.get()));
    sqlite3_reset(statement_.get());
    fail(file_, whole);
}

void statement::run() {
    while (step()) {}
    reset();
}

void statement::reset() {
    sqlite3_reset(statement_.get()); // says again what step() said
    sqlite3_clear_bindings(statement_.get());
}

std::int64_t statement::integer(int column) const noexcept { return sqlite3_column_int64(statement_.get(), column); }
std::uint64_t statement::count(int column) const noexcept { return static_cast<std::uint64_t>(std::max<std::int64_t>(integer(column), 0)); }

std::string_view statement::text(int column) const noexcept {
    const void* const bytes = sqlite3_column_blob(statement_.get(), column);
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool statement::is_null(int column) const noexcept { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

database::database(const std::filesystem::path& file, access a) : file_(file) {
    sqlite3* made = nullptr;
    const int flags = (a == access::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file_.c_str(), &made, flags, nullptr);
    handle_.reset(made);
    if (code != SQLITE_OK) fail(file_, code);
    sqlite3_busy_timeout(made, longest_wait);
    // What is in the file may be somebody else's: no schema of it calls a function of ours that does more than compute.
    sqlite3_db_config(made, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(made, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
}

void database::close::operator()(sqlite3* s) const noexcept { sqlite3_close_v2(s); }

statement database::prepare(std::string_view sql) const {
    sqlite3_stmt* made = nullptr;
    if (const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &made, nullptr); code != SQLITE_OK) fail(file_, code);
    return {made, file_};
}

void database::run(const char* sql) const {
    if (const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK) fail(file_, code);
}

std::int64_t database::number(std::string_view sql) const {
    auto asked = prepare(sql);
    return asked.step() ? asked.integer(0) : 0;
}

std::int64_t database::changes() const noexcept { return sqlite3_changes64(handle_.get()); }

void database::keep_log() {
    int yes = 1;
    sqlite3_file_control(handle_.get(), nullptr, SQLITE_FCNTL_PERSIST_WAL, &yes);
}

transaction::transaction(const database& d, kind k) : database_(d) { database_.run(k == kind::write ? "BEGIN IMMEDIATE" : "BEGIN"); }

transaction::~transaction() {
    try {
        if (is_open_) database_.run("ROLLBACK");
    } catch (const error&) { // a full disk has rolled it back already
    }
}

void transaction::commit() {
    database_.run("COMMIT");
    is_open_ = false;
}

} // namespace vmail::activity
