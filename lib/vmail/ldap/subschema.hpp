#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <vmail/export.hpp>
#include <vmail/ldap/entry.hpp>

namespace vmail::ldap {

/// What the server's subschema (RFC 4512 section 4.2) says of its attribute types and object classes. Names are compared without regard to case,
/// matching rules are looked up through inheritance (SUP).
class VMAIL_EXPORT subschema {
public:
    /// From the subschema entry with its attributeTypes, objectClasses, matchingRules and matchingRuleUse. Definitions that do not parse are left out.
    explicit subschema(const entry& e);

    bool has_attribute(std::string_view name) const;
    bool has_class(std::string_view name) const;
    bool has_equality(std::string_view attribute) const;
    bool has_ordering(std::string_view attribute) const;
    bool has_substrings(std::string_view attribute) const;
    /// Whether the ordering rule compares numbers. By any other one, "9999" comes after "10000".
    bool orders_integers(std::string_view attribute) const;
    /// The numeric OID of the attribute's syntax, its own or its superior's, or empty.
    std::string syntax(std::string_view attribute) const;
    /// Whether its values name object classes.
    bool is_class_list(std::string_view attribute) const;
    /// Whether there is a matching rule of this name or OID; true as well where the server names none at all.
    bool has_matching_rule(std::string_view name) const;
    /// The numeric OID of the syntax of what the rule compares with, or empty.
    std::string syntax_of_rule(std::string_view rule) const;
    /// Whether the rule can be used on the attribute in an extensible match; true as well where the server does not tell of the rule.
    bool is_rule_for(std::string_view rule, std::string_view attribute) const;
    /// Not inherited (RFC 4512 section 2.5.1).
    bool single_valued(std::string_view attribute) const;
    /// It names no attribute types at all: there was nothing to read, or we were not let.
    bool empty() const noexcept { return types_.empty(); }
    /// The numeric OID of an attribute type or an object class, or empty.
    std::string oid(std::string_view name) const;

private:
    struct attribute_type {
        std::string oid, superior, syntax;
        bool equality = false, ordering = false, substrings = false, integer_ordering = false, single = false;
    };
    struct matching_rule {
        std::string oid, syntax;
    };
    const attribute_type* find(std::string_view name) const;
    bool has_rule(std::string_view attribute, bool attribute_type::*rule) const;
    void read_rules(const entry& e);

    // By name and by OID, in lower case.
    std::unordered_map<std::string, attribute_type> types_;
    std::unordered_map<std::string, std::string> classes_; ///< the OID of each
    std::unordered_map<std::string, matching_rule> rules_;
    std::unordered_map<std::string, std::unordered_set<std::string>> applies_; ///< by the OID of the rule, the OIDs of attributes
};

} // namespace vmail::ldap
