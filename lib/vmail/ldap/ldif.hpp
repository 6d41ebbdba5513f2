#pragma once

#include <vmail/ldap/base64.hpp>
#include <vmail/ldap/ldif_reader.hpp>
#include <vmail/ldap/ldif_record.hpp>
#include <vmail/ldap/ldif_writer.hpp>
