#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "convert.hpp"
#include "keyword_table.hpp"
#include "ledger.hpp"
#include "maildir.hpp"
#include "message.hpp"
#include "reader.hpp"
#include "report.hpp"
#include "uid_list.hpp"

namespace vmail::mbox {

/// Puts messages into one folder of a Maildir: first all into tmp, then, in publish(), all in their places. What was not published leaves nothing.
class folder_writer {
public:
    /// The Maildir is null where it does not exist, in a dry run.
    folder_writer(const options& o, const descriptor* maildir, const account& owner, const ledger& known, folder_name folder, findings& found);
    folder_writer(const folder_writer&) = delete;
    folder_writer& operator=(const folder_writer&) = delete;
    ~folder_writer();

    /// Before the messages of an mbox, and behind them: what came in between stays, or is forgotten.
    void begin_source();
    void keep_source(const std::string& source, const mbox_reader& reader);
    void forget_source();

    /// A message, in its turn. The bytes have to be good only during the call.
    void take(const message& m);

    /// Gives every message its place; tells what was done, and puts it into the ledger.
    folder_report publish(ledger& book);

    bool is_first_time() const noexcept { return first_time_; } ///< no run ever converted into this folder
    bool resumed() const noexcept { return resumed_; }          ///< some messages were in their places, and in no ledger
    std::uint64_t bytes_added() const noexcept { return bytes_added_; }

private:
    struct waiting {
        std::string name;
        std::string damaged; ///< a file in the place of it, which is not whole
        mail_flags flags;
        std::vector<std::string> keywords;
    };
    /// What is counted while an mbox is read, and forgotten with it.
    struct tally {
        folder_report report{};
        std::unordered_map<checksum, std::size_t, checksum_hash> seen{};
        std::vector<checksum> sums{};
        uid_list uids{};
        std::uint64_t wrong_length = 0, deeper = 0, late_from = 0, odd_from = 0;
        std::uint64_t of_header = 0, of_file = 0, ahead = 0; ///< times of delivery
        bool resumed = false;
        std::uint64_t bytes_added = 0;
    };

    bool is_known(const checksum& identity, std::size_t occurrence) const;
    bool is_in_place(const message& m, const std::string& key, std::string& damaged);
    void store(const message& m, std::string key, std::string damaged);
    void count(const message& m);
    maildir_folder& folder();
    void count_time(const message& m);
    void report_findings();
    std::optional<std::string> new_uid_list(std::optional<code>& problem) const;
    void write_uid_list();
    std::string place_of(const waiting& w, keyword_table& table, std::map<std::string, std::size_t>& left_out) const;
    void publish_messages();

    const options& options_;
    const descriptor* maildir_;
    account owner_;
    folder_name name_;
    findings& found_;
    const ledger::counts* known_;
    bool first_time_;
    bool resumed_ = false;
    std::uint64_t bytes_added_ = 0;
    std::optional<maildir_folder> folder_;
    maildir_folder::file_table in_place_;
    tally tally_, before_;
    std::vector<waiting> waiting_;
    std::size_t waiting_before_ = 0;
    std::size_t published_ = 0;
    summer sums_;
};

} // namespace vmail::mbox
