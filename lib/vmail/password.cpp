#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <crypt.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/utf8.hpp>

#include <vmail/password.hpp>
#include <vmail/password_form.hpp>

namespace vmail {

namespace {

using bytes = std::vector<unsigned char>;

struct scheme_row {
    password_scheme scheme;
    std::string_view name;
    const char* crypt_prefix; // nullptr: a digest and its salt
    unsigned long crypt_cost; // 0: libcrypt's own
    std::size_t max_password;
};

constexpr std::size_t max_crypt_password = CRYPT_MAX_PASSPHRASE_SIZE - 1; // libcrypt counts its NUL
constexpr std::size_t max_bcrypt_password = 72;                           // it ignores what lies beyond

constexpr std::array schemes = {
    scheme_row{password_scheme::yescrypt, "yescrypt", "$y$", 0, max_crypt_password},
    scheme_row{password_scheme::sha512_crypt, "sha512-crypt", "$6$", 0, max_crypt_password},
    scheme_row{password_scheme::bcrypt, "bcrypt", "$2b$", 12, max_bcrypt_password},
    scheme_row{password_scheme::ssha512, "ssha512", nullptr, 0, max_crypt_password},
    scheme_row{password_scheme::ssha, "ssha", nullptr, 0, max_crypt_password},
};

constexpr std::array all_schemes = {password_scheme::yescrypt, password_scheme::sha512_crypt, password_scheme::bcrypt,
                                    password_scheme::ssha512, password_scheme::ssha};

constexpr bool rows_stand_at_their_scheme() {
    for (std::size_t i = 0; i < schemes.size(); ++i)
        if (static_cast<std::size_t>(schemes[i].scheme) != i || all_schemes[i] != schemes[i].scheme) return false;
    return true;
}
static_assert(rows_stand_at_their_scheme());

const scheme_row& row_of(password_scheme scheme) { return schemes[static_cast<std::size_t>(scheme)]; }

/// What RFC 2307 and slapd's pw-sha2 call a digest, in base64, with a salt behind it or without.
struct digest_row {
    std::string_view name;
    const EVP_MD* (*algorithm)();
    bool salted;
};

constexpr std::array digests = {
    digest_row{"SSHA", EVP_sha1, true},      digest_row{"SHA", EVP_sha1, false},
    digest_row{"SSHA256", EVP_sha256, true}, digest_row{"SHA256", EVP_sha256, false},
    digest_row{"SSHA512", EVP_sha512, true}, digest_row{"SHA512", EVP_sha512, false},
    digest_row{"SMD5", EVP_md5, true},       digest_row{"MD5", EVP_md5, false},
};

const digest_row* find_digest(std::string_view name) {
    const auto at = std::find_if(digests.begin(), digests.end(), [name](const digest_row& row) { return ascii::iequals(row.name, name); });
    return at != digests.end() ? &*at : nullptr;
}

void fill_random(void* data, std::size_t size) {
    auto* at = static_cast<unsigned char*>(data);
    while (size > 0) {
        const ssize_t count = ::getrandom(at, size, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw error(error_kind::internal, "the kernel gives no random bytes");
        at += count;
        size -= static_cast<std::size_t>(count);
    }
}

bool equal_in_constant_time(const void* a, std::size_t a_size, const void* b, std::size_t b_size) {
    return a_size == b_size && CRYPTO_memcmp(a, b, a_size) == 0;
}

std::string to_base64(const bytes& data) {
    std::string text(4 * ((data.size() + 2) / 3) + 1, '\0'); // OpenSSL adds a NUL
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data.data(), static_cast<int>(data.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

bool is_base64(std::string_view text) {
    constexpr std::size_t max_text = 4096; // a digest and any reasonable salt, and far below OpenSSL's int
    if (text.empty() || text.size() % 4 != 0 || text.size() > max_text) return false;
    std::string_view data = text;
    for (int i = 0; i < 2 && data.ends_with('='); ++i) data.remove_suffix(1);
    return std::all_of(data.begin(), data.end(), [](char c) { return ascii::is_alnum(c) || c == '+' || c == '/'; });
}

std::optional<bytes> from_base64(std::string_view text) {
    if (!is_base64(text)) return std::nullopt;
    bytes data(text.size() / 4 * 3);
    const int size = EVP_DecodeBlock(data.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    // OpenSSL counts what the padding stands for.
    const auto padding = static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '='));
    data.resize(static_cast<std::size_t>(size) - padding);
    return data;
}

struct digest_context_deleter {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

/// The digest of the password and then the salt.
bytes digest(const EVP_MD* algorithm, std::string_view password, std::span<const unsigned char> salt) {
    const std::unique_ptr<EVP_MD_CTX, digest_context_deleter> context(EVP_MD_CTX_new());
    std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
    unsigned int size = 0;
    const bool done = context && EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), password.data(), password.size()) == 1 &&
                      EVP_DigestUpdate(context.get(), salt.data(), salt.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), result.data(), &size) == 1;
    if (!done) throw error(error_kind::configuration, "OpenSSL refuses the digest of this password scheme");
    return {result.begin(), result.begin() + size};
}

bool verify_digest(std::string_view password, const digest_row& row, std::string_view encoded) {
    const EVP_MD* const algorithm = row.algorithm();
    const auto size = static_cast<std::size_t>(EVP_MD_get_size(algorithm));
    const std::optional<bytes> stored = from_base64(encoded);
    if (!stored || stored->size() < size || (!row.salted && stored->size() != size)) return false;
    const bytes computed = digest(algorithm, password, std::span(*stored).subspan(size));
    return equal_in_constant_time(computed.data(), computed.size(), stored->data(), size);
}

std::string make_digest(std::string_view password, std::string_view name, std::size_t salt_size) {
    bytes salt(salt_size);
    fill_random(salt.data(), salt.size());
    bytes value = digest(find_digest(name)->algorithm(), password, salt);
    value.insert(value.end(), salt.begin(), salt.end());
    return fmt::format("{{{}}}{}", name, to_base64(value));
}

/// crypt(3)'s working space and the password as a C string, both wiped.
struct crypt_space {
    crypt_data data{};
    std::array<char, CRYPT_MAX_PASSPHRASE_SIZE> password{};

