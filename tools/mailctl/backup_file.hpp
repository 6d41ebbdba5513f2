#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/timestamp.hpp>

namespace vmail::tools {

/// "tree-20261231T235959Z.ldif"; a second one of the same moment is "tree-20261231T235959Z.2.ldif". In the order in which they were made.
struct backup_name {
    timestamp moment;
    std::size_t number = 1;

    /// Nothing for what is no such name: what somebody else keeps there is no backup.
    static std::optional<backup_name> parse(std::string_view text);
    std::string text() const;

    friend std::strong_ordering operator<=>(const backup_name&, const backup_name&) = default;
};

/// Comments in it tell where a backup begins and where it ends; to whoever reads LDIF they are nothing.
namespace backup_mark {

inline constexpr std::string_view first = "mailctl backup";
std::string last(std::size_t entries);

} // namespace backup_mark

/// How much of the tree whoever made a backup has seen.
struct backup_fullness {
    std::size_t entries = 0, passwords = 0; ///< passwords: of mailboxes
    std::string identity{};                 ///< who made it

    /// The comments at its end, the mark that it is whole among them.
    std::string text() const;
    /// Of a file, by its last lines alone; nothing where they do not tell.
    static std::optional<backup_fullness> of(const std::string& path);
    /// Whether it may take the place of the other: it has as much, or where the same identity made both hardly less, as some accounts go every day.
    bool replaces(const backup_fullness& other) const;
};

/// What its lines tell of a file of LDIF that may have been cut.
struct backup_marks {
    bool begins = false;                  ///< with the first line of a backup
    std::optional<std::size_t> entries{}; ///< that its last line speaks of
    bool is_closed = false;               ///< behind its last record there is an empty line, and its last line has its end
};

/// Precondition: it can be read; of one that cannot, nothing is told.
backup_marks read_backup_marks(const std::string& path);

} // namespace vmail::tools
