#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/file_place.hpp>
#include <cli/plain_options.hpp>

#include "arguments.hpp"

namespace mbox2maildir {

namespace {

namespace mbox = vmail::mbox;
using vmail::tools::add_word;
using vmail::tools::refuse;
using vmail::tools::value_of;
using vmail::tools::words;

/// The words of the command line, before anybody knows what they mean.
struct raw_arguments {
    std::vector<std::string> paths, inboxes;
    std::string folder, subscriptions, quota, owner, time_zone, report;
    mbox::dialect dialect = mbox::dialect::detect;
    bool split_doubtful = false, strip_status = false;
    unsigned lock_timeout = 30;
    bool no_sync = false, dry_run = false, quiet = false;
    report_format format = report_format::text;
};

const words<mbox::dialect> dialects = {{"auto", mbox::dialect::detect},
                                       {"mboxo", mbox::dialect::mboxo},
                                       {"mboxrd", mbox::dialect::mboxrd},
                                       {"mboxcl", mbox::dialect::mboxcl},
                                       {"mboxcl2", mbox::dialect::mboxcl2}};
const words<report_format> formats = {{"text", report_format::text}, {"json", report_format::json}};

void add_options(CLI::App& app, raw_arguments& raw) {
    app.option_defaults()->group("What is converted");
    app.add_option("PATH", raw.paths, "mboxes, folder trees such as ~/mail; and last the Maildir")->required()->option_text(" ");
    app.add_option("--inbox", raw.inboxes, "An mbox that goes to INBOX, beside a tree (repeatable)")->allow_extra_args(false)->option_text("FILE");
    app.add_option("--folder", raw.folder, "Where sources that are files go, as a/b (default: INBOX)")->option_text("NAME");
    app.add_option("--subscriptions", raw.subscriptions, "List of subscribed folders (default: .subscriptions or .mailboxlist of the tree)")
        ->option_text("FILE");
    add_word(app, "--format", raw.dialect, dialects, "How messages are told apart, and From_ lines quoted");
    app.add_flag("--split-doubtful", raw.split_doubtful, "Begin a message also at lines of which the report warns (late-from, odd-from)");
    app.add_flag("--strip-status", raw.strip_status, "Leave out Status, X-UID and the like of the headers");
    app.add_option("--time-zone", raw.time_zone, "Of From_ lines without one (default: the machine's)")->option_text("NAME");
    app.option_defaults()->group("How");
    app.add_option("--owner", raw.owner, "Whose the Maildir is (root only)")->option_text("USER[:GROUP]");
    app.add_option("--quota", raw.quota, "Write maildirsize, as 2G")->option_text("SIZE");
    app.add_option("--lock-timeout", raw.lock_timeout, "How long to wait for locks")->option_text("SECONDS (30)");
    app.add_flag("--no-sync", raw.no_sync, "Do not wait until everything is on disk");
    app.add_flag("-n,--dry-run", raw.dry_run, "Read and report, write nothing");
    app.option_defaults()->group("Report");
    app.add_option("--report", raw.report, "Where the report goes (default: standard error)")->option_text("FILE");
    add_word(app, "--report-format", raw.format, formats, "Its form");
    app.add_flag("-q,--quiet", raw.quiet, "Say only what was not converted");
    app.set_version_flag("--version", std::string("mbox2maildir ") + MBOX2MAILDIR_VERSION, "Print the version")->group("Report");
    app.set_help_flag("-h,--help", "Print this help")->group("Report");
}

/// CLI11 has no word for "the last one is another thing".
class help_text : public CLI::Formatter {
public:
    std::string make_usage(const CLI::App*, std::string) const override { return "Usage: mbox2maildir [OPTIONS] SOURCE... MAILDIR\n"; }
    std::string make_positionals(const CLI::App*) const override {
        return "\n  SOURCE    an mbox, or a folder tree such as ~/mail\n  MAILDIR   is made where it does not exist\n";
    }
};

vmail::time_zone read_zone(const raw_arguments& raw) {
    if (raw.time_zone.empty()) return vmail::time_zone::local();
    return value_of("--time-zone", [&] { return vmail::time_zone::named(raw.time_zone); });
}

mbox::folder_name read_folder(const std::string& text) {
    const auto folder = mbox::folder_name::of_text(text);
    if (!folder.has_room()) refuse(fmt::format("--folder: the name of its directory would have {} bytes, and 255 is the most", folder.directory().size()));
    return folder;
}

/// Everything that the run may read: mboxes, trees, and the lists of subscribed folders in them and beside them.
std::vector<std::string> all_sources(const mbox::options& o) {
    std::vector<std::string> all = o.sources;
    all.insert(all.end(), o.inboxes.begin(), o.inboxes.end());
    for (const std::string& source : o.sources) all.push_back(source + "/../.mailboxlist");
    if (o.subscriptions) all.push_back(*o.subscriptions);
    return all;
}

/// The report replaces what has its name: that may be all the mail of somebody.
void check_report(const std::string& report, const mbox::options& o) {
    const vmail::tools::file_place place(report);
    const char* const advice = "name a file elsewhere";
    for (const std::string& source : all_sources(o)) {
        if (place.is(vmail::tools::file_place(source))) refuse(fmt::format("--report: it would replace {}, which is to be read", vmail::printable(source)), advice);
        if (place.lies_in(source)) refuse(fmt::format("--report: {} lies in {}, which is to be read", vmail::printable(report), vmail::printable(source)), advice);
    }
    if (place.lies_in(o.maildir)) refuse(fmt::format("--report: {} lies in the Maildir", vmail::printable(report)), advice);
}

mbox::options read_options(const raw_arguments& raw) {
    mbox::options o{.messages = {.zone = read_zone(raw)}};
    o.sources.assign(raw.paths.begin(), raw.paths.end() - 1);
    o.maildir = raw.paths.back();
    o.inboxes = raw.inboxes;
    if (o.sources.empty() && o.inboxes.empty()) refuse("no mbox was named", "the last name is the Maildir; see mbox2maildir --help");
    if (std::any_of(raw.paths.begin(), raw.paths.end(), [](const std::string& p) { return p.empty(); })) refuse("a name is empty");
    if (!raw.folder.empty()) o.folder = read_folder(raw.folder);
    if (!raw.subscriptions.empty()) o.subscriptions = raw.subscriptions;
    o.messages.splitting = {raw.dialect, raw.split_doubtful};
    o.messages.strip_status = raw.strip_status;
    if (!raw.owner.empty()) o.owner = value_of("--owner", [&] { return mbox::account::parse(raw.owner); });
    if (!raw.quota.empty()) o.quota = value_of("--quota", [&] { return vmail::quota::parse(raw.quota); });
    o.lock_timeout = std::chrono::seconds(raw.lock_timeout);
    o.sync = !raw.no_sync;
    o.dry_run = raw.dry_run;
    if (!raw.report.empty()) check_report(raw.report, o);
    return o;
}

} // namespace

std::variant<arguments, int> parse_arguments(int argc, const char* const* argv) {
    raw_arguments raw;
    CLI::App app("Converts mbox files and folder trees into a Maildir++.", "mbox2maildir");
    app.formatter(std::make_shared<help_text>());
    app.footer("Examples:\n"
               "  mbox2maildir --owner vmail --quota 2G --inbox /var/mail/ada /home/ada/mail /home/vmail/domains/example.org/ada\n"
               "  mbox2maildir -q /var/mail/ada ~/Maildir\n\n"
               "Exit status: 0 everything is in the Maildir, 1 something was left out, or may have been (the report says what), 64 usage,\n65 no "
               "mbox, 66 a file that "
               "cannot be read, 75 "
               "somebody holds a lock: try again. See mbox2maildir(1).");
    add_options(app, raw);
    if (const auto status = vmail::tools::parse_plain(app, argc, argv)) return *status;
    return arguments{.options = read_options(raw), .report = raw.report, .format = raw.format, .quiet = raw.quiet};
}

} // namespace mbox2maildir
