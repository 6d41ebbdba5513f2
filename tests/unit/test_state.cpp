#include <utility>

#include <doctest/doctest.h>

#include <vmail/domain.hpp>

using vmail::domain;
using vmail::stored;

namespace {

template <typename Stored>
concept can_be_looked_into = requires(Stored&& s) { std::forward<Stored>(s).operator->(); };

} // namespace

TEST_CASE("what is stored is looked into where it is kept, never in a temporary, whose parts would be gone") {
    CHECK(can_be_looked_into<stored<domain>&>);
    CHECK(can_be_looked_into<const stored<domain>&>);
    CHECK_FALSE(can_be_looked_into<stored<domain>>);
    CHECK_FALSE(can_be_looked_into<const stored<domain>>);
}

TEST_CASE("the identity that the server knows is the author of a change") {
    CHECK(vmail::author_of("dn:cn=admin,dc=example,dc=tld") == "cn=admin,dc=example,dc=tld");
    CHECK(vmail::author_of("u:bob") == "u:bob");
    CHECK(vmail::author_of("") == "anonymous");
}
