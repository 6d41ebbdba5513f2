#pragma once

#include <string>
#include <string_view>

/// Internal: for the program that works on mail.
namespace vmail::mail_store {

/// A folder of mail below the home of all mail, as one may be taken away or made: whatever the directory says, it leads to nothing else.
class folder_path {
public:
    /// "example.org/bob/", the last "/" does not count. Throws invalid_value unless it has two to 32 components of 255 bytes or less, none of them empty, hidden, "..", or
    /// beginning with "-", all of printable ASCII; and unless one before the last is the domain (empty: any).
    static folder_path parse(std::string_view relative, std::string_view domain);

    const std::string& text() const noexcept { return text_; } ///< "example.org/bob"
    std::string parent() const { return text_.substr(0, text_.rfind('/')); }
    std::string leaf() const { return text_.substr(text_.rfind('/') + 1); }

private:
    explicit folder_path(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

} // namespace vmail::mail_store
