#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <vmail/jobs/purge.hpp>
#include <vmail/plan.hpp>

#include <cli/invocation.hpp>

#include "store_process.hpp"

namespace vmail::tools {

/// What a purge does outside of the directory, and when: an archive, and the mail into the trash, before the entry goes; what is in the trash goes when the entry is gone, and
/// is put back while it is there. Whatever cuts it off, the next one finds in the trash what is half done, and the directory decides.
class purge_work {
public:
    /// Both must outlive it. No folder for archives: none is made.
    purge_work(invocation& run, const store_process& store, std::filesystem::path archives);

    /// What a purge that was cut has left behind.
    void settle_trash();
    /// Mail in the trash whose entry is there and has such an address gets its place again; each is told.
    void give_back(const std::function<bool(const std::string& address)>& concerns);
    /// Before the entry goes, or another one that it goes together with; done once.
    void archive_once(const purge_item& item);
    /// Before the entry goes. Throws: then it stays, and its mail where it is.
    void prepare(const purge_item& item);
    /// After that, whatever became of it.
    void settle(const purge_item& item);
    /// How often something was left that a person should look at.
    std::size_t troubles() const noexcept { return troubles_; }

private:
    void each_in_trash(const std::function<void(const std::string& name)>& visit);
    void settle_one(const std::string& name);
    void settle(const std::string& name, const std::string& entry_uuid);
    /// Throws invalid_value where a symbolic link leads to it by which another entry has it.
    void require_no_other_way(const purge_item& item);
    std::string archive(const ldap::entry& e, const purge_item& item);
    std::string address_of(const std::string& entry_uuid) const; ///< or words for none
    /// Whose the folder is now that it had; nothing: nobody's, or the entry is there.
    std::optional<std::string> new_owner(const std::string& entry_uuid, const std::string& mark) const;
    void trouble(const std::string& sentence);

    invocation& run_;
    const store_process& store_;
    std::filesystem::path archives_;
    std::string directory_; ///< its entryUUID: the trash may hold what belongs to another one
    std::map<std::string, std::string> taken_{}; ///< names in the trash, by entryUUID
    std::map<std::string, std::string> archived_{}; ///< what was in the folder then, by entryUUID
    std::vector<std::pair<std::string, std::string>> links_{}; ///< in the home of all mail, and the folders there that they lead to
    std::size_t links_depth_ = 0;                              ///< as deep as they were looked for
    std::size_t troubles_ = 0;
};

/// The directory, as the trash and plans know it. Throws denied where its container is hidden: what is removed cannot be told from what is hidden.
std::string require_directory(invocation& run);

/// What keeps two of them apart that work on one store, whichever directory they ask.
std::filesystem::path purge_lock(const configuration& c);

/// Throws error(configuration) for a sandbox whose mail would be that of the site: one that is tried out must not take the mail of a real directory.
void require_own_mail_home(invocation& run);

/// The lines of an archive's manifest that say what it is of, and the entry.
std::string archive_input(invocation& run, const ldap::entry& e, const purge_item& item);

} // namespace vmail::tools
