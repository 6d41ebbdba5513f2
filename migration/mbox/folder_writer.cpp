#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "file_name.hpp"
#include "folder_writer.hpp"

namespace vmail::mbox {

namespace {

constexpr const char* keywords_file = "dovecot-keywords";
constexpr const char* uidlist_file = "dovecot-uidlist";

} // namespace

folder_writer::folder_writer(const options& o, const descriptor* maildir, const account& owner, const ledger& known, folder_name folder,
                             findings& found)
    : options_(o), maildir_(maildir), owner_(owner), name_(std::move(folder)), found_(found), known_(known.find(name_.directory())),
      first_time_(known_ == nullptr) {
    tally_.report.folder = name_;
    if (!maildir_) return;
    folder_ = maildir_folder::open(*maildir_, name_.directory(), owner_);
    if (folder_) in_place_ = folder_->list_own();
}

folder_writer::~folder_writer() {
    for (std::size_t i = published_; i < waiting_.size(); ++i)
        if (folder_) folder_->discard(waiting_[i].name);
}

void folder_writer::begin_source() {
    before_ = tally_;
    waiting_before_ = waiting_.size();
}

void folder_writer::keep_source(const std::string& source, const mbox_reader& reader) {
    tally_.report.sources.push_back(source);
    tally_.report.bytes.read += reader.size();
    tally_.report.bytes.blank += reader.leading_blank();
    check(tally_.report);
    before_ = {};
}

void folder_writer::forget_source() {
    for (; waiting_.size() > waiting_before_; waiting_.pop_back())
        if (folder_) folder_->discard(waiting_.back().name);
    tally_ = std::move(before_);
    before_ = {};
}

void folder_writer::count(const message& m) {
    byte_counts& b = tally_.report.bytes;
    ++tally_.report.messages.found;
    b.from_lines += m.found.text.begin;
    b.blank += m.found.next - m.found.text.end;
    if (m.found.length == length_claim::wrong) ++tally_.wrong_length;
    if (options_.messages.splitting.dialect == dialect::detect && m.found.length != length_claim::right) tally_.deeper += m.found.body_from.deeper;
    tally_.late_from += m.found.late_from;
    tally_.odd_from += m.found.odd_from;
    if (m.state.base) tally_.uids.set_base(*m.state.base);
    if (m.state.internal_data) {
        ++tally_.report.messages.internal;
        b.internal += m.raw.size();
        return;
    }
    count_time(m);
    b.messages += m.text().size();
    b.quotes += m.undone_quotes;
    b.stripped += m.stripped;
    tally_.sums.push_back(m.content);
}

void folder_writer::count_time(const message& m) {
    if (m.time_from == time_source::header) ++tally_.of_header;
    if (m.time_from == time_source::file) ++tally_.of_file;
    // A clock may be wrong by some hours.
    if (m.delivered.instant() > timestamp::now().instant() + std::chrono::days(1)) ++tally_.ahead;
}

bool folder_writer::is_known(const checksum& identity, std::size_t occurrence) const {
    if (!known_) return false;
    const auto found = known_->find(identity);
    return found != known_->end() && found->second >= occurrence;
}

bool folder_writer::is_in_place(const message& m, const std::string& key, std::string& damaged) {
    const auto found = in_place_.find(key);
    if (found == in_place_.end()) return false;
    const auto text = folder_->read_whole(found->second);
    if (!text || identity_of(*text, sums_) != m.identity) {
        damaged = found->second;
        return false;
    }
    tally_.resumed = true;
    tally_.uids.add(m.state.uid, std::string(without_flags(std::string_view(found->second).substr(4))));
    return true;
}

void folder_writer::take(const message& m) {
    count(m);
    if (m.state.internal_data) return;
    const std::size_t occurrence = ++tally_.seen[m.identity];
    const std::string key = file_key(m.identity, occurrence);
    std::string damaged;
    const bool known = is_known(m.identity, occurrence);
    if (!known && !is_in_place(m, key, damaged)) return store(m, key, std::move(damaged));
    ++tally_.report.messages.there;
    if (known) tally_.uids.add_known(m.state.uid, key);
}

void folder_writer::store(const message& m, std::string key, std::string damaged) {
    std::string name = file_name(m, key);
    if (!options_.dry_run) {
        folder().store(name, m.text(), m.delivered);
        waiting_.push_back({name, std::move(damaged), m.state.flags, m.state.keywords});
    }
    ++tally_.report.messages.converted;
    tally_.bytes_added += m.text().size();
    tally_.uids.add(m.state.uid, std::move(name));
}

maildir_folder& folder_writer::folder() {
    if (!folder_) folder_ = maildir_folder::create(*maildir_, name_.directory(), owner_);
    return *folder_;
}

std::string folder_writer::place_of(const waiting& w, keyword_table& table, std::map<std::string, std::size_t>& left_out) const {
    std::string letters = flag_letters(w.flags);
    std::string keywords;
    for (const std::string& keyword : w.keywords) {
        const auto letter = table.letter_of(keyword);
        if (!letter)
            ++left_out[keyword];
        else if (keywords.find(*letter) == std::string::npos)
            keywords += *letter;
    }
    std::sort(keywords.begin(), keywords.end());
    letters += keywords;
    // What no reader has been shown is new; but only names in cur have flags.
    if (letters.empty() && !w.flags.old) return "new/" + w.name;
    return fmt::format("cur/{}:2,{}", w.name, letters);
}

void folder_writer::publish_messages() {
    keyword_table table = keyword_table::parse(small_file::read(folder().directory(), keywords_file).value_or(""));
    std::map<std::string, std::size_t> left_out;
    std::vector<std::string> places;
    places.reserve(waiting_.size());
    for (const waiting& w : waiting_) places.push_back(place_of(w, table, left_out));
    // Before the names with its letters are there.
    if (table.changed()) small_file::write(folder().directory(), keywords_file, table.text(), small_file::safety::none);
    for (; published_ < waiting_.size(); ++published_) {
        const waiting& w = waiting_[published_];
        if (!w.damaged.empty() && w.damaged != places[published_]) folder().remove(w.damaged);
        folder().publish(w.name, places[published_]);
    }
    for (const auto& [keyword, count] : left_out)
        found_.push_back({name_.imap(), code::keywords_left_out, fmt::format("{} of {} messages", vmail::quoted(keyword), count)});
}

/// The text of the list where it is not there, or has to change.
std::optional<std::string> folder_writer::new_uid_list(std::optional<code>& problem) const {
    const uid_list& uids = tally_.uids;
    if (uids.empty()) return {};
    const auto there = folder_ ? small_file::read(folder_->directory(), uidlist_file) : std::nullopt;
    if (!there) {
        if (!first_time_) return {};
        if (uids.had_uids() && !uids.keeps_uids()) problem = code::uids_not_kept;
        return uids.text(static_cast<std::uint32_t>(std::time(nullptr)));
    }
    auto file = uid_file::parse(*there);
    const auto before = file;
    const auto merged = file ? uids.merge_into(*file) : uid_list::merging::unrelated;
    if (merged == uid_list::merging::differs) problem = code::uids_differ;
    if (merged == uid_list::merging::unrelated && (first_time_ || (uids.had_uids() && tally_.report.messages.converted > 0)))
        problem = code::uidlist_there;
    return merged != uid_list::merging::done || file == before ? std::nullopt : std::optional(file->text());
}

void folder_writer::write_uid_list() {
    std::optional<code> problem;
    const auto text = new_uid_list(problem);
    if (problem) found_.push_back({name_.imap(), *problem, {}});
    // Whole at every moment: nobody but a mail server could make it again, and with other UIDs.
    if (text && !options_.dry_run)
        small_file::write(folder().directory(), uidlist_file, *text, options_.sync ? small_file::safety::synced : small_file::safety::none);
}

void folder_writer::report_findings() {
    const auto note = [&](std::uint64_t count, code what, const char* things) {
        if (count > 0) found_.push_back({name_.imap(), what, fmt::format("{} {}", count, things)});
    };
    note(tally_.wrong_length, code::wrong_length, "messages");
    note(tally_.deeper, code::deeper_quoting, "lines");
    note(tally_.late_from, code::late_from, "lines");
    note(tally_.odd_from, code::odd_from, "lines");
    note(tally_.of_header, code::other_time, "messages, that of the header");
    note(tally_.of_file, code::other_time, "messages, that of the mbox");
    note(tally_.ahead, code::future_time, "messages");
    note(tally_.report.messages.internal, code::internal_data, "messages");
}

folder_report folder_writer::publish(ledger& book) {
    report_findings();
    std::optional<code> ignored;
    if (!options_.dry_run && (first_time_ || !waiting_.empty() || new_uid_list(ignored))) {
        const uidlist_lock lock(folder(), options_.lock_timeout, options_.stop);
        // The list first: were we killed in between, the server would give the messages UIDs that are others' on the old one.
        write_uid_list();
        publish_messages();
    } else {
        write_uid_list();
    }
    std::sort(tally_.sums.begin(), tally_.sums.end());
    std::string lines;
    for (const checksum& sum : tally_.sums) {
        lines.clear();
        sum.append_hex_to(lines);
        sums_.add(lines += '\n');
    }
    tally_.report.sum = sums_.finish();
    if (!options_.dry_run) book.record(name_.directory());
    if (!options_.dry_run)
        for (const auto& [identity, times] : tally_.seen) book.record(name_.directory(), identity, times);
    resumed_ = tally_.resumed;
    bytes_added_ = tally_.bytes_added;
    check(tally_.report);
    return tally_.report;
}

} // namespace vmail::mbox
