#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace vmail::mbox {

/// A SHA-256.
struct checksum {
    std::array<unsigned char, 32> bytes{};

    /// 64 digits in lower case, as sha256sum(1) prints them.
    std::string hex() const;
    void append_hex_to(std::string& text) const;
    auto operator<=>(const checksum&) const = default;
};

/// For tables: the bytes are as good as random.
struct checksum_hash {
    std::size_t operator()(const checksum& sum) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, sum.bytes.data(), sizeof value);
        return value;
    }
};

/// Sums up texts, one after the other, each of one or more pieces.
class summer {
public:
    /// Throws error(configuration) where the library has no SHA-256 or AES-GCM.
    summer();
    summer(summer&&) noexcept;
    ~summer();

    summer& add(std::string_view piece);
    /// The sum of what was added since the last one.
    checksum finish();

    /// 128 bits that tell texts apart unless somebody makes them on purpose to agree, many times faster than a SHA-256.
    std::array<unsigned char, 16> fingerprint(std::string_view text);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace vmail::mbox
