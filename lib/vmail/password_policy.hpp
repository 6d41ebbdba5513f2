#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/secret.hpp>

namespace vmail {

struct admin;
struct mailbox;

/// What a password that a person has chosen must meet. Nothing of this is asked of one that is generated, and a hash tells nothing of it.
struct VMAIL_EXPORT password_policy {
    std::size_t min_length = 8;  ///< characters of UTF-8
    std::size_t min_classes = 1; ///< of small letters, capitals, digits, and what is none of these
    bool quality = true;         ///< refuse what is in a dictionary, is built too simply, or is made of what anybody knows of its owner

    /// How many classes of characters there are.
    static constexpr std::size_t classes = 4;

    /// Throws limit_exceeded, saying what is missing. `personal` is what anybody knows of the owner: words of four bytes and more count. Throws
    /// error(configuration) where quality is asked for and there is no dictionary (libpwquality, which looks into that of cracklib).
    void require(const secret& password, const std::vector<std::string>& personal = {}) const;
};

/// The words of a mailbox's address and of its owner's name: the first 64, none longer than 64 bytes.
VMAIL_EXPORT std::vector<std::string> personal_words(const mailbox& m);
/// Of an administrator's name, address and domains.
VMAIL_EXPORT std::vector<std::string> personal_words(const admin& a);

} // namespace vmail
