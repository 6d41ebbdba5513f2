#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nis_case.hpp"

using nis_case::convert;
using nis_case::values;

namespace {

const std::string des = "abJnggxhB/yWI";
const std::string passwd = "ada:x:1001:100:Ada Bressan:/home/ada:/bin/sh\n";

} // namespace

TEST_CASE("a line of shadow is part of its account, or skipped with a reason") {
    struct row {
        std::string line;
        std::string codes;
        std::string password;
    };
    const std::vector<row> rows = {
        {"ada:" + des + ":16000:0:99999:7:::", "", "{CRYPT}" + des},
        {"ada:" + des, "", "{CRYPT}" + des},
        {"ada:_J9..rasmBYk8r9AiWNc:1::::::", "", "{CRYPT}_J9..rasmBYk8r9AiWNc"},
        {"ada:$2y$05$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234:1::::::", "", "{CRYPT}$2y$05$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"},
        {"ada:$5$rounds=5000$salt$" + std::string(43, 'x') + ":1::::::", "", "{CRYPT}$5$rounds=5000$salt$" + std::string(43, 'x')},
        {"ada:$y$j9T$salt$" + std::string(43, 'x') + ":1::::::", "", "{CRYPT}$y$j9T$salt$" + std::string(43, 'x')},
        {"ada:{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX:1::::::", "", "{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"},
        {"ada:*:1::::::", "shadow:1=password-locked", "{CRYPT}*"},
        {"ada:!" + des + ":1::::::", "shadow:1=password-locked", "{CRYPT}!" + des},
        {"ada:*LK*" + des + ":1::::::", "shadow:1=password-locked", "{CRYPT}*LK*" + des},
        {"ada:NP:1::::::", "shadow:1=password-locked", "{CRYPT}NP"},
        {"ada:!" + des + ",M.z8:1::::::", "shadow:1=password-locked", "{CRYPT}!" + des},
        {"ada:!secret:1::::::", "shadow:1=password-unknown", "-"},
        {"ada::1::::::", "shadow:1=password-empty", "-"},
        {"ada:x:1::::::", "passwd:1=password-missing", "-"},
        {"ada:hello:1::::::", "shadow:1=password-unknown", "-"},
        {"ada:" + des + ":abc:0:99999:7:::", "shadow:1=bad-age", "{CRYPT}" + des},
        {"ada:" + des + ":1:0:90d:7:::", "shadow:1=bad-age", "{CRYPT}" + des},
        {"ada:" + des + ":1:::::0:", "shadow:1=expired", "{CRYPT}" + des},
        {"ada:" + des + ":1:::::10:", "shadow:1=expired", "{CRYPT}" + des},
        {"ada:" + des + ":1:::::-1:", "", "{CRYPT}" + des},
        {"ada:" + des + ":1:::::90000:", "", "{CRYPT}" + des},
        {"bob:" + des + ":1::::::", "passwd:1=password-missing shadow:1=orphan", "-"},
        {"Ada:" + des + ":1::::::", "passwd:1=password-missing shadow:1=orphan", "-"},
        {"ada", "passwd:1=password-missing shadow:1=field-count", "-"},
        {"+ada:x", "passwd:1=password-missing shadow:1=compat", "-"},
        {"# ada:" + des, "passwd:1=password-missing", "-"},
        {"", "passwd:1=password-missing", "-"},
    };
    for (const row& r : rows) {
        CAPTURE(r.line);
        const auto out = convert({.passwd = passwd, .shadow = r.line + "\n"});
        CHECK(out.codes() == r.codes);
        CHECK(values(out.account("ada"), "userPassword") == r.password);
    }
}

TEST_CASE("every number of shadow is kept, 0 and -1 too") {
    const auto out = convert({.passwd = passwd, .shadow = "ada:" + des + ":0:-1:99999:07:14:-1:3\n"});
    const auto* e = out.account("ada");
    CHECK(e->has_class("shadowAccount"));
    CHECK(values(e, "shadowLastChange") == "0");
    CHECK(values(e, "shadowMin") == "-1");
    CHECK(values(e, "shadowMax") == "99999");
    CHECK(values(e, "shadowWarning") == "7");
    CHECK(values(e, "shadowInactive") == "14");
    CHECK(values(e, "shadowExpire") == "-1");
    CHECK(values(e, "shadowFlag") == "3");
    const auto bare = convert({.passwd = passwd, .shadow = "ada:" + des + "\n"});
    CHECK(values(bare.account("ada"), "shadowLastChange") == "-");
}

TEST_CASE("the first of two shadow lines counts") {
    const auto out = convert({.passwd = passwd, .shadow = "ada:" + des + ":1\nada:*:2\n"});
    CHECK(out.codes() == "shadow:2=duplicate-shadow");
    CHECK(values(out.account("ada"), "userPassword") == "{CRYPT}" + des);
    CHECK(out.counts("shadow") == "2=0+0+1+1");
}

TEST_CASE("of two hashes that of shadow counts") {
    const std::string with_hash = "ada:" + des + ":1001:100:Ada Bressan:/home/ada:/bin/sh\n";
    const auto other = convert({.passwd = with_hash, .shadow = "ada:aaJnggxhB/yWI:1\n"});
    CHECK(other.codes() == "passwd:1=password-differs");
    CHECK(values(other.account("ada"), "userPassword") == "{CRYPT}aaJnggxhB/yWI");
    CHECK(convert({.passwd = with_hash, .shadow = "ada:" + des + ":1\n"}).codes().empty());
    // shadow that only points elsewhere has no hash to count
    CHECK(values(convert({.passwd = with_hash, .shadow = "ada:x:1\n"}).account("ada"), "userPassword") == "{CRYPT}" + des);
}

TEST_CASE("passwd.adjunct gives the hash of those who point there") {
    const std::string points = "ada:##ada:1001:100:Ada Bressan:/home/ada:/bin/sh\n";
    const auto out = convert({.passwd = points, .adjunct = "ada:" + des + "::::::\nbob:x::::::\nada:*::::::\n"});
    CHECK(out.codes() == "adjunct:2=orphan adjunct:3=duplicate-shadow");
    CHECK(values(out.account("ada"), "userPassword") == "{CRYPT}" + des);
    CHECK_FALSE(out.account("ada")->has_class("shadowAccount"));
    const auto both = convert({.passwd = points, .shadow = "ada:##ada:16000::::::\n", .adjunct = "ada:" + des + "::::::\n"});
    CHECK(values(both.account("ada"), "userPassword") == "{CRYPT}" + des);
    CHECK(values(both.account("ada"), "shadowLastChange") == "16000");
}

TEST_CASE("no report shows a hash") {
    const auto out = convert({.passwd = "ada:secret-hash:1001:100:Ada Bressan:/home/ada:/bin/sh\nada:secret-hash:1:1::/h:/bin/sh\nx:secret-hash\n",
                              .shadow = "ada:other-secret:x:y\nbob:other-secret:1\nada:other-secret:1\n"});
    std::ostringstream text;
    write_text(text, out.report);
    write_json(text, out.report);
    CHECK(text.str().find("secret") == std::string::npos);
}

TEST_CASE("what is no ASCII is no hash, whatever the charset of the line") {
    const auto out = convert({.passwd = "ada:!h\xE0sh:1001:100:Ada Bress\xE0n:/home/ada:/bin/sh\n"});
    CHECK(values(out.account("ada"), "userPassword") == "-"); // what crypt(3) makes is ASCII
    CHECK(values(out.account("ada"), "cn") == "Ada Bress\xC3\xA0n");
}
