#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <signal.h> // NOLINT: SIGXFSZ is POSIX
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/mail_store/identity.hpp>
#include <vmail/mail_store/store.hpp>

#include <cli/exit_status.hpp>
#include <cli/process.hpp>

#include "archive_reader.hpp"
#include "archive_writer.hpp"

namespace {

using namespace vmail;
using namespace vmail::tools;
using mail_store::folder_path;

/// Where an archive is written to: whoever starts this has opened it.
constexpr int archive_fd = 3;

/// "mailctl-store PARENT ROOT USER GROUP VERB WORD...": for mailctl alone, which no person types. PARENT is its process, or 0.
struct order {
    pid_t parent;
    std::string root;
    mail_store::mail_owner owner;
    std::string verb;
    std::vector<std::string> words;

    const std::string& word(std::size_t n) const {
        if (n >= words.size()) throw error(error_kind::internal, "the order for the store lacks a word");
        return words[n];
    }
    folder_path place(std::size_t n) const { return folder_path::parse(word(n), word(n + 1)); }
};

uid_t number_of(const std::string& text) {
    if (!ascii::is_digits(text) || text.size() > 10) throw error(error_kind::internal, "the order for the store names no user");
    return static_cast<uid_t>(std::stoul(text));
}

order parse_order(std::span<char*> given) {
    if (given.size() < 6) throw error(error_kind::usage, "this program is for mailctl, which tells it what to do with mail", {.hint = "mailctl help purge"});
    return {static_cast<pid_t>(number_of(given[1])), given[2], {number_of(given[3]), number_of(given[4])}, given[5], {given.begin() + 6, given.end()}};
}

std::string standard_input() {
    constexpr std::size_t longest = 128U << 20U;
    const auto text = read_to_end(STDIN_FILENO, longest + 1);
    if (!text || text->size() > longest) throw error(error_kind::input_missing, "cannot read the entry that is to be archived");
    return *text;
}

std::uint64_t size_of_file_system(int folder, bool free_alone) {
    struct statvfs seen{};
    const descriptor whole = mail_store::open_within(folder, ".");
    if (!whole || ::fstatvfs(whole.get(), &seen) != 0) throw unavailable(fmt::format("cannot tell how much room there is for mail: {}", system_reason()));
    return (free_alone ? seen.f_bavail : seen.f_blocks) * seen.f_frsize;
}

void archive(const mail_store::store& mail, const order& o) {
    const std::string given = standard_input();
    const auto blank = given.find("\n\n");
    if (blank == std::string::npos) throw error(error_kind::internal, "there is no entry to archive");
    std::optional<descriptor> folder;
    if (!o.word(0).empty()) // an alias has none
        if (auto found = mail.find(o.place(0))) folder = std::move(found->folder);
    const archived made = write_archive(archive_fd, given.substr(0, blank + 1), given.substr(blank + 2), folder);
    fmt::print("inventory: {}\nmail: {}\nfiles: {}\nbytes: {}\nothers: {}\n", made.seen.text(), folder ? "yes" : "no", made.seen.files, made.seen.bytes, made.seen.others);
}

void take(const mail_store::store& mail, const order& o) {
    using mail_store::trash;
    switch (trash(mail).take(o.place(0), o.word(2), o.word(3))) {
    case trash::move::done: return fmt::print("done\n");
    case trash::move::absent: return fmt::print("absent\n");
    case trash::move::there_already: return fmt::print("there already\n");
    }
}

void check(const mail_store::store& mail, const order&) {
    const auto all = check_archive(STDIN_FILENO, size_of_file_system(mail.root(), false));
    fmt::print("{}free: {}\n\n{}", all.told.text(), size_of_file_system(mail.root(), true), all.entry);
}

void extract(const mail_store::store& mail, const order& o) {
    const mail_store::trash bin(mail);
    const descriptor folder = bin.make(o.word(0));
    if (!folder) throw unavailable(fmt::format("cannot open what was made in the trash: {}", system_reason()));
    const auto all = extract_archive(STDIN_FILENO, size_of_file_system(mail.root(), true), folder.get());
    if (all.told.mail_digest != o.word(1)) throw invalid_value("the archive changes while it is read");
    if (::syncfs(folder.get()) != 0) throw unavailable(fmt::format("cannot write the mail to disk: {}", system_reason()));
}

void holds(const mail_store::store& mail, const order& o) {
    const auto found = mail.find(o.place(0));
    const bool all = found && is_extracted(STDIN_FILENO, size_of_file_system(mail.root(), false), found->folder.get());
    fmt::print("{}\n", !found ? "absent" : all ? "yes" : "no");
}

void look(const mail_store::store& mail, const order& o) { fmt::print("{}\n", mail.find(o.place(0)) ? "yes" : "absent"); }

void list(const mail_store::store& mail, const order&) {
    mail.each_maildir([](const std::string& path) {
        fmt::print("{}", path);
        std::fputc('\0', stdout);
    });
}

void links(const mail_store::store& mail, const order& o) {
    mail.each_link(number_of(o.word(0)), [](const std::string& link, const std::string& folder) {
        for (const std::string& text : {link, folder}) {
            fmt::print("{}", text);
            std::fputc('\0', stdout);
        }
    });
}

/// What nobody waits for any more would come between what is done next: it ends, also where its parent has ended before.
void end_with(pid_t parent) {
    if (parent == 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (::getppid() != parent) throw error(error_kind::interrupted, "whoever asked is gone");
}

/// Of what is not, nothing is there but what a file system has of its own.
bool is_mounted(const mail_store::store& mail) {
    const auto names = mail_store::folder_names(mail.root());
    return std::any_of(names.begin(), names.end(), [](const std::string& n) { return !n.starts_with('.') && n != "lost+found"; });
}

void obey(const order& o) {
    using act = void (*)(const mail_store::store&, const order&);
    static const std::map<std::string, act> verbs = {
        {"archive", archive}, {"take", take}, {"check", check}, {"extract", extract}, {"holds", holds}, {"look", look}, {"list", list}, {"links", links},
        {"give-back", [](const mail_store::store& m, const order& w) { fmt::print("{}\n", mail_store::trash(m).give_back(w.word(0), w.place(1)) ? "yes" : "absent"); }},
        {"empty", [](const mail_store::store& m, const order& w) { fmt::print("{}\n", mail_store::trash(m).empty(w.word(0)) ? "yes" : "absent"); }},
        {"release", [](const mail_store::store& m, const order& w) { mail_store::trash(m).release(w.word(0), w.place(1)); }},
        {"mounted", [](const mail_store::store& m, const order&) { fmt::print("{}\n", is_mounted(m) ? "yes" : "no"); }},
        {"names", [](const mail_store::store& m, const order&) { for (const auto& n : mail_store::trash(m).names()) fmt::print("{}\n", n); }},
    };
    const auto verb = verbs.find(o.verb);
    if (verb == verbs.end()) throw error(error_kind::internal, "the store knows no such order");
    mail_store::become(o.owner);
    end_with(o.parent);
    verb->second(mail_store::store(o.root), o);
    if (std::fflush(stdout) != 0) throw unavailable(fmt::format("cannot answer: {}", system_reason()));
}

/// Whoever started this reads it: the kind, the sentence, and what can be done.
int tell(const error& e) {
    fmt::print(stderr, "{}\t{}\t{}\n", name(e.kind()), e.what(), e.hint());
    return exit_status_of(e.kind());
}

} // namespace

int main(int argc, char** argv) {
    harden_process();
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGXFSZ, SIG_IGN); // a file that may grow no more is a full disk
    std::setlocale(LC_CTYPE, "C.UTF-8");
    try {
        obey(parse_order({argv, static_cast<std::size_t>(argc)}));
        return 0;
    } catch (const error& e) {
        return tell(e);
    } catch (const std::exception& e) {
        return tell(error(error_kind::internal, fmt::format("internal error in the store: {}", e.what())));
    }
}
