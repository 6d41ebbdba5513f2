#include <openssl/evp.h>

#include <vmail/error.hpp>

#include "checksum.hpp"

namespace vmail::mbox {

namespace {

struct freer {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
};

void require(bool worked) {
    if (!worked) throw error(error_kind::configuration, "cannot compute checksums: OpenSSL has no SHA-256");
}

} // namespace

struct summer::state {
    // Fetched once: EVP_sha256() would look it up for every message.
    std::unique_ptr<EVP_MD, freer> digest{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, freer> context{EVP_MD_CTX_new()};

    void begin() { require(digest && context && EVP_DigestInit_ex2(context.get(), digest.get(), nullptr) == 1); }
};

summer::summer() : state_(std::make_unique<state>()) { state_->begin(); }
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

std::string checksum::hex() const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

} // namespace vmail::mbox
