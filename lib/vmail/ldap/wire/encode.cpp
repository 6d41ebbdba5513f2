#include <vmail/ldap/wire/encode.hpp>

#include <vmail/error.hpp>
#include <vmail/ldap/wire/unread.hpp>

namespace vmail::ldap::wire {

namespace {

int operation_of(change what) {
    switch (what) {
    case change::add: return LDAP_MOD_ADD;
    case change::remove: return LDAP_MOD_DELETE;
    case change::replace: break;
    }
    return LDAP_MOD_REPLACE;
}

void check(int code, const char* what) {
    if (code != LDAP_SUCCESS) throw error(error_kind::internal, std::string("cannot encode the ") + what, {.ldap_code = code});
}

std::string bytes_of(const berval& b) { return b.bv_val ? std::string(b.bv_val, b.bv_len) : std::string(); }

} // namespace

mod_array::mod_array(const std::vector<modification>& changes) {
    for (const auto& m : changes) append(operation_of(m.what), m.attribute, m.values);
    close();
}

mod_array::mod_array(const entry& e) {
    for (const auto& a : e.attributes()) append(LDAP_MOD_ADD, a.name, a.values);
    close();
}

void mod_array::append(int operation, const std::string& name, const std::vector<std::string>& octets) {
    mod& m = mods_.emplace_back();
    m.values.reserve(octets.size());
    for (const auto& v : octets) m.values.push_back(as_berval(v));
    for (auto& b : m.values) m.pointers.push_back(&b);
    m.pointers.push_back(nullptr);
    m.wire.mod_op = operation | LDAP_MOD_BVALUES;
    m.wire.mod_type = const_cast<char*>(name.c_str());
    m.wire.mod_bvalues = octets.empty() ? nullptr : m.pointers.data();
}

void mod_array::close() {
    for (auto& m : mods_) pointers_.push_back(&m.wire);
    pointers_.push_back(nullptr);
}

void control_array::add(const char* oid, bool critical, berval& value) {
    LDAPControl* raw = nullptr;
    const int code = ldap_control_create(oid, critical ? 1 : 0, &value, 1, &raw);
    owned_.emplace_back(raw);
    check(code, "control");
}

void control_array::add_assertion(LDAP* ld, const filter& f) {
    std::string assertion = f.text();
    berval value{};
    const int code = ldap_create_assertion_control_value(ld, assertion.data(), &value);
    const wire::text owner(value.bv_val);
    check(code, "assertion control");
    add(LDAP_CONTROL_ASSERT, true, value);
}

void control_array::add_read(const char* oid, const std::vector<std::string>& attributes) {
    const element ber(ber_alloc_t(LBER_USE_DER));
    auto names = as_names(attributes);
    berval* raw = nullptr;
    const bool whole = ber && ber_printf(ber.get(), "{v}", names.data()) != -1 && ber_flatten(ber.get(), &raw) == 0;
    const bytes value(raw);
    if (!whole) throw error(error_kind::internal, "cannot encode the read entry control");
    add(oid, false, *value);
}

void control_array::add_pre_read(const std::vector<std::string>& attributes) { add_read(LDAP_CONTROL_PRE_READ, attributes); }

void control_array::add_post_read(const std::vector<std::string>& attributes) { add_read(LDAP_CONTROL_POST_READ, attributes); }

void control_array::add_page(LDAP* ld, std::size_t size, const std::string& cookie) {
    berval wire_cookie = as_berval(cookie);
    berval value{};
    const int code = ldap_create_page_control_value(ld, static_cast<ber_int_t>(size), &wire_cookie, &value);
    const wire::text owner(value.bv_val);
    check(code, "paged results control");
    add(LDAP_CONTROL_PAGEDRESULTS, true, value);
}

LDAPControl** control_array::get() {
    if (owned_.empty()) return nullptr;
    pointers_.clear();
    for (const auto& c : owned_) pointers_.push_back(c.get());
    pointers_.push_back(nullptr);
    return pointers_.data();
}

LDAPControl* find_control(const char* oid, LDAPControl** all) { return all ? ldap_control_find(oid, all, nullptr) : nullptr; }

std::optional<entry> read_entry_control(const char* oid, LDAPControl** all, const std::vector<std::string>& never_read) {
    LDAPControl* c = find_control(oid, all);
    if (!c) return std::nullopt;
    const element ber(ber_init(&c->ldctl_value));
    berval name{};
    if (!ber || ber_scanf(ber.get(), "{m{", &name) == LBER_ERROR) return std::nullopt;
    try {
        entry e(dn::parse({name.bv_val, name.bv_len}));
        berval type{};
        while (ber_scanf(ber.get(), "{m", &type) != LBER_ERROR) {
            BerVarray raw = nullptr;
            const bool whole = ber_scanf(ber.get(), "[W]", &raw) != LBER_ERROR;
            const std::unique_ptr<berval, freed_by<ber_bvarray_free>> owner(raw);
            if (!whole) return std::nullopt;
            if (ber_scanf(ber.get(), "}") == LBER_ERROR) return std::nullopt;
            if (is_unread(never_read, {type.bv_val, type.bv_len})) continue;
            std::vector<std::string> octets;
            for (berval* v = raw; v && v->bv_val; ++v) octets.push_back(bytes_of(*v));
            e.set(std::string_view(type.bv_val, type.bv_len), std::move(octets));
        }
        return e;
    } catch (const invalid_value&) {
        return std::nullopt; // a name that we cannot read: as if it had not been sent
    }
}

std::vector<char*> as_names(const std::vector<std::string>& names) {
    std::vector<char*> pointers;
    for (const auto& n : names) pointers.push_back(const_cast<char*>(n.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace vmail::ldap::wire
