#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/mailing_list.hpp>

#include "tree.hpp"

using namespace vmail;

namespace {

const vmail::site site = tree::site();

stored<alias> leading(const std::string& local, const std::string& target, bool marked = false) {
    tree::attributes list = {{"objectClass", {"top", "VirtualMailAlias"}}, {"mail", {local + "@example.org"}}, {"maildrop", {target}}, {"accountActive", {"TRUE"}}};
    if (marked) list.front().values.push_back("vmailMailingList");
    auto e = tree::entry("mail=" + local + "@example.org,vd=example.org", list);
    return {alias::from_entry(e, site), e};
}

/// As Mailman has it.
stored<alias> part(const std::string& local, const std::string& lists = "lists.example.org") { return leading(local, local + "@" + lists); }

const address staff = address::parse("staff@example.org");

} // namespace

TEST_CASE("an alias leads as one of a list does when it leads to its own local part elsewhere, and nowhere else") {
    const auto leads = [](const std::string& local, const std::string& target) {
        const auto found = mailing_list::lists_domain_of(leading(local, target).value);
        return found ? found->text() : "";
    };
    CHECK(leads("staff", "staff@lists.example.org") == "lists.example.org");
    CHECK(leads("Staff", "staff@lists.example.org") == "lists.example.org");
    CHECK(leads("staff", "staff@example.org") == "");
    CHECK(leads("staff", "team@lists.example.org") == "");
    CHECK(leads("staff", "staff") == "");
    auto two = leading("staff", "staff@lists.example.org").value;
    two.targets.push_back(maildrop::parse("bob@example.org"));
    CHECK_FALSE(mailing_list::lists_domain_of(two));
    alias all(alias_address::parse("@example.org"));
    all.targets = {maildrop::parse("x@lists.example.org")};
    CHECK_FALSE(mailing_list::lists_domain_of(all));
}

TEST_CASE("a list is what has its shape, or the class that says so") {
    struct row {
        std::string what;
        std::vector<stored<alias>> found;
        std::size_t entries, missing; ///< no entries: it is no list
    };
    const std::vector<row> rows = {
        {"nothing", {}, 0, 0},
        {"a forward", {part("staff")}, 0, 0},
        {"two forwards", {part("staff"), part("staff-owner")}, 0, 0},
        {"the least that is a list", {part("staff"), part("staff-owner"), part("staff-request")}, 3, 7},
        {"a marked one alone", {leading("staff", "staff@lists.example.org", true)}, 1, 9},
        {"a marked one that leads elsewhere", {leading("staff", "bob@example.org", true), part("staff-owner"), part("staff-request")}, 3, 8},
        {"another alias of that name", {leading("staff", "bob@example.org"), part("staff-owner"), part("staff-request")}, 0, 0},
        {"half made", {part("staff-owner"), part("staff-request")}, 2, 8},
        {"one that is somebody's", {part("staff"), leading("staff-owner", "bob@example.org"), part("staff-join"), part("staff-request")}, 3, 7},
        {"on its way to another list server", {part("staff"), part("staff-owner", "new.example.org"), part("staff-request", "new.example.org")}, 3, 9},
    };
    for (const row& r : rows) {
        CAPTURE(r.what);
        const auto list = mailing_list::among(staff, r.found);
        CHECK((list ? list->value.entries.size() : 0) == r.entries);
        CHECK((list ? list->value.missing.size() : 0) == r.missing);
    }
}

TEST_CASE("of a list that is named the last address is enough, and says that it is not whole") {
    const auto list = mailing_list::named(staff, {part("staff-owner")});
    REQUIRE(list);
    CHECK_FALSE(list->value.has_public_address);
    CHECK(list->value.missing.size() == 9);
    CHECK_FALSE(mailing_list::named(staff, {part("staff"), part("staff-owner")}));
}

TEST_CASE("a list is spelled as its public address is, and has that one's state") {
    auto open = part("Staff");
    open.value.active = false;
    open.value.list_owners = {maildrop::parse("bob@example.org")};
    const auto list = mailing_list::among(staff, {part("staff-owner"), part("staff-request"), open});
    REQUIRE(list);
    CHECK(list->value.address.text() == "Staff@example.org");
    CHECK(list->value.entries.front().value.address.text() == "Staff@example.org");
    CHECK_FALSE(list->value.active);
    CHECK(list->value.owners == open.value.list_owners);
    CHECK(list->source.dn() == open.source.dn());
}
