#include <array>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/ldap/ldif_writer.hpp>

#include "stencil.hpp"

namespace vmail::nis {

namespace {

constexpr std::array<bool, 256> make_plain_bytes() {
    std::array<bool, 256> plain{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        plain[byte] = ascii::is_alnum(c) || c == '-' || c == '.' || c == '_';
    }
    return plain;
}
constexpr auto plain_bytes = make_plain_bytes();

} // namespace

stencil::stencil(const ldap::entry& sample, std::span<const std::string_view> markers) {
    add("dn", sample.dn().text(), markers);
    for (const ldap::attribute& a : sample.attributes())
        for (const std::string& value : a.values) add(a.name, value, markers);
}

void stencil::add(std::string_view name, std::string_view value, std::span<const std::string_view> markers) {
    for (std::size_t i = 0; i < markers.size(); ++i)
        for (const bool lower_case : {false, true}) {
            const std::string marker = lower_case ? ascii::to_lower(markers[i]) : std::string(markers[i]);
            const std::size_t at = value.find(marker);
            if (at == std::string_view::npos) continue;
            holes_.push_back({{std::exchange(rest_, {}), name, std::string(value.substr(0, at)), value.substr(at + marker.size())}, i, lower_case});
            return;
        }
    rest_ += ldap::ldif_line(name, value);
}

void stencil::write(ldif_text& out, std::span<const marker_values> values) const {
    for (const hole& h : holes_) {
        const marker_values found = values[h.marker];
        if (found.empty()) {
            out.lines_before(h.frame);
            continue;
        }
        out.line(h.frame, found.front(), h.lower_case);
        for (const std::string_view value : found.subspan(1)) out.next_line(h.frame, value, h.lower_case);
    }
    out.lines(rest_);
}

bool stencil::is_plain_in_dn(std::string_view value) noexcept {
    bool plain = !value.empty();
    for (const char c : value) plain &= plain_bytes[static_cast<unsigned char>(c)];
    return plain;
}

} // namespace vmail::nis
