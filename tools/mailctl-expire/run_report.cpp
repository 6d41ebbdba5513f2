#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vmail/printable.hpp>

#include "run_report.hpp"

namespace vmail::tools {

namespace {

class text_report : public run_report {
public:
    text_report(fd_stream& out, const diagnostics& err, const time_zone& zone) : out_(out), err_(err), zone_(zone) {}

    void malformed(const unreadable_entry& e) override { err_.warning(fmt::format("{}: left as it is", e.sentence)); }

    void due(const expiry_due& account) override { line(account, "due", {}); }

    void done(const expiry_item& item) override { line(item.due, words_for(item.fate), item.sentence); }

    void finish(const run_result& r, int) override {
        if (r.plan == nullptr) return;
        const auto& sum = r.summary;
        if (r.dry_run) return err_.note(fmt::format("{} due of {} looked at, by {} (dry run)", r.plan->due.size(), r.plan->dated, name(r.plan->how)));
        if (!sum.reasons_recorded && sum.disabled > 0)
            err_.note("the server has not loaded vmail.schema: why they are disabled is not recorded, and a later date does not bring them back by itself");
        err_.note(fmt::format("{} disabled of {} due, by {}{}", sum.disabled, sum.due, name(r.plan->how),
                              r.journal.empty() ? "" : fmt::format("; the journal is {}", printable(r.journal))));
    }

private:
    static std::string words_for(expiry_fate fate) {
        switch (fate) {
        case expiry_fate::changed_meanwhile: return "changed meanwhile";
        case expiry_fate::in_doubt: return "in doubt";
        default: return std::string(name(fate));
        }
    }

    void line(const expiry_due& account, std::string_view what, const std::string& why) {
        out_ << fmt::format("{}  {}  expired {}", account.account, what, account.end.text(zone_));
        if (!why.empty()) out_ << fmt::format("  {}", why);
        out_ << '\n';
        out_.flush(); // one that is interrupted must have told of all that it has done
    }

    fd_stream& out_;
    const diagnostics& err_;
    const time_zone& zone_;
};

using object = nlohmann::ordered_json;

class json_report : public run_report {
public:
    json_report(fd_stream& out, const time_zone& zone, bool lines) : out_(out), zone_(zone), lines_(lines) {}

    void malformed(const unreadable_entry& e) override { malformed_.push_back({{"dn", e.dn.text()}, {"message", e.sentence}}); }

    void due(const expiry_due& account) override { add(account_of(account, "due", false)); }

    void done(const expiry_item& item) override {
        object o = account_of(item.due, name(item.fate), item.fate == expiry_fate::disabled);
        if (!item.sentence.empty()) o["message"] = item.sentence;
        add(std::move(o));
    }

    void finish(const run_result& r, int exit_status) override {
        if (r.plan == nullptr) return;
        const auto& sum = r.summary;
        object o{{"version", 1},
                 {"changed", sum.disabled > 0},
                 {"dry_run", r.dry_run},
                 {"as_of", r.plan->as_of.rfc3339()},
                 {"search", name(r.plan->how)},
                 {"looked_at", r.plan->dated},
                 {"due", r.plan->due.size()},
                 {"limit", r.plan->limit == unlimited_changes ? object(nullptr) : object(r.plan->limit)},
                 {"disabled", sum.disabled},
                 {"changed_meanwhile", sum.changed_meanwhile},
                 {"failed", sum.failed},
                 {"in_doubt", sum.in_doubt},
                 {"skipped", sum.skipped},
                 {"reasons_recorded", sum.reasons_recorded},
                 {"stopped", sum.stopped ? object(sum.stopped_why) : object(nullptr)},
                 {"journal", r.journal.empty() ? object(nullptr) : object(r.journal)},
                 {"malformed", malformed_},
                 {"exit_status", exit_status}};
        if (!lines_) o["accounts"] = accounts_;
        write(o);
    }

private:
    object account_of(const expiry_due& account, std::string_view outcome, bool changed) const {
        return {{"address", account.account},          {"dn", account.source.dn().text()}, {"outcome", outcome}, {"changed", changed},
                {"ended_at", account.end.at().rfc3339()}, {"last_day", account.end.text(zone_)}};
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

std::unique_ptr<run_report> make_text_report(fd_stream& out, const diagnostics& err, const time_zone& zone) {
    return std::make_unique<text_report>(out, err, zone);
}

std::unique_ptr<run_report> make_json_report(fd_stream& out, const time_zone& zone, bool lines) {
    return std::make_unique<json_report>(out, zone, lines);
}

} // namespace vmail::tools
