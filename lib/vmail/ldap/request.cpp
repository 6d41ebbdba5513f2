#include <array>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/ldap/packed_entry.hpp>
#include <vmail/ldap/request.hpp>

namespace vmail::ldap {

namespace {

std::string required(const entry& e, std::string_view attribute) {
    auto value = e.first(attribute);
    if (!value || value->empty()) throw invalid_value(fmt::format("{} was read without its {}", e.dn().text(), attribute));
    return *std::move(value);
}

std::size_t size_of(const std::vector<std::string>& values) {
    std::size_t size = 0;
    for (const auto& value : values) size += value.size();
    return size;
}

std::size_t size_of(const precondition& guard) {
    const auto assertion = guard.to_filter();
    return assertion ? assertion->text().size() : 0;
}

struct size_visitor {
    std::size_t operator()(const add_request& r) const {
        std::size_t size = r.entry.dn().text().size();
        for (const auto& a : r.entry.attributes()) size += a.name.size() + size_of(a.values);
        return size;
    }
    std::size_t operator()(const modify_request& r) const {
        std::size_t size = r.dn.text().size() + size_of(r.guard);
        for (const auto& m : r.changes) size += m.attribute.size() + size_of(m.values);
        return size;
    }
    std::size_t operator()(const delete_request& r) const { return r.dn.text().size() + size_of(r.guard); }
    std::size_t operator()(const rename_request& r) const { return r.dn.text().size() + r.new_dn.text().size() + size_of(r.guard); }
};

struct target_visitor {
    const dn& operator()(const add_request& r) const { return r.entry.dn(); }
    const dn& operator()(const modify_request& r) const { return r.dn; }
    const dn& operator()(const delete_request& r) const { return r.dn; }
    const dn& operator()(const rename_request& r) const { return r.dn; }
};

} // namespace

precondition precondition::unchanged(const entry& e) {
    return {.entry_uuid = required(e, "entryUUID"), .entry_csn = required(e, "entryCSN")};
}

precondition precondition::unchanged_whole(const entry& e) {
    precondition p = unchanged(e);
    p.as_read = std::make_shared<const packed_entry>(e);
    return p;
}

std::optional<entry> precondition::entry_before() const {
    if (!as_read) return std::nullopt;
    entry e = as_read->unpacked();
    return e.first("entryCSN") == entry_csn && e.first("entryUUID") == entry_uuid ? std::optional(std::move(e)) : std::nullopt;
}

std::optional<filter> precondition::to_filter() const {
    std::vector<filter> parts;
    if (!entry_uuid.empty()) parts.push_back(filter::equal("entryUUID", entry_uuid));
    if (!entry_csn.empty()) parts.push_back(filter::equal("entryCSN", entry_csn));
    parts.insert(parts.end(), also.begin(), also.end());
    if (parts.empty()) return std::nullopt;
    return parts.size() == 1 ? parts.front() : filter::all_of(parts);
}

const dn& target(const write_request& request) { return std::visit(target_visitor{}, request); }

const precondition* guard_of(const write_request& request) noexcept { return guard_of(const_cast<write_request&>(request)); }

precondition* guard_of(write_request& request) noexcept {
    return std::visit(
        [](auto& r) -> precondition* {
            if constexpr (requires { r.guard; }) return &r.guard;
            else return nullptr;
        },
        request);
}

std::string_view doing(const write_request& request) noexcept {
    constexpr std::array<std::string_view, 4> words = {"add", "change", "remove", "rename"};
    return words[request.index()];
}

std::size_t approximate_size(const write_request& request) { return std::visit(size_visitor{}, request); }

} // namespace vmail::ldap
