#pragma once

#include <memory>
#include <string>

#include <cli/configuration.hpp>

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

/// Hands messages to a mail server.
class post {
public:
    virtual ~post() = default;

    /// The message names the same address as `to`. Neither a program nor a server that does not answer is waited for longer than two minutes.
    virtual posting send(const std::string& message, const std::string& to) = 0;
};

/// By its program sendmail(1), or by SMTP, as the settings say. Whoever the settings name gets what cannot be delivered, or nobody. Throws error(configuration) where there is no
/// such program.
std::unique_ptr<post> make_post(const configuration& c);

} // namespace vmail::tools
