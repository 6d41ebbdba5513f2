#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/dn.hpp>

namespace vmail::ldap {

/// An attribute and its values: bytes, in the order in which they came.
struct attribute {
    std::string name;
    std::vector<std::string> values;
};

/// An entry: a name and attributes, in the order in which they came. Attribute names are compared without regard to case.
class VMAIL_EXPORT entry {
public:
    entry() = default;
    explicit entry(ldap::dn name) : dn_(std::move(name)) {}
    /// Each attribute has values, and a name that no other has.
    entry(ldap::dn name, std::vector<attribute> attributes) : dn_(std::move(name)), attributes_(std::move(attributes)) {}

    const ldap::dn& dn() const noexcept { return dn_; }
    void set_dn(ldap::dn name) { dn_ = std::move(name); }

    const std::vector<attribute>& attributes() const noexcept { return attributes_; }

    /// The values, or null when the attribute is not there. Valid until the entry changes.
    const std::vector<std::string>* find(std::string_view name) const noexcept;
    /// The first value, if any.
    std::optional<std::string> first(std::string_view name) const;
    bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
    /// Byte-for-byte.
    bool has_value(std::string_view name, std::string_view value) const noexcept;

    /// Replaces all values; no values removes the attribute.
    void set(std::string_view name, std::vector<std::string> values);
    void set(std::string_view name, std::string value);
    /// Sets the value, or removes the attribute when there is none.
    void set(std::string_view name, std::optional<std::string> value);
    void set(std::string_view name, const char* value) { set(name, std::string(value)); }
    /// Appends one value unless it is there already, byte for byte.
    void add_value(std::string_view name, std::string value);
    void erase(std::string_view name);

    /// Object class names are compared without regard to case. add_class keeps the spelling of one that is there.
    bool has_class(std::string_view name) const noexcept;
    void add_class(std::string_view name);
    void remove_class(std::string_view name);

private:
    ldap::dn dn_;
    std::vector<attribute> attributes_;
};

/// RFC 4511 section 4.6.
enum class change { add, remove, replace };

/// One change of a modify request. Removing without values removes the whole attribute.
struct modification {
    change what = change::replace;
    std::string attribute;
    std::vector<std::string> values;
    bool operator==(const modification&) const = default;
};

/// What turns `before` into `after`; the names of the two entries are not looked at. Sets of values are compared byte for byte and without
/// order, except objectClass, where case does not count.
///
/// An attribute with one value on both sides is replaced (lastChange has no equality rule, so its value cannot be removed); with more, values
/// are added and removed one by one, which needs an equality rule that all multi-valued attributes of the model have. A new userPassword or
/// pwdReset always takes the place of all that are there, as they may be there unseen. Object classes are added before anything that needs them and removed last.
VMAIL_EXPORT std::vector<modification> diff(const entry& before, const entry& after);

} // namespace vmail::ldap
