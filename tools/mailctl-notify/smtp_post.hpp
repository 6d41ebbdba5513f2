#pragma once

#include <memory>
#include <string>

#include "post.hpp"

namespace vmail::tools {

/// By SMTP (RFC 5321), to a server that takes mail of this machine: without a login, and as it is.
class smtp_post final : public post {
public:
    /// "smtp://localhost:25", and who gets what cannot be delivered; empty: nobody.
    smtp_post(std::string server, std::string sender);
    ~smtp_post() override;

    /// What is answered to an address or to a message is about that alone; three in a row that are to be tried again later are about the server, as is everything else. The
    /// connection stays for the next message.
    posting send(const std::string& message, const std::string& to) override;

private:
    struct conversation;

    posting judge(int result, long code) const;

    std::string server_, sender_;
    std::unique_ptr<conversation> talk_;
    int put_off_ = 0; ///< messages in a row
};

} // namespace vmail::tools
