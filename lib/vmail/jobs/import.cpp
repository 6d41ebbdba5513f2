#include <array>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/ldif_reader.hpp>
#include <vmail/ldap/pipeline.hpp>

#include <vmail/jobs/ending.hpp>
#include <vmail/jobs/goal.hpp>
#include <vmail/jobs/import.hpp>
#include <vmail/jobs/input_file.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

constexpr int success = 0, no_such_object = 32, already_there = 68;

/// Adds that met an entry are compared with it this many at a time, in between the writes: a session reads only while nothing is in flight.
constexpr std::size_t compare_at_once = 256;

/// After so many in a row that were there already the file has been imported before, at least to some point: then entries are looked for before
/// they are sent, so that a second run leaves neither failed adds at the server nor megabytes of them in the journal.
constexpr std::size_t met_before_looking_first = 32;

std::size_t& counter_of(import_summary& s, import_fate fate) {
    switch (fate) {
    case import_fate::added: return s.added;
    case import_fate::changed: return s.changed;
    case import_fate::removed: return s.removed;
    case import_fate::unchanged: return s.unchanged;
    case import_fate::differs: return s.differs;
    case import_fate::failed: return s.failed;
    case import_fate::in_doubt: return s.in_doubt;
    case import_fate::skipped: break;
    }
    return s.skipped;
}

const std::vector<std::string>& all_and_version() {
    static const std::vector<std::string> names = {"*", std::string(schema::attr::entry_uuid), std::string(schema::attr::entry_csn)};
    return names;
}

/// RFC 4514 writes the parts of an RDN with "+" between them; dn makes names of one part each.
ldap::dn new_name_of(const ldap::ldif_rename& r) {
    const ldap::dn above = r.new_superior ? *r.new_superior : r.dn.parent();
    const ldap::dn::rdn& parts = r.new_rdn;
    if (parts.size() == 1) return above.child(parts.front().type, parts.front().value);
    std::string text;
    for (const ldap::attribute_value& part : parts) text += (text.empty() ? "" : "+") + ldap::dn().child(part.type, part.value).text();
    return ldap::dn::parse(above.empty() ? text : text + ',' + above.text());
}

/// Tells contents apart, whatever the order of attributes and values.
std::size_t fingerprint(const ldap::entry& e) {
    std::size_t sum = 0;
    for (const ldap::attribute& a : e.attributes())
        for (const std::string& value : a.values) sum += std::hash<std::string>()(ascii::to_lower(a.name) + ':' + value);
    return sum;
}

/// What is to be done about a record, in the light of what is there.
struct decision {
    import_fate fate = import_fate::failed; ///< once the request is done, if there is one
    std::optional<ldap::write_request> request{};
    std::string sentence{};
    int exit_status = 0;
};

decision refuse(std::string sentence, error_kind kind = error_kind::invalid_value) {
    return {.fate = import_fate::failed, .sentence = std::move(sentence), .exit_status = exit_status(kind)};
}

class importer {
public:
    importer(ldap::session& s, const import_options& options, const std::function<void(const import_item&)>& report, import_summary& summary)
        : session_(s), options_(options), report_(report), summary_(summary), pipeline_(s, {.window = options.window}) {
        if (options_.journal) pipeline_.before_sending([this] { options_.journal->flush(); });
    }

    void run(ldap::ldif_reader& records) {
        try {
            while (auto record = records.next()) {
                if (options_.stop && options_.stop()) {
                    jobs::stop(summary_, "interrupted", error_kind::interrupted);
                    break;
                }
                std::visit([&](auto& what) { take(std::move(what), record->first_line); }, record->what);
                deliver();
            }
            if (!summary_.stopped) send_changes();
            compare();
            pipeline_.drain();
        } catch (const error& e) {
            jobs::stop(summary_, e.what(), e.kind());
            jobs::attempt(summary_, [this] {
                compare();
                pipeline_.drain();
            });
        }
        if (options_.journal) jobs::attempt(summary_, [this] { options_.journal->flush(); });
        summary_.skipped += summary_.records - accounted_;
        deliver();
    }

private:
    struct met {
        ldap::entry wanted;
        std::size_t line;
        bool sent; ///< and answered: it is there already
    };
    struct change {
        std::variant<ldap::ldif_modify, ldap::ldif_delete, ldap::ldif_rename> what;
        std::size_t line;
    };

