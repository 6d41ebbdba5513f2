#include "manifest.hpp"

#include <charconv>

#include <fmt/format.h>

#include <vmail/error.hpp>

namespace vmail::tools {

namespace {

constexpr std::string_view mark = "vmail-archive: 1\n";

[[noreturn]] void refuse() { throw invalid_value("the archive is none of a mailbox, or damaged: its manifest makes no sense"); }

/// The value of the next line, which is of that name.
std::string_view take(std::string_view& text, std::string_view name) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || !text.starts_with(name) || text.substr(name.size(), 2) != ": ") refuse();
    const auto value = text.substr(name.size() + 2, end - name.size() - 2);
    text.remove_prefix(end + 1);
    return value;
}

std::uint64_t take_number(std::string_view& text, std::string_view name) {
    const auto value = take(text, name);
    std::uint64_t number = 0;
    const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (status != std::errc{} || end != value.data() + value.size()) refuse();
    return number;
}

} // namespace

std::string manifest::text() const {
    return fmt::format("{}{}mail: {}\nfiles: {}\nfolders: {}\nbytes: {}\nothers: {}\nentry-sha256: {}\nmail-sha256: {}\n", mark, heading, has_folder ? "yes" : "no", files, folders, bytes, others,
                       entry_digest, mail_digest);
}

manifest manifest::parse(std::string_view text) {
    if (!text.starts_with(mark)) refuse();
    text.remove_prefix(mark.size());
    const auto own = text.rfind("mail: ", text.find("\nfiles: ")); // the heading's lines come before
    if (own == std::string_view::npos) refuse();
    manifest m{.heading = std::string(text.substr(0, own))};
    text.remove_prefix(own);
    const auto has = take(text, "mail");
    if (has != "yes" && has != "no") refuse();
    m.has_folder = has == "yes";
    m.files = take_number(text, "files");
    m.folders = take_number(text, "folders");
    m.bytes = take_number(text, "bytes");
    m.others = take_number(text, "others");
    m.entry_digest = take(text, "entry-sha256");
    m.mail_digest = take(text, "mail-sha256");
    if (!text.empty()) refuse();
    return m;
}

} // namespace vmail::tools
