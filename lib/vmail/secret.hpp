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

/// The first line of a file, without its line end (LF or CR LF), at most 4096 bytes. A symbolic link is followed; the file it leads to must be
/// regular, owned by root or by us, without any permission for group and others. Throws error(configuration) whose hint() says what to
/// change, error(input_missing) when it is not there, invalid_value when the line is empty, too long, or has a NUL.
VMAIL_EXPORT secret read_secret_file(const std::filesystem::path& path);

/// The next line of a descriptor, or what it gives to its end (for `--password-stdin`, descriptors handed over). Nothing beyond the line is
/// read, so a second call takes the second line. Errors as above. The descriptor stays open.
VMAIL_EXPORT secret read_secret_descriptor(int fd);

} // namespace vmail
