#include <string>

#include <nlohmann/json.hpp>

#include <vmail/exchange/json_schema.hpp>
#include <vmail/exchange/noun.hpp>

namespace vmail::exchange {

namespace {

using object = nlohmann::ordered_json;

object one_line() { return {{"type", "string"}, {"pattern", "^[^\\u0000-\\u001f\\u007f]*$"}}; }
object like(const std::string& pattern) { return {{"type", "string"}, {"pattern", pattern}}; }

object size_or(const std::string& word) { return like("^(none|" + word + "|[0-9.]+ ?[A-Za-z]*|[0-9]+S(,[0-9]+C)?|[0-9]+C)$"); }

object limits_or(const std::string& words) { return like("^(none" + words + "|[0-9]+/[0-9]+[smhd](,[0-9]+/[0-9]+[smhd])*)$"); }

object type_of(form f) {
    switch (f) {
    case form::flag: return {{"type", "boolean"}};
    case form::number: return {{"type", "integer"}, {"minimum", 0}};
    case form::addresses:
    case form::domains: return {{"type", "array"}, {"items", one_line()}};
    case form::paragraph: return {{"type", "string"}};
    case form::size_or_domain: return size_or("domain");
    case form::size_or_server: return size_or("server");
    case form::limits: return limits_or("");
    case form::limits_or_domain: return limits_or("|domain");
    case form::day: return like("^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].+)?$");
    case form::minute: return like("^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?$");
    case form::hash: return like("^(\\{[A-Za-z0-9._-]+\\}|\\$).+$");
    case form::text:
    case form::address:
    case form::domain: break;
    }
    return one_line();
}

/// Null is of any form but the name's.
object property_of(const field_info& f, bool is_name) {
    object p = type_of(f.form);
    if (!is_name) p["type"] = object::array({p["type"], "null"});
    p["description"] = f.sentence;
    return p;
}

object record_of(const noun_info& n) {
    object properties = {{"kind", {{"const", n.name}}}};
    for (const field_info* f : n.fields) properties[std::string(f->name)] = property_of(*f, f == n.fields.front());
    return {{"type", "object"}, {"description", n.sentence}, {"properties", properties}, {"required", {n.fields.front()->name}}, {"additionalProperties", false}};
}

object reference_to(const noun_info& n) { return {{"$ref", "#/$defs/" + std::string(n.name)}}; }

object record_with_kind() {
    object all = object::array();
    for (const noun_info& n : nouns()) all.push_back({{"allOf", {reference_to(n), {{"required", {"kind"}}}}}});
    return {{"oneOf", all}};
}

object document() {
    object properties = {{"version", {{"const", 1}}},
                         {"base", {{"type", "string"}, {"description", "of which directory it tells"}}},
                         {"complete", {{"type", "boolean"}, {"description", "false: there was more than could be read"}}},
                         {"records", {{"type", "array"}, {"items", {{"$ref", "#/$defs/record"}}}}}};
    for (const noun_info& n : nouns()) properties[std::string(n.list)] = {{"type", "array"}, {"items", reference_to(n)}};
    return {{"type", "object"}, {"properties", properties}, {"required", {"version"}}, {"additionalProperties", false}};
}

} // namespace

std::string json_schema() {
    object definitions;
    for (const noun_info& n : nouns()) definitions[std::string(n.name)] = record_of(n);
    definitions["record"] = record_with_kind();
    object schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "What a mail directory holds, version 1"}};
    schema.update(document());
    schema["$defs"] = definitions;
    return schema.dump(2) + '\n';
}

} // namespace vmail::exchange
