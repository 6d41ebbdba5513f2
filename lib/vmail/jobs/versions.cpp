#include <variant>

#include <vmail/ldap/entry.hpp>

#include <vmail/jobs/versions.hpp>

namespace vmail::jobs {

const versions::version* versions::find(const ldap::write_request& request) const {
    const auto* const guard = guard_of(request);
    if (guard == nullptr) return nullptr;
    const auto& known = guard->entry_uuid.empty() ? by_name_ : by_uuid_;
    const auto it = known.find(guard->entry_uuid.empty() ? ldap::target(request).key() : guard->entry_uuid);
    return it == known.end() ? nullptr : &it->second;
}

ldap::write_request versions::up_to_date(ldap::write_request request) const {
    if (const version* const ours = find(request)) {
        auto& guard = *guard_of(request);
        guard.entry_uuid = ours->uuid;
        guard.entry_csn = ours->csn;
    }
    return request;
}

bool versions::must_be_read(const ldap::write_request& request) const {
    const version* const ours = find(request);
    return ours != nullptr && ours->csn.empty();
}

void versions::read(const ldap::write_request& request) {
    const ldap::dn& name = ldap::target(request);
    const auto there = session_.find(name, {"entryUUID", "entryCSN"});
    if (!there) return;
    const version now{there->first("entryUUID").value_or(""), there->first("entryCSN").value_or("")};
    by_name_[name.key()] = now;
    if (by_uuid_.contains(now.uuid)) by_uuid_[now.uuid] = now;
}

void versions::learn(const ldap::write_request& sent, const ldap::write_result& r) {
    version now;
    if (r.result.post_read) now = {r.result.post_read->first("entryUUID").value_or(""), r.result.post_read->first("entryCSN").value_or("")};
    const auto* const guard = guard_of(sent);
    if (guard != nullptr && now.uuid.empty()) now.uuid = guard->entry_uuid;
    const std::string name = ldap::target(sent).key();
    by_name_.erase(name);
    if (std::holds_alternative<ldap::delete_request>(sent)) return;
    if (const auto* const moved = std::get_if<ldap::rename_request>(&sent)) by_name_[moved->new_dn.key()] = now;
    else by_name_[name] = now;
    if (guard != nullptr && !now.uuid.empty()) by_uuid_[now.uuid] = now; // requests on what we added name no entryUUID
}

} // namespace vmail::jobs
