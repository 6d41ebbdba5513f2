#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "exit_status.hpp"
#include "report.hpp"

namespace vmail::tools {

void tally::failed(const error& e) noexcept {
    ++items_;
    ++failures_;
    failure_status_ = exit_status_of(e);
    stopped_ = !e.session_usable();
}

int tally::status() const noexcept {
    if (failures_ == 0) return 0;
    return items_ == 1 || stopped_ ? failure_status_ : some_failed;
}

report::report(invocation& run, report_options options)
    : run_(run), options_(std::move(options)), output_(make_output(run.format(), table_shape::lines, run.out())) {
    if (!run_.flags().dry_run) run_.out().require_reader();
}

void report::done(const std::string& name, const outcome& o) {
    try {
        say(name, o);
    } catch (const error&) {
        tell_unseen(name, o);
        throw;
    }
}

/// A generated password is nowhere but in what could not be written.
void report::tell_unseen(const std::string& name, const outcome& o) const {
    if (std::any_of(o.details.begin(), o.details.end(), [](const field& f) { return f.name == "password"; }))
        run_.err().warning(fmt::format("{} has a new password that nobody has seen: set another one", printable(name)));
}

void report::say(const std::string& name, const outcome& o) {
    if (run_.out().bad()) return tell_unseen(name, o); // why has been told
    if (run_.flags().dry_run) run_.out().flush(); // its LDIF comes first
    if (run_.writes_json())
        write_json(name, o);
    else if (run_.flags().dry_run)
        run_.err().note(fmt::format("{} {} (dry run)", printable(name), o.word));
    else
        write_line(name, o);
    // One that is interrupted must have told of all that it has done.
    run_.out().flush();
}

void report::write_json(const std::string& name, const outcome& o) {
    record r{{o.field.empty() ? options_.item_field : o.field, name}, {"outcome", std::string(o.word)}, {"changed", o.changed}};
    if (run_.flags().dry_run) {
        r.push_back({"dry_run", true});
        r.push_back({"ldif", run_.take_pending_ldif()});
    }
    r.insert(r.end(), o.details.begin(), o.details.end());
    output_->write(r);
}

void report::write_line(const std::string& name, const outcome& o) {
    if (run_.flags().quiet && o.details.empty()) return;
    if (run_.format() == output_format::csv) return write_csv(name, o.word, o.details, {});
    record r{{options_.item_field, name}, {"outcome", std::string(o.word)}};
    for (const auto& detail : o.details)
        r.push_back(
            {detail.name, run_.format() == output_format::table ? fmt::format("{}: {}", detail.name, text(detail.value)) : text(detail.value)});
    output_->write(r);
}

/// Each line has the columns of all.
void report::write_csv(const std::string& name, std::string_view outcome, const record& details, std::string_view message) {
    record r{{options_.item_field, name}, {"outcome", std::string(outcome)}};
    for (const auto column : options_.details)
        if (std::none_of(details.begin(), details.end(), [column](const field& f) { return f.name == column; })) r.push_back({column, {}});
    r.insert(r.end(), details.begin(), details.end());
    r.push_back({"message", std::string(message)});
    output_->write(r);
}

void report::failed(const std::string& name, const error& fault) {
    const error e = run_.explained(fault, name);
    run_.err().failure(e);
    left_out(name, e);
}

void report::left_out(const std::string& name, const error& e) {
    run_.take_pending_ldif();
    const bool holds_ldif_alone = run_.flags().dry_run && !run_.writes_json();
    if (!run_.out().bad() && !holds_ldif_alone) write_failure(name, e);
}

void report::write_failure(const std::string& name, const error& e) {
    const std::string sentence = e.what();
    switch (run_.format()) {
    case output_format::json:
    case output_format::jsonl:
        return output_->write({{options_.item_field, name},
                               {"outcome", "failed"},
                               {"changed", false},
                               {"kind", std::string(vmail::name(e.kind()))},
                               {"message", sentence},
                               {"exit_status", std::int64_t{exit_status_of(e)}}});
    case output_format::csv: return write_csv(name, "failed", {}, sentence);
    case output_format::ldif: return output_->write({{options_.item_field, name}, {"outcome", "failed:"}, {"message", sentence}});
    case output_format::table:
        if (options_.several) output_->write({{options_.item_field, name}, {"outcome", "failed"}});
        return;
    case output_format::yaml:
    case output_format::name: return; // which lists what is as it should be now
    }
}

void report::finish(bool changed) {
    if (!run_.out().bad()) output_->finish(changed);
}

bool attempts::attempt(const std::string& name, const std::function<outcome()>& act) {
    try {
        const outcome o = act();
        changed_ = changed_ || o.changed;
        said_.done(name, o);
        tally_.succeeded();
    } catch (const error& e) {
        tally_.failed(e);
        said_.failed(name, e);
    }
    return !tally_.stopped();
}

int attempts::finish() {
    said_.finish(changed_);
    return tally_.status();
}

} // namespace vmail::tools
