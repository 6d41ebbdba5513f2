#include <cstdlib>
#include <functional>
#include <new>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/jobs/passwords.hpp>
#include <vmail/ldap/entry_view.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/ldap/wire/entry_message.hpp>
#include <vmail/mailbox.hpp>

using namespace vmail;

namespace {

std::size_t allocations = 0;

}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

std::size_t allocations_of(const std::function<void()>& act) {
    const auto before = allocations;
    act();
    return allocations - before;
}

std::string tlv(char tag, const std::string& content) {
    if (content.size() < 0x80) return std::string{tag, static_cast<char>(content.size())} + content;
    return std::string{tag, '\x82', static_cast<char>(content.size() >> 8U), static_cast<char>(content.size() & 0xFFU)} + content;
}

std::string partial_attribute(const std::string& name, const std::vector<std::string>& values) {
    std::string all;
    for (const auto& v : values) all += tlv('\x04', v);
    return tlv('\x30', tlv('\x04', name) + tlv('\x31', all));
}

const std::string dn_text = "mail=bob@example.org,vd=example.org,o=hosting,dc=example,dc=org";

/// A mailbox as this software makes it, as a server sends it.
const std::string bob = partial_attribute("objectClass", {"top", "person", "organizationalPerson", "inetOrgPerson", "VirtualMailAccount", "VirtualForward", "Vacation"}) +
                                        partial_attribute("mail", {"bob@example.org"}) + partial_attribute("cn", {"Robert of the Long Name"}) + partial_attribute("sn", {"Name"}) + partial_attribute("uid", {"bob.example.org"}) +
                                        partial_attribute("vdHome", {"/home/vmail/domains"}) + partial_attribute("mailbox", {"example.org/bob/"}) + partial_attribute("quota", {"52428800S"}) +
                                        partial_attribute("accountActive", {"TRUE"}) + partial_attribute("delete", {"FALSE"}) + partial_attribute("smtpAuth", {"TRUE"}) + partial_attribute("forwardActive", {"FALSE"}) +
                                        partial_attribute("vacationActive", {"FALSE"}) + partial_attribute("mailAutoreply", {"bob@example.org.autoreply"}) + partial_attribute("otherTransport", {"phamm:"}) +
                                        partial_attribute("createMaildir", {"TRUE"}) + partial_attribute("lastChange", {"1700000000"}) + partial_attribute("creationDate", {"20231114221320"}) +
                                        partial_attribute("userPassword", {"{SSHA}MP1S+lVd2mGbUwjpVGZxx9lBdWRtWkMu"});

class nowhere : public std::streambuf {
public:
    std::size_t bytes = 0;

protected:
    std::streamsize xsputn(const char*, std::streamsize count) override {
        bytes += static_cast<std::size_t>(count);
        return count;
    }
};

} // namespace

TEST_CASE("of an entry that is exported nothing is copied: the second one of its kind takes no memory") {
    nowhere sink;
    std::ostream out(&sink);
    ldap::ldif_writer writer(out);
    ldap::entry_view view;
    const std::vector<std::string> never_read = {"clearPassword"};
    const ldap::wire::entry_message m{dn_text, bob};
    const auto export_one = [&] {
        REQUIRE(m.show(view, never_read));
        view.erase_if(jobs::is_password);
        writer.write(view);
    };
    export_one();
    const auto first = sink.bytes;
    const auto taken = allocations_of([&] {
        for (int i = 0; i < 100; ++i) export_one();
    });
    CHECK(sink.bytes == 101 * first);
    CHECK(taken == 0);
}

TEST_CASE("a mailbox that is listed takes a few pieces of memory") {
    ldap::entry_view view;
    const ldap::wire::entry_message m{dn_text, bob};
    const site where{.layout = layout(ldap::dn::parse("dc=example,dc=org"))};
    const auto read_one = [&] {
        m.show(view, {});
        const auto e = view.to_entry();
        const auto box = mailbox::from_entry(e, where);
        REQUIRE(box.problems.empty());
    };
    read_one();
    CHECK(allocations_of(read_one) <= 45);
}
