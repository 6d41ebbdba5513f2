#pragma once

#include <memory>

#include <ldap.h>
#include <ldap_schema.h>

/// Owner types of libldap's and liblber's objects. Internal: only lib/vmail/ldap/*.cpp may include this.
///
/// libldap fills in its out-parameters even when it fails: take ownership before looking at the return code.
namespace vmail::ldap::wire {

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* object) const noexcept { Free(object); }
};

/// Sends an unbind and closes the socket. Does not wait for an answer: LDAP has none.
inline void unbind(LDAP* ld) noexcept { ldap_unbind_ext(ld, nullptr, nullptr); }
inline void free_element(BerElement* ber) noexcept { ber_free(ber, 1); }
inline void free_strings(char** strings) noexcept { ber_memvfree(reinterpret_cast<void**>(strings)); }

using handle = std::unique_ptr<LDAP, freed_by<unbind>>;
using message = std::unique_ptr<LDAPMessage, freed_by<ldap_msgfree>>; ///< the whole chain that ldap_result() returned
using element = std::unique_ptr<BerElement, freed_by<free_element>>;  ///< with its buffer
using control = std::unique_ptr<LDAPControl, freed_by<ldap_control_free>>;
using controls = std::unique_ptr<LDAPControl*, freed_by<ldap_controls_free>>; ///< the array and what is in it
using bytes = std::unique_ptr<berval, freed_by<ber_bvfree>>;                  ///< the berval and its bytes
using values = std::unique_ptr<berval*, freed_by<ldap_value_free_len>>;       ///< the array and what is in it
using text = std::unique_ptr<char, freed_by<ldap_memfree>>;                   ///< also the bytes of a berval that is not itself allocated
using strings = std::unique_ptr<char*, freed_by<free_strings>>;               ///< the array and what is in it (referrals)
using url = std::unique_ptr<LDAPURLDesc, freed_by<ldap_free_urldesc>>;
using attribute_type = std::unique_ptr<LDAPAttributeType, freed_by<ldap_attributetype_free>>;
using matching_rule = std::unique_ptr<LDAPMatchingRule, freed_by<ldap_matchingrule_free>>;
using matching_rule_use = std::unique_ptr<LDAPMatchingRuleUse, freed_by<ldap_matchingruleuse_free>>;
using object_class = std::unique_ptr<LDAPObjectClass, freed_by<ldap_objectclass_free>>;

} // namespace vmail::ldap::wire
