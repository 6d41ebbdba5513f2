#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

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

/// Says what became of each item as it happens.
class report {
public:
    /// The first field of each record says what the item is: "address", "domain". The invocation must outlive the report.
    report(invocation& run, std::string_view item_field);

    void done(const std::string& name, const outcome& o);
    void failed(const std::string& name, const error& e);

    /// Ends the output; `changed` is what JSON says.
    void finish(bool changed);

private:
    void say(const std::string& name, const outcome& o);
    void tell_unseen(const std::string& name, const outcome& o) const;
    void write_json(const std::string& name, const outcome& o);
    void write_line(const std::string& name, const outcome& o);

    invocation& run_;
    std::string_view item_field_;
    std::unique_ptr<output> output_;
};

/// Things that are done one by one, outside of a plan. One that fails does not stop the others, unless nothing more can be done on the connection.
class attempts {
public:
    attempts(invocation& run, std::string_view item_field) : said_(run, item_field) {}

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
