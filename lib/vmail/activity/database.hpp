#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

/// SQLite, as far as the store needs it. Internal.
namespace vmail::activity {

/// One statement. Values are bound, and never a part of its text.
class statement {
public:
    statement(sqlite3_stmt* s, const std::filesystem::path& file);

    /// From 1; the text must live until the next step().
    statement& bind(int place, std::int64_t value);
    statement& bind(int place, std::string_view text);
    statement& bind_bytes(int place, std::string_view bytes);
    /// Whether there is another row. Throws.
    bool step();
    /// For one that returns nothing: carries it out, and makes it ready to be bound anew.
    void run();
    void reset();

    /// From 0.
    std::int64_t integer(int column) const noexcept;
    std::uint64_t count(int column) const noexcept; ///< of what is never below 0
    /// Until the next step(); also of bytes.
    std::string_view text(int column) const noexcept;
    bool is_null(int column) const noexcept;

private:
    struct finalize {
        void operator()(sqlite3_stmt* s) const noexcept;
    };
    void require(int code) const;

    std::unique_ptr<sqlite3_stmt, finalize> statement_;
    const std::filesystem::path& file_;
};

/// One connection to a file. What goes wrong is an error: conflict while another program writes for longer than anybody waits, unavailable for a full disk, invalid_value for a
/// file that is none of SQLite's or damaged, error(configuration) for one that cannot be opened.
class database {
public:
    enum class access { read, write };

    /// An existing file, by its own name: no link is followed to it.
    database(const std::filesystem::path& file, access a);
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    statement prepare(std::string_view sql) const;
    /// Statements without values.
    void run(const char* sql) const;
    /// The first value of the first row; 0 where there is none.
    std::int64_t number(std::string_view sql) const;
    /// How many rows the last statement changed.
    std::int64_t changes() const noexcept;
    /// The files beside it stay when it is closed, so that who may only read them can.
    void keep_log();

    const std::filesystem::path& file() const noexcept { return file_; }

private:
    struct close {
        void operator()(sqlite3* s) const noexcept;
    };
    std::filesystem::path file_;
    std::unique_ptr<sqlite3, close> handle_;
};

/// All of it or nothing: what is not committed is taken back.
class transaction {
public:
    enum class kind { read, write };
    transaction(const database& d, kind k);
    ~transaction();
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    void commit();

private:
    const database& database_;
    bool is_open_ = true;
};

} // namespace vmail::activity
