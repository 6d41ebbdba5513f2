#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmail::mbox {

/// Where something stands in a message: bytes [begin, end).
struct extent {
    std::size_t begin = 0;
    std::size_t end = 0;

    std::size_t size() const noexcept { return end - begin; }
};

/// What X-IMAP (in the folder's internal data) or X-IMAPbase (in its first message) says about the folder.
struct imap_base {
    std::uint32_t uid_validity = 0;
    std::uint32_t last_uid = 0;
    std::vector<std::string> keywords{};
};

/// What the old server knew about a message.
struct mail_flags {
    bool seen = false;
    bool old = false; ///< a reader has been shown that it is there
    bool answered = false;
    bool flagged = false;
    bool deleted = false;
    bool draft = false;
};

/// What a header says about its message, in the fields that mail readers keep in an mbox.
struct mail_state {
    mail_flags flags{};
    std::vector<std::string> keywords{};
    std::optional<std::uint32_t> uid{};
    std::optional<imap_base> base{};
    bool internal_data = false;   ///< no mail: the folder's own message of UW-IMAP and Pine ("DON'T DELETE THIS MESSAGE")
    std::vector<extent> status{}; ///< the lines of Status, X-Status, X-Keywords, X-UID, X-IMAP, X-IMAPbase and Content-Length
    std::vector<extent> fickle{}; ///< these, and what else mail readers put into an mbox: it changes while the mail remains the same
};

/// The length of the header with the blank line that ends it; of the whole text where there is no such line. The line may end in CR LF.
std::size_t header_length(std::string_view message);

/// The value of Content-Length, where it is one number.
std::optional<std::uint64_t> content_length(std::string_view header);

/// Status R and O, X-Status A, F, D (deleted) and T (draft); without any Status, X-Mozilla-Status.
mail_state read_state(std::string_view header);

/// The value of the first field of that name, as it stands there; nothing where there is none.
std::optional<std::string_view> find_field(std::string_view header, std::string_view name);

/// The message without these bytes. Precondition: in order, and within it.
std::string without(std::string_view message, const std::vector<extent>& left_out);

} // namespace vmail::mbox
