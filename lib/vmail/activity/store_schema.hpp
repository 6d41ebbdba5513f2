#pragma once

#include <string>

/// Internal to the store.
namespace vmail::activity::schema {

/// What tells such a file from others of SQLite, "mail" in ASCII.
inline constexpr int application = 0x6d61696c;
inline constexpr int version = 1;

/// The statements that make the tables in an empty file.
std::string tables();

/// The columns of measures, "logins_imap, logins_pop3, ...".
std::string measures_list(const char* before = "");

/// Of a row that is there: what an upsert makes of it. As many more were counted here, or another host's numbers are the greater ones.
std::string added();
std::string raised();

} // namespace vmail::activity::schema
