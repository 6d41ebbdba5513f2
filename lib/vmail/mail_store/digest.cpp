#include <array>
#include <new>

#include <openssl/evp.h>

#include <vmail/error.hpp>

#include <vmail/mail_store/digest.hpp>

namespace vmail::mail_store {

struct digest::state {
    struct free_context {
        void operator()(EVP_MD_CTX* c) const noexcept { EVP_MD_CTX_free(c); }
    };
    std::unique_ptr<EVP_MD_CTX, free_context> context{EVP_MD_CTX_new()};

    void require(int done) const {
        if (done != 1) throw error(error_kind::internal, "libcrypto computes no SHA-256");
    }
    void begin() const { require(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr)); }
};

digest::digest() : state_(std::make_unique<state>()) {
    if (!state_->context) throw std::bad_alloc();
    state_->begin();
}
digest::digest(digest&&) noexcept = default;
digest::~digest() = default;

void digest::add(std::string_view bytes) { state_->require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size())); }

void digest::add_field(std::string_view bytes) {
    add(std::to_string(bytes.size()));
    add(":");
    add(bytes);
}

std::string digest::take() {
    std::array<unsigned char, 32> bytes{};
    state_->require(EVP_DigestFinal_ex(state_->context.get(), bytes.data(), nullptr));
    state_->begin();
    return {bytes.begin(), bytes.end()};
}

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

} // namespace vmail::mail_store
