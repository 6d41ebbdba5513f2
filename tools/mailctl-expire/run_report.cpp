#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vmail/printable.hpp>

#include "run_report.hpp"

namespace vmail::tools {

namespace {

class text_report : public run_report {
public:
    text_report(fd_stream& out, const diagnostics& err) : out_(out), err_(err) {}

    void malformed(const unreadable_entry& e) override { err_.warning(fmt::format("{}: left as it is", e.sentence)); }

    void due(const due_account& account) override { line(account, "due", {}); }

    void done(const due_account& account, const change_outcome& o) override { line(account, o.fate == fate::done ? "disabled" : words_for(o.fate), o.sentence); }

    void finish(const run_result& r, int) override {
        const auto& sum = r.summary;
        if (r.only_tells()) return err_.note(fmt::format("{} due of {} looked at, by {}{}", r.due(), r.plan.dated, name(r.plan.how), r.dry_run ? " (dry run)" : ""));
        if (!r.plan.reasons_recorded && sum.done > 0)
            err_.note("the server has not loaded vmail.schema: why they are disabled is not recorded, and a later date does not bring them back by itself");
        err_.note(fmt::format("{} disabled of {} due, by {}{}", sum.done, r.due(), name(r.plan.how),
                              sum.journal.empty() ? "" : fmt::format("; the journal is {}", printable(sum.journal.native()))));
    }

private:
    static std::string words_for(fate f) {
        std::string words(name(f));
        std::replace(words.begin(), words.end(), '_', ' ');
        return words;
    }

    void line(const due_account& account, std::string_view what, const std::string& why) {
        out_ << fmt::format("{}  {}  {}", printable(account.change.subject), what, printable(account.change.why));
        if (!why.empty()) out_ << fmt::format("  {}", why);
        out_ << '\n';
        out_.flush(); // one that is interrupted must have told of all that it has done
    }

    fd_stream& out_;
    const diagnostics& err_;
};

using object = nlohmann::ordered_json;

class json_report : public run_report {
public:
    json_report(fd_stream& out, const time_zone& zone, bool lines) : out_(out), zone_(zone), lines_(lines) {}

    void malformed(const unreadable_entry& e) override { malformed_.push_back({{"dn", e.dn.text()}, {"message", e.sentence}}); }

    void due(const due_account& account) override { add(account_of(account, "due", false)); }

    void done(const due_account& account, const change_outcome& o) override {
        object one = account_of(account, o.fate == fate::done ? "disabled" : name(o.fate), has_written(o.fate));
        if (!o.sentence.empty()) one["message"] = o.sentence;
        add(std::move(one));
    }

    void finish(const run_result& r, int exit_status) override {
        const auto& sum = r.summary;
        object o{{"version", 1},
                 {"changed", sum.anything_changed()},
                 {"dry_run", r.dry_run},
                 {"as_of", r.plan.as_of.rfc3339()},
                 {"last_run", r.last_look ? object(r.last_look->rfc3339()) : object(nullptr)},
                 {"first_run", r.is_unknown},
                 {"search", name(r.plan.how)},
                 {"looked_at", r.plan.dated},
                 {"due", r.due()},
                 {"limit", r.limit == unlimited_changes ? object(nullptr) : object(r.limit)},
                 {"disabled", sum.done},
                 {"conflict", sum.conflict},
                 {"failed", sum.failed},
                 {"in_doubt", sum.in_doubt},
                 {"skipped", sum.skipped},
                 {"reasons_recorded", r.plan.reasons_recorded},
                 {"stopped", sum.stopped ? object(sum.stopped->what()) : object(nullptr)},
                 {"journal", sum.journal.empty() ? object(nullptr) : object(sum.journal.native())},
                 {"malformed", malformed_},
                 {"exit_status", exit_status}};
        if (!lines_) o["accounts"] = accounts_;
        write(o);
    }

private:
    object account_of(const due_account& account, std::string_view outcome, bool changed) const {
        return {{"address", account.change.subject},
                {"dn", ldap::target(account.change.requests.front()).text()},
                {"outcome", outcome},
                {"changed", changed},
                {"ended_at", account.end.at().rfc3339()},
                {"last_day", account.end.text(zone_)}};
    }

    void add(object&& o) {
        if (lines_) write(o);
        else accounts_.push_back(std::move(o));
    }

    void write(const object& o) {
        out_ << o.dump(-1, ' ', true, object::error_handler_t::replace) << '\n';
        out_.flush();
    }

    fd_stream& out_;
    const time_zone& zone_;
    bool lines_;
    object accounts_ = object::array(), malformed_ = object::array();
};

} // namespace

std::unique_ptr<run_report> make_text_report(fd_stream& out, const diagnostics& err) {
    return std::make_unique<text_report>(out, err);
}

std::unique_ptr<run_report> make_json_report(fd_stream& out, const time_zone& zone, bool lines) {
    return std::make_unique<json_report>(out, zone, lines);
}

} // namespace vmail::tools
