#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/admin.hpp>
#include <vmail/alias.hpp>
#include <vmail/directory.hpp>
#include <vmail/domain.hpp>
#include <vmail/domain_usage.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/service.hpp>
#include <vmail/state.hpp>
#include <vmail/timestamp.hpp>

#include <cli/output.hpp>
#include <cli/record.hpp>

namespace vmail::tools {

/// From where an entry is looked at: some fields depend on the time, the zone, and the domain that it is in.
struct viewpoint {
    /// Knows nothing of domains: none of them stops anything.
    explicit viewpoint(const site& s) : of_site(s) {}
    /// Looks up each domain once. The directory must outlive it.
    explicit viewpoint(directory& d);

    service_state service(const domain& d) const { return service_of(d); }
    service_state service(const admin& a) const { return service_of(a); }
    service_state service(const mailbox& m) const { return service_of(m, domains.of(m.address.domain()), now); }
    service_state service(const mailing_list& l) const { return service_of(l, domains.of(l.address.domain())); }
    service_state service(const alias& a) const { return service_of(a, domains.of(a.address.domain()), now); }

    service_state service(const backup_domain& d) const { return service_of(d); }
    service_state service(const backup_mail& m) const { return service_of(m, domains.of(m.address.domain())); }

    const site& of_site;
    timestamp now = timestamp::now();
    mutable domain_states domains{}; ///< what is looked at does not change by it
    std::function<domain_places(const stored<domain>&)> usage{}; ///< counts what is in a domain; empty: nobody is there to ask
    std::function<bool()> has_policy{};                          ///< whether the server locks accounts; empty: nobody is there to ask
    std::function<bool(const stored<mailbox>&)> lacks_password{}; ///< that there is none, as far as we are let see that; empty: nobody is there to ask
};

/// One field that can be shown of an entity.
template <typename Entity>
struct field_of {
    std::string_view name;
    bool in_lists; ///< a column of the table that list prints, and of CSV
    value (*get)(const stored<Entity>&, const viewpoint&);
    std::string_view attribute{}; ///< when the value of this one is a problem, so is the field's
    bool is_costly = false;       ///< asks the server once more for each entry: not in lists, unless it is named
    std::string_view operational{}; ///< the attribute that it is made of, if that has to be asked for by name
};

std::span<const field_of<domain>> domain_fields() noexcept;
std::span<const field_of<mailbox>> mailbox_fields() noexcept;
std::span<const field_of<alias>> alias_fields() noexcept;
std::span<const field_of<backup_domain>> backup_domain_fields() noexcept;
std::span<const field_of<backup_mail>> backup_mail_fields() noexcept;
std::span<const field_of<mailing_list>> mailing_list_fields() noexcept;
std::span<const field_of<admin>> admin_fields() noexcept;
std::span<const field_of<mailbox>> forward_fields() noexcept;
std::span<const field_of<mailbox>> vacation_fields() noexcept;
std::span<const field_of<mailbox>> expiry_fields() noexcept;
std::span<const field_of<alias>> alias_expiry_fields() noexcept; ///< the same of an alias
std::span<const field_of<mailbox>> quota_fields() noexcept;
std::span<const field_of<mailbox>> password_fields() noexcept;
std::span<const field_of<mailbox>> unix_fields() noexcept;

/// What is to be said of the account's password: a password_strength, "none", or "unknown" where we cannot see whether there is one.
std::string_view password_verdict(const stored<mailbox>& m, const viewpoint& v);

/// The names of the fields to show: those that --fields names, or what the format shows on its own. Throws error(usage) for an unknown one.
std::vector<std::string_view> choose_fields(const std::vector<std::string_view>& all, const std::vector<std::string_view>& in_lists,
                                            const std::vector<std::string>& wanted, output_format format, table_shape shape);

/// Of one record, those that --fields names, or all.
record chosen_fields(const record& r, const std::vector<std::string>& wanted, output_format format);

/// The same, as the fields themselves.
template <typename Entity>
std::vector<const field_of<Entity>*> choose_fields(std::span<const field_of<Entity>> fields, const std::vector<std::string>& wanted,
                                                   output_format format, table_shape shape) {
    std::vector<std::string_view> all, in_lists;
    for (const auto& f : fields) {
        all.push_back(f.name);
        if (f.in_lists) in_lists.push_back(f.name);
    }
    std::vector<const field_of<Entity>*> chosen;
    for (const auto name : choose_fields(all, in_lists, wanted, format, shape))
        for (const auto& f : fields)
            if (f.name == name) chosen.push_back(&f);
    if (wanted.empty() && shape == table_shape::rows) std::erase_if(chosen, [](const auto* f) { return f->is_costly; });
    return chosen;
}

template <typename Entity>
std::vector<std::string_view> names_of(const std::vector<const field_of<Entity>*>& fields) {
    std::vector<std::string_view> names;
    for (const auto* f : fields) names.push_back(f->name);
    return names;
}

/// Has the directory read what the fields are made of.
template <typename Entity>
void read_for(directory& d, const std::vector<const field_of<Entity>*>& fields) {
    for (const auto* f : fields)
        if (!f->operational.empty()) d.read_also(f->operational);
}

template <typename Entity>
value value_of(const field_of<Entity>& f, const stored<Entity>& e, const viewpoint& view) {
    return !f.attribute.empty() && e->has_problem(f.attribute) ? value{nonsense{}} : f.get(e, view);
}

/// What a field is sorted by: a limit of a mailbox by its bytes, none as more than any, what is left to others as nothing.
value sort_key(std::string_view field, value v);

template <typename Entity>
record make_record(const std::vector<const field_of<Entity>*>& fields, const stored<Entity>& e, const viewpoint& view) {
    record r;
    r.reserve(fields.size());
    for (const auto* f : fields) r.push_back({f->name, value_of(*f, e, view)});
    return r;
}

} // namespace vmail::tools
