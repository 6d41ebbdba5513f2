#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

/// Internal to the jobs.
namespace vmail::jobs {

/// A path without what changes nothing of where it leads: "//", ".", and ".." with what is before it. "/a/b" of "/a//x/../b/".
std::string plain_path(std::string_view path);

/// A home without "/" at its end, and a path below it.
std::string below(const std::string& home, const std::string& path);

/// Folders that are asked for, and who else has something to do with each: of a million entries only these are kept.
class folder_owners {
public:
    /// A folder, absolute, and whose it is.
    void ask(const std::string& folder, const std::string& entry_uuid) { asked_[plain_path(folder)].insert(entry_uuid); }

    /// An entry has this folder: of those asked for, it is one, lies in one, or around one.
    void see(const std::string& folder, const std::string& entry_uuid, const std::string& name);

    /// What stands against it: "bob@example.org has the same folder". Nothing: it is the entry's alone.
    std::optional<std::string> fault_of(const std::string& folder) const;
    /// Whether any entry has something to do with it.
    bool is_known(const std::string& folder) const { return known_.contains(plain_path(folder)); }

private:
    void note(const std::string& asked, const std::string& entry_uuid, std::string sentence);

    std::map<std::string, std::set<std::string>, std::less<>> asked_; ///< by folder
    std::map<std::string, std::string> faults_;
    std::set<std::string> known_;
};

} // namespace vmail::jobs
