#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

/// Internal: for the program that works on mail.
namespace vmail::mail_store {

/// SHA-256 of what it is given, piece by piece.
class digest {
public:
    digest();
    digest(digest&&) noexcept;
    ~digest();

    void add(std::string_view bytes);
    /// The same, so that where it ends can be told from what follows.
    void add_field(std::string_view bytes);
    /// 32 bytes. It begins anew with the next call of add().
    std::string take();

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// "9f86d081...", of the bytes of a digest.
std::string hex_of(std::string_view bytes);

} // namespace vmail::mail_store
