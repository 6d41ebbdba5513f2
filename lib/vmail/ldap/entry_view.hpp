#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>

namespace vmail::ldap {

/// An entry where it lies, in a message of the server or in an entry of ours: no byte of it is copied. Valid as long as that is, and made to be filled again
/// and again. Attribute names are compared without regard to case.
class VMAIL_EXPORT entry_view {
public:
    /// Its values are values(attribute), at least one.
    struct attribute {
        std::string_view name;
        std::size_t first = 0, count = 0;
    };

    entry_view() = default;
    explicit entry_view(const entry& e);
    entry_view(const entry_view&) = delete;
    entry_view& operator=(const entry_view&) = delete;

    /// As it was spelled: not safe to print, and perhaps no name at all.
    std::string_view dn_text() const noexcept { return dn_text_; }
    /// Throws invalid_value when it is none.
    ldap::dn dn() const { return dn::parse(dn_text_); }

    /// In the order in which they came.
    const std::vector<attribute>& attributes() const noexcept { return attributes_; }
    std::span<const std::string_view> values(const attribute& a) const noexcept { return std::span(values_).subspan(a.first, a.count); }
    /// Null when the attribute is not there.
    const attribute* find(std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
    bool has_class(std::string_view name) const noexcept;

    /// Takes attributes out by their names.
    void erase_if(const std::function<bool(std::string_view)>& unwanted);

    /// A copy that lasts. Throws invalid_value when the name is none.
    entry to_entry() const;

    /// Begins another entry.
    void begin(std::string_view dn_text);
    /// Its next attribute, which is not there until it has a value.
    void add_attribute(std::string_view name);
    void add_value(std::string_view value);

private:
    std::string_view dn_text_;
    std::string own_dn_text_; ///< of an entry of ours, which has none
    std::string_view pending_name_;
    bool pending_ = false;
    std::vector<attribute> attributes_;
    std::vector<std::string_view> values_;
};

} // namespace vmail::ldap
