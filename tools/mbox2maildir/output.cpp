#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vmail/printable.hpp>

#include "output.hpp"

namespace mbox2maildir {

namespace {

namespace mbox = vmail::mbox;
using vmail::printable;

std::string finding_line(const mbox::finding& f) {
    const mbox::finding_row& row = mbox::row_of(f.code);
    return fmt::format("{}: {} {}: {}{}\n", printable(f.where), mbox::name(row.level), row.word, row.meaning,
                       f.text.empty() ? "" : " (" + f.text + ")");
}

std::string folder_lines(const mbox::folder_report& f) {
    const mbox::message_counts& m = f.messages;
    const mbox::byte_counts& b = f.bytes;
    return fmt::format("{0}: {1} found = {2} converted + {3} there already + {4} internal\n"
                       "{0}: {5} bytes = {6} messages + {7} internal + {8} From_ lines + {9} blank lines + {10} quoting + {11} stripped\n"
                       "{0}: sha256 {12}\n",
                       printable(f.folder.imap()), m.found, m.converted, m.there, m.internal, b.read, b.messages, b.internal, b.from_lines, b.blank,
                       b.quotes, b.stripped, f.sum.hex());
}

nlohmann::ordered_json json_of(const mbox::folder_report& f) {
    const mbox::message_counts& m = f.messages;
    const mbox::byte_counts& b = f.bytes;
    nlohmann::ordered_json sources = nlohmann::ordered_json::array();
    for (const std::string& source : f.sources) sources.push_back(printable(source));
    return {{"folder", printable(f.folder.imap())},
            {"directory", printable(f.folder.directory())},
            {"sources", std::move(sources)},
            {"found", m.found},
            {"converted", m.converted},
            {"already_there", m.there},
            {"internal", m.internal},
            {"bytes",
             {{"read", b.read},
              {"messages", b.messages},
              {"internal", b.internal},
              {"from_lines", b.from_lines},
              {"blank_lines", b.blank},
              {"quoting", b.quotes},
              {"stripped", b.stripped}}},
            {"sha256", f.sum.hex()}};
}

nlohmann::ordered_json json_of(const mbox::finding& f) {
    const mbox::finding_row& row = mbox::row_of(f.code);
    return {{"where", printable(f.where)}, {"level", mbox::name(row.level)}, {"code", row.word}, {"meaning", row.meaning}, {"text", f.text}};
}

} // namespace

void write_text(std::ostream& out, const mbox::report& r, bool quiet) {
    for (const mbox::finding& f : r.found)
        if (!quiet || is_incomplete(f)) out << finding_line(f);
    if (quiet) return;
    for (const mbox::folder_report& f : r.folders) out << folder_lines(f);
    mbox::message_counts all;
    for (const mbox::folder_report& f : r.folders) {
        all.found += f.messages.found;
        all.converted += f.messages.converted;
        all.there += f.messages.there;
        all.internal += f.messages.internal;
    }
    out << fmt::format("all {} folders: {} found = {} converted + {} there already + {} internal\n", r.folders.size(), all.found, all.converted,
                       all.there, all.internal);
}

void write_json(std::ostream& out, const mbox::report& r) {
    nlohmann::ordered_json json = {{"version", 1}, {"findings", nlohmann::ordered_json::array()}, {"folders", nlohmann::ordered_json::array()}};
    for (const mbox::finding& f : r.found) json["findings"].push_back(json_of(f));
    for (const mbox::folder_report& f : r.folders) json["folders"].push_back(json_of(f));
    out << json.dump(1) << '\n';
}

void write_report(std::ostream& out, const arguments& a, const mbox::report& r) {
    if (a.format == report_format::json)
        write_json(out, r);
    else
        write_text(out, r, a.quiet && a.report.empty());
}

} // namespace mbox2maildir
