#pragma once

#include <string>
#include <string_view>

namespace vmail::nis {

/// The password field of passwd(5), shadow(5), passwd.adjunct or group(5).
struct crypt_field {
    enum class kind {
        empty,
        elsewhere, ///< "x", or "##login": the hash is in shadow or adjunct
        scheme,    ///< "{SCHEME}..." already, of one that hashes
        locked,    ///< "*", "!", "*LK*", "NP", or such a mark before a hash
        hash,      ///< a string of crypt(3) of a form that libcrypt knows
        aged,      ///< such a string with a System V ageing suffix
        unknown,   ///< anything else: a mark of somebody's, or a password
    };
    kind what = kind::empty;
    std::string_view stored{}; ///< the field, without the ageing suffix

    static crypt_field parse(std::string_view field) noexcept;

    /// Whether there is something for userPassword.
    bool has_value() const noexcept { return what != kind::empty && what != kind::elsewhere && what != kind::unknown; }
    /// The value of userPassword (RFC 2307): "{CRYPT}" and the bytes as they were. Precondition: has_value().
    void append_attribute(std::string& out) const;
    std::string to_attribute() const;
};

} // namespace vmail::nis
