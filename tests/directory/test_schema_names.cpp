#include <doctest/doctest.h>

#include <vmail/layout.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/schema.hpp>
#include <vmail/vacation_phase.hpp>

#include "support/foreign_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;

namespace {

void check_names(const ldap::subschema& known, const auto& attributes, const auto& classes, bool expected) {
    for (const auto name : attributes) {
        CAPTURE(name);
        CHECK(known.has_attribute(name) == expected);
    }
    for (const auto name : classes) {
        CAPTURE(name);
        CHECK(known.has_class(name) == expected);
    }
}

} // namespace

TEST_CASE("every name that the library uses is in the schema that our server loads") {
    ldap::session s(test_directory::shared().as_owner());
    check_names(s.schema(), schema::required_attributes, schema::required_classes, true);
    check_names(s.schema(), schema::own_attributes, schema::own_classes, true);
    check_names(s.schema(), schema::bookkeeping_attributes, schema::bookkeeping_classes, true);
    check_names(s.schema(), schema::default_attributes, schema::default_classes, true);
    check_names(s.schema(), schema::list_attributes, schema::list_classes, true);
    check_names(s.schema(), schema::sending_attributes, schema::sending_classes, true);
    check_names(s.schema(), schema::number_attributes, schema::number_classes, true);
    for (const auto name : schema::waiting_classes) CHECK(s.schema().has_class(name));
    CHECK(s.schema().has_ordering(schema::attr::expire_date));
    CHECK(s.schema().has_equality(schema::attr::expire_date));
    CHECK_FALSE(s.schema().has_equality(schema::attr::last_change));
}

TEST_CASE("attributes that updates remove value by value have an equality rule") {
    ldap::session s(test_directory::shared().as_owner());
    for (const auto name : {schema::attr::object_class, schema::attr::maildrop, schema::attr::vd, schema::attr::cn, schema::attr::description,
                            schema::attr::reservation, schema::attr::list_owner, schema::attr::send_limit}) {
        CAPTURE(name);
        CHECK(s.schema().has_equality(name));
    }
}

TEST_CASE("a server that others set up has Phamm's names and none of ours") {
    foreign_directory foreign;
    ldap::session s(foreign.as_service());
    check_names(s.schema(), schema::required_attributes, schema::required_classes, true);
    check_names(s.schema(), schema::own_attributes, schema::own_classes, false);
    check_names(s.schema(), schema::bookkeeping_attributes, schema::bookkeeping_classes, false);
    check_names(s.schema(), schema::default_attributes, schema::default_classes, false);
    check_names(s.schema(), schema::list_attributes, schema::list_classes, false);
    check_names(s.schema(), schema::sending_attributes, schema::sending_classes, false);
    check_names(s.schema(), schema::number_attributes, schema::number_classes, false);
    CHECK_FALSE(s.schema().has_ordering(schema::attr::expire_date));
}
