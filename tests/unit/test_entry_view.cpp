#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/ldap/entry_view.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/ldap/wire/ber_reader.hpp>
#include <vmail/ldap/wire/entry_message.hpp>

using namespace vmail::ldap;
using namespace std::string_literals;
using wire::ber_reader;

namespace {

std::string tlv(char tag, const std::string& content) {
    std::string out(1, tag);
    if (content.size() < 0x80) out += static_cast<char>(content.size());
    else out += {'\x82', static_cast<char>(content.size() >> 8U), static_cast<char>(content.size() & 0xFFU)};
    return out + content;
}

std::string octets(const std::string& text) { return tlv('\x04', text); }

std::string partial_attribute(const std::string& name, const std::vector<std::string>& values) {
    std::string all;
    for (const auto& v : values) all += octets(v);
    return tlv('\x30', octets(name) + tlv('\x31', all));
}

struct message {
    std::string dn = "mail=bob@example.org,o=hosting";
    std::string attributes;

    bool show(entry_view& in, const std::vector<std::string>& never_read = {}) const { return wire::entry_message{dn, attributes}.show(in, never_read); }
};

const std::string bob = partial_attribute("objectClass", {"top", "VirtualMailAccount"}) + partial_attribute("mail", {"bob@example.org"}) + partial_attribute("description", {std::string(300, 'x'), "\0"s}) +
                        partial_attribute("clearPassword", {"secret"}) + partial_attribute("empty", {});

} // namespace

TEST_CASE("an entry is read where it lies in a message") {
    const message m{.attributes = bob};
    entry_view view;
    REQUIRE(m.show(view, {"clearPassword"}));
    CHECK(view.dn().text() == m.dn);
    CHECK(view.attributes().size() == 3);
    CHECK_FALSE(view.has("clearPassword"));
    CHECK_FALSE(view.has("empty"));
    CHECK(view.has_class("virtualmailaccount"));
    const auto* const mail = view.find("MAIL");
    REQUIRE(mail != nullptr);
    const auto value = view.values(*mail).front();
    CHECK(value == "bob@example.org");
    CHECK(value.data() > m.attributes.data());
    CHECK(value.data() < m.attributes.data() + m.attributes.size());

    const entry copy = view.to_entry();
    CHECK(copy.dn().text() == m.dn);
    CHECK(copy.find("description")->size() == 2);
    CHECK(copy.find("description")->back() == "\0"s);
}

TEST_CASE("a view shows one entry after the other, and what of it is wanted") {
    const message first{.attributes = bob};
    entry_view view;
    REQUIRE(first.show(view));
    view.erase_if([](std::string_view name) { return name != "mail"; });
    CHECK(view.attributes().size() == 1);
    const message other{.dn = "vd=example.org", .attributes = partial_attribute("vd", {"example.org"})};
    REQUIRE(other.show(view));
    CHECK(view.dn_text() == "vd=example.org");
    CHECK(view.attributes().size() == 1);
    CHECK(view.has("vd"));
}

TEST_CASE("a message that is cut anywhere, or is none, is told and never read beyond") {
    const std::string last = partial_attribute("description", {std::string(300, 'x')});
    for (std::size_t length = 1; length < last.size(); ++length) {
        CAPTURE(length);
        const std::string cut = partial_attribute("mail", {"bob@example.org"}) + last.substr(0, length);
        entry_view view;
        CHECK_FALSE(message{.attributes = cut}.show(view));
    }
    entry_view view;
    for (const std::string& attributes : {"\x31\x00"s, "\x30\x80\x00\x00"s, "\x30\x85\x00\x00\x00\x00\x00"s, "\x30\xff\x00"s, octets("mail"), tlv('\x30', octets("mail")), tlv('\x30', octets("mail") + tlv('\x31', "\x05\x00"s)),
                                          tlv('\x30', octets("mail") + "\x31\x7f\x04\x01x"s)})
        CHECK_FALSE(message{.attributes = attributes}.show(view));
}

TEST_CASE("elements of BER are taken in the definite form") {
    std::string bytes = "\x04\x01x\x04\x81\x01y\x04\x84\x00\x00\x00\x01z"s;
    ber_reader all(bytes);
    for (const std::string_view expected : {"x", "y", "z"}) CHECK(all.take(0x04) == expected);
    CHECK(all.is_done());
    CHECK_FALSE(all.take(0x04));
    CHECK(ber_reader::content_at(bytes.data()) == "x");
    CHECK(ber_reader::content_at(bytes.data() + 3) == "y");
    CHECK(ber_reader::content_at(bytes.data() + 7) == "z");
}

TEST_CASE("LDIF of a view is that of its entry, also where its name is spelled in another way") {
    for (const std::string name : {"mail=bob@example.org,o=hosting", "mail=bob@example.org, o=hosting", "mail=\\62ob,o=hosting", "cn=J\xC3\xB6rg,o=hosting", "cn=a+sn=b", "cn=#040161", "cn=a\\,b,o=x", "cn= a"}) {
        CAPTURE(name);
        const message m{.dn = name, .attributes = bob};
        entry_view view;
        REQUIRE(m.show(view));
        std::ostringstream one, other;
        ldif_writer(one).write(view);
        ldif_writer(other).write(view.to_entry());
        CHECK(one.str() == other.str());
        CHECK(one.str().starts_with("dn: " + dn::parse(name).text() + '\n'));
    }
    const message nameless{.dn = "no name", .attributes = bob};
    entry_view view;
    REQUIRE(nameless.show(view));
    std::ostringstream out;
    CHECK_THROWS_AS(ldif_writer(out).write(view), vmail::invalid_value);
    CHECK(out.str().empty());
}
