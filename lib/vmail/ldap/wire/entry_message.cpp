#include <cstdint>

#include <vmail/ldap/wire/ber_reader.hpp>
#include <vmail/ldap/wire/entry_message.hpp>
#include <vmail/ldap/wire/unread.hpp>

namespace vmail::ldap::wire {

namespace {

constexpr std::uint8_t sequence = 0x30, set = 0x31, octets = 0x04;

/// PartialAttribute.
bool show_attribute(std::string_view bytes, entry_view& in, const std::vector<std::string>& never_read) {
    ber_reader parts(bytes);
    const auto name = parts.take(octets);
    const auto values = name ? parts.take(set) : std::nullopt;
    if (!values) return false;
    if (is_unread(never_read, *name)) return true;
    in.add_attribute(*name);
    for (ber_reader left(*values); !left.is_done();) {
        const auto value = left.take(octets);
        if (!value) return false;
        in.add_value(value_to_read(never_read, *name, *value));
    }
    return true;
}

} // namespace

bool entry_message::show(entry_view& in, const std::vector<std::string>& never_read) const {
    in.begin(dn_text);
    for (ber_reader left(attributes); !left.is_done();) {
        const auto one = left.take(sequence);
        if (!one || !show_attribute(*one, in, never_read)) return false;
    }
    return true;
}

} // namespace vmail::ldap::wire
