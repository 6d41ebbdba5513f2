#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// Bytes that must not be seen: wiped when they go, moved and never copied by accident, and without any formatter or stream operator.
class VMAIL_EXPORT secret {
public:
    secret() = default;
    explicit secret(std::string_view bytes);
    secret(secret&& other) noexcept;
    secret& operator=(secret&& other) noexcept;
    secret(const secret&) = delete;
    secret& operator=(const secret&) = delete;
    ~secret();

    secret clone() const { return secret(reveal()); }

    /// The bytes, for the one call that needs them. Valid while the secret lives and is not assigned to.
    std::string_view reveal() const noexcept { return bytes_; }
    bool empty() const noexcept { return bytes_.empty(); }

    /// Compares in constant time for equal lengths.
    bool equals(const secret& other) const noexcept;

private:
    std::string bytes_;
};

/// The first line of a file (without its line end), as `ldapsearch -y` users keep it. The file must be regular, not a symbolic link's
/// surprise: owned by root or by us, without any permission for group and others. Throws error(configuration) saying what to change,
/// error(input_missing) when it is not there, invalid_value when empty or with a NUL.
VMAIL_EXPORT secret read_secret_file(const std::filesystem::path& path);

/// The first line that a descriptor gives, to its end (for `--password-stdin`, descriptors handed over). At most 4096 bytes.
VMAIL_EXPORT secret read_secret_descriptor(int fd);

} // namespace vmail
