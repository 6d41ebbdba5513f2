#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/error.hpp>

#include "invocation.hpp"
#include "record.hpp"

namespace vmail::tools {

/// What became of one item of a command that changes something.
struct outcome {
    std::string_view word{}; ///< "created", "disabled", "unchanged"
    bool changed = true;
    record details{}; ///< more that the caller should see, "password"
    std::string_view field{}; ///< in JSON, what the item is where it is another thing than the command is about; empty: the same
};

/// How many of a command's items failed, and with what status the command ends.
class tally {
public:
    void succeeded() noexcept { ++items_; }
    void failed(const error& e) noexcept;
    /// The connection is of no more use: the rest would fail the same way.
    bool stopped() const noexcept { return stopped_; }
    /// 0; the failure's own status when it was the only item or ended the run; else 1.
    int status() const noexcept;

private:
    std::size_t items_ = 0;
    std::size_t failures_ = 0;
    int failure_status_ = 0;
    bool stopped_ = false;
};

/// What a report needs to know before.
struct report_options {
    std::string_view item_field{};              ///< what the first field of each record is called: "address", "domain"
    std::vector<std::string_view> details{};    ///< the names of what is said of one that is done, where it is said of any
    bool several = false;                       ///< there is more than one item: which of them failed is told on standard output, too
};

/// Says what became of each item as it happens.
class report {
public:
    /// The invocation must outlive the report.
    report(invocation& run, report_options options);

    void done(const std::string& name, const outcome& o);
    void failed(const std::string& name, const error& fault);
    /// One that failed with what ends the run, which is told once, elsewhere.
    void left_out(const std::string& name, const error& e);

    /// Ends the output; `changed` is what JSON says.
    void finish(bool changed);

private:
    void say(const std::string& name, const outcome& o);
    void tell_unseen(const std::string& name, const outcome& o) const;
    void write_json(const std::string& name, const outcome& o);
    void write_line(const std::string& name, const outcome& o);
    void write_failure(const std::string& name, const error& e);
    void write_csv(const std::string& name, std::string_view outcome, const record& details, std::string_view message);

    invocation& run_;
    report_options options_;
    std::unique_ptr<output> output_;
};

/// Things that are done one by one, outside of a plan. One that fails does not stop the others, unless nothing more can be done on the connection.
class attempts {
public:
    attempts(invocation& run, std::string_view item_field) : said_(run, {.item_field = item_field}) {}

    /// Does it and reports. False when the run cannot go on.
    bool attempt(const std::string& name, const std::function<outcome()>& act);
    /// Ends the output. The tally's status.
    int finish();

private:
    report said_;
    tally tally_{};
    bool changed_ = false;
};

} // namespace vmail::tools
