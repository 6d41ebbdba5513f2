#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "post.hpp"

namespace vmail::tools {

/// By a program that is called as sendmail(1) is.
class program_post final : public post {
public:
    /// `sender`: who gets what cannot be delivered; empty: nobody.
    program_post(std::filesystem::path sendmail, std::string sender) : sendmail_(std::move(sendmail)), sender_(std::move(sender)) {}

    /// A program that does not end within two minutes is ended.
    posting send(const std::string& message, const std::string& to) override;

private:
    std::filesystem::path sendmail_;
    std::string sender_;
};

} // namespace vmail::tools