    crypt_space() = default;
    crypt_space(const crypt_space&) = delete;
    crypt_space& operator=(const crypt_space&) = delete;
    ~crypt_space() {
        OPENSSL_cleanse(&data, sizeof data);
        OPENSSL_cleanse(password.data(), password.size());
    }
};

/// What crypt(3) makes of the password, or empty when libcrypt does not know the setting. Precondition: no NUL, and not too long.
std::string crypt_password(std::string_view password, const std::string& setting) {
    const auto space = std::make_unique<crypt_space>(); // 32 KiB: too much for the stack of a small thread
    password.copy(space->password.data(), max_crypt_password);
    errno = 0;
    const char* const made = crypt_rn(space->password.data(), setting.c_str(), &space->data, sizeof space->data);
    if (made != nullptr) return made;
    if (errno == ENOMEM) throw error(error_kind::unavailable, "there is not enough memory to hash a password");
    return {};
}

std::string make_crypt(std::string_view password, const scheme_row& row) {
    std::array<char, 16> random{};
    fill_random(random.data(), random.size());
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
    const char* const made = crypt_gensalt_rn(row.crypt_prefix, row.crypt_cost, random.data(), static_cast<int>(random.size()),
                                              setting.data(), static_cast<int>(setting.size()));
    const std::string hash = made != nullptr ? crypt_password(password, made) : std::string();
    if (hash.empty()) throw error(error_kind::configuration, fmt::format("libcrypt of this system does not make {}", row.name));
    return "{CRYPT}" + hash;
}

std::optional<bool> verify_crypt(std::string_view password, const std::string& stored) {
    if (password.find('\0') != std::string_view::npos || password.size() > max_crypt_password) return false;
    if (crypt_checksalt(stored.c_str()) == CRYPT_SALT_INVALID) return std::nullopt;
    const std::string made = crypt_password(password, stored);
    if (made.empty()) return std::nullopt;
    return equal_in_constant_time(made.data(), made.size(), stored.data(), stored.size());
}

constexpr bool is_prefix_byte(char c) { return ascii::is_alnum(c) || std::string_view("-_./").find(c) != std::string_view::npos; }

bool is_crypt(std::string_view scheme) { return ascii::iequals(scheme, "CRYPT"); }

/// "$6$" of "$6$salt$hash", "" where there is no such thing.
std::string_view crypt_prefix(std::string_view hash) {
    constexpr std::size_t max_prefix = 16;
    const std::size_t end = hash.starts_with('$') ? hash.find('$', 1) : std::string_view::npos;
    if (end == std::string_view::npos || end > max_prefix) return {};
    const std::string_view id = hash.substr(1, end - 1);
    return std::all_of(id.begin(), id.end(), is_prefix_byte) ? hash.substr(0, end + 1) : std::string_view();
}

void check_password(std::string_view password, const scheme_row& row) {
    if (password.empty()) throw invalid_value("the password is empty");
    if (password.find('\0') != std::string_view::npos) throw invalid_value("the password has a NUL byte");
    if (password.size() > row.max_password)
        throw invalid_value(fmt::format("the password is longer than the {} bytes that {} takes", row.max_password, row.name));
}

/// A number below limit, each equally likely.
std::size_t random_below(std::size_t limit) {
    const std::size_t fair = 256 / limit * limit;
    for (;;) {
        unsigned char byte = 0;
        fill_random(&byte, 1);
        if (byte < fair) return byte % limit;
    }
}

} // namespace

std::string_view name(password_scheme scheme) noexcept { return row_of(scheme).name; }

std::span<const password_scheme> password_schemes() noexcept { return all_schemes; }

password_scheme parse_password_scheme(std::string_view text) {
    std::string names;
    for (const scheme_row& row : schemes) {
        if (row.name == text) return row.scheme;
        names += names.empty() ? "" : ", ";
        names += row.name;
    }
    throw invalid_value(fmt::format("{} is not a password scheme: there are {}", vmail::quoted(text), names));
}

password_hash password_hash::from_attribute(std::string_view value) {
    if (value.empty()) throw invalid_value("the stored password is empty");
    const std::string_view scheme = split_stored_password(value).scheme;
    if (scheme.empty()) throw invalid_value("the stored password is not hashed: it does not begin with {SCHEME}");
    if (!is_hash_scheme(scheme)) throw invalid_value("the stored password is not hashed: it does not begin with a scheme of hashes");
    return password_hash(std::string(value));
}

std::string password_hash::scheme_name() const {
    const auto [scheme, rest] = split_stored_password(value_);
    const std::string_view prefix = is_crypt(scheme) ? crypt_prefix(rest) : std::string_view();
    return ascii::to_upper(scheme) + (prefix.empty() ? "" : " " + std::string(prefix));
}

std::string_view password_hash::slapd_module() const noexcept {
    const std::string_view scheme = split_stored_password(value_).scheme;
    const auto is = [scheme](std::string_view name) { return ascii::iequals(scheme, name); };
    if (is("ARGON2")) return "argon2";
    if (ascii::istarts_with(scheme, "PBKDF2")) return "pw-pbkdf2";
    constexpr std::array<std::string_view, 6> sha2 = {"SHA256", "SSHA256", "SHA384", "SSHA384", "SHA512", "SSHA512"};
    return std::any_of(sha2.begin(), sha2.end(), is) ? "pw-sha2" : "";
}

bool password_hash::locked() const {
    const auto [scheme, rest] = split_stored_password(value_);
    if (!is_crypt(scheme) && find_digest(scheme) == nullptr) return false;
    return is_locked(rest);
}

password_hash hash_password(const secret& password, password_scheme scheme) {
    const scheme_row& row = row_of(scheme);
    check_password(password.reveal(), row);
    const auto make = [&]() -> std::string {
        switch (scheme) {
        case password_scheme::ssha512: return make_digest(password.reveal(), "SSHA512", 16);
        case password_scheme::ssha: return make_digest(password.reveal(), "SSHA", 4); // Courier takes the last 4 bytes for the salt
        case password_scheme::yescrypt:
        case password_scheme::sha512_crypt:
        case password_scheme::bcrypt: break;
        }
        return make_crypt(password.reveal(), row);
    };
    return password_hash::from_attribute(make());
}

std::optional<bool> verify_password(const secret& password, const password_hash& hash) {
    if (hash.locked()) return false;
    const auto [scheme, rest] = split_stored_password(hash.to_attribute());
    if (is_crypt(scheme)) return verify_crypt(password.reveal(), std::string(rest));
    if (const auto* const row = find_digest(scheme)) return verify_digest(password.reveal(), *row, rest);
    return std::nullopt;
}

void require_length(const secret& password, std::size_t least) {
    if (const std::size_t length = utf8::length(password.reveal()); length < least)
        throw limit_exceeded(fmt::format("the password has {} character{}, and it takes {} at least", length, length == 1 ? "" : "s", least));
}

namespace {

/// Neighbours as in "ab", "ba", "78": with more than five of them in 24 characters cracklib calls the password systematic.
std::size_t neighbours_in(std::string_view text) {
    std::size_t found = 0;
    for (std::size_t i = 1; i < text.size(); ++i)
        if (std::abs(ascii::to_lower(text[i]) - ascii::to_lower(text[i - 1])) == 1) ++found;
    return found;
}

} // namespace

secret generate_password() {
    constexpr std::string_view alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";
    constexpr std::size_t length = 20;
    constexpr std::size_t group = 4;
    std::array<char, length + length / group - 1> text{};
    static_assert(text.size() == generated_password_length);
    constexpr std::size_t most_neighbours = 4; // drawn again in one of 300: no bit is lost
    do {
        for (std::size_t i = 0; i < text.size(); ++i)
            text[i] = (i + 1) % (group + 1) == 0 ? '-' : alphabet[random_below(alphabet.size())];
    } while (neighbours_in({text.data(), text.size()}) > most_neighbours);
    secret made(std::string_view(text.data(), text.size()));
    OPENSSL_cleanse(text.data(), text.size());
    return made;
}

} // namespace vmail
