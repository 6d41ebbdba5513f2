#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

class address;
struct mailbox;

/// Numbers from the first to the last, both included.
struct number_range {
    std::uint32_t first = 10000, last = 59999;

    bool holds(std::uint32_t n) const noexcept { return n >= first && n <= last; }
    bool operator==(const number_range&) const = default;
};

namespace unix_number {
/// Whether nobody's account may have it, as user or as group: 0 is root, and -1 and -2 of 16 and of 32 bits mean "no change" and "nobody" to some program
/// (chown(2), NFS).
VMAIL_EXPORT bool is_reserved(std::uint32_t n) noexcept;
/// Decimal, without a sign. Throws invalid_value, also for a reserved one.
VMAIL_EXPORT std::uint32_t parse(std::string_view text);
/// "10000-59999". Throws invalid_value, also when there is no number in it that anybody may have.
VMAIL_EXPORT number_range parse_range(std::string_view text);
} // namespace unix_number

/// What an account of Unix is given where nobody says otherwise.
struct unix_defaults {
    number_range uids{};                      ///< numbers of users are taken from here
    std::optional<std::uint32_t> gid{100};    ///< nothing: the number of the user
    std::string home = "/home/{domain}/{user}"; ///< as facet_row::initial
    std::string shell = "/usr/sbin/nologin";
};

/// What somebody wants of an account of Unix. Nothing: what there is stays, or else what a site gives.
struct unix_wishes {
    std::optional<std::uint32_t> uid_number{}, gid_number{};
    std::optional<std::string> home{}, shell{}, gecos{}; ///< an empty gecos: none

    bool empty() const noexcept { return !uid_number && !gid_number && !home && !shell && !gecos; }
};

/// The next number is the one behind the highest that was given: by one of one's own, those before it are given up.
struct passed_numbers {
    std::uint64_t given_up = 0;
    std::uint64_t left = 0; ///< behind it

    bool are_most() const noexcept { return given_up > left; }
};

/// An account of Unix on a mailbox, for readers such as nslcd, PAM and RADIUS: posixAccount (RFC 2307 section 5.2), one of the facets of a mailbox
/// (facets::posix_account). Its name is the first login of the mailbox.
struct VMAIL_EXPORT unix_account {
    std::uint32_t uid_number = 0, gid_number = 0;
    std::string home{};
    std::string shell{}; ///< empty: none
    std::string gecos{}; ///< empty: none

    /// Nothing where the mailbox has none. Throws invalid_value where a number of it is none.
    static std::optional<unix_account> of(const mailbox& m);
    static bool is_on(const mailbox& m);
    void put_on(mailbox& m) const;
    static void take_from(mailbox& m);

    /// Throws invalid_value unless every reader can have it: home and shell are paths from the root, a line of passwd(5) can hold all of it.
    void check() const;
    bool operator==(const unix_account&) const = default;
};

/// Whether nslcd takes it for the name of a user, as its option validnames stands when nobody has set it.
VMAIL_EXPORT bool is_unix_name(std::string_view login) noexcept;

/// What a site gives for a home. Throws invalid_value when the parts of the address make no path.
VMAIL_EXPORT std::string unix_home(const unix_defaults& given, const address& a);

} // namespace vmail
