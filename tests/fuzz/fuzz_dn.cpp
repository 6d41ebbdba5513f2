#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <vmail/error.hpp>

#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/filter.hpp>

// Any bytes are refused with invalid_value or are a name (a filter) whose text is printable ASCII and means the same when it is read again.

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool is_printable(std::string_view text) {
    for (const char c : text)
        if (c < ' ' || c > '~') return false;
    return true;
}

void try_dn(std::string_view bytes) {
    const auto name = vmail::ldap::dn::parse(bytes);
    const auto text = name.text();
    require(is_printable(text) && is_printable(name.key()));
    // Escaping makes a text up to three times as long: past the bound of parse() when it was near it.
    if (text.size() > 64 * 1024) return;
    require(vmail::ldap::dn::parse(text).rdns() == name.rdns());
    require(vmail::ldap::dn::parse(name.key()) == name);
    require(name.is_within(name.parent()));
}

void try_filter(std::string_view bytes) {
    const auto text = vmail::ldap::filter::parse(bytes).text();
    require(is_printable(text));
    if (text.size() <= 64 * 1024) require(vmail::ldap::filter::parse(text).text() == text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    try {
        try_dn(bytes);
    } catch (const vmail::invalid_value&) {
    }
    try {
        try_filter(bytes);
    } catch (const vmail::invalid_value&) {
    }
    return 0;
}
