#include <set>
#include <string>
#include <typeinfo>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include <cli/exit_status.hpp>

using vmail::error_kind;

namespace {

struct kind_case {
    error_kind kind;
    const char* name;
    int exit_status;
    const std::type_info& thrown;
};

const kind_case kind_cases[] = {
    {error_kind::usage, "usage", 64, typeid(vmail::error)},
    {error_kind::invalid_value, "invalid_value", 65, typeid(vmail::invalid_value)},
    {error_kind::input_missing, "input_missing", 66, typeid(vmail::error)},
    {error_kind::not_found, "not_found", 67, typeid(vmail::not_found)},
    {error_kind::limit_exceeded, "limit_exceeded", 69, typeid(vmail::limit_exceeded)},
    {error_kind::internal, "internal", 70, typeid(vmail::error)},
    {error_kind::already_exists, "already_exists", 73, typeid(vmail::already_exists)},
    {error_kind::in_doubt, "in_doubt", 74, typeid(vmail::error)},
    {error_kind::unavailable, "unavailable", 75, typeid(vmail::unavailable)},
    {error_kind::conflict, "conflict", 75, typeid(vmail::conflict)},
    {error_kind::denied, "denied", 77, typeid(vmail::denied)},
    {error_kind::configuration, "configuration", 78, typeid(vmail::error)},
    {error_kind::interrupted, "interrupted", 130, typeid(vmail::error)},
};

struct code_case {
    int code;
    const char* name;
    int exit_status;
};

// By exit status, as the man page prints it: a second opinion on the table, which goes by kind.
const code_case code_cases[] = {
    {-17, "LDAP_REFERRAL_LIMIT_EXCEEDED", 78},
    {-16, "LDAP_CLIENT_LOOP", 78},
    {-15, "LDAP_MORE_RESULTS_TO_RETURN", 70},
    {-14, "LDAP_NO_RESULTS_RETURNED", 70},
    {-13, "LDAP_CONTROL_NOT_FOUND", 70},
    {-12, "LDAP_NOT_SUPPORTED", 78},
    {-11, "LDAP_CONNECT_ERROR", 75},
    {-10, "LDAP_NO_MEMORY", 75},
    {-9, "LDAP_PARAM_ERROR", 70},
    {-8, "LDAP_USER_CANCELLED", 130},
    {-7, "LDAP_FILTER_ERROR", 65},
    {-6, "LDAP_AUTH_UNKNOWN", 78},
    {-5, "LDAP_TIMEOUT", 75},
    {-4, "LDAP_DECODING_ERROR", 75},
    {-3, "LDAP_ENCODING_ERROR", 70},
    {-2, "LDAP_LOCAL_ERROR", 70},
    {-1, "LDAP_SERVER_DOWN", 75},
    {1, "operationsError", 70},
    {2, "protocolError", 70},
    {3, "timeLimitExceeded", 69},
    {4, "sizeLimitExceeded", 69},
    {5, "compareFalse", 70},
    {6, "compareTrue", 70},
    {7, "authMethodNotSupported", 78},
    {8, "strongerAuthRequired", 77},
    {10, "referral", 78},
    {11, "adminLimitExceeded", 69},
    {12, "unavailableCriticalExtension", 78},
    {13, "confidentialityRequired", 77},
    {14, "saslBindInProgress", 70},
    {16, "noSuchAttribute", 65},
    {17, "undefinedAttributeType", 65},
    {18, "inappropriateMatching", 65},
    {19, "constraintViolation", 65},
    {20, "attributeOrValueExists", 65},
    {21, "invalidAttributeSyntax", 65},
    {32, "noSuchObject", 67},
    {33, "aliasProblem", 78},
    {34, "invalidDNSyntax", 65},
    {36, "aliasDereferencingProblem", 78},
    {47, "proxyAuthorizationFailure", 77},
    {48, "inappropriateAuthentication", 77},
    {49, "invalidCredentials", 77},
    {50, "insufficientAccessRights", 77},
    {51, "busy", 75},
    {52, "unavailable", 75},
    {53, "unwillingToPerform", 69},
    {54, "loopDetect", 78},
    {60, "sortControlMissing", 70},
    {61, "offsetRangeError", 70},
    {64, "namingViolation", 65},
    {65, "objectClassViolation", 65},
    {66, "notAllowedOnNonLeaf", 65},
    {67, "notAllowedOnRDN", 65},
    {68, "entryAlreadyExists", 73},
    {69, "objectClassModsProhibited", 65},
    {70, "resultsTooLarge", 69},
    {71, "affectsMultipleDSAs", 78},
    {76, "virtualListViewError", 70},
    {80, "other", 75},
    {118, "canceled", 130},
    {119, "noSuchOperation", 70},
    {120, "tooLate", 70},
    {121, "cannotCancel", 70},
    {122, "assertionFailed", 75},
    {123, "authorizationDenied", 77},
};

} // namespace

TEST_CASE("each kind has its word, its exit status and its type") {
    for (const auto& c : kind_cases) {
        CAPTURE(c.name);
        CHECK(vmail::name(c.kind) == c.name);
        CHECK(vmail::tools::exit_status_of(c.kind) == c.exit_status);
        try {
            vmail::throw_error(c.kind, "a sentence", {.dn = "o=x", .ldap_code = 4711});
        } catch (const vmail::error& e) {
            CHECK(typeid(e) == c.thrown);
            CHECK(e.kind() == c.kind);
            CHECK(std::string(e.what()) == "a sentence");
            CHECK(e.dn() == "o=x");
            CHECK(e.ldap_code() == 4711);
        }
    }
}

TEST_CASE("only what may go away by itself is retryable, and only a lost answer is in doubt") {
    for (const auto& c : kind_cases) {
        CAPTURE(c.name);
        const vmail::error e(c.kind, "a sentence");
        CHECK(e.retryable() == (c.exit_status == 75));
        CHECK(e.in_doubt() == (c.exit_status == 74));
        CHECK(e.session_usable());
    }
}

TEST_CASE("each LDAP code has its name and leads to its exit status") {
    for (const auto& c : code_cases) {
        CAPTURE(c.code);
        CHECK(vmail::ldap_code_name(c.code) == c.name);
        CHECK(vmail::tools::exit_status_of(vmail::kind_of_ldap_code(c.code)) == c.exit_status);
    }
}

TEST_CASE("75 is told apart: a conflict is somebody else's change") {
    const std::set<int> conflicts = {122};
    for (const auto& c : code_cases) {
        if (c.exit_status != 75) continue;
        CAPTURE(c.code);
        const auto expected = conflicts.count(c.code) != 0 ? error_kind::conflict : error_kind::unavailable;
        CHECK(vmail::kind_of_ldap_code(c.code) == expected);
    }
}

TEST_CASE("the printed table is the table that was tested") {
    const auto table = vmail::ldap_error_table();
    REQUIRE(table.size() == std::size(code_cases));
    for (std::size_t i = 0; i < table.size(); ++i) {
        CHECK(table[i].code == code_cases[i].code);
        CHECK(table[i].name == code_cases[i].name);
        CHECK(vmail::tools::exit_status_of(table[i].kind) == code_cases[i].exit_status);
    }
}

TEST_CASE("a code that nobody knows") {
    CHECK(vmail::ldap_code_name(0) == "success");
    CHECK(vmail::ldap_code_name(4711) == "code 4711");
    CHECK(vmail::ldap_code_name(-99) == "code -99");
    CHECK(vmail::kind_of_ldap_code(4711) == error_kind::invalid_value);
    CHECK(vmail::kind_of_ldap_code(-99) == error_kind::unavailable);
}