    // ---- records

    void take(ldap::ldif_add&& r, std::size_t line) {
        send_changes();
        const ldap::dn& name = r.entry.dn();
        if (const auto fault = jobs::fault_of(r.entry)) return refused(name, line, *fault);
        if (is_below_missing(name)) return skip(name, line);
        if (options_.dry_run) return preview(r.entry, line);
        if (met_in_a_row_ >= met_before_looking_first) met_.push_back({std::move(r.entry), line, false});
        else submit(ldap::add_request{std::move(r.entry)}, line, import_fate::added);
        if (met_.size() >= compare_at_once) compare();
    }

    void refused(const ldap::dn& name, std::size_t line, const std::string& fault) {
        missing_.insert(name.key());
        finish(name, line, import_fate::failed, fault, exit_status(error_kind::invalid_value));
    }

    void skip(const ldap::dn& name, std::size_t line) {
        missing_.insert(name.key());
        finish(name, line, import_fate::skipped, "the entry above it could not be made");
    }

    /// Change records are read for, all together, before they are sent all together.
    template <typename Change> void take(Change&& r, std::size_t line) {
        if (!keys_of_changes_.insert(r.dn.key()).second) {
            send_changes();
            keys_of_changes_.insert(r.dn.key());
        }
        changes_.push_back({std::forward<Change>(r), line});
        const bool renames = std::holds_alternative<ldap::ldif_rename>(changes_.back().what);
        if (renames || changes_.size() >= options_.window) send_changes();
        if (renames && !options_.dry_run) pipeline_.drain(); // what follows may use the new name
    }

    void send_changes() {
        if (changes_.empty()) return;
        compare();
        pipeline_.drain(); // of what the comparison has sent
        const auto batch = std::exchange(changes_, {});
        keys_of_changes_.clear();
        std::vector<decision> decisions;
        for (const change& c : batch) decisions.push_back(std::visit([&](const auto& r) { return decide(r); }, c.what));
        for (std::size_t i = 0; i < batch.size(); ++i)
            carry_out(std::visit([](const auto& r) -> const ldap::dn& { return r.dn; }, batch[i].what), batch[i].line, std::move(decisions[i]));
    }

    void carry_out(const ldap::dn& name, std::size_t line, decision d) {
        if (!d.request) return finish(name, line, d.fate, std::move(d.sentence), d.exit_status);
        if (!options_.dry_run) return submit(std::move(*d.request), line, d.fate);
        if (options_.on_write) options_.on_write(*d.request);
        finish(name, line, d.fate);
    }

    // ---- decisions

    decision decide(const ldap::ldif_modify& r) {
        if (const auto fault = jobs::fault_of(r.changes)) return refuse(*fault);
        if (planned_.contains(r.dn.key())) return {.fate = import_fate::changed, .request = ldap::modify_request{r.dn, r.changes}};
        const auto there = session_.find(r.dn, all_and_version());
        if (!there) return absent(r.dn);
        if (jobs::already_holds(*there, r.changes)) return {.fate = import_fate::unchanged};
        return {.fate = import_fate::changed, .request = ldap::modify_request{r.dn, r.changes, ldap::precondition::unchanged(*there)}};
    }

    decision decide(const ldap::ldif_delete& r) {
        if (planned_.erase(r.dn.key()) > 0) return {.fate = import_fate::removed, .request = ldap::delete_request{r.dn}};
        const auto there = session_.find(r.dn, all_and_version());
        if (!there) return {.fate = import_fate::unchanged, .sentence = "it is not there"};
        return {.fate = import_fate::removed, .request = ldap::delete_request{r.dn, ldap::precondition::unchanged(*there)}};
    }

