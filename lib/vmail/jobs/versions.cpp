#include <variant>

#include <vmail/ldap/entry.hpp>

#include <vmail/jobs/versions.hpp>

namespace vmail::jobs {

std::optional<versions::version> versions::find(const ldap::write_request& request) const {
    const auto* const guard = guard_of(request);
    if (guard == nullptr) return std::nullopt;
    if (!guard->entry_uuid.empty()) {
        const auto it = csn_by_uuid_.find(guard->entry_uuid);
        return it == csn_by_uuid_.end() ? std::nullopt : std::optional(version{it->first, it->second});
    }
    const auto it = by_name_.find(ldap::target(request).key());
    return it == by_name_.end() ? std::nullopt : std::optional(it->second);
}

ldap::write_request versions::up_to_date(ldap::write_request request) const {
    if (auto ours = find(request)) {
        auto& guard = *guard_of(request);
        guard.entry_uuid = std::move(ours->uuid);
        guard.entry_csn = std::move(ours->csn);
    }
    return request;
}

bool versions::must_be_read(const ldap::write_request& request) const {
    const auto ours = find(request);
    return ours && ours->csn.empty();
}

void versions::read(const ldap::write_request& request) {
    const ldap::dn& name = ldap::target(request);
    const auto there = session_.find(name, {"entryUUID", "entryCSN"});
    if (!there) return;
    const version now{there->first("entryUUID").value_or(""), there->first("entryCSN").value_or("")};
    by_name_[name.key()] = now;
    if (const auto it = csn_by_uuid_.find(now.uuid); it != csn_by_uuid_.end()) it->second = now.csn;
}

void versions::learn(const ldap::write_request& sent, const ldap::write_result& r) {
    version now;
    if (r.result.post_read) now = {r.result.post_read->first("entryUUID").value_or(""), r.result.post_read->first("entryCSN").value_or("")};
    const auto* const guard = guard_of(sent);
    if (guard != nullptr && now.uuid.empty()) now.uuid = guard->entry_uuid;
    const std::string name = ldap::target(sent).key();
    const bool was_by_name = by_name_.erase(name) > 0;
    if (std::holds_alternative<ldap::delete_request>(sent)) return;
    if (guard != nullptr && !now.uuid.empty()) csn_by_uuid_[now.uuid] = now.csn; // requests on what we added name no entryUUID
    if (!was_by_name && guard != nullptr && !guard->entry_uuid.empty()) return;
    const auto* const moved = std::get_if<ldap::rename_request>(&sent);
    by_name_[moved != nullptr ? moved->new_dn.key() : name] = std::move(now);
}

} // namespace vmail::jobs
