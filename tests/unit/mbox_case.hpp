#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <vmail/descriptor.hpp>

#include <mbox/reader.hpp>

namespace mbox_case {

using namespace vmail::mbox;

/// The bytes as a file without a name.
inline vmail::descriptor file_of(std::string_view bytes) {
    vmail::descriptor fd(::memfd_create("mbox", MFD_CLOEXEC));
    if (!fd || ::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("no file in memory");
    return fd;
}

inline message_options options_for(dialect d) {
    message_options o;
    o.splitting.dialect = d;
    o.zone = vmail::time_zone::named("UTC");
    return o;
}

/// What a test looks at of a message.
struct read_message {
    std::string text;
    std::int64_t delivered;
    mail_state state;
    std::uint64_t crlf_size;
    std::string identity;
    std::string content;
    found_message found;
};

inline std::vector<read_message> read_all(std::string_view bytes, const message_options& options) {
    const vmail::descriptor fd = file_of(bytes);
    mbox_reader reader(fd.get(), "test.mbox", options);
    std::vector<read_message> all;
    batch b;
    while (reader.next(b))
        for (const message& m : b.messages)
            all.push_back({std::string(m.text()), m.delivered.epoch(), m.state, m.crlf_size, m.identity.hex(), m.content.hex(), m.found});
    return all;
}

inline std::vector<std::string> texts(std::string_view bytes, dialect d = dialect::detect) {
    std::vector<std::string> all;
    for (const read_message& m : read_all(bytes, options_for(d))) all.push_back(m.text);
    return all;
}

} // namespace mbox_case
