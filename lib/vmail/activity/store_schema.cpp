#include <fmt/format.h>

#include <vmail/activity/hour_counts.hpp>
#include <vmail/activity/store_schema.hpp>

namespace vmail::activity::schema {

namespace {

template <typename Write> std::string each_measure(const Write& write) {
    std::string all;
    for (const auto name : measure_names) all += (all.empty() ? "" : ", ") + write(name);
    return all;
}

} // namespace

std::string tables() {
    return fmt::format("CREATE TABLE memory(id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, text BLOB NOT NULL);"
                       "INSERT INTO memory VALUES (1, 0, x'');"
                       "CREATE TABLE note(name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;"
                       "INSERT INTO note VALUES ('salt', randomblob(16));"
                       "CREATE TABLE account(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
                       "CREATE TABLE host(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
                       "CREATE TABLE counts(hour INTEGER NOT NULL, account INTEGER NOT NULL, host INTEGER NOT NULL, {}, PRIMARY KEY (hour, account, host)) WITHOUT ROWID;"
                       "CREATE INDEX counts_of ON counts(account, hour);"
                       "CREATE TABLE sighting(hour INTEGER NOT NULL, account INTEGER NOT NULL, kind INTEGER NOT NULL, network TEXT NOT NULL, host INTEGER NOT NULL, first INTEGER NOT NULL, "
                       "last INTEGER NOT NULL, number INTEGER NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (hour, account, kind, network, host)) WITHOUT ROWID;"
                       "CREATE INDEX sighting_of ON sighting(account, hour);"
                       "CREATE TABLE last_use(account INTEGER NOT NULL, kind INTEGER NOT NULL, host INTEGER NOT NULL, moment INTEGER NOT NULL, PRIMARY KEY (account, kind, host)) WITHOUT ROWID;"
                       "CREATE TABLE forgotten(hash BLOB PRIMARY KEY, hour INTEGER NOT NULL) WITHOUT ROWID;"
                       "PRAGMA application_id = {};"
                       "PRAGMA user_version = {}",
                       each_measure([](std::string_view name) { return fmt::format("{} INTEGER NOT NULL", name); }), application, version);
}

std::string measures_list(const char* before) {
    return each_measure([before](std::string_view name) { return fmt::format("{}{}", before, name); });
}

std::string added() {
    return each_measure([](std::string_view name) { return fmt::format("{0} = min({0} + excluded.{0}, {1})", name, most_counted); });
}

std::string raised() {
    return each_measure([](std::string_view name) { return fmt::format("{0} = max({0}, excluded.{0})", name); });
}

} // namespace vmail::activity::schema
