#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>

#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/ldif.hpp>

#include <mbox/reader.hpp>
#include <mbox/uid_file.hpp>

// Replays what the fuzzers under tests/fuzz found, and what they start from. They check more; here nothing may crash or throw another type.

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> corpus(const std::string& name) {
    std::vector<fs::path> files;
    for (const auto& item : fs::directory_iterator(fs::path(VMAIL_TEST_SOURCE_DIR) / "corpus" / name)) files.push_back(item.path());
    std::sort(files.begin(), files.end());
    REQUIRE_FALSE(files.empty());
    return files;
}

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

} // namespace

TEST_CASE("every name of the corpus is refused, or comes back from its text") {
    for (const auto& file : corpus("dn")) {
        CAPTURE(file);
        try {
            const auto name = vmail::ldap::dn::parse(contents(file));
            CHECK(vmail::ldap::dn::parse(name.text()).rdns() == name.rdns());
        } catch (const vmail::invalid_value&) {
        }
    }
}

TEST_CASE("every LDIF file of the corpus is read, or refused with its line") {
    for (const auto& file : corpus("ldif")) {
        CAPTURE(file);
        std::istringstream in(contents(file));
        vmail::ldap::ldif_reader reader(in, "f");
        try {
            while (reader.next()) {
            }
        } catch (const vmail::invalid_value& problem) {
            CHECK(std::string(problem.what()).starts_with("f:"));
        }
    }
}

namespace {

/// Bytes of the file that are in a message, or before the first one. Throws invalid_value where it is none.
std::size_t accounted_for(int mbox, vmail::mbox::dialect d) {
    vmail::mbox::message_options options;
    options.splitting.dialect = d;
    vmail::mbox::mbox_reader reader(mbox, "f", options);
    std::size_t bytes = reader.leading_blank();
    vmail::mbox::batch b;
    while (reader.next(b))
        for (const auto& m : b.messages) bytes += m.found.next;
    return bytes;
}

} // namespace

TEST_CASE("every mbox of the corpus is refused, or every byte of it is accounted for") {
    using vmail::mbox::dialect;
    for (const auto& file : corpus("mbox")) {
        CAPTURE(file);
        const std::string bytes = contents(file).substr(1); // the first one says what the others are
        const vmail::descriptor mbox(::memfd_create("mbox", MFD_CLOEXEC));
        REQUIRE(mbox);
        REQUIRE(::pwrite(mbox.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
        for (const auto d : {dialect::detect, dialect::mboxo, dialect::mboxrd, dialect::mboxcl, dialect::mboxcl2}) {
            std::size_t found = bytes.size();
            try {
                found = accounted_for(mbox.get(), d);
            } catch (const vmail::invalid_value&) {
            }
            CHECK(found == bytes.size());
        }
        if (const auto list = vmail::mbox::uid_file::parse(bytes)) CHECK(vmail::mbox::uid_file::parse(list->text()) == list);
    }
}
