#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_set>

#include <vmail/export.hpp>

namespace vmail {

/// The folders of mailboxes that were removed for good, in a file "former-folders" beside the journals, one "HOME<TAB>PATH" on each line: the directory
/// knows no more of them, and the mail may still be there. It is not pruned with the journals.
class VMAIL_EXPORT former_folders {
public:
    /// As far as they can be read; a folder without the file has none.
    static former_folders in(const std::filesystem::path& journal_folder);
    bool contains(const std::string& home, const std::string& path) const { return all_.contains(line_of(home, path)); }

    /// Puts one more down, on disk. Throws unavailable when that fails.
    static void append(const std::filesystem::path& journal_folder, const std::string& home, const std::string& path);

private:
    static std::string line_of(std::string_view home, std::string_view path);
    std::unordered_set<std::string> all_;
};

} // namespace vmail
