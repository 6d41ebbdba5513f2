#include <cstdlib>

#include <unistd.h>

#include <vmail/jobs/report_page.hpp>

using namespace vmail;

namespace {

const timestamp now = timestamp::parse_generalized("20261129120000Z");

/// A page in a file of its own, for a program that knows XML.
class page_file {
public:
    explicit page_file(const std::string& page) { std::ofstream(path_) << page; }
    ~page_file() { std::filesystem::remove(path_); }
    page_file(const page_file&) = delete;
    page_file& operator=(const page_file&) = delete;

    bool is_right() const { return std::system(("python3 " VMAIL_TEST_SOURCE_DIR "/support/report_page.py check " + path_).c_str()) == 0; }

private:
    std::string path_ = (std::filesystem::temp_directory_path() / ("report_page." + std::to_string(getpid()))).string();
};

domain_report domain_of(std::string name, std::size_t active) {
    domain_report d{.name = std::move(name), .status = service_word::active, .mailboxes = active};
    d.states[service_word::active] = active;
    return d;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
    return n;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("a page is XML that fetches nothing, however many domains there are") {
    for (const std::size_t domains : {0U, 1U, 2U, 21U, 22U, 2000U}) {
        site_report r;
        for (std::size_t i = 0; i < domains; ++i) r.domains.push_back(domain_of("d" + std::to_string(i) + ".example", i % 7));
        r.has_mail = domains % 2 == 0;
        r.months["2026-10"] = {.created = domains};
        const std::string page = report_page(r, {.now = now});
        CAPTURE(domains);
        CHECK(page_file(page).is_right());
        CHECK(has(page, "other domain") == (domains > 21));
        CHECK(page.size() < 80'000);
    }
}

TEST_CASE("whatever a name holds is text") {
    std::string all_bytes;
    for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<char>(i));
    const std::string script = "</title></style><script>alert(1)</script>";
    for (const std::string& name : {script, all_bytes, std::string("\" onload='x' &amp; &#0; ]]> <!--"), std::string(253, 'w'), std::string("\xe2\x80\xae" "evil"), std::string("\xff\xfe")}) {
        site_report r{.domains = {domain_of(name, 3)}};
        r.domains[0].status = name;
        const std::string page = report_page(r, {.title = "Accounts of " + name, .now = now});
        CHECK(page_file(page).is_right());
        CHECK_FALSE(has(page, "<script"));
    }
}

TEST_CASE("numbers do not depend on how many domains are named") {
    site_report r;
    for (std::size_t i = 0; i < 30; ++i) r.domains.push_back(domain_of("d" + std::to_string(i) + ".example", i));
    const std::string page = report_page(r, {.now = now, .most_domains = 5});
    CHECK(has(page, "<th scope=\"row\">25 other domains</th><td class=\"word\"></td><td><data value=\"300\">300</data></td>"));
    CHECK(has(page, "<th scope=\"row\">all</th><td class=\"word\"></td><td><data value=\"435\">435</data></td>"));
    CHECK(has(page, "<th scope=\"row\">d29.example</th>"));
    CHECK_FALSE(has(page, "<th scope=\"row\">d24.example</th><td class=\"word\">"));
}

TEST_CASE("months without anything stand between those with something, and those far away in one row") {
    site_report r;
    r.months["0000-01"] = {.created = 1};
    r.months["2020-05"] = {.created = 2, .removed = 1};
    r.months["2026-09"] = {.created = 4};
    r.months["2026-12"] = {.ends = 5};
    r.months["9999-12"] = {.ends = 7};
    const std::string page = report_page(r, {.now = now});
    CHECK(has(page, "<th scope=\"row\">before</th><td><data value=\"3\">3</data></td><td><data value=\"0\">0</data></td><td><data value=\"0\">0</data></td><td><data value=\"1\">1</data>"));
    CHECK(has(page, "<th scope=\"row\">later</th><td><data value=\"0\">0</data></td><td><data value=\"7\">7</data>"));
    CHECK(has(page, "<th scope=\"row\">2026-10</th><td><data value=\"0\">0</data>"));
    CHECK(count(page, "<th scope=\"row\">2026-") == 4);
    CHECK(page_file(page).is_right());
}

TEST_CASE("sums beyond what fits stay great") {
    site_report r{.domains = {domain_of("a.example", 1), domain_of("b.example", 1)}};
    for (auto& d : r.domains) d.quota_bytes = UINT64_MAX - 1;
    CHECK(has(report_page(r, {.now = now}), "<data value=\"18446744073709551615\">16.0 EiB</data>"));
}
