#pragma once

#include <string>
#include <string_view>

namespace vmail::nis {

/// Who an account belongs to, from the GECOS field "name,room,phone,home phone".
struct person {
    std::string full_name; ///< UTF-8, never empty: the login where there is no name
    std::string surname;   ///< the last word of the name
    std::string room{};
    std::string phone{};      ///< only what a telephoneNumber may be
    std::string home_phone{}; ///< only what a telephoneNumber may be
    bool named = false;              ///< the field has a name
    bool had_controls = false;       ///< control characters became blanks

    /// "&" stands for the login with a capital first letter.
    static person parse(std::string_view gecos, std::string_view login);
};

} // namespace vmail::nis
