#pragma once

#include <string>
#include <string_view>

#include <vmail/person_name.hpp>

namespace vmail::nis {

/// Who an account belongs to, from the GECOS field "name,room,phone,home phone". The parts point into the field and the login, which must outlive it, or, where
/// they had to be changed, into the person itself.
class person {
public:
    /// "&" that is not within a word stands for the login with a capital first letter.
    person(std::string_view gecos, std::string_view login);
    /// One of whom no more than this is known.
    static person named_so(std::string_view full_name, std::string_view surname) { return {names{full_name, surname}}; }
    person(const person&) = delete;
    person& operator=(const person&) = delete;

    std::string_view full_name; ///< UTF-8, never empty: the login where there is no name
    std::string_view surname;   ///< the last word of the name
    std::string_view room{};
    std::string_view phone{};      ///< only what a telephoneNumber may be
    std::string_view home_phone{}; ///< only what a telephoneNumber may be
    bool named = false;            ///< the field has a name

private:
    struct names {
        std::string_view full_name;
        std::string_view surname;
    };
    person(names n) : full_name(n.full_name), surname(n.surname), named(true) {}

    std::string cleaned_; ///< the field without control characters
    std::string expanded_;
};

} // namespace vmail::nis