    decision decide(const ldap::ldif_rename& r) {
        if (!r.delete_old_rdn) return refuse("deleteoldrdn: 0 is not supported: an entry goes by one name");
        const ldap::dn to = new_name_of(r);
        const auto there = session_.find(r.dn, all_and_version());
        if (!there && session_.find(to, all_and_version())) return {.fate = import_fate::unchanged, .sentence = "it has the new name"};
        if (!there) return absent(r.dn);
        return {.fate = import_fate::changed, .request = ldap::rename_request{r.dn, to, ldap::precondition::unchanged(*there)}};
    }

    decision absent(const ldap::dn& name) const {
        if (is_below_missing(name) || missing_.contains(name.key())) return {.fate = import_fate::skipped, .sentence = "the entry could not be made"};
        return refuse("there is no such entry", error_kind::not_found);
    }

    /// Of an entry that is there, or that the server says is.
    decision decide(const ldap::entry& wanted, const std::optional<ldap::entry>& there) {
        if (!there) return refuse("the server says that it exists, and does not show it", error_kind::already_exists);
        auto changes = jobs::changes_to(*there, wanted, session_.schema());
        if (changes.empty()) return {.fate = import_fate::unchanged};
        if (!options_.update)
            return {.fate = import_fate::differs,
                    .sentence = "it is there with other values of " + jobs::attributes_of(changes),
                    .exit_status = exit_status(error_kind::already_exists)};
        return {.fate = import_fate::changed, .request = ldap::modify_request{wanted.dn(), std::move(changes), ldap::precondition::unchanged(*there)}};
    }

    void compare() {
        pipeline_.drain();
        const auto batch = std::exchange(met_, {});
        std::vector<decision> decisions;
        std::size_t absent = 0;
        for (const met& m : batch) {
            const auto there = session_.find(m.wanted.dn(), all_and_version());
            if (there || m.sent) {
                decisions.push_back(decide(m.wanted, there));
            } else {
                decisions.push_back({.fate = import_fate::added, .request = ldap::add_request{m.wanted}});
                ++absent;
            }
        }
        if (2 * absent > batch.size()) met_in_a_row_ = 0;
        for (std::size_t i = 0; i < batch.size(); ++i) carry_out(batch[i].wanted.dn(), batch[i].line, std::move(decisions[i]));
    }

    // ---- what a dry run knows of what it would have done

    void preview(const ldap::entry& wanted, std::size_t line) {
        const ldap::dn& name = wanted.dn();
        if (const auto planned = planned_.find(name.key()); planned != planned_.end()) return preview_again(wanted, line, planned->second);
        const auto there = session_.find(name, all_and_version());
        if (there) return carry_out(name, line, decide(wanted, there));
        if (!exists(name.parent())) {
            missing_.insert(name.key());
            return finish(name, line, import_fate::failed, "the entry above it is not there", exit_status(error_kind::not_found));
        }
        planned_.emplace(name.key(), fingerprint(wanted));
        carry_out(name, line, {.fate = import_fate::added, .request = ldap::add_request{wanted}});
    }

    void preview_again(const ldap::entry& wanted, std::size_t line, std::size_t planned) {
        if (fingerprint(wanted) == planned) return finish(wanted.dn(), line, import_fate::unchanged);
        const char* const sentence = "an earlier record of this file adds it with other values";
        if (options_.update) return finish(wanted.dn(), line, import_fate::changed, sentence);
        finish(wanted.dn(), line, import_fate::differs, sentence, exit_status(error_kind::already_exists));
    }

    bool exists(const ldap::dn& name) {
        if (name.empty() || planned_.contains(name.key()) || seen_.contains(name.key())) return true;
        if (!session_.find(name, {"1.1"})) return false;
        seen_.insert(name.key());
        return true;
    }

    // ---- writes

