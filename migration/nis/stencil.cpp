#include <algorithm>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/ldap/ldif_writer.hpp>

#include "stencil.hpp"

namespace vmail::nis {

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
            holes_.push_back({std::exchange(rest_, {}), std::string(name), std::string(value.substr(0, at)), std::string(value.substr(at + marker.size())), i,
                              lower_case});
            return;
        }
    rest_ += ldap::ldif_line(name, value);
}

void stencil::write(ldif_text& out, std::span<const marker_values> values) const {
    for (const hole& h : holes_) {
        out.lines(h.before);
        for (const std::string_view value : values[h.marker]) {
            if (h.lower_case) out.line(h.name, h.prefix, ascii::to_lower(value), h.suffix);
            else out.line(h.name, h.prefix, value, h.suffix);
        }
    }
    out.lines(rest_);
}

bool stencil::is_plain_in_dn(std::string_view value) noexcept {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

} // namespace vmail::nis
