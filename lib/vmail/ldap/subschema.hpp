#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include <vmail/export.hpp>
#include <vmail/ldap/entry.hpp>

namespace vmail::ldap {

/// What the server's subschema (RFC 4512 section 4.2) says of its attribute types and object classes. Names are compared without regard to case,
/// matching rules are looked up through inheritance (SUP).
class VMAIL_EXPORT subschema {
public:
    /// From the subschema entry with its attributeTypes and objectClasses. Definitions that do not parse are left out.
    explicit subschema(const entry& e);

    bool has_attribute(std::string_view name) const;
    bool has_class(std::string_view name) const;
    bool has_equality(std::string_view attribute) const;
    bool has_ordering(std::string_view attribute) const;
    /// Whether the ordering rule compares numbers. By any other one, "9999" comes after "10000".
    bool orders_integers(std::string_view attribute) const;
    /// Not inherited (RFC 4512 section 2.5.1).
    bool single_valued(std::string_view attribute) const;
    /// The numeric OID of an attribute type or an object class, or empty.
    std::string oid(std::string_view name) const;

private:
    struct attribute_type {
        std::string oid, superior;
        bool equality = false, ordering = false, integer_ordering = false, single = false;
    };
    const attribute_type* find(std::string_view name) const;
    bool has_rule(std::string_view attribute, bool attribute_type::*rule) const;

    // By name and by OID, in lower case.
    std::unordered_map<std::string, attribute_type> types_;
    std::unordered_map<std::string, std::string> classes_; ///< the OID of each
};

} // namespace vmail::ldap
