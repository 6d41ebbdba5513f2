#include <utility>

#include <vmail/ascii.hpp>

#include <vmail/ldap/wire/handle.hpp>

#include <vmail/ldap/subschema.hpp>

namespace vmail::ldap {

namespace {

/// Longer chains of SUP are taken for loops.
constexpr int max_inheritance = 32;

std::string or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

/// libldap's parsers take C strings: a definition with a NUL would be read in part.
bool is_readable(const std::string& definition) { return definition.find('\0') == std::string::npos; }

wire::attribute_type parse_attribute_type(const std::string& definition) {
    int code = 0;
    const char* where = nullptr;
    return wire::attribute_type(ldap_str2attributetype(definition.c_str(), &code, &where, LDAP_SCHEMA_ALLOW_ALL));
}

wire::object_class parse_object_class(const std::string& definition) {
    int code = 0;
    const char* where = nullptr;
    return wire::object_class(ldap_str2objectclass(definition.c_str(), &code, &where, LDAP_SCHEMA_ALLOW_ALL));
}

wire::matching_rule parse_matching_rule(const std::string& definition) {
    int code = 0;
    const char* where = nullptr;
    return wire::matching_rule(ldap_str2matchingrule(definition.c_str(), &code, &where, LDAP_SCHEMA_ALLOW_ALL));
}

wire::matching_rule_use parse_matching_rule_use(const std::string& definition) {
    int code = 0;
    const char* where = nullptr;
    return wire::matching_rule_use(ldap_str2matchingruleuse(definition.c_str(), &code, &where, LDAP_SCHEMA_ALLOW_ALL));
}

/// Calls `use` with the OID and each name, in lower case.
template <class Use>
void for_each_key(const char* oid, char** names, Use use) {
    if (oid != nullptr) use(ascii::to_lower(oid));
    for (; names != nullptr && *names != nullptr; ++names) use(ascii::to_lower(*names));
}

bool is_integer_ordering(std::string_view rule) { return ascii::iequals(rule, "integerOrderingMatch") || rule == "2.5.13.15"; }

std::string key_of(std::string_view description) { return ascii::to_lower(description.substr(0, description.find(';'))); }

template <class Read>
void for_each_definition(const entry& e, std::string_view attribute, Read read) {
    const auto* const definitions = e.find(attribute);
    if (definitions == nullptr) return;
    for (const auto& definition : *definitions)
        if (is_readable(definition)) read(definition);
}

} // namespace

subschema::subschema(const entry& e) {
    for_each_definition(e, "attributeTypes", [this](const std::string& definition) {
        const auto parsed = parse_attribute_type(definition);
        if (!parsed) return;
        const attribute_type type{.oid = or_empty(parsed->at_oid),
                                  .superior = or_empty(parsed->at_sup_oid),
                                  .syntax = or_empty(parsed->at_syntax_oid),
                                  .equality = parsed->at_equality_oid != nullptr,
                                  .ordering = parsed->at_ordering_oid != nullptr,
                                  .substrings = parsed->at_substr_oid != nullptr,
                                  .integer_ordering = is_integer_ordering(or_empty(parsed->at_ordering_oid)),
                                  .single = parsed->at_single_value != 0};
        for_each_key(parsed->at_oid, parsed->at_names, [&](std::string key) { types_.insert_or_assign(std::move(key), type); });
    });
    for_each_definition(e, "objectClasses", [this](const std::string& definition) {
        const auto parsed = parse_object_class(definition);
        if (!parsed) return;
        const auto oid = or_empty(parsed->oc_oid);
        for_each_key(parsed->oc_oid, parsed->oc_names, [&](std::string key) { classes_.insert_or_assign(std::move(key), oid); });
    });
    read_rules(e);
}

void subschema::read_rules(const entry& e) {
    for_each_definition(e, "matchingRules", [this](const std::string& definition) {
        const auto parsed = parse_matching_rule(definition);
        if (!parsed) return;
        const matching_rule rule{or_empty(parsed->mr_oid), or_empty(parsed->mr_syntax_oid)};
        for_each_key(parsed->mr_oid, parsed->mr_names, [&](std::string key) { rules_.insert_or_assign(std::move(key), rule); });
    });
    for_each_definition(e, "matchingRuleUse", [this](const std::string& definition) {
        const auto parsed = parse_matching_rule_use(definition);
        if (!parsed) return;
        auto& attributes = applies_[or_empty(parsed->mru_oid)];
        for_each_key(nullptr, parsed->mru_applies_oids, [&](const std::string& key) { attributes.insert(oid(key)); });
    });
}

const subschema::attribute_type* subschema::find(std::string_view name) const {
    const auto at = types_.find(key_of(name));
    return at == types_.end() ? nullptr : &at->second;
}

bool subschema::has_rule(std::string_view attribute, bool attribute_type::*rule) const {
    const auto* type = find(attribute);
    for (int step = 0; type != nullptr && step < max_inheritance; ++step) {
        if (type->*rule) return true;
        type = type->superior.empty() ? nullptr : find(type->superior);
    }
    return false;
}

bool subschema::has_attribute(std::string_view name) const { return find(name) != nullptr; }

bool subschema::has_class(std::string_view name) const { return classes_.contains(key_of(name)); }

bool subschema::has_equality(std::string_view attribute) const { return has_rule(attribute, &attribute_type::equality); }

bool subschema::has_ordering(std::string_view attribute) const { return has_rule(attribute, &attribute_type::ordering); }

bool subschema::has_substrings(std::string_view attribute) const { return has_rule(attribute, &attribute_type::substrings); }

std::string subschema::syntax(std::string_view attribute) const {
    const auto* type = find(attribute);
    for (int step = 0; type != nullptr && step < max_inheritance; ++step) {
        if (!type->syntax.empty()) return type->syntax;
        type = type->superior.empty() ? nullptr : find(type->superior);
    }
    return {};
}

bool subschema::is_class_list(std::string_view attribute) const {
    const auto of = oid(attribute);
    return of == "2.5.4.0" || of == "2.5.21.9"; // objectClass, structuralObjectClass
}

bool subschema::has_matching_rule(std::string_view name) const { return rules_.empty() || rules_.contains(ascii::to_lower(name)); }

std::string subschema::syntax_of_rule(std::string_view rule) const {
    const auto at = rules_.find(ascii::to_lower(rule));
    return at == rules_.end() ? std::string() : at->second.syntax;
}

bool subschema::is_rule_for(std::string_view rule, std::string_view attribute) const {
    const auto named = rules_.find(ascii::to_lower(rule));
    const auto use = named == rules_.end() ? applies_.end() : applies_.find(named->second.oid);
    return use == applies_.end() || use->second.contains(oid(attribute));
}

bool subschema::orders_integers(std::string_view attribute) const { return has_rule(attribute, &attribute_type::integer_ordering); }

bool subschema::single_valued(std::string_view attribute) const {
    const auto* const type = find(attribute);
    return type != nullptr && type->single;
}

std::string subschema::oid(std::string_view name) const {
    if (const auto* const type = find(name)) return type->oid;
    const auto at = classes_.find(key_of(name));
    return at == classes_.end() ? std::string() : at->second;
}

} // namespace vmail::ldap