    void submit(ldap::write_request request, std::size_t line, import_fate fate) {
        if (options_.on_write) options_.on_write(request);
        const std::size_t number = options_.journal ? options_.journal->intend(request) : 0;
        pipeline_.submit(std::move(request), [this, line, fate, number](const ldap::write_request& sent, const ldap::write_result& result) {
            if (options_.journal) options_.journal->record(number, result);
            answered(sent, result, line, fate);
        });
    }

    void answered(const ldap::write_request& sent, const ldap::write_result& r, std::size_t line, import_fate fate) {
        const auto* const add = std::get_if<ldap::add_request>(&sent);
        const ldap::dn& name = ldap::target(sent);
        const int code = r.outcome == ldap::outcome::not_done ? r.result.code : success;
        if (r.outcome == ldap::outcome::done) {
            if (add) {
                missing_.erase(name.key());
                met_in_a_row_ = 0;
            }
            return finish(name, line, fate, r.settled ? "the answer was lost; the entry shows that it was done" : "");
        }
        if (add && code == already_there) {
            ++met_in_a_row_;
            return met_.push_back({add->entry, line, true});
        }
        if (std::holds_alternative<ldap::delete_request>(sent) && code == no_such_object) return finish(name, line, import_fate::unchanged, "it is not there");
        if (add) missing_.insert(name.key());
        if (add && code == no_such_object && is_below_missing(name)) return finish(name, line, import_fate::skipped, "the entry above it could not be made");
        not_done(name, r, line, add ? "add" : "change");
    }

    void not_done(const ldap::dn& name, const ldap::write_result& r, std::size_t line, std::string_view doing) {
        try {
            r.success(doing, name);
        } catch (const error& e) {
            finish(name, line, e.in_doubt() ? import_fate::in_doubt : import_fate::failed, e.what(), exit_status(e.kind()));
        }
    }

    /// Below one of this file that could not be made.
    bool is_below_missing(const ldap::dn& name) const {
        if (missing_.empty()) return false;
        for (ldap::dn above = name.parent(); !above.empty(); above = above.parent())
            if (missing_.contains(above.key())) return true;
        return false;
    }

    // ---- what is said about it

    /// Reported later: what the caller does with it must not come between a request and its answer.
    void finish(const ldap::dn& name, std::size_t line, import_fate fate, std::string sentence = {}, int status = 0) {
        finished_.push_back({name, line, fate, std::move(sentence), status});
        ++counter_of(summary_, fate);
        ++accounted_;
    }

    void deliver() {
        for (const import_item& item : std::exchange(finished_, {}))
            if (report_) report_(item);
    }

    ldap::session& session_;
    const import_options& options_;
    const std::function<void(const import_item&)>& report_;
    import_summary& summary_;
    ldap::pipeline pipeline_;
    std::vector<met> met_;       ///< adds that met an entry, or may
    std::size_t met_in_a_row_ = 0;
    std::vector<change> changes_; ///< not yet sent
    std::unordered_set<std::string> keys_of_changes_, missing_, seen_;
    std::unordered_map<std::string, std::size_t> planned_; ///< and the fingerprint of each
    std::vector<import_item> finished_;
    std::size_t accounted_ = 0;
};

std::size_t count_records(const jobs::input_file& file) {
    jobs::input_file::stream in(file);
    ldap::ldif_reader records(in, file.name());
    std::size_t count = 0;
    while (records.next()) ++count;
    return count;
}

} // namespace

std::string_view name(import_fate fate) noexcept {
    constexpr std::array<std::string_view, 8> names = {"added", "changed", "removed", "unchanged", "differs", "failed", "in_doubt", "skipped"};
    return names[static_cast<std::size_t>(fate)];
}

import_summary import_ldif(ldap::session& s, const std::filesystem::path& path, const import_options& options,
                           const std::function<void(const import_item&)>& report) {
    const jobs::input_file file(path);
    import_summary summary{.records = count_records(file)};
    jobs::input_file::stream in(file);
    ldap::ldif_reader records(in, file.name());
    importer(s, options, report, summary).run(records);
    return summary;
}

} // namespace vmail
