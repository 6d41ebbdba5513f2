#include <algorithm>
#include <set>
#include <utility>

#include <vmail/ascii.hpp>

#include <vmail/ldap/entry.hpp>

namespace vmail::ldap {

namespace {

using value_list = std::vector<std::string>;

constexpr std::string_view object_class = "objectClass";

bool contains(const std::vector<std::string>& values, std::string_view value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

template <class Attributes>
auto locate(Attributes& attributes, std::string_view name) {
    return std::find_if(attributes.begin(), attributes.end(), [&](const attribute& a) { return ascii::iequals(a.name, name); });
}

auto same_class_as(std::string_view name) {
    return [name](std::string_view other) { return ascii::iequals(name, other); };
}

struct less {
    bool fold_case = false;
    bool operator()(std::string_view a, std::string_view b) const { return fold_case ? ascii::icompare(a, b) < 0 : a < b; }
};

/// The values of `list` that are not in `from`, each once, in their order.
value_list missing_from(const value_list& from, const value_list& list, less order = {}) {
    std::set<std::string_view, less> seen(from.begin(), from.end(), order);
    value_list missing;
    for (const auto& value : list)
        if (seen.insert(value).second) missing.push_back(value);
    return missing;
}

void append_unless_empty(std::vector<modification>& changes, change what, std::string_view name, value_list list) {
    if (!list.empty()) changes.push_back({what, std::string(name), std::move(list)});
}

/// Whoever may set a password may not read it, as a rule: that none was read does not say that there is none, and one that is added leaves the
/// old one in force. pwdReset (slapo-ppolicy) is operational, and read by those alone who ask for it.
bool is_write_only(std::string_view name) { return ascii::iequals(name, "userPassword") || ascii::iequals(name, "pwdReset"); }

void append_changes(std::vector<modification>& changes, const attribute& after, const value_list& before) {
    auto removed = missing_from(after.values, before);
    auto added = missing_from(before, after.values);
    const bool one_for_one = before.size() == 1 && after.values.size() == 1;
    if ((one_for_one || is_write_only(after.name)) && !added.empty()) {
        changes.push_back({change::replace, after.name, after.values});
        return;
    }
    // Removal first: a value that differs in case only is the same value to most equality rules and could not be added beside the old one.
    append_unless_empty(changes, change::remove, after.name, std::move(removed));
    append_unless_empty(changes, change::add, after.name, std::move(added));
}

value_list classes_of(const entry& e) {
    const auto* const classes = e.find(object_class);
    return classes == nullptr ? value_list{} : *classes;
}

} // namespace

const std::vector<std::string>* entry::find(std::string_view name) const noexcept {
    const auto at = locate(attributes_, name);
    return at == attributes_.end() ? nullptr : &at->values;
}

std::optional<std::string> entry::first(std::string_view name) const {
    const auto* const values = find(name);
    if (values == nullptr) return std::nullopt;
    return values->front();
}

bool entry::has_value(std::string_view name, std::string_view value) const noexcept {
    const auto* const values = find(name);
    return values != nullptr && contains(*values, value);
}

void entry::set(std::string_view name, std::vector<std::string> values) {
    if (values.empty()) return erase(name);
    const auto at = locate(attributes_, name);
    if (at == attributes_.end())
        attributes_.push_back({std::string(name), std::move(values)});
    else
        at->values = std::move(values);
}

void entry::set(std::string_view name, std::string value) {
    std::vector<std::string> values;
    values.push_back(std::move(value));
    set(name, std::move(values));
}

void entry::set(std::string_view name, std::optional<std::string> value) {
    if (value)
        set(name, *std::move(value));
    else
        erase(name);
}

void entry::add_value(std::string_view name, std::string value) {
    const auto at = locate(attributes_, name);
    if (at == attributes_.end())
        set(name, std::move(value));
    else if (!contains(at->values, value))
        at->values.push_back(std::move(value));
}

void entry::erase(std::string_view name) {
    const auto at = locate(attributes_, name);
    if (at != attributes_.end()) attributes_.erase(at);
}

bool entry::has_class(std::string_view name) const noexcept {
    const auto* const classes = find(object_class);
    return classes != nullptr && std::any_of(classes->begin(), classes->end(), same_class_as(name));
}

void entry::add_class(std::string_view name) {
    if (!has_class(name)) add_value(object_class, std::string(name));
}

void entry::remove_class(std::string_view name) {
    const auto at = locate(attributes_, object_class);
    if (at == attributes_.end()) return;
    std::erase_if(at->values, same_class_as(name));
    if (at->values.empty()) attributes_.erase(at);
}

std::vector<modification> diff(const entry& before, const entry& after) {
    const auto old_classes = classes_of(before);
    const auto new_classes = classes_of(after);
    constexpr less without_case{.fold_case = true};
    std::vector<modification> changes;
    append_unless_empty(changes, change::add, object_class, missing_from(old_classes, new_classes, without_case));
    for (const auto& a : after.attributes()) {
        if (ascii::iequals(a.name, object_class)) continue;
        const auto* const old_values = before.find(a.name);
        append_changes(changes, a, old_values == nullptr ? value_list{} : *old_values);
    }
    for (const auto& a : before.attributes())
        if (!after.has(a.name) && !ascii::iequals(a.name, object_class)) changes.push_back({change::remove, a.name, {}});
    append_unless_empty(changes, change::remove, object_class, missing_from(new_classes, old_classes, without_case));
    return changes;
}

} // namespace vmail::ldap
