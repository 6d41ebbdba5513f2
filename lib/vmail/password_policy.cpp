#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include <dlfcn.h>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <pwquality.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/admin.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/password.hpp>
#include <vmail/password_policy.hpp>

namespace vmail {

namespace {

/// libpwquality and, with it, cracklib: loaded by who sets a password, as each command would start later that is linked to them.
class judge {
public:
    judge() : library_(::dlopen("libpwquality.so.1", RTLD_NOW | RTLD_LOCAL)) {
        if (library_ == nullptr) throw error(error_kind::configuration, "the quality of the password cannot be judged: there is no libpwquality", {.hint = to_do});
    }
    judge(const judge&) = delete;
    judge& operator=(const judge&) = delete;
    ~judge() { ::dlclose(library_); }

    template <typename Function> Function* get(const char* name) const {
        void* const found = ::dlsym(library_, name);
        if (found == nullptr) throw error(error_kind::configuration, fmt::format("libpwquality lacks {}", name), {.hint = to_do});
        return reinterpret_cast<Function*>(found);
    }

    static constexpr auto to_do = "install libpwquality1 and cracklib-runtime, or set password-quality to off";

private:
    void* library_;
};

using settings_ptr = std::unique_ptr<pwquality_settings_t, decltype(&pwquality_free_settings)>;

/// The password as a C string, wiped.
struct c_string {
    explicit c_string(const secret& s) : text(s.reveal()) {}
    c_string(const c_string&) = delete;
    c_string& operator=(const c_string&) = delete;
    ~c_string() { OPENSSL_cleanse(text.data(), text.size()); }

    std::string text;
};

std::size_t classes_of(std::string_view text) {
    const auto has = [text](auto&& is) { return std::any_of(text.begin(), text.end(), is) ? std::size_t{1} : std::size_t{0}; };
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    return has(is_lower) + has(is_upper) + has(ascii::is_digit) + has([](char c) { return !ascii::is_alnum(c); });
}

void require_classes(const secret& password, std::size_t least) {
    if (const std::size_t there = classes_of(password.reveal()); there < least)
        throw limit_exceeded(fmt::format("the password has {} of the four kinds of characters (small letters, capitals, digits, others), and it takes {} at least", there, least));
}

/// Ours alone: no pwquality.conf of the machine, which is for its own users.
settings_ptr make_settings(const judge& j, const std::vector<std::string>& personal) {
    settings_ptr s(j.get<decltype(pwquality_default_settings)>("pwquality_default_settings")(), j.get<decltype(pwquality_free_settings)>("pwquality_free_settings"));
    auto* const set_number = j.get<decltype(pwquality_set_int_value)>("pwquality_set_int_value");
    auto* const set_text = j.get<decltype(pwquality_set_str_value)>("pwquality_set_str_value");
    const std::string words = fmt::format("{}", fmt::join(personal, " "));
    const bool set = s && set_number(s.get(), PWQ_SETTING_MIN_LENGTH, 0) == 0 && set_number(s.get(), PWQ_SETTING_GECOS_CHECK, 0) == 0 &&
                     set_text(s.get(), PWQ_SETTING_BAD_WORDS, words.c_str()) == 0;
    if (!set) throw error(error_kind::internal, "libpwquality does not take our settings");
    return s;
}

std::string sentence_of(const judge& j, int code, void* more) {
    if (code == PWQ_ERROR_BAD_WORDS) return "the password is made of the name or the address of its owner";
    std::array<char, PWQ_MAX_ERROR_MESSAGE_LEN> space{};
    std::string sentence = j.get<decltype(pwquality_strerror)>("pwquality_strerror")(space.data(), space.size(), code, more);
    if (!sentence.empty()) sentence.front() = ascii::to_lower(sentence.front());
    return sentence;
}

bool lacks_dictionary(int code, const void* more) {
    return code == PWQ_ERROR_CRACKLIB_CHECK && more != nullptr && std::string_view(static_cast<const char*>(more)) == "error loading dictionary";
}

void require_quality(const secret& password, const std::vector<std::string>& personal) {
    const judge j;
    const settings_ptr settings = make_settings(j, personal);
    const c_string text(password);
    void* more = nullptr;
    const int code = j.get<decltype(pwquality_check)>("pwquality_check")(settings.get(), text.text.c_str(), nullptr, nullptr, &more);
    if (code >= 0) return;
    if (lacks_dictionary(code, more))
        throw error(error_kind::configuration, "the quality of the password cannot be judged: there is no dictionary",
                    {.hint = judge::to_do});
    throw limit_exceeded(sentence_of(j, code, more));
}

/// What is longer is nobody's name, and libpwquality goes one call deeper for each byte.
constexpr std::size_t longest_word = 64;
constexpr std::size_t most_words = 64;

void add_words(std::vector<std::string>& words, std::string_view text) {
    constexpr std::string_view between = " .-_+@,;'\"()";
    while (!text.empty() && words.size() < most_words) {
        const auto end = std::min(text.find_first_of(between), text.size());
        if (end > 0 && end <= longest_word) words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

} // namespace

void password_policy::require(const secret& password, const std::vector<std::string>& personal) const {
    require_length(password, min_length);
    if (min_classes > 1) require_classes(password, min_classes);
    if (quality) require_quality(password, personal);
}

std::vector<std::string> personal_words(const mailbox& m) {
    std::vector<std::string> words;
    for (const std::string& text : {m.address.local_part(), m.address.domain().text(), m.full_name, m.surname, m.given_name}) add_words(words, text);
    return words;
}

std::vector<std::string> personal_words(const admin& a) {
    std::vector<std::string> words;
    add_words(words, a.name.text());
    if (a.mail) add_words(words, a.mail->text());
    for (const domain_name& d : a.domains) add_words(words, d.text());
    return words;
}

} // namespace vmail
