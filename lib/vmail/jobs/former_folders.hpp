#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <vmail/export.hpp>

namespace vmail {

/// The folders of mailboxes that were removed for good, in a file "former-folders" beside the journals, one "HOME<TAB>PATH<TAB>ADDRESS" on each line, the address of
/// who had it last behind those of before: the directory knows no more of them, and the mail may still be there. It is not pruned with the journals.
class VMAIL_EXPORT former_folders {
public:
    /// As far as they can be read; a folder without the file has none.
    static former_folders in(const std::filesystem::path& journal_folder);
    bool contains(const std::string& home, const std::string& path) const { return all_.contains(folder_in_line(home, path)); }
    /// Who had it last, printable; empty: that was not put down. Nothing: nobody.
    std::optional<std::string> owner(const std::string& home, const std::string& path) const;

    /// Puts one more down, on disk. Throws unavailable when that fails.
    static void append(const std::filesystem::path& journal_folder, const std::string& home, const std::string& path, const std::string& owner);

private:
    static std::string folder_in_line(std::string_view home, std::string_view path);
    std::unordered_map<std::string, std::string> all_; ///< owners
};

} // namespace vmail
