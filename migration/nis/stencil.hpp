#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/entry.hpp>

#include "ldif_text.hpp"

namespace vmail::nis {

/// The values that a marker stands for in one entry; none: the attribute is left out, several: it has several values.
using marker_values = std::span<const std::string_view>;

/// An entry with holes. Made from a sample that the entities themselves wrote, in which markers stand for what differs; so the entities alone say what an
/// entry looks like, and are asked once and not a million times.
class stencil {
public:
    /// A marker stands at most once in a value, as it is or in lower case (then so are the values). Markers must have a capital letter, be plain
    /// in a DN, and be parts of nothing else in the sample.
    stencil(const ldap::entry& sample, std::span<const std::string_view> markers);

    /// Appends the lines of the entry, its DN first, without the blank line at the end. `values` are in the order of the markers.
    /// Precondition: what stands in the DN is_plain_in_dn().
    void write(ldif_text& out, std::span<const marker_values> values) const;

    /// Whether a value stands in a DN without escapes.
    static bool is_plain_in_dn(std::string_view value) noexcept;

private:
    struct hole {
        line_frame frame;
        std::size_t marker = 0;
        bool lower_case = false;
    };
    void add(std::string_view name, std::string_view value, std::span<const std::string_view> markers);

    std::vector<hole> holes_;
    std::string rest_; ///< whole lines behind the last hole
};

} // namespace vmail::nis
