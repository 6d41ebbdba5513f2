#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmail::mbox {

/// The file dovecot-uidlist of a folder, version 3: which message has which UID.
struct uid_file {
    struct row {
        std::uint32_t uid = 0;
        std::string extensions{}; ///< what Dovecot notes between UID and name, as it stands there; may be empty
        std::string file{};       ///< without flags
        bool operator==(const row&) const = default;
    };

    std::uint32_t uid_validity = 0;
    std::uint32_t next_uid = 1; ///< what the next message gets; above all rows
    std::string others{};       ///< the other fields of the header, as they stand there: the GUID of the folder
    std::vector<row> rows{};    ///< rising

    /// Nothing for what is not understood to the last byte.
    static std::optional<uid_file> parse(std::string_view text);
    std::string text() const;

    /// Whether no mail server has read it since this program wrote it: Dovecot adds the GUID before anybody is shown a UID, and names of its own.
    bool is_untouched() const;

    bool operator==(const uid_file&) const = default;
};

} // namespace vmail::mbox
