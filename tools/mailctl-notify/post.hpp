#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include <vmail/error.hpp>

namespace vmail::tools {

/// What a mail server said to a message.
enum class posted {
    taken,
    refused,      ///< this message, or this address: others may be taken
    unavailable,  ///< the server takes nothing now
};

struct posting {
    posted what = posted::taken;
    std::string sentence{}; ///< why not, safe to print
};

/// Hands messages to a mail server by its program sendmail(1).
class post {
public:
    /// `sender`: who gets what cannot be delivered; empty: nobody.
    post(std::filesystem::path sendmail, std::string sender) : sendmail_(std::move(sendmail)), sender_(std::move(sender)) {}

    /// To whom the message itself names. A program that does not end within two minutes is ended.
    posting send(const std::string& message) const;

private:
    std::filesystem::path sendmail_;
    std::string sender_;
};

} // namespace vmail::tools
