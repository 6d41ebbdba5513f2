#include <algorithm>
#include <utility>

#include <vmail/ascii.hpp>

#include <vmail/ldap/entry_view.hpp>

namespace vmail::ldap {

entry_view::entry_view(const entry& e) : own_dn_text_(e.dn().text()) {
    dn_text_ = own_dn_text_;
    for (const auto& a : e.attributes()) {
        add_attribute(a.name);
        for (const auto& value : a.values) add_value(value);
    }
}

const entry_view::attribute* entry_view::find(std::string_view name) const noexcept {
    const auto at = std::find_if(attributes_.begin(), attributes_.end(), [&](const attribute& a) { return ascii::iequals(a.name, name); });
    return at == attributes_.end() ? nullptr : &*at;
}

bool entry_view::has_class(std::string_view name) const noexcept {
    const auto* const classes = find("objectClass");
    if (classes == nullptr) return false;
    const auto all = values(*classes);
    return std::any_of(all.begin(), all.end(), [&](std::string_view c) { return ascii::iequals(c, name); });
}

void entry_view::erase_if(const std::function<bool(std::string_view)>& unwanted) {
    std::erase_if(attributes_, [&](const attribute& a) { return unwanted(a.name); });
}

entry entry_view::to_entry() const {
    std::vector<ldap::attribute> all;
    all.reserve(attributes_.size());
    for (const attribute& a : attributes_) {
        const auto these = values(a);
        all.push_back({std::string(a.name), {these.begin(), these.end()}});
    }
    return {dn(), std::move(all)};
}

void entry_view::begin(std::string_view dn_text) {
    dn_text_ = dn_text;
    pending_ = false;
    attributes_.clear();
    values_.clear();
}

void entry_view::add_attribute(std::string_view name) {
    pending_name_ = name;
    pending_ = true;
}

void entry_view::add_value(std::string_view value) {
    if (std::exchange(pending_, false)) attributes_.push_back({pending_name_, values_.size(), 0});
    values_.push_back(value);
    ++attributes_.back().count;
}

} // namespace vmail::ldap
