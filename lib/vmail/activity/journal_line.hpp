#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vmail::activity {

/// One entry of journald as `journalctl -o json` writes it: an object in a line. It is used again for the next one: the texts live until then.
class journal_line {
public:
    /// False: it is no object of JSON, or has no cursor, time or message.
    bool parse(std::string_view json);

    std::int64_t seconds() const noexcept { return seconds_; }
    const std::string& cursor() const noexcept { return cursor_; }
    const std::string& host() const noexcept { return host_; }
    const std::string& program() const noexcept { return program_; }
    const std::string& tag() const noexcept { return tag_; } ///< "imapd[12]"
    /// Its bytes, also where journald writes them as numbers: they are no UTF-8, or have control characters.
    const std::string& message() const noexcept { return message_; }

private:
    std::string* field_of(std::string_view key);
    void clear();

    std::int64_t seconds_ = 0;
    std::string cursor_{}, time_{}, host_{}, program_{}, tag_{}, pid_{}, system_pid_{}, message_{};
};

/// Where an entry is in a journal: "s=ID;i=SEQUENCE;...". The numbers of one ID only grow, whatever the clock does.
struct journal_place {
    std::string_view id{};
    std::uint64_t sequence = 0; ///< 0: the cursor is none that is known
};
journal_place place_of(std::string_view cursor);

} // namespace vmail::activity
