#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/configuration.hpp>
#include <vmail/error.hpp>
#include <vmail/settings.hpp>


namespace fs = std::filesystem;
using vmail::error_kind;
using vmail::remedy;
using vmail::setting_key;
using vmail::setting_source;
using vmail::settings;

namespace {

/// A settings file of its own, and an environment that is as it was afterwards.
class a_site {
public:
    a_site() {
        std::string name = (fs::temp_directory_path() / "settings-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~a_site() {
        for (const auto& name : set_) ::unsetenv(name.c_str());
        fs::remove_all(folder_);
    }

    fs::path file(const std::string& text, unsigned mode = 0644) const {
        const auto path = folder_ / "mailctl.conf";
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
        return path;
    }
    void environment(const std::string& name, const std::string& value) {
        ::setenv(name.c_str(), value.c_str(), 1);
        set_.push_back(name);
    }

private:
    fs::path folder_;
    std::vector<std::string> set_;
};

template <typename Act>
vmail::error refusal_of(const Act& act) {
    try {
        act();
    } catch (const vmail::error& e) {
        return e;
    }
    FAIL("it was taken");
    std::abort();
}

} // namespace

TEST_CASE_FIXTURE(a_site, "what is read later wins, and each value tells where it came from") {
    const auto path = file("# the site\nuri = ldap://one ldap://two\n  base =  dc=x \r\ntimeout=12\n");
    environment("MAILCTL_TIMEOUT", "13");
    environment("MAILCTL_PAGE_SIZE", "");
    settings s;
    s.read_file(path);
    CHECK(s[setting_key::timeout].value == "12");
    s.read_environment();
    CHECK(s[setting_key::uri].value == "ldap://one ldap://two");
    CHECK(s[setting_key::uri].origin == path.string() + ":2");
    CHECK(s[setting_key::base].value == "dc=x");
    CHECK(s[setting_key::timeout].value == "13");
    CHECK(s[setting_key::timeout].origin == "MAILCTL_TIMEOUT");
    CHECK(s[setting_key::page_size].source == setting_source::fallback);
    s.forget(setting_key::timeout);
    CHECK(s[setting_key::timeout].value == "30");
}

TEST_CASE_FIXTURE(a_site, "a profile counts for who chooses it, and takes another server's identity away") {
    const auto path = file("uri = ldap://one\nbind-dn = cn=one\nbind-password-file = /one\nbase = dc=one\ntimeout = 5\n"
                           "[profile second]\nuri = ldap://two\nbase = dc=two\n\n# slow\n[ profile  slow.link ]\ntimeout = 60\n");
    settings s;
    s.read_file(path);
    CHECK(s[setting_key::uri].value == "ldap://one");
    CHECK(s[setting_key::timeout].value == "5");
    REQUIRE(s.profiles().size() == 2);
    CHECK(s.profiles()[1].name == "slow.link");

    settings other = s;
    other.read_file(file("[profile other]\nbind-dn = cn=two\n"));
    other.use_profile("other");
    CHECK(other[setting_key::uri].value == "ldap://one");
    CHECK(other[setting_key::bind_dn].value == "cn=two");
    CHECK(other[setting_key::bind_password_file].value.empty());
    file("uri = ldap://one\n");

    settings slow = s;
    slow.use_profile("slow.link");
    CHECK(slow[setting_key::timeout].value == "60");
    CHECK(slow[setting_key::timeout].origin == path.string() + ":12");
    CHECK(slow[setting_key::bind_dn].value == "cn=one");

    s.use_profile("second");
    CHECK(s[setting_key::uri].value == "ldap://two");
    CHECK(s[setting_key::base].value == "dc=two");
    CHECK(s[setting_key::timeout].value == "5");
    CHECK(s[setting_key::bind_dn].value.empty());
    CHECK(s[setting_key::bind_password_file].value.empty());

    const auto e = refusal_of([&] { s.use_profile("secnd"); });
    CHECK(e.kind() == error_kind::usage);
    CHECK(e.hint() == "the nearest is second");
    CHECK(refusal_of([&] { s.use_profile("secnd", setting_source::environment); }).kind() == error_kind::configuration);
}

TEST_CASE_FIXTURE(a_site, "a server that the files do not name gets nothing of the identity that they give") {
    const auto path = file("uri = ldaps://one.example ldaps://two.example/\nbase = dc=example\nbind-dn = cn=admin\nbind-password-file = /nowhere\ncert-file = /c\nkey-file = /k\n"
                           "allow-clear-bind = yes\nca-file = /ca\n");
    const std::vector secret = {setting_key::bind_dn, setting_key::bind_password_file, setting_key::cert_file, setting_key::key_file};
    for (const std::string same : {"ldaps://two.example", "LDAPS://One.example/", "ldaps://two.example ldaps://one.example"}) {
        CAPTURE(same);
        settings s;
        s.read_file(path);
        s.set(setting_key::uri, {same, setting_source::flag, "--uri"});
        for (const auto key : secret) CHECK(!s[key].value.empty());
    }
    for (const std::string other : {"ldaps://three.example", "ldaps://one.example.org", "ldap://one.example", "ldaps://one.example ldaps://three.example"}) {
        CAPTURE(other);
        settings s;
        s.read_file(path);
        s.set(setting_key::uri, {other, setting_source::flag, "--uri"});
        for (const auto key : secret) CHECK(s[key].value.empty());
        CHECK(s[setting_key::allow_clear_bind].value == "no");
        CHECK(s[setting_key::base].value == "dc=example");
        CHECK(s[setting_key::ca_file].value == "/ca");
        s.set(setting_key::bind_dn, {"cn=me", setting_source::flag, "--bind-dn"});
        CHECK(s[setting_key::bind_dn].value == "cn=me");
    }
    environment("MAILCTL_URI", "ldaps://three.example");
    environment("MAILCTL_BIND_DN", "cn=me");
    settings s;
    s.read_file(path);
    s.read_environment();
    CHECK(s[setting_key::bind_dn].value == "cn=me");
    CHECK(s[setting_key::bind_password_file].value.empty());
    settings nameless;
    nameless.read_file(file("bind-dn = cn=admin\n"));
    nameless.set(setting_key::uri, {"ldaps://three.example", setting_source::flag, "--uri"});
    CHECK(nameless[setting_key::bind_dn].value == "cn=admin");
}

TEST_CASE_FIXTURE(a_site, "profiles of the same name in two files are one, the later file's values before the earlier's") {
    settings s;
    s.read_file(file("[profile p]\ntimeout = 5\npage-size = 5\n"));
    s.read_file(file("page-size = 7\n[profile p]\ntimeout = 6\n"));
    s.use_profile("p");
    CHECK(s[setting_key::timeout].value == "6");
    CHECK(s[setting_key::page_size].value == "5"); // what was chosen goes before what counts for all
}

TEST_CASE_FIXTURE(a_site, "a section that is none, a key that is none in one nobody chose, and what is there twice are errors of their line") {
    const auto sentence_of = [&](const std::string& text) {
        settings s;
        const auto path = file(text);
        return std::string(refusal_of([&] { s.read_file(path); }).what()).substr(path.string().size());
    };
    for (const char* const bad : {"[]", "[profile]", "[profile ]", "[profile a b]", "[profile a", "[profilea]", "[server a]", "[profile \xff]", "[profile a/b]"}) {
        CAPTURE(bad);
        CHECK(sentence_of(std::string("timeout = 5\n") + bad + "\n").starts_with(":2: "));
    }
    CHECK(sentence_of("[profile a]\ncolour = red\n").starts_with(":2: there is no setting"));
    CHECK(sentence_of("[profile a]\n[profile b]\n[profile a]\n") == ":3: there is a profile a in this file already");
    CHECK(sentence_of("timeout = 5\n[profile a]\ntimeout = 5\ntimeout = 6\n") == ":4: timeout is set in line 3 already");
}

TEST_CASE_FIXTURE(a_site, "MAILCTL_CONFIG names the file that is read in place of the others") {
    environment("MAILCTL_CONFIG", file("page-size = 17\n").string());
    settings s;
    s.read_files();
    CHECK(s[setting_key::page_size].value == "17");
}

TEST_CASE_FIXTURE(a_site, "a variable that is no setting is an error, unless it is empty or the tools' own") {
    settings s;
    environment("MAILCTL_SANDBOX", "/nowhere");
    environment("MAILCTL_SCHEMA_DIR", "/nowhere");
    environment("MAILCTL_URII", "");
    CHECK_NOTHROW(s.read_environment());
    environment("MAILCTL_URII", "ldap://one");
    const auto e = refusal_of([&] { s.read_environment(); });
    CHECK(e.kind() == error_kind::configuration);
    CHECK(std::string(e.what()) == "the environment sets MAILCTL_URII, and there is no such setting");
    CHECK(e.remedy() == remedy::unset_variable);
    CHECK(e.subject() == "MAILCTL_URII");
}

TEST_CASE_FIXTURE(a_site, "a file that others may write, or that is another user's, decides nothing") {
    settings s;
    for (const unsigned mode : {0644U, 0600U, 0400U}) CHECK_NOTHROW(s.read_file(file("timeout = 5\n", mode)));
    for (const unsigned mode : {0664U, 0646U, 0666U}) {
        CAPTURE(mode);
        const auto e = refusal_of([&] { s.read_file(file("timeout = 6\n", mode)); });
        CHECK(e.kind() == error_kind::configuration);
        CHECK(std::string(e.what()).find("can be written by others") != std::string::npos);
        CHECK(e.hint().starts_with("chmod go-w "));
    }
    CHECK(s[setting_key::timeout].value == "5");
    if (::geteuid() != 0) return;
    const auto path = file("timeout = 6\n");
    REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
    CHECK(std::string(refusal_of([&] { s.read_file(path); }).what()).find("belong to another user") != std::string::npos);
}

TEST_CASE_FIXTURE(a_site, "no settings are settings, a folder is none") {
    settings s;
    CHECK_NOTHROW(s.read_file("/dev/null"));
    CHECK(refusal_of([&] { s.read_file("/"); }).kind() == error_kind::configuration);
    CHECK(refusal_of([&] { s.read_file("/nowhere"); }).kind() == error_kind::configuration);
    CHECK(refusal_of([&] { s.read_file(file("colour = red\n")); }).remedy() == remedy::see_settings);
}

TEST_CASE("a value that makes no sense is a mistake of whoever gave it") {
    settings s;
    s.set(setting_key::timeout, {"soon", setting_source::file, "here:3"});
    const auto in_file = refusal_of([&] { vmail::parse_configuration(s); });
    CHECK(in_file.kind() == error_kind::configuration);
    CHECK(std::string(in_file.what()).starts_with("here:3: timeout must be a number"));
    s.set(setting_key::timeout, {"soon", setting_source::flag, "--timeout"});
    CHECK(refusal_of([&] { vmail::parse_configuration(s); }).kind() == error_kind::usage);
}

TEST_CASE_FIXTURE(a_site, "a session gets what the settings say, and the bind password out of its file") {
    settings s;
    const auto set = [&](setting_key key, const std::string& value) { s.set(key, {value, setting_source::file, "here"}); };
    CHECK(refusal_of([&] { make_session_options(parse_configuration(s)); }).remedy() == remedy::name_a_server);
    CHECK(refusal_of([&] { make_site(parse_configuration(s)); }).remedy() == remedy::set_base);
    set(setting_key::uri, "ldapi:///");
    CHECK(std::holds_alternative<vmail::ldap::external_bind>(make_session_options(parse_configuration(s)).credentials));
    set(setting_key::uri, "ldap://one ldap://two");
    set(setting_key::starttls, "yes");
    set(setting_key::timeout, "2.5");
    const auto options = make_session_options(parse_configuration(s));
    CHECK(options.uris == std::vector<std::string>{"ldap://one", "ldap://two"});
    CHECK(options.starttls);
    CHECK(options.operation_timeout == std::chrono::milliseconds(2500));
    CHECK(options.connect_timeout == std::chrono::milliseconds(2500));
    CHECK(std::holds_alternative<vmail::ldap::anonymous_bind>(options.credentials));
    set(setting_key::bind_dn, "cn=service,o=x");
    CHECK(refusal_of([&] { make_session_options(parse_configuration(s)); }).remedy() == remedy::give_bind_password);
    set(setting_key::bind_password_file, file("hush\n", 0600).string());
    const auto password = [](const vmail::ldap::session_options& o) { return std::string(std::get<vmail::ldap::simple_bind>(o.credentials).password.reveal()); };
    CHECK(password(make_session_options(parse_configuration(s))) == "hush");
    CHECK(password(make_session_options(parse_configuration(s), vmail::secret("asked"))) == "asked");
}

TEST_CASE("who has said last as whom we come is believed: a name, or the user who we are") {
    vmail::settings s;
    const auto method = [&] { return parse_configuration(s).method; };
    s.set(setting_key::uri, {"ldap://ldap.example.org", setting_source::file});
    s.set(setting_key::bind_dn, {"cn=mailctl,dc=example,dc=org", setting_source::file});
    CHECK(method() == vmail::bind_method::simple);
    s.set(setting_key::sasl, {"external", setting_source::file});
    CHECK(method() == vmail::bind_method::simple);
    s.set(setting_key::sasl, {"external", setting_source::environment});
    CHECK(method() == vmail::bind_method::external);
    s.set(setting_key::bind_dn, {"cn=other,dc=example,dc=org", setting_source::flag});
    CHECK(method() == vmail::bind_method::simple);
}
