/// A program of somebody else's: values, an exception across the boundary of the library, and an entry.

#include <iostream>

#include <vmail/address.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/session.hpp>

int main() {
    std::cout << vmail::address::parse("Bob@Example.ORG").text() << '\n';
    try {
        vmail::ldap::session_options options;
        options.uris = {"ldapi://%2Fnowhere%2Fldapi"};
        vmail::ldap::session session(std::move(options));
    } catch (const vmail::unavailable& e) {
        std::cout << name(e.kind()) << '\n';
    }
}
