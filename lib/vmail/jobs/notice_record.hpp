#pragma once

#include <compare>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

#include <vmail/export.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// What a notice is about: an entry, and when it ends. Whoever gets another end is told of that one anew.
struct notice_key {
    std::string entry_uuid;
    timestamp end;
    auto operator<=>(const notice_key&) const = default;
};

/// Who was told, and how many days ahead, in a file that grows by a line for each notice, which is on disk before the next one is sent. One who is told while the
/// machine fails may be told again: twice is better than never.
class VMAIL_EXPORT notice_record {
public:
    enum class who { owner, admin };

    /// Of nobody, in no file: for looking only.
    notice_record() = default;
    /// Reads what is there, and begins the file anew without what ended before `now`; where there is none, nobody was told. What was cut in the middle counts as not written. A
    /// file with more in it that makes no sense is set aside, and what of it makes sense counts. Throws error(configuration) where it cannot be read or written, or belongs to
    /// somebody else.
    notice_record(const std::filesystem::path& file, timestamp now);
    /// Only reads. Throws as above.
    static notice_record read(const std::filesystem::path& file);

    /// How many lines made no sense, the missing beginning of a file among them.
    std::size_t damage() const noexcept { return damage_; }
    /// Where the file is that was set aside for it; empty: none was.
    const std::filesystem::path& set_aside() const noexcept { return set_aside_; }

    bool was_told(const notice_key& k, unsigned days, who w) const;
    /// Throws unavailable where it cannot be written.
    void tell(const notice_key& k, unsigned days, who w);

private:
    struct steps {
        unsigned owner = none, admin = none; ///< the least number of days
    };
    static constexpr unsigned none = ~0U;
    bool take(const std::string& line);
    /// Whoever was told another end since is told anew of the one before.
    void forget_other_ends(const notice_key& k);
    static unsigned& step_of(steps& s, who w) { return w == who::owner ? s.owner : s.admin; }

    std::map<notice_key, steps> told_{};
    std::filesystem::path path_{}; ///< empty: kept nowhere
    std::size_t damage_ = 0;
    std::filesystem::path set_aside_{};
};

} // namespace vmail
