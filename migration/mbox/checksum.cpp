#include <openssl/evp.h>

#include <vmail/error.hpp>

#include "checksum.hpp"

namespace vmail::mbox {

namespace {

struct freer {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

void require(bool worked) {
    if (!worked) throw error(error_kind::configuration, "cannot compute checksums: OpenSSL has no SHA-256 or AES-GCM");
}

} // namespace

struct summer::state {
    // Fetched once: EVP_sha256() would look it up for every message.
    std::unique_ptr<EVP_MD, freer> digest{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, freer> context{EVP_MD_CTX_new()};

    // The authentication code of AES-GCM (GMAC) under a key that is no secret: a polynomial hash, for which processors have instructions.
    std::unique_ptr<EVP_CIPHER_CTX, freer> gcm{EVP_CIPHER_CTX_new()};

    void begin() { require(digest && context && EVP_DigestInit_ex2(context.get(), digest.get(), nullptr) == 1); }
};

summer::summer() : state_(std::make_unique<state>()) {
    state_->begin();
    constexpr std::array<unsigned char, 16> key = {'m', 'b', 'o', 'x', '2', 'm', 'a', 'i', 'l', 'd', 'i', 'r'};
    require(state_->gcm && EVP_EncryptInit_ex(state_->gcm.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr) == 1);
}
summer::summer(summer&&) noexcept = default;
summer::~summer() = default;

summer& summer::add(std::string_view piece) {
    require(EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()) == 1);
    return *this;
}

checksum summer::finish() {
    checksum sum;
    require(EVP_DigestFinal_ex(state_->context.get(), sum.bytes.data(), nullptr) == 1);
    state_->begin();
    return sum;
}

std::array<unsigned char, 16> summer::fingerprint(std::string_view text) {
    constexpr std::size_t piece = std::size_t{1} << 30; // the interface counts in int
    constexpr std::array<unsigned char, 12> start{};
    EVP_CIPHER_CTX* const gcm = state_->gcm.get();
    int ignored = 0;
    require(EVP_EncryptInit_ex(gcm, nullptr, nullptr, nullptr, start.data()) == 1);
    while (!text.empty()) {
        const std::string_view some = text.substr(0, piece);
        require(EVP_EncryptUpdate(gcm, nullptr, &ignored, reinterpret_cast<const unsigned char*>(some.data()), static_cast<int>(some.size())) == 1);
        text.remove_prefix(some.size());
    }
    std::array<unsigned char, 16> tag{};
    unsigned char nothing = 0;
    require(EVP_EncryptFinal_ex(gcm, &nothing, &ignored) == 1);
    require(EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1);
    return tag;
}

void checksum::append_hex_to(std::string& text) const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 64> hex{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        hex[i * 2] = digits[bytes[i] >> 4];
        hex[i * 2 + 1] = digits[bytes[i] & 15];
    }
    text.append(hex.data(), hex.size());
}

std::string checksum::hex() const {
    std::string text;
    append_hex_to(text);
    return text;
}

} // namespace vmail::mbox
