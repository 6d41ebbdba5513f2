#include <vmail/ldap/wire/write_encoder.hpp>

#include <string>
#include <variant>
#include <vector>

#include <vmail/ldap/wire/encode.hpp>

namespace vmail::ldap::wire {

namespace {

const std::vector<std::string> versions = {"entryUUID", "entryCSN"};
const std::vector<std::string> whole_entry = {"*", "entryUUID", "entryCSN"};

/// One overload for each request.
class write_encoder {
public:
    write_encoder(LDAP* ld, int& message_id) : ld_(ld), id_(message_id) {}

    int operator()(const add_request& r) {
        controls_.add_post_read(versions);
        return ldap_add_ext(ld_, r.entry.dn().text().c_str(), mod_array(r.entry).get(), controls_.get(), nullptr, &id_);
    }

    int operator()(const modify_request& r) {
        ask_for(r.guard);
        controls_.add_pre_read(whole_entry);
        controls_.add_post_read(whole_entry);
        return ldap_modify_ext(ld_, r.dn.text().c_str(), mod_array(r.changes).get(), controls_.get(), nullptr, &id_);
    }

    int operator()(const delete_request& r) {
        ask_for(r.guard);
        controls_.add_pre_read(whole_entry);
        return ldap_delete_ext(ld_, r.dn.text().c_str(), controls_.get(), nullptr, &id_);
    }

    int operator()(const rename_request& r) {
        ask_for(r.guard);
        controls_.add_pre_read(whole_entry);
        controls_.add_post_read(whole_entry);
        const std::string parent = r.new_dn.parent().text();
        const bool moves = r.new_dn.parent() != r.dn.parent();
        return ldap_rename(ld_, r.dn.text().c_str(), r.new_dn.first_rdn().text().c_str(), moves ? parent.c_str() : nullptr, r.keep_old_value ? 0 : 1,
                           controls_.get(), nullptr, &id_);
    }

private:
    void ask_for(const precondition& guard) {
        if (const auto assertion = guard.to_filter()) controls_.add_assertion(ld_, *assertion);
    }

    LDAP* ld_;
    int& id_;
    control_array controls_;
};

} // namespace

int send_write(LDAP* ld, const write_request& request, int& message_id) { return std::visit(write_encoder(ld, message_id), request); }

} // namespace vmail::ldap::wire
