#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "smtp_post.hpp"

namespace vmail::tools {

namespace {

constexpr long longest_wait = 60, longest = 120, longest_connecting = 30; ///< seconds: for an answer, for a message as a whole, for a connection
constexpr int most_put_off = 3;

struct free_list {
    void operator()(curl_slist* l) const noexcept { ::curl_slist_free_all(l); }
};

/// What a message is from here on: CRLF at the end of each line; libcurl doubles the dots.
std::string with_crlf(const std::string& text) {
    std::string all;
    for (const char c : text) {
        if (c == '\n' && (all.empty() || all.back() != '\r')) all += '\r';
        all += c;
    }
    return all;
}

std::string without_line_end(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    return std::string(line);
}

} // namespace

/// What is asked and answered, as far as it tells what an answer was about.
struct smtp_post::conversation {
    conversation() : handle(::curl_easy_init()) {
        if (handle == nullptr) throw error(error_kind::internal, "libcurl gives no handle");
    }
    ~conversation() { ::curl_easy_cleanup(handle); }
    conversation(const conversation&) = delete;
    conversation& operator=(const conversation&) = delete;

    template <typename Value> void set(CURLoption option, Value value) {
        if (const auto r = ::curl_easy_setopt(handle, option, value); r != CURLE_OK) throw error(error_kind::internal, fmt::format("libcurl refuses an option: {}", ::curl_easy_strerror(r)));
    }

    void begin(std::string text) {
        message = std::move(text);
        left = message;
        is_about_message = is_over = false;
        answer.clear();
    }

    void asked(std::string_view command) {
        is_over = is_over || command.starts_with("QUIT"); // which is about nothing
        if (!is_over) is_about_message = command.starts_with("RCPT ");
    }

    void answered(std::string_view line) {
        if (!is_over) answer = without_line_end(line);
    }

    static int heard(CURL*, curl_infotype kind, char* bytes, std::size_t size, void* self) {
        auto& talk = *static_cast<conversation*>(self);
        const std::string_view text(bytes, size);
        if (kind == CURLINFO_HEADER_OUT) talk.asked(text);
        if (kind == CURLINFO_DATA_OUT) talk.is_about_message = true;
        if (kind == CURLINFO_HEADER_IN) talk.answered(text);
        return 0;
    }

    static std::size_t read(char* to, std::size_t size, std::size_t count, void* self) {
        auto& talk = *static_cast<conversation*>(self);
        const std::size_t taken = std::min(size * count, talk.left.size());
        std::memcpy(to, talk.left.data(), taken);
        talk.left.remove_prefix(taken);
        return taken;
    }

    CURL* handle;
    std::string message;
    std::string_view left;
    std::string answer;            ///< the last line
    bool is_about_message = false; ///< or its address
    bool is_over = false;
};

smtp_post::smtp_post(std::string server, std::string sender) : server_(std::move(server)), sender_(std::move(sender)), talk_(std::make_unique<conversation>()) {
    auto& talk = *talk_;
    talk.set(CURLOPT_URL, server_.c_str());
    talk.set(CURLOPT_PROTOCOLS_STR, "smtp");
    talk.set(CURLOPT_PROXY, ""); // whatever the environment says
    talk.set(CURLOPT_NOSIGNAL, 1L);
    talk.set(CURLOPT_CONNECTTIMEOUT, longest_connecting);
    talk.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, longest_wait);
    talk.set(CURLOPT_TIMEOUT, longest);
    talk.set(CURLOPT_UPLOAD, 1L);
    talk.set(CURLOPT_READFUNCTION, &conversation::read);
    talk.set(CURLOPT_READDATA, static_cast<void*>(&talk));
    talk.set(CURLOPT_VERBOSE, 1L); // for what follows alone
    talk.set(CURLOPT_DEBUGFUNCTION, &conversation::heard);
    talk.set(CURLOPT_DEBUGDATA, static_cast<void*>(&talk));
    talk.set(CURLOPT_MAIL_FROM, fmt::format("<{}>", sender_).c_str());
}

smtp_post::~smtp_post() = default;

posting smtp_post::send(const std::string& message, const std::string& to) {
    auto& talk = *talk_;
    talk.begin(with_crlf(message));
    const std::unique_ptr<curl_slist, free_list> recipients(::curl_slist_append(nullptr, fmt::format("<{}>", to).c_str()));
    talk.set(CURLOPT_MAIL_RCPT, recipients.get());
    talk.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(talk.message.size()));
    const auto result = ::curl_easy_perform(talk.handle);
    long code = 0;
    ::curl_easy_getinfo(talk.handle, CURLINFO_RESPONSE_CODE, &code);
    const bool is_put_off = result != CURLE_OK && talk.is_about_message && code >= 400 && code < 500;
    put_off_ = is_put_off ? put_off_ + 1 : 0;
    return judge(result, code);
}

posting smtp_post::judge(int result, long code) const {
    if (result == CURLE_OK) return {};
    const bool is_answer = code >= 400 && code < 600 && !talk_->answer.empty();
    const std::string why = is_answer ? fmt::format("{} answers {}", printable(server_), harmless(talk_->answer)) : fmt::format("{}: {}", printable(server_), ::curl_easy_strerror(static_cast<CURLcode>(result)));
    constexpr long closing = 421;
    const bool is_of_this_one = is_answer && talk_->is_about_message && code != closing && put_off_ < most_put_off;
    return {is_of_this_one ? posted::refused : posted::unavailable, why};
}

} // namespace vmail::tools
