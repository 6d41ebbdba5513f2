#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <vmail/export.hpp>
#include <vmail/timestamp.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/filter.hpp>

namespace vmail {

/// What a run keeps for the next one, so that this need not read all that ended long ago: what was about to end within a week when everything was looked at, and
/// since when others may have changed something. With it a run finds the same as without: what has ended was either about to, or has been changed since.
class VMAIL_EXPORT expiry_memory {
public:
    /// After so long everything is looked at again. Each look at everything notes what ends within as long from then.
    static constexpr std::chrono::hours reach{7 * 24};

    /// Of a look at everything.
    expiry_memory(std::string tree, timestamp looked_at) : tree_(std::move(tree)), looked_at_(looked_at), swept_at_(looked_at) {}

    timestamp looked_at() const noexcept { return looked_at_; }
    bool covers(timestamp end) const noexcept { return end.instant() <= swept_at_.instant() + reach; }
    /// Whether a look at that moment may go on from here, at this tree (identity and settings, of any form): not before, and not when it is too long ago.
    bool serves(const std::string& tree, timestamp now) const noexcept { return tree == tree_ && looked_at_ <= now && covers(now) && !witness_uuid_.empty(); }
    /// Matches the newest entry that was seen, unless it is gone, or has become older: the server holds another state then, of a backup or of another server. Also tells
    /// whether we may search by entryCSN at all.
    ldap::filter witness() const;
    /// Matches what may have been changed since; a day more, for clocks that differ and for what a replica brings late.
    ldap::filter changed_since() const;

    /// The same for the next look: of what is ahead only what has not come yet.
    void look_again(timestamp now);
    /// entryUUIDs of what is due by then, and of what has no date that can be read, in batches of so many.
    std::vector<std::vector<std::string>> due(timestamp now, std::size_t batch) const;
    /// How many will end within what is kept.
    std::size_t ahead(timestamp now) const;

    /// An entry with its entryUUID and entryCSN, and when it ends; nothing: there is no telling.
    void note(const ldap::entry& e, std::optional<timestamp> end);
    void forget(const std::string& uuid) { ahead_.erase(uuid); }
    /// The entry after a write, or before.
    void saw(const ldap::entry& e);

    /// What a run has kept, or nothing: where there is none, or one that was not written whole by this program, everything is looked at. Throws error(configuration)
    /// where it cannot be read, or belongs to somebody else.
    static std::optional<expiry_memory> read(const std::filesystem::path& file);
    /// There whole or not at all, with the folder, for its owner alone. Throws error(configuration).
    void write(const std::filesystem::path& file) const;

    bool operator==(const expiry_memory&) const = default;

private:
    std::string tree_;
    timestamp looked_at_, swept_at_;
    std::string witness_uuid_{}, witness_csn_{};
    std::map<std::string, std::optional<timestamp>> ahead_{}; ///< by entryUUID
};

} // namespace vmail
