#pragma once

#include <vmail/export.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/subschema.hpp>

namespace vmail::ldap {

/// A comparison that the server cannot make is undefined (RFC 4511 section 4.5.1.7): it finds nothing, and neither does its negation, without any
/// error. So a filter that a person typed is held against the subschema before it is sent.
///
/// Throws invalid_value, naming the comparison: of an attribute, object class or matching rule that the server does not know, of one without the rule that
/// the comparison goes by, or with a value that the attribute's syntax does not have. A subschema that names no attribute types judges nothing.
VMAIL_EXPORT void require_answerable(const filter& f, const subschema& known);

} // namespace vmail::ldap
